package models

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Channel is one connected account. Settings holds every field of its provider, secrets
// decrypted; it never leaves the server.
type Channel struct {
	ID        ID
	Type      string // its provider's Kind
	Name      string
	Key       string // random, public: the widget's data-channel
	Settings  map[string]string
	Paused    bool
	CreatedAt Time
	UpdatedAt Time
}

// Field describes one setting of a provider: it draws the settings form and `channel add --set`.
type Field struct {
	Key      string // "imap_host"
	Label    string // key into the catalogue is "channel.<kind>.<key>"; this is the English default
	Help     string
	Type     string // text, email, password, number, bool, select, url, textarea
	Options  []string
	Default  string
	Required bool
	Secret   bool // encrypted at rest, never shown again
	Generate bool // a secret that we make ourselves and show once to copy (webhook secrets)
	Advanced bool // folded away in the form
	// If names when the field counts, by another one's value: "login=google|microsoft". Otherwise it is hidden
	// and not required.
	If string
}

// Applies tells whether the field counts with these settings.
func (f Field) Applies(settings map[string]string) bool {
	key, values, conditional := strings.Cut(f.If, "=")
	return !conditional || slices.Contains(strings.Split(values, "|"), settings[key])
}

// Provider is one integration: what it is called, what it needs, and how to open it.
type Provider struct {
	Kind     string       // "email"
	Name     string       // "Email"
	Address  IdentityKind // the kind of identity its messages go to; empty = it sends none
	Instant  bool         // sends without an undo window (chat)
	MaxText  int          // most characters of one message; 0 = no limit of its own
	Segments bool         // words are counted in SMS segments (GSM 03.38), which the composer shows
	Hooks    []string     // sub-paths of /webhooks/{kind}/{channel id} to copy: "", "sms", "sms#rc=4&rp=all" with the provider's own overrides
	Fields   []Field
	Answer   HookAnswer // what a webhook is answered with once it is on disk
	// Fits refuses files that the channel cannot carry, with a FieldError for people; nil = anything fits.
	Fits     func(files []Attachment) error
	Validate func(settings map[string]string) error // a FieldError names the setting at fault; nil = no rules
	// Find looks for what the owner need not know (a mail address's servers), from what is entered so far.
	// It may ask the network, for seconds. An Invalid error says what has to be entered by hand; nil = there
	// is nothing to find.
	Find func(ctx context.Context, given map[string]string, h Host) (Finding, error)
	Open func(Channel, Host) (Connection, error)
	// Consent connects a channel by its owner's agreement at the provider's own site; nil = there is no such way.
	Consent *Consent
}

// Consent is how a channel gets its credentials from its owner's agreement at the provider's own site (OAuth 2,
// RFC 6749) in place of a password.
type Consent struct {
	If string // when it counts, in the form of Field.If
	// Needed names who is asked ("Google"), as the settings say; empty = nobody.
	Needed func(settings map[string]string) string
	// Ask is the address that the owner's browser is sent to. A FieldError names a setting that is missing.
	Ask func(settings map[string]string, a Asking) (string, error)
	// Settle makes settings of the code that the browser came back with.
	Settle func(ctx context.Context, c Channel, h Host, a Asking, code string) (map[string]string, error)
}

// Asking is one way to the provider's site and back.
type Asking struct {
	Return   string // where the browser comes back to
	State    string // comes back with it
	Verifier string // proves that who brings the code is who asked (RFC 7636)
}

// Finding is what Find found out.
type Finding struct {
	Settings map[string]string
	Source   string // known, mx, asked: catalogue key "find.<source>"
	Hint     string // what to know before entering a password: app, oauth; empty = nothing. Catalogue key "find.<hint>"
	Help     string // the provider's own way to such a password, in words
	Page     string // its page about it, or where it is made; empty = none is known
}

// HookAnswer is the body of a 200 answer to a webhook. The zero value is a small JSON object.
type HookAnswer struct{ Type, Body string }

// Connection is an opened channel. A provider fills what it can do and leaves the rest nil.
type Connection struct {
	Sender   Sender
	Receiver Receiver
	Hook     Hook
	Fetch    Fetch
	Check    func(ctx context.Context) []Check // the settings screen's live test, step by step; it leaves no trace
	Probe    func(ctx context.Context) []Check // further steps that leave one, for when a person asks; after a Check that went well
	Reread   func(k Kept) Inbound              // what is made today of something that arrived before
}

// Kept is something that arrived before, as it came.
type Kept struct {
	Raw        []byte
	ReceivedAt Time
	Out        bool // the shop itself had sent it
}

// Fetch gets a file that a message came with by its address (FileIn.URL). Permanent: it is gone or
// cannot be taken, and the words of the error are shown in its place.
type Fetch func(ctx context.Context, url string) (FileIn, error)

// Check is one step of a live test.
type Check struct {
	Step    string // "DNS", "TLS", "login", "send"
	OK      bool
	Problem string // what is wrong and what to do next; empty when OK
	Note    string // what else was found out, when OK
	Took    time.Duration
}

// Sender sends one message. It returns Permanent, RetryAfter or Paused errors where it
// knows better than "try again later".
type Sender interface {
	Send(ctx context.Context, out Outbound) (Receipt, error)
}

// Receiver pulls events until ctx ends and hands each to deliver. It moves on to the next
// item only after deliver returned nil, so that nothing is skipped while the store is failing.
type Receiver interface {
	Receive(ctx context.Context, deliver Deliver) error
}

// Deliver is inbox.Ingest, passed in.
type Deliver func(ctx context.Context, in Inbound) (Ingested, error)

// HookRequest is a webhook call. Body is a copy; URL is the public URL the provider called,
// computed from ONETHREAD_URL, never from the Host header.
type HookRequest struct {
	Method string
	URL    string
	Path   string // what follows /webhooks/{kind}/{channel id}/
	Header http.Header
	Body   []byte
	Now    time.Time
	Token  bool // the caller showed an API token instead: no signature is asked for, and "proved" counts as asserted
}

// Hook verifies a webhook's signature over the raw body and parses it. An Unsigned error means
// nothing is stored; a body with a good signature that makes no sense becomes an UnreadableIn.
type Hook interface {
	Parse(req HookRequest) ([]Inbound, error)
}

// Host is what a provider may use of the program it runs in.
type Host struct {
	URL    string // the public base URL, without a trailing slash
	Log    *slog.Logger
	Now    func() time.Time
	Dial   func(ctx context.Context, network, addr string) (net.Conn, error) // refuses private addresses unless the channel allows them
	Cursor func(ctx context.Context, name string) (string, error)            // the value last delivered under this name; "" at first
	Staff  func(address string) bool                                         // is this the address of a member of staff? It proves nothing by itself
	Status func(ctx context.Context, s Status)                               // what the settings screen shows
	// Renew changes a secret setting that the provider exchanges by itself (a refresh token), one at a time over
	// all that have the channel open: renew gets the stored value, and what it returns is on disk before Renew
	// returns. The channel is not opened anew for it.
	Renew func(ctx context.Context, key string, renew func(now string) (string, error)) error
	// Places lists the UIDs of a mail folder that are not known to be gone, ascending; Gone records those that
	// are. Both hold for one UIDVALIDITY; nil = nobody wants to know.
	Places func(ctx context.Context, folder string, validity uint32) ([]uint32, error)
	Gone   func(ctx context.Context, folder string, validity uint32, uids []uint32) error
}

// Status is a channel's health as its receiver sees it.
type Status struct {
	State   string // connecting, live, waiting (backing off), refused (credentials), off
	Problem string // for people: what happened and what to do
	Done    int    // backfill progress: Done of Total older items
	Total   int
}
