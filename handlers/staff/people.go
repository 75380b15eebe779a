package staff

import (
	"cmp"
	"strings"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/inbox"
	"onethread/models/search"
	"onethread/models/store"
	"onethread/views"
)

// candidates is how many customers a picker offers.
const candidates = 8

// chosen reads the id of a customer from a form or query; empty is zero.
func chosen(c *fiber.Ctx, name string) (models.ID, error) {
	text := cmp.Or(c.FormValue(name), c.Query(name))
	if text == "" {
		return 0, nil
	}
	n, err := models.ParseID(text)
	if err != nil || n <= 0 {
		return 0, models.FieldError(name, "There is no customer with the id %q.", text)
	}
	return n, nil
}

// MergeForm answers GET /customers/{id}/merge?with=ID&into=ID: whom to merge with or, where that is
// chosen, the two side by side. into is the one whose thread stays; without it that is the open one.
func (s *Screens) MergeForm(c *fiber.Ctx) error {
	customer, err := id(c, "id")
	if err != nil {
		return err
	}
	with, err := chosen(c, "with")
	if err != nil {
		return err
	}
	if with == 0 {
		return s.pick(c, customer, views.Picker{})
	}
	into, err := chosen(c, "into")
	if err != nil {
		return err
	}
	p, err := s.preview(c, customer, with, into)
	if err != nil {
		return err
	}
	return web.Page(c, s.Views, fiber.StatusOK, "merge_preview", p)
}

// pick draws the search for another customer.
func (s *Screens) pick(c *fiber.Ctx, customer models.ID, p views.Picker) error {
	who, err := store.Living(s.Store.Read(c.UserContext()), customer)
	if err != nil {
		return err
	}
	p.CustomerID, p.Name = who.ID, cmp.Or(who.Name, s.words(c).T("entry.visitor"))
	return web.Page(c, s.Views, fiber.StatusOK, "pick", p)
}

// Others answers GET /customers/{id}/others?q=: whom the words find, without the customer itself.
func (s *Screens) Others(c *fiber.Ctx) error {
	customer, err := id(c, "id")
	if err != nil {
		return err
	}
	q := s.Store.Read(c.UserContext())
	who, err := store.Living(q, customer)
	if err != nil {
		return err
	}
	p := views.Picker{CustomerID: who.ID, Query: strings.TrimSpace(strings.ToValidUTF8(c.Query("q"), ""))}
	if len(p.Query) > 200 {
		return models.FieldError("q", "Search for a name or an address, in at most 200 letters.")
	}
	if p.Address, err = chosen(c, "address"); err != nil {
		return err
	}
	events, err := entriesIn(c.Query("events"))
	if err != nil {
		return err
	}
	p.Events, p.Count = joinIDs(events), len(events)
	found, err := search.Customers(q, p.Query, candidates+1)
	if err != nil {
		return err
	}
	for _, h := range found {
		if h.ID != who.ID && len(p.Found) < candidates {
			p.Found = append(p.Found, views.Candidate{ID: h.ID, Name: cmp.Or(h.Name, h.Address, s.words(c).T("entry.visitor")), Address: h.Address})
		}
	}
	p.Searched = p.Query != ""
	return web.Page(c, s.Views, fiber.StatusOK, "others", p)
}

// preview reads both sides of a merge.
func (s *Screens) preview(c *fiber.Ctx, customer, with, into models.ID) (views.MergePreview, error) {
	q, r := s.Store.Read(c.UserContext()), s.reader(c)
	a, err := store.Living(q, customer)
	if err != nil {
		return views.MergePreview{}, err
	}
	b, err := store.Living(q, with)
	if err != nil {
		return views.MergePreview{}, err
	}
	if a.ID == b.ID {
		return views.MergePreview{}, models.Errorf(models.Conflict, "These two are one customer already.")
	}
	p := views.MergePreview{CustomerID: a.ID}
	if p.Suggestion, p.Why, err = why(q, a.ID, b.ID); err != nil {
		return p, err
	}
	from, stays := b.ID, a.ID
	if into == b.ID {
		from, stays = a.ID, b.ID
	}
	if p.From, err = s.side(q, r, from); err != nil {
		return p, err
	}
	p.Into, err = s.side(q, r, stays)
	return p, err
}

// why finds the open suggestion about two customers, and what speaks for it.
func why(q store.Q, a, b models.ID) (models.ID, []views.Proof, error) {
	open, err := store.SuggestionsFor(q, a)
	if err != nil {
		return 0, nil, err
	}
	for _, s := range open {
		if s.CustomerID != b && s.OtherID != b {
			continue
		}
		clues, err := store.CluesOf(q, []models.ID{s.ID})
		return s.ID, proofs(clues[s.ID]), err
	}
	return 0, nil, nil
}

func proofs(clues []models.Clue) (out []views.Proof) {
	for _, c := range clues {
		out = append(out, views.Proof{Reason: c.Reason, Value: c.Value})
	}
	return out
}

const lastSaid = 3

func (s *Screens) side(q store.Q, r reader, customer models.ID) (views.Side, error) {
	a, err := store.AboutCustomer(q, customer, r.user.ID, 0, 0)
	if err != nil {
		return views.Side{}, err
	}
	v := views.Side{ID: customer, Name: cmp.Or(nameOf(a), r.words.T("entry.visitor")), Since: a.Customer.CreatedAt.Std().In(r.loc), Notes: a.Customer.Notes}
	for _, i := range a.Identities {
		v.Identities = append(v.Identities, identityView(r, i))
	}
	for _, sp := range a.Spend {
		v.OrderCount += sp.Orders
		if sp.Net != 0 {
			v.Spent = append(v.Spent, views.Money(sp.Net, sp.Currency))
		}
	}
	all, err := store.ConversationsOf(q, customer)
	if err != nil {
		return v, err
	}
	for _, k := range all {
		if k.Status != models.StatusClosed {
			v.Open++
		}
	}
	last, err := store.Thread(q, store.ThreadFilter{CustomerID: customer, Kinds: []models.Kind{models.KindMessage}, Limit: lastSaid})
	for _, e := range last {
		text := cmp.Or(e.Message.ReplyText, e.Message.Text, e.Message.Subject)
		v.Last = append(v.Last, views.Said{Out: e.Direction == models.Out, Text: views.Shorten(text, 140), At: e.OccurredAt.Std().In(r.loc)})
	}
	return v, err
}

// Merge answers POST /customers/{id}/merge: the two become one, in the thread of into.
func (s *Screens) Merge(c *fiber.Ctx) error {
	customer, err := id(c, "id")
	if err != nil {
		return err
	}
	with, err := chosen(c, "with")
	if err != nil {
		return err
	}
	into, err := chosen(c, "into")
	if err != nil {
		return err
	}
	if with == 0 || (into != 0 && into != with && into != customer) {
		return models.FieldError("with", "Choose the two customers who are one person.")
	}
	from, stays := with, customer
	if into == with {
		from, stays = customer, with
	}
	merge, err := s.Inbox.Merge(c.UserContext(), web.User(c).ID, from, stays)
	if err != nil {
		return err
	}
	return s.merged(c, merge)
}

// merged says in the sheet that two are one, with the way back.
func (s *Screens) merged(c *fiber.Ctx, merge models.ID) error {
	q, w := s.Store.Read(c.UserContext()), s.words(c)
	m, err := store.Merge(q, merge)
	if err != nil {
		return err
	}
	from, err := store.Customer(q, m.FromID)
	if err != nil {
		return err
	}
	text := w.T("merge.done", cmp.Or(from.Name, w.T("merge.somebody")))
	return s.told(c, views.Told{Text: text, Undo: "/merges/" + merge.String() + "/undo"})
}

// told closes the sheet and says what was done; the browser draws its thread anew.
func (s *Screens) told(c *fiber.Ctx, t views.Told) error {
	return web.Page(c, s.Views, fiber.StatusOK, "sheet_done", t)
}

// MoveForm answers GET /customers/{id}/move?events=1,2: to whom these entries belong.
func (s *Screens) MoveForm(c *fiber.Ctx) error {
	customer, err := id(c, "id")
	if err != nil {
		return err
	}
	events, err := entriesIn(c.Query("events"))
	if err != nil {
		return err
	}
	p := views.Picker{Events: joinIDs(events), Count: len(events)}
	if len(events) == 1 {
		sharers, err := store.SharersOf(s.Store.Read(c.UserContext()), events[0])
		if err != nil {
			return err
		}
		for _, h := range sharers {
			p.Sharers = append(p.Sharers, views.Candidate{ID: h.ID, Name: cmp.Or(h.Name, h.Address, s.words(c).T("entry.visitor")), Address: h.Address})
		}
	}
	return s.pick(c, customer, p)
}

// Move answers POST /customers/{id}/move: entries of this thread go to another customer, or to a new one.
func (s *Screens) Move(c *fiber.Ctx) error {
	customer, err := id(c, "id")
	if err != nil {
		return err
	}
	var in struct {
		Events string `form:"events"`
		To     string `form:"to"`
		Name   string `form:"name"`
	}
	if err := web.Form(c, &in); err != nil {
		return err
	}
	move := inbox.Split{From: customer, Name: in.Name}
	if move.Events, err = entriesIn(in.Events); err != nil {
		return err
	}
	if move.To, err = chosen(c, "to"); err != nil {
		return err
	}
	to, err := s.Inbox.Move(c.UserContext(), web.User(c).ID, move)
	if err != nil {
		return err
	}
	who, err := store.Customer(s.Store.Read(c.UserContext()), to)
	if err != nil {
		return err
	}
	w := s.words(c)
	return s.told(c, views.Told{Text: w.N("split.to", len(move.Events), cmp.Or(who.Name, w.T("merge.somebody"))), Undo: s.takeBack(c, move.Events[0])})
}

// takeBack is where the move that an entry was part of can be taken back; empty when it was with them already.
func (s *Screens) takeBack(c *fiber.Ctx, event models.ID) string {
	m, ok, err := store.MoveOf(s.Store.Read(c.UserContext()), event)
	if err != nil || !ok || m.SplitID == 0 {
		return ""
	}
	return "/events/" + m.SplitID.String() + "/move-back"
}

// MoveBack answers POST /events/{id}/move-back.
func (s *Screens) MoveBack(c *fiber.Ctx) error {
	event, err := id(c, "id")
	if err != nil {
		return err
	}
	return done(c, s.Inbox.MoveBack(c.UserContext(), web.User(c).ID, event))
}

// entriesIn reads ids out of a comma-separated list; none is an empty list.
func entriesIn(text string) (out []models.ID, err error) {
	if len(text) > 1<<14 {
		return nil, models.FieldError("events", "These are too many entries at a time.")
	}
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' }) {
		n, err := models.ParseID(part)
		if err != nil || n <= 0 {
			return nil, models.FieldError("events", "%q is no entry of a thread.", part)
		}
		out = append(out, n)
	}
	return out, nil
}

func joinIDs(ids []models.ID) string {
	out := make([]string, len(ids))
	for i, n := range ids {
		out[i] = n.String()
	}
	return strings.Join(out, ",")
}
