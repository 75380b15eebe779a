package handlers

import (
	"net/url"
	"strings"
	"testing"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/channels"
	"onethread/models/store"
)

// openPaths are whole addresses of open routes, and what they answer; a route that does not stand
// here fails.
var openPaths = map[string]map[string]int{
	"/healthz": {"/healthz": 200}, "/readyz": {"/readyz": 200}, "/robots.txt": {"/robots.txt": 200}, "/widget.js": {"/widget.js": 200},
	"/metrics":                   {"/metrics": 404}, // for this machine and admins' programs: TestMetricsAreForThisMachine
	"/static/dist/*":             {"/static/dist/app.css": 200, "/static/dist/static.go": 404, "/static/dist/": 404},
	"/c/files/:link":             {"/c/files/x": 404, "/c/files/..": 404}, // TestFileLinks
	"/api/v1/openapi.json":       {"/api/v1/openapi.json": 200},
	"/login":                     {"/login": 200},
	"/forgot":                    {"/forgot": 200},
	"/c/chat/frame":              {"/c/chat/frame": 404, "/c/chat/frame?channel=none": 404},
	"/c/chat/attachments/:token": {"/c/chat/attachments/none": 404},
}

// TestOpenRoutesKnowNobody: what is open to anybody answers an owner as it answers nobody, sets no
// cookie, and is not admitted to other sites' scripts.
func TestOpenRoutesKnowNobody(t *testing.T) {
	h := build(t, nil)
	cookie, _ := h.login(t, models.Owner)
	for _, r := range Routes(h.deps) {
		paths, known := openPaths[r.Path]
		if r.Method != "GET" || (r.Zone != web.Open && r.Zone != web.Guest && !known) {
			continue
		}
		if !known {
			t.Errorf("%s: say in openPaths what it answers", r.Path)
		}
		for path, want := range paths {
			resp, body := h.ask(t, "GET", path, "", "Origin", "https://evil.example")
			if resp.StatusCode != want || resp.Header.Get("Set-Cookie") != "" || resp.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s: %d, want %d; %v", path, resp.StatusCode, want, resp.Header)
			}
			if r.Zone != web.Open {
				continue
			}
			if as, same := h.ask(t, "GET", path, "", "Cookie", cookie); as.StatusCode != want || told(want, same) != told(want, body) {
				t.Errorf("%s answers an owner otherwise: %d %.200s", path, as.StatusCode, same)
			}
		}
	}
}

// TestGuestsFormsAreOurPages: the forms before the login are taken from pages of this server alone,
// with nothing in them but their fields.
func TestGuestsFormsAreOurPages(t *testing.T) {
	h := build(t, nil)
	h.login(t, models.Owner)
	for _, r := range Routes(h.deps) {
		if r.Zone != web.Guest || r.Method == "GET" {
			continue
		}
		for what, headers := range map[string][]string{
			"another site":   {"Sec-Fetch-Site", "cross-site"},
			"a sibling":      {"Sec-Fetch-Site", "same-site"},
			"an evil origin": {"Sec-Fetch-Site", "", "Origin", "https://evil.example"},
			"no origin":      {"Sec-Fetch-Site", ""},
			"a null origin":  {"Sec-Fetch-Site", "", "Origin", "null"},
		} {
			resp, body := h.ask(t, r.Method, r.Path, "email=owner@example.com&password="+url.QueryEscape(pass), headers...)
			if resp.StatusCode != 403 || resp.Header.Get("Set-Cookie") != "" {
				t.Errorf("%s from %s: %d %.200s", r.Path, what, resp.StatusCode, body)
			}
		}
	}
}

// TestLinksOpenOnceAndForTheirPurpose tries every route with a one-time link with links that are none,
// another purpose's, replaced, used or run out: one and the same answer, whoever asks.
func TestLinksOpenOnceAndForTheirPurpose(t *testing.T) {
	h := build(t, nil)
	first, err := h.auth.SetupLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cookie, _ := h.login(t, models.Owner)
	owner, err := store.UserByEmail(h.deps.Store.Read(t.Context()), "owner@example.com")
	if err != nil {
		t.Fatal(err)
	}
	invited, replaced, err := h.auth.Invite(t.Context(), owner, "rui@example.com", "Rui", models.Agent)
	if err != nil {
		t.Fatal(err)
	}
	invite, err := h.auth.InviteAgain(t.Context(), owner, invited.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, reset, ok, err := h.auth.Forgot(t.Context(), "owner@example.com")
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	good := map[string]string{"/invite/:token": invite, "/reset/:token": reset} // set-up is over: there is an owner
	links := map[string]string{"none": "x", "empty": "%20", "set-up's, after it": first, "replaced": replaced, "an invitation's": invite, "a reset's": reset,
		"cut short": invite[:len(invite)-1], "the hash of one": strings.Repeat("0", 64), "zero": "0", "an array": "token[]="}
	tried := 0
	for _, r := range Routes(h.deps) {
		if r.Zone != web.Link {
			continue
		}
		tried++
		form := url.Values{"name": {"Rui"}, "password": {pass}}
		if strings.HasPrefix(r.Path, "/setup/") {
			form.Set("email", "rui@example.com")
		}
		none, nothing := h.ask(t, r.Method, strings.Replace(r.Path, ":token", never, 1), form.Encode())
		for what, link := range links {
			if link == good[r.Path] {
				continue
			}
			for _, who := range []string{"", cookie} {
				resp, body := h.ask(t, r.Method, strings.Replace(r.Path, ":token", link, 1), form.Encode(), "Cookie", who)
				if resp.StatusCode != 404 || resp.Header.Get("Set-Cookie") != "" || told(404, body) != told(none.StatusCode, nothing) {
					t.Errorf("%s %s, %s: %d, of none %d", r.Method, r.Path, what, resp.StatusCode, none.StatusCode)
				}
			}
		}
	}
	if tried != 6 {
		t.Errorf("%d routes with links", tried)
	}
	for path, link := range good {
		at := strings.Replace(path, ":token", link, 1)
		if resp, body := h.ask(t, "GET", at, ""); resp.StatusCode != 200 || resp.Header.Get("Referrer-Policy") != "no-referrer" || resp.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("GET %s: %d %v %.100s", path, resp.StatusCode, resp.Header, body)
		}
		if resp, body := h.ask(t, "POST", at, "name=Rui&password="+url.QueryEscape("brass lamp in porto")); resp.StatusCode != 303 {
			t.Errorf("POST %s: %d %.200s", path, resp.StatusCode, body)
		}
		if resp, _ := h.ask(t, "POST", at, "name=Rui&password="+url.QueryEscape("third desk in faro")); resp.StatusCode != 404 {
			t.Errorf("%s a second time: %d", path, resp.StatusCode)
		}
	}
}

// hookSettings connect each provider that is called; one that does not stand here fails.
func hookSettings() map[string]map[string]string {
	all := map[string]map[string]string{"generic": channelsInput().Settings}
	for _, d := range providerDoors() {
		all[d.kind] = d.settings
	}
	return all
}

// TestHooksWantASignature calls every webhook of every provider unsigned, at another type's address,
// and with staff's and programs' proofs instead: 401 or 404, and nothing stored.
func TestHooksWantASignature(t *testing.T) {
	h := build(t, nil)
	cookie, _ := h.login(t, models.Owner)
	tokens := h.everyToken(t)
	registry, settings := h.deps.Hooks.Channels, hookSettings()
	last := func() models.ID {
		n, err := store.LastEventID(h.deps.Store.Read(t.Context()))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	tried := 0
	for _, p := range registry.Providers() {
		if len(p.Hooks) == 0 {
			continue
		}
		if settings[p.Kind] == nil {
			t.Errorf("%s: say in hookSettings how it is connected", p.Kind)
			continue
		}
		c, err := registry.Add(t.Context(), p.Kind, channels.Input{Settings: settings[p.Kind]})
		if err != nil {
			t.Fatal(p.Kind, err)
		}
		before := last()
		for _, address := range channels.HookURLs(p, c, "") {
			path, _, _ := strings.Cut(address, "#")
			other := strings.Replace(path, "/"+p.Kind+"/", "/email/", 1)
			for _, headers := range [][]string{{}, {"Cookie", cookie}, {"Authorization", "Bearer " + tokens[holding{models.ScopeAdmin, models.Owner}]}} {
				tried++
				if resp, body := h.ask(t, "POST", path, `{"id":1}`, headers...); resp.StatusCode != 401 {
					t.Errorf("%s unsigned, with %v: %d %.200s", path, headers, resp.StatusCode, body)
				}
				for _, missing := range []string{other, strings.Replace(path, "/"+c.ID.String(), "/"+never, 1)} {
					if resp, body := h.ask(t, "POST", missing, `{"id":1}`, headers...); resp.StatusCode != 404 {
						t.Errorf("%s: %d %.200s", missing, resp.StatusCode, body)
					}
				}
			}
			for _, method := range []string{"GET", "PUT", "DELETE"} {
				if resp, _ := h.ask(t, method, path, ""); resp.StatusCode != 404 && resp.StatusCode != 405 {
					t.Errorf("%s %s: %d", method, path, resp.StatusCode)
				}
			}
		}
		if last() != before {
			t.Errorf("an unsigned call to %s left something", p.Kind)
		}
	}
	if tried < 12 {
		t.Errorf("only %d calls were tried", tried)
	}
}

// TestTheGenericDoorAsksForAWriter: tokens of each scope in the hands of each role at
// /api/v1/ingest; a token that may not write is refused although the call is signed.
func TestTheGenericDoorAsksForAWriter(t *testing.T) {
	s := openTill(t)
	path := "/api/v1/ingest/" + s.channel.ID.String()
	for who, token := range s.everyToken(t) {
		body := strings.Replace(visit, "v%d", string(who.scope)+string(who.role), 1)
		want := 403
		if who.scope != models.ScopeRead && strings.Contains(agents, string(who.role)) {
			want = 201
		}
		before := s.last()
		for _, headers := range [][]string{{"Content-Type", "application/json"}, s.signed(body)} {
			resp, answer := s.ask(t, "POST", path, body, append(headers, "Authorization", "Bearer "+token)...)
			if resp.StatusCode != want {
				t.Errorf("scope %s of %s: %d, want %d: %.200s", who.scope, who.role, resp.StatusCode, want, answer)
			}
			if want == 201 {
				want = 200 // seen before
			}
		}
		if stored := s.last() != before; stored != (want == 200) {
			t.Errorf("scope %s of %s: stored: %v", who.scope, who.role, stored)
		}
	}
	good := strings.Replace(visit, "v%d", "unsigned", 1)
	for what, headers := range map[string][]string{"nothing": {}, "a token that is none": {"Authorization", "Bearer x"}, "a session": {"Cookie", s.cookie},
		"another kind of proof": {"Authorization", "Basic b3duZXI6eA=="}} {
		before := s.last()
		if resp, answer := s.ask(t, "POST", path, good, append(headers, "Content-Type", "application/json")...); resp.StatusCode != 401 || s.last() != before {
			t.Errorf("with %s: %d %.200s", what, resp.StatusCode, answer)
		}
	}
}

func (s *till) last() models.ID {
	s.t.Helper()
	n, err := store.LastEventID(s.deps.Store.Read(s.t.Context()))
	s.must(err)
	return n
}
