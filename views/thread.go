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
	About      models.ID // the conversation that was chosen among several; zero = none was
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
	SnoozedUntil   time.Time // zero: until what SnoozedFor says
	SnoozedFor     string    // reply or order
	Conversations  []Matter  // those that are open or snoozed, where there are several
	Staff          []Option
	Snoozes        []Option
	Labels         []Option
	Spam           bool // the conversation is taken for spam
	CanWrite       bool
	CanEdit        bool // may change who the customer is
}

// Subject is what the conversation shown is about, where there are several.
func (h Head) Subject() string {
	for _, m := range h.Conversations {
		if m.Current {
			return m.Subject
		}
	}
	return ""
}

// Matter is one of several conversations that a customer has open or snoozed.
type Matter struct {
	ID       models.ID
	Subject  string
	Status   string
	Assignee string
	Current  bool // what the head and the composer are about
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
	About      models.ID // its conversation; zero = it belongs to none
	Day        string    // the chip above it, when it is the first of its day
	New        bool      // the "New since you looked" mark stands above it
	Message    *Message
	Card       *Card
	Line       *Line
	Else       bool   // it came from an address that several people use
	Redacts    bool   // its words can be taken out
	Moves      string // the ids, comma-separated, of what a move of this entry takes along; empty = the reader may not move it
}

// Message is the bubble of a message, or the yellow box of a note.
type Message struct {
	Out       bool
	Author    string
	Channel   string // in words: Email, Web chat
	Address   string // where it went, when that needs saying
	Guest     string // the address of who wrote it, where that was somebody in copy
	Quotes    *Link  // another customer's thread that it quotes
	GoneFrom  string // the folder on the mail server where it does not lie any more
	CC        string
	BCC       string
	Subject   string
	Matter    string // what its conversation is about, where that is another open one than the one shown
	Text      string // the words without quotes and signature
	Quoted    string // what is folded behind …
	HTML      bool   // there is an original to show
	Remote    bool   // the original refers to remote images
	Raw       string // where the mail as it came can be downloaded
	Report    string // where the mail that told of its failure can be downloaded
	Automatic string // bounce, auto_reply …: marked as such
	Warning   string
	Redacted  bool
	Files     []File
	Pictures  []File // inside its text
	ClientID  string
	State     string // delivery state
	StateText string
	Error     string   // why it failed or came back, as a sentence
	Lost      []string // whom in copy it did not reach, and why
	Instead   string   // the best other way to the customer, when it failed
	InsteadBy string   // what that way is called
	CanRetry  bool
	CanUndo   bool
	UndoUntil time.Time
	Goes      string // when it will go out, in words; empty unless it waits for its time
	Wrote     string // "Ana wrote since", shown while that is so
	CanHasten bool   // the reader may send it now, change it, or call it off
}

// File is an attachment as a thumbnail or a chip.
type File struct {
	Name    string
	URL     string
	Size    string
	PDF     bool
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
	Raw     string // where what could not be read can be downloaded as it came
}
