package models

// Inbound is anything that reached us, on any channel. inbox.Ingest is the only door in.
type Inbound struct {
	ChannelID  ID
	ExternalID string // the duplicate key within the channel; never empty
	OccurredAt Time   // what the provider or sender claims; zero = not told
	ReceivedAt Time   // when a trusted clock saw it (IMAP INTERNALDATE); zero = now
	Silent     bool   // older mail found on first connection: no notification, no clocks, not unread
	Signed     bool   // the call carried a valid signature of the channel's secret: "proved" may count
	Hints      []Hint // who it came from; the first is the event's anchor
	Name       string // the person's name, as claimed
	Language   string // BCP 47, as claimed
	TimeZone   string // IANA name, as claimed; what is none is left out
	Payload    Payload
	Raw        []byte // kept with the receipt as it came; nil = nothing to keep
	RawType    string // media type of Raw
	Cursor     *Cursor
	Place      *Place // where a mail lies on its server; nil = not told
	Anywhere   bool   // ExternalID tells what it says: the same one on another channel of its type is a copy of it
}

// Place is where a copy of a mail lies (RFC 9051 section 2.3.1.1).
type Place struct {
	Folder   string
	Validity uint32 // UIDVALIDITY
	UID      uint32
}

// Payload is exactly one of the *In types below.
type Payload interface{ EventKind() Kind }

// Cursor is a receiver's place in its source, stored in the same transaction as the event
// that it stands behind. Value is the receiver's own JSON.
type Cursor struct{ Name, Value string }

// MessageIn is a message. Direction Out is one that staff sent elsewhere (their mail program).
type MessageIn struct {
	Direction   Direction // empty = In
	Author      string    // who of the staff sent it elsewhere or forwarded it, by the name or address their program gives
	Note        string    // what they wrote above a mail they forwarded; becomes an internal note
	Subject     string
	Text        string // may be empty when HTML is given; Ingest derives it
	HTML        string // as received; Ingest sanitises it
	ReplyText   string // Text without quotes and signature, for folding; empty = all of it
	CC          string
	MessageID   string      // without <>
	Alias       string      // the id that a provider put in the place of ours, where MessageID is ours
	InReplyTo   []string    // ids without <>
	References  []string    // oldest first
	ReplyTokens []string    // tokens found in plus-addresses; verified by inbox
	Markers     []string    // tokens of ours found in the quoted text; they count after References
	Automatic   string      // "", bounce, delayed, auto_reply, complaint, delivered, list
	Bounce      *DeliveryIn // what a bounce says of the message that InReplyTo and References name
	NoReply     bool        // nobody reads what is answered to it: a machine's address
	Spam        bool        // the mail server takes it for spam, or it lay in the folder for that
	Attachments []FileIn
	Warning     string // shown to staff above the message, e.g. "sender not verified"
	Consent     string // "", opted_out, opted_in: what the words mean to the carrier (STOP, START)
}

// FileIn is an attachment as it arrived. Name is data, never a path.
type FileIn struct {
	Name      string
	Type      string // as claimed
	ContentID string // without <>
	Inline    bool
	Body      []byte
	UploadID  ID     // non-zero instead of Body: a file uploaded earlier by the same visitor
	URL       string // instead of Body: where the provider keeps it; fetched after the commit, by Connection.Fetch
}

// OrderIn is an order as its store reports it now. Older versions than the stored one change nothing.
type OrderIn struct {
	Order Order
	Gone  bool // the store deleted it: of Order only ExternalID and UpdatedAt count
}

// RefundIn is one refund; it may arrive before its order. Without hints it waits, unseen, for the
// order to tell whose it is.
type RefundIn struct{ Refund Refund }

// PersonIn is a customer's record in a store. Its hints say everything: it links addresses and
// leaves no event.
type PersonIn struct {
	Listed bool   `json:"listed,omitempty"` // from a list that the shop itself imported: its names beat a store's
	Notes  string `json:"notes,omitempty"`  // what the list says about them
}

// CatalogueIn is a product as its store reports it now, for the lines of order cards. It leaves no
// event; older versions than the stored one change nothing.
type CatalogueIn struct {
	Product Product
	Gone    bool // the store deleted it: of Product only ExternalID counts
}

// ReturnIn is goods coming back.
type ReturnIn struct {
	OrderNumber string      `json:"order_number"`
	Number      string      `json:"number"`
	Status      string      `json:"status"`
	Note        string      `json:"note,omitempty"`
	Lines       []OrderLine `json:"lines,omitempty"`
	Amount      int64       `json:"amount_minor,omitempty"`
	Currency    string      `json:"currency,omitempty"`
}

// CartIn is a cart or a checkout that was begun.
type CartIn struct {
	Status   string      `json:"status"` // updated, checkout_started, abandoned
	Currency string      `json:"currency,omitempty"`
	Total    int64       `json:"total_minor,omitempty"`
	URL      string      `json:"url,omitempty"`
	Lines    []OrderLine `json:"lines,omitempty"`
}

// VisitIn is somebody coming into the shop.
type VisitIn struct {
	Location string `json:"location,omitempty"`
	ServedBy string `json:"served_by,omitempty"`
	Note     string `json:"note,omitempty"`
}

// CallIn is a phone call. Duration in seconds.
type CallIn struct {
	Direction  Direction `json:"direction"`
	Duration   int       `json:"duration_seconds"`
	Outcome    string    `json:"outcome"` // answered, missed, voicemail
	AnsweredBy string    `json:"answered_by,omitempty"`
	Transcript string    `json:"transcript,omitempty"`
	Recording  string    `json:"recording_url,omitempty"`
}

// PageViewIn is a page or product seen on the shop's site. Duration in seconds.
type PageViewIn struct {
	URL      string `json:"url"`
	Title    string `json:"title,omitempty"`
	Product  string `json:"product,omitempty"`
	Duration int    `json:"duration_seconds,omitempty"`
	Name     string `json:"name,omitempty"` // the shop's own event name, where it is none of ours
}

// ProductIn is a product saved for later or taken off that list.
type ProductIn struct {
	Saved bool   `json:"-"`
	ID    string `json:"id,omitempty"`
	Title string `json:"title"`
	URL   string `json:"url,omitempty"`
	Price int64  `json:"price_minor,omitempty"`
	// Currency is the ISO 4217 code Price is in.
	Currency string `json:"currency,omitempty"`
}

// ContactIn is an address left or proved without a message (the widget's contact form, identify).
// Its hints say everything.
type ContactIn struct{}

// DeliveryIn reports what became of a message we sent.
type DeliveryIn struct {
	ProviderID string // the provider's id of the message
	State      string // one of the Delivery* states
	Error      string
	OptedOut   bool     // it failed because the person does not want our messages: recorded as consent
	Soft       bool     // it came back, but the next one may well arrive: a full mailbox, a server that was away
	Recipients []string // whom a report about a mail names; empty = whoever it was sent to
}

// UnreadableIn stands for something that could not be parsed; Inbound.Raw keeps it.
type UnreadableIn struct {
	Reason string `json:"reason"`
}

func (*MessageIn) EventKind() Kind    { return KindMessage }
func (*OrderIn) EventKind() Kind      { return KindOrder }
func (*RefundIn) EventKind() Kind     { return KindRefund }
func (*PersonIn) EventKind() Kind     { return "" }
func (*CatalogueIn) EventKind() Kind  { return "" }
func (*ReturnIn) EventKind() Kind     { return KindReturn }
func (*CartIn) EventKind() Kind       { return KindCart }
func (*VisitIn) EventKind() Kind      { return KindVisit }
func (*CallIn) EventKind() Kind       { return KindCall }
func (*PageViewIn) EventKind() Kind   { return KindPageView }
func (*ContactIn) EventKind() Kind    { return KindContact }
func (*DeliveryIn) EventKind() Kind   { return KindDelivery }
func (*UnreadableIn) EventKind() Kind { return KindUnreadable }

// EventKind tells saved from unsaved.
func (p *ProductIn) EventKind() Kind {
	if p.Saved {
		return KindProductSaved
	}
	return KindProductUnsaved
}

// Ingested is what became of an Inbound.
type Ingested struct {
	EventID        ID
	CustomerID     ID
	ConversationID ID
	Duplicate      bool // seen before; the ids are those of the first copy
	Erased         bool // an erasure keeps it out: nothing was stored
}
