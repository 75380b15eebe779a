package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// damagedAtStart is fault F16: over a damaged, cut, foreign or missing database the program either
// starts soundly or refuses within two seconds, in one sentence that says how to bring a backup back.
// It never makes a new database over an old one and never touches what it refused.
func damagedAtStart(t *testing.T, f *faultRun) {
	w := newWreck(t, f)
	for _, c := range wreckages {
		t.Run(c.name, func(t *testing.T) { w.try(t, c) })
	}
	rng := seeded(t, 16)
	t.Run("flipped bytes", func(t *testing.T) {
		for n := range f.size(12, 250) {
			w.try(t, wreckage{name: fmt.Sprint("flip ", n), ruin: func(_ *testing.T, db string) { flip(rng, db, 1+rng.IntN(100)) }, may: true, words: true})
		}
	})
	t.Run("cut anywhere", func(t *testing.T) {
		for n := range f.size(6, 60) {
			w.try(t, wreckage{name: fmt.Sprint("cut ", n), ruin: func(t *testing.T, db string) {
				mustDo(t, os.Truncate(db, rng.Int64N(fileSize(t, db))))
			}})
		}
	})
	t.Run("found while running", func(t *testing.T) { w.foundWhileRunning(t, f) })
	f.note(t, "%d refused (slowest %v), %d started soundly", w.refused, w.slowest.Round(time.Millisecond), w.started)
}

// wreckage is one way to find the database at the start.
type wreckage struct {
	name   string
	killed bool // the program was killed before, so that the log holds what the database does not
	ruin   func(t *testing.T, db string)
	may    bool   // it may start, when SQLite finds the file sound
	words  bool   // what people wrote may be damaged: nobody can tell
	gone   bool   // what the log held may be missing after a sound start
	says   string // what else the refusal says
	user   uint32 // who runs the program; 0 = whoever runs the test
}

var wreckages = []wreckage{
	{name: "sound", ruin: func(*testing.T, string) {}, may: true},
	{name: "sound after a kill", killed: true, ruin: func(*testing.T, string) {}, may: true},
	{name: "empty file", ruin: func(t *testing.T, db string) { mustDo(t, os.Truncate(db, 0)) }, says: "is empty"},
	{name: "empty file with its log", killed: true, ruin: func(t *testing.T, db string) { mustDo(t, os.Truncate(db, 0)) }, says: "is empty"},
	{name: "missing file", ruin: func(t *testing.T, db string) { mustDo(t, os.Remove(db)) }, says: "is missing"},
	{name: "missing file with its log", killed: true, ruin: func(t *testing.T, db string) { mustDo(t, os.Remove(db)) }, says: "is missing"},
	{name: "wrong magic", ruin: func(t *testing.T, db string) { overwrite(t, db, 0, []byte("MZ\x90\x00")) }, says: "not a database"},
	{name: "zeros at the beginning", ruin: func(t *testing.T, db string) { overwrite(t, db, 0, make([]byte, 4096)) }, says: "not a database"},
	{name: "wrong page size", ruin: func(t *testing.T, db string) { overwrite(t, db, 16, []byte{3, 1}) }, says: "damaged"},
	{name: "another program's file", ruin: func(t *testing.T, db string) {
		mustDo(t, os.WriteFile(db, bytes.Repeat([]byte("Not a database.\n"), 4096), 0o600))
	}, says: "not a database"},
	{name: "another program's database", ruin: func(t *testing.T, db string) {
		mustDo(t, os.Remove(db))
		statement(t, db, "CREATE TABLE bookmarks(url TEXT); INSERT INTO bookmarks VALUES ('https://casa.example/'); PRAGMA user_version = 2")
	}, says: "not one of Onethread"},
	{name: "a newer schema", ruin: func(t *testing.T, db string) { statement(t, db, "PRAGMA user_version = 900") }, says: "newer version"},
	{name: "a folder in its place", ruin: func(t *testing.T, db string) { mustDo(t, os.Remove(db)); mustDo(t, os.Mkdir(db, 0o700)) }, says: "not a file"},
	{name: "half of it, with its log", killed: true, ruin: func(t *testing.T, db string) { mustDo(t, os.Truncate(db, fileSize(t, db)/2)) }},
	{name: "its log missing", killed: true, ruin: func(t *testing.T, db string) {
		mustDo(t, os.Remove(db+"-wal"))
		mustDo(t, os.Remove(db+"-shm"))
	}, may: true, gone: true},
	{name: "its index of the log read-only", killed: true, ruin: func(t *testing.T, db string) {
		mustDo(t, os.Chmod(db+"-shm", 0o400))
	}, says: "written to", user: nobody},
	{name: "the file read-only", ruin: func(t *testing.T, db string) { mustDo(t, os.Chmod(db, 0o400)) }, says: "written to", user: nobody},
}

const nobody = 65534

// wreck keeps two sound data folders to ruin copies of.
type wreck struct {
	bin              string
	clean, killed    string
	events           int // acknowledged
	refused, started int
	slowest          time.Duration
	desk             *counter
}

func newWreck(t *testing.T, f *faultRun) *wreck {
	t.Helper()
	w := &wreck{bin: f.bin, clean: t.TempDir(), killed: t.TempDir()}
	p := newProcess(t, f.bin, t.TempDir())
	c := openCounter(t, p, nil)
	p.start()
	for n := range 120 {
		customer := c.mustMake(c.signed(fmt.Sprint("sound", "-", n), signedKinds[n%len(signedKinds)], n%customers))
		if n%10 == 0 {
			file, _, _ := c.upload("vase.png", []byte(fmt.Sprint("a vase", "-", n)))
			c.make(c.noted(fmt.Sprint("note", "-", n), customer, file))
		}
	}
	p.kill()
	copyFolder(t, p.data, w.killed)
	p.start()
	p.stop()
	copyFolder(t, p.data, w.clean)
	w.desk, w.events = c, len(c.book.keys)
	return w
}

// try ruins a copy, starts the program on it and judges what it does.
func (w *wreck) try(t *testing.T, c wreckage) {
	t.Helper()
	if c.user != 0 && os.Getuid() != 0 {
		t.Skip("only root can start the program as another user")
	}
	from := w.clean
	if c.killed {
		from = w.killed
	}
	dir := t.TempDir()
	copyFolder(t, from, dir)
	db := filepath.Join(dir, "onethread.db")
	c.ruin(t, db)
	sound := c.may && (c.killed || sqliteSays(t, db) == "ok")
	before := content(db) + content(db+"-wal")
	run := w.launch(t, dir, c.user)
	if run.ready {
		w.started++
		run.stop(t)
		if !sound {
			t.Errorf("%s: it started on what SQLite finds damaged: %s", c.name, sqliteSays(t, db))
		}
		w.complete(t, c, dir)
		return
	}
	w.refused++
	w.slowest = max(w.slowest, run.took)
	said := strings.TrimSpace(run.log.String())
	if run.took > 2*time.Second || run.code <= 0 {
		t.Errorf("%s: it refused after %v with status %d", c.name, run.took, run.code)
	}
	if strings.Contains(said, "\n") || !strings.HasPrefix(said, "onethread: ") || !strings.Contains(said, "onethread restore FILE") || !strings.Contains(said, c.says) {
		t.Errorf("%s: not one plain sentence with the way back and %q:\n%s", c.name, c.says, said)
	}
	if sound && c.says == "" {
		t.Errorf("%s: it refused a sound database: %s", c.name, said)
	}
	if after := content(db) + content(db+"-wal"); after != before {
		t.Errorf("%s: it refused the database but changed it (%d bytes, were %d): %s", c.name, len(after), len(before), said)
	}
}

// complete expects everything acknowledged to be there after a sound start.
func (w *wreck) complete(t *testing.T, c wreckage, dir string) {
	t.Helper()
	if c.words {
		if said := sqliteSays(t, filepath.Join(dir, "onethread.db")); said != "ok" {
			t.Errorf("%s: SQLite finds it damaged after a sound start: %s", c.name, said)
		}
		return
	}
	mustBeWhole(t, dir, c.name)
	db := database(t, dir)
	defer db.Close()
	if got := len(column(t, db, storedKeys)); !c.gone && got != w.events {
		t.Errorf("%s: %d of %d events are there", c.name, got, w.events)
	}
	if !c.gone {
		mustHaveFiles(t, dir, c.name)
	}
}
