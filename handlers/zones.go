package handlers

import (
	"crypto/subtle"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/auth"
)

// bodyLimits are the bytes of a request that each zone takes; uploads go beyond by themselves.
var bodyLimits = map[web.Zone]int{
	web.Open: 0, web.Guest: 16 << 10, web.Link: 16 << 10, web.Staff: 1 << 20, web.Public: 64 << 10, web.Hook: 2 << 20, web.API: 2 << 20,
}

// chain is what stands before a route's handler, by its zone.
func (h *house) chain(r web.Route) []fiber.Handler {
	var chain []fiber.Handler
	if !r.Slow {
		most := bodyLimits[r.Zone]
		chain = append(chain, deadline, func(c *fiber.Ctx) error {
			if err := web.LimitBody(c, most); err != nil {
				return err
			}
			return c.Next()
		})
	}
	switch r.Zone {
	case web.Guest:
		chain = append(chain, h.session, h.sameOrigin)
	case web.Staff:
		chain = append(chain, h.session, h.staff(r.Need), h.sameOrigin, csrf)
	case web.API:
		chain = append(chain, h.bearer(r))
	}
	return append(chain, r.Handler)
}

// session finds out who the cookie belongs to; nobody is no error here.
func (h *house) session(c *fiber.Ctx) error {
	cookie := c.Cookies(web.CookieName(h.URL))
	if cookie == "" {
		return c.Next()
	}
	s, u, err := h.Auth.Session(c.UserContext(), cookie)
	switch {
	case err == nil:
		web.SetVisit(c, web.Visit{User: u, Session: s})
	case models.IsCode(err, models.Unsigned):
		web.ClearCookie(c, h.URL)
	default:
		return err
	}
	return c.Next()
}

// staff admits members of staff who hold the permission. A person without a session is led to
// the login page; a script is told.
func (h *house) staff(need auth.Permission) fiber.Handler {
	return func(c *fiber.Ctx) error {
		v, ok := web.Current(c)
		if !ok {
			if c.Method() == fiber.MethodGet && !web.Fragment(c) && strings.Contains(c.Get(fiber.HeaderAccept), "text/html") {
				return c.Redirect(loginPath(c), fiber.StatusSeeOther)
			}
			return models.Errorf(models.Unsigned, "Log in to go on: your session has ended.")
		}
		if !auth.Can(v.User.Role, need) {
			return models.Errorf(models.Forbidden, "Your role (%s) does not include this. Ask an owner or admin of the shop.", v.User.Role)
		}
		c.Set(fiber.HeaderCacheControl, "no-store")
		return c.Next()
	}
}

func loginPath(c *fiber.Ctx) string {
	if c.OriginalURL() == "/" {
		return "/login"
	}
	return "/login?next=" + url.QueryEscape(c.OriginalURL())
}

func reads(c *fiber.Ctx) bool {
	return c.Method() == fiber.MethodGet || c.Method() == fiber.MethodHead
}

// sameOrigin refuses writes from other sites' pages.
func (h *house) sameOrigin(c *fiber.Ctx) error {
	if !reads(c) && !web.SameOrigin(c, h.URL) {
		return models.Errorf(models.Forbidden, "This request did not come from a page of this server. Open the page anew and try again; if it stays, check that ONETHREAD_URL is the address you use.")
	}
	return c.Next()
}

// csrf asks writes for the session's own token, in a header or a form field.
func csrf(c *fiber.Ctx) error {
	if reads(c) {
		return c.Next()
	}
	given := c.Get("X-CSRF-Token")
	if size := c.Request().Header.ContentLength(); given == "" && size >= 0 && size <= bodyLimits[web.Guest] { // an upload's body is not read for it
		given = string(c.Request().PostArgs().Peek("_csrf"))
	}
	want := web.CSRF(c)
	if want == "" || subtle.ConstantTimeCompare([]byte(given), []byte(want)) != 1 {
		return models.Errorf(models.Forbidden, "This page is too old to be used. Load it anew and try again.")
	}
	return c.Next()
}

// bearer admits API calls whose token, and whose token's owner, reach as far as the route's scope.
func (h *house) bearer(r web.Route) fiber.Handler {
	return func(c *fiber.Ctx) error {
		raw, ok := strings.CutPrefix(c.Get(fiber.HeaderAuthorization), "Bearer ")
		if !ok {
			raw = ""
		}
		b, err := h.Auth.Token(c.UserContext(), strings.TrimSpace(raw))
		if models.IsCode(err, models.Unsigned) {
			c.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="Onethread"`)
		}
		if err != nil {
			return err
		}
		if !auth.Covers(b.User.Role, b.Token.Scope, r.Scope) || (r.Need != "" && !auth.Can(b.User.Role, r.Need)) {
			return models.Errorf(models.Forbidden, "This token's scope is %s; the call needs %s, and an owner of the token who may do it.", b.Token.Scope, r.Scope)
		}
		if r.Sends {
			if err := h.sends.Allow(b.Token.ID.String(), 1); err != nil {
				return err
			}
		}
		web.SetBearer(c, b)
		c.Set(fiber.HeaderCacheControl, "no-store")
		return c.Next()
	}
}
