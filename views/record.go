package views

import (
	"time"

	"onethread/models"
)

// RecordPage is what the shop keeps about a customer.
type RecordPage struct {
	Shell
	CustomerID models.ID
	Call       string // what they are called
	Name       string
	Language   string
	Record     models.Record
	Labels     string   // separated by commas
	Written    []string // addresses that staff wrote down
	Identities []RecordIdentity
	Colleagues []Option // others of their company
	Channels   []Option
	Ledger     []ConsentLine // newest first
	Error      string
	CanEdit    bool
}

// RecordIdentity is an address that can be blocked.
type RecordIdentity struct {
	ID      models.ID
	Icon    string
	Value   string
	Blocked bool
}

// ConsentLine is one line of the ledger of who agreed to what.
type ConsentLine struct {
	Address string
	Channel string
	Purpose string // service, marketing
	State   string // opted_in, opted_out
	Source  string // who says so
	Proof   string
	At      time.Time
}

// Orders are the addresses that orders told.
func (p RecordPage) Orders() (out []models.PostalAddress) {
	for _, a := range p.Record.Addresses {
		if a.Order != "" {
			out = append(out, a)
		}
	}
	return out
}

// Blocked tells whether what they write is taken for spam.
func (p RecordPage) Blocked() bool { return p.Record.BlockedAt != 0 }

// CustomersPage is everybody the shop knows.
type CustomersPage struct {
	Shell
	Query     string
	Customers []CustomerRow
	Next      string
	Error     string
	CanEdit   bool
}

// CustomerRow is one of them.
type CustomerRow struct {
	ID        models.ID
	Name      string
	Addresses string
	Blocked   bool
	At        time.Time // of the latest change
}

// Hue is the colour of the avatar.
func (r CustomerRow) Hue() int { return Hue(r.Name) }

// Initials are the letters of the avatar.
func (r CustomerRow) Initials() string { return Initials(r.Name) }
