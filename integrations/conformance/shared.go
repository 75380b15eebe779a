package conformance

import (
	"os"
	"path/filepath"
	"testing"
)

// Shared is a folder of the material that stands beside the project (its environment variable is
// ONETHREAD_SHARED); the test is skipped where it is absent.
func Shared(t testing.TB, folder string) string {
	t.Helper()
	root := os.Getenv("ONETHREAD_SHARED")
	if root == "" {
		dir, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for !exists(filepath.Join(dir, "go.mod")) && dir != filepath.Dir(dir) {
			dir = filepath.Dir(dir)
		}
		root = filepath.Join(filepath.Dir(dir), "shared")
	}
	path := filepath.Join(root, filepath.FromSlash(folder))
	if !exists(path) {
		t.Skipf("%s is absent: these recorded deliveries are not part of the project", folder)
	}
	return path
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
