package handlers

import (
	"slices"

	"onethread/handlers/web"
	"onethread/models/auth"
)

// Routes is the one table of all routes, grouped by who may call them. A Staff route names its
// permission, an API route its scope; New registers what stands here and tests refuse anything
// that does not.
func Routes(d Deps) []web.Route {
	return slices.Concat(openRoutes(d), guestRoutes(d), publicRoutes(d))
}

func openRoutes(d Deps) []web.Route {
	o := &open{d: d}
	return []web.Route{
		{Method: "GET", Path: "/healthz", Zone: web.Open, Handler: o.health},
		{Method: "GET", Path: "/readyz", Zone: web.Open, Handler: o.ready},
		{Method: "GET", Path: "/metrics", Zone: web.Open, Handler: o.metrics},
		{Method: "GET", Path: "/widget.js", Zone: web.Open, Handler: o.widget},
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
		{Method: "POST", Path: "/c/chat/track", Zone: web.Public, Handler: d.Chat.Track},
		{Method: "POST", Path: "/c/chat/read", Zone: web.Public, Handler: d.Chat.Read},
		{Method: "POST", Path: "/c/chat/upload", Zone: web.Public, Handler: d.Chat.Upload, Slow: true},
		{Method: "GET", Path: "/c/chat/live", Zone: web.Public, Handler: d.Chat.Live(), Slow: true},
		{Method: "GET", Path: "/c/chat/frame", Zone: web.Public, Handler: d.Chat.Frame},
		{Method: "GET", Path: "/c/chat/attachments/:token", Zone: web.Public, Handler: d.Chat.Attachment},
	}
}
