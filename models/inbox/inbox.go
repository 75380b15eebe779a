// Package inbox holds the commands of the domain: Ingest, the single door in, and what staff do:
// Reply, Note, Assign, Snooze, Close, Reopen, Label. Each command opens one transaction; the
// unexported helpers take it.
package inbox

import (
	"context"
	"log/slog"
	"time"

	"onethread/models"
	"onethread/models/store"
)

// Inbox runs the commands.
type Inbox struct {
	st        *store.Store
	providers map[string]models.Provider

	// Online tells whether the visitor behind a chat identity is there now; nil = always.
	Online func(identity models.ID) bool
	// Left tells when the visitor behind a chat identity left; zero or nil = not known.
	Left func(identity models.ID) models.Time
	// URL is the public base URL, without a trailing slash, for links that customers get.
	URL string
	// Fetcher gives what fetches a channel's files; ok is false while the channel is not open.
	Fetcher func(channel models.ID) (fetch models.Fetch, ok bool)
}

// New makes an Inbox over an open store. providers tells what each channel type can do.
func New(st *store.Store, providers []models.Provider) *Inbox {
	byKind := map[string]models.Provider{}
	for _, p := range providers {
		byKind[p.Kind] = p
	}
	return &Inbox{st: st, providers: byKind}
}

// say appends a conversation event: what staff or the clock did with it.
func say(tx *store.Tx, c models.Conversation, user models.ID, data models.ConversationData) (models.ID, error) {
	return store.AppendEvent(tx, models.Event{CustomerID: c.CustomerID, ConversationID: c.ID, Kind: models.KindConversation, UserID: user}, data)
}

// WakeDue opens the snoozed conversations whose time has come, and tells when to look again:
// at the latest in a minute.
func (b *Inbox) WakeDue(ctx context.Context) error {
	due, err := store.DueToWake(b.st.Read(ctx), b.st.Now())
	if err != nil || len(due) == 0 {
		return err
	}
	return b.st.Write(ctx, func(tx *store.Tx) error {
		again, err := store.DueToWake(tx, tx.Now())
		if err != nil {
			return err
		}
		for _, c := range again {
			if err := wake(tx, &c); err != nil {
				return err
			}
			if err := store.SaveConversation(tx, c); err != nil {
				return err
			}
		}
		return nil
	})
}

// wake opens a snoozed conversation; the caller saves it.
func wake(tx *store.Tx, c *models.Conversation) error {
	c.Status, c.SnoozedUntil, c.SnoozedFor = models.StatusOpen, 0, ""
	_, err := say(tx, *c, 0, models.ConversationData{Action: "woken"})
	return err
}

// Run wakes snoozed conversations, sends answers after visitors who left the chat, and sweeps once an hour,
// until ctx ends.
func (b *Inbox) Run(ctx context.Context) error {
	var swept time.Time
	tick := time.NewTicker(15 * time.Second)
	defer tick.Stop()
	for {
		if err := b.WakeDue(ctx); err != nil && ctx.Err() == nil { // a full disk must not end the program
			slog.Error("inbox: a snoozed conversation could not be woken; it is tried again in a moment", "error", err)
		}
		if err := b.Follow(ctx, b.st.Now()); err != nil && ctx.Err() == nil {
			slog.Error("inbox: answers in the chat could not follow their visitor; it is tried again in a moment", "error", err)
		}
		swept = b.sweepSometimes(ctx, swept)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
