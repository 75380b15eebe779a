package models

import "encoding/json"

// Kind says what an Event is.
type Kind string

// Events of the thread. The second group is not shown as an entry of its own: it tells
// readers of the feed that an earlier event's customer, delivery state or wording changed.
const (
	KindMessage        Kind = "message"
	KindNote           Kind = "note"
	KindOrder          Kind = "order" // created or changed; data carries the order as it stood then
	KindPayment        Kind = "payment"
	KindFulfilment     Kind = "fulfilment"
	KindRefund         Kind = "refund"
	KindReturn         Kind = "return"
	KindCart           Kind = "cart"
	KindVisit          Kind = "visit"
	KindCall           Kind = "call"
	KindVoicemail      Kind = "voicemail"
	KindPageView       Kind = "page_view"
	KindProductSaved   Kind = "product_saved"
	KindProductUnsaved Kind = "product_unsaved"
	KindContact        Kind = "contact"      // an address was left or proved
	KindConversation   Kind = "conversation" // opened, assigned, snoozed, closed, re-opened, labelled
	KindMerge          Kind = "merge"
	KindUnmerge        Kind = "unmerge"
	KindUnreadable     Kind = "unreadable" // stored raw because it could not be parsed
	KindConsent        Kind = "consent"    // somebody opted out of, or back into, messages on a channel
	KindCustomer       Kind = "customer"   // staff created or renamed the record, or said that two are not one person
	KindCode           Kind = "code"       // a one-time code was sent; what it said is kept nowhere
	KindSplit          Kind = "split"      // staff moved entries to or from another thread, or took that back (RefID)

	KindDelivery Kind = "delivery" // the delivery state of the event in RefID changed
	KindMoved    Kind = "moved"    // the event in RefID changed customer or conversation
	KindRead     Kind = "read"     // a user's read mark moved (data: user_id, seq)
	KindDraft    Kind = "draft"    // somebody's draft changed
	KindChannel  Kind = "channel"  // a channel's settings or health changed
	KindFile     Kind = "file"     // a file of the event in RefID arrived, or cannot be had
	KindAbout    Kind = "about"    // what staff keep about the customer changed: notes, language
	KindPlace    Kind = "place"    // the mail of the event in RefID went from its folder on the mail server, or came back
	KindErased   Kind = "erased"   // everything of the customer was erased, or with RefID what that event says
)

// Movable are the kinds that staff may move to another customer: what somebody said or did, not what
// happened to a record.
var Movable = []Kind{KindMessage, KindNote, KindOrder, KindPayment, KindFulfilment, KindRefund, KindReturn, KindCart,
	KindVisit, KindCall, KindVoicemail, KindPageView, KindProductSaved, KindProductUnsaved}

// Hidden tells whether events of this kind are signals for live readers rather than entries
// of the timeline.
func (k Kind) Hidden() bool {
	switch k {
	case KindDelivery, KindMoved, KindRead, KindDraft, KindChannel, KindFile, KindAbout, KindPlace, KindErased:
		return true
	}
	return false
}

// Direction is in (from the customer) or out (from the shop); empty where neither fits.
type Direction string

// The two directions.
const (
	In  Direction = "in"
	Out Direction = "out"
)

// Event is one immutable entry on a thread. Only its CustomerID and ConversationID may
// change (merge, split), and each such change is an event of its own.
type Event struct {
	ID             ID // rises over all events: the feed's seq
	CustomerID     ID // zero for signals that concern no customer
	ConversationID ID
	ChannelID      ID
	AnchorID       ID `gorm:"column:anchor_identity_id"` // the identity it came from or went to
	HomeID         ID // the record it belongs to, where its anchor does not tell: staff moved it there
	Kind           Kind
	Direction      Direction
	UserID         ID // the member of staff who did it, if one did
	RefID          ID // the event this one is about (delivery, moved)
	Silent         bool
	OccurredAt     Time   // the provider's time, clamped as docs/model.md says
	CreatedAt      Time   // ours
	Data           string // JSON, kind-specific
}

// Delivery states of an outbound message, in the order they can be reached.
const (
	DeliveryQueued    = "queued"    // in the outbox, perhaps inside its undo window
	DeliverySending   = "sending"   // handed to the provider, answer not yet known
	DeliverySent      = "sent"      // the provider accepted it
	DeliveryDelivered = "delivered" // the provider says it arrived
	DeliveryRead      = "read"
	DeliveryFailed    = "failed"   // final; the reason stands beside it
	DeliveryCanceled  = "canceled" // undone by staff before it left
	DeliveryBounced   = "bounced"
)

// Message is what an event of KindMessage or KindNote says.
type Message struct {
	EventID    ID `gorm:"primaryKey;autoIncrement:false"`
	Subject    string
	Text       string // plain text, whole
	ReplyText  string // Text without quotes and signature, shown first; empty = show all of it
	HTML       string // sanitised; empty when the message came as plain text
	MessageID  string // RFC 5322 Message-ID without <>, or the provider's message id
	ClientID   string // made by the browser that wrote it; unique, so a retry cannot double
	Automatic  string // "", bounce, auto_reply, list … : never answered, opens nothing
	Warning    string // shown to staff above the message
	State      string // delivery state; empty for inbound
	Error      string // the provider's words when State is failed
	ProviderID string // the provider's id of what we sent; delivery reports refer to it
	ToAddress  string // where an outbound message goes
	CC         string
	BCC        string `gorm:"column:bcc"` // further recipients whom the others do not see
	SendAt     Time   // when it was to go out, where that was not at once
	Files      string // names of its files, for search
	QuotesID   ID     // another customer's message that it refers to
	HasRemote  bool   // HTML refers to remote images, shown only on click
	Lost       string // JSON: who in copy it did not reach (LostCopies)
	RedactedAt Time
}

// LostCopy is somebody in copy whom a mail did not reach.
type LostCopy struct {
	Address string `json:"address"`
	Error   string `json:"error"`
}

// LostCopies lists who in copy the message did not reach.
func (m Message) LostCopies() (list []LostCopy) {
	_ = json.Unmarshal([]byte(m.Lost), &list) // empty where nobody was lost
	return list
}

// Beside is what stands beside a message's words: where it came from, and what became of it there.
type Beside struct {
	QuotesCustomer ID     // whose message it quotes, where that is another customer's
	QuotesName     string // what they are called
	GoneFrom       string // the folder on the mail server where it does not lie any more; empty = it does, or never did
	HasRaw         bool   // it is kept as it came, as a mail
	ReportID       ID     // the event that a returned mail led to, which is kept too
}

// Attachment is a file on a message. Its content lies under the data folder, named by its
// SHA-256; Name is data only and never a path.
type Attachment struct {
	ID        ID
	EventID   ID // zero until the message it was uploaded for is sent
	Token     string
	Name      string
	Type      string // sniffed media type, not the claimed one where they disagree
	Size      int64  // bytes
	SHA256    string `gorm:"column:sha256"` // hex
	ContentID string // for inline images
	Inline    bool
	Width     int // of a picture, in pixels; 0 = not known
	Height    int
	State     string // "" = here, fetching, failed
	Problem   string // why it failed, for people
	CreatedAt Time
}
