package staff

import (
	"cmp"
	"log/slog"
	"strings"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/privacy"
	"onethread/models/store"
	"onethread/views"
)

// RedactForm answers GET /messages/{id}/redact: what taking out a message's words means.
func (s *Screens) RedactForm(c *fiber.Ctx) error {
	event, err := id(c, "id")
	if err != nil {
		return err
	}
	q := s.Store.Read(c.UserContext())
	m, err := store.Message(q, event)
	if err != nil {
		return err
	}
	files, err := store.AttachmentsOf(q, []models.ID{event})
	if err != nil {
		return err
	}
	text, _ := views.Fold(m.Text, m.ReplyText)
	return web.Page(c, s.Views, fiber.StatusOK, "redact", views.RedactSheet{EventID: event, Words: views.Shorten(text, 200), Files: len(files)})
}

// Redact answers POST /messages/{id}/redact.
func (s *Screens) Redact(c *fiber.Ctx) error {
	event, err := id(c, "id")
	if err != nil {
		return err
	}
	if err := privacy.New(s.Store).Redact(c.UserContext(), web.User(c).ID, event); err != nil {
		return err
	}
	return s.told(c, views.Told{Text: s.words(c).T("redact.done")})
}

// ErasePage answers GET /customers/{id}/erase: what would go, what would stay, and the word to type.
func (s *Screens) ErasePage(c *fiber.Ctx) error {
	page, into, err := s.erasing(c)
	if err != nil {
		return err
	}
	if into != 0 {
		return c.Redirect("/customers/"+into.String()+"/erase", fiber.StatusFound)
	}
	return web.Page(c, s.Views, fiber.StatusOK, "erase", page)
}

// How fast a database is written anew (bytes; half of what was measured, for slower disks), and from which size on
// it is worth a word.
const (
	compactedInAMinute = 3 << 30
	worthSaying        = 200 << 20
)

// erasing tells what erasing a customer would mean; into is set when they were merged.
func (s *Screens) erasing(c *fiber.Ctx) (page views.ErasePage, into models.ID, err error) {
	customer, err := id(c, "id")
	if err != nil {
		return page, 0, err
	}
	q, w := s.Store.Read(c.UserContext()), s.words(c)
	about, err := store.AboutCustomer(q, customer, web.User(c).ID, 0, 1)
	if err != nil || about.Customer.MergedInto != 0 {
		return page, about.Customer.MergedInto, err
	}
	kept, err := store.KeptOf(q, customer)
	if err != nil {
		return page, 0, err
	}
	name := nameOf(about)
	page = views.ErasePage{CustomerID: customer, Name: cmp.Or(name, w.T("entry.visitor")), Word: cmp.Or(name, w.T("erase.word")), Entries: kept.Entries, Files: kept.Files, Orders: kept.Orders,
		Merged: strings.Join(kept.Merged, ", "), Copies: strings.Join(privacy.New(s.Store).OlderCopies(), ", ")}
	size, err := store.ToCompact(q)
	if err != nil {
		return page, 0, err
	}
	if page.Minutes = int(size/compactedInAMinute) + 1; size < worthSaying {
		page.Minutes = 0
	}
	page.Shell = shell(c, "inbox", w.T("erase.title", page.Name))
	return page, 0, nil
}

// Erase answers POST /customers/{id}/erase. Who was merged meanwhile is not erased: the page that was
// confirmed spoke of somebody else.
func (s *Screens) Erase(c *fiber.Ctx) error {
	var in struct {
		Word string `form:"word"`
	}
	if err := web.Form(c, &in); err != nil {
		return err
	}
	page, into, err := s.erasing(c)
	if err != nil {
		return err
	}
	if into != 0 {
		return models.Errorf(models.Conflict, "This customer was merged into another meanwhile. Nothing was erased; open the thread again.")
	}
	if !strings.EqualFold(strings.Join(strings.Fields(in.Word), " "), strings.Join(strings.Fields(page.Word), " ")) {
		page.Error = s.words(c).T("erase.wrong", page.Word)
		return web.Page(c, s.Views, fiber.StatusUnprocessableEntity, "erase", page)
	}
	done, err := privacy.New(s.Store).Erase(c.UserContext(), web.User(c).ID, page.CustomerID)
	if err != nil && len(done.Customers) == 0 {
		return err
	}
	if err != nil {
		slog.Warn("an erasure's traces are not overwritten yet; it is tried again within the hour", "error", err)
	}
	return c.Redirect("/", fiber.StatusSeeOther)
}

// Export answers GET /customers/{id}/export with a ZIP, made while it is sent.
func (s *Screens) Export(c *fiber.Ctx) error {
	customer, err := id(c, "id")
	if err != nil {
		return err
	}
	return web.SendExport(c, privacy.New(s.Store), customer)
}
