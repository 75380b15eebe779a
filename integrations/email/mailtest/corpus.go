package mailtest

import (
	"os"
	"path/filepath"
	"testing"
)

// Corpus returns a folder of the mail fixtures that lie beside the project (or where
// ONETHREAD_SHARED says), and skips the test where they are absent.
func Corpus(t testing.TB, set string) string {
	t.Helper()
	shared := os.Getenv("ONETHREAD_SHARED")
	for dir, _ := os.Getwd(); shared == "" && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			shared = filepath.Join(filepath.Dir(dir), "shared")
		}
	}
	folder := filepath.Join(shared, "fixtures", "email", set)
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("the shared mail fixtures are not at %s; set ONETHREAD_SHARED to their folder", folder)
	}
	return folder
}
