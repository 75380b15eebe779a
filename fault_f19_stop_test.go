package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"onethread/models/channels"
	"onethread/models/store"
)

// stopInTraffic is fault F19: the program is told to stop (SIGTERM) in full traffic, as an ordinary
// process and as the first one of a container; then told twice.
func stopInTraffic(t *testing.T, f *faultRun) {
	for _, x := range []struct {
		name  string
		under []string
	}{{"process", nil}, {"container", []string{"unshare", "-p", "-f", "--mount-proc", "--kill-child"}}} {
		t.Run(x.name, func(t *testing.T) {
			if x.under != nil && exec.Command(x.under[0], append(x.under[1:], "true")...).Run() != nil {
				f.note(t, "as a %s: left out, PID namespaces are not allowed here", x.name)
				t.Skip("unshare -p is not allowed here: run as root, outside a locked container")
			}
			tr := newTraffic(t, f, x.under)
			once := tr.stopOnce(f.size(15, 60))
			f.note(t, "as a %s: %s; a second SIGTERM %s", x.name, once, tr.stopTwice())
		})
	}
}

// traffic is everything that goes on at once.
type traffic struct {
	*desk
	t       *testing.T
	mails   *recorder
	texts   *telco
	cookie  string
	sockets int

	mu       sync.Mutex
	answered map[int]int // by status
	late     []string    // requests made well before the signal that got no answer
	signal   time.Time
}

// newTraffic prepares a program, staff, a till, a chat, a mailbox and a number.
func newTraffic(t *testing.T, f *faultRun, under []string) *traffic {
	p := newProcess(t, f.bin, t.TempDir(), trusted)
	p.under = under
	tr := &traffic{t: t, desk: &desk{doors: &doors{process: p, client: newClient(), book: newLedger(t)}, channels: map[string]string{}},
		mails: recordMail(t, seeded(t, 5)), texts: slowTelco(t, seeded(t, 6), false), sockets: f.size(60, 1000), answered: map[int]int{}}
	prepare(t, p.data, p.url, func(ctx context.Context, prog *Program) (err error) {
		if err = tr.open(ctx, prog, tr.mails.port, tr.texts); err != nil {
			return err
		}
		if tr.till, err = prog.Channels.Add(ctx, "generic", channels.Input{}); err != nil {
			return err
		}
		if tr.chat, err = prog.Channels.Add(ctx, "webchat", channels.Input{}); err != nil {
			return err
		}
		tr.cookie, _, err = prog.Auth.Login(ctx, "mia@casa.example", "walnut desk in lisbon", "127.0.0.1", "story")
		return err
	})
	return tr
}

// stopOnce tells the program to stop in full traffic, and holds everybody to their promise.
func (tr *traffic) stopOnce(replies int) string {
	tr.texts.drowse(true)
	tr.start()
	closed := tr.openSockets()
	ctx, end := context.WithCancel(tr.t.Context())
	defer end()
	var wg sync.WaitGroup
	for w := range 10 {
		wg.Go(func() { tr.ask(ctx, w) })
	}
	for n := range replies {
		for _, how := range []string{"reply", "sms"} {
			if status, answer := tr.reply(fmt.Sprintf("%s-stop-%d", how, n)); status != http.StatusAccepted {
				tr.t.Errorf("%d %s", status, answer)
			}
		}
	}
	upload := tr.slowUpload(2 * time.Second)
	<-time.After(time.Second)
	took := tr.terminate(nil)
	end()
	wg.Wait()
	if got := <-upload; got != "201" {
		tr.t.Errorf("an upload that had begun was answered %s", got)
	}
	codes := map[int]int{}
	for range tr.sockets {
		codes[<-closed]++
	}
	if codes[1012] != tr.sockets {
		tr.t.Errorf("WebSockets ended with %v, all of %d should with 1012 (service restart)", codes, tr.sockets)
	}
	return fmt.Sprintf("%s, %d of %d sockets closed with 1012", tr.afterwards(took), codes[1012], tr.sockets)
}

// afterwards looks at what the stopped program left, starts it again, and lets it finish.
func (tr *traffic) afterwards(took time.Duration) string {
	tr.mu.Lock()
	answered, late := tr.answered, tr.late
	tr.mu.Unlock()
	requests := 0
	for status, n := range answered {
		requests += n
		if status >= 500 {
			tr.t.Errorf("%d requests were answered %d", n, status)
		}
	}
	if len(late) > 0 {
		tr.t.Errorf("requests made before the signal got no answer: %v", late)
	}
	db := database(tr.t, tr.data)
	if got := column(tr.t, db, "SELECT id FROM outbox WHERE state = 'sending'"); len(got) > 0 {
		tr.t.Errorf("sends that had begun were neither finished nor given back: %v", got)
	}
	waiting := column(tr.t, db, "SELECT count(*) FROM outbox WHERE state = 'queued'")[0]
	db.Close()
	tr.mustAgree()
	tr.start()
	tr.texts.drowse(false)
	tr.drain()
	tr.terminate(nil)
	tr.mails.judge(tr.t, tr.book)
	tr.texts.judge(tr.t, tr.book)
	tr.compareSigned()
	mustBeConsistent(tr.t, tr.data)
	return fmt.Sprintf("ended in %d ms, %d requests answered, %s replies left for the next start and sent then", took.Milliseconds(), requests-answered[0], waiting)
}

// mustAgree is the product's own check, with messages still waiting to be sent.
func (tr *traffic) mustAgree() {
	tr.t.Helper()
	ctx := context.Background()
	st, err := store.Open(ctx, tr.data, store.Options{})
	if err != nil {
		tr.t.Fatal(err)
	}
	if err := errors.Join(store.Check(ctx, st), st.Close()); err != nil {
		tr.t.Error(err)
	}
}

// compareSigned holds the ledger of the signed door against the database.
func (tr *traffic) compareSigned() {
	tr.t.Helper()
	db := database(tr.t, tr.data)
	defer db.Close()
	stored := map[string]int{}
	for _, key := range column(tr.t, db, storedKeys) {
		stored[key]++
	}
	for _, key := range tr.book.promised() {
		if strings.HasPrefix(key, "ask-") && stored[key] != 1 {
			tr.t.Errorf("%s was acknowledged and stands %d times", key, stored[key])
		}
	}
}

// terminate sends SIGTERM and waits for the end, at most as long as Docker waits. second is called
// once the program is on its way out.
func (tr *traffic) terminate(second func(kill func())) time.Duration {
	tr.t.Helper()
	tr.process.mu.Lock()
	defer tr.process.mu.Unlock()
	cmd, pid := tr.cmd, tr.inner()
	kill := func() {
		if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
			tr.t.Error(err)
		}
	}
	tr.mu.Lock()
	tr.signal = time.Now()
	tr.mu.Unlock()
	began := time.Now()
	kill()
	if second != nil {
		second(func() { began = time.Now(); kill() })
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var err error
	select {
	case err = <-ended:
	case <-time.After(30 * time.Second):
		_ = cmd.Process.Kill()
		err = errors.Join(errors.New("it had to be killed"), <-ended)
	}
	took := time.Since(began)
	tr.cmd = nil
	switch {
	case second == nil && err != nil:
		tr.t.Errorf("the program ended with %v:\n%s", err, tail(tr.log.String(), 2000))
	case second == nil && took > 10*time.Second:
		tr.t.Errorf("stopping took %v", took)
	}
	if err := syscall.Kill(-cmd.Process.Pid, 0); !errors.Is(err, syscall.ESRCH) {
		tr.t.Errorf("children were left behind (%v)", err)
	}
	return took
}

// inner is the program's process id, which is that of its parent's child where another command
// started it.
func (tr *traffic) inner() int {
	tr.t.Helper()
	pid := tr.cmd.Process.Pid
	if tr.under == nil {
		return pid
	}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err == nil {
		pid, err = strconv.Atoi(strings.TrimSpace(string(children)))
	}
	if err != nil {
		tr.t.Fatal(err)
	}
	return pid
}

// stopTwice tells the program a second time while it waits for an upload.
func (tr *traffic) stopTwice() string {
	tr.start()
	upload := tr.slowUpload(20 * time.Second)
	took := tr.terminate(func(again func()) {
		eventually(tr.t, "no new connections", func() error {
			if answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get(tr.url + "/healthz"); err == nil {
				answer.Body.Close()
				return errors.New("it still answers")
			}
			return nil
		})
		again()
	})
	if got := <-upload; got != "cut off" {
		tr.t.Errorf("the upload was answered %s: the program did not wait for it", got)
	}
	if took > time.Second {
		tr.t.Errorf("after a second SIGTERM it took %v", took)
	}
	mustBeWhole(tr.t, tr.data, "after a second SIGTERM")
	return fmt.Sprintf("ends it in %d ms", took.Milliseconds())
}

// slowUpload hands over a file, byte by byte and for a while; it tells how that was answered. When it returns the server has begun to read.
func (tr *traffic) slowUpload(slow time.Duration) <-chan string {
	tr.t.Helper()
	reader, writer := io.Pipe()
	const head = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"slow.txt\"\r\nContent-Type: text/plain\r\n\r\n"
	body := struct { // closed with the connection, so that nobody waits for what will not be read
		io.Reader
		io.Closer
	}{io.MultiReader(strings.NewReader(head), reader), reader}
	req, err := http.NewRequestWithContext(tr.t.Context(), http.MethodPost, tr.url+"/api/v1/attachments", body)
	if err != nil {
		tr.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+tr.token)
	req.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	out := make(chan string, 1)
	go func() {
		answer, err := (&http.Client{Transport: &http.Transport{}}).Do(req)
		writer.Close()
		if err != nil {
			out <- "cut off"
			return
		}
		answer.Body.Close()
		out <- strconv.Itoa(answer.StatusCode)
	}()
	if _, err := writer.Write(bytes.Repeat([]byte("x"), 64<<10)); err != nil {
		tr.t.Fatal(err)
	}
	go func() {
		for end := time.Now().Add(slow); time.Now().Before(end); <-time.After(100 * time.Millisecond) {
			if _, err := writer.Write([]byte("x")); err != nil {
				return // the server has left
			}
		}
		_, _ = writer.Write([]byte("\r\n--b--\r\n"))
		writer.Close()
	}()
	return out
}

// ask makes ten requests a second, reading and writing, until the server is gone.
func (tr *traffic) ask(ctx context.Context, worker int) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for n := 0; ctx.Err() == nil; n++ {
		c := tr.signed(fmt.Sprintf("ask-%d-%d", worker, n), signedKinds[n%len(signedKinds)], n%customers)
		began, status := time.Now(), 0
		if n%2 == 0 {
			_, status, _ = tr.make(c)
		} else {
			status = tr.read("/api/v1/conversations")
		}
		tr.mu.Lock()
		tr.answered[status]++
		if status == 0 && (tr.signal.IsZero() || began.Before(tr.signal.Add(-50*time.Millisecond))) {
			tr.late = append(tr.late, c.key)
		}
		tr.mu.Unlock()
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

func (tr *traffic) read(path string) int {
	req, err := http.NewRequest(http.MethodGet, tr.url+path, nil)
	if err != nil {
		tr.t.Error(err)
		return 0
	}
	req.Header.Set("Authorization", "Bearer "+tr.token)
	answer, err := tr.client.Do(req)
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return 0
	}
	return answer.StatusCode
}
