// Package handlers is the HTTP house: limits, the order of middleware, the one error handler and
// the one table of routes. What a route does stands in its zone's package.
package handlers

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/api"
	"onethread/handlers/guest"
	"onethread/handlers/hooks"
	"onethread/handlers/public"
	"onethread/handlers/staff"
	"onethread/models/auth"
	"onethread/models/store"
	"onethread/views"
)

// Deps is what the house is wired from.
type Deps struct {
	Store   *store.Store
	Auth    *auth.Auth
	Views   *views.Views
	Doors   *guest.Doors
	Chat    *public.Chat
	Hooks   *hooks.Handlers
	API     *api.Handlers
	Staff   *staff.Handlers
	URL     string   // ONETHREAD_URL without a trailing slash
	Proxies []string // ONETHREAD_TRUSTED_PROXIES: addresses and networks whose X-Forwarded-For counts
}

// Time-outs that fasthttp leaves open (measured: an open WriteTimeout cuts streams). There is no WriteTimeout: it
// would cut every long download and socket.
const (
	readTimeout    = 30 * time.Second // a request's headers and body; uploads prolong it
	idleTimeout    = 2 * time.Minute
	requestTimeout = 20 * time.Second // of a handler's work: nobody cancels it when the client leaves
)

// New builds the server with every route of the table, and nothing else.
func New(d Deps) *fiber.App {
	h := newHouse(d)
	app := fiber.New(fiber.Config{
		AppName:                      "Onethread",
		Immutable:                    true, // else kept strings turn into later requests' values
		StreamRequestBody:            true, // web.LimitBody takes in what its zone allows
		DisablePreParseMultipartForm: true,
		BodyLimit:                    64 << 10,
		ReadTimeout:                  readTimeout,
		IdleTimeout:                  idleTimeout,
		ReadBufferSize:               16 << 10, // bytes of all headers together
		CaseSensitive:                true,
		EnableTrustedProxyCheck:      true, // off, Fiber believes X-Forwarded-Host from anybody
		TrustedProxies:               d.Proxies,
		ProxyHeader:                  proxyHeader(d.Proxies),
		DisableStartupMessage:        true,
		RequestMethods:               []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"},
		ErrorHandler:                 h.answerError,
	})
	app.Use(h.outermost)
	for _, r := range Routes(d) {
		app.Add(r.Method, r.Path, h.chain(r)...)
	}
	app.Use(func(*fiber.Ctx) error { return fiber.ErrNotFound })
	return app
}

func proxyHeader(proxies []string) string {
	if len(proxies) == 0 {
		return ""
	}
	return fiber.HeaderXForwardedFor
}
