package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
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
