package handlers

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
)

// house holds what the middleware needs.
type house struct {
	Deps
	sends *web.Limiter // API calls that send, per token
}

func newHouse(d Deps) *house {
	return &house{Deps: d, sends: &web.Limiter{Most: 300, Per: time.Minute}}
}

// outermost stands around everything: it recovers, names the request, sets the headers that
// every response carries, and logs.
func (h *house) outermost(c *fiber.Ctx) error {
	began := time.Now()
	id := requestID()
	web.SetRequestID(c, id)
	c.Set("X-Request-Id", id)
	h.secure(c)
	err := h.guarded(c)
	if err != nil {
		err = h.answerError(c, err)
	}
	logRequest(c, id, time.Since(began))
	return err
}

// guarded turns a panic into an error.
func (h *house) guarded(c *fiber.Ctx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return c.Next()
}

func requestID() string {
	var b [8]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// policy is the staff app's content security policy: nothing inline
// and nothing from elsewhere. Handlers that show foreign content set one of their own.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self'; font-src 'self'; " +
	"connect-src 'self'; frame-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

func (h *house) secure(c *fiber.Ctx) {
	c.Set(fiber.HeaderContentSecurityPolicy, policy)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderReferrerPolicy, "same-origin")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.Set("Cross-Origin-Resource-Policy", "same-site")
	c.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()")
	if web.Secure(h.URL) {
		c.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000")
	}
}

// logRequest writes one line by the route's pattern: addresses hold tokens, and customers' words.
func logRequest(c *fiber.Ctx, id string, took time.Duration) {
	status := c.Response().StatusCode()
	count(status)
	level := slog.LevelInfo
	if status < 400 && (c.Route().Path == "/healthz" || c.Route().Path == "/readyz") {
		level = slog.LevelDebug
	}
	slog.Log(context.Background(), level, "request", "method", c.Method(), "route", c.Route().Path, "status", status,
		"ms", float64(took.Microseconds())/1000, "ip", web.IP(c), "user", int64(web.User(c).ID), "id", id)
}

// deadline bounds a handler's work.
func deadline(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), requestTimeout)
	defer cancel()
	c.SetUserContext(ctx)
	return c.Next()
}
