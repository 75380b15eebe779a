package handlers

import (
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/auth"
	"onethread/models/store"
	"onethread/static"
)

// open holds what anybody may ask for.
type open struct{ d Deps }

func (o *open) health(c *fiber.Ctx) error { return c.SendString("ok\n") }

// ready answers 503 until the database answers; migrations are done before the server listens.
func (o *open) ready(c *fiber.Ctx) error {
	if err := o.d.Store.Ready(c.UserContext()); err != nil {
		return models.Errorf(models.Unavailable, "The database does not answer.")
	}
	return c.SendString("ready\n")
}

func (o *open) robots(c *fiber.Ctx) error { return c.SendString("User-agent: *\nDisallow: /\n") }

// widget is the loader that shops embed. Its address never changes, so it is asked for again
// every few minutes; the frame's files carry their hash.
func (o *open) widget(c *fiber.Ctx) error {
	a, ok := static.Find("widget/loader.js")
	if !ok {
		return fiber.ErrNotFound
	}
	web.Bare(c)
	c.Set("Cross-Origin-Resource-Policy", "cross-origin")
	c.Set(fiber.HeaderCacheControl, "public, max-age=300")
	return sendAsset(c, a)
}

func (o *open) asset(c *fiber.Ctx) error {
	name := c.Params("*")
	a, ok := static.Find(name)
	if !ok {
		return fiber.ErrNotFound
	}
	if strings.HasPrefix(name, "widget/") {
		c.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	c.Set(fiber.HeaderCacheControl, "public, no-cache")
	if c.Query("v") == a.Hash {
		c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	}
	return sendAsset(c, a)
}

func sendAsset(c *fiber.Ctx, a static.Asset) error {
	c.Set(fiber.HeaderContentType, a.Type)
	c.Set(fiber.HeaderETag, `"`+a.Hash+`"`)
	c.Vary(fiber.HeaderAcceptEncoding)
	if c.Get(fiber.HeaderIfNoneMatch) == `"`+a.Hash+`"` {
		return c.SendStatus(fiber.StatusNotModified)
	}
	if strings.Contains(c.Get(fiber.HeaderAcceptEncoding), "gzip") {
		if packed := a.Gzip(); packed != nil {
			c.Set(fiber.HeaderContentEncoding, "gzip")
			return c.Send(packed)
		}
	}
	return c.Send(a.Body())
}

// file serves an attachment by a signed link that runs out: providers fetch the pictures they are
// to send. It has the media type they ask for, and headers that keep it from running as a page.
func (o *open) file(c *fiber.Ctx) error {
	a, err := o.d.Store.FileByLink(o.d.Store.Read(c.UserContext()), c.Params("link"))
	if err != nil {
		return err
	}
	if err := web.SendFile(c, a, o.d.Store.Files.Open); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, a.Type)
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	return nil
}

var (
	started = time.Now()
	answers [6]atomic.Int64 // by hundreds of the status
)

func count(status int) { answers[min(max(status/100, 0), 5)].Add(1) }

// metrics speaks Prometheus' text format, to this machine or to the holder of an admin token.
func (o *open) metrics(c *fiber.Ctx) error {
	if !web.Loopback(c) && !o.admin(c) {
		return fiber.ErrNotFound
	}
	q := o.d.Store.Read(c.UserContext())
	last, err := store.LastEventID(q)
	if err != nil {
		return err
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	var b strings.Builder
	gauge := func(name, help string, value any) {
		fmt.Fprintf(&b, "# HELP onethread_%s %s\n# TYPE onethread_%s gauge\nonethread_%s %v\n", name, help, name, name, value)
	}
	gauge("uptime_seconds", "Seconds since the start.", int(time.Since(started).Seconds()))
	gauge("goroutines", "Goroutines.", runtime.NumGoroutine())
	gauge("heap_bytes", "Bytes of live heap.", m.HeapAlloc)
	gauge("events_last_id", "Number of the newest event.", int64(last))
	b.WriteString("# HELP onethread_responses_total Responses by class of status.\n# TYPE onethread_responses_total counter\n")
	for class := 1; class < len(answers); class++ {
		fmt.Fprintf(&b, "onethread_responses_total{class=\"%dxx\"} %d\n", class, answers[class].Load())
	}
	c.Set(fiber.HeaderContentType, "text/plain; version=0.0.4; charset=utf-8")
	return c.SendString(b.String())
}

func (o *open) admin(c *fiber.Ctx) bool {
	raw, _ := strings.CutPrefix(c.Get(fiber.HeaderAuthorization), "Bearer ")
	b, err := o.d.Auth.Token(c.UserContext(), raw)
	return err == nil && auth.Covers(b.User.Role, b.Token.Scope, models.ScopeAdmin)
}
