package web

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
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

// worthPacking is near one network packet (bytes): below it compression saves little.
const worthPacking = 1000

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

// SendJSON answers with out as JSON, compressed where that saves something.
func SendJSON(c *fiber.Ctx, out any) error {
	body, err := json.Marshal(out)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return sendPacked(c, body)
}

// Bare replaces the headers that matter to documents by the strictest policy there is: for answers
// that are never shown as a page, on other people's sites, where each byte is the visitor's.
func Bare(c *fiber.Ctx) {
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'")
	for _, name := range []string{"Permissions-Policy", "Cross-Origin-Opener-Policy", "X-Request-Id"} {
		c.Response().Header.Del(name)
	}
}

// Lang is the language of the staff's screens. One catalogue ships now.
func Lang(*fiber.Ctx) string { return "en" }

// Fragment tells whether the caller asked for a piece of a page rather than a whole one.
func Fragment(c *fiber.Ctx) bool { return c.Get("HX-Request") == "true" }
