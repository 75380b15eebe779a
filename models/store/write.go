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
	store *Store
	g     *gorm.DB
	ctx   context.Context
	rings bool
	words bool // a message was added: its search row follows at the end of the commit
}

func (tx *Tx) db() *gorm.DB { return tx.g }

// Context is the context of the write. A Write with it is refused: it would wait for itself.
func (tx *Tx) Context() context.Context { return tx.ctx }

// Now is the store's clock.
func (tx *Tx) Now() models.Time { return tx.store.Now() }

// Vault returns the store's vault.
func (tx *Tx) Vault() *Vault { return tx.store.Vault }

type write struct {
	ctx   context.Context
	fn    func(*Tx) error
	err   error
	rings bool
	words bool
	done  chan struct{}
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
	w := &write{ctx: ctx, fn: fn, done: make(chan struct{})}
	if err := s.handOver(w); err != nil {
		return err
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
	for first := range s.writes {
		batch := s.gather(first)
		s.commit(batch)
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
// holds in memory, so that a batch would pay per message what it is there to pay once.
func (s *Store) commit(batch []*write) {
	if len(batch) > 1 {
		err := s.together(batch)
		if translate(err) == error(errBusy) { // another program kept us out for as long as we wait: nobody waits twice
			for _, w := range batch {
				w.err, w.rings = err, false
			}
			return
		}
		if err == nil {
			return
		}
	}
	err := s.w.Transaction(func(g *gorm.DB) error {
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
	if err == nil {
		return
	}
	for _, w := range batch { // the commit itself failed: nothing of the batch is there
		if w.err == nil {
			w.err = err
		}
	}
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

func index(g *gorm.DB, batch []*write) error {
	for _, w := range batch {
		if w.words {
			return indexMessages(g)
		}
	}
	return nil
}

// runOne runs one write, in a savepoint when others share its transaction.
func (s *Store) runOne(g *gorm.DB, w *write, shared bool) {
	ctx := context.WithValue(w.ctx, inWrite{}, true)
	tx := &Tx{store: s, g: g.WithContext(ctx), ctx: ctx}
	if shared {
		if w.err = g.Exec("SAVEPOINT w").Error; w.err != nil {
			return
		}
	}
	w.err = guarded(tx, w.fn)
	w.rings, w.words = tx.rings, tx.words
	if !shared {
		return
	}
	if w.err != nil {
		w.err = errors.Join(w.err, g.Exec("ROLLBACK TO w").Error)
	}
	if err := g.Exec("RELEASE w").Error; err != nil && w.err == nil {
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
