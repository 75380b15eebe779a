package public

import (
	"errors"
	"io"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/inbox"
	"onethread/models/store"
)

const maxUpload = 10 << 20 // bytes of one file from a visitor

// Upload answers POST /c/chat/upload: one file of a visitor who has written before. It waits for
// the message that names its token; only the same visitor's message can.
func (h *Chat) Upload(c *fiber.Ctx) error {
	var who call
	begin := func(fields map[string]string) (err error) {
		if who, err = h.caller(c, fields["key"], fields["token"]); err != nil {
			return err
		}
		spoke, err := h.spoke(c.UserContext(), who)
		if err == nil && !spoke {
			err = models.Errorf(models.Forbidden, "Write a message first, then attach files.")
		}
		return errors.Join(err, h.limits.uploads.Allow(who.visitor, 1))
	}
	var a models.Attachment
	err := web.Upload(c, maxUpload, begin, func(name, claimed string, r io.Reader) (err error) {
		a, err = h.Keep(c.UserContext(), inbox.VisitorUploads(who.visitor), name, claimed, r)
		return err
	})
	if err != nil {
		return err
	}
	if err := h.limits.uploadBytes.Allow(who.visitor, int(a.Size)); err != nil {
		return err // it is never named to the visitor, so no message can carry it
	}
	return c.Status(fiber.StatusCreated).JSON(file{Token: a.Token, Name: a.Name, Type: a.Type, Size: a.Size})
}

// Attachment answers GET /c/chat/attachments/{token} with a file of a chat message. The token is
// 128 random bits and stands only in that conversation.
func (h *Chat) Attachment(c *fiber.Ctx) error {
	a, err := store.VisitorAttachment(h.Store.Read(c.UserContext()), c.Params("token"))
	if err != nil {
		return err
	}
	return web.SendFile(c, a, h.Store.Files.Open)
}
