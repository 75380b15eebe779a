package views

import (
	"strings"
	"time"

	"onethread/models"
)

// Picker asks for another customer: whom to merge with, or to whom entries belong.
type Picker struct {
	CustomerID models.ID
	Name       string // whose thread it is
	Events     string // the entries to move, comma-separated; empty when two customers are to be merged
	Count      int
	Address    models.ID // the address to move, instead of entries
	Query      string
	Found      []Candidate
	Searched   bool
	Sharers    []Candidate // who shares the address that an entry came from
}

// Candidate is a customer to choose.
type Candidate struct {
	ID      models.ID
	Name    string
	Address string
}

// Hue is the colour of the avatar.
func (c Candidate) Hue() int { return Hue(c.Name) }

// Initials are the letters of the avatar.
func (c Candidate) Initials() string { return Initials(c.Name) }

// MergePreview shows two customers side by side before they become one.
type MergePreview struct {
	CustomerID models.ID // whose thread is open
	Suggestion models.ID // the suggestion that is decided with it; zero = staff's own idea
	Why        []Proof   // what speaks for it
	From, Into Side
}

// Side is one of two customers.
type Side struct {
	ID         models.ID
	Name       string
	Since      time.Time
	Identities []Identity
	Spent      []string
	OrderCount int
	Open       int // conversations
	Notes      string
	Last       []Said
}

// Hue is the colour of the avatar.
func (s Side) Hue() int { return Hue(s.Name) }

// Initials are the letters of the avatar.
func (s Side) Initials() string { return Initials(s.Name) }

// Said is one of the last messages.
type Said struct {
	Out  bool
	Text string
	At   time.Time
}

// Proof is one thing that speaks for two customers being one.
type Proof struct{ Reason, Value string }

// Told is what an action answers in the sheet: it closes, and a toast says what was done.
type Told struct {
	Text string
	Undo string // where to post to take it back; empty = it cannot be
}

// Shorten cuts words to at most so many letters, in one line.
func Shorten(text string, letters int) string {
	r := []rune(strings.Join(strings.Fields(text), " "))
	if len(r) <= letters {
		return string(r)
	}
	return string(r[:letters-1]) + "…"
}

// Why tells the history of an address, and what the reader may do about it.
type Why struct {
	Identity
	ID       models.ID
	Kind     string
	Typed    bool
	Text     bool // may be corrected: it is written, not given by a provider
	CanWrite bool
	Proofs   []ProofLine
}

// ProofLine is one row of it.
type ProofLine struct {
	Evidence string
	Reason   string
	By       string
	At       time.Time
	EventID  models.ID
}

// SuggestionsPage lists who may be one person.
type SuggestionsPage struct {
	Shell
	Rows []Suggested
	Next string
}

// Suggested is one pair to decide on.
type Suggested struct {
	ID   models.ID
	A, B Candidate
	Why  []Proof
}
