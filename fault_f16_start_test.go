package main

import (
	"bytes"
	"database/sql"
	be "encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// launched is one start of the program.
type launched struct {
	*process
	cmd   *exec.Cmd
	log   syncedLog
	ready bool
	code  int
	took  time.Duration
}

// syncedLog collects what the program says while it runs.
type syncedLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *syncedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *syncedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// launch starts the program and waits until it serves or ends.
func (w *wreck) launch(t *testing.T, dir string, user uint32) *launched {
	t.Helper()
	p := newProcess(t, w.bin, dir)
	r := &launched{process: p, cmd: exec.Command(w.bin)}
	r.cmd.Env, r.cmd.Stderr = p.env, &r.log
	if user != 0 {
		r.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user}}
		own(t, dir, int(user))
		mustDo(t, errors.Join(os.Chmod(filepath.Dir(w.bin), 0o755), os.Chmod(filepath.Dir(dir), 0o755)))
	}
	began := time.Now()
	mustDo(t, r.cmd.Start())
	ended := make(chan struct{})
	go func() { _ = r.cmd.Wait(); close(ended) }()
	t.Cleanup(func() { _ = r.cmd.Process.Kill(); <-ended })
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for time.Since(began) < patience {
		select {
		case <-ended:
			r.took, r.code = time.Since(began), r.cmd.ProcessState.ExitCode()
			return r
		case <-tick.C:
		}
		if resp, err := http.Get(p.url + "/readyz"); err == nil {
			resp.Body.Close()
			if r.ready = resp.StatusCode == http.StatusOK; r.ready {
				return r
			}
		}
	}
	t.Fatalf("it neither serves nor ends:\n%s", r.log.String())
	return nil
}

func (r *launched) stop(t *testing.T) {
	t.Helper()
	mustDo(t, r.cmd.Process.Signal(syscall.SIGTERM))
	eventually(t, "stopping", func() error {
		if r.cmd.Process.Signal(syscall.Signal(0)) == nil {
			return fmt.Errorf("it still runs")
		}
		return nil
	})
}

// flip changes bytes anywhere in a file.
func flip(rng *rand.Rand, path string, n int) {
	b, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	for range n {
		b[rng.IntN(len(b))] ^= byte(1 + rng.IntN(255))
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		panic(err)
	}
}

// ruinLeaves writes nonsense over the types of a table's leaf pages (SQLite's file format, section 1.6).
func ruinLeaves(t *testing.T, db string, n int) {
	t.Helper()
	b, err := os.ReadFile(db)
	mustDo(t, err)
	size := int(be.BigEndian.Uint16(b[16:]))
	for at := len(b) - size; at > 0 && n > 0; at -= size {
		if b[at] == 13 {
			b[at], n = 0xff, n-1
		}
	}
	mustDo(t, os.WriteFile(db, b, 0o600))
}

// sqliteSays is SQLite's own verdict on a file that nobody uses, without the program. Read-only: then
// it says nothing of words that a CHECK would refuse, which is no damage to the file.
func sqliteSays(t *testing.T, db string) string {
	t.Helper()
	beside := filepath.Join(t.TempDir(), "copy.db")
	mustDo(t, os.WriteFile(beside, []byte(content(db)), 0o600))
	h, err := sql.Open("sqlite", "file:"+beside+"?mode=ro")
	mustDo(t, err)
	defer h.Close()
	rows, err := h.Query("PRAGMA integrity_check(1)")
	if err != nil {
		return err.Error()
	}
	defer rows.Close()
	said := ""
	for rows.Next() {
		if err := rows.Scan(&said); err != nil {
			return err.Error()
		}
	}
	if err := rows.Err(); err != nil {
		return err.Error()
	}
	return said
}

// statement changes a database that nobody uses, or makes one.
func statement(t *testing.T, db, sqlText string) {
	t.Helper()
	h, err := sql.Open("sqlite", "file:"+db)
	mustDo(t, err)
	_, err = h.Exec(sqlText)
	mustDo(t, errors.Join(err, h.Close()))
}

// foundWhileRunning damages a database too large to be checked at the start: it opens, and within
// half a minute the log and the staff's screens say so.
func (w *wreck) foundWhileRunning(t *testing.T, f *faultRun) {
	dir := t.TempDir()
	copyFolder(t, w.clean, dir)
	db := filepath.Join(dir, "onethread.db")
	statement(t, db, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 2400)
		INSERT INTO settings(key, value) SELECT 'ballast-' || i, hex(randomblob(2000)) FROM n`)
	ruinLeaves(t, db, 3)
	run := w.launch(t, dir, 0)
	if !run.ready {
		t.Fatalf("it did not start: %s", run.log.String())
	}
	w.desk.process = run.process
	told := w.desk.banner(w.desk.screen(), "is damaged", 30*time.Second)
	if log := run.log.String(); !strings.Contains(log, "database file is damaged") || !strings.Contains(log, "onethread restore FILE") {
		t.Errorf("the log does not say it:\n%s", log)
	}
	f.note(t, "damage in a database of %d MB on the screens after %v", fileSize(t, db)>>20, told.Round(100*time.Millisecond))
}
