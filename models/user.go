package models

import (
	"cmp"
	"strings"
)

// Role says what a member of staff may do; auth.Can holds the one table.
type Role string

// The roles of docs/model.md.
const (
	Owner   Role = "owner"
	Admin   Role = "admin"
	Agent   Role = "agent"
	Counter Role = "counter" // the in-store tablet
	Viewer  Role = "viewer"
)

// Roles lists every role, strongest first.
var Roles = []Role{Owner, Admin, Agent, Counter, Viewer}

// User is a member of the shop's staff.
type User struct {
	ID           ID
	Email        string
	Name         string
	Role         Role
	PasswordHash string // argon2id in PHC form; empty until an invitation is accepted
	Theme        string // auto, light, dark
	UndoSeconds  int    // 0, 5, 10 or 30: how long a sent email can be called back
	Signature    string // stands below the mails they write; empty = the channel's
	DisabledAt   Time
	CreatedAt    Time
}

// Sign is what stands below a mail that the user writes: their own signature, else the channel's. {name}
// becomes the user's name, {shop} the shop's.
func (u User) Sign(channel, shop string) string {
	text := strings.TrimSpace(cmp.Or(strings.TrimSpace(u.Signature), channel))
	return strings.NewReplacer("{name}", u.Name, "{shop}", shop).Replace(text)
}

// MayRecall tells whether the user may call back what somebody wrote, or send it earlier.
func (u User) MayRecall(author ID) bool {
	return u.ID == author || u.Role == Owner || u.Role == Admin
}

// Scope limits an API token; each includes the one before it.
type Scope string

// Scopes of API tokens.
const (
	ScopeRead  Scope = "read"
	ScopeWrite Scope = "write"
	ScopeAdmin Scope = "admin"
)
