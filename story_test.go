package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"onethread/integrations/email/mailtest"
)

// binary builds the program once for all stories, as the container's build does.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "onethread-story-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "onethread")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return path, nil
})

// story is the real program on a data folder and a port of its own, as a process that can be killed.
type story struct {
	*testing.T
	bin, data, addr, url string
	token                string
	cmd                  *exec.Cmd
	log, out             *bytes.Buffer // what the server wrote to standard error and output
}

const storyPassword = "a walnut desk in lisbon"

// begin prepares an owner (mia@casa.example) and an admin token; the server is not yet running.
func begin(t *testing.T) *story {
	t.Helper()
	s := blank(t)
	s.cli(storyPassword, "user", "add", "--email", "mia@casa.example", "--name", "Mia Costa", "--role", "owner", "--password-stdin")
	s.token = s.last(s.cli("", "token", "add", "--user", "mia@casa.example", "--name", "story", "--scope", "admin"))
	return s
}

// blank is a program that was never started.
func blank(t *testing.T) *story {
	t.Helper()
	bin, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &story{T: t, bin: bin, data: t.TempDir(), addr: l.Addr().String(), log: &bytes.Buffer{}, out: &bytes.Buffer{}}
	s.url = "http://" + s.addr
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.kill()
		if t.Failed() {
			t.Logf("the program's log ends:\n%s", tail(s.log.String(), 4000))
		}
	})
	return s
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

func (s *story) env() []string {
	return append(os.Environ(), "ONETHREAD_DATA="+s.data, "ONETHREAD_ADDR="+s.addr, "ONETHREAD_URL="+s.url)
}

// cli runs a command of the program and returns what it printed.
func (s *story) cli(stdin string, args ...string) string {
	s.Helper()
	cmd := exec.Command(s.bin, args...)
	cmd.Env, cmd.Stdin = s.env(), strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.Fatalf("onethread %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// last is the last word of a command's output.
func (s *story) last(out string) string {
	words := strings.Fields(out)
	if len(words) == 0 {
		s.Fatal("the command printed nothing")
	}
	return words[len(words)-1]
}

// start runs the server until it is ready.
func (s *story) start() {
	s.Helper()
	s.cmd = exec.Command(s.bin)
	s.cmd.Env, s.cmd.Stderr, s.cmd.Stdout = s.env(), s.log, s.out
	if err := s.cmd.Start(); err != nil {
		s.Fatal(err)
	}
	s.await("the server is ready", func() bool {
		answer, err := http.Get(s.url + "/readyz")
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == 200
	})
}

// kill ends the server as a power switch would.
func (s *story) kill() {
	if s.cmd != nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		s.cmd = nil
	}
}

// stop ends the server as Docker would, and tells how long it took.
func (s *story) stop() time.Duration {
	s.Helper()
	began := time.Now()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil {
		s.Errorf("the server did not stop cleanly: %v", err)
	}
	s.cmd = nil
	return time.Since(began)
}

// await polls a condition for a minute.
func (s *story) await(what string, ok func() bool) {
	s.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
	}
	s.Fatalf("waited a minute in vain: %s", what)
}

// api calls /api/v1 and decodes the answer into out (nil = ignore). It fails on other statuses
// than the wanted one.
func (s *story) api(method, path string, body any, want int, out any) {
	s.Helper()
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			s.Fatal(err)
		}
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(s.Context(), method, s.url+"/api/v1"+path, in)
	if err != nil {
		s.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	req.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		s.Fatal(err)
	}
	if answer.StatusCode != want {
		s.Fatalf("%s %s: %d, want %d\n%s", method, path, answer.StatusCode, want, b)
	}
	if out != nil {
		if err := json.Unmarshal(b, out); err != nil {
			s.Fatalf("%s %s: %v\n%s", method, path, err, b)
		}
	}
}

// storyEvent is what the stories read of an event.
type storyEvent struct {
	ID         string `json:"id"`
	Kind       string `json:"kind"`
	Direction  string `json:"direction"`
	CustomerID string `json:"customer_id"`
	BodyText   string `json:"body_text"`
	Channel    *struct {
		Type string `json:"type"`
	} `json:"channel"`
	Delivery *struct {
		State string `json:"state"`
	} `json:"delivery"`
}

// thread reads a customer's whole thread, oldest first.
func (s *story) thread(customer string) []storyEvent {
	s.Helper()
	var page struct{ Data []storyEvent }
	s.api("GET", "/customers/"+customer+"/thread?limit=200", nil, 200, &page)
	return page.Data
}

// rows reads the inbox.
func (s *story) rows() []struct {
	CustomerID string `json:"customer_id"`
	Channels   []string
} {
	s.Helper()
	var page struct {
		Data []struct {
			CustomerID string `json:"customer_id"`
			Channels   []string
		}
	}
	s.api("GET", "/conversations?status=open", nil, 200, &page)
	return page.Data
}

// shopSite serves a shop's page with the widget on it, from another site than the program.
func shopSite(t *testing.T, page func() string) string {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, page())
	}))
	t.Cleanup(site.Close)
	return strings.Replace(site.URL, "127.0.0.1", "localhost", 1)
}

// siteOf serves a shop's page, on another site than the program, with a chat channel's widget on it,
// where the shop says that Ana is logged in.
func (s *story) siteOf(chat string) string {
	s.Helper()
	var channel struct{ Key string }
	s.api("GET", "/channels/"+chat, nil, 200, &channel)
	return shopSite(s.T, func() string {
		token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"sub": "7", "email": mailtest.Alice, "name": "Ana Duarte",
			"exp": time.Now().Add(time.Hour).Unix()}).SignedString([]byte(storySecret))
		if err != nil {
			s.Error(err)
		}
		return fmt.Sprintf(`<!doctype html><html lang="en"><title>Walnut desk 140</title><h1>Walnut desk 140</h1>
<script>window.onethread=function(){(onethread.q=onethread.q||[]).push(arguments)};onethread('identify',{token:%q})</script>
<script async src="%s/widget.js" data-channel="%s"></script>`, token, s.url, channel.Key)
	})
}
