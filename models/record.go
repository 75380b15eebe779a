package models

import (
	"regexp"
	"strings"
	"time"
)

// Record is what staff keep about a customer, with what was kept about the records merged into them.
type Record struct {
	TimeZone     string // IANA name; empty = unknown
	CompanyID    ID
	Company      string
	Labels       []string
	Fields       []CustomValue // every field that the shop has, also empty ones, by name
	Addresses    []PostalAddress
	BlockedAt    Time // their messages are taken for spam since; zero = they are not
	FirstContact Time // the oldest thing that passed between them and the shop; zero = nothing did
	LastContact  Time
}

// CustomValue is what a customer's record says in one of the shop's own fields.
type CustomValue struct {
	FieldID ID
	Name    string
	Value   string
}

// PostalAddress is where something can be sent: written down by staff, or told by an order.
type PostalAddress struct {
	Text  string
	Order string // the number of the order that told it; empty = staff did
}

// Purposes that a consent is for: being written to about one's own business, or about the shop's.
const (
	PurposeService   = "service"
	PurposeMarketing = "marketing"
)

// KnownTimeZone tells whether name is a time zone of the IANA database ("Europe/Lisbon").
func KnownTimeZone(name string) bool {
	if name == "" || name == "Local" || len(name) > 64 {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}

var languageTag = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$`)

// LanguageTag makes a language as programs write it ("pt_PT", "pt-PT, en") a BCP 47 tag, the first of several;
// empty when it is none.
func LanguageTag(s string) string {
	s, _, _ = strings.Cut(s, ",")
	if s = strings.ReplaceAll(strings.TrimSpace(s), "_", "-"); len(s) > 35 || !languageTag.MatchString(s) {
		return ""
	}
	return s
}
