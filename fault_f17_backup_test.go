package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// backupUnderLoad is fault F17: backups are made one after the other while two hundred events a second
// and files come in, and each is restored into a fresh folder and held against what had been
// acknowledged when it began.
func backupUnderLoad(t *testing.T, f *faultRun) {
	p := newProcess(t, f.bin, t.TempDir(), trusted)
	d := openDoors(t, p)
	p.start()
	l := d.stream(t)
	k := &keeper{doors: d, T: t, dir: t.TempDir(), rows: map[string]int{}}
	end, backups := time.Now().Add(time.Duration(f.size(10, 90))*time.Second), 0
	var during, quiet []time.Duration
	for backups < 2 || backups < f.size(4, 60) && time.Now().Before(end) {
		promised := d.book.promised()
		quiet = append(quiet, l.measure(500*time.Millisecond)...)
		done := l.watch()
		path := k.backup(backups)
		during = append(during, done()...)
		k.check(path, promised)
		backups++
	}
	l.stop()
	k.overwrite()
	p.stop()
	lost, doubled := d.compare()
	mustBeConsistent(t, p.data)
	busy, quietly := p99(during), p99(quiet)
	f.note(t, "%d of %d backups restored whole under %.0f writes/s, the last with %d files; %d acknowledged, lost %d, doubled %d", k.good, backups, l.rate(), k.files, len(d.book.keys), lost, doubled)
	f.note(t, "write p99 %d ms, during backups %d ms (%.1f times)", quietly.Milliseconds(), busy.Milliseconds(), float64(busy)/float64(quietly))
	if busy > 2*time.Second {
		t.Errorf("p99 of the writes is %v during backups", busy)
	}
}

func p99(took []time.Duration) time.Duration {
	if len(took) == 0 {
		return 0
	}
	slices.Sort(took)
	return took[len(took)*99/100]
}

// keeper makes backups and tries them out.
type keeper struct {
	*doors
	*testing.T
	dir         string
	rows        map[string]int // of the backup before
	good, files int
	last        string // the newest restored folder
}

// run runs a command of the program on a data folder, with the key that the backups do not hold.
func (k *keeper) run(data string, args ...string) (string, error) {
	cmd := exec.Command(k.bin, args...)
	cmd.Env = append(os.Environ(), "ONETHREAD_DATA="+data, "ONETHREAD_URL="+k.url, "ONETHREAD_SECRET_KEY_FILE="+filepath.Join(k.data, "secret.key"))
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (k *keeper) backup(n int) string {
	path := filepath.Join(k.dir, fmt.Sprintf("backup-%d.tgz", n))
	if out, err := k.run(k.data, "backup", path); err != nil {
		k.Fatalf("backup: %v\n%s", err, out)
	}
	return path
}

// check restores a backup into a fresh folder and holds it against what was promised when it began.
func (k *keeper) check(path string, promised []string) {
	k.Helper()
	if err := k.holdsNoSecret(path); err != nil {
		k.Error(err)
		return
	}
	if k.last != "" {
		_ = os.RemoveAll(k.last)
	}
	k.last = k.TempDir()
	if out, err := k.run(k.last, "restore", path); err != nil {
		k.Errorf("restore: %v\n%s", err, out)
		return
	}
	out, _ := k.run(k.last, "doctor") // its status is that of the channels too, whose stores were never told of us
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "FAIL") && !strings.HasPrefix(line, "FAIL  channel") {
			k.Errorf("doctor says of the restored folder: %s", line)
			return
		}
	}
	if !strings.Contains(out, "ok    database file") || !strings.Contains(out, "ok    database content") {
		k.Errorf("doctor did not look: %s", out)
		return
	}
	if err := errors.Join(k.filesThere(), k.rowsThere(promised)); err != nil {
		k.Error(err)
		return
	}
	k.good++
}

// holdsNoSecret looks for the key, and for a channel's secret in clear, in everything a backup holds.
func (k *keeper) holdsNoSecret(path string) error {
	key, err := os.ReadFile(filepath.Join(k.data, "secret.key"))
	if err != nil {
		return err
	}
	raw, _ := hex.DecodeString(strings.TrimSpace(string(key)))
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	zip, err := gzip.NewReader(in)
	if err != nil {
		return err
	}
	archive := tar.NewReader(zip)
	for {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		content, err := io.ReadAll(archive)
		if err != nil {
			return err
		}
		for what, secret := range map[string][]byte{"the key": bytes.TrimSpace(key), "the key's bytes": raw, "the stores' secret": []byte(storeSecret), "the till's secret": []byte(k.till.Settings["secret"])} {
			if len(secret) < 16 {
				return fmt.Errorf("%s is %d bytes long: nothing to look for", what, len(secret))
			}
			if bytes.Contains(content, secret) {
				k.Errorf("%s of the backup holds %s", h.Name, what)
			}
		}
	}
}

// filesThere checks that every file that a row names is there with the content that its name promises.
func (k *keeper) filesThere() error {
	db := database(k.T, k.last)
	defer db.Close()
	named := column(k.T, db, "SELECT DISTINCT sha256 || ' ' || size FROM attachments WHERE sha256 <> ''")
	for _, row := range named {
		sum, size, _ := strings.Cut(row, " ")
		content, err := os.ReadFile(filepath.Join(k.last, "files", sum[:2], sum[2:]))
		if err != nil {
			return err
		}
		if is := sha256.Sum256(content); hex.EncodeToString(is[:]) != sum || strconv.Itoa(len(content)) != size {
			return fmt.Errorf("file %s holds something else", sum)
		}
	}
	if len(named) < k.files {
		return fmt.Errorf("the backup before named %d files, this one %d", k.files, len(named))
	}
	k.files = len(named)
	return nil
}

// rowsThere checks that everything promised when the backup began is in it, and that no table shrank.
func (k *keeper) rowsThere(promised []string) error {
	db := database(k.T, k.last)
	defer db.Close()
	stored := map[string]int{}
	for _, key := range column(k.T, db, storedKeys) {
		stored[key]++
	}
	for _, key := range promised {
		if stored[key] != 1 {
			return fmt.Errorf("%s was acknowledged before the backup began and stands %d times in it", key, stored[key])
		}
	}
	for _, table := range []string{"events", "messages", "receipts", "customers", "identities", "attachments", "orders"} {
		n, err := strconv.Atoi(column(k.T, db, "SELECT count(*) FROM "+table)[0])
		if err != nil || n < k.rows[table] {
			return fmt.Errorf("%s: %d rows, %d in the backup before (%v)", table, n, k.rows[table], err)
		}
		k.rows[table] = n
	}
	return nil
}

// overwrite checks that a folder in use is replaced only when that is asked for.
func (k *keeper) overwrite() {
	k.Helper()
	path := k.backup(1000)
	if out, err := k.run(k.last, "restore", path); err == nil || !strings.Contains(out, "--force") {
		k.Errorf("a folder that holds a database was overwritten unasked, or without saying how: %v %s", err, out)
	}
	if out, err := k.run(k.data, "restore", "--force", path); err == nil {
		k.Errorf("the folder of a running server was overwritten: %s", out)
	}
	if out, err := k.run(k.last, "restore", path, "--force"); err != nil {
		k.Errorf("restore --force: %v %s", err, out)
	}
	if err := errors.Join(k.filesThere(), k.rowsThere(k.book.promised())); err != nil {
		k.Errorf("after --force: %v", err)
	}
}
