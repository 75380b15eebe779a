// Package privacy holds what the law and good manners ask for: to erase a person, to hand out all that is
// kept of one, to take the words out of a message, and to forget by rule what is old.
package privacy

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"onethread/models"
	"onethread/models/store"
)

// Privacy runs the commands.
type Privacy struct{ st *store.Store }

// New makes a Privacy over an open store.
func New(st *store.Store) *Privacy { return &Privacy{st: st} }

// Now is the store's clock.
func (p *Privacy) Now() time.Time { return p.st.Now().Std() }

// orphansRest is how long content without a row may still belong to something that is just being recorded.
const orphansRest = time.Hour

// Erase takes everything of a customer away, with all that was merged into their record: words, files,
// originals, addresses, notes. What stays is told by docs/security.md: bare orders, a nameless record for
// old links, keyed hashes that keep it from coming back. A record that was merged into another is a
// Conflict, and so is one with a message that is being sent this moment. When Erase returns nil, nothing
// of it can be found in the data folder's files; Unavailable with the result set means that it is erased
// and its traces are overwritten within the hour.
func (p *Privacy) Erase(ctx context.Context, user, customer models.ID) (store.Erasure, error) {
	ctx = context.WithoutCancel(ctx) // what has begun is finished
	done, err := p.erase(ctx, user, customer)
	if err != nil {
		return done, err
	}
	slog.Info("a customer was erased", "customer", int64(customer), "by", int64(user), "events", done.Events, "files", len(done.Files))
	return done, p.finish(ctx, done.Files)
}

// settingDue is set while an erasure has not been carried through to the last byte.
const settingDue = "erasure_due"

// finish takes away what an erasure has let go of.
func (p *Privacy) finish(ctx context.Context, files []string) error {
	if err := p.eraseEvents(ctx); err != nil {
		return err
	}
	if err := p.tidy(ctx, files); err != nil {
		return err
	}
	return p.st.Write(ctx, func(tx *store.Tx) error { return store.DropSetting(tx, settingDue) })
}

// Resume ends what an erasure had to leave undone: the program was stopped, or a backup was reading.
func (p *Privacy) Resume(ctx context.Context) error {
	_, due, err := store.Setting(p.st.Read(ctx), settingDue)
	if err != nil || !due {
		return err
	}
	return p.finish(ctx, nil)
}

// eraseEvents takes the threads of erased customers away.
func (p *Privacy) eraseEvents(ctx context.Context) error {
	for more := true; more; {
		err := p.st.Write(ctx, func(tx *store.Tx) (err error) {
			more, err = store.EraseEvents(tx)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// tidy removes the files that nothing names any more and overwrites what the database has let go of.
func (p *Privacy) tidy(ctx context.Context, files []string) error {
	return errors.Join(p.st.DropUnnamed(ctx, files), p.st.DropOrphans(ctx, time.Now().Add(-orphansRest)), p.st.Purge(ctx))
}

func (p *Privacy) erase(ctx context.Context, user, customer models.ID) (done store.Erasure, err error) {
	for {
		needles, err := p.needles(p.st.Read(ctx), customer)
		if err != nil {
			return done, err
		}
		mentions, err := p.st.Mentions(ctx, needles)
		if err != nil {
			return done, err
		}
		again := false
		err = p.st.Write(ctx, func(tx *store.Tx) error {
			now, err := p.needles(tx, customer)
			if again = err == nil && !slices.Equal(now, needles); err != nil || again {
				return err
			}
			done, err = eraseNow(tx, user, customer, mentions)
			return err
		})
		if err != nil || !again {
			return done, err
		}
	}
}

func eraseNow(tx *store.Tx, user, customer models.ID, mentions []models.ID) (store.Erasure, error) {
	c, err := store.Customer(tx, customer)
	if err != nil {
		return store.Erasure{}, err
	}
	if c.MergedInto != 0 {
		return store.Erasure{}, models.Errorf(models.Conflict, "This customer was merged into another. Undo the merge to erase this one alone, or erase the customer that it was merged into.")
	}
	ids, err := store.Records(tx, customer)
	if err != nil {
		return store.Erasure{}, err
	}
	if n, err := store.OnTheirWay(tx, ids, tx.Now()); err != nil || n > 0 {
		if err == nil {
			err = &models.Error{Code: models.Conflict, After: time.Minute, Message: "A message to this customer is being sent this moment. Nothing was erased; try again in a minute."}
		}
		return store.Erasure{}, err
	}
	done, err := store.Erase(tx, customer, mentions)
	if err == nil {
		err = store.SetSetting(tx, settingDue, "1")
	}
	if err != nil {
		return done, err
	}
	for _, id := range done.Customers {
		if _, err := store.AppendEvent(tx, models.Event{CustomerID: id, Kind: models.KindErased, UserID: user}, nil); err != nil {
			return done, err
		}
	}
	return done, nil
}

// needles are a customer's addresses as originals may hold them.
func (p *Privacy) needles(q store.Q, customer models.ID) ([]string, error) {
	ids, err := store.Records(q, customer)
	if err != nil {
		return nil, err
	}
	all, err := store.IdentitiesOf(q, some(ids)...)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, i := range all {
		if i.Evidence == models.Typed || i.Shared { // perhaps another's
			continue
		}
		if i.Kind == models.EmailIdentity || i.Kind == models.PhoneIdentity {
			out = append(out, strings.ToLower(i.Value))
		}
		if i.Kind == models.EmailIdentity && i.Display != "" {
			out = append(out, strings.ToLower(i.Display))
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func some(ids []models.ID) []models.ID { return append([]models.ID{-1}, ids...) }

// OlderCopies names the files in the data folder that an erasure does not reach: copies from before an
// upgrade or a restore. Backups elsewhere are not known here.
func (p *Privacy) OlderCopies() []string {
	var out []string
	for _, pattern := range []string{"onethread.db.before-*", "onethread.db.replaced-*"} {
		found, _ := filepath.Glob(filepath.Join(p.st.Dir(), pattern))
		for _, f := range found {
			out = append(out, filepath.Base(f))
		}
	}
	return out
}
