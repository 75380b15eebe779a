package staff_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"html"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"onethread/handlers/browser"
	"onethread/models"
	"onethread/models/attacktest"
)

// sink stands for every host of the world: Chromium is told to find them all here. It notes who was
// asked for.
type sink struct {
	mu    sync.Mutex
	hosts []string
	net.Listener
}

func openSink(t *testing.T) *sink {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &sink{Listener: l}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.read(c)
		}
	}()
	return s
}

// read takes the host's name from a request, or from the greeting of TLS.
func (s *sink) read(c net.Conn) {
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	peek := bufio.NewReader(c)
	first, err := peek.Peek(1)
	if err != nil {
		return // connected ahead of time, without asking for anything
	}
	if first[0] == 0x16 { // a TLS handshake record
		_ = tls.Server(peeked{c, peek}, &tls.Config{GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			s.note(hello.ServerName)
			return nil, errors.New("nobody is here")
		}}).Handshake()
		return
	}
	if req, err := http.ReadRequest(peek); err == nil {
		s.note(req.Host + req.URL.Path)
		_, _ = c.Write([]byte("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"))
	}
}

type peeked struct {
	net.Conn
	r *bufio.Reader
}

func (p peeked) Read(b []byte) (int, error) { return p.r.Read(b) }

// note passes over what Chromium itself asks its maker.
func (s *sink) note(host string) {
	name, _, _ := strings.Cut(host, "/")
	name, _, _ = strings.Cut(name, ":")
	for _, own := range []string{"google.com", "googleapis.com", "gstatic.com", "gvt1.com"} {
		if strings.HasSuffix(name, "."+own) && name != "www.google.com" {
			return
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hosts = append(s.hosts, host)
}

func (s *sink) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.hosts)
}

// ran is what a script of a customer's leaves in the console, in whatever frame it runs.
const ran = "a stranger's script ran"

const tripwire = `for (const f of ["alert", "confirm", "prompt", "print", "open", "eval"]) window[f] = () => { console.error("` + ran + `") };`

func executions(p *browser.Page) (n int) {
	for _, e := range p.Errors() {
		if strings.Contains(e, ran) {
			n++
		}
	}
	return n
}

// provoke opens every original on the page and does to its elements what a reader might.
const provoke = `(async () => {
	const frames = [...document.querySelectorAll(".original")].map(d => { d.open = true; const f = d.querySelector("iframe"); f.loading = "eager"; return f });
	const ready = f => f.contentDocument?.readyState === "complete" && f.contentDocument.URL.includes("/messages/");
	for (let i = 0; i < 1500 && !frames.every(ready); i++) await new Promise(done => setTimeout(done, 20));
	const shown = frames.filter(ready);
	for (const f of shown) for (const e of f.contentDocument.querySelectorAll("*"))
		for (const type of ["mouseover", "mouseenter", "pointerover", "focus", "focusin", "error", "load", "toggle", "animationstart", "transitionend", "keydown", "wheel", "submit"])
			e.dispatchEvent(new Event(type, {bubbles: true}));
	return shown.length;
})()`

const (
	perMail   = 40
	perThread = 25
)

// closing ends whatever a payload has left open, so that the next one of the mail counts too.
const closing = "\"'>--></textarea></title></style></script></noscript></xmp></template></iframe></svg></math></select></table>\n<p>"

func letters(payloads []string) (out []string) {
	for batch := range slices.Chunk(payloads, perMail) {
		out = append(out, strings.Join(batch, closing))
	}
	return out
}

// TestNothingRunsInTheBrowser opens mails made of attacks: in the thread with every original unfolded,
// in the list, in search. No script of theirs may run and no other host be asked for anything.
func TestNothingRunsInTheBrowser(t *testing.T) {
	world := openSink(t)
	b := browser.Start(t, browser.Flag("host-resolver-rules", "MAP * "+world.Addr().String()+", EXCLUDE 127.0.0.1"))
	controlled(t, b, world)
	attacktest.Each(t, attacktest.Markup, []string{"xss/xss.jsonl"}, func(t *testing.T, payloads []string) {
		s := openShop(t)
		var threads []models.ID
		for i, thread := range slices.Collect(slices.Chunk(letters(payloads), perThread)) {
			for n, body := range thread {
				in := s.in(s.mail, fmt.Sprintf("c%d@example.com", i), payloads[(i*perThread+n)*perMail], &models.MessageIn{Subject: payloads[(i*perThread+n)*perMail], HTML: body, MessageID: fmt.Sprintf("%d-%d@example.com", i, n)})
				if n == 0 {
					threads = append(threads, in.CustomerID)
				}
			}
		}
		p := b.Page(t, 1440, 900)
		p.BeforeScripts(tripwire)
		before := len(world.asked())
		s.enter(p, s.mia, "/")
		for i, id := range threads {
			p.Open(s.url + "/customers/" + id.String())
			want := min(perThread, (len(payloads)+perMail-1)/perMail-i*perThread)
			var shown int
			if p.Eval(provoke, &shown); shown != want {
				t.Errorf("thread %d: %d originals of %d were shown", i, shown, want)
			}
		}
		for _, path := range []string{"/search?q=alert", "/search?q=script", "/search?q=x"} {
			p.Open(s.url + path)
			p.Wait("document.querySelector('main').innerText.length > 50")
		}
		if n := executions(p); n > 0 {
			t.Errorf("%d executions", n)
		}
		if after := world.asked(); len(after) > before {
			t.Errorf("asked for: %q", after[before:])
		}
	})
}

// controlled proves that the test would see: the same kind of payload unsanitised, in a page and in a
// frame like ours that may run scripts, trips the wire and reaches the sink.
func controlled(t *testing.T, b *browser.Browser, world *sink) {
	t.Helper()
	raw := `<img src="http://tracker.example/pixel.png"><img src=x onerror=alert(1)>`
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		switch r.URL.Path {
		case "/page":
			_, _ = w.Write([]byte("<!doctype html>" + raw))
		case "/frame":
			_, _ = w.Write([]byte(`<!doctype html><iframe sandbox="allow-scripts allow-same-origin" srcdoc="` + html.EscapeString(raw) + `"></iframe>`))
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(site.Close)
	for _, path := range []string{"/page", "/frame"} {
		p := b.Page(t, 800, 600)
		p.BeforeScripts(tripwire)
		before := len(world.asked())
		p.Open(site.URL + path)
		for range 500 { // the console's messages come by a road of their own
			if executions(p) > 0 && len(world.asked()) > before {
				break
			}
			p.Eval("new Promise(done => setTimeout(done, 20))", nil)
		}
		if executions(p) == 0 || len(world.asked()) == before {
			t.Fatalf("%s: the test is blind: %d executions, asked for %q", path, executions(p), world.asked()[before:])
		}
	}
}
