package handlers

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/channels"
	"onethread/models/inbox"
	"onethread/models/store"
)

// visitorCalls are the calls of the widget that a visitor's token opens, with what they say beside
// it. Public routes that do not stand here are tried below by hand; one that stands in neither fails.
var visitorCalls = map[string]map[string]any{
	"/c/chat/messages": {"id": "message-7", "text": "Is it in stock?"},
	"/c/chat/contact":  {"email": "ana@example.com"},
	"/c/chat/track":    {"id": "beacon-7", "events": []any{}},
	"/c/chat/read":     {"seq": 1},
	"/c/chat/upload":   {"file": "a receipt"},
	"/c/chat/code":     {},
}

var otherPublic = []string{"/c/chat/boot", "/c/chat/live", "/c/chat/frame", "/c/chat/attachments/:token",
	"/c/chat/prove",                                                      // wants a code that was sent
	"/c/confirm/:token", "/c/continue/:token", "/c/continue/:token/open"} // sealed links

const shopSite = "https://casa.example"

// street is a house with two chats, and two visitors of the first.
type street struct {
	testHouse
	t        *testing.T
	one, two models.Channel
	ana, bo  string // their tokens
}

func openStreet(t *testing.T) *street {
	t.Helper()
	s := &street{testHouse: build(t, nil), t: t}
	for _, ch := range []*models.Channel{&s.one, &s.two} {
		c, err := s.deps.Hooks.Channels.Add(t.Context(), "webchat", channels.Input{Settings: map[string]string{"origins": shopSite}})
		s.must(err)
		*ch = c
	}
	s.ana, s.bo = s.arrive(s.one), s.arrive(s.one)
	return s
}

func (s *street) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// arrive is a new visitor of a chat, who writes a first message.
func (s *street) arrive(ch models.Channel) (token string) {
	s.t.Helper()
	token = s.boot(ch, "")
	if resp, body := s.call("/c/chat/messages", ch.Key, token, map[string]any{"id": "message-1", "text": "Hello"}); resp.StatusCode != 201 {
		s.t.Fatal(resp.StatusCode, body)
	}
	return token
}

func (s *street) boot(ch models.Channel, token string) string {
	s.t.Helper()
	resp, body := s.call("/c/chat/boot", ch.Key, token, nil)
	var out struct{ Token string }
	if err := json.Unmarshal([]byte(body), &out); err != nil || resp.StatusCode != 200 || out.Token == "" {
		s.t.Fatal(resp.StatusCode, body, err)
	}
	return out.Token
}

// call posts as the widget does; what has a "file" goes as a form.
func (s *street) call(path, key, token string, more map[string]any, headers ...string) (*http.Response, string) {
	s.t.Helper()
	headers = append([]string{"Content-Type", "text/plain", "Sec-Fetch-Site", "cross-site", "Origin", shopSite}, headers...)
	if content, ok := more["file"].(string); ok {
		var form bytes.Buffer
		w := multipart.NewWriter(&form)
		s.must(w.WriteField("key", key))
		s.must(w.WriteField("token", token))
		part, err := w.CreateFormFile("file", "receipt.txt")
		s.must(err)
		_, err = part.Write([]byte(content))
		s.must(err)
		s.must(w.Close())
		return s.ask(s.t, "POST", path, form.String(), append(headers, "Content-Type", w.FormDataContentType())...)
	}
	body := map[string]any{"key": key, "token": token}
	for k, v := range more {
		body[k] = v
	}
	raw, err := json.Marshal(body)
	s.must(err)
	return s.ask(s.t, "POST", path, string(raw), headers...)
}

func (s *street) events() models.ID {
	s.t.Helper()
	n, err := store.LastEventID(s.deps.Store.Read(s.t.Context()))
	s.must(err)
	return n
}

// TestVisitorsAreKnownByTheirTokenAlone tries every call of the widget as nobody, with tokens that are
// none, another chat's or put together, as staff, and from other sites.
func TestVisitorsAreKnownByTheirTokenAlone(t *testing.T) {
	s := openStreet(t)
	cookie, _ := s.login(t, models.Owner)
	owner, err := store.UserByEmail(s.deps.Store.Read(t.Context()), "owner@example.com")
	s.must(err)
	bearer, _, err := s.auth.NewToken(t.Context(), owner, "till", models.ScopeAdmin)
	s.must(err)
	elsewhere := s.boot(s.two, "")
	mixed := s.bo[:32] + s.ana[32:] // Bo's id under Ana's signature
	for _, r := range Routes(s.deps) {
		if r.Zone != web.Public || slices.Contains(otherPublic, r.Path) {
			continue
		}
		more, known := visitorCalls[r.Path]
		if !known {
			t.Errorf("%s %s: say in visitorCalls what it takes", r.Method, r.Path)
			continue
		}
		before := s.events()
		for what, c := range map[string]struct {
			key, token string
			headers    []string
			want       int
		}{
			"without a token":       {s.one.Key, "", nil, 401},
			"a token that is none":  {s.one.Key, "x", nil, 401},
			"cut short":             {s.one.Key, s.ana[:len(s.ana)-1], nil, 401},
			"put together":          {s.one.Key, mixed, nil, 401},
			"another chat's":        {s.one.Key, elsewhere, nil, 401},
			"for another chat":      {s.two.Key, s.ana, nil, 401},
			"no chat":               {"no-such-key", s.ana, nil, 404},
			"staff's session":       {s.one.Key, "", []string{"Cookie", cookie, "Sec-Fetch-Site", "same-origin", "Origin", home}, 401},
			"a program's token":     {s.one.Key, bearer, []string{"Authorization", "Bearer " + bearer}, 401},
			"from another site":     {s.one.Key, s.ana, []string{"Origin", "https://evil.example"}, 403},
			"from a sandboxed page": {s.one.Key, s.ana, []string{"Origin", "null"}, 403},
		} {
			resp, body := s.call(r.Path, c.key, c.token, more, c.headers...)
			if resp.StatusCode != c.want || (c.want == 403 && resp.Header.Get("Access-Control-Allow-Origin") != "") || resp.Header.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s, %s: %d, want %d: %.200s", r.Path, what, resp.StatusCode, c.want, body)
			}
		}
		if s.events() != before {
			t.Errorf("%s: a refused call left something", r.Path)
		}
		if resp, body := s.call(r.Path, s.one.Key, s.ana, more); resp.StatusCode >= 300 || resp.Header.Get("Access-Control-Allow-Origin") != shopSite {
			t.Errorf("%s as Ana: %d %.200s %v", r.Path, resp.StatusCode, body, resp.Header)
		}
	}
	for what, token := range map[string]string{"nobody": "", "put together": mixed, "another chat's": elsewhere, "a program's": bearer} {
		if fresh := s.boot(s.one, token); fresh[:32] == s.ana[:32] || fresh[:32] == s.bo[:32] || fresh[:32] == elsewhere[:32] {
			t.Errorf("boot with %s's token gives somebody's: %s", what, fresh)
		}
	}
	if again := s.boot(s.one, s.ana); again[:32] != s.ana[:32] {
		t.Error("boot makes a new visitor of Ana")
	}
}

// TestVisitorsHaveNothingOfEachOther: of every public route with an object, Ana gets nothing of Bo's,
// nor of the shop's own; and what she is told is what she is told of nothing.
func TestVisitorsHaveNothingOfEachOther(t *testing.T) {
	s := openStreet(t)
	_, body := s.call("/c/chat/upload", s.one.Key, s.bo, map[string]any{"file": "Bo's receipt"})
	var waiting struct{ Token string }
	s.must(json.Unmarshal([]byte(body), &waiting))
	staffs, err := s.deps.API.Inbox.Upload(t.Context(), inbox.UserUploads(1), "price list.txt", "text/plain", strings.NewReader("for staff"))
	s.must(err)
	mail, err := s.deps.Hooks.Ingest(t.Context(), models.Inbound{ChannelID: s.mailbox(), ExternalID: "m1", Hints: []models.Hint{{Kind: models.EmailIdentity, Value: "bo@example.com", Evidence: models.Asserted}},
		Payload: &models.MessageIn{Text: "see", Attachments: []models.FileIn{{Name: "a.txt", Type: "text/plain", Body: []byte("by mail")}}}})
	s.must(err)
	mailed, err := store.AttachmentsOf(s.deps.Store.Read(t.Context()), []models.ID{mail.EventID})
	s.must(err)

	before := s.events()
	send := func(who, file string) (int, string) {
		resp, body := s.call("/c/chat/messages", s.one.Key, who, map[string]any{"id": "message-9", "text": "mine", "files": []string{file}})
		return resp.StatusCode, told(resp.StatusCode, body)
	}
	for what, token := range map[string]string{"Bo's upload": waiting.Token, "staff's upload": staffs.Token, "a mail's file": mailed[0].Token} {
		if status, _ := send(s.ana, token); status != 422 {
			t.Errorf("Ana sends %s: %d", what, status)
		}
		resp, body := s.ask(t, "GET", "/c/chat/attachments/"+token, "")
		never, nothing := s.ask(t, "GET", "/c/chat/attachments/"+strings.Repeat("0", len(token)), "")
		if resp.StatusCode != 404 || told(resp.StatusCode, body) != told(never.StatusCode, nothing) {
			t.Errorf("%s by its address: %d %s, of nothing %d %s", what, resp.StatusCode, body, never.StatusCode, nothing)
		}
	}
	if s.events() != before {
		t.Error("a message with somebody else's file was stored")
	}
	s.unreadStays()
	if status, body := send(s.bo, waiting.Token); status != 201 {
		t.Errorf("Bo's own file: %s", body)
	}
	if resp, body := s.ask(t, "GET", "/c/chat/attachments/"+waiting.Token, ""); resp.StatusCode != 200 || body != "Bo's receipt" {
		t.Errorf("the file, once sent: %d %s", resp.StatusCode, body)
	}
	if resp, _ := s.call("/c/chat/upload", s.one.Key, s.boot(s.one, ""), map[string]any{"file": "from nobody"}); resp.StatusCode != 403 {
		t.Errorf("an upload before the first message: %d", resp.StatusCode)
	}
}

func (s *street) mailbox() models.ID {
	s.t.Helper()
	c, err := s.deps.Hooks.Channels.Add(s.t.Context(), "generic", channelsInput())
	s.must(err)
	return c.ID
}

// unreadStays: Ana marks everything as read, and the shop's answer to Bo stays unread.
func (s *street) unreadStays() {
	s.t.Helper()
	q := s.deps.Store.Read(s.t.Context())
	found, err := store.IdentitiesAt(q, models.ChatIdentity, s.one.Key, s.bo[:32])
	s.must(err)
	mia, err := s.auth.CreateUser(s.t.Context(), "mia@example.com", "Mia", models.Agent, pass)
	s.must(err)
	id, err := s.deps.API.Inbox.Reply(s.t.Context(), mia, inbox.ReplyInput{CustomerID: found[0].CustomerID, ChannelID: s.one.ID, IdentityID: found[0].ID, Text: "For Bo alone"})
	s.must(err)
	s.must(s.deps.Store.Write(s.t.Context(), func(tx *store.Tx) error { return store.SetDelivery(tx, id, models.DeliverySent, "", "chat-1") }))
	unread := func() int {
		n, _, err := store.VisitorUnread(q, found[0].ID, s.one.ID)
		s.must(err)
		return n
	}
	if unread() != 1 {
		s.t.Fatal("the answer is not unread", unread())
	}
	if resp, body := s.call("/c/chat/read", s.one.Key, s.ana, map[string]any{"seq": id}); resp.StatusCode != 204 || unread() != 1 {
		s.t.Errorf("Ana reads what Bo was told: %d %s, %d unread", resp.StatusCode, body, unread())
	}
	if resp, body := s.call("/c/chat/read", s.one.Key, s.bo, map[string]any{"seq": id}); resp.StatusCode != 204 || unread() != 0 {
		s.t.Errorf("Bo reads it: %d %s, %d unread", resp.StatusCode, body, unread())
	}
}
