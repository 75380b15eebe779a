package twiliotest

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// PrismSID is an account that the contract allows; any other of that form would do as well.
const PrismSID = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

// Contract is Prism with Twilio's official API description: it answers with the description's
// examples, and every request that the description refuses fails the test.
type Contract struct {
	URL string

	mu    sync.Mutex
	calls []string
	full  bool
}

// Full answers the next lists of messages and files with the description's full page instead of an
// empty one.
func (c *Contract) Full() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.full = true
}

// example is which of the description's examples a call is to be answered with; "" = the first one.
func (c *Contract) example(r *http.Request) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.full && strings.HasSuffix(r.URL.Path, "/Media.json"):
		return "readFull"
	case r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/Messages.json"):
		return ""
	case c.full && !r.URL.Query().Has("PageToken"):
		return "readFullPage1"
	}
	return "readEmptySentdateGreater" // the full page leads to itself for ever
}

// Calls lists what was asked for so far: method, path and form.
func (c *Contract) Calls() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.calls...)
}

// Prism starts the contract on loopback until the test ends. Where Prism (npm ci) or the description
// is not there, the test is skipped.
func Prism(t testing.TB) *Contract {
	t.Helper()
	root := Root(t)
	bin, spec := filepath.Join(root, "node_modules", ".bin", "prism"), filepath.Join(Shared(t), "specs", "twilio_api_v2010.json")
	for path, advice := range map[string]string{bin: "run npm ci", spec: "set ONETHREAD_SHARED to the folder that has specs/twilio_api_v2010.json"} {
		if _, err := os.Stat(path); err != nil {
			t.Skipf("%s is missing: %s", path, advice)
		}
	}
	port := freePort(t)
	var said bytes.Buffer
	cmd := exec.Command(bin, "mock", "-p", port, "-h", "127.0.0.1", spelledOut(t, spec))
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { _ = cmd.Wait(); close(done) }()
	t.Cleanup(func() { _ = cmd.Process.Kill(); <-done })
	target := &url.URL{Scheme: "http", Host: net.JoinHostPort("127.0.0.1", port)}
	awaitAnswer(t, target.String(), done, &said)
	c := &Contract{}
	server := httptest.NewServer(c.proxy(t, target))
	t.Cleanup(server.Close)
	c.URL = server.URL
	return c
}

// spelledOut copies the description with one default written down: the files of a message are a list
// of repeated keys (OpenAPI 3.0, Encoding Object: style form, explode true). Prism reads such lists
// only where that is said.
func spelledOut(t testing.TB, spec string) string {
	t.Helper()
	b, err := os.ReadFile(spec)
	if err != nil {
		t.Fatal(err)
	}
	var whole map[string]any
	if err := json.Unmarshal(b, &whole); err != nil {
		t.Fatal(err)
	}
	at := any(whole)
	for _, key := range []string{"paths", "/2010-04-01/Accounts/{AccountSid}/Messages.json", "post", "requestBody", "content", "application/x-www-form-urlencoded"} {
		m, ok := at.(map[string]any)
		if !ok {
			t.Fatalf("the description has no %q", key)
		}
		at = m[key]
	}
	form, ok := at.(map[string]any)
	if !ok {
		t.Fatal("the description has no form for messages")
	}
	form["encoding"] = map[string]any{"MediaUrl": map[string]any{"style": "form", "explode": true}}
	if b, err = json.Marshal(whole); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "twilio.json")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// awaitAnswer waits until Prism answers; it takes some seconds, on a busy machine many.
func awaitAnswer(t testing.TB, address string, done chan struct{}, said *bytes.Buffer) {
	t.Helper()
	client := http.Client{Timeout: 5 * time.Second}
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); {
		resp, err := client.Get(address)
		if err == nil {
			resp.Body.Close()
			return
		}
		select {
		case <-done:
			t.Fatalf("Prism ended: %s", said)
		case <-time.After(100 * time.Millisecond):
		}
	}
	t.Fatal("Prism does not answer")
}

// proxy stands before Prism: it notes every call, and fails the test where Prism refuses one.
func (c *Contract) proxy(t testing.TB, target *url.URL) http.Handler {
	p := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			if name := c.example(r.In); name != "" {
				r.Out.Header.Set("Prefer", "example="+name)
			}
		},
		ModifyResponse: func(resp *http.Response) error {
			if resp.StatusCode < 400 {
				return nil
			}
			body, err := io.ReadAll(resp.Body)
			resp.Body = io.NopCloser(bytes.NewReader(body))
			t.Errorf("Twilio's description refuses %s %s: %d %s", resp.Request.Method, resp.Request.URL, resp.StatusCode, body)
			return err
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		c.mu.Lock()
		c.calls = append(c.calls, strings.TrimSpace(r.Method+" "+r.URL.RequestURI()+" "+string(body)))
		c.mu.Unlock()
		if strings.Contains(r.URL.Path, "/Media/") && !strings.HasSuffix(r.URL.Path, ".json") {
			http.NotFound(w, r) // the content of a file: the description has only what is said of it
			return
		}
		p.ServeHTTP(w, r)
	})
}

// Settings are a channel's settings that lead to the contract.
func (c *Contract) Settings() map[string]string {
	return map[string]string{"account_sid": PrismSID, "auth_token": "0123456789abcdef0123456789abcdef", "number": "+18182008801", "base_url": c.URL, "allow_private": "true"}
}

func freePort(t testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// Root is the project's folder: the nearest one above with a go.mod.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
	}
	t.Fatal("no go.mod above the test")
	return ""
}

// Shared is the folder of fixtures and descriptions shared between projects: ONETHREAD_SHARED, else
// "shared" beside the project's folder.
func Shared(t testing.TB) string {
	if dir := os.Getenv("ONETHREAD_SHARED"); dir != "" {
		return dir
	}
	return filepath.Join(filepath.Dir(Root(t)), "shared")
}
