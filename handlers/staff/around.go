package staff

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"onethread/models"
	"onethread/models/auth"
	"onethread/models/identity"
	"onethread/models/inbox"
	"onethread/models/store"
	"onethread/views"
)

func (s *Screens) head(r reader, a store.About) views.Head {
	c := a.Conversation
	h := views.Head{CustomerID: a.Customer.ID, ConversationID: c.ID, View: r.view, Name: cmp.Or(nameOf(a), r.words.T("entry.visitor")), Status: c.Status,
		Assignee: a.Assignee, AssigneeID: c.AssigneeID, Mine: c.AssigneeID == r.user.ID, SnoozedFor: c.SnoozedFor, Conversations: matters(r, a), Spam: c.Spam, CanWrite: r.canWrite(), CanEdit: r.canEdit()}
	if c.SnoozedUntil != 0 {
		h.SnoozedUntil = c.SnoozedUntil.Std().In(r.loc)
	}
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

// matters are the conversations that staff may choose among: none where there is only one.
func matters(r reader, a store.About) []views.Matter {
	if len(a.Open) == 0 || len(a.Open) == 1 && a.Open[0].ID == a.Conversation.ID {
		return nil
	}
	var out []views.Matter
	for _, o := range a.Open {
		out = append(out, views.Matter{ID: o.ID, Subject: cmp.Or(o.Subject, channelsOf(r, o.Channels), r.words.T("matter.nameless")), Status: r.words.K("matter.status.", o.Status), Assignee: o.Assignee, Current: o.ID == a.Conversation.ID})
	}
	return out
}

// channelsOf names the channels of a conversation without a subject.
func channelsOf(r reader, types string) string {
	var names []string
	for _, t := range strings.Fields(types) {
		names = append(names, r.words.K("channel.type.", t))
	}
	return strings.Join(names, ", ")
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

// laters are the times that an answer may go out at instead of now.
func laters(w *views.Words, now time.Time) []views.Option {
	return slices.DeleteFunc(snoozes(w, now), func(o views.Option) bool { return o.Text == w.T("snooze.later") || o.Text == w.T("snooze.saturday") })
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
	c := views.Composer{CustomerID: a.Customer.ID, UndoSeconds: r.user.UndoSeconds, Subject: subjectOf(a.Conversation), NoteFirst: true}
	if len(matters(r, a)) > 0 {
		c.About = a.Conversation.ID
	}
	if !r.canNote() {
		return c
	}
	c.Notes = true
	var cc *string
	for _, d := range a.Drafts {
		if d.Kind == "note" {
			c.DraftNote, c.NoteClient, c.NoteFiles = d.Text, d.ClientID, draftFiles(d)
		} else {
			c.Draft, c.Subject, c.BCC, c.Picked, c.Client, c.Files = d.Text, cmp.Or(d.Subject, c.Subject), d.BCC, d.Way, d.ClientID, draftFiles(d)
			cc = d.CC
		}
	}
	c.Reason = r.words.T("composer.reason.none")
	if !r.canWrite() {
		c.Reason = ""
		return c
	}
	c.Laters = laters(r.words, s.now().In(r.loc))
	several := map[string]int{}
	for _, w := range ways {
		several[w.ChannelType]++
	}
	for _, w := range ways {
		v := s.way(r, w, several[w.ChannelType] > 1)
		if w.Preset {
			v.Current, v.Preset, c.NoteFirst, c.Reason = true, true, false, r.words.T(w.Reason, r.words.K("channel.type.", w.ChannelType))
		}
		if c.NoteFirst && w.OK {
			c.Reason = r.words.T("composer.reason.doubt")
		}
		c.All = cmp.Or(c.All, w.CC)
		c.Ways = append(c.Ways, v)
	}
	if c.CC = c.All; cc != nil {
		c.CC = *cc
	}
	c.Picked = pick(c.Ways, c.Picked)
	return c
}

// pick makes the way that a draft was begun for the current one, if it can be used.
func pick(ways []views.Way, picked string) string {
	at := slices.IndexFunc(ways, func(w views.Way) bool { return w.Value == picked && w.Disabled == "" })
	if at < 0 {
		return ""
	}
	for i := range ways {
		ways[i].Current = i == at
	}
	return picked
}

// draftFiles describes a draft's files to the composer's script.
func draftFiles(d store.Draft) string {
	type file struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		Type   string `json:"type"`
		Size   int64  `json:"size"`
		URL    string `json:"url"`
		Inline bool   `json:"inline"`
	}
	all := []file{}
	for _, f := range d.Files {
		all = append(all, file{f.ID.String(), cmp.Or(f.Name, f.Type), f.Type, f.Size, "/attachments/" + f.Token + "?inline=1", f.Inline})
	}
	b, _ := json.Marshal(all)
	return string(b)
}

func (s *Screens) way(r reader, w inbox.Way, several bool) views.Way {
	v := views.Way{Value: w.ChannelID.String() + "-" + w.IdentityID.String(), Kind: string(w.Kind), Icon: views.ChannelIcon(w.ChannelType),
		Text: r.words.K("channel.type.", w.ChannelType), Address: w.Address, HasSubject: w.Kind == models.EmailIdentity,
		MaxText: w.MaxText, Segments: w.Segments}
	if v.HasSubject {
		v.Sign = r.user.Sign(w.Signature, w.Shop)
	}
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
	} else if w.Doubt != "" {
		v.Warning = r.words.T(w.Doubt, w.Address, strings.TrimRight(cmp.Or(w.Why, r.words.T("delivery.unknown")), ". "))
	}
	return v
}

// subjectOf is what the next mail of a conversation is about: the first one answers nothing.
func subjectOf(c models.Conversation) string {
	if c.LastEventID == 0 {
		return c.Subject
	}
	return replySubject(c.Subject)
}

func replySubject(subject string) string {
	if subject == "" || len(subject) >= 3 && (subject[:3] == "Re:" || subject[:3] == "RE:") {
		return subject
	}
	return "Re: " + subject
}

func panel(r reader, a store.About, now time.Time) views.Panel {
	p := views.Panel{CustomerID: a.Customer.ID, Name: a.Customer.Name, Language: a.Customer.Language, Notes: a.Customer.Notes,
		Since: a.Customer.CreatedAt.Std().In(r.loc), CanWrite: r.canEdit(), CanErase: auth.Can(r.user.Role, auth.PrivacyWrite), Fact: fact(r, a, now)}
	p.Company, p.Marks, p.Blocked = a.Kept.Company, a.Kept.Labels, a.Kept.Blocked != 0
	if there, err := time.LoadLocation(a.Kept.TimeZone); err == nil && a.Kept.TimeZone != "" {
		p.Time = now.In(there).Format("15:04")
	}
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
		v.Icon, v.Ask = "mail", askOf(r, i)
	case models.PhoneIdentity:
		v.Icon, v.Ask = "phone", askOf(r, i)
	case models.ChatIdentity:
		v.Icon, v.Value = "messages-square", r.words.T("panel.browser")
	}
	return v
}

// askOf is what a member of staff may send to an address: the question whether it is theirs, or a link to go
// on elsewhere.
func askOf(r reader, i models.Identity) string {
	switch {
	case i.Evidence == models.Typed && r.canEdit():
		return "verify"
	case i.Evidence != models.Typed && !i.Shared && r.canWrite():
		return "continue"
	}
	return ""
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
