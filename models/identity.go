package models

// IdentityKind is the kind of channel an Identity belongs to.
type IdentityKind string

// The kinds with rules of their own; any other lower-case word is a provider's account
// id, unique within its scope.
const (
	EmailIdentity IdentityKind = "email"
	PhoneIdentity IdentityKind = "phone" // E.164
	ChatIdentity  IdentityKind = "chat"  // a browser's visitor id; scope = the chat channel's key
	OrderIdentity IdentityKind = "order" // an order that names nobody stands for its customer until it does; scope = the store
)

// Evidence is how strongly something ties an address to a person, weakest to strongest
// typed < asserted < proved (docs/model.md, "Who is it? The evidence ladder").
type Evidence string

// The rungs of the evidence ladder.
const (
	Typed    Evidence = "typed"    // somebody typed it; only ever suggests
	Asserted Evidence = "asserted" // the carrier or the store says so
	Proved   Evidence = "proved"   // signed by the store or the shop, or answered a one-time code
)

// Rank orders evidence: typed 1, asserted 2, proved 3, anything else 0.
func (e Evidence) Rank() int {
	switch e {
	case Typed:
		return 1
	case Asserted:
		return 2
	case Proved:
		return 3
	}
	return 0
}

// Hint is what an inbound event knows about who it came from. The first hint of an
// Inbound is the address itself (the anchor of its event).
type Hint struct {
	Kind     IdentityKind
	Scope    string // the store or account for provider ids; empty for email and phone
	Value    string // as received; identity.Normalise makes it comparable
	Country  string // ISO 3166 alpha-2, where a phone written without its country is from; empty = the channel's
	Evidence Evidence
	Reason   string // shown in "why is this the same person?", e.g. "From of an email", "signed store order"
}

// Identity is one address by which a customer is recognised on one kind of channel.
type Identity struct {
	ID         ID
	CustomerID ID
	HomeID     ID // the record it belonged to before any merge; zero = where it stands
	Kind       IdentityKind
	Scope      string
	Value      string // normalised
	Display    string // as first received
	Evidence   Evidence
	Reason     string
	Shared     bool // belongs to several customers (office@…, a family phone): never merges anyone
	ChannelID  ID   // where it was first seen
	BlockedAt  Time // what comes from it is taken for spam since
	CreatedAt  Time
	Mailbox    string // of an email, without plus-tag and Gmail's dots: it only suggests
	SingleAt   Time   // staff said that it is one person's, whatever names orders carry
	RetiredAt  Time   // staff took it away: old events keep it, new ones do not find it
}

// Proof is one row of an identity's history: why it is somebody's. It is never changed.
type Proof struct {
	ID         ID
	IdentityID ID
	Evidence   Evidence
	Reason     string
	EventID    ID // what brought it
	UserID     ID // who said so, where staff did
	At         Time
}

// Customer is a person (or company contact) the shop deals with. Has exactly one thread.
type Customer struct {
	ID         ID
	Name       string
	NameSource string // "staff" names are never overwritten by what channels claim
	Language   string // BCP 47; empty = unknown
	Notes      string
	TimeZone   string // IANA name; empty = unknown
	CompanyID  ID
	BlockedAt  Time // their messages are taken for spam since
	MergedInto ID   // non-zero: this record was merged; its links lead there
	CreatedAt  Time
	UpdatedAt  Time
	ErasedAt   Time // set: nothing of this person is kept
}

// Suggestion proposes that two customers are one person, with the evidence staff need to decide.
type Suggestion struct {
	ID         ID
	CustomerID ID // the lower id of the pair
	OtherID    ID
	Kind       IdentityKind
	Value      string
	Reason     string
	State      string // open, accepted, rejected; a rejection is remembered for the pair
	CreatedAt  Time
	DecidedAt  Time
	DecidedBy  ID
	Score      int // the sum of the weights of its evidence; the likeliest first
}

// Clue is one thing that speaks for two customers being one person.
type Clue struct {
	SuggestionID ID
	Kind         string // the kind of address; mailbox, household, name
	Value        string
	Reason       string
	Weight       int
}

// Merge is the log row of one merge: enough to undo it exactly, at any time.
type Merge struct {
	ID        ID
	FromID    ID // the customer that ceased to stand alone
	IntoID    ID
	Reason    string
	UserID    ID // zero: by evidence, not by staff
	CreatedAt Time
	UndoneAt  Time
	UndoneBy  ID
	// LastEventID is the newest event of all when it was made.
	LastEventID ID
}
