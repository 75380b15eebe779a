package views

import (
	"cmp"
	"strings"

	"onethread/models"
)

// pages folds page views into one line: how many, which was looked at longest, and the rest
// behind a click.
func (t Teller) pages(facts []Fact) Entry {
	first := facts[0]
	e := Entry{ID: first.ID, Kind: first.Kind, At: t.at(facts[len(facts)-1].OccurredAt), Shape: ShapeLine, Icon: "eye"}
	var longest models.PageViewIn
	var details []string
	for _, f := range facts {
		p := read[models.PageViewIn](f)
		if p.Duration >= longest.Duration {
			longest = p
		}
		details = append(details, t.W.T("page.detail", t.at(f.OccurredAt).Format("15:04"), t.page(p)))
	}
	name := t.page(longest)
	switch {
	case len(facts) == 1 && longest.Name != "":
		e.Line = &Line{Text: t.W.T("page.named", longest.Name, name)}
	case len(facts) == 1 && longest.Duration > 0:
		e.Line = &Line{Text: t.W.T("page.long", name, t.W.Long(longest.Duration))}
	case len(facts) == 1:
		e.Line = &Line{Text: t.W.T("page.one", name)}
	case longest.Duration > 0:
		e.Line = &Line{Text: t.W.T("page.manylong", len(facts), name, t.W.Long(longest.Duration)), Details: details}
	default:
		e.Line = &Line{Text: t.W.T("page.many", len(facts), name), Details: details}
	}
	return e
}

func (t Teller) page(p models.PageViewIn) string {
	for _, s := range []string{p.Product, p.Title, p.URL} {
		if s = strings.TrimSpace(s); s != "" {
			return s
		}
	}
	return t.W.T("page.something")
}

func (t Teller) line(e *Entry, f Fact) {
	e.Icon = KindIcon(f.Kind, "")
	e.Line = &Line{}
	switch f.Kind {
	case models.KindVisit:
		e.Line.Text = t.visit(read[models.VisitIn](f))
	case models.KindProductSaved:
		p := read[models.ProductData](f)
		e.Line.Text = t.W.T("saved.yes", p.Title)
		if p.Price != "" {
			e.Line.Text = t.W.T("saved.price", p.Title, Price(p.Price, p.Currency))
		}
	case models.KindProductUnsaved:
		e.Line.Text = t.W.T("saved.no", read[models.ProductData](f).Title)
	case models.KindContact:
		t.address(e, f)
	case models.KindCode:
		t.code(e, f)
	case models.KindConsent:
		t.consent(e, f)
	case models.KindCustomer:
		e.Line.Text = t.record(read[models.CustomerData](f), t.who(f.UserName))
	case models.KindConversation:
		e.Icon, e.Line.Text = t.conversation(f)
	case models.KindMerge, models.KindUnmerge:
		t.merge(e, f)
	case models.KindSplit:
		t.split(e, f)
	case models.KindUnreadable:
		e.Line.Tone, e.Line.Text, e.Line.Raw = "bad", t.W.T("unreadable"), original(f.ID)
		if r := read[models.UnreadableIn](f); r.Reason != "" {
			e.Line.Text = t.W.T("unreadable.why", strings.TrimRight(r.Reason, ". "))
		}
	default:
		e.Line.Text = t.W.K("kind.", string(f.Kind))
	}
}

func (t Teller) visit(v models.VisitIn) string {
	text := t.W.T("visit.plain")
	if v.Location != "" {
		text = t.W.T("visit.at", v.Location)
	}
	if v.ServedBy != "" {
		text = t.W.T("visit.by", text, v.ServedBy)
	}
	return joined(text, v.Note)
}

func (t Teller) contact(d models.ContactData) string {
	switch {
	case d.Value == "":
		return t.W.T("contact.plain")
	case d.Evidence == models.Proved:
		return t.W.T("contact.proved", d.Value)
	case d.Evidence == models.Asserted:
		return t.W.T("contact.asserted", d.Value)
	}
	return t.W.T("contact.typed", d.Value)
}

// record tells what staff did to the record itself.
func (t Teller) record(d models.CustomerData, who string) string {
	name := d.Name
	if name == "" {
		name = t.W.T("merge.somebody")
	}
	switch d.Action {
	case "created":
		return t.W.T("record.created", who)
	case "refused":
		return t.W.T("record.refused", who, name)
	case "blocked", "unblocked":
		if d.Name == "" {
			return t.W.T("record."+d.Action, who)
		}
		return t.W.T("record."+d.Action+".address", who, d.Name)
	}
	return t.W.T("record.renamed", who, name)
}

// code tells that a one-time code was sent, where to, and what became of that.
func (t Teller) code(e *Entry, f Fact) {
	e.Icon = "shield-check"
	m := models.Message{}
	if f.Message != nil {
		m = *f.Message
	}
	e.Line.Text = t.W.T("code.sent", m.ToAddress)
	if read[models.CodeData](f).Purpose == "verify" {
		e.Line.Text = t.W.T("code.verify", m.ToAddress)
	}
	state := t.W.K("delivery.", m.State)
	if m.State == models.DeliveryFailed || m.State == models.DeliveryBounced {
		e.Line.Tone = "bad"
		if m.Error != "" {
			state = joined(state, m.Error)
		}
	}
	e.Line.Text = t.W.T("code.state", e.Line.Text, state)
}

// address tells what became of an address: that it was left or proved, or what staff did to it.
func (t Teller) address(e *Entry, f Fact) {
	d, who := read[models.ContactData](f), t.who(f.UserName)
	undo := ""
	switch d.Action {
	case "verified":
		e.Line.Text = t.W.T("address.verified", who, d.Value)
	case "removed":
		e.Line.Text, undo = t.W.T("address.removed", who, d.Value), "restore"
	case "restored":
		e.Line.Text = t.W.T("address.restored", who, d.Value)
	case "corrected":
		e.Line.Text = t.W.T("address.corrected", who, d.Before, d.Value)
	case "shared":
		e.Line.Text = t.W.T("address.shared", who, d.Value)
	case "unshared":
		e.Line.Text = t.W.T("address.unshared", who, d.Value)
	case "moved", "moved_back":
		e.Line.Text = t.moved(d, f.CustomerID == d.ToID || f.HomeID == d.ToID, who)
	default:
		e.Line.Text = t.contact(d)
	}
	if undo != "" && t.Gone[d.IdentityID] {
		e.Line.UndoURL, e.Line.Undo = "/identities/"+d.IdentityID.String()+"/"+undo, t.W.T("split.undo")
	}
	if d.Action == "moved" && t.Away[f.ID] {
		e.Line.UndoURL, e.Line.Undo = "/identities/"+d.IdentityID.String()+"/move-back", t.W.T("split.undo")
	}
}

func (t Teller) moved(d models.ContactData, here bool, who string) string {
	if here {
		return t.W.T("address.came", who, d.Value, cmp.Or(d.From, t.W.T("merge.somebody")))
	}
	return t.W.T("address.left", who, d.Value, cmp.Or(d.To, t.W.T("merge.somebody")))
}

func (t Teller) consent(e *Entry, f Fact) {
	d := read[models.ConsentData](f)
	channel := t.W.K("channel.type.", f.ChannelType)
	switch {
	case d.Source == "staff":
		purpose := "service"
		if d.Purpose != "" {
			purpose = d.Purpose
		}
		e.Line.Text = t.W.T("consent.staff."+d.State, t.who(f.UserName), channel, t.W.T("consent.purpose."+purpose), d.Proof)
	case d.State == models.OptedInState:
		e.Line.Text = t.W.T("consent.in", channel, d.Source)
	case d.Source == "carrier":
		e.Line.Tone, e.Line.Text = "bad", t.W.T("consent.carrier", channel)
	default:
		e.Line.Tone, e.Line.Text = "bad", t.W.T("consent.out", channel, d.Source)
	}
}

func (t Teller) conversation(f Fact) (icon, text string) {
	d, who := read[models.ConversationData](f), t.who(f.UserName)
	switch d.Action {
	case "opened":
		if d.Subject != "" {
			return "messages-square", t.W.T("conversation.opened.about", who, d.Subject)
		}
		return "mail", t.W.T("conversation.opened")
	case "assigned":
		if d.Assignee == f.UserName || d.Assignee == "" {
			return "circle-user", t.W.T("conversation.taken", who)
		}
		return "circle-user", t.W.T("conversation.assigned", who, d.Assignee)
	case "unassigned":
		return "circle-user", t.W.T("conversation.unassigned", who)
	case "snoozed":
		if d.Until == 0 {
			return "alarm-clock", t.W.T("conversation.snoozed."+d.For, who)
		}
		at := t.at(d.Until)
		return "alarm-clock", t.W.T("conversation.snoozed", who, t.W.Date(at)+" "+at.Format("15:04"))
	case "woken":
		return "alarm-clock", t.W.T("conversation.woken")
	case "closed":
		return "check", t.W.T("conversation.closed", who)
	case "spam", "not_spam":
		return "triangle-alert", t.W.T("conversation."+d.Action, who)
	case "reopened":
		if f.UserID == 0 {
			return "rotate-ccw", t.W.T("conversation.reopened.customer")
		}
		return "rotate-ccw", t.W.T("conversation.reopened", who)
	case "labelled":
		if len(d.Labels) == 0 {
			return "tag", t.W.T("conversation.unlabelled", who)
		}
		return "tag", t.W.T("conversation.labelled", who, strings.Join(d.Labels, ", "))
	}
	return "contact", t.W.T("conversation.other", who)
}

// MergeData is the data of merge and unmerge events.
type MergeData struct {
	MergeID models.ID `json:"merge_id"`
	Name    string    `json:"name"`
	Reason  string    `json:"reason"`
}

func (t Teller) merge(e *Entry, f Fact) {
	d := read[MergeData](f)
	if d.Name == "" {
		d.Name = t.W.T("merge.somebody")
	}
	switch {
	case f.Kind == models.KindUnmerge:
		e.Line.Text = t.W.T("merge.split", d.Name)
	case f.UserID != 0:
		e.Line.Text = t.W.T("merge.by", d.Name, t.who(f.UserName))
	case d.Reason != "":
		e.Line.Text = t.W.T("merge.auto", d.Name, d.Reason)
	default:
		e.Line.Text = t.W.T("merge.done", d.Name)
	}
	if f.Kind == models.KindMerge && t.Merges[d.MergeID] {
		e.Line.UndoURL, e.Line.Undo = "/merges/"+d.MergeID.String()+"/undo", t.W.T("merge.undo")
	}
}

// split tells that entries left for another thread or came from one, and what came back of them.
func (t Teller) split(e *Entry, f Fact) {
	d := read[models.SplitData](f)
	here, n, other := f.HomeID == d.ToID, len(d.Events), d.To
	if here {
		other = d.From
	}
	if other == "" {
		other = t.W.T("merge.somebody")
	}
	switch {
	case d.Action == "back" && here:
		e.Line.Text = t.W.N("split.from.back", n, other)
	case d.Action == "back":
		e.Line.Text = t.W.N("split.to.back", n, other)
	case here:
		e.Line.Text = t.W.N("split.from", n, other)
	default:
		e.Line.Text = t.W.N("split.to", n, other)
	}
	if t.Splits[f.ID] {
		e.Line.UndoURL, e.Line.Undo = "/events/"+f.ID.String()+"/move-back", t.W.T("split.undo")
	}
}

// Unreadable is why an event could not be read.
func Unreadable(e models.Event) string { return read[models.UnreadableIn](Fact{Event: e}).Reason }
