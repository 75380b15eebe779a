package models

// Record is what staff keep about a customer, with what was kept about the records merged into them.
type Record struct {
	TimeZone     string // IANA name; empty = unknown
	CompanyID    ID
	Company      string
	Labels       []string
	Fields       []CustomValue // every field that the shop has, also empty ones, by name
	Addresses    []PostalAddress
	BlockedAt    Time // their messages are taken for spam since; zero = they are not
	FirstContact Time // the oldest thing that passed between them and the shop; zero = nothing did
	LastContact  Time
}

// CustomValue is what a customer's record says in one of the shop's own fields.
type CustomValue struct {
	FieldID ID
	Name    string
	Value   string
}

// PostalAddress is where something can be sent: written down by staff, or told by an order.
type PostalAddress struct {
	Text  string
	Order string // the number of the order that told it; empty = staff did
}

// Purposes that a consent is for: being written to about one's own business, or about the shop's.
const (
	PurposeService   = "service"
	PurposeMarketing = "marketing"
)
