package inbox

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"time"

	"onethread/models"
	"onethread/models/store"
)

const (
	// fetchWithin bounds one attempt to get a file.
	fetchWithin = time.Minute
	// fetchGiveUp is how long a file is tried for; then staff see that it could not be had.
	fetchGiveUp = 24 * time.Hour
	// fetchClosed is how long a file rests whose channel is not open, at the start for example.
	fetchClosed = 5 * time.Second
)

// fetchAgain is how long after an attempt the next is made.
var fetchAgain = []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour}

// RunFetches gets the files that providers still hold, one after the other, until ctx ends. A file
// that fails is tried again for a day; nothing of it waits in memory.
func (b *Inbox) RunFetches(ctx context.Context) error {
	for ctx.Err() == nil {
		bell := b.st.Bell.Wait()
		again, err := b.fetchNext(ctx)
		if err != nil && ctx.Err() == nil {
			slog.Error("inbox: fetching a file", "error", err)
			again = b.st.Now().Add(time.Second)
		}
		pause := time.Minute
		if again != 0 {
			pause = min(pause, max(again.Sub(b.st.Now()), 0))
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-bell:
		case <-timer.C:
		}
		timer.Stop()
	}
	return nil
}

// fetchNext gets what is due and tells when something will be; zero when nothing waits.
func (b *Inbox) fetchNext(ctx context.Context) (models.Time, error) {
	for {
		due, err := store.NextFetch(b.st.Read(ctx))
		if err != nil || due == 0 || due > b.st.Now() {
			return due, err
		}
		var p store.Pending
		var ok bool
		err = b.st.Write(ctx, func(tx *store.Tx) error {
			var err error
			p, ok, err = store.ClaimFetch(tx, func(attempt int) models.Time {
				return tx.Now().Add(fetchWithin + fetchAgain[min(attempt-1, len(fetchAgain)-1)])
			})
			return err
		})
		if err != nil || !ok {
			return 0, err
		}
		if err := b.fetchOne(ctx, p); err != nil {
			return 0, err
		}
	}
}

func (b *Inbox) fetchOne(ctx context.Context, p store.Pending) error {
	fetch, ok := b.Fetcher(p.ChannelID)
	if !ok {
		return b.st.Write(ctx, func(tx *store.Tx) error { return store.DeferFetch(tx, p.AttachmentID, tx.Now().Add(fetchClosed)) })
	}
	within, cancel := context.WithTimeout(ctx, fetchWithin)
	file, err := fetch(within, p.URL)
	cancel()
	if ctx.Err() != nil {
		return nil // stopping: the next start tries again
	}
	var e *models.SendError
	final := errors.As(err, &e) && e.Permanent
	if err != nil && !final && b.st.Now().Sub(p.CreatedAt) < fetchGiveUp {
		slog.Info("inbox: a file could not be fetched; it is tried again", "event", p.EventID, "attempt", p.Attempts, "error", err)
		return b.st.Write(ctx, func(tx *store.Tx) error {
			return store.DeferFetch(tx, p.AttachmentID, tx.Now().Add(fetchAgain[min(p.Attempts-1, len(fetchAgain)-1)]))
		})
	}
	return b.settleFetch(ctx, p, file, err)
}

// settleFetch records the file, or why it cannot be had, and tells the feed.
func (b *Inbox) settleFetch(ctx context.Context, p store.Pending, file models.FileIn, problem error) error {
	var sum string
	var size int64
	if problem == nil {
		var err error
		if sum, size, err = b.st.Files.Put(bytes.NewReader(file.Body)); err != nil {
			return err
		}
	}
	erased := false
	err := b.st.Write(ctx, func(tx *store.Tx) error {
		a, err := store.AttachmentByID(tx, p.AttachmentID)
		if erased = models.IsCode(err, models.NotFound); erased {
			return nil
		}
		if err == nil {
			err = tx.Holds(sum)
		}
		if err != nil {
			return err
		}
		if a.SHA256, a.Size, a.State = sum, size, ""; problem != nil {
			a.State, a.Problem = "failed", line(problem.Error(), 300)
		} else {
			a.Type = SniffType(file.Type, file.Body)
			if file.Name != "" {
				a.Name = FileName(file.Name)
			}
		}
		if err := store.FinishFetch(tx, a); err != nil {
			return err
		}
		e, err := store.Event(tx, p.EventID)
		if err != nil {
			return err
		}
		_, err = store.AppendEvent(tx, models.Event{CustomerID: e.CustomerID, ConversationID: e.ConversationID, ChannelID: e.ChannelID, AnchorID: e.AnchorID, HomeID: e.HomeID,
			Kind: models.KindFile, RefID: e.ID}, nil)
		return err
	})
	if err == nil && erased && sum != "" { // its message was erased while it was on its way
		return b.st.DropUnnamed(ctx, []string{sum})
	}
	return err
}
