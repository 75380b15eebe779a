package auth

import "onethread/models"

// Permission is one thing that a member of staff may or may not do. Every staff route names one.
type Permission string

// The permissions.
const (
	Self           Permission = "self"              // one's own sessions, password, theme
	InboxRead      Permission = "inbox.read"        // lists, threads, search, attachments
	InboxWrite     Permission = "inbox.write"       // reply, assign, snooze, close, label
	NoteWrite      Permission = "note.write"        // internal notes
	CustomersWrite Permission = "customers.write"   // create, edit, merge, un-merge
	PrivacyWrite   Permission = "privacy.write"     // export and erase a person, rules for forgetting, import
	OrdersRead     Permission = "orders.read"       //
	OrdersWrite    Permission = "orders.write"      // refund, cancel, return
	VisitWrite     Permission = "visit.write"       // visits, purchases and returns at the counter
	ReportsRead    Permission = "reports.read"      //
	TokensWrite    Permission = "tokens.write"      // one's own API tokens
	SettingsShop   Permission = "settings.shop"     // the shop, macros, labels, outgoing webhooks
	SettingsChans  Permission = "settings.channels" // channels and their secrets
	SettingsUsers  Permission = "settings.users"    // invite, change roles, disable, all tokens
	OwnersWrite    Permission = "owners.write"      // make, demote or disable an owner
)

// Permissions lists every permission.
var Permissions = []Permission{Self, InboxRead, InboxWrite, NoteWrite, CustomersWrite, PrivacyWrite, OrdersRead, OrdersWrite,
	VisitWrite, ReportsRead, TokensWrite, SettingsShop, SettingsChans, SettingsUsers, OwnersWrite}

// grants is the one table of who may do what. The owner may do everything; what is not listed
// for a role is refused.
var grants = map[models.Role][]Permission{
	models.Owner: Permissions,
	models.Admin: {Self, InboxRead, InboxWrite, NoteWrite, CustomersWrite, PrivacyWrite, OrdersRead, OrdersWrite, VisitWrite,
		ReportsRead, TokensWrite, SettingsShop, SettingsChans, SettingsUsers},
	models.Agent: {Self, InboxRead, InboxWrite, NoteWrite, CustomersWrite, OrdersRead, OrdersWrite, VisitWrite,
		ReportsRead, TokensWrite},
	models.Counter: {Self, InboxRead, NoteWrite, OrdersRead, VisitWrite},
	models.Viewer:  {Self, InboxRead, OrdersRead, ReportsRead, TokensWrite},
}

// Can tells whether a role holds a permission. Unknown roles and permissions hold nothing.
func Can(role models.Role, p Permission) bool {
	for _, granted := range grants[role] {
		if granted == p {
			return true
		}
	}
	return false
}

// scopeRank orders scopes; each includes those before it.
var scopeRank = map[models.Scope]int{models.ScopeRead: 1, models.ScopeWrite: 2, models.ScopeAdmin: 3}

// scopeNeeds is what the token's owner must hold for a scope to mean anything: a token never
// does more than the person it belongs to.
var scopeNeeds = map[models.Scope]Permission{
	models.ScopeRead:  InboxRead,
	models.ScopeWrite: InboxWrite,
	models.ScopeAdmin: SettingsChans,
}

// Covers tells whether a token of scope have, belonging to a user of the given role, may call a
// route that asks for scope want.
func Covers(role models.Role, have, want models.Scope) bool {
	if scopeRank[want] == 0 || scopeRank[have] < scopeRank[want] {
		return false
	}
	return Can(role, scopeNeeds[want])
}
