package models

// Conversation states.
const (
	StatusOpen    = "open"
	StatusSnoozed = "snoozed"
	StatusClosed  = "closed"
)

// What a snoozed conversation may wait for besides a time.
const (
	ForReply = "reply" // nothing else: the customer's next message
	ForOrder = "order" // whatever their orders tell too: placed, paid, sent, refunded, returned
)

// Priorities of a conversation.
const (
	PriorityNone   = ""
	PriorityLow    = "low"
	PriorityHigh   = "high"
	PriorityUrgent = "urgent"
)

// Conversation is a span of a thread, from the first message that wants an answer until it
// is closed.
type Conversation struct {
	ID           ID
	CustomerID   ID
	HomeID       ID // the record it belonged to before any merge; zero = where it stands
	Status       string
	AssigneeID   ID
	Priority     string
	Subject      string
	OpenedAt     Time
	ClosedAt     Time
	SnoozedUntil Time   // zero: until what SnoozedFor says
	SnoozedFor   string // what wakes it besides its time: "reply" or "order"; a message of the customer always does
	WaitingSince Time   // the customer's oldest unanswered message; zero when the last word is ours
	FirstReplyAt Time
	LastEventID  ID // the newest event worth a row's preview
	LastAt       Time
	ChannelTypes string // space-separated channel types seen in it, for the row's marks
	Spam         bool   // taken for spam: closed, and in no list but that of spam
}

// Label is a word staff put on conversations.
type Label struct {
	ID   ID
	Name string
	Hue  int // 0–11, the colour of its chip
}
