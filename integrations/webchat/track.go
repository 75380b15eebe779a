package webchat

import (
	"encoding/json"
	"net/url"
	"regexp"
	"time"

	"onethread/models"
)

// batch is what the storefront's beacon carries.
type batch struct {
	Consent bool       `json:"consent"`
	Events  []tracking `json:"events"`
}

type tracking struct {
	ID   string          `json:"id"`
	Name string          `json:"name"`
	At   models.Time     `json:"at"`
	Data json.RawMessage `json:"data"`
}

// facts is the union of what the named events may say; whatever else a page puts in is not kept.
type facts struct {
	URL      string       `json:"url"`
	Title    string       `json:"title"`
	Product  string       `json:"product"`
	Seconds  float64      `json:"duration"`
	ID       models.Loose `json:"id"`
	Price    models.Loose `json:"price"`
	Total    models.Loose `json:"total"`
	Currency string       `json:"currency"`
	Number   models.Loose `json:"number"`
	Email    string       `json:"email"`
	Phone    string       `json:"phone"`
	Lines    []lineFacts  `json:"lines"`
}

type lineFacts struct {
	Title    string       `json:"title"`
	SKU      models.Loose `json:"sku"`
	Quantity float64      `json:"quantity"`
	Price    models.Loose `json:"price"`
}

const (
	maxEvents = 50
	maxLines  = 50
)

var eventName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,59}$`)

// Track builds the events of one beacon. What cannot be read is left out, not refused: a beacon
// has nobody to tell. Nothing passes before consent where the channel asks for it.
func (c *Chat) Track(ch models.Channel, visitor string, raw []byte) ([]models.Inbound, error) {
	var b batch
	if err := json.Unmarshal(raw, &b); err != nil {
		return nil, models.Errorf(models.Invalid, "This beacon is not readable.")
	}
	if ch.Settings["consent_required"] == "true" && !b.Consent {
		return nil, nil
	}
	var out []models.Inbound
	for _, e := range b.Events[:min(len(b.Events), maxEvents)] {
		if in, ok := c.event(ch, visitor, e); ok {
			out = append(out, in)
		}
	}
	return out, nil
}

func (c *Chat) event(ch models.Channel, visitor string, e tracking) (models.Inbound, bool) {
	var f facts
	if !clientID.MatchString(e.ID) || !eventName.MatchString(e.Name) {
		return models.Inbound{}, false
	}
	if len(e.Data) > 0 && json.Unmarshal(e.Data, &f) != nil {
		f = facts{} // the event itself is still true
	}
	f.trim()
	in := models.Inbound{ChannelID: ch.ID, ExternalID: "track:" + visitor + ":" + e.ID, OccurredAt: c.believed(e.At),
		Hints: []models.Hint{browser(ch, visitor)}, Payload: f.payload(e.Name)}
	if e.Name == "order_placed" {
		email, phone := f.Email, f.Phone
		if !plausibleEmail(email) {
			email = ""
		}
		if !plausiblePhone.MatchString(phone) {
			phone = ""
		}
		in.Hints = append(in.Hints, addresses(email, phone, models.Typed, "given at the checkout of an order, says the page")...)
	}
	return in, true
}

// believed takes the browser's clock within a day before now and not after it.
func (c *Chat) believed(at models.Time) models.Time {
	now := models.At(c.now())
	if at > now || now.Sub(at) > 24*time.Hour {
		return 0
	}
	return at
}

func (f facts) payload(name string) models.Payload {
	switch name {
	case "product_saved", "product_unsaved":
		return &models.ProductIn{Saved: name == "product_saved", ID: string(f.ID), Title: f.name(), URL: f.URL,
			Price: minor(f.Price, f.Currency), Currency: f.Currency}
	case "cart_updated":
		return f.cart("updated")
	case "checkout_started":
		return f.cart("checkout_started")
	}
	view := &models.PageViewIn{URL: f.URL, Title: f.Title, Product: f.Product, Duration: int(f.Seconds)}
	switch name {
	case "page_viewed":
	case "product_viewed":
		view.Product = f.name()
	case "order_placed":
		view.Name, view.Title = name, string(f.Number)
	default:
		view.Name = name
	}
	return view
}

func (f facts) cart(status string) models.Payload {
	cart := &models.CartIn{Status: status, Currency: f.Currency, Total: minor(f.Total, f.Currency), URL: f.URL}
	for _, l := range f.Lines[:min(len(f.Lines), maxLines)] {
		cart.Lines = append(cart.Lines, models.OrderLine{Title: cut(l.Title, 300), SKU: cut(string(l.SKU), 100),
			Quantity: int(max(0, min(l.Quantity, 1e6))), Price: minor(l.Price, f.Currency)})
	}
	return cart
}

// name is what people call the product: its own name, else the page's title.
func (f facts) name() string {
	if f.Product != "" {
		return f.Product
	}
	return f.Title
}

func (f *facts) trim() {
	f.Title, f.Product, f.Email, f.Phone = cut(f.Title, 300), cut(f.Product, 300), cut(f.Email, 254), cut(f.Phone, 40)
	f.ID, f.Number = models.Loose(cut(string(f.ID), 100)), models.Loose(cut(string(f.Number), 100))
	f.Seconds = max(0, min(f.Seconds, 24*3600))
	if !currencyCode.MatchString(f.Currency) {
		f.Currency = ""
	}
	u, err := url.Parse(f.URL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || len(f.URL) > 2000 {
		f.URL = ""
		return
	}
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	f.URL = u.String()
}
