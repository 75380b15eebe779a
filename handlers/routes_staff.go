package handlers

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/staff"
	"onethread/handlers/web"
	"onethread/models/auth"
	"onethread/models/channels"
)

// staffRoutes are the screens of logged-in staff; each names the permission it needs.
func staffRoutes(s *staff.Handlers) []web.Route {
	return slices.Concat(threadRoutes(s.Screens), workRoutes(s.Screens), privacyRoutes(s), settingsRoutes(s.Settings), accountRoutes(s.Settings))
}

// seen is a page or piece that is read.
func seen(path string, need auth.Permission, h fiber.Handler) web.Route {
	return web.Route{Method: "GET", Path: path, Zone: web.Staff, Need: need, Handler: h}
}

// done is an action.
func done(path string, need auth.Permission, h fiber.Handler) web.Route {
	return web.Route{Method: "POST", Path: path, Zone: web.Staff, Need: need, Handler: h}
}

func threadRoutes(s *staff.Screens) []web.Route {
	live := seen("/live", auth.InboxRead, s.Live())
	live.Slow = true
	return []web.Route{
		seen("/", auth.InboxRead, s.Home),
		seen("/rows", auth.InboxRead, s.Rows),
		seen("/customers", auth.InboxRead, s.Customers),
		seen("/customers/:id", auth.InboxRead, s.Customer),
		seen("/customers/:id/record", auth.InboxRead, s.Record),
		seen("/customers/:id/events", auth.InboxRead, s.Earlier),
		seen("/customers/:id/composer", auth.NoteWrite, s.Composer),
		seen("/fits", auth.InboxWrite, s.Fits),
		seen("/customers/:id/orders", auth.OrdersRead, s.Orders),
		seen("/search", auth.InboxRead, s.Search),
		seen("/search/results", auth.InboxRead, s.Results),
		seen("/attachments/:token", auth.InboxRead, s.Attachment),
		seen("/messages/:id/body", auth.InboxRead, s.Body),
		seen("/messages/:id/img", auth.InboxRead, s.NoImage),
		seen("/messages/:id/images/body", auth.InboxRead, s.Body),
		seen("/messages/:id/images/img", auth.InboxRead, s.Image),
		seen("/messages/:id/original", auth.InboxRead, s.Original),
		live,
	}
}

func workRoutes(s *staff.Screens) []web.Route {
	upload := done("/attachments", auth.NoteWrite, s.Upload)
	upload.Slow = true
	return []web.Route{
		upload,
		done("/customers/:id/messages", auth.InboxWrite, s.Send),
		done("/customers/:id/notes", auth.NoteWrite, s.Note),
		done("/customers/:id/draft", auth.NoteWrite, s.Draft),
		done("/customers/:id/read", auth.InboxRead, s.Read),
		done("/customers/:id/unread", auth.InboxRead, s.Unread),
		done("/customers/:id/conversations", auth.InboxWrite, s.OpenConversation),
		done("/customers", auth.CustomersWrite, s.NewCustomer),
		done("/customers/:id/record", auth.CustomersWrite, s.SaveRecord),
		done("/customers/:id/consents", auth.CustomersWrite, s.SayConsent),
		done("/identities/:id/block", auth.CustomersWrite, s.BlockIdentity),
		done("/customers/:id/name", auth.CustomersWrite, s.Name),
		done("/customers/:id/about", auth.CustomersWrite, s.About),
		done("/identities/:id/ask", auth.CustomersWrite, s.Ask),
		done("/identities/:id/continue", auth.InboxWrite, s.SendContinue),
		done("/messages/:id/undo", auth.InboxWrite, s.Undo),
		done("/messages/:id/cancel", auth.InboxWrite, s.Cancel),
		done("/messages/:id/now", auth.InboxWrite, s.SendNow),
		done("/messages/:id/retry", auth.InboxWrite, s.Retry),
		done("/conversations/:id/assign", auth.InboxWrite, s.Assign),
		done("/conversations/:id/snooze", auth.InboxWrite, s.Snooze),
		done("/conversations/:id/close", auth.InboxWrite, s.Close),
		done("/conversations/:id/reopen", auth.InboxWrite, s.Reopen),
		done("/conversations/:id/spam", auth.InboxWrite, s.Spam),
		done("/conversations/:id/not-spam", auth.InboxWrite, s.NotSpam),
		done("/conversations/:id/labels", auth.InboxWrite, s.Labels),
		seen("/customers/:id/merge", auth.CustomersWrite, s.MergeForm),
		seen("/customers/:id/others", auth.CustomersWrite, s.Others),
		seen("/customers/:id/move", auth.CustomersWrite, s.MoveForm),
		done("/customers/:id/merge", auth.CustomersWrite, s.Merge),
		done("/customers/:id/move", auth.CustomersWrite, s.Move),
		done("/customers/:id/addresses", auth.CustomersWrite, s.AddAddress),
		seen("/identities/:id", auth.InboxRead, s.Why),
		seen("/identities/:id/move", auth.CustomersWrite, s.MoveAddressForm),
		done("/identities/:id/move", auth.CustomersWrite, s.MoveAddress),
		done("/identities/:id/move-back", auth.CustomersWrite, s.MoveAddressBack),
		done("/identities/:id/verify", auth.CustomersWrite, s.Verify),
		done("/identities/:id/correct", auth.CustomersWrite, s.CorrectAddress),
		done("/identities/:id/share", auth.CustomersWrite, s.Share),
		done("/identities/:id/unshare", auth.CustomersWrite, s.Unshare),
		done("/identities/:id/remove", auth.CustomersWrite, s.RemoveAddress),
		done("/identities/:id/restore", auth.CustomersWrite, s.RestoreAddress),
		done("/events/:id/move-back", auth.CustomersWrite, s.MoveBack),
		seen("/suggestions", auth.CustomersWrite, s.Suggestions),
		done("/suggestions/:id/accept", auth.CustomersWrite, s.Accept),
		done("/suggestions/:id/reject", auth.CustomersWrite, s.Reject),
		done("/merges/:id/undo", auth.CustomersWrite, s.Unmerge),
	}
}

func privacyRoutes(s *staff.Handlers) []web.Route {
	return []web.Route{
		seen("/customers/:id/erase", auth.PrivacyWrite, s.ErasePage),
		seen("/messages/:id/redact", auth.PrivacyWrite, s.RedactForm),
		done("/messages/:id/redact", auth.PrivacyWrite, s.Redact),
		done("/customers/:id/erase", auth.PrivacyWrite, s.Erase),
		{Method: "GET", Path: "/customers/:id/export", Zone: web.Staff, Need: auth.PrivacyWrite, Handler: s.Export, Slow: true},
		seen("/settings/privacy", auth.PrivacyWrite, s.Privacy),
		done("/settings/privacy", auth.PrivacyWrite, s.SetPrivacy),
		seen("/settings/import", auth.PrivacyWrite, s.Imports),
		{Method: "POST", Path: "/settings/import", Zone: web.Staff, Need: auth.PrivacyWrite, Handler: s.Give, Slow: true},
		{Method: "GET", Path: "/settings/import/customers.csv", Zone: web.Staff, Need: auth.PrivacyWrite, Handler: s.ExportAll, Slow: true},
		seen("/settings/import/:token", auth.PrivacyWrite, s.Lists.Import),
		done("/settings/import/:token", auth.PrivacyWrite, s.Lists.Run),
		seen("/settings/import/:token/progress", auth.PrivacyWrite, s.Progress),
		seen("/settings/import/:token/report", auth.PrivacyWrite, s.Report),
	}
}

func settingsRoutes(s *staff.Settings) []web.Route {
	return []web.Route{
		seen("/settings/channels", auth.SettingsChans, s.ChannelList),
		seen("/settings/channels/new/:type", auth.SettingsChans, s.NewChannel),
		done("/settings/channels/new/:type", auth.SettingsChans, s.AddChannel),
		{Method: "POST", Path: "/settings/channels/new/:type/find", Zone: web.Staff, Need: auth.SettingsChans, Handler: s.Find, Slow: true},
		seen("/settings/channels/:id", auth.SettingsChans, s.Channel),
		done("/settings/channels/:id", auth.SettingsChans, s.EditChannel),
		{Method: "POST", Path: "/settings/channels/:id/check", Zone: web.Staff, Need: auth.SettingsChans, Handler: s.Check, Slow: true},
		done("/settings/channels/:id/consent", auth.SettingsChans, s.AskConsent),
		seen(channels.ReturnPath, auth.SettingsChans, s.Consented), // it changes something; its one-time state stands for the CSRF token
		done("/settings/channels/:id/secret", auth.SettingsChans, s.Secret),
		done("/settings/channels/:id/remove", auth.SettingsChans, s.RemoveChannel),
		seen("/settings/shop", auth.SettingsShop, s.Shop),
		done("/settings/shop", auth.SettingsShop, s.SaveShop),
		done("/settings/fields", auth.SettingsShop, s.AddField),
		done("/settings/fields/:id/remove", auth.SettingsShop, s.RemoveField),
		seen("/settings/users", auth.SettingsUsers, s.Team),
		done("/settings/users", auth.SettingsUsers, s.Invite),
		done("/settings/users/:id/invite", auth.SettingsUsers, s.InviteAgain),
		done("/settings/users/:id/role", auth.SettingsUsers, s.SetRole),
		done("/settings/users/:id/disable", auth.SettingsUsers, s.Disable),
		done("/settings/users/:id/enable", auth.SettingsUsers, s.Enable),
		seen("/settings/tokens", auth.TokensWrite, s.Tokens),
		done("/settings/tokens", auth.TokensWrite, s.NewToken),
		done("/settings/tokens/:id/revoke", auth.TokensWrite, s.RevokeToken),
	}
}

func accountRoutes(s *staff.Settings) []web.Route {
	return []web.Route{
		seen("/account", auth.Self, s.Account),
		done("/account", auth.Self, s.SaveAccount),
		done("/account/signature", auth.Self, s.Signature),
		done("/account/theme", auth.Self, s.Theme),
		done("/account/password", auth.Self, s.Password),
		done("/account/sessions/:id/revoke", auth.Self, s.RevokeSession),
	}
}
