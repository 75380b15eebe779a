package views

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"onethread/models"
	"onethread/models/auth"
)

// Fact is an event with everything needed to show it.
type Fact struct {
	models.Event
	ChannelType string
	ChannelName string
	UserName    string
	Message     *models.Message
	Attachments []models.Attachment
	Beside      models.Beside
}

// Teller turns events into entries, for one reader and one customer.
type Teller struct {
	W        *Words
	Loc      *time.Location
	Now      time.Time
	Customer string               // the customer's name, for their bubbles
	Seen     models.ID            // the reader's read mark: what is newer and inbound is "new"
	Me       models.User          // the reader
	Matters  map[models.ID]string // what the customer's other open conversations are about
	Instant  map[string]bool      // channel types that send without an undo window
	Ways     []Way                // how the customer can be answered: what failed on one way is offered on another
	Merges   map[models.ID]bool   // merges that the reader may undo: those that still stand
	Splits   map[models.ID]bool   // moves that the reader may take back
	Gone     map[models.ID]bool   // addresses that were removed and may come back
	Away     map[models.ID]bool   // events that tell of an address's newest move, which may be taken back
	Shared   map[models.ID]bool   // addresses that several people use
}

// foldWithin is how close page views must be to become one line.
const foldWithin = 30 * time.Minute

// Entries tells a window of a thread, oldest first: page views folded, day chips and the
// "New since you looked" mark set.
func (t Teller) Entries(facts []Fact) []Entry {
	var out []Entry
	day, marked := "", t.Seen == 0
	for i := 0; i < len(facts); {
		n := t.run(facts[i:])
		e := t.group(facts[i : i+n])
		e.Moves = t.moves(facts[i : i+n])
		e.Redacts = redactable(facts[i])
		e.Else = e.Moves != "" && t.Shared[facts[i].AnchorID] && facts[i].Direction != models.Out
		if d := e.At.Format("2006-01-02"); d != day {
			day, e.Day = d, t.W.Day(e.At, t.Now)
		}
		if !marked && facts[i].ID > t.Seen && facts[i].Direction == models.In && !facts[i].Silent {
			marked, e.New = true, true
		}
		out = append(out, e)
		i += n
	}
	return out
}

// redactable tells whether an entry has words that can be taken out: not while they are on their way.
func redactable(f Fact) bool {
	return f.Message != nil && f.Message.RedactedAt == 0 && f.Message.State != models.DeliveryQueued && f.Message.State != models.DeliverySending
}

// moves lists what moving an entry takes along, where the reader may move it.
func (t Teller) moves(facts []Fact) string {
	if !slices.Contains(models.Movable, facts[0].Kind) || !auth.Can(t.Me.Role, auth.CustomersWrite) {
		return ""
	}
	ids := make([]string, len(facts))
	for i, f := range facts {
		ids[i] = f.ID.String()
	}
	return strings.Join(ids, ",")
}

// run counts how many of the facts at the front belong into one entry.
func (t Teller) run(facts []Fact) int {
	n := 1
	for facts[0].Kind == models.KindPageView && n < len(facts) && facts[n].Kind == models.KindPageView &&
		facts[n].OccurredAt.Sub(facts[n-1].OccurredAt) <= foldWithin {
		n++
	}
	return n
}

func (t Teller) group(facts []Fact) Entry {
	if len(facts) > 1 {
		return t.pages(facts)
	}
	return t.Entry(facts[0])
}

// Entry tells one event. Every kind has its shape; one that is unknown is a quiet line.
func (t Teller) Entry(f Fact) Entry {
	e := Entry{ID: f.ID, CustomerID: f.CustomerID, Kind: f.Kind, About: f.ConversationID, At: t.at(f.OccurredAt), Shape: ShapeLine, Icon: "contact"}
	switch f.Kind {
	case models.KindMessage, models.KindNote:
		t.message(&e, f)
	case models.KindOrder, models.KindPayment, models.KindFulfilment:
		t.order(&e, f)
	case models.KindRefund:
		t.refund(&e, f)
	case models.KindReturn:
		t.returned(&e, f)
	case models.KindCart:
		t.cart(&e, f)
	case models.KindCall, models.KindVoicemail:
		t.call(&e, f)
	case models.KindPageView:
		return t.pages([]Fact{f})
	default:
		t.line(&e, f)
	}
	return e
}

func (t Teller) at(m models.Time) time.Time {
	if t.Loc == nil {
		return m.Std()
	}
	return m.Std().In(t.Loc)
}

// read decodes an event's data. Data that does not fit leaves zero values: the event is shown
// with what is known, never hidden.
func read[T any](f Fact) T {
	var v T
	_ = json.Unmarshal([]byte(f.Data), &v)
	return v
}

func (t Teller) who(name string) string {
	if name == "" {
		return t.W.T("entry.somebody")
	}
	return name
}

// ChannelIcon is the mark of a channel type.
func ChannelIcon(kind string) string {
	switch kind {
	case "email":
		return "mail"
	case "webchat", "chat":
		return "messages-square"
	case "twilio", "sms", "whatsapp", "phone":
		return "message-square-text"
	case "counter":
		return "store"
	case "stripe", "square":
		return "credit-card"
	}
	return "shopping-bag"
}

// KindIcon is the mark of a kind of event, or of its channel for messages.
func KindIcon(kind models.Kind, channel string) string {
	switch kind {
	case models.KindMessage, "":
		return ChannelIcon(channel)
	case models.KindNote:
		return "sticky-note"
	case models.KindOrder:
		return "shopping-bag"
	case models.KindPayment:
		return "credit-card"
	case models.KindFulfilment:
		return "truck"
	case models.KindRefund:
		return "banknote"
	case models.KindReturn:
		return "undo-2"
	case models.KindCart:
		return "shopping-cart"
	case models.KindVisit:
		return "store"
	case models.KindCall:
		return "phone"
	case models.KindVoicemail:
		return "voicemail"
	case models.KindPageView:
		return "eye"
	case models.KindProductSaved:
		return "bookmark"
	case models.KindProductUnsaved:
		return "bookmark-x"
	case models.KindMerge:
		return "merge"
	case models.KindUnmerge, models.KindSplit:
		return "split"
	case models.KindUnreadable:
		return "file-question-mark"
	}
	return "contact"
}

// StatusTone is the colour of an order's, refund's or return's state.
func StatusTone(status string) string {
	switch status {
	case "paid", "fulfilled", "shipped", "delivered", "completed", "done", "received":
		return "good"
	case "pending", "on_hold", "partially_paid", "partially_fulfilled", "refund_pending", "requested", "authorized", "processing":
		return "warn"
	case "failed", "cancelled", "rejected":
		return "bad"
	}
	return "muted"
}

// Preview is the one line of a row: the last words, or what happened when there were none.
func (w *Words) Preview(kind models.Kind, text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if text != "" {
		return text
	}
	return w.K("kind.", string(kind))
}
