package views

import (
	"time"

	"onethread/models"
)

// ChannelsPage lists the connected accounts and what can be connected.
type ChannelsPage struct {
	Shell
	Channels  []ChannelCard
	Providers []ProviderChoice
}

// ChannelCard is one channel with its health.
type ChannelCard struct {
	ID       models.ID
	Type     string
	TypeName string
	Icon     string
	Name     string
	Detail   string // its address or site
	State    string // live, connecting, waiting, refused, off
	Problem  string
	// SendProblem is why it may not send, where it still receives.
	SendProblem string
	Done        int // backfill progress
	Total       int
	LastIn      time.Time
	Hooked      bool      // its provider calls us
	Called      time.Time // when it last did, well signed
	LastOut     time.Time
	Unreadable  int
	Rejected    int
	Waiting     int // messages in its outbox
}

// ProviderChoice is a kind of channel that can be added.
type ProviderChoice struct{ Kind, Name, Icon, About string }

// ChannelForm adds or edits a channel; the fields are the provider's.
type ChannelForm struct {
	Shell
	ID       models.ID // zero: a new one
	Kind     string
	TypeName string
	Icon     string
	Name     string
	Fields   []FieldView
	Error    string
	Saved    bool
	Finds    bool   // settings can be found from what is entered first
	Copies   []Copy // webhook addresses, the widget's snippet, secrets made for it
	Card     *ChannelCard
	Odd      []OddEvent
	Consent  *Consent // how it can be connected at its provider's site; nil = there is no such way
}

// Consent is the part of a channel's form about connecting it at its provider's site.
type Consent struct {
	If     string // when it counts, as with a field
	Who    string // whose site, as the stored settings say; empty = not chosen
	Return Copy   // the address to enter there
	Agreed bool   // the owner has just come back from there
}

// FieldView is one field of a provider with what is entered.
type FieldView struct {
	models.Field
	Value string // never a stored secret
	Set   bool   // a secret is stored
	Error string
	// Hidden: it does not count with the other fields' values.
	Hidden bool
}

// Copy is something to carry elsewhere.
type Copy struct {
	Label  string
	Value  string
	Wide   bool
	Key    string // a secret's setting
	Hidden bool   // shown only when asked for
}

// OddEvent is one that could not be read; it is kept as it came.
type OddEvent struct {
	At     time.Time
	Reason string
	Raw    string // where it can be downloaded
}

// Checks is the result of a live test.
type Checks struct {
	Steps []CheckStep
	OK    bool
}

// CheckStep is one step of a live test.
type CheckStep struct {
	Name    string
	OK      bool
	Problem string
	Note    string
	Took    string
}

// UsersPage lists the staff.
type UsersPage struct {
	Shell
	Users  []UserRow
	Roles  []Option
	Link   string // the invitation just made, shown to copy
	Error  string
	Email  string
	Name   string
	Notice string
}

// UserRow is one member of staff.
type UserRow struct {
	ID       models.ID
	Name     string
	Email    string
	Role     string
	Invited  bool
	Disabled bool
	Me       bool
	Seen     time.Time
	Roles    []Option
}

// Initials are the letters of the avatar.
func (u UserRow) Initials() string { return Initials(u.Name) }

// Hue is the colour of the avatar.
func (u UserRow) Hue() int { return Hue(u.Name) }

// TokensPage lists API tokens.
type TokensPage struct {
	Shell
	Tokens []TokenRow
	Scopes []Option
	Secret string // shown once, right after it was made
	Error  string
}

// TokenRow is one API token.
type TokenRow struct {
	ID       models.ID
	Name     string
	Scope    string
	Owner    string
	Created  time.Time
	LastUsed time.Time
}

// AccountPage is a member of staff's own settings.
type AccountPage struct {
	Shell
	Themes    []Option
	Undos     []Option
	Sessions  []SessionRow
	CanTokens bool // may make API tokens
	Signature string
	Signed    string // how it looks below a mail
	Unsigned  string // the mailbox's own, for who has none
	Shop      string // what {shop} stands for
	Error     string
	Field     string
	Saved     string
}

// SessionRow is one place where the account is logged in.
type SessionRow struct {
	ID      string
	Agent   string
	IP      string
	Created time.Time
	Seen    time.Time
	Current bool
}

// ShopPage is how the shop wants its inbox to work.
type ShopPage struct {
	Shell
	Country     string
	ReopenHours int
	BareThanks  bool
	Fields      []Option // its own: id, name, how many customers have it
	Error       string
	Saved       string
}
