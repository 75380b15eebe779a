package store

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// Several who purge at once, for the first time in a program's life, while others write statements it
// has not seen before: nobody waits for somebody who waits for them.
func TestPurgesAndWritesGoOn(t *testing.T) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 30 {
			purgeAndWrite(t)
		}
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("purges and writes wait for one another")
	}
}

func purgeAndWrite(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir(), Options{})
	if err != nil {
		t.Error(err)
		return
	}
	var all sync.WaitGroup
	for who := range 4 {
		all.Go(func() {
			if err := s.Purge(t.Context()); err != nil {
				t.Error("purging:", err)
			}
		})
		all.Go(func() {
			for n := range 50 {
				err := s.Write(t.Context(), func(tx *Tx) error {
					return tx.g.Exec(fmt.Sprintf("UPDATE settings SET value = value WHERE key = 'none %d %d'", who, n)).Error
				})
				if err != nil {
					t.Error("writing:", err)
				}
			}
		})
	}
	all.Wait()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestPurgeReachesWhatEarlierVersionsDeleted: a database in which deleted words were left lying is written
// anew once; then it says so.
func TestPurgeReachesWhatEarlierVersionsDeleted(t *testing.T) {
	dir := t.TempDir()
	atSchema(t, dir, 5, "INSERT INTO customers(id, name, created_at, updated_at) VALUES (1,'Ana',1,1)", "INSERT INTO customer_words(customer_id, words) VALUES (1,'Ana')",
		"INSERT INTO users(id, email, name, role, created_at) VALUES (1,'m@x.example','Mia','owner',1)",
		"INSERT INTO drafts(user_id, customer_id, kind, text, updated_at) VALUES (1,1,'note','zonkydraft "+strings.Repeat("word ", 3000)+"',1)", "DELETE FROM drafts",
		"UPDATE customer_words SET words = 'zonkyname'", "UPDATE customer_words SET words = 'Ana'")
	s, err := Open(t.Context(), dir, Options{Key: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	lies := func(word string) bool {
		for _, name := range []string{"onethread.db", "onethread.db-wal"} {
			b, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(b, []byte(word)) {
				return true
			}
		}
		return false
	}
	if !lies("zonkydraft") {
		t.Fatal("nothing was left lying: this test proves nothing")
	}
	for range 2 {
		if err := s.Purge(t.Context()); err != nil {
			t.Fatal(err)
		}
		if lies("zonkydraft") || lies("zonkyname") {
			t.Error("what was deleted earlier still lies there")
		}
	}
	if _, done, err := Setting(s, settingCompacted); err != nil || !done {
		t.Error("it would be written anew each time:", err)
	}
	if err := Check(t.Context(), s); err != nil {
		t.Error(err)
	}
}
