package staff

import (
	"cmp"
	"time"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/auth"
	"onethread/models/store"
	"onethread/views"
)

// Windows of a thread, and orders in the panel before somebody asks for all.
const (
	entriesPerWindow = 50
	ordersInPanel    = 3
	ordersAtMost     = 200
)

// reader is who looks at a thread, and how.
type reader struct {
	user  models.User
	words *views.Words
	loc   *time.Location
	view  string
}

func (s *Screens) reader(c *fiber.Ctx) reader {
	return reader{user: web.User(c), words: s.words(c), loc: zone(c), view: view(c)}
}

// Customer answers GET /customers/{id}: the whole screen, or the thread alone for a swap.
func (s *Screens) Customer(c *fiber.Ctx) error {
	customer, err := id(c, "id")
	if err != nil {
		return err
	}
	page := views.InboxPage{}
	whole := !web.Fragment(c) || c.Get("HX-History-Restore-Request") == "true"
	if whole {
		if page, err = s.page(c); err != nil {
			return err
		}
	}
	thread, into, err := s.thread(s.Store.Read(c.UserContext()), c, customer)
	if err != nil {
		return err
	}
	if into != 0 {
		return moved(c, into)
	}
	if !whole {
		return web.Page(c, s.Views, fiber.StatusOK, "thread", thread)
	}
	page.Thread, page.Title = &thread, thread.Head.Name
	for i := range page.List.Rows {
		page.List.Rows[i].Current = page.List.Rows[i].CustomerID == customer
	}
	return web.Page(c, s.Views, fiber.StatusOK, "inbox", page)
}

// moved sends old links of a merged customer on to where the thread is now.
func moved(c *fiber.Ctx, into models.ID) error {
	return c.Redirect("/customers/"+into.String(), fiber.StatusFound)
}

// thread reads and tells a customer's newest window. into is set when the customer was merged.
func (s *Screens) thread(q store.Q, c *fiber.Ctx, customer models.ID) (t views.Thread, into models.ID, err error) {
	r := s.reader(c)
	asked, _ := models.ParseID(c.Query("conversation")) // a wrong one shows the current one
	about, err := store.AboutCustomer(q, customer, r.user.ID, asked, ordersInPanel+1)
	if err != nil || about.Customer.MergedInto != 0 {
		return t, about.Customer.MergedInto, err
	}
	window, err := store.Thread(q, store.ThreadFilter{CustomerID: customer, Limit: entriesPerWindow + 1})
	if err != nil {
		return t, 0, err
	}
	ways, err := s.Inbox.Reach(c.UserContext(), customer)
	if err != nil {
		return t, 0, err
	}
	teller, composer := s.teller(r, about), s.composer(r, about, ways)
	teller.Ways = composer.Ways
	t = views.Thread{CustomerID: customer, View: r.view, Head: s.head(r, about), Ribbon: teller.Ribbon(about.Steps),
		Composer: composer, Panel: panel(r, about, s.now())}
	t.Entries, t.Earlier = entries(teller, customer, window)
	for _, e := range window {
		t.LastID = max(t.LastID, e.ID)
	}
	t.Composer.LastID = t.LastID
	if asked != 0 && asked == about.Conversation.ID {
		t.About = asked
	}
	return t, 0, nil
}

func (s *Screens) teller(r reader, a store.About) views.Teller {
	others := map[models.ID]string{}
	for _, m := range matters(r, a) {
		if !m.Current {
			others[m.ID] = m.Subject
		}
	}
	merges := make([]models.ID, len(a.Merges))
	for i, m := range a.Merges {
		merges[i] = m.ID
	}
	shared := map[models.ID]bool{}
	for _, i := range a.Identities {
		shared[i.ID] = i.Shared
	}
	return views.Teller{Matters: others, W: r.words, Loc: r.loc, Now: s.now(), Customer: nameOf(a), Seen: a.ReadMark, Me: r.user, Instant: instant,
		Merges: r.undoable(merges), Splits: r.undoable(a.Splits), Gone: r.undoable(a.Gone), Away: r.undoable(a.Away), Shared: shared}
}

// undoable are the merges whose lines offer to undo them, or the moves whose lines offer to take them back.
func (r reader) undoable(ids []models.ID) map[models.ID]bool {
	out := map[models.ID]bool{}
	for _, id := range ids {
		out[id] = r.canEdit()
	}
	return out
}

// instant are the channel types whose messages leave at once; they offer no undo.
var instant = map[string]bool{"webchat": true}

// nameOf is what a customer is called: the name, else an address that people know.
func nameOf(a store.About) string {
	name := a.Customer.Name
	for _, i := range a.Identities {
		if name == "" && (i.Kind == models.EmailIdentity || i.Kind == models.PhoneIdentity) {
			name = cmp.Or(i.Display, i.Value)
		}
	}
	return name
}

// entries tells a window read with one event too many: that one says whether there are earlier ones.
func entries(t views.Teller, customer models.ID, window []store.Entry) (out []views.Entry, earlier string) {
	if len(window) > entriesPerWindow {
		window = window[len(window)-entriesPerWindow:]
		earlier = "/customers/" + customer.String() + "/events?before=" + window[0].ID.String()
	}
	facts := make([]views.Fact, len(window))
	for i, e := range window {
		facts[i] = views.Fact(e)
	}
	return t.Entries(facts), earlier
}

// Earlier answers GET /customers/{id}/events?before=ID: the window before an event.
func (s *Screens) Earlier(c *fiber.Ctx) error {
	customer, err := id(c, "id")
	if err != nil {
		return err
	}
	before, err := models.ParseID(c.Query("before"))
	if err != nil || before <= 0 {
		return models.FieldError("before", "Say before which event.")
	}
	q, r := s.Store.Read(c.UserContext()), s.reader(c)
	about, err := store.AboutCustomer(q, customer, r.user.ID, 0, 0)
	if err != nil {
		return err
	}
	window, err := store.Thread(q, store.ThreadFilter{CustomerID: customer, Before: before, Limit: entriesPerWindow + 1})
	if err != nil {
		return err
	}
	var t views.Thread
	teller := s.teller(r, about)
	teller.Seen = 0
	t.Entries, t.Earlier = entries(teller, customer, window)
	if len(t.Entries) == 0 {
		return c.SendString("")
	}
	return web.Page(c, s.Views, fiber.StatusOK, "entries", t)
}

// Orders answers GET /customers/{id}/orders: all orders for the panel.
func (s *Screens) Orders(c *fiber.Ctx) error {
	customer, err := id(c, "id")
	if err != nil {
		return err
	}
	r := s.reader(c)
	about, err := store.AboutCustomer(s.Store.Read(c.UserContext()), customer, r.user.ID, 0, ordersAtMost)
	if err != nil {
		return err
	}
	return web.Page(c, s.Views, fiber.StatusOK, "customer_orders", views.Panel{Orders: panelOrders(r, about.Orders)})
}

// one draws a single entry, for the answer to a send.
func (s *Screens) one(c *fiber.Ctx, event models.ID) error {
	q, r := s.Store.Read(c.UserContext()), s.reader(c)
	found, err := store.Entries(q, []models.ID{event})
	if err != nil || len(found) == 0 {
		return cmp.Or(err, error(models.Errorf(models.NotFound, "There is no such message.")))
	}
	customer, err := store.Customer(q, found[0].Event.CustomerID)
	if err != nil {
		return err
	}
	t := views.Teller{W: r.words, Loc: r.loc, Now: s.now(), Customer: customer.Name, Me: r.user, Instant: instant}
	return web.Page(c, s.Views, fiber.StatusOK, "entry", t.Entries([]views.Fact{views.Fact(found[0])})[0])
}

func (r reader) canWrite() bool { return auth.Can(r.user.Role, auth.InboxWrite) }

func (r reader) canEdit() bool { return auth.Can(r.user.Role, auth.CustomersWrite) }

func (r reader) canNote() bool { return auth.Can(r.user.Role, auth.NoteWrite) }
