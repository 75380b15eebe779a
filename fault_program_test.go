package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience bounds every wait of the stories.
const patience = 60 * time.Second

// buildProgram builds the real binary, as a release is built.
func buildProgram(t testing.TB) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "onethread")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", bin, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return bin
}

// process is the real program on one data folder, started and killed as often as a story wants. Its
// address stays the same.
type process struct {
	t              testing.TB
	bin, data, url string
	env            []string
	under          []string // a command that starts the program, and its arguments

	mu  sync.Mutex
	cmd *exec.Cmd
	log bytes.Buffer
}

// newProcess prepares a program on a data folder; env adds to its environment.
func newProcess(t testing.TB, bin, data string, env ...string) *process {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	p := &process{t: t, bin: bin, data: data, url: "http://" + addr}
	p.env = append(append(os.Environ(), "ONETHREAD_ADDR="+addr, "ONETHREAD_URL="+p.url, "ONETHREAD_DATA="+data, "ONETHREAD_LOG=error"), env...)
	t.Cleanup(p.kill)
	return p
}

// launch starts the program without waiting for it.
func (p *process) launch() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	line := append(slices.Clone(p.under), p.bin)
	p.cmd = exec.Command(line[0], line[1:]...)
	p.cmd.Env, p.cmd.Stderr = p.env, &p.log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that children that stay behind are found
	p.log.Reset()
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
}

// start starts the program and tells how long it took until it was ready.
func (p *process) start() time.Duration {
	p.t.Helper()
	began := time.Now()
	p.launch()
	for tick := time.NewTicker(time.Millisecond); ; <-tick.C {
		if resp, err := http.Get(p.url + "/readyz"); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				tick.Stop()
				return time.Since(began)
			}
		}
		if time.Since(began) > patience {
			p.kill()
			p.t.Fatalf("the program did not become ready:\n%s", p.log.String())
		}
	}
}

// kill ends the program as a power cut does for it: at once.
func (p *process) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait() // "signal: killed" is what was asked for
	p.cmd = nil
}

// stop ends the program as an operator does and expects it to end well.
func (p *process) stop() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	began := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("the program ended with %v:\n%s", err, p.log.String())
	}
	if took := time.Since(began); took > 10*time.Second {
		p.t.Errorf("stopping took %v", took)
	}
	p.cmd = nil
}

// prepare opens the data folder with the server stopped, for staff and channels to be made.
func prepare(t testing.TB, data, url string, do func(ctx context.Context, p *Program) error) {
	t.Helper()
	ctx := context.Background()
	env := Env{Data: data, URL: url}
	st, err := openStore(ctx, env)
	if err != nil {
		t.Fatal(err)
	}
	if err := do(ctx, domain(env, st)); err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
}

// post sends a body and returns the status and the answer; status 0 means that nobody answered.
func post(client *http.Client, url string, body []byte, header map[string]string) (int, []byte) {
	req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, []byte(err.Error())
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, []byte(err.Error())
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil { // cut in the middle: nothing is known
		return 0, []byte(err.Error())
	}
	return resp.StatusCode, answer
}

// newClient keeps as many connections as the drivers are, and waits for no answer longer than a kill takes.
func newClient() *http.Client {
	return &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
}

// eventually repeats a check until it gives nil.
func eventually(t testing.TB, what string, check func() error) {
	t.Helper()
	within(t, patience, what, check)
}

// within repeats a check until it gives nil, for as long as it may take.
func within(t testing.TB, limit time.Duration, what string, check func() error) {
	t.Helper()
	deadline := time.Now().Add(limit)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %v", what, err)
		}
		<-tick.C
	}
}

// ledger is what the drivers were promised: a line on disk for everything acknowledged.
type ledger struct {
	mu   sync.Mutex
	file *os.File
	keys map[string]bool
}

func newLedger(t testing.TB) *ledger {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "ledger"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return &ledger{file: f, keys: map[string]bool{}}
}

func (l *ledger) ack(key string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.keys[key] = true
	if _, err := fmt.Fprintln(l.file, key); err != nil {
		return err
	}
	return l.file.Sync()
}

// promised lists what was acknowledged so far.
func (l *ledger) promised() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Collect(maps.Keys(l.keys))
}
