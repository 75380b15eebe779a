package staff

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"onethread/models"
	"onethread/models/identity"
	"onethread/models/inbox"
	"onethread/models/store"
	"onethread/views"
)

func (s *Screens) head(r reader, a store.About) views.Head {
	c := a.Conversation
	h := views.Head{CustomerID: a.Customer.ID, ConversationID: c.ID, View: r.view, Name: cmp.Or(nameOf(a), r.words.T("entry.visitor")), Status: c.Status,
		Assignee: a.Assignee, AssigneeID: c.AssigneeID, Mine: c.AssigneeID == r.user.ID, SnoozedUntil: c.SnoozedUntil.Std().In(r.loc), CanWrite: r.canWrite(), CanEdit: r.canEdit()}
	for _, i := range a.Identities {
		if i.Kind == models.EmailIdentity || i.Kind == models.PhoneIdentity {
			h.Addresses = append(h.Addresses, cmp.Or(i.Display, i.Value))
		}
	}
	if slices.ContainsFunc(a.Identities, func(i models.Identity) bool { return i.Kind == models.ChatIdentity && s.Signals.Online(i.ID) }) {
		h.Addresses = append(h.Addresses, r.words.T("head.online"))
	}
	h.Staff = staffOptions(r, a)
	h.Snoozes = snoozes(r.words, s.now().In(r.loc))
	for _, l := range a.Labels {
		on := slices.ContainsFunc(a.On, func(o models.Label) bool { return o.ID == l.ID })
		h.Labels = append(h.Labels, views.Option{Value: l.Name, Text: l.Name, Current: on})
	}
	return h
}

func staffOptions(r reader, a store.About) []views.Option {
	var out []views.Option
	for _, u := range a.Staff {
		o := views.Option{Value: u.ID.String(), Text: u.Name, Current: u.ID == a.Conversation.AssigneeID}
		if u.ID == r.user.ID {
			o.Hint = r.words.T("head.me")
			out = slices.Insert(out, 0, o)
		} else {
			out = append(out, o)
		}
	}
	return append(out, views.Option{Value: "0", Text: r.words.T("head.nobody"), Current: a.Conversation.AssigneeID == 0})
}

// snoozes are the presets that lie ahead, in the reader's own time.
func snoozes(w *views.Words, now time.Time) []views.Option {
	at := func(days, hour int) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()+days, hour, 0, 0, 0, now.Location())
	}
	until := func(day time.Weekday) int { return (int(day)-int(now.Weekday())+6)%7 + 1 }
	var out []views.Option
	add := func(key string, t time.Time, layout string) {
		if t.After(now) {
			out = append(out, views.Option{Value: strconv.FormatInt(t.UnixMilli(), 10), Text: w.T(key), Hint: t.Format(layout)})
		}
	}
	if later := now.Add(3 * time.Hour).Truncate(5 * time.Minute); later.Day() == now.Day() {
		add("snooze.later", later, "15:04")
	}
	add("snooze.evening", at(0, 19), "15:04")
	add("snooze.tomorrow", at(1, 8), "15:04")
	add("snooze.saturday", at(until(time.Saturday), 10), "2 Jan 15:04")
	add("snooze.monday", at(until(time.Monday), 8), "2 Jan 15:04")
	return out
}

func (s *Screens) composer(r reader, a store.About, ways []inbox.Way) views.Composer {
	c := views.Composer{CustomerID: a.Customer.ID, UndoSeconds: r.user.UndoSeconds, Subject: replySubject(a.Conversation.Subject), NoteFirst: true}
	if !r.canNote() {
		return c
	}
	c.Notes = true
	for _, d := range a.Drafts {
		if d.Kind == "note" {
			c.DraftNote = d.Text
		} else {
			c.Draft, c.Subject = d.Text, cmp.Or(d.Subject, c.Subject)
		}
	}
	c.Reason = r.words.T("composer.reason.none")
	if !r.canWrite() {
		c.Reason = ""
		return c
	}
	several := map[string]int{}
	for _, w := range ways {
		several[w.ChannelType]++
	}
	for _, w := range ways {
		v := s.way(r, w, several[w.ChannelType] > 1)
		if w.Preset {
			v.Current, c.NoteFirst, c.Reason = true, false, r.words.T(w.Reason, r.words.K("channel.type.", w.ChannelType))
		}
		if c.CC == "" {
			c.CC = w.CC
		}
		c.Ways = append(c.Ways, v)
	}
	return c
}

func (s *Screens) way(r reader, w inbox.Way, several bool) views.Way {
	v := views.Way{Value: w.ChannelID.String() + "-" + w.IdentityID.String(), Kind: string(w.Kind), Icon: views.ChannelIcon(w.ChannelType),
		Text: r.words.K("channel.type.", w.ChannelType), Address: w.Address, HasSubject: w.Kind == models.EmailIdentity,
		MaxText: w.MaxText, Segments: w.Segments}
	if w.Kind == models.ChatIdentity {
		v.Address = r.words.T("way.here")
		if !s.Signals.Online(w.IdentityID) {
			v.Address = r.words.T("way.offline")
		}
	} else if several {
		v.Text = w.Address
	}
	if !w.OK {
		v.Disabled = r.words.T(cmp.Or(w.Problem, "reach.paused"))
	}
	return v
}

func replySubject(subject string) string {
	if subject == "" || len(subject) >= 3 && (subject[:3] == "Re:" || subject[:3] == "RE:") {
		return subject
	}
	return "Re: " + subject
}

func panel(r reader, a store.About, now time.Time) views.Panel {
	p := views.Panel{CustomerID: a.Customer.ID, Name: a.Customer.Name, Language: a.Customer.Language, Notes: a.Customer.Notes,
		Since: a.Customer.CreatedAt.Std().In(r.loc), CanWrite: r.canEdit(), Fact: fact(r, a, now)}
	for _, i := range a.Identities {
		p.Identities = append(p.Identities, identityView(r, i))
	}
	p.Several = several(a)
	for _, sp := range a.Spend {
		p.OrderCount += sp.Orders
		if sp.Net != 0 {
			p.Spent = append(p.Spent, views.Money(sp.Net, sp.Currency))
		}
	}
	shown := a.Orders
	if len(shown) > ordersInPanel {
		shown, p.MoreOrders = shown[:ordersInPanel], true
	}
	p.Orders = panelOrders(r, shown)
	for _, l := range a.On {
		p.Labels = append(p.Labels, views.Chip{Text: l.Name, Hue: l.Hue})
	}
	for _, sg := range a.Suggestions {
		p.Suggestions = append(p.Suggestions, views.Suggestion{ID: sg.ID, Other: sg.Other, Name: cmp.Or(sg.Name, r.words.T("entry.visitor")), Reason: sg.Reason, Value: sg.Value})
	}
	for _, m := range a.Merges {
		p.Merges = append(p.Merges, views.Merge{ID: m.ID, Name: cmp.Or(m.Name, r.words.T("merge.somebody")), Reason: m.Reason, By: m.By, At: models.Time(m.At).Std().In(r.loc)})
	}
	for _, m := range a.Records {
		if m.Notes != "" {
			p.Others = append(p.Others, views.OtherNotes{Name: cmp.Or(m.Name, r.words.T("merge.somebody")), Text: m.Notes})
		}
		p.Language = cmp.Or(p.Language, m.Language)
	}
	shopping(r, a, &p)
	return p
}

func identityView(r reader, i models.Identity) views.Identity {
	v := views.Identity{ID: i.ID, Icon: "contact", Value: cmp.Or(i.Display, i.Value), Evidence: string(i.Evidence), Reason: i.Reason, Shared: i.Shared}
	switch i.Kind {
	case models.EmailIdentity:
		v.Icon = "mail"
	case models.PhoneIdentity:
		v.Icon = "phone"
	case models.ChatIdentity:
		v.Icon, v.Value = "messages-square", r.words.T("panel.browser")
	}
	return v
}

func panelOrders(r reader, orders []store.OrderGlance) []views.PanelOrder {
	var out []views.PanelOrder
	for _, o := range orders {
		out = append(out, views.PanelOrder{Number: o.Number, Chip: views.Chip{Text: r.words.K("order.status.", o.Status), Tone: views.StatusTone(o.Status)},
			Total: views.Money(o.Total, o.Currency), Items: o.Items, At: models.Time(o.Placed).Std().In(r.loc), EventID: o.EventID})
	}
	return out
}

// shopping fills what the steps tell: the last visit, saved products, and a cart newer than the
// last order.
func shopping(r reader, a store.About, p *views.Panel) {
	saved := map[string]views.CardLine{}
	var names []string
	for _, e := range a.Steps {
		switch e.Kind {
		case models.KindVisit:
			p.LastVisit = r.words.Date(e.OccurredAt.Std().In(r.loc))
		case models.KindOrder:
			p.Cart = nil
		case models.KindCart:
			p.Cart = cart(e)
		case models.KindProductSaved, models.KindProductUnsaved:
			var d models.ProductData
			_ = json.Unmarshal([]byte(e.Data), &d)
			names = slices.DeleteFunc(names, func(n string) bool { return n == d.Title })
			if e.Kind == models.KindProductSaved {
				names = append(names, d.Title)
				saved[d.Title] = views.CardLine{Text: d.Title, Amount: views.Price(d.Price, d.Currency)}
			}
		}
	}
	for _, n := range names {
		p.Saved = append(p.Saved, saved[n])
	}
}

func cart(e models.Event) []views.CardLine {
	var d models.CartData
	_ = json.Unmarshal([]byte(e.Data), &d)
	var out []views.CardLine
	for _, l := range d.Lines {
		out = append(out, views.CardLine{Quantity: max(l.Quantity, 1), Text: l.Title, Amount: views.Price(l.Price, d.Currency)})
	}
	return out
}

// names that differ clearly on the orders under one address say that several people use it.
const clearlySeveral = 3

// several finds the addresses of which that is proposed to staff.
func several(a store.About) (out []views.Several) {
	names := map[models.ID][]string{}
	for _, b := range a.Buyers {
		names[b.ID] = append(names[b.ID], b.Name)
	}
	for _, i := range a.Identities {
		if identity.ClearlyDifferent(names[i.ID]) >= clearlySeveral {
			out = append(out, views.Several{ID: i.ID, Address: cmp.Or(i.Display, i.Value), Names: strings.Join(names[i.ID][:clearlySeveral], ", ")})
		}
	}
	return out
}
