// Package store keeps everything in one SQLite file through GORM. It is the only package
// that knows GORM. Queries live in one file per noun, as functions: those that take a Q read
// (inside or outside a transaction), those that take a *Tx write.
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	ms "modernc.org/sqlite"

	"onethread/models"
	"onethread/models/live"
)

// Store is an open database with its files. Close it when done.
type Store struct {
	full   atomic.Bool  // a write failed for want of room on the disk, and none has succeeded since
	fullAt atomic.Int64 // when one last failed so, in milliseconds since 1970
	damage atomic.Bool  // the database file was found damaged
	Bell   *live.Bell   // rung after every commit that appended events
	Files  *Files       // attachments and large raw bodies, by content hash
	Vault  *Vault       // encrypts channels' secrets

	dir    string
	now    func() time.Time
	w, r   *gorm.DB
	writes chan *write
	done   chan struct{} // closed when the writer has stopped

	closing sync.RWMutex // held for reading while a write is handed over
	closed  bool
}

// Options of Open; the zero value is what production uses.
type Options struct {
	Key []byte           // the secret key (32 bytes); nil = read or create DIR/secret.key
	Now func() time.Time // the clock; nil = time.Now
}

// Q is anything that can be read from: a *Store, or the *Tx of a running write.
type Q interface{ db() *gorm.DB }

// synchronous is never anything but FULL: a commit that returned survives a power cut. It is a variable
// for the control of the power-cut test alone, which must fail when it is built with
// -ldflags "-X onethread/models/store.synchronous=OFF".
var synchronous = "FULL"

func pragmas() string {
	return "_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(" + synchronous + ")" +
		"&_pragma=foreign_keys(1)&_pragma=secure_delete(FAST)&_pragma=cache_size(-8000)&_pragma=temp_store(MEMORY)&_time_format=sqlite&_timezone=UTC"
}

// Open opens DIR/onethread.db, creating folder and database at first, and brings the schema
// up to date. It refuses a database written by a newer version or damaged on disk.
func Open(ctx context.Context, dir string, opt Options) (*Store, error) {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the data folder %s cannot be created: %w. Choose another with ONETHREAD_DATA, or allow this user to write there", dir, err)
	}
	s := &Store{Bell: &live.Bell{}, dir: dir, now: opt.Now, writes: make(chan *write, 256), done: make(chan struct{})}
	var err error
	if s.Vault, err = openVault(dir, opt.Key); err != nil {
		return nil, err
	}
	if s.Files, err = openFiles(filepath.Join(dir, "files"), s.noted); err != nil {
		return nil, err
	}
	if err := s.connect(ctx); err != nil {
		return nil, err
	}
	go s.writeLoop()
	return s, nil
}

func (s *Store) connect(ctx context.Context) error {
	path := filepath.Join(s.dir, "onethread.db")
	if err := inspect(ctx, path); err != nil {
		return err
	}
	// Made by us first, so that nobody else on the machine may read it; its log files take its mode.
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("the database %s cannot be written to: %w. Allow this user to read and write it. %s", path, err, bringBack)
	}
	if err := file.Close(); err != nil {
		return err
	}
	base := "file:" + escaped(path) + "?" + pragmas()
	if s.w, err = openWith(keptDriver, base+"&_txlock=immediate", 1); err != nil {
		return damaged(err)
	}
	if err := migrate(ctx, s.w, path, s.now()); err != nil {
		return errors.Join(err, closeHandle(s.w))
	}
	if err := os.Remove(path + newMark); err != nil && !errors.Is(err, os.ErrNotExist) {
		return errors.Join(err, closeHandle(s.w))
	}
	if s.r, err = openHandle(base+"&mode=ro&_pragma=query_only(1)", max(4, runtime.NumCPU())); err != nil {
		return errors.Join(damaged(err), closeHandle(s.w))
	}
	return nil
}

// escaped is a path as it stands in a data source name.
func escaped(path string) string { return (&url.URL{Path: path}).EscapedPath() }

func openHandle(dsn string, conns int) (*gorm.DB, error) { return openWith("sqlite", dsn, conns) }

func openWith(driver, dsn string, conns int) (*gorm.DB, error) {
	db, err := gorm.Open(dialector{sqlite.Dialector{DriverName: driver, DSN: dsn}}, &gorm.Config{
		PrepareStmt: true, SkipDefaultTransaction: true, TranslateError: true, DisableForeignKeyConstraintWhenMigrating: true,
		Logger: logger.New(gormLog{}, logger.Config{SlowThreshold: time.Second, LogLevel: logger.Warn, IgnoreRecordNotFoundError: true, ParameterizedQueries: true}),
	})
	if err != nil {
		return nil, err
	}
	pool, err := db.DB()
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	return db, nil
}

func closeHandle(db *gorm.DB) error {
	if db == nil {
		return nil
	}
	pool, err := db.DB()
	if err != nil {
		return err
	}
	return pool.Close()
}

// gormLog sends GORM's warnings (slow statements, failures) to the structured log,
// without parameters: they hold customers' words.
type gormLog struct{}

func (gormLog) Printf(format string, args ...any) {
	slog.Debug("database", "detail", fmt.Sprintf(format, args...))
}

// dialector is GORM's SQLite dialector over the pure-Go driver, whose errors it knows how to
// translate (GORM's own knows only the C driver's).
type dialector struct{ sqlite.Dialector }

func (d dialector) Translate(err error) error {
	var e *ms.Error
	if errors.As(err, &e) {
		switch e.Code() {
		case 1555, 2067: // SQLITE_CONSTRAINT_PRIMARYKEY, _UNIQUE
			return gorm.ErrDuplicatedKey
		case 787: // SQLITE_CONSTRAINT_FOREIGNKEY
			return gorm.ErrForeignKeyViolated
		}
	}
	return err
}

// Explain is what GORM tells its log of a statement. It asks at every Scan, whether anything is logged or not,
// and its own writes all values into the text, a letter at a time; values are none of a log's business anyway.
func (d dialector) Explain(sql string, _ ...any) string { return sql }

func (s *Store) db() *gorm.DB { return s.r }

// Read returns a Q bound to ctx, outside any transaction.
func (s *Store) Read(ctx context.Context) Q { return reader{s.r.WithContext(ctx)} }

type reader struct{ g *gorm.DB }

func (r reader) db() *gorm.DB { return r.g }

// Now is the store's clock, in whole milliseconds.
func (s *Store) Now() models.Time { return models.At(s.now()) }

// Dir is the data folder.
func (s *Store) Dir() string { return s.dir }

// Ready tells whether the database answers.
func (s *Store) Ready(ctx context.Context) error {
	var one int
	return raw(s.r.WithContext(ctx), "SELECT 1").Scan(&one).Error
}

// Close waits for running writes, folds the write-ahead log into the database and closes it: the last to
// close folds all of it, a command beside a running server only what holds nobody up. Later writes are
// refused as Unavailable. Closing again does nothing.
func (s *Store) Close() error {
	s.closing.Lock()
	again := s.closed
	s.closed = true
	s.closing.Unlock()
	if again {
		return nil
	}
	close(s.writes) // nobody is handing over a write any more
	<-s.done
	err := s.alone(context.Background(), "PRAGMA wal_checkpoint(PASSIVE)")
	return errors.Join(err, closeHandle(s.r), closeHandle(s.w))
}

// alone runs a statement on the writing connection that cannot stand in a write, between two of them.
// It goes past GORM's cache of prepared statements: who waits there for the one connection can hold the
// cache's lock, which the write that has the connection wants next, and neither would ever go on.
func (s *Store) alone(ctx context.Context, sql string, result ...any) error {
	pool, err := s.w.DB()
	if err != nil {
		return err
	}
	if len(result) > 0 {
		return pool.QueryRowContext(ctx, sql).Scan(result...)
	}
	_, err = pool.ExecContext(ctx, sql)
	return err
}

// notFound turns GORM's "record not found" into ours.
func notFound(err error, what string) error {
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return models.Errorf(models.NotFound, "There is no such %s.", what)
	}
	return err
}

// IsDuplicate tells whether err says that a unique value already exists.
func IsDuplicate(err error) bool { return errors.Is(err, gorm.ErrDuplicatedKey) }
