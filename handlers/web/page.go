package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"sync"

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
	c.Status(status)
	return sendPacked(c, out.Bytes())
}

// worthPacking is about one network packet: below it compression saves nothing.
const worthPacking = 1400

var packers = sync.Pool{New: func() any { return gzip.NewWriter(io.Discard) }}

// sendPacked compresses what is worth it, where the browser takes that: a thread's page shrinks to
// an eighth. The page's CSRF token cannot be guessed from its compressed length (BREACH): other
// sites' requests carry no session cookie (SameSite=Lax), and writes are refused by their origin.
func sendPacked(c *fiber.Ctx, body []byte) error {
	c.Vary(fiber.HeaderAcceptEncoding)
	if len(body) < worthPacking || !strings.Contains(c.Get(fiber.HeaderAcceptEncoding), "gzip") {
		return c.Send(body)
	}
	var packed bytes.Buffer
	z := packers.Get().(*gzip.Writer)
	defer packers.Put(z)
	z.Reset(&packed)
	if _, err := z.Write(body); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentEncoding, "gzip")
	return c.Send(packed.Bytes())
}

// Lang is the language of the staff's screens. One catalogue ships now.
func Lang(*fiber.Ctx) string { return "en" }

// Fragment tells whether the caller asked for a piece of a page rather than a whole one.
func Fragment(c *fiber.Ctx) bool { return c.Get("HX-Request") == "true" }
