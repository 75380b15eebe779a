package views

import (
	"onethread/models"
)

func goods(lines []models.LineData, currency string) []CardLine {
	var out []CardLine
	for _, l := range lines {
		out = append(out, CardLine{Quantity: max(l.Quantity, 1), Text: l.Title, URL: SafeURL(l.URL), Amount: Price(l.Price, currency)})
	}
	return out
}

func link(out []Link, text, url string) []Link {
	if safe := SafeURL(url); safe != "" {
		out = append(out, Link{text, safe})
	}
	return out
}

func (t Teller) order(e *Entry, f Fact) {
	o := read[models.OrderEvent](f).Order
	e.Shape, e.Icon = ShapeCard, KindIcon(f.Kind, "")
	title := "order.title"
	switch f.Kind {
	case models.KindPayment:
		title = "payment.title"
	case models.KindFulfilment:
		title = "fulfilment.title"
	}
	c := &Card{Title: t.W.T(title, o.Number), Lines: goods(o.Lines, o.Currency), Text: o.Note}
	e.Card = c
	if o.Status != "" {
		c.Chips = []Chip{{Text: t.W.K("order.status.", o.Status), Tone: StatusTone(o.Status)}}
	}
	c.Sums = t.sums(o)
	if o.ShipTo != "" {
		c.Foot = t.W.T("order.ships", o.ShipTo)
	}
	for _, p := range o.Tracking {
		text := p.Carrier + " " + p.Number
		if SafeURL(p.URL) == "" {
			c.Foot = joined(c.Foot, text)
		}
		c.Links = link(c.Links, text, p.URL)
	}
	c.Links = link(c.Links, t.W.T("order.open"), o.URL)
}

func (t Teller) sums(o models.OrderData) []CardLine {
	var out []CardLine
	for _, s := range []struct{ key, amount string }{{"order.shipping", o.Shipping}, {"order.tax", o.Tax}, {"order.discount", negative(o.Discount)}} {
		if s.amount != "" {
			out = append(out, CardLine{Text: t.W.T(s.key), Amount: Price(s.amount, o.Currency)})
		}
	}
	if o.Total != "" {
		out = append(out, CardLine{Text: t.W.T("order.total"), Amount: Price(o.Total, o.Currency), Strong: true})
	}
	if o.Refunded != "" {
		out = append(out, CardLine{Text: t.W.T("order.refunded"), Amount: Price(negative(o.Refunded), o.Currency)})
	}
	return out
}

func negative(amount string) string {
	if amount == "" || amount[0] == '-' {
		return amount
	}
	return "-" + amount
}

func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " · " + b
}

func (t Teller) refund(e *Entry, f Fact) {
	r := read[models.RefundData](f)
	e.Shape, e.Icon = ShapeCard, "banknote"
	title := t.W.T("refund.plain")
	if r.OrderNumber != "" {
		title = t.W.T("refund.title", r.OrderNumber)
	}
	e.Card = &Card{Title: title, Text: r.Reason, Sums: []CardLine{{Text: t.W.T("order.refunded"), Amount: Price(r.Amount, r.Currency), Strong: true}}}
	if r.Status != "" {
		e.Card.Chips = []Chip{{Text: t.W.K("refund.status.", r.Status), Tone: StatusTone(r.Status)}}
	}
}

func (t Teller) returned(e *Entry, f Fact) {
	r := read[models.ReturnData](f)
	e.Shape, e.Icon = ShapeCard, "undo-2"
	title := t.W.T("return.title", r.Number)
	if r.OrderNumber != "" {
		title = t.W.T("return.of", r.Number, r.OrderNumber)
	}
	e.Card = &Card{Title: title, Text: r.Note, Lines: goods(r.Lines, r.Currency)}
	if r.Status != "" {
		e.Card.Chips = []Chip{{Text: t.W.K("return.status.", r.Status), Tone: StatusTone(r.Status)}}
	}
	if r.Amount != "" {
		e.Card.Sums = []CardLine{{Text: t.W.T("order.total"), Amount: Price(r.Amount, r.Currency), Strong: true}}
	}
}

func (t Teller) cart(e *Entry, f Fact) {
	d := read[models.CartData](f)
	e.Shape, e.Icon = ShapeCard, "shopping-cart"
	e.Card = &Card{Title: t.W.K("cart.", d.Status), Lines: goods(d.Lines, d.Currency), Links: link(nil, t.W.T("cart.open"), d.URL)}
	if d.Total != "" {
		e.Card.Sums = []CardLine{{Text: t.W.T("order.total"), Amount: Price(d.Total, d.Currency), Strong: true}}
	}
}

// call is a quiet line, or a card when there is something to listen to or to read.
func (t Teller) call(e *Entry, f Fact) {
	d := read[models.CallIn](f)
	e.Icon = "phone"
	if f.Kind == models.KindVoicemail || d.Outcome == "voicemail" {
		e.Icon = "voicemail"
	} else if d.Outcome == "missed" {
		e.Icon = "phone-missed"
	}
	text := t.callText(f, d)
	if d.Transcript == "" && SafeURL(d.Recording) == "" {
		e.Line = &Line{Text: text}
		return
	}
	e.Shape = ShapeCard
	e.Card = &Card{Title: text, Folded: d.Transcript, Links: link(nil, t.W.T("call.listen"), d.Recording)}
}

func (t Teller) callText(f Fact, d models.CallIn) string {
	long := t.W.Long(d.Duration)
	switch {
	case f.Kind == models.KindVoicemail || d.Outcome == "voicemail":
		return t.W.T("call.voicemail", long)
	case d.Outcome == "missed" && f.Direction == models.Out:
		return t.W.T("call.unanswered")
	case d.Outcome == "missed":
		return t.W.T("call.missed")
	}
	text := t.W.T("call.in", long)
	if f.Direction == models.Out || d.Direction == models.Out {
		text = t.W.T("call.out", long)
	}
	if d.AnsweredBy != "" {
		text = t.W.T("call.by", text, d.AnsweredBy)
	}
	return text
}
