package views

import (
	"time"

	"onethread/models"
)

// Thread is the middle pane: everything between the shop and one customer.
type Thread struct {
	CustomerID models.ID
	View       string
	Head       Head
	Ribbon     []Step
	Entries    []Entry
	Earlier    string    // address of the page before; empty at the beginning
	LastID     models.ID // the newest event drawn: what a reply was written in view of
	Composer   Composer
	Panel      Panel
}

// Head is the bar above the thread: who, and what may be done with the conversation.
type Head struct {
	CustomerID     models.ID
	ConversationID models.ID // zero: no conversation was ever opened
	View           string
	Name           string
	Addresses      []string
	Status         string
	Assignee       string
	AssigneeID     models.ID
	Mine           bool
	SnoozedUntil   time.Time
	Staff          []Option
	Snoozes        []Option
	Labels         []Option
	CanWrite       bool
	CanEdit        bool // may change who the customer is
}

// Initials are the letters of the customer's avatar.
func (h Head) Initials() string { return Initials(h.Name) }

// Hue is the colour of the customer's avatar.
func (h Head) Hue() int { return Hue(h.Name) }

// AssigneeInitials are the letters of the small avatar.
func (h Head) AssigneeInitials() string { return Initials(h.Assignee) }

// Step is one chip of the journey ribbon; it leads to its event.
type Step struct {
	Icon    string
	Text    string
	At      time.Time
	EventID models.ID
	Tone    string
}

// The four shapes of an entry.
const (
	ShapeMessage = "message"
	ShapeCard    = "card"
	ShapeLine    = "line"
	ShapeNote    = "note"
)

// Entry is one event on the timeline, or several page views folded into one. Shape says
// which of Message, Card and Line is filled; a note fills Message.
type Entry struct {
	ID         models.ID
	CustomerID models.ID
	Shape      string
	Kind       models.Kind
	Icon       string
	At         time.Time
	Day        string // the chip above it, when it is the first of its day
	New        bool   // the "New since you looked" mark stands above it
	Message    *Message
	Card       *Card
	Line       *Line
	Else       bool   // it came from an address that several people use
	Moves      string // the ids, comma-separated, of what a move of this entry takes along; empty = the reader may not move it
}

// Message is the bubble of a message, or the yellow box of a note.
type Message struct {
	Out       bool
	Author    string
	Channel   string // in words: Email, Web chat
	Address   string // where it went, when that needs saying
	CC        string
	Subject   string
	Text      string // the words without quotes and signature
	Quoted    string // what is folded behind …
	HTML      bool   // there is an original to show
	Remote    bool   // the original refers to remote images
	Raw       bool   // a mail without HTML, whose original can still be downloaded
	Automatic string // bounce, auto_reply …: marked as such
	Warning   string
	Redacted  bool
	Files     []File
	ClientID  string
	State     string // delivery state
	StateText string
	Error     string
	CanRetry  bool
	CanUndo   bool
	UndoUntil time.Time
}

// File is an attachment as a thumbnail or a chip.
type File struct {
	Name    string
	URL     string
	Size    string
	Image   bool   // png, jpeg, gif or webp, verified: may be shown inline
	Coming  bool   // its provider still has it
	Problem string // why it could not be had
}

// Card is an order, a return, a refund, a cart, a call worth a player.
type Card struct {
	Title  string
	Chips  []Chip
	Lines  []CardLine
	Sums   []CardLine
	Text   string
	Folded string // a transcript
	Foot   string
	Links  []Link
}

// CardLine is one item or one sum.
type CardLine struct {
	Quantity int // 0: a sum
	Text     string
	URL      string // the product's page in the shop
	Amount   string
	Strong   bool
}

// Line is a quiet line; Details unfold below it.
type Line struct {
	Text    string
	Tone    string // bad for what needs somebody's eye
	Details []string
	UndoURL string // a merge that may be undone, a move that may be taken back
	Undo    string // what the button says
}
