package staff

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/inbox"
	"onethread/models/store"
)

// sendForm is what the composer posts.
type sendForm struct {
	CC       string   `form:"cc"`
	BCC      string   `form:"bcc"`
	Way      string   `form:"way"` // "CHANNEL-IDENTITY", or "note"
	Subject  string   `form:"subject"`
	Text     string   `form:"text"`
	ClientID string   `form:"client_id"`
	LastID   string   `form:"last_id"` // the newest event the writer had seen
	Anyway   bool     `form:"anyway"`  // sends although a colleague wrote meanwhile
	Close    bool     `form:"close"`
	SendAt   int64    `form:"send_at"` // milliseconds; zero = now
	Files    []string `form:"attachment_id"`
	About    string   `form:"conversation_id"` // which of several conversations it belongs to
	Inline   []string `form:"inline_id"`       // those of the files that stand in the text
	Preset   string   `form:"preset"`          // the way that was preselected on the screen
}

func (f sendForm) files() ([]models.ID, error) { return fileIDs(f.Files) }

func fileIDs(texts []string) ([]models.ID, error) {
	var out []models.ID
	for _, s := range texts {
		n, err := models.ParseID(s)
		if err != nil {
			return nil, models.FieldError("attachment_id", "%q is no attachment. Upload the file again.", s)
		}
		out = append(out, n)
	}
	return out, nil
}

// about is the conversation that was chosen; zero = the current one.
func (f sendForm) about() models.ID {
	n, err := models.ParseID(f.About)
	if err != nil {
		return 0
	}
	return n
}

func (f sendForm) clientID() (string, error) {
	if len(f.ClientID) > 64 {
		return "", models.FieldError("client_id", "The message's own id is longer than 64 characters.")
	}
	return f.ClientID, nil
}

// bindSend reads the form and the customer it is for.
func bindSend(c *fiber.Ctx) (f sendForm, customer models.ID, files []models.ID, err error) {
	if customer, err = id(c, "id"); err != nil {
		return
	}
	if err = web.Form(c, &f); err != nil {
		return
	}
	if _, err = f.clientID(); err != nil {
		return
	}
	files, err = f.files()
	return
}

// Send answers POST /customers/{id}/messages with the new entry.
func (s *Screens) Send(c *fiber.Ctx) error {
	f, customer, files, err := bindSend(c)
	if err != nil {
		return err
	}
	inline, err := fileIDs(f.Inline)
	if err != nil {
		return err
	}
	in := inbox.ReplyInput{CustomerID: customer, Conversation: f.about(), Subject: f.Subject, CC: f.CC, BCC: f.BCC, Inline: inline, Preset: f.Preset, Text: f.Text, ClientID: f.ClientID, Attachments: files, Close: f.Close, SendAt: models.Time(f.SendAt)}
	if in.ChannelID, in.IdentityID, err = wayOf(f.Way); err != nil {
		return err
	}
	if seen, err := models.ParseID(f.LastID); err == nil && !f.Anyway {
		in.Seen = seen
	}
	event, err := s.Inbox.Reply(c.UserContext(), web.User(c), in)
	if err != nil {
		return err
	}
	return s.one(c, event)
}

// wayOf takes "CHANNEL-IDENTITY" apart.
func wayOf(text string) (channel, identity models.ID, err error) {
	c, i, _ := strings.Cut(text, "-")
	if channel, err = models.ParseID(c); err == nil {
		identity, err = models.ParseID(i)
	}
	if err != nil {
		err = models.FieldError("way", "Choose how to answer.")
	}
	return channel, identity, err
}

// Note answers POST /customers/{id}/notes with the new entry.
func (s *Screens) Note(c *fiber.Ctx) error {
	f, customer, files, err := bindSend(c)
	if err != nil {
		return err
	}
	event, err := s.Inbox.Note(c.UserContext(), web.User(c), inbox.NoteInput{CustomerID: customer, Conversation: f.about(), Text: f.Text, ClientID: f.ClientID, Attachments: files})
	if err != nil {
		return err
	}
	return s.one(c, event)
}

// Undo answers POST /messages/{id}/undo with the entry as it stands then.
func (s *Screens) Undo(c *fiber.Ctx) error {
	return s.again(c, func(event models.ID) error { return s.Inbox.Undo(c.UserContext(), web.User(c), event) })
}

// Cancel answers POST /messages/{id}/cancel: it will not go out.
func (s *Screens) Cancel(c *fiber.Ctx) error {
	return s.again(c, func(event models.ID) error { return s.Inbox.Cancel(c.UserContext(), web.User(c), event) })
}

// SendNow answers POST /messages/{id}/now: it goes out before its time.
func (s *Screens) SendNow(c *fiber.Ctx) error {
	return s.again(c, func(event models.ID) error { return s.Inbox.SendNow(c.UserContext(), web.User(c), event) })
}

// Retry answers POST /messages/{id}/retry.
func (s *Screens) Retry(c *fiber.Ctx) error {
	return s.again(c, func(event models.ID) error { return s.Inbox.Retry(c.UserContext(), event) })
}

func (s *Screens) again(c *fiber.Ctx, command func(models.ID) error) error {
	event, err := id(c, "id")
	if err != nil {
		return err
	}
	if err := command(event); err != nil {
		return err
	}
	return s.one(c, event)
}

// Read answers POST /customers/{id}/read: the thread was on a screen for a second.
func (s *Screens) Read(c *fiber.Ctx) error {
	customer, err := id(c, "id")
	if err != nil {
		return err
	}
	var in struct {
		LastID string `form:"last_id"`
	}
	if err := web.Form(c, &in); err != nil {
		return err
	}
	last, err := models.ParseID(in.LastID)
	if err != nil {
		return models.FieldError("last_id", "Say up to which event.")
	}
	return done(c, s.Inbox.Read(c.UserContext(), web.User(c).ID, customer, last, false))
}

// Unread answers POST /customers/{id}/unread: the mark goes back before the last inbound message.
func (s *Screens) Unread(c *fiber.Ctx) error {
	customer, err := id(c, "id")
	if err != nil {
		return err
	}
	if _, err := store.Customer(s.Store.Read(c.UserContext()), customer); err != nil {
		return err
	}
	recent, err := store.Thread(s.Store.Read(c.UserContext()), store.ThreadFilter{CustomerID: customer, Limit: entriesPerWindow,
		Kinds: []models.Kind{models.KindMessage, models.KindCall, models.KindVoicemail}})
	if err != nil {
		return err
	}
	var last models.ID
	for _, e := range recent {
		if e.Direction == models.In {
			last = max(last, e.ID)
		}
	}
	if last == 0 {
		return c.SendStatus(fiber.StatusNoContent)
	}
	return done(c, s.Inbox.Read(c.UserContext(), web.User(c).ID, customer, last-1, true))
}
