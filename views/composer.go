package views

import (
	"time"

	"onethread/models"
)

// Composer is where staff answer.
type Composer struct {
	CustomerID  models.ID
	Ways        []Way
	Reason      string // why this channel was chosen, in words
	Subject     string
	CC          string // who else was on the customer's last mail
	Draft       string
	DraftNote   string
	Notes       bool // the reader may at least write notes; false = read only
	NoteFirst   bool // begin in note mode: no way can deliver
	LastID      models.ID
	UndoSeconds int
}

// Way is one road to the customer: an identity over a channel.
type Way struct {
	Value      string // channel id and identity id, "3-17"
	Kind       string // email, chat, phone …
	Icon       string
	Text       string
	Address    string
	Current    bool
	Disabled   string // why it cannot be used now; empty = it can
	HasSubject bool
	MaxText    int  // most characters; 0 = no limit of its own
	Segments   bool // counted in SMS segments
}

// Panel is the right pane: who the customer is and what they bought.
type Panel struct {
	CustomerID  models.ID
	Name        string
	Identities  []Identity
	Language    string
	Spent       []string // one sum per currency
	OrderCount  int
	Fact        string // the one sentence staff need: the oldest unfinished thing
	Orders      []PanelOrder
	MoreOrders  bool
	Saved       []CardLine
	Cart        []CardLine
	LastVisit   string
	Labels      []Chip
	Notes       string
	Others      []OtherNotes // what the records that were merged into this one keep
	Suggestions []Suggestion
	Several     []Several // addresses that several people seem to use
	Merges      []Merge
	Since       time.Time
	CanWrite    bool
}

// Several asks whether an address is used by several people.
type Several struct {
	ID      models.ID
	Address string
	Names   string
}

// OtherNotes are the notes of a record that was merged: they are shown, not copied, so that parting is exact.
type OtherNotes struct{ Name, Text string }

// Identity is one address with its evidence.
type Identity struct {
	Icon     string
	Value    string
	Evidence string // proved, asserted, typed
	Reason   string // "why is this the same person?"
	Shared   bool
	ID       models.ID
}

// PanelOrder is an order in the panel.
type PanelOrder struct {
	Number  string
	Chip    Chip
	Total   string
	Items   string
	At      time.Time
	EventID models.ID
	URL     string
}

// Suggestion asks "Same person?".
type Suggestion struct {
	ID     models.ID
	Other  models.ID
	Name   string
	Reason string
	Value  string
}

// Hue is the colour of the other customer's avatar.
func (s Suggestion) Hue() int { return Hue(s.Name) }

// Initials are the letters of the other customer's avatar.
func (s Suggestion) Initials() string { return Initials(s.Name) }

// Merge is a merge that can be undone.
type Merge struct {
	ID     models.ID
	Name   string
	Reason string
	By     string
	At     time.Time
}
