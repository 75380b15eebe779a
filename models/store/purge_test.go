package store

import (
	"fmt"
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
