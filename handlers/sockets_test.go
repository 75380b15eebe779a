package handlers

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/inbox"
	"onethread/models/outbox"
	"onethread/models/store"
)

// upgraded are the routes that become WebSockets, each tried below by really opening it. One that is
// slow, read, and does not stand here fails.
var upgraded = map[string]bool{"/live": true, "/api/v1/live": true, "/c/chat/live": true}

// streamed are slow, read, and no WebSockets: files as large as what a customer, or the shop, has.
var streamed = map[string]bool{"/customers/:id/export": true, "/api/v1/customers/:id/export": true, "/settings/import/customers.csv": true}

func TestEverySocketIsTried(t *testing.T) {
	for _, r := range Routes(build(t, nil).deps) {
		if r.Method == "GET" && (r.Slow || strings.HasSuffix(r.Path, "/live")) != (upgraded[r.Path] || streamed[r.Path]) {
			t.Errorf("%s: try it in sockets_test.go and say so in upgraded", r.Path)
		}
	}
}

// wire is a house that listens.
type wire struct {
	*street
	host string
}

func openWire(t *testing.T) *wire {
	t.Helper()
	w := &wire{street: openStreet(t)}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	w.must(err)
	w.host = l.Addr().String()
	done := make(chan error, 1)
	go func() { done <- w.Listener(l) }()
	t.Cleanup(func() {
		if err := errors.Join(w.ShutdownWithTimeout(10*time.Second), <-done); err != nil {
			t.Error(err)
		}
	})
	return w
}

// opens upgrades with the headers, which come in pairs, and gives the connection, or the status that
// refused it.
func (w *wire) opens(path string, headers ...string) (*websocket.Conn, int) {
	w.t.Helper()
	header := http.Header{}
	for i := 0; i < len(headers); i += 2 {
		if headers[i+1] != "" {
			header.Set(headers[i], headers[i+1])
		}
	}
	conn, resp, err := websocket.DefaultDialer.Dial("ws://"+w.host+path, header)
	if err != nil && resp == nil {
		w.t.Fatal(path, err)
	}
	if conn != nil {
		w.t.Cleanup(func() { _ = conn.Close() })
		_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	}
	return conn, resp.StatusCode
}

// ended reads until the socket ends and gives its close code; 0 when it just broke off.
func ended(conn *websocket.Conn) int {
	for {
		_, _, err := conn.ReadMessage()
		var e *websocket.CloseError
		if errors.As(err, &e) {
			return e.Code
		}
		if err != nil {
			return 0
		}
	}
}

// TestStaffsSocket opens /live as every role, as nobody, as a program, from other sites' pages and
// with a session that has ended; a user who is disabled loses the socket at once.
func TestStaffsSocket(t *testing.T) {
	w := openWire(t)
	own := "http://" + w.host
	var live *websocket.Conn
	var cookie string
	for _, role := range models.Roles {
		cookie, _ = w.login(t, role)
		for origin, want := range map[string]int{own: 101, home: 101, "": 403, "null": 403, "https://evil.example": 403, "http://evil.example": 403, own + ".evil.example": 403, shopSite: 403} {
			conn, status := w.opens("/live", "Cookie", cookie, "Origin", origin)
			if status != want {
				t.Errorf("/live as %s from %q: %d, want %d", role, origin, status, want)
			}
			if origin == own {
				live = conn
			}
		}
		if resp, _ := w.ask(t, "GET", "/live", "", "Cookie", cookie, "Origin", home); resp.StatusCode != 426 {
			t.Errorf("/live as %s without an upgrade: %d", role, resp.StatusCode)
		}
	}
	token := w.everyToken(t)[holding{models.ScopeAdmin, models.Owner}]
	for what, headers := range map[string][]string{"nobody": {}, "a session that is none": {"Cookie", "ot=x"}, "a program": {"Authorization", "Bearer " + token}, "a visitor": {"Cookie", "ot=" + w.ana}} {
		if _, status := w.opens("/live", append(headers, "Origin", own)...); status != 401 {
			t.Errorf("/live as %s: %d", what, status)
		}
	}
	q := w.deps.Store.Read(t.Context())
	owner, err := store.UserByEmail(q, "owner@example.com")
	w.must(err)
	last, err := store.UserByEmail(q, string(models.Roles[len(models.Roles)-1])+"@example.com")
	w.must(err)
	w.must(w.auth.Disable(t.Context(), owner, last.ID))
	if code := ended(live); code != 4401 {
		t.Errorf("the socket of somebody who was disabled ends with %d", code)
	}
	if _, status := w.opens("/live", "Cookie", cookie, "Origin", own); status != 401 {
		t.Errorf("/live of somebody disabled: %d", status)
	}
}

// TestProgramsSocket opens /api/v1/live with tokens of every scope in the hands of every role, with
// none, with staff's session, revoked, and of somebody disabled.
func TestProgramsSocket(t *testing.T) {
	w := openWire(t)
	cookie, _ := w.login(t, models.Admin)
	tokens := w.everyToken(t)
	r := web.Route{Method: "GET", Path: "/api/v1/live"}
	for who, token := range tokens {
		want := 403
		if mayProgram(r, who.scope, who.role) {
			want = 101
		}
		for _, origin := range []string{"", "https://evil.example"} { // no page can set the header, so Origin says nothing
			if _, status := w.opens("/api/v1/live", "Authorization", "Bearer "+token, "Origin", origin); status != want {
				t.Errorf("scope %s of %s from %q: %d, want %d", who.scope, who.role, origin, status, want)
			}
		}
	}
	for what, headers := range map[string][]string{"nobody": {}, "a token that is none": {"Authorization", "Bearer x"}, "staff's session": {"Cookie", cookie, "Origin", "http://" + w.host}, "a visitor": {"Authorization", "Bearer " + w.ana}} {
		if _, status := w.opens("/api/v1/live", headers...); status != 401 {
			t.Errorf("/api/v1/live as %s: %d", what, status)
		}
	}
	if _, status := w.opens("/api/v1/live?token="+tokens[holding{models.ScopeAdmin, models.Owner}], "Origin", "http://"+w.host); status != 401 {
		t.Errorf("with the token in the address: %d", status)
	}
	agent := tokens[holding{models.ScopeRead, models.Agent}]
	conn, _ := w.opens("/api/v1/live", "Authorization", "Bearer "+agent)
	b, err := w.auth.Token(t.Context(), agent)
	w.must(err)
	owner, err := w.auth.Token(t.Context(), tokens[holding{models.ScopeRead, models.Owner}])
	w.must(err)
	w.must(w.auth.Disable(t.Context(), owner.User, b.User.ID))
	if code := ended(conn); code == 0 {
		t.Error("the stream of somebody who was disabled does not end in order")
	}
	for _, scope := range scopes {
		if _, status := w.opens("/api/v1/live", "Authorization", "Bearer "+tokens[holding{scope, models.Agent}]); status != 401 {
			t.Errorf("scope %s of somebody disabled: %d", scope, status)
		}
	}
}

// TestVisitorsSocket opens /c/chat/live from our own frame and from elsewhere, with tokens that are
// not this chat's; and Ana hears nothing of what passes between Bo and the shop.
func TestVisitorsSocket(t *testing.T) {
	w := openWire(t)
	own := "http://" + w.host
	go func() { _ = w.deps.Chat.Run(t.Context()) }()
	for origin, want := range map[string]int{own: 101, "": 403, "null": 403, shopSite: 403, "https://evil.example": 403} {
		if _, status := w.opens("/c/chat/live", "Origin", origin); status != want {
			t.Errorf("from %q: %d, want %d", origin, status, want)
		}
	}
	for what, hi := range map[string][2]string{"no token": {w.one.Key, ""}, "none": {w.one.Key, "x"}, "put together": {w.one.Key, w.bo[:32] + w.ana[32:]}, "for another chat": {w.two.Key, w.ana},
		"no chat": {"none", w.ana}, "another chat's": {w.one.Key, w.boot(w.two, "")}} {
		conn, _ := w.opens("/c/chat/live", "Origin", own)
		w.must(conn.WriteJSON(map[string]string{"t": "hi", "key": hi[0], "token": hi[1]}))
		if code := ended(conn); code != 4401 {
			t.Errorf("hello with %s: %d", what, code)
		}
	}
	found, err := store.IdentitiesAt(w.deps.Store.Read(t.Context()), models.ChatIdentity, w.one.Key, w.bo[:32])
	w.must(err)
	heard := func(token string) *websocket.Conn {
		conn, _ := w.opens("/c/chat/live?after=0", "Origin", own)
		w.must(conn.WriteJSON(map[string]string{"t": "hi", "key": w.one.Key, "token": token}))
		return conn
	}
	ana := heard(w.ana)
	mia, err := w.auth.CreateUser(t.Context(), "mia@example.com", "Mia", models.Agent, pass)
	w.must(err)
	reply := func(identity models.Identity, text string) {
		id, err := w.deps.API.Inbox.Reply(t.Context(), mia, inbox.ReplyInput{CustomerID: identity.CustomerID, ChannelID: w.one.ID, IdentityID: identity.ID, Text: text})
		w.must(err)
		w.must(w.deps.Store.Write(t.Context(), func(tx *store.Tx) error {
			e, err := store.Event(tx, id)
			if err == nil {
				_, err = outbox.Record(tx, e, models.DeliverySent, "", "chat-"+id.String())
			}
			return err
		}))
	}
	reply(found[0], "For Bo alone")
	w.call("/c/chat/messages", w.one.Key, w.bo, map[string]any{"id": "message-2", "text": "Bo's secret"})
	others, err := store.IdentitiesAt(w.deps.Store.Read(t.Context()), models.ChatIdentity, w.one.Key, w.ana[:32])
	w.must(err)
	reply(others[0], "For Ana")
	w.hears(ana, "For Ana", "Bo")
	w.hears(heard(w.bo), "For Bo alone", "Ana")
}

// hears reads frames until one has the words, and none may have those of others.
func (w *wire) hears(conn *websocket.Conn, words, others string) {
	w.t.Helper()
	for {
		_, frame, err := conn.ReadMessage()
		if err != nil {
			w.t.Fatalf("waiting for %q: %v", words, err)
		}
		if strings.Contains(string(frame), others) {
			w.t.Errorf("a visitor hears %s", frame)
		}
		if strings.Contains(string(frame), words) {
			return
		}
	}
}
