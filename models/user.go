package models

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

// Scope limits an API token; each includes the one before it.
type Scope string

// Scopes of API tokens.
const (
	ScopeRead  Scope = "read"
	ScopeWrite Scope = "write"
	ScopeAdmin Scope = "admin"
)
