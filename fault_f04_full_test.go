package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"onethread/handlers/browser"
	"onethread/handlers/web"
	"onethread/integrations/email/mailtest"
)

// diskFull is fault F4: while the data folder's disk is full nothing is acknowledged that is not kept,
// reading goes on, staff are told, and when there is room again everything comes in by itself or by
// the provider's next call.
func diskFull(t *testing.T, f *faultRun) {
	data := smallDisk(t, 64<<20)
	var mailbox *mailtest.Stack
	if mailServers() {
		mailbox = mailtest.Start(t)
	}
	p := newProcess(t, f.bin, data)
	full := &fullDisk{counter: openCounter(t, p, mailbox), rng: seeded(t, 4), f: f}
	p.start()
	full.page = browser.Start(t).Page(t, 1440, 900)
	full.page.Open(p.url + "/robots.txt")
	full.page.Eval(fmt.Sprintf(`document.cookie = "%s=%s; path=/"`, web.CookieName(p.url), full.cookie), nil)
	full.page.Open(p.url + "/")
	full.page.Wait(`document.getElementById("live-state").dataset.state === "live"`)
	for round := range f.size(1, 3) {
		full.round(t, round)
	}
	p.stop()
	full.compare()
	mustHaveFiles(t, data, "at the end")
	mustBeConsistent(t, data)
	f.note(t, "%d calls refused with 503 and made again, lost 0, doubled 0; banner after at most %v, gone after %v; mails in %v after there was room",
		full.refused, full.told.Round(100*time.Millisecond), full.over.Round(100*time.Millisecond), full.caughtUp.Round(100*time.Millisecond))
}

// smallDisk is a data folder on a disk of its own in memory.
func smallDisk(t *testing.T, size int) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d,mode=700", size)); err != nil {
		t.Skipf("a small disk cannot be mounted here (it takes root): %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fullDisk is the fault on its way.
type fullDisk struct {
	*counter
	f                    *faultRun
	rng                  *rand.Rand
	page                 *browser.Page
	refused              int
	told, over, caughtUp time.Duration // the longest
}

// round fills the disk, works on it, makes room, and works on.
func (d *fullDisk) round(t *testing.T, round int) {
	customer := d.mustMake(d.signed(fmt.Sprintf("before-%d", round), "message", round))
	kept := d.nearlyFull(customer, round)
	d.see("nearly full", 10*time.Second)
	ballast := d.fill()
	left := d.untilRefused(round)
	d.told = max(d.told, d.see("is full", 10*time.Second))
	var mails []string
	for n := 0; d.mailbox != nil && n < 5; n++ {
		key := fmt.Sprintf("mail-%d-%d", round, n)
		d.mailbox.Deliver(mailtest.Shop, "INBOX", rawMail(key, n))
		mustDo(t, d.book.ack(key)) // a mail that lies in the mailbox has been promised
		mails = append(mails, key)
	}
	for n := range d.f.size(40, 200) {
		c := d.signed(fmt.Sprintf("full-%d-%d", round, n), signedKinds[d.rng.IntN(len(signedKinds))], d.rng.IntN(customers))
		left = append(left, d.tryFull(c)...)
	}
	d.stillServes(customer, kept)

	mustDo(t, os.Remove(ballast))
	began := time.Now()
	d.over = max(d.over, d.see("", 60*time.Second))
	if d.mailbox != nil {
		d.awaitMails(mails...)
		d.caughtUp = max(d.caughtUp, time.Since(began))
		if d.caughtUp > time.Minute {
			t.Errorf("mails came in %v after there was room", d.caughtUp)
		}
	}
	for _, c := range left {
		if acked, status, answer := d.make(c); !acked {
			t.Errorf("%s again, with room: %d %s", c.key, status, answer)
		}
	}
	d.refused += len(left)
}

// nearlyFull keeps files until less than a tenth of the disk is free. They are stored, noted and
// acknowledged like everything else. It returns the address of one of them.
func (d *fullDisk) nearlyFull(customer string, round int) (kept string) {
	d.t.Helper()
	space := func() uint64 {
		var fs unix.Statfs_t
		mustDo(d.t, unix.Statfs(d.data, &fs))
		return fs.Bavail * uint64(fs.Bsize)
	}
	for n := range 4 {
		file := d.keep(fmt.Sprintf("file-%d-%d", round, n), customer, d.random(300<<10))
		kept = file
	}
	// The rest of the way is somebody else's: a log, say.
	beside := filepath.Join(d.data, "somebody-elses.log")
	free := space()
	mustDo(d.t, os.WriteFile(beside, make([]byte, free-5<<20), 0o600))
	d.t.Logf("%d KB were free, %d are", free>>10, space()>>10)
	return kept
}

func (d *fullDisk) random(size int) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(d.rng.Uint32())
	}
	return b
}

// keep uploads a file and notes it, and returns the file's id.
func (d *fullDisk) keep(key, customer string, content []byte) string {
	d.t.Helper()
	id, status, answer := d.upload("vase.png", content)
	if status != http.StatusCreated {
		d.t.Fatalf("upload: %d %s", status, answer)
	}
	if acked, status, answer := d.make(d.noted(key, customer, id)); !acked {
		d.t.Fatalf("note: %d %s", status, answer)
	}
	return id
}

// fill takes every byte that is left and returns the file that holds most of them.
func (d *fullDisk) fill() string {
	d.t.Helper()
	path := filepath.Join(d.data, "somebody-elses.log")
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	mustDo(d.t, err)
	for _, size := range []int{64 << 10, 4 << 10, 512} {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, size))
		}
	}
	mustDo(d.t, f.Close())
	return path
}

// untilRefused calls until the room within SQLite's own files is used up too.
func (d *fullDisk) untilRefused(round int) (left []call) {
	d.t.Helper()
	for n := range 3000 {
		if left = d.tryFull(d.signed(fmt.Sprintf("filling-%d-%d", round, n), "message", n%customers)); len(left) > 0 {
			return left
		}
	}
	d.t.Fatal("the disk is full and 3000 messages were taken in")
	return nil
}

// tryFull makes a call on a full disk: it is kept, or refused as Unavailable. It returns what was refused.
func (d *fullDisk) tryFull(c call) []call {
	d.t.Helper()
	acked, status, answer := d.make(c)
	switch {
	case acked:
		return nil
	case status == http.StatusServiceUnavailable && bytes.Contains(answer, []byte("disk is full")):
	default:
		d.t.Errorf("%s on a full disk: %d %s", c.key, status, answer)
	}
	return []call{c}
}

// stillServes reads everything that staff read, and tries what cannot be done now.
func (d *fullDisk) stillServes(customer, kept string) {
	d.t.Helper()
	for _, path := range []string{"/api/v1/conversations?status=open", "/api/v1/customers/" + customer, "/api/v1/customers/" + customer + "/thread", "/api/v1/search?q=file", "/readyz"} {
		if status, answer := d.get(path); status != http.StatusOK {
			d.t.Errorf("GET %s on a full disk: %d %.200s", path, status, answer)
		}
	}
	d.page.Open(d.url + "/customers/" + customer)
	d.page.Wait(`document.getElementById("live-state").dataset.state === "live"`)
	if words := d.page.Text("#main"); !strings.Contains(words, "file-") {
		d.t.Errorf("the thread does not show its notes on a full disk: %.300s", words)
	}
	d.see("is full", 10*time.Second)
	if _, status, answer := d.upload("vase.png", d.random(300<<10)); status != http.StatusServiceUnavailable || !bytes.Contains(answer, []byte("disk is full")) {
		d.t.Errorf("upload on a full disk: %d %s", status, answer)
	}
	form := url.Values{"email": {"mia@casa.example"}, "password": {counterPassword}}.Encode()
	status, answer := post(&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, d.url+"/login", []byte(form),
		map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Origin": d.url, "Sec-Fetch-Site": "same-origin"})
	if status != http.StatusSeeOther && (status != http.StatusServiceUnavailable || !bytes.Contains(answer, []byte("disk is full"))) {
		d.t.Errorf("log-in on a full disk: %d %.600s", status, answer)
	}
}

// see waits until the banner in Chromium has the words, or is gone for "", and tells how long it took.
func (d *fullDisk) see(words string, limit time.Duration) time.Duration {
	d.t.Helper()
	began := time.Now()
	within(d.t, limit, fmt.Sprintf("the banner %q", words), func() error {
		var shown string
		d.page.Eval(`(() => { const b = document.getElementById("trouble"); return b.hidden ? "" : b.textContent; })()`, &shown)
		if (words == "") != (shown == "") || !strings.Contains(shown, words) {
			return fmt.Errorf("it says %q", shown)
		}
		return nil
	})
	return time.Since(began)
}
