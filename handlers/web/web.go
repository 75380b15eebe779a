// Package web is what the zones of handlers share: who is asking, strict reading of bodies,
// the shapes of errors, and the row of the routes table. It writes nothing to the database.
package web

import (
	"net/netip"
	"strings"

	"github.com/gofiber/fiber/v2"

	"onethread/models"
	"onethread/models/auth"
)

// Keys of what middleware leaves for handlers in fiber's Locals.
type localKey int

const (
	visitKey localKey = iota
	bearerKey
	requestKey
)

// Visit is who stands behind a request with a session cookie.
type Visit struct {
	User    models.User
	Session auth.Session
}

// SetVisit is for the session middleware alone.
func SetVisit(c *fiber.Ctx, v Visit) { c.Locals(visitKey, v) }

// Current returns the visit, and false for somebody who is not logged in.
func Current(c *fiber.Ctx) (Visit, bool) {
	v, ok := c.Locals(visitKey).(Visit)
	return v, ok
}

// User returns the member of staff who asks. On Staff routes there always is one; elsewhere it
// may be the zero User, whose role may do nothing.
func User(c *fiber.Ctx) models.User {
	if b, ok := Bearer(c); ok {
		return b.User
	}
	v, _ := Current(c)
	return v.User
}

// CSRF returns the session's token, which forms carry in the field _csrf and scripts in the
// header X-CSRF-Token.
func CSRF(c *fiber.Ctx) string {
	v, _ := Current(c)
	return v.Session.CSRF
}

// SetBearer is for the API's token middleware alone.
func SetBearer(c *fiber.Ctx, b auth.Bearer) { c.Locals(bearerKey, b) }

// Bearer returns the API token that the call carries, and whose it is.
func Bearer(c *fiber.Ctx) (auth.Bearer, bool) {
	b, ok := c.Locals(bearerKey).(auth.Bearer)
	return b, ok
}

// SetRequestID is for middleware alone.
func SetRequestID(c *fiber.Ctx, id string) { c.Locals(requestKey, id) }

// RequestID names this request in the log and in what people see when something went wrong.
func RequestID(c *fiber.Ctx) string {
	id, _ := c.Locals(requestKey).(string)
	return id
}

// IP returns the client's address in canonical form, from X-Forwarded-For only when a trusted
// proxy set it (fiber decides that from its configuration). Of a list the last entry counts: the
// one our own proxy wrote; the others are whatever the client claimed.
func IP(c *fiber.Ctx) string {
	peer := peer(c)
	if !c.IsProxyTrusted() || c.App().Config().ProxyHeader == "" {
		return peer
	}
	list := strings.Split(c.Get(c.App().Config().ProxyHeader), ",")
	addr, err := netip.ParseAddr(strings.TrimSpace(list[len(list)-1]))
	if err != nil {
		return peer
	}
	return addr.Unmap().WithZone("").String()
}

// Loopback tells whether the call comes from this very machine and was not forwarded.
func Loopback(c *fiber.Ctx) bool {
	for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via"} {
		if c.Get(h) != "" {
			return false
		}
	}
	addr, err := netip.ParseAddr(peer(c))
	return err == nil && addr.IsLoopback()
}

// peer is the address at the other end of the connection.
func peer(c *fiber.Ctx) string {
	addr, ok := netip.AddrFromSlice(c.Context().RemoteIP())
	if !ok {
		return ""
	}
	return addr.Unmap().String()
}
