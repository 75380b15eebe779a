package api

import (
	"io"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/inbox"
	"onethread/models/store"
)

// Thread is GET /api/v1/customers/{id}/thread?before=&after=&kind=: events in the thread's order.
// next_cursor is the event id to give as before (or after) for the next window.
func (h *Handlers) Thread(c *fiber.Ctx) error {
	customer, err := id(c, "id")
	if err != nil {
		return err
	}
	n, err := limit(c)
	if err != nil {
		return err
	}
	f := store.ThreadFilter{Limit: n + 1}
	if f.Before, err = queryID(c, "before"); err != nil {
		return err
	}
	if f.After, err = queryID(c, "after"); err != nil {
		return err
	}
	for _, k := range strings.FieldsFunc(c.Query("kind"), func(r rune) bool { return r == ',' }) {
		f.Kinds = append(f.Kinds, models.Kind(k))
	}
	who, err := store.Living(h.read(c), customer)
	if err != nil {
		return err
	}
	f.CustomerID = who.ID
	rows, err := store.Thread(h.read(c), f)
	if err != nil {
		return err
	}
	return c.JSON(h.slice(rows, n, f.After != 0))
}

// slice cuts the extra row: the first when reading backwards, the last when reading on.
func (h *Handlers) slice(rows []store.Entry, n int, forward bool) page {
	p := page{}
	if len(rows) > n {
		if forward {
			rows = rows[:n]
		} else {
			rows = rows[len(rows)-n:]
		}
		edge := rows[0].ID
		if forward {
			edge = rows[len(rows)-1].ID
		}
		next := edge.String()
		p.NextCursor = &next
	}
	views := make([]eventView, len(rows))
	for i, r := range rows {
		views[i] = h.event(r)
	}
	p.Data = views
	return p
}

type messageBody struct {
	ChannelID   string      `json:"channel_id"`
	To          string      `json:"to"`
	Text        string      `json:"text"`
	HTML        string      `json:"html"`
	Subject     string      `json:"subject"`
	CC          []string    `json:"cc"`
	BCC         []string    `json:"bcc"`
	Attachments []string    `json:"attachment_ids"`
	SendAt      models.Time `json:"send_at"`
	ClientID    string      `json:"client_id"`

	Conversation string `json:"conversation_id"`
}

// Send is POST /api/v1/customers/{id}/messages: 202 with the event, queued.
func (h *Handlers) Send(c *fiber.Ctx) error {
	customer, err := id(c, "id")
	if err != nil {
		return err
	}
	var in messageBody
	if err := web.JSON(c, &in); err != nil {
		return err
	}
	reply := inbox.ReplyInput{CustomerID: customer, Text: in.Text, HTML: in.HTML, Subject: in.Subject, CC: strings.Join(in.CC, ", "), BCC: strings.Join(in.BCC, ", "), SendAt: in.SendAt, ClientID: in.ClientID}
	if reply.ChannelID, err = optional("channel_id", in.ChannelID); err != nil {
		return err
	}
	if reply.Conversation, err = optional("conversation_id", in.Conversation); err != nil {
		return err
	}
	if reply.IdentityID, err = optional("to", in.To); err != nil {
		return err
	}
	if reply.Attachments, err = ids("attachment_ids", in.Attachments); err != nil {
		return err
	}
	made, err := h.Inbox.Reply(c.UserContext(), web.User(c), reply)
	if err != nil {
		return err
	}
	return h.showEvent(c, fiber.StatusAccepted, made)
}

// CancelMessage is DELETE /api/v1/messages/{id}: what has not left does not go out. It answers with the event.
func (h *Handlers) CancelMessage(c *fiber.Ctx) error {
	event, err := id(c, "id")
	if err != nil {
		return err
	}
	if err := h.Inbox.Cancel(c.UserContext(), web.User(c), event); err != nil {
		return err
	}
	return h.showEvent(c, fiber.StatusOK, event)
}

func optional(field, text string) (models.ID, error) {
	if text == "" {
		return 0, nil
	}
	id, err := models.ParseID(text)
	if err != nil {
		return 0, models.FieldError(field, "%q is not an id.", text)
	}
	return id, nil
}

func ids(field string, texts []string) ([]models.ID, error) {
	if len(texts) > 20 {
		return nil, models.FieldError(field, "A message carries at most 20 files.")
	}
	var out []models.ID
	for _, t := range texts {
		id, err := optional(field, t)
		if err != nil || id == 0 || slices.Contains(out, id) {
			return nil, models.FieldError(field, "%q is not the id of an uploaded file, or stands twice.", t)
		}
		out = append(out, id)
	}
	return out, nil
}

func (h *Handlers) showEvent(c *fiber.Ctx, status int, event models.ID) error {
	rows, err := store.Entries(h.read(c), []models.ID{event})
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return models.Errorf(models.NotFound, "There is no such event.")
	}
	return c.Status(status).JSON(h.event(rows[0]))
}

// Note is POST /api/v1/customers/{id}/notes: an internal note, never sent.
func (h *Handlers) Note(c *fiber.Ctx) error {
	customer, err := id(c, "id")
	if err != nil {
		return err
	}
	var in struct {
		Text         string   `json:"text"`
		ClientID     string   `json:"client_id"`
		Conversation string   `json:"conversation_id"`
		Attachments  []string `json:"attachment_ids"`
	}
	if err := web.JSON(c, &in); err != nil {
		return err
	}
	note := inbox.NoteInput{CustomerID: customer, Text: in.Text, ClientID: in.ClientID}
	if note.Attachments, err = ids("attachment_ids", in.Attachments); err != nil {
		return err
	}
	if note.Conversation, err = optional("conversation_id", in.Conversation); err != nil {
		return err
	}
	made, err := h.Inbox.Note(c.UserContext(), web.User(c), note)
	if err != nil {
		return err
	}
	return h.showEvent(c, fiber.StatusCreated, made)
}

// MaxUpload is the largest file staff may upload (bytes).
const MaxUpload = 50 << 20

// Upload is POST /api/v1/attachments (multipart, field "file"): the id goes into a message's
// attachment_ids.
func (h *Handlers) Upload(c *fiber.Ctx) error {
	var a models.Attachment
	err := web.Upload(c, MaxUpload, func(map[string]string) error { return nil }, func(name, claimed string, r io.Reader) error {
		var err error
		a, err = h.Inbox.Upload(c.UserContext(), inbox.UserUploads(web.User(c).ID), name, claimed, r)
		return err
	})
	if err != nil {
		return err
	}
	return c.Status(fiber.StatusCreated).JSON(h.attachment(a))
}

// Download is GET /api/v1/attachments/{token}.
func (h *Handlers) Download(c *fiber.Ctx) error {
	a, err := store.AttachmentByToken(h.read(c), c.Params("token"))
	if err != nil {
		return err
	}
	if err := web.SendFile(c, a, h.Store.Files.Open); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/octet-stream") // its type and name stand in the event
	c.Set(fiber.HeaderContentDisposition, "attachment")
	c.Set(fiber.HeaderCacheControl, "no-store")
	return nil
}

// Orders is GET /api/v1/orders?customer_id=&status=&number=, newest first.
func (h *Handlers) Orders(c *fiber.Ctx) error {
	n, at, err := window(c)
	if err != nil {
		return err
	}
	f := store.OrderFilter{Status: c.Query("status"), Number: strings.TrimPrefix(c.Query("number"), "#"), Before: at.At, BeforeID: at.ID, Limit: n + 1}
	if f.CustomerID, err = queryID(c, "customer_id"); err != nil {
		return err
	}
	rows, err := store.Orders(h.read(c), f)
	if err != nil {
		return err
	}
	return paged(c, rows, n, models.Order.Data, func(o models.Order) place { return place{o.PlacedAt, o.ID} })
}

// Order is GET /api/v1/orders/{id}.
func (h *Handlers) Order(c *fiber.Ctx) error {
	order, err := id(c, "id")
	if err != nil {
		return err
	}
	o, err := store.Order(h.read(c), order)
	if err != nil {
		return err
	}
	return c.JSON(o.Data())
}
