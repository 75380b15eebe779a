package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// databaseBusy is fault F6: another program (a backup tool, somebody's SQLite shell) holds the lock on
// writing now and then. Up to eight seconds of that nobody sees an error; past the ten that a write
// waits, callers get 503 with Retry-After, nothing is half-done, and afterwards everything goes on.
func databaseBusy(t *testing.T, f *faultRun) {
	p := newProcess(t, f.bin, t.TempDir())
	b := &busy{counter: openCounter(t, p, nil), lock: holdLock(t, p.data)}
	p.start()
	customer := b.mustMake(b.signed("first", "message", 1))
	b.usually(t, f)
	b.shortLocks(t, f, customer)
	hold := time.Duration(f.size(12, 25)) * time.Second
	b.longLock(t, customer, hold)
	b.usually(t, f)
	p.stop()
	b.compare()
	mustBeConsistent(t, p.data)
	if strings.Contains(p.log.String(), "database is locked") {
		t.Errorf("the log says that the database is locked:\n%s", tail(p.log.String(), 2000))
	}
	slices.Sort(b.took)
	p99 := b.took[len(b.took)*99/100]
	if p99 > time.Second {
		t.Errorf("99 of 100 writes took up to %v while nobody held the lock", p99)
	}
	f.note(t, "%d locks of %d s under 20 writers and a backup: no error, slowest write %v; p99 without a lock %v; one of %v: %d answers of 503, all made again; lost 0, doubled 0",
		b.locks, f.size(3, 8), b.slowest.Round(100*time.Millisecond), p99.Round(100*time.Microsecond), hold, b.refused)
}

// busy is the fault on its way.
type busy struct {
	*counter
	lock *lock

	mu             sync.Mutex
	n              int
	took           []time.Duration // by writes while nobody held the lock
	slowest        time.Duration   // under a short lock
	locks, refused int
}

// write makes one call, of every kind in turn, and tells how long it took.
func (b *busy) write() (c call, acked bool, status int, answer []byte, took time.Duration) {
	b.mu.Lock()
	b.n++
	n := b.n
	b.mu.Unlock()
	c = b.signed(fmt.Sprint("busy-", n), signedKinds[n%len(signedKinds)], n%customers)
	began := time.Now()
	acked, status, answer = b.make(c)
	return c, acked, status, answer, time.Since(began)
}

// writers runs twenty of them until ctx ends, and gives each answer to seen.
func (b *busy) writers(ctx context.Context, seen func(c call, acked bool, status int, answer []byte, took time.Duration)) *sync.WaitGroup {
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for ctx.Err() == nil {
				seen(b.write())
			}
		})
	}
	return &wg
}

// usually measures four writers with nobody in the way.
func (b *busy) usually(t *testing.T, f *faultRun) {
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range f.size(50, 400) {
				c, acked, status, answer, took := b.write()
				if !acked {
					t.Errorf("%s with nobody in the way: %d %s", c.key, status, answer)
				}
				b.mu.Lock()
				b.took = append(b.took, took)
				b.mu.Unlock()
			}
		})
	}
	wg.Wait()
}

// shortLocks holds the lock again and again under twenty writers, one of them a backup.
func (b *busy) shortLocks(t *testing.T, f *faultRun, customer string) {
	ctx, end := context.WithCancel(context.Background())
	defer end()
	wg := b.writers(ctx, func(c call, acked bool, status int, answer []byte, took time.Duration) {
		if !acked {
			t.Errorf("%s under a short lock: %d %s", c.key, status, answer)
		}
		b.mu.Lock()
		b.slowest = max(b.slowest, took)
		b.mu.Unlock()
	})
	wg.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			b.backUp(t, n)
		}
	})
	for n := range f.size(1, 4) {
		b.lock.hold(time.Duration(f.size(3, 8))*time.Second, func() { b.reads(t, customer) })
		b.locks = n + 1
		<-time.After(2 * time.Second) // the other program comes every ten seconds
	}
	end()
	wg.Wait()
}

func (b *busy) backUp(t *testing.T, n int) {
	cmd := exec.Command(b.bin, "backup", filepath.Join(t.TempDir(), fmt.Sprint("backup-", n)))
	cmd.Env = b.env
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("backup beside a lock: %v\n%s", err, out)
	}
}

// longLock holds the lock for longer than any write waits.
func (b *busy) longLock(t *testing.T, customer string, hold time.Duration) {
	ctx, end := context.WithCancel(context.Background())
	defer end()
	var mu sync.Mutex
	var left []call
	wg := b.writers(ctx, func(c call, acked bool, status int, answer []byte, took time.Duration) {
		if acked {
			return
		}
		mu.Lock()
		left = append(left, c)
		mu.Unlock()
		if status != http.StatusServiceUnavailable || strings.Contains(string(answer), "locked") || took > 16*time.Second {
			t.Errorf("%s under a long lock: %d %s after %v", c.key, status, answer, took)
		}
	})
	b.lock.hold(hold, func() {
		b.reads(t, customer)
		b.saysWhen(t)
	})
	end()
	wg.Wait()
	for _, c := range left {
		if acked, status, answer := b.make(c); !acked {
			t.Errorf("%s again: %d %s", c.key, status, answer)
		}
	}
	if b.refused = len(left); b.refused == 0 {
		t.Errorf("nobody was refused while another program held the lock for %v", hold)
	}
}

// reads expects reading not to mind a lock.
func (b *busy) reads(t *testing.T, customer string) {
	for _, path := range []string{"/api/v1/conversations?status=open", "/api/v1/customers/" + customer + "/thread", "/readyz"} {
		began := time.Now()
		if status, answer := b.get(path); status != http.StatusOK || time.Since(began) > time.Second {
			t.Errorf("GET %s beside a lock: %d after %v: %.200s", path, status, time.Since(began), answer)
		}
	}
}

// saysWhen expects a refusal to tell when to come again.
func (b *busy) saysWhen(t *testing.T) {
	c := b.signed("says-when", "message", 1)
	req, err := http.NewRequest(http.MethodPost, c.url, strings.NewReader(string(c.body)))
	mustDo(t, err)
	for k, v := range c.header {
		req.Header.Set(k, v)
	}
	began := time.Now()
	resp, err := b.client.Do(req)
	mustDo(t, err)
	defer resp.Body.Close()
	after, err := strconv.Atoi(resp.Header.Get("Retry-After"))
	if resp.StatusCode != http.StatusServiceUnavailable || err != nil || after < 1 || after > 60 {
		t.Errorf("a write that waited %v was answered %d with Retry-After %q", time.Since(began), resp.StatusCode, resp.Header.Get("Retry-After"))
	}
}

// lock is another program that writes to the same database.
type lock struct {
	t    *testing.T
	conn *sql.Conn
}

func holdLock(t *testing.T, data string) *lock {
	t.Helper()
	db := database(t, data)
	conn, err := db.Conn(context.Background())
	mustDo(t, err)
	t.Cleanup(func() {
		if err := errors.Join(conn.Close(), db.Close()); err != nil {
			t.Error(err)
		}
	})
	return &lock{t: t, conn: conn}
}

// hold takes the lock, lets something happen meanwhile, and gives it back after d.
func (l *lock) hold(d time.Duration, meanwhile func()) {
	l.t.Helper()
	for deadline := time.Now().Add(patience); ; { // the server may be writing all the time
		_, err := l.conn.ExecContext(context.Background(), "BEGIN IMMEDIATE")
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			l.t.Fatal("the lock was never free: ", err)
		}
	}
	held := time.After(d)
	meanwhile()
	<-held
	_, err := l.conn.ExecContext(context.Background(), "ROLLBACK")
	mustDo(l.t, err)
}
