package web

import (
	"github.com/gofiber/fiber/v2"

	"onethread/models"
	"onethread/models/auth"
)

// Zone says who may call a route, and so which checks stand before its handler.
type Zone string

// The zones.
const (
	Open   Zone = "open"   // anybody, no state: health, widget.js, static files
	Guest  Zone = "guest"  // not logged in: login, forgotten password; same-origin forms only
	Link   Zone = "link"   // carries a one-time secret of ours, which is the proof: set-up, invitation, reset
	Staff  Zone = "staff"  // session cookie, a permission, and CSRF checks on whatever writes
	Public Zone = "public" // customers: visitor token, exact-origin CORS, limits; no cookie counts
	Hook   Zone = "hook"   // providers: the handler verifies a signature over the raw body
	API    Zone = "api"    // bearer token of a scope
)

// Route is one row of the routes table.
type Route struct {
	Method  string
	Path    string
	Zone    Zone
	Need    auth.Permission // Staff: always named
	Scope   models.Scope    // API: always named
	Handler fiber.Handler
	Slow    bool // uploads and streams: no deadline, and the handler limits the body itself
	Sends   bool // API: sends or refunds, and so is limited to 300 a minute and token
}
