package lists_test

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"onethread/models/lists"
)

// TestImportSpeed measures importing 50,000 customers: a dry run, the import, the same file again, and
// writing them all out (ONETHREAD_BENCH=1 go test -run TestImportSpeed -v ./models/lists).
func TestImportSpeed(t *testing.T) {
	if os.Getenv("ONETHREAD_BENCH") == "" {
		t.Skip("a measurement: ONETHREAD_BENCH=1 asks for it")
	}
	d := newDesk(t)
	var file strings.Builder
	file.WriteString("name,email,phone,notes\n")
	const rows = 50000
	for n := range rows {
		fmt.Fprintf(&file, "Customer %d,c%d@example.com,+3519%08d,came by list\n", n, n, n)
	}
	for _, run := range []struct {
		what, outcome string
		dry           bool
	}{{"a dry run", lists.New, true}, {"the import", lists.New, false}, {"the same file again", lists.Same, false}} {
		began := time.Now()
		got := d.run(file.String(), run.dry)
		took := time.Since(began)
		if got[run.outcome] != rows {
			t.Errorf("%s: %v", run.what, got)
		}
		t.Logf("%s: %v, %d rows a second", run.what, took.Round(time.Millisecond), int(rows/took.Seconds()))
	}
	began := time.Now()
	n, err := lists.Write(t.Context(), d.st, io.Discard)
	if err != nil || n != rows {
		t.Error(n, err)
	}
	t.Logf("written out: %v", time.Since(began).Round(time.Millisecond))
}
