package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"onethread/models"
)

func openTest(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := Check(context.Background(), s); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestFailedWriteTakesOnlyItselfBack(t *testing.T) {
	s := openTest(t)
	boom := errors.New("boom")
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			err := s.Write(t.Context(), func(tx *Tx) error {
				if err := SetSetting(tx, fmt.Sprint("k", i), "v"); err != nil {
					return err
				}
				switch i % 10 {
				case 3:
					return boom
				case 7:
					panic("in the middle")
				}
				return nil
			})
			if (err != nil) != (i%10 == 3 || i%10 == 7) {
				t.Errorf("write %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	for i := range 100 {
		_, ok, err := Setting(s.Read(t.Context()), fmt.Sprint("k", i))
		if err != nil || ok == (i%10 == 3 || i%10 == 7) {
			t.Errorf("k%d present=%v err=%v", i, ok, err)
		}
	}
}

func TestSecondOpenKeepsDataAndKey(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	sealed := s.Vault.Seal([]byte("secret"), "here")
	if err := s.Write(t.Context(), func(tx *Tx) error { return SetSetting(tx, "shop", "Casa") }); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(t.Context(), dir, Options{}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if v, ok, err := Setting(s.Read(t.Context()), "shop"); !ok || err != nil || v != "Casa" {
		t.Fatal(v, ok, err)
	}
	if plain, err := s.Vault.Open(sealed, "here"); err != nil || string(plain) != "secret" {
		t.Fatal(string(plain), err)
	}
	if _, err := s.Vault.Open(sealed, "elsewhere"); err == nil {
		t.Fatal("a secret moved to another place must not open")
	}
}

func TestOthersMayNotReadTheDatabase(t *testing.T) {
	s := openTest(t)
	for _, name := range []string{"onethread.db", "onethread.db-wal", "secret.key"} {
		info, err := os.Stat(filepath.Join(s.Dir(), name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info.Mode(), err)
		}
	}
}

func TestIDAndTimeScanAndValue(t *testing.T) {
	var id models.ID
	if err := id.Scan(nil); err != nil || id != 0 {
		t.Fatal(id, err)
	}
	if v, _ := models.ID(0).Value(); v != nil {
		t.Fatal("zero id must be NULL")
	}
	if err := id.Scan("7"); err == nil {
		t.Fatal("a text id must be refused")
	}
}

// TestWritesEndWithTheStore: of writes that race the closing each is either on disk or refused as
// Unavailable; none panics, none hangs.
func TestWritesEndWithTheStore(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var accepted, refused atomic.Int64
	for i := range 50 {
		wg.Go(func() {
			for n := 0; ; n++ {
				err := s.Write(context.Background(), func(tx *Tx) error { return SetSetting(tx, fmt.Sprint(i, "-", n), "v") })
				if models.IsCode(err, models.Unavailable) {
					refused.Add(1)
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				accepted.Add(1)
			}
		})
	}
	for accepted.Load() < 200 {
		runtime.Gosched()
	}
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	if refused.Load() != 50 {
		t.Errorf("%d of 50 writers were told that the server is stopping", refused.Load())
	}
	again, err := Open(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	n, err := scalar[int64](again.Read(t.Context()).db().Raw("SELECT count(*) FROM settings WHERE value = 'v'"))
	if err != nil || n != accepted.Load() {
		t.Errorf("%d writes are on disk, %d were accepted (%v)", n, accepted.Load(), err)
	}
}
