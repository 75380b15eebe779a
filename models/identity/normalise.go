// Package identity answers "who is this?": it makes addresses comparable, resolves the evidence
// of an inbound event to a customer, suggests, merges and un-merges.
package identity

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"

	"onethread/models"
)

// Normalise makes a value comparable: emails lower-case with an IDNA (ASCII) domain, phones in
// E.164 read in the given country (ISO 3166 alpha-2; empty = international numbers only), anything
// else trimmed and NFC. ok is false for what cannot be an address of its kind: such a value is
// kept as text and matches nobody.
func Normalise(kind models.IdentityKind, value, country string) (normal string, ok bool) {
	value = strings.TrimSpace(value)
	if value == "" || len(value) > 320 || !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl) {
		return value, false
	}
	switch kind {
	case models.EmailIdentity:
		return email(value)
	case models.PhoneIdentity, "whatsapp":
		return phone(value, country)
	}
	return norm.NFC.String(value), true
}

// email follows model.md: lower case and IDNA, nothing cleverer. Two addresses that only look
// alike (a Cyrillic "а") stay different.
func email(value string) (string, bool) {
	at := strings.LastIndexByte(value, '@')
	if at < 1 || at > 64*4 {
		return value, false
	}
	local, domain := norm.NFC.String(strings.ToLower(value[:at])), value[at+1:]
	if strings.ContainsAny(local, " \t,;<>\"()[]\\@") || strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") || strings.Contains(local, "..") {
		return value, false
	}
	ascii, err := idna.Lookup.ToASCII(strings.TrimSuffix(domain, "."))
	if err != nil || !strings.Contains(ascii, ".") || strings.Contains("."+ascii+".", "..") || strings.ContainsAny(ascii, " _/") {
		return value, false
	}
	return local + "@" + strings.ToLower(ascii), true
}

func phone(value, country string) (string, bool) {
	n, err := phonenumbers.Parse(value, strings.ToUpper(country))
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return value, false
	}
	normal := phonenumbers.Format(n, phonenumbers.E164)
	if again, err := phonenumbers.Parse(normal, ""); err != nil || phonenumbers.Format(again, phonenumbers.E164) != normal {
		return value, false // a form that reads as another number would match somebody else
	}
	return normal, true
}
