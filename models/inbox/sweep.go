package inbox

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"onethread/models/privacy"
	"onethread/models/store"
)

const (
	uploadsKept = 24 * time.Hour // a file waits this long for its message
	filesRest   = time.Hour      // a file this young may belong to an upload that is just being recorded
	foldersKept = 24 * time.Hour // longer than any backup or restore takes
	sweepEvery  = time.Hour
	codesKept   = 2 * 24 * time.Hour // one-time codes, for the limits of how many go to an address
	reportsKept = 7 * 24 * time.Hour // delivery reports about messages that never became known
)

// Sweep removes what nobody will ask for again: uploads that no message carried within a day, with
// their content where nothing else names it, and what broken-off uploads, backups and restores have
// left; it tidies search. A crash between row and file leaves the file behind: bytes that nothing shows.
func (b *Inbox) Sweep(ctx context.Context) error {
	now := b.st.Now().Std()
	err := errors.Join(b.st.Files.DropUnfinished(now.Add(-filesRest)), b.st.DropUnfinished(now.Add(-foldersKept)),
		b.st.Write(ctx, func(tx *store.Tx) error {
			return errors.Join(store.DropReports(tx, b.st.Now().Add(-reportsKept)), store.DropCodes(tx, b.st.Now().Add(-codesKept)))
		}),
		privacy.New(b.st).Sweep(ctx), b.st.TidySearch(ctx))
	for {
		n, failed := b.sweepUploads(ctx, now)
		if failed != nil || n == 0 {
			return errors.Join(err, failed)
		}
	}
}

// sweepUploads takes some of the forgotten uploads and tells how many. The file goes after the
// commit: a row must never name what is gone. Who uploads the same content meanwhile has put the
// file anew, which Drop respects.
func (b *Inbox) sweepUploads(ctx context.Context, now time.Time) (int, error) {
	var sums []string
	err := b.st.Write(ctx, func(tx *store.Tx) error {
		var err error
		sums, err = store.DropUploads(tx, b.st.Now().Add(-uploadsKept))
		return err
	})
	if err != nil {
		return 0, err
	}
	gone, err := store.Unnamed(b.st.Read(ctx), sums)
	if err != nil {
		return 0, err
	}
	for _, sum := range gone {
		err = errors.Join(err, b.st.Files.Drop(sum, now.Add(-filesRest)))
	}
	return len(sums), err
}

// sweepSometimes sweeps when an hour has passed since it last did; failing is worth a warning, not
// the loop's end.
func (b *Inbox) sweepSometimes(ctx context.Context, last time.Time) time.Time {
	now := b.st.Now().Std()
	if now.Sub(last) < sweepEvery && !now.Before(last) {
		return last
	}
	if err := b.Sweep(ctx); err != nil && ctx.Err() == nil {
		slog.Warn("inbox: forgotten files could not be removed; it is tried again in an hour", "error", err)
	}
	return now
}
