package public

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fasthttp/websocket"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/store"
)

func TestSocketOnlyFromOurOwnPages(t *testing.T) {
	s := start(t)
	for origin, ok := range map[string]bool{s.url: true, "": false, "https://evil.example": false, "null": false, "https://shop.example": false,
		strings.Replace(s.url, "http", "ftp", 1): false, s.url + ".evil.example": false} {
		conn, resp, err := s.dial("/c/chat/live", origin)
		if (err == nil) != ok || (!ok && resp.StatusCode != 403) {
			t.Errorf("origin %q: %v", origin, err)
		}
		if err == nil {
			_ = conn.Close()
		}
	}
}

func TestSocketWithoutAGoodTokenCloses(t *testing.T) {
	s := start(t)
	for _, hello := range []string{`{"t":"hi","key":"k3y","token":"forged"}`, `{"t":"hi","key":"none","token":"signed:none:x"}`, `{"t":"say","id":"x","text":"y"}`, `nothing`, `[]`} {
		conn, _, err := s.dial("/c/chat/live", s.url)
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.WriteMessage(websocket.TextMessage, []byte(hello)); err != nil {
			t.Fatal(err)
		}
		if code := closed(t, conn); code != closeStranger {
			t.Errorf("%s: close code %d", hello, code)
		}
		_ = conn.Close()
	}
}

func TestConversationBothWays(t *testing.T) {
	s := start(t)
	token, _ := s.boot(nil)
	conn := s.socket(token, "0")
	next(t, conn, "on")
	put(t, conn, map[string]any{"t": "say", "id": "message-1", "text": "Is it in stock?"})
	if ack := next(t, conn, "ack"); ack.ID != "message-1" {
		t.Errorf("%+v", ack)
	}
	if own := next(t, conn, "messages").List; len(own) != 1 || !own[0].Me || own[0].ID != "message-1" {
		t.Errorf("%+v", own)
	}
	answer := s.reply(token, "Yes, two left.")
	got := next(t, conn, "messages")
	last := got.List[len(got.List)-1]
	if last.Me || last.Text != "Yes, two left." || last.Name != "Mia Costa" || last.S != answer {
		t.Errorf("%+v", got)
	}
	put(t, conn, map[string]any{"t": "say", "id": "message-1", "text": "Is it in stock?"})
	next(t, conn, "ack")
	put(t, conn, map[string]any{"t": "say", "id": "message-2", "text": ""})
	if no := next(t, conn, "no"); no.ID != "message-2" || no.Message == "" {
		t.Errorf("%+v", no)
	}
	if _, boot := s.boot(map[string]any{"token": token}); boot["unread"] != 1.0 {
		t.Errorf("unread %v", boot["unread"])
	}
	put(t, conn, map[string]any{"t": "read", "s": answer})
	await(t, s, func() bool { _, boot := s.boot(map[string]any{"token": token}); return boot["unread"] == 0.0 })
}

func TestCatchUpFromTheCursor(t *testing.T) {
	s := start(t)
	token, _ := s.boot(nil)
	s.say(token, "message-1", "one")
	conn := s.socket(token, "0")
	seen := *next(t, conn, "messages").After
	_ = conn.Close()
	for i := range 5 {
		s.reply(token, fmt.Sprint("answer ", i))
	}
	conn = s.socket(token, seen.String())
	var texts []string
	numbers := map[models.ID]bool{}
	for len(texts) < 5 {
		for _, m := range next(t, conn, "messages").List {
			if !numbers[m.S] { // a message that was on its way may come again under its number
				numbers[m.S] = true
				texts = append(texts, m.Text)
			}
		}
	}
	if got := strings.Join(texts, " "); strings.Contains(got, "one") || !strings.HasPrefix(got, "answer") {
		t.Errorf("caught up with %q", got)
	}
}

func TestVisitorsDoNotHearEachOther(t *testing.T) {
	s := start(t)
	ana, _ := s.boot(nil)
	leo, _ := s.boot(nil)
	s.say(ana, "message-1", "I am Ana")
	s.say(leo, "message-1", "I am Leo")
	a, l := s.socket(ana, "0"), s.socket(leo, "0")
	next(t, a, "messages")
	next(t, l, "messages")
	s.reply(ana, "for Ana")
	s.reply(leo, "for Leo")
	for conn, want := range map[*websocket.Conn]string{a: "for Ana", l: "for Leo"} {
		if got := next(t, conn, "messages").List; len(got) != 1 || got[0].Text != want {
			t.Errorf("want %q, got %+v", want, got)
		}
	}
	s.chat.Signals.Send(web.Signal{Kind: "typing", CustomerID: customerOf(t, s, leo), UserID: s.mia.ID, Name: "Mia"})
	if got := next(t, l, "typing"); got.Name != "Mia" {
		t.Errorf("%+v", got)
	}
	s.reply(ana, "later")
	if f := anything(t, a); f.T != "messages" {
		t.Errorf("Ana hears %+v", f)
	}
}

func TestNotesStayInside(t *testing.T) {
	s := start(t)
	token, _ := s.boot(nil)
	s.say(token, "message-1", "hello")
	conn := s.socket(token, "0")
	next(t, conn, "messages")
	if _, err := s.box.Note(t.Context(), s.mia, customerOf(t, s, token), "difficult customer", "", nil); err != nil {
		t.Fatal(err)
	}
	s.reply(token, "visible")
	if got := next(t, conn, "messages").List; len(got) != 1 || got[0].Text != "visible" {
		t.Errorf("%+v", got)
	}
}

func TestSocketLimits(t *testing.T) {
	s := start(t)
	token, _ := s.boot(nil)
	flood := s.socket(token, "0")
	for range 200 {
		if flood.WriteMessage(websocket.TextMessage, []byte(`{"t":"typing"}`)) != nil {
			break
		}
	}
	if code := closed(t, flood); code != websocket.ClosePolicyViolation {
		t.Errorf("a flood closes with %d", code)
	}
	large := s.socket(token, "0")
	next(t, large, "on")
	if err := large.WriteMessage(websocket.TextMessage, []byte(`{"t":"say","text":"`+strings.Repeat("x", web.MaxFrame)+`"}`)); err != nil {
		t.Fatal(err)
	}
	for {
		if _, _, err := large.ReadMessage(); err != nil {
			break // the server hung up; a test that gets here has seen it
		}
	}
}

func TestRemovedChannelFallsSilent(t *testing.T) {
	s := start(t)
	token, _ := s.boot(nil)
	s.say(token, "message-1", "hello")
	conn := s.socket(token, "0")
	next(t, conn, "messages")
	err := s.st.Write(context.Background(), func(tx *store.Tx) error { return store.RemoveChannel(tx, s.ch.ID) })
	if err != nil {
		t.Fatal(err)
	}
	if code := closed(t, conn); code != closeStranger {
		t.Errorf("close code %d", code)
	}
	if resp := s.say(token, "message-2", "hello?"); resp.StatusCode != 404 {
		t.Errorf("a message to it: %d", resp.StatusCode)
	}
}

func put(t *testing.T, conn *websocket.Conn, frame map[string]any) {
	t.Helper()
	if err := conn.WriteJSON(frame); err != nil {
		t.Fatal(err)
	}
}

func anything(t *testing.T, conn *websocket.Conn) said {
	t.Helper()
	var f said
	if err := conn.ReadJSON(&f); err != nil {
		t.Fatal(err)
	}
	return f
}

func customerOf(t *testing.T, s *site, token string) models.ID {
	t.Helper()
	id, _, err := s.chat.identity(t.Context(), s.ch, strings.TrimPrefix(token, "signed:k3y:"))
	if err != nil {
		t.Fatal(err)
	}
	return id.CustomerID
}

// await waits for the bell until a condition holds.
func await(t *testing.T, s *site, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		bell := s.st.Bell.Wait()
		if holds() {
			return
		}
		select {
		case <-bell:
		case <-ctx.Done():
			t.Fatal("it never came to hold")
		}
	}
}

// TestTypingFollowsTheCustomer: after a merge and after its undoing an open chat is where its words go.
func TestTypingFollowsTheCustomer(t *testing.T) {
	s := start(t)
	ana, _ := s.boot(nil)
	leo, _ := s.boot(nil)
	s.say(ana, "message-1", "I am Ana")
	s.say(leo, "message-1", "I am Leo")
	a, b := customerOf(t, s, ana), customerOf(t, s, leo)
	conn := s.socket(leo, "0")
	next(t, conn, "messages")
	signals, stop := s.chat.Signals.Listen()
	defer stop()
	typesAs := func(want models.ID) {
		t.Helper()
		await(t, s, func() bool { // the hub reads the feed beside us
			s.chat.hub.mu.Lock()
			defer s.chat.hub.mu.Unlock()
			for _, set := range s.chat.hub.listeners {
				for l := range set {
					if l.customer != want {
						go s.st.Bell.Ring() // looked too early: look again
						return false
					}
				}
			}
			return true
		})
		put(t, conn, map[string]any{"t": "typing"})
		if sig := <-signals; sig.Kind != "typing" || sig.CustomerID != want {
			t.Errorf("typing went to %d, want %d", sig.CustomerID, want)
		}
		s.chat.Signals.Send(web.Signal{Kind: "typing", CustomerID: want, UserID: s.mia.ID, Name: "Mia"})
		<-signals
		if got := next(t, conn, "typing"); got.Name != "Mia" {
			t.Errorf("%+v", got)
		}
	}
	typesAs(b)
	merge, err := s.box.Merge(t.Context(), s.mia.ID, b, a)
	if err != nil {
		t.Fatal(err)
	}
	typesAs(a)
	if err := s.box.Unmerge(t.Context(), s.mia.ID, merge); err != nil {
		t.Fatal(err)
	}
	typesAs(b)
}
