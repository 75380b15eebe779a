package staff

import (
	"io"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/inbox"
	"onethread/models/store"
)

// maxFile is the most that one attachment may have: what mail servers commonly take, once encoded.
const maxFile = 25 << 20

// Attachment answers GET /attachments/{token}.
func (s *Screens) Attachment(c *fiber.Ctx) error {
	a, err := store.AttachmentByToken(s.Store.Read(c.UserContext()), c.Params("token"))
	if err != nil {
		return err
	}
	return web.SendFile(c, a, s.Store.Files.Open)
}

// Upload answers POST /attachments with the id that the composer sends the file by.
func (s *Screens) Upload(c *fiber.Ctx) error {
	var a models.Attachment
	nothing := func(map[string]string) error { return nil }
	err := web.Upload(c, maxFile, nothing, func(name, claimed string, r io.Reader) (err error) {
		a, err = s.Inbox.Upload(c.UserContext(), inbox.UserUploads(web.User(c).ID), name, claimed, r)
		return err
	})
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"id": a.ID.String(), "name": a.Name, "type": a.Type, "size": a.Size})
}
