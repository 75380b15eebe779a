package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"onethread/handlers/browser"
	"onethread/handlers/web"
	"onethread/models"
)

// How many write, how often, and who reads along. Each visitor has an address of its own and stays
// below what the chat admits a minute.
const (
	writers       = 40
	wordsEach     = 15 // counted messages of each, after two that open the thread
	screensAtOnce = 50
)

// live measures what the product is about: from the moment a visitor's browser sends a chat message
// until it stands on the screens of staff. The one screen has the visitor's thread open; of fifty, five do.
func (b *bench) live(t *testing.T) {
	p := newProcess(t, b.bin, b.shop)
	p.start()
	next := byte(0)
	for _, n := range []int{1, screensAtOnce} {
		next++
		peer := map[int]string{1: "15.3 ms p50, 47–1,000 p99", screensAtOnce: "13.2 ms p50, 47–1,000 p99"}[n]
		b.row(fmt.Sprintf("visitor's message → live socket, %d staff", n), b.toSockets(t, p, n, next), "< 5 ms p50, < 50 p99", peer)
	}
	b.row("visitor's message → drawn in another browser", b.toBrowser(t, p), "", "")
	b.row("memory after this load (PSS)", fmt.Sprintf("%.1f MB", float64(p.pss())/1e6), "", "")
	p.stop()
}

func (b *bench) toSockets(t *testing.T, p *process, n int, network byte) string {
	screens := make([]*screen, n)
	for i := range screens {
		screens[i] = b.screen(t, p, b.staff[i], "")
	}
	defer func() {
		for _, s := range screens {
			s.conn.Close()
		}
	}()
	var each, last []time.Duration
	var used time.Duration
	for v := range writers {
		who := newShopper(t, p, net.IPv4(127, 0, network, byte(v+1)))
		for m := range wordsEach + 2 {
			before := p.cpu()
			mark := fmt.Sprintf("zq%dx%dx%dx", n, v, m)
			began := who.say(mark)
			var slowest time.Duration
			for i, s := range screens {
				raw, at := s.until(t, mark)
				if m == 0 && i%10 == 0 {
					s.conn.Close()
					screens[i] = b.screen(t, p, b.staff[i], writerIn(t, raw))
				}
				if m > 1 && bytes.Contains(raw, []byte(`"e":"`)) != (i%10 == 0) {
					t.Fatalf("screen %d: an entry came where its thread is not open, or none where it is", i)
				}
				slowest = max(slowest, at.Sub(began))
				if m > 1 {
					each = append(each, at.Sub(began))
				}
			}
			if m > 1 {
				last, used = append(last, slowest), used+p.cpu()-before
			}
		}
	}
	out := fmt.Sprintf("%s (CPU %.2f ms a message)", spread(each), float64(used.Microseconds())/1000/float64(len(last)))
	if n > 1 {
		out += "; the last screen " + spread(last)
	}
	return out
}

// spread writes the median and the 99th of a hundred.
func spread(all []time.Duration) string {
	slices.Sort(all)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return fmt.Sprintf("%.2f ms p50, %.2f p99", ms(all[len(all)/2]), ms(all[len(all)*99/100]))
}

// screen is a member of staff's live socket, as the browser opens it; it may have a customer's thread open.
type screen struct {
	conn   *websocket.Conn
	frames chan arrived
	ended  error // why frames was closed
}

type arrived struct {
	at  time.Time
	raw []byte
}

// writerIn is whom a frame is about.
func writerIn(t *testing.T, raw []byte) string {
	var f struct{ C string }
	if err := json.Unmarshal(raw, &f); err != nil || f.C == "" {
		t.Fatalf("a frame about nobody: %v %.200s", err, raw)
	}
	return f.C
}

func (b *bench) screen(t *testing.T, p *process, cookie, customer string) *screen {
	db := database(t, b.shop)
	defer db.Close()
	last := column(t, db, "SELECT max(id) FROM events")[0]
	head := http.Header{"Cookie": {web.CookieName(p.url) + "=" + cookie}, "Origin": {p.url}}
	conn, _, err := websocket.DefaultDialer.Dial(strings.Replace(p.url, "http", "ws", 1)+"/live?after="+last+"&customer="+customer, head)
	if err != nil {
		t.Fatal(err)
	}
	s := &screen{conn: conn, frames: make(chan arrived, 256)}
	go func() {
		defer close(s.frames)
		for {
			_, raw, err := conn.ReadMessage()
			if err != nil {
				s.ended = err
				return
			}
			s.frames <- arrived{time.Now(), raw}
		}
	}()
	return s
}

// until waits for the frame that shows the marked words.
func (s *screen) until(t *testing.T, mark string) (raw []byte, at time.Time) {
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		select {
		case a, ok := <-s.frames:
			if !ok {
				t.Fatalf("the socket closed before %s came: %v", mark, s.ended)
			}
			if bytes.Contains(a.raw, []byte(mark)) {
				return a.raw, a.at
			}
		case <-late.C:
			t.Fatalf("%s never came", mark)
		}
	}
}

// shopper is a browser on a shop's page with an address of its own.
type shopper struct {
	t          *testing.T
	url, token string
	client     *http.Client
	said       int
}

func newShopper(t *testing.T, p *process, from net.IP) *shopper {
	dial := net.Dialer{LocalAddr: &net.TCPAddr{IP: from}}
	v := &shopper{t: t, url: p.url, client: &http.Client{Timeout: patience, Transport: &http.Transport{DialContext: dial.DialContext}}}
	t.Cleanup(v.client.CloseIdleConnections)
	var booted struct{ Token string }
	status, answer := post(v.client, v.url+"/c/chat/boot", []byte(`{"key":"webchat-key"}`), nil)
	if err := json.Unmarshal(answer, &booted); err != nil || status != http.StatusOK {
		t.Fatalf("boot: %d %s %v", status, answer, err)
	}
	v.token = booted.Token
	return v
}

// say sends a message and tells when it began to; the words are on disk when it returns.
func (v *shopper) say(text string) (began time.Time) {
	v.said++
	body, err := json.Marshal(map[string]string{"key": "webchat-key", "token": v.token, "id": fmt.Sprint("message-", v.said), "text": "Is it in stock? " + text})
	if err != nil {
		v.t.Fatal(err)
	}
	began = time.Now()
	if status, answer := post(v.client, v.url+"/c/chat/messages", body, nil); status != http.StatusCreated {
		v.t.Fatalf("message: %d %s", status, answer)
	}
	return began
}

// watch notes when both the row and the entry with the awaited words stand in the document. Its
// clock is the system's, as the one of the test is.
const watch = `window.await = words => new Promise(done => {
	const look = () => {
		if (!document.getElementById("rows").textContent.includes(words) || !document.getElementById("main").textContent.includes(words)) return;
		seen.disconnect();
		done(performance.timeOrigin + performance.now());
	};
	const seen = new MutationObserver(look);
	seen.observe(document.body, {childList: true, subtree: true, characterData: true});
	look();
}), 0`

// toBrowser measures the same in Chromium, until row and entry stand in the page.
func (b *bench) toBrowser(t *testing.T, p *process) string {
	const people, each = 3, 12
	s := b.screen(t, p, b.cookie, "")
	defer s.conn.Close()
	page := browser.Start(t).Page(t, 1440, 900)
	page.Open(p.url + "/robots.txt")
	page.Eval(fmt.Sprintf(`document.cookie = "%s=%s; path=/"`, web.CookieName(p.url), b.cookie), nil)
	var took []time.Duration
	for v := range people {
		who := newShopper(t, p, net.IPv4(127, 0, 9, byte(v+1)))
		mark := fmt.Sprintf("zqbx%dx", v)
		who.say(mark)
		raw, _ := s.until(t, mark)
		page.Open(p.url + "/customers/" + writerIn(t, raw))
		page.Wait(`document.getElementById("live-state").dataset.state === "live"`)
		page.Eval(watch, nil)
		for m := range each {
			mark := fmt.Sprintf("zqbx%dx%dx", v, m)
			page.Eval(fmt.Sprintf("window.pending = window.await(%q), 0", mark), nil)
			began := who.say(mark)
			var at float64
			page.Eval("window.pending", &at)
			if m > 1 {
				took = append(took, time.UnixMicro(int64(at*1000)).Sub(began))
			}
		}
	}
	return spread(took)
}

// enlist makes staff until there is one for each screen, and logs them all in.
func (b *bench) enlist(ctx context.Context, p *Program) error {
	for i := range screensAtOnce {
		email, password := fmt.Sprintf("screen%d@casa.example", i), "a lamp for each screen"
		if _, err := p.Auth.CreateUser(ctx, email, fmt.Sprint("Screen ", i), models.Agent, password); err != nil {
			return err
		}
		eventually(b.T, "the log-in", func() error { // so many a second are admitted
			cookie, _, err := p.Auth.Login(ctx, email, password, "127.0.0.1", "bench")
			if err == nil {
				b.staff = append(b.staff, cookie)
			}
			return err
		})
	}
	return nil
}
