package powertest

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// x writes a string as strace -xx does.
func x(s string) string {
	var out strings.Builder
	for _, b := range []byte(s) {
		out.WriteString(`\x` + hex.EncodeToString([]byte{b}))
	}
	return `"` + out.String() + `"`
}

// play reads a record of a folder /d, given as lines, and plays all of it.
func play(t *testing.T, lines ...string) *Replay {
	t.Helper()
	r := New("/d", nil)
	if err := r.Read(strings.NewReader(strings.Join(lines, "\n")+"\n"), ""); err != nil {
		t.Fatal(err)
	}
	if err := r.Play(r.Moments() + 1); err != nil {
		t.Fatal(err)
	}
	return r
}

// seen lays many disks and tells how often each state of a file was found ("-" = no such file).
func seen(t *testing.T, r *Replay, mode Mode, file string) map[string]int {
	t.Helper()
	out := map[string]int{}
	for seed := range uint64(200) {
		dir := t.TempDir()
		if err := r.Cut(dir, mode, seed); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			b = []byte("-")
		}
		out[string(b)]++
	}
	return out
}

func open(fd int, path, flags string) string {
	return fmt.Sprintf(`1 openat(AT_FDCWD<%s>, %s, %s, 0600) = %d<%s>`, "/", x(path), flags, fd, path)
}

func TestWhatWasSyncedStays(t *testing.T) {
	r := play(t, open(3, "/d/a", "O_RDWR|O_CREAT"), `1 write(3</d/a>, `+x("old")+`, 3) = 3`, `1 fsync(3</d/a>) = 0`,
		open(4, "/d", "O_RDONLY"), `1 fsync(4</d>) = 0`, `1 pwrite64(3</d/a>, `+x("NEW")+`, 3, 0) = 3`)
	if got := seen(t, r, Nothing, "a"); got["old"] != 200 {
		t.Errorf("nothing unsynced may be left: %v", got)
	}
	got := seen(t, r, Some, "a")
	if got["old"] == 0 || got["NEW"] == 0 || got["old"]+got["NEW"] != 200 {
		t.Errorf("the unsynced write must be there now and then: %v", got)
	}
}

func TestANameNeedsItsFoldersSync(t *testing.T) {
	r := play(t, open(3, "/d/a", "O_RDWR|O_CREAT"), `1 write(3</d/a>, `+x("words")+`, 5) = 5`, `1 fsync(3</d/a>) = 0`)
	if got := seen(t, r, Nothing, "a"); got["-"] != 200 {
		t.Errorf("a file whose name was not synced may not be counted on: %v", got)
	}
	r = play(t, open(3, "/d/tmp", "O_RDWR|O_CREAT"), `1 write(3</d/tmp>, `+x("words")+`, 5) = 5`, `1 renameat(AT_FDCWD</>, `+x("/d/tmp")+`, AT_FDCWD</>, `+x("/d/a")+`) = 0`,
		open(4, "/d", "O_RDONLY"), `1 fsync(4</d>) = 0`)
	if got := seen(t, r, Nothing, "a"); got[""] != 200 {
		t.Errorf("a synced name of unsynced content is an empty file: %v", got)
	}
}

// TestASyncKeepsWhatHadEndedBefore: a write that another thread made during the sync is not kept by it.
func TestASyncKeepsWhatHadEndedBefore(t *testing.T) {
	r := play(t, open(4, "/d", "O_RDONLY"), open(3, "/d/a", "O_RDWR|O_CREAT"), `1 fsync(4</d>) = 0`,
		`1 fsync(3</d/a> <unfinished ...>`, `2 pwrite64(3</d/a>, `+x("late")+`, 4, 0) = 4`, `1 <... fsync resumed>) = 0`)
	if got := seen(t, r, Nothing, "a"); got[""] != 200 {
		t.Errorf("%v", got)
	}
	early := New("/d", nil)
	if err := early.Read(strings.NewReader(open(3, "/d/a", "O_RDWR|O_CREAT")+"\n1 fsync(3</d/a>) = 0\n"), ""); err != nil {
		t.Fatal(err)
	}
	if err := early.Play(2); err != nil || early.Synced != 0 {
		t.Errorf("a cut within a sync finds it not done: %d %v", early.Synced, err)
	}
}

func TestATornWriteEndsAtASector(t *testing.T) {
	page := strings.Repeat("x", 4096)
	r := play(t, open(3, "/d/a", "O_RDWR|O_CREAT"), open(4, "/d", "O_RDONLY"), `1 fsync(4</d>) = 0`, `1 pwrite64(3</d/a>, `+x(page)+`, 4096, 0) = 4096`)
	lengths := map[int]bool{}
	for state := range seen(t, r, Torn, "a") {
		lengths[len(state)] = true
		if len(state)%sector != 0 {
			t.Errorf("a write was torn at %d", len(state))
		}
	}
	if len(lengths) < 4 {
		t.Errorf("hardly anything was torn: %v", lengths)
	}
}

func TestWhatIsNotPlayedIsRefused(t *testing.T) {
	for _, line := range []string{`1 truncate(` + x("/d/a") + `, 7) = 0`, `1 pwrite64(9</d/a>, ` + x("b") + `, 1, 0) = 1`, `1 pwrite64(3</d/a>, ` + x("b") + `..., 9, 0) = 9`} {
		r := New("/d", nil)
		err := r.Read(strings.NewReader(open(3, "/d/a", "O_RDWR|O_CREAT")+"\n"+line+"\n"), "")
		if err == nil {
			err = r.Play(9)
		}
		if err == nil {
			t.Errorf("%s was taken for nothing", line)
		}
	}
	r := New("/d", nil)
	if err := r.Read(strings.NewReader("no record at all\n"), ""); err == nil {
		t.Error("a text was taken for a record")
	}
	if err := r.Read(strings.NewReader(`1 write(9<socket:[7]>, `+x("HTTP/1.1 200 OK\r\n\r\n")+`, 19) = 19`+"\n1 unlinkat(AT_FDCWD</>, "+x("/d/none")+", 0) = -1 ENOENT (No such file)\n1 +++ exited with 0 +++\n"), "stopped"); err != nil || len(r.Told) != 2 {
		t.Error(r.Told, err)
	}
}
