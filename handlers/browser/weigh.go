package browser

import (
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Request is one thing that a page fetched. Bytes is what came over the wire: the answer's head and
// its body as encoded.
type Request struct {
	URL, Type string
	Bytes     int64
}

// quiet is how long nothing may have happened for a page to count as loaded.
const quiet = 500 * time.Millisecond

// Weigh opens an address and returns every request to servers whose address begins with prefix,
// sockets included, until the network has been quiet for half a second.
func (p *Page) Weigh(url, prefix string) []Request {
	p.t.Helper()
	s := &scale{found: map[network.RequestID]*Request{}, moved: make(chan struct{}, 1)}
	if err := chromedp.Listen(p.ctx, s.note); err != nil {
		p.t.Fatalf("listen to the network: %v", err)
	}
	p.Open(url)
	timer := time.NewTimer(quiet)
	defer timer.Stop()
	for deadline := time.Now().Add(Patience); ; {
		select {
		case <-s.moved:
			timer.Reset(quiet)
		case <-timer.C:
			return s.sum(prefix)
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("%s never became quiet", url)
		}
	}
}

// scale collects what the browser tells of its requests.
type scale struct {
	mu    sync.Mutex
	order []network.RequestID
	found map[network.RequestID]*Request
	moved chan struct{}
}

func (s *scale) note(event any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		s.begin(e.RequestID, Request{URL: e.Request.URL, Type: string(e.Type)})
	case *network.EventWebSocketCreated:
		s.begin(e.RequestID, Request{URL: strings.Replace(e.URL, "ws", "http", 1), Type: "WebSocket"})
	case *network.EventLoadingFinished:
		if r := s.found[e.RequestID]; r != nil {
			r.Bytes = int64(e.EncodedDataLength)
		}
	default:
		return
	}
	select {
	case s.moved <- struct{}{}:
	default:
	}
}

func (s *scale) begin(id network.RequestID, r Request) {
	if s.found[id] == nil {
		s.order = append(s.order, id)
	}
	s.found[id] = &r
}

func (s *scale) sum(prefix string) (out []Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range s.order {
		if r := s.found[id]; strings.HasPrefix(r.URL, prefix) {
			out = append(out, *r)
		}
	}
	return out
}
