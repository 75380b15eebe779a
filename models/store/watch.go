package store

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"time"

	ms "modernc.org/sqlite"
)

const (
	checkEvery = 24 * time.Hour
	// A check takes a core for about 17 ms a MB. The first waits until the rush of the start is over, the
	// longer the more there is to check: 5 s, 11 minutes with 1.3 GB.
	firstCheck = 5 * time.Second
	firstPerMB = 500 * time.Millisecond
	probeEvery = 5 * time.Second // while the disk is full
)

// WatchFile has SQLite check the whole file soon after the start and then once a day, beside everything
// else, until ctx ends. Damage goes to the log and is told by Damaged; a check that cannot be made
// is a warning. While the disk is full it also finds out when that is over.
func (s *Store) WatchFile(ctx context.Context) error {
	wait := time.NewTimer(max(firstCheck, time.Duration(sizeOf(filepath.Join(s.dir, "onethread.db"))>>20)*firstPerMB))
	defer wait.Stop()
	room := time.NewTicker(probeEvery)
	defer room.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-room.C:
			if s.full.Load() {
				_ = s.Write(ctx, probe) // Write itself remembers what came of it
			}
			continue
		case <-wait.C:
		}
		found, err := integrity(s.r.WithContext(ctx), 3)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !isDamage(err):
			slog.Warn("the database file could not be checked", "error", err)
		case err != nil || found != "":
			slog.Error("the database file is damaged; stop the server and bring back your last backup with: onethread restore FILE --force", "found", found, "error", err)
			s.damage.Store(true)
		default:
			s.damage.Store(false)
		}
		wait.Reset(checkEvery)
	}
}

// Damaged tells whether the database file was found damaged while it was in use.
func (s *Store) Damaged() bool { return s.damage.Load() }

// isDamage tells whether SQLite has stumbled over damage.
func isDamage(err error) bool {
	var e *ms.Error
	if !errors.As(err, &e) {
		return false
	}
	code := e.Code() & 0xff
	return code == 11 || code == 26 // SQLITE_CORRUPT, SQLITE_NOTADB
}
