package handlers

import (
	"bytes"
	"log/slog"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/views"
)

// answerError is the one place where errors become answers: problem+json for programs, a
// fragment for the screen's scripts, a page for people. What nobody expected is logged with the
// request's id and told to nobody else.
func (h *house) answerError(c *fiber.Ctx, err error) error {
	if web.RequestID(c) == "" { // the server refused the request before any middleware ran
		web.SetRequestID(c, requestID())
		h.secure(c)
	}
	p, expected := web.Describe(c, err)
	if !expected {
		slog.Error("request failed", "id", p.RequestID, "route", c.Route().Path, "err", err)
	}
	if p.Status == fiber.StatusNotFound || p.Status == fiber.StatusMethodNotAllowed {
		c.Set(fiber.HeaderCacheControl, "no-store")
	}
	if wantsProblem(c) {
		return web.WriteProblem(c, p)
	}
	return h.errorPage(c, p)
}

func wantsProblem(c *fiber.Ctx) bool {
	path := c.Path()
	for _, prefix := range []string{"/api/", "/c/", "/webhooks/"} {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	accept := c.Get(fiber.HeaderAccept)
	return strings.Contains(accept, "json") && !strings.Contains(accept, "text/html")
}

func (h *house) errorPage(c *fiber.Ctx, p web.Problem) error {
	page := views.ErrorPage{Shell: views.Shell{Title: p.Title, Theme: "auto", NoRail: true}, Status: p.Status, Heading: h.Views.Words(web.Lang(c)).Or("error."+strconv.Itoa(p.Status), p.Title), Message: p.Detail}
	if p.Status >= 500 {
		page.RequestID = p.RequestID
	}
	name := "error"
	if web.Fragment(c) {
		name = "error_fragment"
	}
	var out bytes.Buffer
	if err := h.Views.Render(&out, web.Lang(c), name, page); err != nil {
		slog.Error("the error page cannot be drawn", "err", err)
		return c.Status(p.Status).SendString(p.Detail)
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.Status(p.Status).Send(out.Bytes())
}
