package web

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"onethread/models/auth"
)

// CookieName is the session cookie's name. __Host- makes browsers insist on Secure, on this very
// host and on the whole path; over plain http, as in a LAN, no Secure cookie would be kept.
func CookieName(publicURL string) string {
	if Secure(publicURL) {
		return "__Host-ot"
	}
	return "ot"
}

// Secure tells whether people reach this server over https.
func Secure(publicURL string) bool { return strings.HasPrefix(publicURL, "https://") }

// SetCookie hands the browser its session.
func SetCookie(c *fiber.Ctx, publicURL, value string) {
	c.Cookie(&fiber.Cookie{Name: CookieName(publicURL), Value: value, Path: "/", HTTPOnly: true, Secure: Secure(publicURL),
		SameSite: fiber.CookieSameSiteLaxMode, MaxAge: int(auth.SessionTotal.Seconds())})
}

// ClearCookie takes the session from the browser.
func ClearCookie(c *fiber.Ctx, publicURL string) {
	c.Cookie(&fiber.Cookie{Name: CookieName(publicURL), Path: "/", HTTPOnly: true, Secure: Secure(publicURL),
		SameSite: fiber.CookieSameSiteLaxMode, Expires: time.Unix(1, 0)})
}
