package staff_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/inbox"
)

type pushed struct {
	S   models.ID `json:"s"`
	T   string    `json:"t"`
	C   string    `json:"c"`
	Row string    `json:"row"`
	E   string    `json:"e"`

	Head  string `json:"head"`
	Panel string `json:"panel"`
	Ways  string `json:"ways"`
}

func (m *member) dial(query, origin string) (*websocket.Conn, *http.Response, error) {
	h := http.Header{"Cookie": {web.CookieName(m.s.url) + "=" + m.cookie}}
	if origin != "" {
		h.Set("Origin", origin)
	}
	return websocket.DefaultDialer.Dial(strings.Replace(m.s.url, "http", "ws", 1)+"/live?"+query, h)
}

// until reads frames until one satisfies ok; the socket's own deadline bounds it.
func until(t *testing.T, c *websocket.Conn, ok func(pushed) bool) []pushed {
	t.Helper()
	s := []pushed{}
	_ = c.SetReadDeadline(time.Now().Add(20 * time.Second))
	for {
		var f pushed
		if err := c.ReadJSON(&f); err != nil {
			t.Fatalf("after %d frames: %v", len(s), err)
		}
		s = append(s, f)
		if ok(f) {
			return s
		}
	}
}

// TestLiveCatchesUp: whatever stands behind the cursor comes again, once and in order.
func TestLiveCatchesUp(t *testing.T) {
	s := openShop(t)
	ana := s.mailFrom("ana@example.com", "Ana Duarte", "one")
	s.mailFrom("ana@example.com", "Ana Duarte", "two")
	last := s.mailFrom("ana@example.com", "Ana Duarte", "three")
	mia := s.login(s.mia)
	c, _, err := mia.dial("after="+ana.EventID.String()+"&customer="+ana.CustomerID.String(), s.url)
	s.must(err)
	defer c.Close()
	frames := until(t, c, func(f pushed) bool { return f.S == last.EventID })
	all := ""
	var before models.ID
	for _, f := range frames {
		if f.S != 0 && f.S <= before {
			t.Errorf("frame %d after %d", f.S, before)
		}
		before = max(before, f.S)
		all += f.E + f.Row
	}
	for _, words := range []string{">two</p>", ">three</p>"} {
		if strings.Count(all, words) != 1 {
			t.Errorf("%q came %d times", words, strings.Count(all, words))
		}
	}
	mustNotContain(t, "catch-up", all, ">one</p>")
	fresh := s.mailFrom("ana@example.com", "Ana Duarte", "four")
	until(t, c, func(f pushed) bool {
		return f.S == fresh.EventID && strings.Contains(f.E, "four") && strings.Contains(f.Row, "Ana")
	})
	other := s.mailFrom("omar@example.com", "Omar Haddad", "secret of Omar")
	until(t, c, func(f pushed) bool {
		if f.C == other.CustomerID.String() && f.E != "" {
			t.Error("another thread's entry came")
		}
		return f.S >= other.EventID
	})
}

// TestLiveSendsWhatChanged: what stands around a thread comes once, again when it looks different, and
// again when the thread is opened anew.
func TestLiveSendsWhatChanged(t *testing.T) {
	s := openShop(t)
	ana := s.mailFrom("ana@example.com", "Ana Duarte", "one")
	mia := s.login(s.mia)
	c, _, err := mia.dial("after="+ana.EventID.String()+"&customer="+ana.CustomerID.String(), s.url)
	s.must(err)
	defer c.Close()
	next := func(words string) pushed {
		t.Helper()
		e := s.mailFrom("ana@example.com", "Ana Duarte", words)
		all := until(t, c, func(f pushed) bool { return f.S == e.EventID })
		return all[len(all)-1]
	}
	if f := next("two"); f.E == "" || f.Head == "" || f.Panel == "" || f.Ways == "" {
		t.Errorf("the first frame lacks a piece: %+v", f)
	}
	if f := next("three"); f.E == "" || f.Row == "" || f.Panel != "" || f.Ways != "" {
		t.Errorf("a second message brought what had not changed: panel %d bytes, ways %d", len(f.Panel), len(f.Ways))
	}
	s.must(s.inbox.Update(t.Context(), s.mia, ana.ConversationID, inbox.Change{Labels: &[]string{"vip"}}))
	until(t, c, func(f pushed) bool { return strings.Contains(f.Panel, "vip") && f.Ways == "" })
	s.must(c.WriteJSON(map[string]string{"t": "open", "customer": ana.CustomerID.String()}))
	deadline := time.Now().Add(20 * time.Second)
	for n := 4; next(strconv.Itoa(n)).Ways == ""; n++ { // the browser's word and the bell may come in either order
		if time.Now().After(deadline) {
			t.Fatal("opened anew, the thread never got its ways again")
		}
	}
}

func TestLiveAdmitsOnlyOurPages(t *testing.T) {
	s := openShop(t)
	mia := s.login(s.mia)
	for _, origin := range []string{"", "https://evil.example", "null", s.url + ".evil.example"} {
		c, resp, err := mia.dial("after=0", origin)
		if err == nil {
			c.Close()
			t.Errorf("origin %q was let in", origin)
		} else if resp == nil || resp.StatusCode != 403 {
			t.Errorf("origin %q: %v %v", origin, resp, err)
		}
	}
	nobody := &member{s: s, cookie: "x"}
	if c, resp, err := nobody.dial("after=0", s.url); err == nil || resp == nil || resp.StatusCode != 401 {
		t.Errorf("without a session: %v %v %v", c, resp, err)
	}
}

// TestLiveEnds: with its session within a second, on a frame that is too large, on a flood.
func TestLiveEnds(t *testing.T) {
	s := openShop(t)
	ended := func(c *websocket.Conn) int {
		_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
		for {
			if _, _, err := c.ReadMessage(); err != nil {
				if e, ok := err.(*websocket.CloseError); ok {
					return e.Code
				}
				return -1
			}
		}
	}
	mia := s.login(s.mia)
	c, _, err := mia.dial("after=0", s.url)
	s.must(err)
	began := time.Now()
	s.must(s.auth.Revoke(t.Context(), s.mia.ID, mia.id))
	if code := ended(c); code != 4401 {
		t.Errorf("a revoked session's socket closed with %d", code)
	}
	if d := time.Since(began); d > time.Second {
		t.Errorf("it lived on for %s", d)
	}
	c.Close()

	mia = s.login(s.mia)
	c, _, err = mia.dial("after=0", s.url)
	s.must(err)
	big, _ := json.Marshal(map[string]string{"t": strings.Repeat("x", 70_000)})
	s.must(c.WriteMessage(websocket.TextMessage, big))
	if code := ended(c); code == 4401 {
		t.Errorf("a frame of 70 kB closed with %d", code)
	}
	c.Close()

	c, _, err = mia.dial("after=0", s.url)
	s.must(err)
	for range 200 {
		if c.WriteMessage(websocket.TextMessage, []byte(`{"t":"typing"}`)) != nil {
			break
		}
	}
	if code := ended(c); code != websocket.ClosePolicyViolation && code != -1 {
		t.Errorf("a flood closed with %d", code)
	}
	c.Close()
}
