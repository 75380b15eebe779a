package store

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"
)

// TestInterruptedFirstStartGoesOn: a database that was still in the making is made, whatever of it
// is there; an empty one that was complete once is refused and left alone.
func TestInterruptedFirstStartGoesOn(t *testing.T) {
	for _, left := range []string{"", "onethread.db"} {
		dir := t.TempDir()
		for _, name := range []string{"onethread.db" + newMark, left} {
			if name == "" {
				continue
			}
			if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s, err := Open(t.Context(), dir, Options{Key: make([]byte, 32)})
		if err != nil {
			t.Fatalf("with %q: %v", left, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if exists(filepath.Join(dir, "onethread.db"+newMark)) {
			t.Error("the mark stays behind")
		}
		if err := os.Truncate(filepath.Join(dir, "onethread.db"), 0); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), dir, Options{Key: make([]byte, 32)}); err == nil || !strings.Contains(err.Error(), "onethread restore FILE") {
			t.Errorf("an emptied database was opened: %v", err)
		}
		if sizeOf(filepath.Join(dir, "onethread.db")) != 0 {
			t.Error("a refused database was written to")
		}
	}
}

// TestCutOffBeforeTheLogIsTakenBack: a rollback journal beside the database (the first start was cut off,
// or the first after a restore) is played back, not taken for damage.
func TestCutOffBeforeTheLogIsTakenBack(t *testing.T) {
	dir, after := t.TempDir(), t.TempDir()
	s, err := Open(t.Context(), dir, Options{Key: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := openHandle("file:"+filepath.Join(dir, "onethread.db")+"?_pragma=journal_mode(DELETE)&_pragma=cache_size(2)", 1)
	if err != nil {
		t.Fatal(err)
	}
	defer closeHandle(db)
	err = db.Transaction(func(tx *gorm.DB) error {
		if err := tx.Exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 500) INSERT INTO settings(key, value) SELECT 'k' || i, hex(randomblob(800)) FROM n").Error; err != nil {
			return err
		}
		return os.CopyFS(after, os.DirFS(dir)) // the moment of the cut
	})
	if err != nil || sizeOf(filepath.Join(after, "onethread.db-journal")) == 0 {
		t.Fatal("there was no journal at the cut: ", err)
	}
	if s, err = Open(t.Context(), after, Options{Key: make([]byte, 32)}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if n, err := scalar[int](s.r.Raw("SELECT count(*) FROM settings WHERE key LIKE 'k%'")); n != 0 || err != nil {
		t.Errorf("%d rows of what was cut off are there (%v)", n, err)
	}
}

// TestDamageMetInUseIsTold: who meets damage while writing gets people's words, and staff are told.
func TestDamageMetInUseIsTold(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	fill := func(tx *Tx) error {
		return tx.g.Exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 500) INSERT INTO settings(key, value) SELECT 'k' || i, hex(randomblob(800)) FROM n").Error
	}
	if err := s.Write(t.Context(), fill); err != nil {
		t.Fatal(err)
	}
	if err := s.w.Exec("PRAGMA wal_checkpoint(TRUNCATE)").Error; err != nil || s.Damaged() {
		t.Fatal(err, s.Damaged())
	}
	f, err := os.OpenFile(filepath.Join(dir, "onethread.db"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for at := int64(4096); at < sizeOf(f.Name()); at += 4096 {
		if _, err := f.WriteAt([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, at); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.w.Exec("PRAGMA shrink_memory").Error; err != nil {
		t.Fatal(err)
	}
	err = s.Write(t.Context(), func(tx *Tx) error { return tx.g.Exec("UPDATE settings SET value = value || 'x'").Error })
	if err == nil || !strings.Contains(err.Error(), "damaged") || !s.Damaged() {
		t.Errorf("damage met by a write: %v, told: %v", err, s.Damaged())
	}
}

// TestWatchFileEndsWithItsContext: the check is broken off, however long it would take.
func TestWatchFileEndsWithItsContext(t *testing.T) {
	s := openTest(t)
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer stop()
	if err := s.WatchFile(ctx); err != nil || s.Damaged() {
		t.Error(err, s.Damaged())
	}
}
