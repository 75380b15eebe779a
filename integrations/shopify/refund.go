package shopify

import (
	"fmt"

	"onethread/integrations/shopdata"
	"onethread/models"
)

// refunds reads those inside an order.
func (s shop) refunds(c call, money *shopdata.Purse, order models.Tree, oid, name string) []models.Inbound {
	var out []models.Inbound
	for i, r := range order.At("refunds").List() {
		inside := &shopdata.Purse{Currency: money.Currency, Fault: money.Fault}
		in, ok := s.refund(c, inside, r, oid)
		if inside.Fault != "" && money.Fault == "" {
			money.Fault = fmt.Sprintf("in refunds[%d] %s", i, inside.Fault)
		}
		if !ok {
			continue
		}
		in.Raw, in.RawType = nil, "" // the order's event keeps it
		in.Payload.(*models.RefundIn).Refund.OrderNumber = name
		out = append(out, in)
	}
	return out
}

// lateRefund reads refunds/create, which may come before its order.
func (s shop) lateRefund(c call, t models.Tree) []models.Inbound {
	oid := id(t.At("order_id"))
	if id(t.At("id")) == "" || oid == "" || !t.Has("transactions") {
		return s.unreadable(c, "The signed body is not a refund: it has no id, order_id or transactions.")
	}
	money := &shopdata.Purse{}
	in, ok := s.refund(c, money, t, oid)
	if money.Fault != "" {
		return s.unreadable(c, fmt.Sprintf("Refund %s could not be read: %s.", id(t.At("id")), money.Fault))
	}
	if !ok {
		return nil
	}
	return []models.Inbound{in}
}

// refund is false where no money was given back (goods were only put back on the shelf). It has no
// hints: its order tells whose it is. Money's currency stands in for transactions that name none.
func (s shop) refund(c call, money *shopdata.Purse, t models.Tree, oid string) (models.Inbound, bool) {
	rid := id(t.At("id"))
	amount, state := given(money, t.At("transactions").List())
	if rid == "" || amount <= 0 {
		return models.Inbound{}, false
	}
	at := moment(shopdata.First(t.At("processed_at").Text(), t.At("created_at").Text()))
	in := s.inbound(c, "refund:"+rid+":"+state, &models.RefundIn{Refund: models.Refund{ChannelID: s.channel, OrderExternalID: oid, ExternalID: rid,
		Amount: amount, Currency: money.Currency, Status: state, Reason: t.At("note").Line(500), OccurredAt: at}})
	in.OccurredAt = at
	return in, true
}

// given sums what went back by the state of its transactions. Only what failed altogether is failed.
func given(money *shopdata.Purse, transactions []models.Tree) (amount int64, state string) {
	var done, pending, failed int64
	for i, t := range transactions {
		if t.At("kind").Text() != "refund" {
			continue
		}
		if code := t.At("currency"); code.Text() != "" || money.Currency == "" {
			other := shopdata.NewPurse(code)
			if i > 0 && done+pending+failed > 0 && other.Currency != money.Currency && other.Fault == "" {
				other.Fault = "its transactions are in two currencies"
			}
			money.Currency, money.Fault = other.Currency, shopdata.First(money.Fault, other.Fault)
		}
		n := money.Exact(fmt.Sprintf("transactions[%d].amount", i), t.At("amount"))
		switch t.At("status").Text() {
		case "success":
			done += n
		case "pending":
			pending += n
		default:
			failed += n
		}
	}
	switch {
	case pending > 0:
		return done + pending, "pending"
	case done > 0:
		return done, "done"
	}
	return failed, "failed"
}
