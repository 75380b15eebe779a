package email

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"

	"onethread/models"
)

// deliverers is how many mails are parsed and handed over at a time: the store commits waiting
// transactions together, so handing over one by one would wait for a disk flush each.
const deliverers = 16

// take fetches and delivers mails in the given order. The next batch is fetched while the one
// before it is delivered. When all of a batch but its last mail is stored, mark is called with the UID up to
// which everything is in; that last mail carries the cursor.
func (r *run) take(ctx context.Context, uids []imap.UID, mark func(imap.UID), silent func(item) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	batches, failed := make(chan batch), make(chan error, 1)
	go func() {
		defer close(batches)
		for chunk := range slices.Chunk(uids, batchMails) {
			err := r.session.fetch(chunk, func(b batch) bool {
				select {
				case batches <- b:
					return true
				case <-ctx.Done():
					return false
				}
			})
			if err != nil || ctx.Err() != nil {
				failed <- err
				return
			}
		}
		failed <- nil
	}()
	var err error
	for b := range batches {
		if err == nil {
			if err = r.store(ctx, b, mark, silent); err != nil {
				cancel()
			}
		}
	}
	if fetchErr := <-failed; err == nil {
		err = fetchErr
	}
	return err
}

// store delivers one batch, its last mail after all others and with the cursor.
func (r *run) store(ctx context.Context, b batch, mark func(imap.UID), silent func(item) bool) error {
	if r.junk { // SEARCH SINCE knows days only
		b.items = slices.DeleteFunc(b.items, func(it item) bool { return it.arrived.Before(r.settings.since) })
	}
	if b.done == 0 { // a large mail before these is still to come
		mark = func(imap.UID) {}
	}
	b.items = slices.DeleteFunc(b.items, func(it item) bool { return isProbe(it.raw, r.settings.address) })
	if len(b.items) == 0 { // all deleted since the search
		mark(b.done)
		return r.save(ctx)
	}
	last := len(b.items) - 1
	slots := make(chan struct{}, deliverers)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var failed error
	for _, it := range b.items[:last] {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if err := r.hand(ctx, r.mail(it, silent(it))); err != nil {
				mu.Lock()
				failed = err
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if failed != nil {
		return failed
	}
	in := r.mail(b.items[last], silent(b.items[last]))
	mark(b.done)
	in.Cursor = r.cursor()
	return r.hand(ctx, in)
}

// mail makes of one mail of the folder what the single door in takes, with the place it lies at.
func (r *run) mail(it item, silent bool) models.Inbound {
	in := r.inbound(it, silent, r.sent)
	if m, ok := in.Payload.(*models.MessageIn); ok && r.junk {
		m.Spam = true
	}
	in.Place = &models.Place{Folder: r.folder, Validity: r.place.Validity, UID: uint32(it.uid)}
	return in
}

func (r *run) cursor() *models.Cursor {
	value, _ := json.Marshal(r.place) // numbers only: cannot fail
	return &models.Cursor{Name: r.cursorName(), Value: string(value)}
}

// save stores the place where no mail is there to carry it.
func (r *run) save(ctx context.Context) error {
	return r.hand(ctx, models.Inbound{ChannelID: r.channel, Cursor: r.cursor()})
}

// tries is after how many failures a mail is offered as unreadable instead: if the store takes
// that, it was the mail, and the next one gets its turn; if not, it is the store, and we wait.
const tries = 5

// hand delivers one mail, again and again until it is stored. An error means that ctx ended.
func (r *run) hand(ctx context.Context, in models.Inbound) error {
	wait := 100 * time.Millisecond
	for attempt := 1; ; attempt++ {
		_, err := r.deliver(ctx, in)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r.host.Log.Error("email: a mail could not be stored", "channel", r.channel, "mail", in.ExternalID, "attempt", attempt, "error", err)
		if _, already := in.Payload.(*models.UnreadableIn); attempt >= tries && in.Payload != nil && !already && !models.IsCode(err, models.Unavailable) {
			in.Payload = &models.UnreadableIn{Reason: fmt.Sprintf("This mail could not be stored as a message: %v", err)}
		}
		sleep(ctx, wait)
		wait = min(2*wait, 10*time.Second)
	}
}
