package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"gorm.io/gorm"
	ms "modernc.org/sqlite"

	"onethread/models"
)

// Tx is a running write. Functions that take it never open another.
type Tx struct {
	store     *Store
	g         *gorm.DB
	ctx       context.Context
	rings     bool
	unindexed unindexed

	proofs []models.ID // evidence added by this write, until it is told what brought it
}

func (tx *Tx) db() *gorm.DB { return tx.g }

// Context is the context of the write. A Write with it is refused: it would wait for itself.
func (tx *Tx) Context() context.Context { return tx.ctx }

// Now is the store's clock.
func (tx *Tx) Now() models.Time { return tx.store.Now() }

// Vault returns the store's vault.
func (tx *Tx) Vault() *Vault { return tx.store.Vault }

type write struct {
	ctx       context.Context
	at        time.Time // when it was handed over
	fn        func(*Tx) error
	err       error
	rings     bool
	unindexed unindexed
	done      chan struct{}
}

type inWrite struct{}

// batchLimit is how many waiting writes share one commit (and so one fsync). Measured: 32 a
// commit reach five times the rate of one a commit; beyond 64 nothing is gained.
const batchLimit = 64

// Write runs fn in a transaction of the one writer. Several waiting writes are committed
// together; when one fails they run again, each in a savepoint of its own, so that the failing one
// takes only itself back. When Write returns nil the change is on disk (synchronous=FULL). fn must
// not do I/O of other kinds, and may run twice: what it hands out it must set anew.
// On a closed store it is Unavailable.
func (s *Store) Write(ctx context.Context, fn func(*Tx) error) error {
	if ctx.Value(inWrite{}) != nil {
		panic("store: Write inside Write")
	}
	w := &write{ctx: ctx, at: time.Now(), fn: fn, done: make(chan struct{})}
	if err := s.handOver(w); err != nil {
		return translate(err)
	}
	<-w.done
	return s.noted(w.err)
}

// handOver gives a write to the writer. Close waits until nobody is inside.
func (s *Store) handOver(w *write) error {
	s.closing.RLock()
	defer s.closing.RUnlock()
	if s.closed {
		return models.Errorf(models.Unavailable, "The server is stopping. Try again in a moment.")
	}
	select {
	case s.writes <- w:
		return nil
	case <-w.ctx.Done():
		return w.ctx.Err()
	}
}

func (s *Store) writeLoop() {
	defer close(s.done)
	var first *write
	for {
		if first == nil {
			w, ok := <-s.writes
			if !ok {
				return
			}
			first = w
		}
		batch := s.gather(first)
		first = nil
		if !s.commit(batch) {
			batch, first = s.refuseToo(batch)
		}
		ring := false
		for _, w := range batch {
			ring = ring || (w.err == nil && w.rings)
			close(w.done)
		}
		if ring {
			s.Bell.Ring()
		}
	}
}

// longWait is half of what SQLite waits for another program's lock (busy_timeout).
const longWait = 5 * time.Second

// refuseToo adds to a batch that could not get in for another program's lock the writes that stood
// behind it for long: they would wait twice. next has just come.
func (s *Store) refuseToo(batch []*write) (refused []*write, next *write) {
	for {
		select {
		case w, ok := <-s.writes:
			if !ok {
				return batch, nil
			}
			if time.Since(w.at) < longWait {
				return batch, w
			}
			w.err = errBusy
			batch = append(batch, w)
		default:
			return batch, nil
		}
	}
}

func (s *Store) gather(first *write) []*write {
	batch := []*write{first}
	for len(batch) < batchLimit {
		select {
		case w, ok := <-s.writes:
			if !ok {
				return batch
			}
			batch = append(batch, w)
		default:
			return batch
		}
	}
	return batch
}

// commit runs a batch. Savepoints are left out at first: each makes the full-text index write what it
// holds in memory, so that a batch would pay per message what it is there to pay once. It reports
// false when another program kept all of it out for as long as SQLite waits.
func (s *Store) commit(batch []*write) (gotIn bool) {
	err := error(nil)
	if len(batch) > 1 {
		err = s.together(batch)
	}
	if len(batch) == 1 || err != nil && !locked(err) {
		err = s.oneByOne(batch)
	}
	if err == nil {
		return true
	}
	for _, w := range batch { // the commit itself failed: nothing of the batch is there
		if w.err == nil {
			w.err = err
		}
	}
	return !locked(err)
}

// locked tells whether another program holds the lock on writing.
func locked(err error) bool {
	var e *ms.Error
	return errors.As(err, &e) && e.Code()&0xff == 5 // SQLITE_BUSY
}

// oneByOne runs a batch so that a write that fails takes only itself back. It returns why the whole
// failed.
func (s *Store) oneByOne(batch []*write) error {
	return s.w.Transaction(func(g *gorm.DB) error {
		for _, w := range batch {
			w.rings = false
			if w.err = w.ctx.Err(); w.err != nil {
				continue
			}
			s.runOne(g, w, len(batch) > 1)
			if w.err != nil && len(batch) == 1 {
				return w.err
			}
		}
		return index(g, batch)
	})
}

// together runs a batch as one piece. When any of it failed it leaves nothing behind.
func (s *Store) together(batch []*write) error {
	return s.w.Transaction(func(g *gorm.DB) error {
		for _, w := range batch {
			if w.err = w.ctx.Err(); w.err != nil {
				continue
			}
			if s.runOne(g, w, false); w.err != nil {
				return w.err
			}
		}
		return index(g, batch)
	})
}

// runOne runs one write, in a savepoint when others share its transaction.
func (s *Store) runOne(g *gorm.DB, w *write, shared bool) {
	ctx := context.WithValue(w.ctx, inWrite{}, true)
	tx := &Tx{store: s, g: g.WithContext(ctx), ctx: ctx}
	if shared {
		if w.err = exec(g, "SAVEPOINT w").Error; w.err != nil {
			return
		}
	}
	w.err = guarded(tx, w.fn)
	w.rings, w.unindexed = tx.rings, tx.unindexed
	if !shared {
		return
	}
	if w.err != nil {
		w.err = errors.Join(w.err, exec(g, "ROLLBACK TO w").Error)
	}
	if err := exec(g, "RELEASE w").Error; err != nil && w.err == nil {
		w.err = err
	}
}

func guarded(tx *Tx, fn func(*Tx) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a write: %v\n%s", p, debug.Stack())
		}
	}()
	return fn(tx)
}

var errBusy = &models.Error{Code: models.Unavailable, After: 5 * time.Second, Message: "The database is busy with another program. Try again in a moment."}

var errDisk = &models.Error{Code: models.Unavailable, After: 30 * time.Second, Message: "The disk reports an error. Check it, and the data folder's permissions."}

var errDamaged = &models.Error{Code: models.Unavailable, Message: "The database file is damaged. Stop the server and bring back your last backup with: onethread restore FILE --force"}

// translate gives people's words to what SQLite reports when it cannot write now.
func translate(err error) error {
	var e *ms.Error
	if errors.Is(err, context.DeadlineExceeded) {
		return errBusy // it stood in line for as long as its caller may wait
	}
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case 13: // SQLITE_FULL
		return errFull
	case 5: // SQLITE_BUSY
		return errBusy
	case 10, 8: // SQLITE_IOERR, SQLITE_READONLY
		return errDisk
	case 11, 26: // SQLITE_CORRUPT, SQLITE_NOTADB
		return errDamaged
	}
	return err
}
