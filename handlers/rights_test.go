package handlers

import (
	"slices"
	"strings"
	"testing"

	"onethread/handlers/web"
	"onethread/models"
)

// Who may call a route. The staff's circles are named after whoever stands outermost in them.
const (
	everybody = "owner admin agent counter viewer"
	counters  = "owner admin agent counter"
	programs  = "owner admin agent viewer" // who may have tokens
	agents    = "owner admin agent"
	admins    = "owner admin"

	anybody  = "open"   // no state at all
	guests   = "guest"  // forms of our own pages
	holders  = "link"   // whoever has the one-time link
	visitors = "public" // the shop's customers, by their browser's token
	signers  = "hook"   // providers, by their signature
)

// rights says by hand who may call what, apart from the permissions and scopes that the program
// compares: a route that asks for too little there fails against this table, and so does one that
// does not stand here. After an API route's scope stands whose tokens will do.
var rights = map[string]string{
	"GET /healthz": anybody, "GET /readyz": anybody, "GET /metrics": anybody, "GET /widget.js": anybody, "GET /robots.txt": anybody,
	"GET /static/dist/*": anybody, "GET /c/files/:link": anybody, "GET /api/v1/openapi.json": anybody,

	"GET /login": guests, "POST /login": guests, "GET /forgot": guests, "POST /forgot": guests,
	"GET /setup/:token": holders, "POST /setup/:token": holders, "GET /invite/:token": holders, "POST /invite/:token": holders,
	"GET /reset/:token": holders, "POST /reset/:token": holders,

	"POST /c/chat/boot": visitors, "POST /c/chat/messages": visitors, "POST /c/chat/contact": visitors, "POST /c/chat/track": visitors, "POST /c/chat/read": visitors,
	"POST /c/chat/upload": visitors, "GET /c/chat/live": visitors, "GET /c/chat/frame": visitors, "GET /c/chat/attachments/:token": visitors,
	"POST /webhooks/:type/:channel": signers, "POST /webhooks/:type/:channel/*": signers, "POST /api/v1/ingest/:channel": signers,

	"POST /logout": everybody, "GET /account": everybody, "POST /account": everybody, "POST /account/theme": everybody, "POST /account/password": everybody,
	"POST /account/sessions/:id/revoke": everybody,
	"GET /":                             everybody, "GET /rows": everybody, "GET /search": everybody, "GET /search/results": everybody, "GET /live": everybody,
	"GET /customers/:id": everybody, "GET /customers/:id/events": everybody, "GET /customers/:id/orders": everybody,
	"POST /customers/:id/read": everybody, "POST /customers/:id/unread": everybody,
	"GET /attachments/:token": everybody, "GET /messages/:id/body": everybody, "GET /messages/:id/img": everybody, "GET /messages/:id/original": everybody,
	"GET /messages/:id/images/body": everybody, "GET /messages/:id/images/img": everybody,

	"POST /customers/:id/notes": counters, "POST /customers/:id/draft": counters, "POST /attachments": counters,

	"POST /customers/:id/messages": agents, "POST /customers/:id/name": agents, "POST /customers/:id/about": agents,
	"POST /messages/:id/undo": agents, "POST /messages/:id/retry": agents,
	"POST /conversations/:id/assign": agents, "POST /conversations/:id/snooze": agents, "POST /conversations/:id/close": agents, "POST /conversations/:id/reopen": agents,
	"POST /conversations/:id/spam": agents, "POST /conversations/:id/not-spam": agents, "POST /conversations/:id/labels": agents,
	"POST /suggestions/:id/accept": agents, "POST /suggestions/:id/reject": agents, "POST /merges/:id/undo": agents,

	"GET /customers": everybody, "GET /customers/:id/record": everybody, "GET /identities/:id": everybody, "POST /account/signature": everybody,
	"GET /customers/:id/composer": counters,
	"GET /fits":                   agents, "POST /messages/:id/cancel": agents, "POST /messages/:id/now": agents, "POST /customers/:id/conversations": agents, "POST /identities/:id/continue": agents,
	"GET /customers/:id/merge": agents, "POST /customers/:id/merge": agents, "GET /customers/:id/others": agents, "GET /customers/:id/move": agents, "POST /customers/:id/move": agents,
	"POST /events/:id/move-back": agents, "GET /suggestions": agents, "POST /customers": agents, "POST /customers/:id/record": agents, "POST /customers/:id/consents": agents,
	"POST /customers/:id/addresses": agents, "GET /identities/:id/move": agents, "POST /identities/:id/move": agents, "POST /identities/:id/move-back": agents,
	"POST /identities/:id/verify": agents, "POST /identities/:id/correct": agents, "POST /identities/:id/share": agents, "POST /identities/:id/unshare": agents,
	"POST /identities/:id/remove": agents, "POST /identities/:id/restore": agents, "POST /identities/:id/block": agents, "POST /identities/:id/ask": agents,

	"GET /customers/:id/erase": admins, "POST /customers/:id/erase": admins, "GET /messages/:id/redact": admins, "POST /messages/:id/redact": admins, "GET /customers/:id/export": admins, "GET /settings/privacy": admins, "POST /settings/privacy": admins,
	"POST /settings/import": admins, "GET /settings/import": admins, "GET /settings/import/:token": admins, "POST /settings/import/:token": admins,
	"GET /settings/import/:token/progress": admins, "GET /settings/import/:token/report": admins, "GET /settings/import/customers.csv": admins,
	"GET /settings/shop": admins, "POST /settings/shop": admins, "POST /settings/fields": admins, "POST /settings/fields/:id/remove": admins,
	"POST /settings/channels/:id/consent": admins, "GET /settings/consent": admins,

	"POST /c/chat/code": visitors, "POST /c/chat/prove": visitors, "GET /c/confirm/:token": visitors, "POST /c/confirm/:token": visitors,
	"GET /c/continue/:token": visitors, "POST /c/continue/:token": visitors, "POST /c/continue/:token/open": visitors,

	"GET /api/v1/identities/:id": "read: " + everybody, "GET /api/v1/events/:id/raw": "read: " + everybody,
	"POST /api/v1/customers/:id/consents": "write: " + agents, "POST /api/v1/customers/:id/conversations": "write: " + agents, "DELETE /api/v1/messages/:id": "write: " + agents,
	"PATCH /api/v1/identities/:id": "write: " + agents, "DELETE /api/v1/identities/:id": "write: " + agents, "POST /api/v1/identities/:id/restore": "write: " + agents,
	"POST /api/v1/identities/:id/move-back": "write: " + agents, "POST /api/v1/customers/:id/move": "write: " + agents, "POST /api/v1/events/:id/move-back": "write: " + agents,
	"GET /api/v1/customers/:id/export": "admin: " + admins, "POST /api/v1/customers/:id/erase": "admin: " + admins, "POST /api/v1/messages/:id/redact": "admin: " + admins,

	"GET /settings/tokens": programs, "POST /settings/tokens": programs, "POST /settings/tokens/:id/revoke": programs,

	"GET /settings/channels": admins, "GET /settings/channels/new/:type": admins, "POST /settings/channels/new/:type": admins, "POST /settings/channels/new/:type/find": admins,
	"GET /settings/channels/:id": admins, "POST /settings/channels/:id": admins, "POST /settings/channels/:id/check": admins,
	"POST /settings/channels/:id/secret": admins, "POST /settings/channels/:id/remove": admins,
	"GET /settings/users": admins, "POST /settings/users": admins, "POST /settings/users/:id/invite": admins, "POST /settings/users/:id/role": admins,
	"POST /settings/users/:id/disable": admins, "POST /settings/users/:id/enable": admins,

	"GET /api/v1/conversations": "read: " + everybody, "GET /api/v1/customers": "read: " + everybody, "GET /api/v1/customers/:id": "read: " + everybody,
	"GET /api/v1/customers/:id/thread": "read: " + everybody, "GET /api/v1/suggestions": "read: " + everybody, "GET /api/v1/attachments/:token": "read: " + everybody,
	"GET /api/v1/orders": "read: " + everybody, "GET /api/v1/orders/:id": "read: " + everybody, "GET /api/v1/search": "read: " + everybody,
	"GET /api/v1/events": "read: " + everybody, "GET /api/v1/live": "read: " + everybody,
	"GET /api/v1/channels": "read: " + agents, "GET /api/v1/channels/:id": "read: " + agents,

	"PATCH /api/v1/conversations/:id": "write: " + agents, "POST /api/v1/customers": "write: " + agents, "PATCH /api/v1/customers/:id": "write: " + agents,
	"POST /api/v1/customers/:id/messages": "write: " + agents, "POST /api/v1/customers/:id/notes": "write: " + agents, "POST /api/v1/customers/:id/identities": "write: " + agents,
	"POST /api/v1/customers/:id/merge": "write: " + agents, "POST /api/v1/merges/:id/undo": "write: " + agents, "POST /api/v1/suggestions/:id/accept": "write: " + agents,
	"POST /api/v1/suggestions/:id/reject": "write: " + agents, "POST /api/v1/attachments": "write: " + agents,

	"POST /api/v1/channels": "admin: " + admins, "PATCH /api/v1/channels/:id": "admin: " + admins, "DELETE /api/v1/channels/:id": "admin: " + admins,
	"POST /api/v1/channels/:id/check": "admin: " + admins,
}

var scopes = []models.Scope{models.ScopeRead, models.ScopeWrite, models.ScopeAdmin}

// mayStaff tells whether a role may call a staff route.
func mayStaff(r web.Route, role models.Role) bool {
	return slices.Contains(strings.Fields(rights[r.Method+" "+r.Path]), string(role))
}

// mayProgram tells whether a token of a scope, which belongs to somebody of a role, may call an API route.
func mayProgram(r web.Route, scope models.Scope, role models.Role) bool {
	want, whose, ok := strings.Cut(rights[r.Method+" "+r.Path], ": ")
	least, is := slices.Index(scopes, models.Scope(want)), slices.Index(scopes, scope)
	return ok && least >= 0 && is >= least && slices.Contains(strings.Fields(whose), string(role))
}

// TestEveryRouteHasItsRights: every route stands in the table above, in the zone it says, and
// nothing else does.
func TestEveryRouteHasItsRights(t *testing.T) {
	left := map[string]bool{}
	for key := range rights {
		left[key] = true
	}
	for _, r := range Routes(build(t, nil).deps) {
		key := r.Method + " " + r.Path
		who, known := rights[key]
		if !known {
			t.Errorf("%s: say in rights who may call it", key)
			continue
		}
		delete(left, key)
		zone := web.Zone(who)
		switch scope, _, program := strings.Cut(who, ": "); {
		case program:
			zone = web.API
			if !slices.Contains(scopes, models.Scope(scope)) {
				t.Errorf("%s: rights names the unknown scope %q", key, scope)
			}
		case strings.HasPrefix(who, string(models.Owner)):
			zone = web.Staff
		}
		if r.Zone != zone {
			t.Errorf("%s is in the zone %s; rights says %s", key, r.Zone, zone)
		}
	}
	for key := range left {
		t.Errorf("rights tells of %s, which is no route", key)
	}
}
