package shopify

import (
	"fmt"
	"strings"

	"onethread/integrations/shopdata"
	"onethread/models"
)

// order reads an order as it stands now, and each refund on it as an event of its own: the same that
// refunds/create gives. Whatever topic brings a version, it has the same id.
func (s shop) order(c call, t models.Tree) []models.Inbound {
	oid, updated := id(t.At("id")), moment(t.At("updated_at").Text())
	if oid == "" || !t.Has("line_items") {
		return s.unreadable(c, "The signed body is not an order: it has no id or no line_items.")
	}
	name := number(t, oid)
	if updated == 0 {
		return s.unreadable(c, fmt.Sprintf("Order #%s could not be read: it has no updated_at.", name))
	}
	money := shopdata.NewPurse(t.At("currency"))
	if money.Fault == "" && t.At("total_price").Text() == "" {
		money.Fault = "it has no total_price"
	}
	refunds := s.refunds(c, money, t, oid, name)
	o := s.read(money, t, oid, refunds)
	o.UpdatedAt = updated
	if money.Fault != "" {
		return s.unreadable(c, fmt.Sprintf("Order #%s could not be read: %s.", name, money.Fault))
	}
	in := s.inbound(c, "", &models.OrderIn{Order: o})
	in.Hints, in.Name, in.Language, in.OccurredAt = s.hints(t, oid), buyer(t), models.LanguageTag(t.At("customer_locale").Text()), updated
	in.ExternalID = fmt.Sprintf("order:%s:%s:%s", oid, shopdata.Stamp(updated), shopdata.Digest(in.Payload, in.Hints))
	return append([]models.Inbound{in}, refunds...)
}

func (s shop) read(money *shopdata.Purse, t models.Tree, oid string, refunds []models.Inbound) models.Order {
	o := models.Order{ChannelID: s.channel, ExternalID: oid, Number: number(t, oid), Status: status(t), Currency: money.Currency,
		Total: money.Exact("total_price", t.At("total_price")), Tax: money.Exact("total_tax", t.At("total_tax")),
		Discount: money.Exact("total_discounts", t.At("total_discounts")), Shipping: shipping(money, t),
		Note: t.At("note").Lines(4000), ShipTo: address(t.At("shipping_address")), Postal: postal(t.At("shipping_address")), URL: s.base + "/admin/orders/" + oid,
		PlacedAt: moment(shopdata.First(t.At("processed_at").Text(), t.At("created_at").Text())), Lines: lines(money, t.At("line_items").List()),
		Tracking: tracking(t.At("fulfillments").List())}
	field := "total_line_items_price" // before discounts; subtotal_price is after them
	if t.At(field).Text() == "" {
		field = "subtotal_price"
	}
	o.Subtotal = money.Exact(field, t.At(field))
	for _, in := range refunds {
		if r := in.Payload.(*models.RefundIn).Refund; r.Status == "done" && r.Currency == o.Currency {
			o.Refunded += r.Amount
		}
	}
	return o
}

// orderGone reads orders/delete, which holds the id alone. Nothing follows a deletion, so it has one
// id for ever.
func (s shop) orderGone(c call, t models.Tree) []models.Inbound {
	oid := id(t.At("id"))
	if oid == "" || t.Has("line_items") || t.Has("updated_at") {
		return s.unreadable(c, "The signed body does not tell of a deleted order.")
	}
	in := s.inbound(c, "order:"+oid+":deleted", &models.OrderIn{Order: models.Order{ChannelID: s.channel, ExternalID: oid, UpdatedAt: c.at()}, Gone: true})
	in.OccurredAt = c.at()
	return []models.Inbound{in}
}

// number is how people call the order: its name without "#".
func number(t models.Tree, oid string) string {
	return shopdata.First(strings.TrimPrefix(t.At("name").Line(100), "#"), t.At("order_number").Line(100), oid)
}

// status folds Shopify's three clocks of an order into one word of models.OrderStates.
func status(t models.Tree) string {
	paid, sent := t.At("financial_status").Text(), t.At("fulfillment_status").Text()
	switch {
	case t.At("cancelled_at").Text() != "" || paid == "voided":
		return "cancelled"
	case paid == "refunded":
		return "refunded"
	case sent == "fulfilled":
		return "fulfilled"
	case sent == "partial":
		return "partially_fulfilled"
	}
	switch paid {
	case "partially_refunded", "paid", "partially_paid", "authorized":
		return paid
	}
	return "pending"
}

// shipping is what the buyer pays for it; older API versions tell only the single lines.
func shipping(money *shopdata.Purse, t models.Tree) int64 {
	if sum := t.At("total_shipping_price_set", "shop_money", "amount"); sum.Text() != "" {
		return money.Exact("total_shipping_price_set", sum)
	}
	var sum int64
	for _, l := range t.At("shipping_lines").List() {
		sum += money.Exact("shipping_lines.price", l.At("price"))
	}
	return sum
}

// address is who and where on one line.
func address(a models.Tree) string {
	city := strings.TrimSpace(a.At("zip").Line(20) + " " + a.At("city").Line(100))
	var parts []string
	for _, p := range []string{person(a), a.At("company").Line(100), a.At("address1").Line(200), a.At("address2").Line(200), city,
		a.At("province").Line(100), shopdata.First(a.At("country").Line(60), a.At("country_code").Line(60))} {
		if p != "" && (len(parts) == 0 || parts[len(parts)-1] != p) {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ", ")
}

// postal is an address in its parts.
func postal(a models.Tree) models.Postal {
	return models.Postal{Name: person(a), Line1: a.At("address1").Line(200), Line2: a.At("address2").Line(200), City: a.At("city").Line(100), Region: a.At("province").Line(100),
		Postcode: a.At("zip").Line(20), Country: shopdata.First(a.At("country_code").Line(60), a.At("country").Line(60))}
}
