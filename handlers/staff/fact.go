package staff

import (
	"encoding/json"
	"strings"
	"time"

	"onethread/models"
	"onethread/models/store"
	"onethread/views"
)

// lateAfter is how old a paid order may be before it is worth a word.
const lateAfter = 3 * 24 * time.Hour

// open is one unfinished thing.
type open struct {
	since time.Time
	text  string
}

// fact is the one sentence that staff need: the oldest unfinished thing.
func fact(r reader, a store.About, now time.Time) string {
	var oldest open
	consider := func(o open) {
		if o.text != "" && (oldest.text == "" || o.since.Before(oldest.since)) {
			oldest = o
		}
	}
	if w := a.Conversation.WaitingSince; w != 0 && now.Sub(w.Std()) > time.Hour {
		consider(open{w.Std(), r.words.T("fact.waiting", span(r.words, now.Sub(w.Std())))})
	}
	for _, o := range unfinished(r.words, a.Steps, now) {
		consider(o)
	}
	for _, o := range a.Orders {
		placed := models.Time(o.Placed).Std()
		if (o.Status == "paid" || o.Status == "processing") && now.Sub(placed) > lateAfter {
			consider(open{placed, r.words.T("fact.order", o.Number, strings.ToLower(r.words.K("order.status.", o.Status)), span(r.words, now.Sub(placed)))})
		}
	}
	return oldest.text
}

// unfinished finds refunds and returns whose last word is not an end.
func unfinished(w *views.Words, steps []models.Event, now time.Time) []open {
	last := map[string]open{}
	for _, e := range steps {
		switch e.Kind {
		case models.KindRefund:
			var d models.RefundData
			_ = json.Unmarshal([]byte(e.Data), &d)
			o := open{since: e.OccurredAt.Std()}
			if d.Status == "pending" {
				o.text = w.T("fact.refund", views.Price(d.Amount, d.Currency), span(w, now.Sub(o.since)))
			}
			last["refund"+d.OrderNumber] = o
		case models.KindReturn:
			var d models.ReturnData
			_ = json.Unmarshal([]byte(e.Data), &d)
			o := open{since: e.OccurredAt.Std()}
			if views.StatusTone(d.Status) == "warn" {
				o.text = w.T("fact.return", d.Number, strings.ToLower(w.K("return.status.", d.Status)))
			}
			last["return"+d.Number] = o
		}
	}
	var out []open
	for _, o := range last {
		out = append(out, o)
	}
	return out
}

// span is an age in words: "3 days", "4 hours", "20 minutes".
func span(w *views.Words, d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return w.N("span.days", int(d.Hours()/24))
	case d >= time.Hour:
		return w.N("span.hours", int(d.Hours()))
	}
	return w.N("span.minutes", max(1, int(d.Minutes())))
}
