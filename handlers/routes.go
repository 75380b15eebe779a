package handlers

import (
	"slices"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/auth"
)

// Routes is the one table of all routes, grouped by who may call them. A Staff route names its
// permission, an API route its scope; New registers what stands here and tests refuse anything
// that does not.
func Routes(d Deps) []web.Route {
	return slices.Concat(openRoutes(d), guestRoutes(d), staffRoutes(d.Staff), publicRoutes(d), hookRoutes(d), apiRoutes(d))
}

func openRoutes(d Deps) []web.Route {
	o := &open{d: d}
	return []web.Route{
		{Method: "GET", Path: "/healthz", Zone: web.Open, Handler: o.health},
		{Method: "GET", Path: "/readyz", Zone: web.Open, Handler: o.ready},
		{Method: "GET", Path: "/metrics", Zone: web.Open, Handler: o.metrics},
		{Method: "GET", Path: "/widget.js", Zone: web.Open, Handler: o.widget},
		{Method: "GET", Path: "/c/files/:link", Zone: web.Open, Handler: o.file},
		{Method: "GET", Path: "/robots.txt", Zone: web.Open, Handler: o.robots},
		{Method: "GET", Path: "/static/dist/*", Zone: web.Open, Handler: o.asset},
	}
}

func guestRoutes(d Deps) []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/login", Zone: web.Guest, Handler: d.Doors.LoginPage},
		{Method: "POST", Path: "/login", Zone: web.Guest, Handler: d.Doors.Login},
		{Method: "GET", Path: "/forgot", Zone: web.Guest, Handler: d.Doors.ForgotPage},
		{Method: "POST", Path: "/forgot", Zone: web.Guest, Handler: d.Doors.Forgot},
		{Method: "GET", Path: "/setup/:token", Zone: web.Link, Handler: d.Doors.SetupPage},
		{Method: "POST", Path: "/setup/:token", Zone: web.Link, Handler: d.Doors.Setup},
		{Method: "GET", Path: "/invite/:token", Zone: web.Link, Handler: d.Doors.InvitePage},
		{Method: "POST", Path: "/invite/:token", Zone: web.Link, Handler: d.Doors.Invite},
		{Method: "GET", Path: "/reset/:token", Zone: web.Link, Handler: d.Doors.ResetPage},
		{Method: "POST", Path: "/reset/:token", Zone: web.Link, Handler: d.Doors.Reset},
		{Method: "POST", Path: "/logout", Zone: web.Staff, Need: auth.Self, Handler: d.Doors.Logout},
	}
}

func publicRoutes(d Deps) []web.Route {
	return []web.Route{
		{Method: "POST", Path: "/c/chat/boot", Zone: web.Public, Handler: d.Chat.Boot},
		{Method: "POST", Path: "/c/chat/messages", Zone: web.Public, Handler: d.Chat.Message},
		{Method: "POST", Path: "/c/chat/contact", Zone: web.Public, Handler: d.Chat.Contact},
		{Method: "POST", Path: "/c/chat/code", Zone: web.Public, Handler: d.Chat.Code},
		{Method: "POST", Path: "/c/chat/prove", Zone: web.Public, Handler: d.Chat.Prove},
		{Method: "GET", Path: "/c/confirm/:token", Zone: web.Public, Handler: d.Chat.ConfirmPage},
		{Method: "POST", Path: "/c/confirm/:token", Zone: web.Public, Handler: d.Chat.Confirm},
		{Method: "GET", Path: "/c/continue/:token", Zone: web.Public, Handler: d.Chat.ContinuePage},
		{Method: "POST", Path: "/c/continue/:token", Zone: web.Public, Handler: d.Chat.ContinueCode},
		{Method: "POST", Path: "/c/continue/:token/open", Zone: web.Public, Handler: d.Chat.Continue},
		{Method: "POST", Path: "/c/chat/track", Zone: web.Public, Handler: d.Chat.Track},
		{Method: "POST", Path: "/c/chat/read", Zone: web.Public, Handler: d.Chat.Read},
		{Method: "POST", Path: "/c/chat/upload", Zone: web.Public, Handler: d.Chat.Upload, Slow: true},
		{Method: "GET", Path: "/c/chat/live", Zone: web.Public, Handler: d.Chat.Live(), Slow: true},
		{Method: "GET", Path: "/c/chat/frame", Zone: web.Public, Handler: d.Chat.Frame},
		{Method: "GET", Path: "/c/chat/attachments/:token", Zone: web.Public, Handler: d.Chat.Attachment},
	}
}

func hookRoutes(d Deps) []web.Route {
	return []web.Route{
		{Method: "POST", Path: "/webhooks/:type/:channel", Zone: web.Hook, Handler: d.Hooks.Receive},
		{Method: "POST", Path: "/webhooks/:type/:channel/*", Zone: web.Hook, Handler: d.Hooks.Receive},
		// Signed, or with a token: the handler tells which.
		{Method: "POST", Path: "/api/v1/ingest/:channel", Zone: web.Hook, Handler: d.Hooks.Generic},
	}
}

func apiRoutes(d Deps) []web.Route {
	const read, write, admin = models.ScopeRead, models.ScopeWrite, models.ScopeAdmin
	a := d.API
	routes := []web.Route{
		{Method: "GET", Path: "/api/v1/openapi.json", Zone: web.Open, Handler: a.OpenAPI},
		{Method: "GET", Path: "/api/v1/conversations", Zone: web.API, Scope: read, Handler: a.Conversations},
		{Method: "PATCH", Path: "/api/v1/conversations/:id", Zone: web.API, Scope: write, Need: auth.InboxWrite, Handler: a.PatchConversation},
		{Method: "GET", Path: "/api/v1/customers", Zone: web.API, Scope: read, Handler: a.Customers},
		{Method: "POST", Path: "/api/v1/customers", Zone: web.API, Scope: write, Need: auth.CustomersWrite, Handler: a.AddCustomer},
		{Method: "GET", Path: "/api/v1/customers/:id", Zone: web.API, Scope: read, Handler: a.Customer},
		{Method: "PATCH", Path: "/api/v1/customers/:id", Zone: web.API, Scope: write, Need: auth.CustomersWrite, Handler: a.PatchCustomer},
		{Method: "POST", Path: "/api/v1/customers/:id/consents", Zone: web.API, Scope: write, Need: auth.CustomersWrite, Handler: a.SayConsent},
		{Method: "POST", Path: "/api/v1/customers/:id/conversations", Zone: web.API, Scope: write, Need: auth.InboxWrite, Handler: a.OpenConversation},
		{Method: "GET", Path: "/api/v1/customers/:id/thread", Zone: web.API, Scope: read, Handler: a.Thread},
		{Method: "POST", Path: "/api/v1/customers/:id/messages", Zone: web.API, Scope: write, Need: auth.InboxWrite, Handler: a.Send, Sends: true},
		{Method: "DELETE", Path: "/api/v1/messages/:id", Zone: web.API, Scope: write, Need: auth.InboxWrite, Handler: a.CancelMessage},
		{Method: "POST", Path: "/api/v1/customers/:id/notes", Zone: web.API, Scope: write, Need: auth.NoteWrite, Handler: a.Note},
		{Method: "POST", Path: "/api/v1/customers/:id/identities", Zone: web.API, Scope: write, Need: auth.CustomersWrite, Handler: a.AddIdentity},
		{Method: "POST", Path: "/api/v1/customers/:id/merge", Zone: web.API, Scope: write, Need: auth.CustomersWrite, Handler: a.Merge},
		{Method: "GET", Path: "/api/v1/identities/:id", Zone: web.API, Scope: read, Handler: a.Identity},
		{Method: "PATCH", Path: "/api/v1/identities/:id", Zone: web.API, Scope: write, Need: auth.CustomersWrite, Handler: a.PatchIdentity},
		{Method: "DELETE", Path: "/api/v1/identities/:id", Zone: web.API, Scope: write, Need: auth.CustomersWrite, Handler: a.RemoveIdentity},
		{Method: "POST", Path: "/api/v1/identities/:id/restore", Zone: web.API, Scope: write, Need: auth.CustomersWrite, Handler: a.RestoreIdentity},
		{Method: "POST", Path: "/api/v1/identities/:id/move-back", Zone: web.API, Scope: write, Need: auth.CustomersWrite, Handler: a.MoveIdentityBack},
		{Method: "POST", Path: "/api/v1/customers/:id/move", Zone: web.API, Scope: write, Need: auth.CustomersWrite, Handler: a.Move},
		{Method: "POST", Path: "/api/v1/events/:id/move-back", Zone: web.API, Scope: write, Need: auth.CustomersWrite, Handler: a.MoveBack},
		{Method: "GET", Path: "/api/v1/customers/:id/export", Zone: web.API, Scope: admin, Need: auth.PrivacyWrite, Handler: a.ExportCustomer, Slow: true},
		{Method: "POST", Path: "/api/v1/customers/:id/erase", Zone: web.API, Scope: admin, Need: auth.PrivacyWrite, Handler: a.EraseCustomer},
		{Method: "POST", Path: "/api/v1/messages/:id/redact", Zone: web.API, Scope: admin, Need: auth.PrivacyWrite, Handler: a.Redact},
		{Method: "POST", Path: "/api/v1/merges/:id/undo", Zone: web.API, Scope: write, Need: auth.CustomersWrite, Handler: a.Unmerge},
		{Method: "GET", Path: "/api/v1/suggestions", Zone: web.API, Scope: read, Handler: a.Suggestions},
		{Method: "POST", Path: "/api/v1/suggestions/:id/accept", Zone: web.API, Scope: write, Need: auth.CustomersWrite, Handler: a.AcceptSuggestion},
		{Method: "POST", Path: "/api/v1/suggestions/:id/reject", Zone: web.API, Scope: write, Need: auth.CustomersWrite, Handler: a.RejectSuggestion},
		{Method: "POST", Path: "/api/v1/attachments", Zone: web.API, Scope: write, Need: auth.NoteWrite, Handler: a.Upload, Slow: true},
		{Method: "GET", Path: "/api/v1/attachments/:token", Zone: web.API, Scope: read, Handler: a.Download},
		{Method: "GET", Path: "/api/v1/orders", Zone: web.API, Scope: read, Need: auth.OrdersRead, Handler: a.Orders},
		{Method: "GET", Path: "/api/v1/orders/:id", Zone: web.API, Scope: read, Need: auth.OrdersRead, Handler: a.Order},
		{Method: "GET", Path: "/api/v1/search", Zone: web.API, Scope: read, Handler: a.Search},
		{Method: "GET", Path: "/api/v1/events", Zone: web.API, Scope: read, Handler: a.Events},
		{Method: "GET", Path: "/api/v1/events/:id/raw", Zone: web.API, Scope: read, Need: auth.InboxRead, Handler: a.Raw},
		{Method: "GET", Path: "/api/v1/live", Zone: web.API, Scope: read, Handler: a.Live, Slow: true},
		{Method: "GET", Path: "/api/v1/channels", Zone: web.API, Scope: read, Need: auth.InboxWrite, Handler: a.ListChannels},
		{Method: "POST", Path: "/api/v1/channels", Zone: web.API, Scope: admin, Need: auth.SettingsChans, Handler: a.AddChannel},
		{Method: "GET", Path: "/api/v1/channels/:id", Zone: web.API, Scope: read, Need: auth.InboxWrite, Handler: a.Channel},
		{Method: "PATCH", Path: "/api/v1/channels/:id", Zone: web.API, Scope: admin, Need: auth.SettingsChans, Handler: a.PatchChannel},
		{Method: "DELETE", Path: "/api/v1/channels/:id", Zone: web.API, Scope: admin, Need: auth.SettingsChans, Handler: a.RemoveChannel},
		{Method: "POST", Path: "/api/v1/channels/:id/check", Zone: web.API, Scope: admin, Need: auth.SettingsChans, Handler: a.CheckChannel, Slow: true},
	}
	for i, r := range routes {
		if r.Method != "GET" && !r.Slow {
			routes[i].Handler = a.Once(r.Handler)
		}
	}
	return routes
}
