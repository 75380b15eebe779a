package generic

import (
	"fmt"
	"strings"

	"onethread/models"
)

// purse reads amounts of one currency and keeps the first problem.
type purse struct {
	currency string
	err      error
}

func newPurse(field, currency, fallback string) *purse {
	if currency == "" {
		currency = fallback
	}
	p := &purse{currency: strings.ToUpper(currency)}
	if !models.ValidCurrency(p.currency) {
		p.err = models.FieldError(field+".currency", "%q is not an ISO 4217 code such as EUR.", currency)
	}
	return p
}

func (p *purse) read(field string, a models.Loose) int64 {
	if a == "" || p.err != nil {
		return 0
	}
	n, err := models.ParseAmount(string(a), p.currency)
	if err != nil {
		p.err = models.FieldError(field, "%s", err.Error())
	}
	return n
}

type line struct {
	Title    string       `json:"title"`
	SKU      string       `json:"sku"`
	Quantity *int         `json:"quantity"`
	Price    models.Loose `json:"price"`
}

func (p *purse) lines(field string, in []line) []models.OrderLine {
	out := make([]models.OrderLine, 0, len(in))
	for i, l := range in {
		at := fmt.Sprintf("%s.lines[%d]", field, i)
		quantity := 1
		if l.Quantity != nil {
			quantity = *l.Quantity
		}
		if strings.TrimSpace(l.Title) == "" && p.err == nil {
			p.err = models.FieldError(at+".title", "The line has no title.")
		}
		out = append(out, models.OrderLine{Title: l.Title, SKU: l.SKU, Quantity: quantity, Price: p.read(at+".price", l.Price)})
	}
	return out
}

type order struct {
	ID        string            `json:"id"`
	Number    models.Loose      `json:"number"`
	Status    string            `json:"status"`
	Currency  string            `json:"currency"`
	Total     models.Loose      `json:"total"`
	Subtotal  models.Loose      `json:"subtotal"`
	Shipping  models.Loose      `json:"shipping"`
	Tax       models.Loose      `json:"tax"`
	Discount  models.Loose      `json:"discount"`
	Note      string            `json:"note"`
	ShipTo    string            `json:"ship_to"`
	Address   models.Postal     `json:"ship_address"`
	URL       string            `json:"url"`
	PlacedAt  models.Time       `json:"placed_at"`
	UpdatedAt models.Time       `json:"updated_at"`
	Lines     []line            `json:"lines"`
	Tracking  []models.Tracking `json:"tracking"`
	Refunds   []refund          `json:"refunds"`
}

// read gives the order and each of its refunds as an event of its own. The version of an order is
// its updated_at (else the event's occurred_at).
func (o *order) read(in models.Inbound, currency string) ([]models.Inbound, error) {
	number := strings.TrimPrefix(strings.TrimSpace(string(o.Number)), "#")
	if number == "" || len(number) > 100 {
		return nil, models.FieldError("order.number", "The order has no number of 1 to 100 characters.")
	}
	if o.Status == "" {
		o.Status = "pending"
	}
	if !kindWord.MatchString(o.Status) {
		return nil, models.FieldError("order.status", "%q is not a status such as paid, shipped or cancelled.", o.Status)
	}
	p := newPurse("order", o.Currency, currency)
	out := models.Order{ExternalID: number, Number: number, Status: o.Status, Currency: p.currency, Total: p.read("order.total", o.Total),
		Subtotal: p.read("order.subtotal", o.Subtotal), Shipping: p.read("order.shipping", o.Shipping), Tax: p.read("order.tax", o.Tax),
		Discount: p.read("order.discount", o.Discount), Note: o.Note, ShipTo: o.ShipTo, Postal: clipped(o.Address), Lines: p.lines("order", o.Lines), Tracking: o.Tracking,
		PlacedAt: o.PlacedAt, UpdatedAt: o.UpdatedAt}
	if o.Total == "" && p.err == nil {
		p.err = models.FieldError("order.total", "The order has no total.")
	}
	if p.err != nil {
		return nil, p.err
	}
	if out.UpdatedAt == 0 {
		out.UpdatedAt = in.OccurredAt
	}
	if webURL(o.URL) {
		out.URL = o.URL
	}
	for i := range out.Tracking {
		if !webURL(out.Tracking[i].URL) {
			out.Tracking[i].URL = ""
		}
	}
	in.Payload = &models.OrderIn{Order: out}
	return o.withRefunds(in, number, p.currency)
}

func (o *order) withRefunds(in models.Inbound, number, currency string) ([]models.Inbound, error) {
	all := []models.Inbound{in}
	for i := range o.Refunds {
		r := o.Refunds[i]
		if r.ExternalID == "" {
			return nil, models.FieldError(fmt.Sprintf("order.refunds[%d].external_id", i), "A refund inside an order needs an external_id of its own.")
		}
		r.OrderNumber = models.Loose(number)
		one := in
		one.ExternalID, one.Raw = "refund:"+r.ExternalID+":"+r.OccurredAt.String(), nil
		one.OccurredAt = r.OccurredAt
		payload, err := r.read(one, currency)
		if err != nil {
			return nil, err
		}
		one.Payload = payload
		all = append(all, one)
	}
	return all, nil
}

type refund struct {
	ExternalID  string       `json:"external_id"`
	OrderNumber models.Loose `json:"order_number"`
	Amount      models.Loose `json:"amount"`
	Currency    string       `json:"currency"`
	Status      string       `json:"status"`
	Reason      string       `json:"reason"`
	OccurredAt  models.Time  `json:"occurred_at"`
}

func (r *refund) read(in models.Inbound, currency string) (models.Payload, error) {
	if r == nil {
		return nil, nil
	}
	number := strings.TrimPrefix(strings.TrimSpace(string(r.OrderNumber)), "#")
	if number == "" {
		return nil, models.FieldError("refund.order_number", "The refund does not say which order it belongs to.")
	}
	p := newPurse("refund", r.Currency, currency)
	minor := p.read("refund.amount", r.Amount)
	if p.err == nil && minor <= 0 {
		p.err = models.FieldError("refund.amount", "The amount of a refund must be more than zero.")
	}
	if p.err != nil {
		return nil, p.err
	}
	if r.Status == "" {
		r.Status = "done"
	}
	if r.Status != "pending" && r.Status != "done" && r.Status != "failed" {
		return nil, models.FieldError("refund.status", "The status of a refund is pending, done or failed.")
	}
	if r.ExternalID == "" {
		r.ExternalID = in.ExternalID
	}
	return &models.RefundIn{Refund: models.Refund{OrderNumber: number, ExternalID: r.ExternalID, Amount: minor, Currency: p.currency, Status: r.Status, Reason: r.Reason}}, nil
}

type returned struct {
	OrderNumber models.Loose `json:"order_number"`
	Number      models.Loose `json:"number"`
	Status      string       `json:"status"`
	Note        string       `json:"note"`
	Amount      models.Loose `json:"amount"`
	Currency    string       `json:"currency"`
	Lines       []line       `json:"lines"`
}

func (r *returned) read(currency string) (models.Payload, error) {
	if r == nil {
		return nil, nil
	}
	if r.OrderNumber == "" {
		return nil, models.FieldError("return.order_number", "The return does not say which order it belongs to.")
	}
	p := newPurse("return", r.Currency, currency)
	out := &models.ReturnIn{OrderNumber: strings.TrimPrefix(string(r.OrderNumber), "#"), Number: string(r.Number), Status: r.Status, Note: r.Note,
		Amount: p.read("return.amount", r.Amount), Currency: p.currency, Lines: p.lines("return", r.Lines)}
	return out, p.err
}

type cart struct {
	Status   string       `json:"status"`
	Currency string       `json:"currency"`
	Total    models.Loose `json:"total"`
	URL      string       `json:"url"`
	Lines    []line       `json:"lines"`
}

func (c *cart) read(currency string) (models.Payload, error) {
	if c == nil {
		return nil, nil
	}
	if c.Status == "" {
		c.Status = "updated"
	}
	p := newPurse("cart", c.Currency, currency)
	out := &models.CartIn{Status: c.Status, Currency: p.currency, Total: p.read("cart.total", c.Total), Lines: p.lines("cart", c.Lines)}
	if webURL(c.URL) {
		out.URL = c.URL
	}
	return out, p.err
}

type product struct {
	ID       models.Loose `json:"id"`
	Title    string       `json:"title"`
	URL      string       `json:"url"`
	Price    models.Loose `json:"price"`
	Currency string       `json:"currency"`
}

func (p *product) read(saved bool, currency string) (models.Payload, error) {
	if p == nil {
		return nil, nil
	}
	if strings.TrimSpace(p.Title) == "" {
		return nil, models.FieldError("product.title", "The product has no title.")
	}
	purse := newPurse("product", p.Currency, currency)
	out := &models.ProductIn{Saved: saved, ID: string(p.ID), Title: p.Title, Price: purse.read("product.price", p.Price), Currency: purse.currency}
	if webURL(p.URL) {
		out.URL = p.URL
	}
	return out, purse.err
}

// clipped keeps the parts of an address to a sensible length.
func clipped(p models.Postal) models.Postal {
	for _, s := range []*string{&p.Name, &p.Line1, &p.Line2, &p.City, &p.Region, &p.Postcode, &p.Country} {
		if r := []rune(strings.TrimSpace(*s)); len(r) > 200 {
			*s = string(r[:200])
		} else {
			*s = string(r)
		}
	}
	return p
}
