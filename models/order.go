package models

// Money is an amount in the minor unit of its currency (cents for EUR, yen for JPY).
type Money struct {
	Minor    int64
	Currency string // ISO 4217, upper case
}

// Order states, as in Shopify's and WooCommerce's vocabulary.
var OrderStates = []string{"pending", "authorized", "paid", "partially_paid", "processing", "on_hold",
	"fulfilled", "partially_fulfilled", "shipped", "delivered", "completed", "cancelled", "refunded",
	"partially_refunded", "failed", "deleted"}

// Order is a store's order as last reported. Amounts are minor units of Currency.
type Order struct {
	ID         ID
	ChannelID  ID
	CustomerID ID
	HomeID     ID     // the record it belongs to, where its anchor does not tell: staff moved it there
	AnchorID   ID     `gorm:"column:anchor_identity_id"`
	EventID    ID     // the event that first showed it
	ExternalID string // the store's own id, as text; the number where it has no other
	Number     string // as people say it, without "#"
	Status     string
	Currency   string
	Total      int64
	Subtotal   int64
	Shipping   int64
	Tax        int64
	Discount   int64
	Refunded   int64
	Note       string
	ShipTo     string // one line: who and where
	Buyer      string // the name on it
	ShipParts  string // Postal as JSON; empty where the store gives only one line
	ShipKey    string // name and postal address made comparable (identity.Household); it only suggests
	Postal     Postal `gorm:"-"`
	URL        string // the order in the shop's own admin; http(s) only
	PlacedAt   Time
	UpdatedAt  Time        // the store's own clock: newest version wins
	Lines      []OrderLine `gorm:"-"`
	Tracking   []Tracking  `gorm:"-"`
	Refunds    []Refund    `gorm:"-"`
}

// Postal is where an order goes, in parts as the store gives them.
type Postal struct {
	Name     string `json:"name,omitempty"`
	Line1    string `json:"line1,omitempty"`
	Line2    string `json:"line2,omitempty"`
	City     string `json:"city,omitempty"`
	Region   string `json:"region,omitempty"`
	Postcode string `json:"postcode,omitempty"`
	Country  string `json:"country,omitempty"` // as the store writes it
}

// OrderLine is one line item. Price is the unit price in minor units.
type OrderLine struct {
	ID       ID     `json:"-"`
	OrderID  ID     `json:"-"`
	Position int    `json:"-"`
	Title    string `json:"title"`
	SKU      string `json:"sku,omitempty" gorm:"column:sku"`
	Quantity int    `json:"quantity"`
	Price    int64  `json:"price_minor"`
	// ProductID is the store's own id of the product; with it the line finds its page in the shop.
	ProductID string `json:"product_id,omitempty"`
	URL       string `json:"url,omitempty"` // the product's page in the shop; http(s) only
}

// Tracking is one parcel of an order.
type Tracking struct {
	ID      ID     `json:"-"`
	OrderID ID     `json:"-"`
	Carrier string `json:"carrier"`
	Number  string `json:"number"`
	URL     string `json:"url,omitempty"`
	Status  string `json:"status,omitempty"`
}

// TableName keeps the table's name in the singular, as people say it.
func (Tracking) TableName() string { return "tracking" }

// Refund is money given back on an order. It may arrive before its order does.
type Refund struct {
	ID        ID
	ChannelID ID
	// OrderExternalID is the store's own id of the order it is on; OrderNumber is how people call that
	// order, empty while only the id is known.
	OrderExternalID string
	OrderNumber     string
	EventID         ID // the event that shows it; zero while it waits for its order
	ExternalID      string
	Amount          int64 // minor units of Currency
	Currency        string
	Status          string // pending, done, failed
	Reason          string
	OccurredAt      Time
}

// Product is one thing a store sells, as far as the lines of order cards need it.
type Product struct {
	ID         ID
	ChannelID  ID
	ExternalID string // the store's own id
	Title      string
	URL        string // its page in the shop; http(s) only
	UpdatedAt  Time   // the store's own clock: newest version wins
}
