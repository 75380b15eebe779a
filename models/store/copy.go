package store

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"time"

	ms "modernc.org/sqlite"
)

// How the database is copied beside those who use it: some pages at a time (256 of them are a megabyte),
// with a rest as long as each step took, so that the writers have at least half of the disk.
const (
	copyPages = 256
	copyRest  = 20 * time.Millisecond // the longest
)

// copyDatabase writes a copy of the database as it stands now, while others go on writing. A read
// transaction holds that state for as long as the copying takes; without it SQLite begins anew whenever
// somebody writes (sqlite.org/c3ref/backup_finish.html). The copy is not flushed: it is read once.
func (s *Store) copyDatabase(ctx context.Context, to string) (err error) {
	db, err := openHandle("file:"+escaped(filepath.Join(s.dir, "onethread.db"))+"?_pragma=busy_timeout(10000)", 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeHandle(db)) }()
	pool, err := db.DB()
	if err != nil {
		return err
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := hold(ctx, tx); err != nil {
		return damaged(err)
	}
	return conn.Raw(func(c any) error {
		b, err := c.(interface {
			NewBackup(string) (*ms.Backup, error)
		}).NewBackup("file:" + escaped(to) + "?_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)")
		if err != nil {
			return err
		}
		return damaged(errors.Join(copyAll(ctx, b), b.Finish()))
	})
}

// hold makes a transaction's view that of now: SQLite takes it with the first read.
func hold(ctx context.Context, tx *sql.Tx) error {
	var n int
	return tx.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&n)
}

// copyAll copies until nothing is left.
func copyAll(ctx context.Context, b *ms.Backup) error {
	for {
		began := time.Now()
		more, err := b.Step(copyPages)
		if err != nil || !more {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(time.Since(began), copyRest)):
		}
	}
}
