package web

import (
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/contrib/websocket"
	"github.com/gofiber/fiber/v2"
)

// SameOrigin tells whether a request that writes comes from a page of ours: by Sec-Fetch-Site,
// which no page can forge, else by the Origin being ONETHREAD_URL's or of the same host as Host
// (browsers send no Sec-Fetch-* over plain http, as in a LAN). A request with neither is refused.
func SameOrigin(c *fiber.Ctx, publicURL string) bool {
	if site := c.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin"
	}
	return OwnOrigin(c, publicURL)
}

// OwnOrigin tells whether the Origin header names this server. Socket handshakes need it too:
// they carry cookies from any page. Host is the connection's own, never a forwarded one.
func OwnOrigin(c *fiber.Ctx, publicURL string) bool {
	origin, err := url.Parse(c.Get(fiber.HeaderOrigin))
	if err != nil || origin.Host == "" || (origin.Scheme != "http" && origin.Scheme != "https") {
		return false
	}
	if own, err := url.Parse(publicURL); err == nil && origin.Scheme == own.Scheme && strings.EqualFold(origin.Host, own.Host) {
		return true
	}
	return strings.EqualFold(origin.Host, string(c.Context().Host()))
}

// Limits of a socket.
const (
	MaxFrame   = 64 << 10         // bytes of one frame from the browser
	MaxPerSec  = 20               // frames a second; more closes with 1008
	PingEvery  = 25 * time.Second // a browser that misses two is gone
	WriteLimit = 10 * time.Second // a reader slower than this is dropped and resumes by its cursor
)

// Socket upgrades to a WebSocket for pages of our own origin alone (others get 403) and runs
// serve with it. The connection is pooled: it must not be used after serve returns.
func Socket(publicURL string, serve func(*websocket.Conn)) fiber.Handler {
	// Which origins are ours depends on the request's Host, so the library's fixed list cannot
	// say it: the check stands before it.
	upgrade := websocket.New(func(conn *websocket.Conn) {
		conn.SetReadLimit(MaxFrame)
		serve(conn)
	}, websocket.Config{Origins: []string{"*"}, HandshakeTimeout: 10 * time.Second, RecoverHandler: recovered})
	return func(c *fiber.Ctx) error {
		if !websocket.IsWebSocketUpgrade(c) {
			return fiber.NewError(fiber.StatusUpgradeRequired, "This address is for WebSockets.")
		}
		if !OwnOrigin(c, publicURL) {
			return fiber.NewError(fiber.StatusForbidden, "This page may not open a live connection here.")
		}
		return upgrade(c)
	}
}
