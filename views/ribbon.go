package views

import (
	"onethread/models"
)

// Ribbon tells the journey so far in chips: one per step, oldest first, the same event kinds in
// a row folded into their last one.
func (t Teller) Ribbon(events []models.Event) []Step {
	var out []Step
	seen := map[string]int{}
	for _, e := range events {
		f := Fact{Event: e}
		s, key := t.step(f)
		if s.Text == "" {
			continue
		}
		s.EventID, s.At = e.ID, t.at(e.OccurredAt)
		if at, ok := seen[key]; ok && key != "" {
			out = append(out[:at], out[at+1:]...)
			for k, i := range seen {
				if i > at {
					seen[k] = i - 1
				}
			}
		}
		seen[key] = len(out)
		out = append(out, s)
	}
	return out
}

// step tells one event; steps with the same key stand for the same thing, of which the newest
// counts.
func (t Teller) step(f Fact) (s Step, key string) {
	s.Icon = KindIcon(f.Kind, "")
	switch f.Kind {
	case models.KindOrder:
		o := read[models.OrderEvent](f).Order
		s.Text, s.Tone, key = t.W.T("ribbon.bought", o.Number), StatusTone(o.Status), "o"+o.Number
		if o.Status != "" && o.Status != "paid" {
			s.Text += ", " + t.W.K("order.status.", o.Status)
		}
	case models.KindRefund:
		r := read[models.RefundData](f)
		s.Text, s.Tone, key = t.W.T("ribbon.refund", Price(r.Amount, r.Currency)), StatusTone(r.Status), "r"+r.OrderNumber
	case models.KindReturn:
		r := read[models.ReturnData](f)
		s.Text, s.Tone, key = t.W.T("ribbon.returned", r.Number), StatusTone(r.Status), "b"+r.Number
	case models.KindProductSaved:
		s.Text, key = t.W.T("ribbon.saved", read[models.ProductData](f).Title), "s"
	case models.KindCart:
		s.Text, key = t.W.T("ribbon.cart"), "c"
	case models.KindVisit:
		s.Text, key = t.W.T("ribbon.visit"), "v"+t.at(f.OccurredAt).Format("0102")
	}
	if s.Tone == "muted" {
		s.Tone = ""
	}
	return s, key
}
