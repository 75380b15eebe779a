package models

// The *Data types are what an event's data column and the API's data field hold, by kind.
// Amounts are decimal strings in the currency named beside them.

// LineData is a line item.
type LineData struct {
	Title    string `json:"title"`
	SKU      string `json:"sku,omitempty"`
	Quantity int    `json:"quantity"`
	Price    string `json:"price"`
	URL      string `json:"url,omitempty"` // the product's page in the shop
}

// RefundData is one refund.
type RefundData struct {
	OrderNumber string `json:"order_number,omitempty"`
	Amount      string `json:"amount"`
	Currency    string `json:"currency"`
	Status      string `json:"status"`
	Reason      string `json:"reason,omitempty"`
	OccurredAt  Time   `json:"occurred_at"`
}

// OrderData is an order; ids are strings.
type OrderData struct {
	ID         string       `json:"id"`
	CustomerID string       `json:"customer_id,omitempty"`
	ExternalID string       `json:"external_id,omitempty"`
	Number     string       `json:"number"`
	Status     string       `json:"status"`
	Currency   string       `json:"currency"`
	Total      string       `json:"total"`
	Subtotal   string       `json:"subtotal,omitempty"`
	Shipping   string       `json:"shipping,omitempty"`
	Tax        string       `json:"tax,omitempty"`
	Discount   string       `json:"discount,omitempty"`
	Refunded   string       `json:"refunded,omitempty"`
	Note       string       `json:"note,omitempty"`
	ShipTo     string       `json:"ship_to,omitempty"`
	URL        string       `json:"url,omitempty"`
	PlacedAt   Time         `json:"placed_at"`
	UpdatedAt  Time         `json:"updated_at"`
	Lines      []LineData   `json:"lines"`
	Tracking   []Tracking   `json:"tracking"`
	Refunds    []RefundData `json:"refunds,omitempty"`
}

// OrderEvent is the data of order, payment and fulfilment events.
type OrderEvent struct {
	Order    OrderData `json:"order"`
	Change   string    `json:"change"`             // created, updated
	Previous string    `json:"previous,omitempty"` // the status before
}

// ReturnData is the data of a return.
type ReturnData struct {
	OrderNumber string     `json:"order_number"`
	Number      string     `json:"number,omitempty"`
	Status      string     `json:"status"`
	Note        string     `json:"note,omitempty"`
	Amount      string     `json:"amount,omitempty"`
	Currency    string     `json:"currency,omitempty"`
	Lines       []LineData `json:"lines,omitempty"`
}

// CartData is the data of a cart.
type CartData struct {
	Status   string     `json:"status"`
	Currency string     `json:"currency,omitempty"`
	Total    string     `json:"total,omitempty"`
	URL      string     `json:"url,omitempty"`
	Lines    []LineData `json:"lines,omitempty"`
}

// ProductData is the data of a saved or unsaved product.
type ProductData struct {
	ID       string `json:"id,omitempty"`
	Title    string `json:"title"`
	URL      string `json:"url,omitempty"`
	Price    string `json:"price,omitempty"`
	Currency string `json:"currency,omitempty"`
}

// MessageData is what a message's event says beside its words.
type MessageData struct {
	Automatic   string `json:"automatic,omitempty"`
	From        string `json:"from,omitempty"`        // the sender's name, as claimed
	Address     string `json:"address,omitempty"`     // the sender's address, where it is not the customer's
	Participant bool   `json:"participant,omitempty"` // somebody in copy wrote it, not the customer
	Thanks      bool   `json:"thanks,omitempty"`      // says thanks and no more, and so opened nothing

	Preset *WayData `json:"preset,omitempty"` // the way that was preselected, when the writer chose another
	Chosen *WayData `json:"chosen,omitempty"`

	// SwitchedFrom is the kind of channel whose conversation went on here: its visitor had left the chat.
	SwitchedFrom string `json:"switched_from,omitempty"`
}

// WayData is a way to reach the customer: an identity over a channel.
type WayData struct {
	ChannelID  string `json:"channel_id"`
	Channel    string `json:"channel"` // its type
	IdentityID string `json:"identity_id"`
}

// ConversationData is the data of a conversation event.
type ConversationData struct {
	Action   string   `json:"action"` // opened, reopened, closed, snoozed, woken, assigned, unassigned, labelled, priority, spam, not_spam
	Assignee string   `json:"assignee,omitempty"`
	Until    Time     `json:"until,omitempty"`
	For      string   `json:"for,omitempty"`     // what a snoozed one waits for: "reply" or "order"
	Subject  string   `json:"subject,omitempty"` // of one that staff opened
	Labels   []string `json:"labels,omitempty"`
	Priority string   `json:"priority,omitempty"`
}

// ContactData is the data of a contact event: an address that was left or proved.
type ContactData struct {
	Kind     IdentityKind `json:"kind"`
	Value    string       `json:"value"`
	Evidence Evidence     `json:"evidence"`
	Reason   string       `json:"reason,omitempty"`

	// What staff did: added, verified, removed, restored, corrected (from Before), shared, unshared, moved or
	// moved_back (between From and To). Empty: the address was left or proved by whom it belongs to.
	Action     string    `json:"action,omitempty"`
	IdentityID ID        `json:"identity_id,omitempty"`
	Before     string    `json:"before,omitempty"`
	FromID     ID        `json:"from_id,omitempty"`
	From       string    `json:"from,omitempty"`
	ToID       ID        `json:"to_id,omitempty"`
	To         string    `json:"to,omitempty"`
	HomeID     ID        `json:"home_id,omitempty"` // its home before it was moved; zero = where it stood
	Left       map[ID]ID `json:"left,omitempty"`    // events that lost their conversation when it was moved, and that conversation
}

// SplitData is the data of a split event: entries that left one thread for another.
type SplitData struct {
	Action string `json:"action"` // moved, back
	Events []ID   `json:"events"`
	FromID ID     `json:"from_id"`
	From   string `json:"from,omitempty"` // their names
	ToID   ID     `json:"to_id"`
	To     string `json:"to,omitempty"`
}

// CustomerData is the data of customer and about events: what staff did to the record, not to the thread.
type CustomerData struct {
	Action   string `json:"action"` // created, renamed, refused (not the same person as Other), notes, language, record, blocked, unblocked
	Name     string `json:"name,omitempty"`
	Before   string `json:"before,omitempty"` // the name or language it had
	OtherID  ID     `json:"other_id,omitempty"`
	Language string `json:"language,omitempty"`
}

// CodeData is the data of a code event: what the code is for.
type CodeData struct {
	Purpose string `json:"purpose"` // chat, continue, verify
}

// DeliveryData is the data of a delivery event: what became of the event in RefID.
type DeliveryData struct {
	EventID string `json:"event_id"`
	State   string `json:"state"`
	Error   string `json:"error,omitempty"`
	Soft    bool   `json:"soft,omitempty"` // the next message may well arrive
	Copy    string `json:"copy,omitempty"` // not the customer: somebody in copy, whom it did not reach
}

// PlaceData is the data of a place event.
type PlaceData struct {
	Folder string `json:"folder"`
	Gone   bool   `json:"gone"`
}

// LinesData writes line items with decimal prices.
func LinesData(lines []OrderLine, currency string) []LineData {
	out := make([]LineData, len(lines))
	for i, l := range lines {
		out[i] = LineData{Title: l.Title, SKU: l.SKU, Quantity: l.Quantity, Price: FormatAmount(l.Price, currency), URL: l.URL}
	}
	return out
}

// Data writes an order as events and the API show it.
func (o Order) Data() OrderData {
	amount := func(n int64) string {
		if n == 0 {
			return ""
		}
		return FormatAmount(n, o.Currency)
	}
	d := OrderData{ID: o.ID.String(), CustomerID: o.CustomerID.String(), ExternalID: o.ExternalID, Number: o.Number, Status: o.Status, Currency: o.Currency,
		Total: FormatAmount(o.Total, o.Currency), Subtotal: amount(o.Subtotal), Shipping: amount(o.Shipping), Tax: amount(o.Tax),
		Discount: amount(o.Discount), Refunded: amount(o.Refunded), Note: o.Note, ShipTo: o.ShipTo, URL: o.URL, PlacedAt: o.PlacedAt,
		UpdatedAt: o.UpdatedAt, Lines: LinesData(o.Lines, o.Currency), Tracking: o.Tracking}
	if d.Tracking == nil {
		d.Tracking = []Tracking{}
	}
	for _, r := range o.Refunds {
		d.Refunds = append(d.Refunds, r.Data())
	}
	return d
}

// Data writes a refund as events and the API show it.
func (r Refund) Data() RefundData {
	return RefundData{OrderNumber: r.OrderNumber, Amount: FormatAmount(r.Amount, r.Currency), Currency: r.Currency, Status: r.Status,
		Reason: r.Reason, OccurredAt: r.OccurredAt}
}

// ConsentData is the data of a consent event: what somebody said to messages on its channel.
type ConsentData struct {
	State  string `json:"state"`  // opted_out, opted_in
	Source string `json:"source"` // the customer's own word ("STOP"), or who says so ("carrier", "staff")

	Purpose string `json:"purpose,omitempty"` // marketing; empty = service
	Proof   string `json:"proof,omitempty"`   // where staff's word for it can be seen
}

// The two states of consent.
const (
	OptedOutState = "opted_out"
	OptedInState  = "opted_in"
)
