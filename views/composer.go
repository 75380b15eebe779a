package views

import (
	"cmp"
	"strings"
	"time"

	"onethread/models"
)

// Composer is where staff answer.
type Composer struct {
	CustomerID  models.ID
	About       models.ID // which of several open conversations is answered; zero = the current one
	Ways        []Way
	Reason      string // why this channel was chosen, in words
	Subject     string
	CC          string // who else was on the customer's last mail
	BCC         string
	Draft       string
	DraftNote   string
	Files       string // JSON of the files that the draft of an answer holds
	NoteFiles   string // and of a note
	Client      string // the id of the message that the draft becomes; empty = none yet
	NoteClient  string
	Picked      string // the way that was chosen by hand, in the draft
	All         string // who else was on the customer's last mail, for an answer to all
	Notes       bool   // the reader may at least write notes; false = read only
	NoteFirst   bool   // begin in note mode: no way can deliver
	LastID      models.ID
	UndoSeconds int
	Laters      []Option // when it may go out instead of now
}

// Way is one road to the customer: an identity over a channel.
type Way struct {
	Value      string // channel id and identity id, "3-17"
	Kind       string // email, chat, phone …
	Icon       string
	Text       string
	Address    string
	Current    bool
	Preset     bool   // the one that the reason is about
	Disabled   string // why it cannot be used now; empty = it can
	Warning    string // what happened to the last message there, said before the next one is sent
	HasSubject bool
	MaxText    int    // most characters; 0 = no limit of its own
	Segments   bool   // counted in SMS segments
	Sign       string // what stands below the words
}

// Sign is the signature of the way that is chosen, else of the first that has one.
func (c Composer) Sign() string {
	first := ""
	for _, w := range c.Ways {
		if w.Current && w.HasSubject {
			return w.Sign
		}
		first = cmp.Or(first, w.Sign)
	}
	return first
}

// SignLine is the first line of the signature, shown while it is folded.
func (c Composer) SignLine() string {
	line, _, _ := strings.Cut(c.Sign(), "\n")
	return line
}

// Panel is the right pane: who the customer is and what they bought.
type Panel struct {
	CustomerID  models.ID
	Name        string
	Identities  []Identity
	Language    string
	Company     string
	Time        string   // what o'clock it is where they are; empty = unknown
	Marks       []string // labels of the customer
	Blocked     bool
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
	CanErase    bool // may export and erase the person
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
	Ask      string // what may be sent to its owner: verify, continue; empty = nothing
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
