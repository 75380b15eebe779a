package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestBackupUnderWritesRestoresWhole(t *testing.T) {
	s := openTest(t)
	sum, _, err := s.Files.Put(strings.NewReader("a file"))
	if err != nil {
		t.Fatal(err)
	}
	write := func(i int) {
		if err := s.Write(t.Context(), func(tx *Tx) error { return SetSetting(tx, fmt.Sprint("k", i), "v") }); err != nil {
			t.Error(err)
		}
	}
	write(0)
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range 200 {
			write(i)
		}
	})
	path := filepath.Join(t.TempDir(), "b.tgz")
	n, err := Backup(t.Context(), s, path)
	wg.Wait()
	if err != nil || n != 1 {
		t.Fatal(n, err)
	}
	dir := t.TempDir()
	if err := Restore(t.Context(), dir, path, false); err != nil {
		t.Fatal(err)
	}
	if err := Restore(t.Context(), dir, path, false); err == nil {
		t.Fatal("a folder with a database must not be overwritten unasked")
	}
	key, err := os.ReadFile(filepath.Join(s.Dir(), "secret.key"))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := ParseKey(string(key))
	if err != nil {
		t.Fatal(err)
	}
	again, err := Open(t.Context(), dir, Options{Key: parsed})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if _, ok, err := Setting(again.Read(t.Context()), "k0"); !ok || err != nil {
		t.Error("what was committed before the backup must be in it", err)
	}
	if f, err := again.Files.Open(sum); err != nil {
		t.Error(err)
	} else {
		f.Close()
	}
}

func TestDamagedBackupChangesNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(t.TempDir(), "b.tgz")
	if err := os.WriteFile(path, []byte("not a backup"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Restore(t.Context(), dir, path, true); err == nil {
		t.Fatal("a damaged backup must be refused")
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Error("something was left behind", left, err)
	}
}
