package handlers

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/channels"
	"onethread/models/store"
)

// till is the real house with a shop system connected through the generic signed door.
type till struct {
	testHouse
	t                     *testing.T
	channel               models.Channel
	token, cookie, secret string
}

func openTill(t *testing.T) *till {
	t.Helper()
	h := build(t, nil)
	s := &till{testHouse: h, t: t}
	s.cookie, _ = h.login(t, models.Owner)
	owner, err := store.UserByEmail(h.deps.Store.Read(t.Context()), "owner@example.com")
	s.must(err)
	s.token, _, err = h.auth.NewToken(t.Context(), owner, "till", models.ScopeAdmin)
	s.must(err)
	name := "Till"
	s.channel, err = h.deps.API.Channels.Add(t.Context(), "generic", channels.Input{Name: &name, Settings: map[string]string{}})
	s.must(err)
	s.secret = s.channel.Settings["secret"]
	return s
}

func (s *till) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// signed are the headers of a signed call (Standard Webhooks).
func (s *till) signed(body string) []string {
	stamp := fmt.Sprint(time.Now().Unix())
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s.secret, "whsec_"))
	if err != nil || !strings.HasPrefix(s.secret, "whsec_") {
		key = []byte(s.secret)
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "msg_1.%s.%s", stamp, body)
	return []string{"Content-Type", "application/json", "Webhook-Id", "msg_1", "Webhook-Timestamp", stamp, "Webhook-Signature", "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))}
}

func (s *till) hook(body string, headers ...string) (*http.Response, string) {
	s.t.Helper()
	return s.ask(s.t, "POST", "/webhooks/generic/"+s.channel.ID.String(), body, headers...)
}

func (s *till) api(method, path, body string) (*http.Response, string) {
	s.t.Helper()
	return s.ask(s.t, method, "/api/v1"+path, body, "Authorization", "Bearer "+s.token, "Content-Type", "application/json")
}

// state is what a refused call must not change: every event, and the channel's health.
func (s *till) state() (last models.ID, health store.Health) {
	s.t.Helper()
	q := s.deps.Store.Read(s.t.Context())
	last, err := store.LastEventID(q)
	s.must(err)
	healths, err := store.Healths(q)
	s.must(err)
	for _, h := range healths {
		if h.ChannelID == s.channel.ID {
			return last, h
		}
	}
	s.t.Fatal("the channel has no health")
	return 0, store.Health{}
}

const visit = `{"external_id":"v%d","kind":"visit","identities":[{"kind":"email","value":"ana@example.com"}],"visit":{"location":"Lisbon"}}`

// TestCallsThatAreRefused: nothing is stored of them but a counter where the signature was at fault.
func TestCallsThatAreRefused(t *testing.T) {
	s := openTill(t)
	good := fmt.Sprintf(visit, 1)
	change := func(i int, to string) []string { h := s.signed(good); h[i] = to; return h }
	large := `{"note":"` + strings.Repeat("x", 2<<20) + `"}`
	for name, c := range map[string]struct {
		path, body string
		headers    []string
		status     int
		counted    bool
	}{
		"unsigned":               {"", good, []string{"Content-Type", "application/json"}, 401, true},
		"empty signature":        {"", good, change(7, ""), 401, true},
		"another version":        {"", good, change(7, strings.Replace(s.signed(good)[7], "v1,", "v2,", 1)), 401, true},
		"signature cut short":    {"", good, change(7, s.signed(good)[7][:20]), 401, true},
		"another body":           {"", strings.Replace(good, "Lisbon", "Lisbom", 1), s.signed(good), 401, true},
		"another id":             {"", good, change(3, "msg_2"), 401, true},
		"a day old":              {"", good, change(5, fmt.Sprint(time.Now().Add(-24*time.Hour).Unix())), 401, true},
		"time is a word":         {"", good, change(5, "now"), 401, true},
		"unsigned and malformed": {"", `{"`, []string{"Content-Type", "application/json"}, 401, true},
		"too large":              {"", large, s.signed(large), 413, false},
		"too large and unsigned": {"", large, nil, 413, false},
		"unknown channel":        {"/webhooks/generic/987654", good, s.signed(good), 404, false},
		"no channel's id":        {"/webhooks/generic/x'--", good, s.signed(good), 404, false},
		"another type's door":    {"/webhooks/email/" + s.channel.ID.String(), good, s.signed(good), 404, false},
		"a type nobody knows":    {"/webhooks/nothing/" + s.channel.ID.String(), good, s.signed(good), 404, false},
		"unknown channel, API":   {"/api/v1/ingest/987654", good, s.signed(good), 404, false},
		"a token that is none":   {"/api/v1/ingest/" + s.channel.ID.String(), good, []string{"Authorization", "Bearer ot_none", "Content-Type", "application/json"}, 401, false},
	} {
		events, before := s.state()
		path := c.path
		if path == "" {
			path = "/webhooks/generic/" + s.channel.ID.String()
		}
		resp, body := s.ask(t, "POST", path, c.body, c.headers...)
		after, health := s.state()
		if resp.StatusCode != c.status {
			t.Errorf("%s: %d, want %d: %.200s", name, resp.StatusCode, c.status, body)
		}
		if after != events || health.Unreadable != before.Unreadable {
			t.Errorf("%s: something was stored", name)
		}
		if counted := health.Rejected - before.Rejected; (counted == 1) != c.counted || counted > 1 {
			t.Errorf("%s: the counter moved by %d", name, counted)
		}
	}
	if resp, body := s.hook(good, s.signed(good)...); resp.StatusCode != 200 {
		t.Errorf("the same call, signed: %d %s", resp.StatusCode, body)
	}
	if last, _ := s.state(); last == 0 {
		t.Error("the good call left nothing")
	}
}

// TestPausedChannelAsksForPatience: 503, so that the sender tries again, and the same call counts later.
func TestPausedChannelAsksForPatience(t *testing.T) {
	s := openTill(t)
	good := fmt.Sprintf(visit, 1)
	for _, paused := range []bool{true, false} {
		resp, body := s.api("PATCH", "/channels/"+s.channel.ID.String(), fmt.Sprintf(`{"paused":%v}`, paused))
		if resp.StatusCode != 200 {
			t.Fatal(resp.StatusCode, body)
		}
		resp, body = s.hook(good, s.signed(good)...)
		if want := map[bool]int{true: 503, false: 200}[paused]; resp.StatusCode != want {
			t.Errorf("paused %v: %d %s", paused, resp.StatusCode, body)
		}
	}
}

// TestMalformedBodiesAreKept: a good signature over nonsense is acknowledged, kept as it came, shown in
// the channel's health, and the next call is processed.
func TestMalformedBodiesAreKept(t *testing.T) {
	s := openTill(t)
	for i, body := range []string{`{"external_id":`, `[1,2]`, "", `"word"`, "null", "\xff\xfe{}", `external_id=1&kind=visit`, "{\"a\":1}{\"b\":2}", strings.Repeat("[", 10_000)} {
		before, health := s.state()
		resp, answer := s.hook(body, s.signed(body)...)
		if resp.StatusCode != 200 || !strings.Contains(answer, `"received":1`) {
			t.Errorf("%.40q: %d %s", body, resp.StatusCode, answer)
			continue
		}
		event, now := s.state()
		if event == before || now.Unreadable != health.Unreadable+1 {
			t.Errorf("%.40q: event %d after %d, %d unreadable after %d", body, event, before, now.Unreadable, health.Unreadable)
		}
		_, raw, err := s.deps.Store.RawOf(s.deps.Store.Read(t.Context()), event)
		if s.must(err); raw != nil {
			kept := make([]byte, len(body)+1)
			n, _ := raw.Read(kept)
			if s.must(raw.Close()); string(kept[:n]) != body[:n] || (n == 0 && body != "") {
				t.Errorf("%.40q is kept as %.40q", body, kept[:n])
			}
		}
		if resp, answer := s.hook(fmt.Sprintf(visit, i), s.signed(fmt.Sprintf(visit, i))...); resp.StatusCode != 200 {
			t.Errorf("the call after %.40q: %d %s", body, resp.StatusCode, answer)
		}
	}
	_, page := s.ask(t, "GET", "/settings/channels/"+s.channel.ID.String(), "", "Cookie", s.cookie)
	if !strings.Contains(page, "not a JSON object") {
		t.Error("the channel's page does not tell of what could not be read")
	}
}

// TestFieldsAtFaultAreNamed: problem+json with the field, and nothing is stored.
func TestFieldsAtFaultAreNamed(t *testing.T) {
	s := openTill(t)
	_, who := s.api("POST", "/customers", `{"name":"Ana","identities":[{"kind":"email","value":"ana@example.com"}]}`)
	var ana struct{ ID string }
	s.must(json.Unmarshal([]byte(who), &ana))
	ingest := "/ingest/" + s.channel.ID.String()
	wrong := func(old, to string) string { return strings.Replace(fmt.Sprintf(visit, 1), old, to, 1) }
	for _, c := range []struct{ method, path, body, field string }{
		{"POST", ingest, wrong(`"external_id":"v1",`, ``), "external_id"},
		{"POST", ingest, wrong(`"visit",`, `"dance",`), "kind"},
		{"POST", ingest, wrong(`ana@example.com`, ``), "identities[0].value"},
		{"POST", ingest, wrong(`"v1"`, `7`), "external_id"},
		{"POST", ingest, wrong(`"kind":"visit"`, `"kind":"order"`), "order"},
		{"POST", ingest, `[]`, ""},
		{"POST", "/customers", `{"name":"Bo","role":"owner"}`, "role"},
		{"POST", "/customers", `{"name":7}`, "name"},
		{"POST", "/customers", `{"name":"Bo","identities":[{"kind":"email","value":"bo@example.com","customer_id":"1"}]}`, "customer_id"},
		{"PATCH", "/customers/" + ana.ID, `{"merged_into":"1"}`, "merged_into"},
		{"PATCH", "/customers/" + ana.ID, `{"id":"7"}`, "id"},
		{"POST", "/customers/" + ana.ID + "/notes", `{"text":"x","user_id":"1"}`, "user_id"},
		{"POST", "/customers/" + ana.ID + "/notes", `{"text":""}`, "text"},
		{"POST", "/customers/" + ana.ID + "/messages", `{"text":"x","state":"sent"}`, "state"},
		{"POST", "/customers/" + ana.ID + "/identities", `{"kind":"email","value":"b@example.com","verified":true}`, "verified"},
		{"POST", "/customers/" + ana.ID + "/merge", `{"from":"x"}`, "from"},
		{"POST", "/channels", `{"type":"generic","paused":false}`, "paused"},
		{"POST", "/channels", `{"type":"generic","settings":{"secret":"short"}}`, "settings.secret"},
		{"PATCH", "/channels/" + s.channel.ID.String(), `{"key":"x"}`, "key"},
		{"GET", "/events?after=x", "", "after"},
		{"GET", "/customers?limit=0", "", "limit"},
		{"GET", "/customers?cursor=!", "", "cursor"},
		{"GET", "/conversations?status=gone", "", "status"},
	} {
		before, _ := s.state()
		resp, body := s.api(c.method, c.path, c.body)
		var problem struct {
			Title, Detail, Code, Field string
			Status                     int
		}
		if err := json.Unmarshal([]byte(body), &problem); err != nil {
			t.Errorf("%s %s %s: %.200s", c.method, c.path, c.body, body)
			continue
		}
		if resp.StatusCode != 422 || resp.Header.Get("Content-Type") != "application/problem+json" || problem.Field != c.field || problem.Status != 422 || problem.Code != "invalid" || problem.Detail == "" {
			t.Errorf("%s %s %s: %d %s %+v, want field %q", c.method, c.path, c.body, resp.StatusCode, resp.Header.Get("Content-Type"), problem, c.field)
		}
		if after, _ := s.state(); after != before {
			t.Errorf("%s %s %s: something was stored", c.method, c.path, c.body)
		}
	}
}
