package models

import (
	"context"
	"io"
)

// Outbound is one message on its way out, as a Sender gets it. It is rebuilt from the
// database for every attempt, so every attempt is the same.
type Outbound struct {
	EventID     ID
	To          string // the address in the form its kind has (email address, E.164, visitor id)
	ToName      string
	CC          []string // further recipients' addresses, where the channel has such
	BCC         []string // further recipients whom nobody else sees
	FromName    string   // the member of staff who wrote it; empty = the shop
	Subject     string
	Text        string
	HTML        string // sanitised; empty = make it from Text
	MessageID   string // minted when the message was written; the same on every attempt
	InReplyTo   string
	References  []string // oldest first
	ReplyToken  string   // for a plus-address where the channel has them
	Signature   string   // stands below the words where the channel has such; empty = the channel's own
	Automatic   bool     // mark as auto-generated
	Secret      bool     // a one-time code: no copy is kept anywhere
	Attachments []FileOut
	Key         string // idempotency key, for providers that take one
	Attempt     int    // 1 on the first try
	// Since is when the first attempt began, for providers without an idempotency key: a later attempt
	// looks there first for a message that was accepted although its answer never came.
	Since Time
	// Doubt: an earlier attempt was cut off before its answer came, and may have been accepted.
	Doubt bool
	// Taken tells whether a provider's message id already belongs to another message of ours; nil = no.
	Taken func(ctx context.Context, providerID string) (bool, error)
}

// FileOut is a file to send.
type FileOut struct {
	Name      string
	Type      string
	ContentID string
	Inline    bool
	Size      int64  // bytes
	URL       string // public, signed, good for a day: for providers that fetch files themselves
	Open      func() (io.ReadCloser, error)
}

// Receipt is what a provider gave back for an accepted message.
type Receipt struct {
	ProviderID string // its id of the message; delivery reports refer to it
	State      string // usually DeliverySent
	Problem    string // what went wrong beside it, for people: a further recipient who was refused
}
