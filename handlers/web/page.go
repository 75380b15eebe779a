package web

import (
	"bytes"
	"io"

	"github.com/gofiber/fiber/v2"
)

// Renderer draws a template by name in a language; views.Views is one.
type Renderer interface {
	Render(w io.Writer, lang, name string, data any) error
}

// Page answers with a page or fragment of the staff's screens. It is drawn whole before anything
// is sent, so that a failure becomes an error page instead of half a page.
func Page(c *fiber.Ctx, v Renderer, status int, name string, data any) error {
	var out bytes.Buffer
	if err := v.Render(&out, Lang(c), name, data); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Status(status).Send(out.Bytes())
}

// Lang is the language of the staff's screens. One catalogue ships now.
func Lang(*fiber.Ctx) string { return "en" }

// Fragment tells whether the caller asked for a piece of a page rather than a whole one.
func Fragment(c *fiber.Ctx) bool { return c.Get("HX-Request") == "true" }
