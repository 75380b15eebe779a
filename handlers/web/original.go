package web

import (
	"mime"

	"github.com/gofiber/fiber/v2"

	"onethread/models"
	"onethread/models/auth"
	"onethread/models/inbox"
	"onethread/models/store"
)

// SendOriginal answers with what an event was made from, as it came: to be saved, and never shown. There is
// one of messages, of what could not be read, and of reports about what was sent. What could not be read
// and belongs to no customer is shown in the settings alone, and is for those who may see them.
func SendOriginal(c *fiber.Ctx, st *store.Store, event models.ID) error {
	q := st.Read(c.UserContext())
	e, err := store.Event(q, event)
	if err != nil {
		return noOriginal(err)
	}
	words := e.ID
	switch e.Kind {
	case models.KindUnreadable:
		words = 0
		if e.CustomerID == 0 && !auth.Can(User(c).Role, auth.SettingsChans) {
			return noOriginal(nil)
		}
	case models.KindDelivery:
		words = e.RefID
	case models.KindMessage:
	default:
		return noOriginal(nil)
	}
	if words != 0 {
		if m, err := store.Message(q, words); err != nil || !m.RedactedAt.IsZero() || m.Automatic == inbox.CodeMark {
			return noOriginal(err)
		}
	}
	media, body, err := st.RawOf(q, event)
	if err != nil {
		return noOriginal(err)
	}
	if e.Kind == models.KindDelivery && media != "message/rfc822" { // a provider's call, not a mail
		_ = body.Close()
		return noOriginal(nil)
	}
	name := "message-" + event.String() + ".bin"
	if media == "message/rfc822" {
		name = "message-" + event.String() + ".eml"
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEOctetStream)
	c.Set(fiber.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	c.Set(fiber.HeaderContentSecurityPolicy, "sandbox; default-src 'none'")
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	return c.SendStream(body) // closes it
}

// noOriginal says one and the same of what was removed, of what is for others, and of what never was.
func noOriginal(err error) error {
	if err != nil && !models.IsCode(err, models.NotFound) {
		return err
	}
	return models.Errorf(models.NotFound, "There is no original of this message.")
}
