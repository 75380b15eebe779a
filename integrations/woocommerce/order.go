package woocommerce

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"onethread/integrations/shopdata"
	"onethread/models"
)

// order reads an order as it stands now, and each refund on it as an event of its own. Whatever topic
// brings a version, it has the same id. An order that is still being typed at the checkout is none yet.
func (s store) order(req models.HookRequest, t models.Tree) []models.Inbound {
	oid, updated := t.At("id").ID(), changed(t)
	if oid == "" || !t.Has("line_items") {
		return s.unreadable(req, "The signed body is not an order: it has no id or no line_items.")
	}
	state := status(t.At("status").Line(60))
	if state == "" {
		return nil
	}
	number := shopdata.First(strings.TrimPrefix(t.At("number").Line(100), "#"), oid)
	if updated == 0 {
		return s.unreadable(req, fmt.Sprintf("Order #%s could not be read: it has no date_modified_gmt.", number))
	}
	money := shopdata.NewPurse(t.At("currency"))
	if money.Fault == "" && t.At("total").Text() == "" {
		money.Fault = "it has no total"
	}
	o := s.read(money, t, models.Order{ChannelID: s.channel, ExternalID: oid, Number: number, Status: state, Currency: money.Currency, UpdatedAt: updated})
	refunds := s.refunds(money, t, o)
	for _, in := range refunds {
		o.Refunded += in.Payload.(*models.RefundIn).Refund.Amount
	}
	if money.Fault != "" {
		return s.unreadable(req, fmt.Sprintf("Order #%s could not be read: %s.", number, money.Fault))
	}
	in := s.inbound(req, "", &models.OrderIn{Order: o})
	in.Hints, in.Name, in.OccurredAt = s.hints(t, oid), buyer(t), updated
	in.ExternalID = fmt.Sprintf("order:%s:%s:%s", oid, shopdata.Stamp(updated), shopdata.Digest(in.Payload, in.Hints))
	return append([]models.Inbound{in}, refunds...)
}

func (s store) read(money *shopdata.Purse, t models.Tree, o models.Order) models.Order {
	o.Total, o.Tax = money.Exact("total", t.At("total")), money.Exact("total_tax", t.At("total_tax"))
	o.Discount, o.Shipping = money.Exact("discount_total", t.At("discount_total")), money.Exact("shipping_total", t.At("shipping_total"))
	o.Note, o.ShipTo, o.Postal = t.At("customer_note").Lines(4000), address(t.At("shipping")), postal(t.At("shipping"))
	o.URL = s.base + "/wp-admin/post.php?post=" + o.ExternalID + "&action=edit"
	o.PlacedAt = moment(t.At("date_created_gmt"))
	o.Lines, o.Subtotal = lines(money, t)
	o.Tracking = tracking(t.At("meta_data").List())
	return o
}

var word = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// status gives our word for the store's; plugins add states of their own, which keep their word. Empty:
// not an order yet.
func status(s string) string {
	s = strings.ReplaceAll(strings.TrimPrefix(strings.ToLower(s), "wc-"), "-", "_")
	switch {
	case s == "checkout_draft" || s == "auto_draft" || s == "draft":
		return ""
	case s == "trash":
		return "deleted"
	case slices.Contains(models.OrderStates, s) || word.MatchString(s):
		return s
	}
	return "pending"
}

// refunds reads those inside an order; there is no webhook of theirs. They tell their negative total and
// no time of their own, so the order's clock stands in. They have no hints: the order tells whose they are.
func (s store) refunds(money *shopdata.Purse, t models.Tree, o models.Order) []models.Inbound {
	var out []models.Inbound
	for i, r := range t.At("refunds").List() {
		rid, amount := r.At("id").ID(), money.Exact(fmt.Sprintf("refunds[%d].total", i), r.At("total"))
		if amount < 0 {
			amount = -amount
		}
		if rid == "" || amount <= 0 {
			continue
		}
		in := models.Inbound{ChannelID: s.channel, ExternalID: "refund:" + rid, Signed: true, OccurredAt: o.UpdatedAt,
			Payload: &models.RefundIn{Refund: models.Refund{ChannelID: s.channel, OrderExternalID: o.ExternalID, OrderNumber: o.Number, ExternalID: rid,
				Amount: amount, Currency: money.Currency, Status: "done", Reason: r.At("reason").Line(500), OccurredAt: o.UpdatedAt}}}
		out = append(out, in)
	}
	return out
}

// orderGone reads order.deleted, which holds the id alone: the order went to the trash. The call has no
// clock, and a copy of it made later must change nothing, so that it has one id for ever.
func (s store) orderGone(req models.HookRequest, t models.Tree) []models.Inbound {
	oid := t.At("id").ID()
	if oid == "" || t.Has("line_items") || t.Has("date_modified_gmt") {
		return s.unreadable(req, "The signed body does not tell of a deleted order.")
	}
	now := models.At(req.Now)
	in := s.inbound(req, "order:"+oid+":deleted", &models.OrderIn{Order: models.Order{ChannelID: s.channel, ExternalID: oid, UpdatedAt: now}, Gone: true})
	in.OccurredAt = now
	return []models.Inbound{in}
}
