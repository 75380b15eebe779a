package staff

import (
	"errors"
	"slices"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/store"
)

// draftForm is the composer as it stands.
type draftForm struct {
	Kind      string   `form:"kind"` // reply or note
	Subject   string   `form:"subject"`
	CC        string   `form:"cc"`
	BCC       string   `form:"bcc"`
	Text      string   `form:"text"`
	Way       string   `form:"way"` // chosen by hand; empty = the preselected one
	ClientID  string   `form:"client_id"`
	Files     []string `form:"attachment_id"`
	Inline    []string `form:"inline_id"`
	WrittenAt int64    `form:"written_at"` // milliseconds: a copy that the browser kept while it was offline
}

// Draft answers POST /customers/{id}/draft: it keeps what was begun.
func (s *Screens) Draft(c *fiber.Ctx) error {
	customer, err := id(c, "id")
	if err != nil {
		return err
	}
	var in draftForm
	if err := web.Form(c, &in); err != nil {
		return err
	}
	files, err := fileIDs(in.Files)
	if err != nil {
		return err
	}
	d := store.Draft{UserID: web.User(c).ID, CustomerID: customer, Kind: in.Kind, Subject: in.Subject, BCC: in.BCC, Text: in.Text, Way: in.Way, ClientID: in.ClientID, UpdatedAt: models.Time(in.WrittenAt)}
	if c.Request().PostArgs().Has("cc") {
		d.CC = &in.CC
	}
	for _, f := range files {
		d.Files = append(d.Files, store.DraftFile{ID: f, Inline: slices.Contains(in.Inline, f.String())})
	}
	return done(c, s.Inbox.SaveDraft(c.UserContext(), d))
}

// Composer answers GET /customers/{id}/composer: the composer with the draft as it is kept.
func (s *Screens) Composer(c *fiber.Ctx) error {
	customer, err := id(c, "id")
	if err != nil {
		return err
	}
	q, r := s.Store.Read(c.UserContext()), s.reader(c)
	living, err := store.Living(q, customer)
	if err != nil {
		return err
	}
	asked, _ := models.ParseID(c.Query("conversation")) // a wrong one answers the current one
	about, err := store.AboutCustomer(q, living.ID, r.user.ID, asked, 0)
	if err != nil {
		return err
	}
	ways, err := s.Inbox.Reach(c.UserContext(), living.ID)
	if err != nil {
		return err
	}
	view := s.composer(r, about, ways)
	if view.LastID, err = store.LastEventID(q); err != nil {
		return err
	}
	return web.Page(c, s.Views, fiber.StatusOK, "composer", view)
}

// Fits answers GET /fits?way=&attachment_id=: what keeps these files from going that way, in words.
func (s *Screens) Fits(c *fiber.Ctx) error {
	channel, _, err := wayOf(c.Query("way"))
	if err != nil {
		return err
	}
	var texts []string
	for _, v := range c.Context().QueryArgs().PeekMulti("attachment_id") {
		texts = append(texts, string(v))
	}
	files, err := fileIDs(texts)
	if err != nil {
		return err
	}
	problem := ""
	if err := s.Inbox.Fits(c.UserContext(), web.User(c), channel, files); err != nil {
		var e *models.Error
		if !errors.As(err, &e) || e.Code == models.Internal {
			return err
		}
		problem = e.Message
	}
	return c.JSON(fiber.Map{"problem": problem})
}
