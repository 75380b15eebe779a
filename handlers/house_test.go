package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/api"
	"onethread/handlers/guest"
	"onethread/handlers/hooks"
	"onethread/handlers/public"
	"onethread/handlers/staff"
	"onethread/handlers/web"
	"onethread/integrations"
	"onethread/integrations/webchat"
	"onethread/models"
	"onethread/models/auth"
	"onethread/models/channels"
	"onethread/models/inbox"
	"onethread/models/store"
	"onethread/views"
)

const (
	home = "http://shop.example"
	pass = "walnut desk in lisbon"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	m.Run()
}

type testHouse struct {
	*fiber.App
	auth  *auth.Auth
	deps  Deps
	ahead *atomic.Int64 // nanoseconds that the clock of webhooks and of what is stored runs before the real one
}

func build(t *testing.T, change func(*Deps)) testHouse {
	t.Helper()
	ahead := &atomic.Int64{}
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	st, err := store.Open(t.Context(), t.TempDir(), store.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	v, err := views.Load()
	if err != nil {
		t.Fatal(err)
	}
	d := Deps{Store: st, Auth: auth.New(st, nil), Views: v, URL: home}
	if change != nil {
		change(&d)
	}
	d.Doors = guest.New(d.Auth, v, d.URL, nil)
	box := inbox.New(st, integrations.All)
	connected := channels.New(st, integrations.All, box.Ingest, d.URL, integrations.Dial, nil)
	d.API = &api.Handlers{Store: st, Auth: d.Auth, Inbox: box, Channels: connected, URL: d.URL, Streams: context.Background()}
	d.Hooks = &hooks.Handlers{Channels: connected, Ingest: box.Ingest, Auth: d.Auth, URL: d.URL, Now: now}
	d.Staff = staff.New(staff.Deps{Store: st, Inbox: box, Auth: d.Auth, Channels: connected, Views: v, Signals: &web.Signals{}, URL: d.URL, Streams: context.Background()})
	t.Cleanup(func() { d.Doors.Finish(); _ = st.Close() })
	d.Chat = public.New(public.Deps{Store: st, Builder: webchat.New(st.Vault.MAC, time.Now), Ingest: box.Ingest, Keep: box.Upload, Inbox: box, Signals: &web.Signals{}, URL: d.URL, Streams: context.Background()})
	return testHouse{App: New(d), auth: d.Auth, deps: d, ahead: ahead}
}

// ask sends a request; headers come in pairs.
func (h testHouse) ask(t *testing.T, method, path, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	req.Host = "shop.example"
	if method != "GET" && method != "HEAD" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i < len(headers); i += 2 {
		if req.Header.Del(headers[i]); headers[i+1] != "" {
			req.Header.Set(headers[i], headers[i+1])
		}
	}
	resp, err := h.Test(req, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	out, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(out)
}

// login makes a user of a role and returns their cookie and CSRF token.
func (h testHouse) login(t *testing.T, role models.Role) (cookie, csrf string) {
	t.Helper()
	email := string(role) + "@example.com"
	if _, err := h.auth.CreateUser(t.Context(), email, "Mia Costa", role, pass); err != nil {
		t.Fatal(err)
	}
	value, _, err := h.auth.Login(t.Context(), email, pass, "192.0.2.1", "")
	if err != nil {
		t.Fatal(err)
	}
	s, _, err := h.auth.Session(t.Context(), value)
	if err != nil {
		t.Fatal(err)
	}
	return web.CookieName(h.deps.URL) + "=" + value, s.CSRF
}

func TestRoutesTable(t *testing.T) {
	h := build(t, nil)
	table := make(map[string]web.Route)
	for _, r := range Routes(h.deps) {
		key := r.Method + " " + r.Path
		if _, twice := table[key]; twice {
			t.Errorf("%s stands twice in the table", key)
		}
		table[key] = r
		switch {
		case r.Handler == nil:
			t.Errorf("%s has no handler", key)
		case r.Zone == web.Staff && !slices.Contains(auth.Permissions, r.Need):
			t.Errorf("%s is a staff route without a permission of the list: %q", key, r.Need)
		case r.Zone == web.API && !auth.Covers(models.Owner, models.ScopeAdmin, r.Scope):
			t.Errorf("%s is an API route without a scope: %q", key, r.Scope)
		case r.Zone != web.Staff && r.Zone != web.API && (r.Need != "" || r.Scope != ""):
			t.Errorf("%s names a permission that nobody checks", key)
		case bodyLimits[r.Zone] == 0 && r.Zone != web.Open:
			t.Errorf("%s is in the unknown zone %q", key, r.Zone)
		case (r.Zone == web.API) != strings.HasPrefix(r.Path, "/api/") && r.Zone != web.Hook && r.Path != "/api/v1/openapi.json":
			t.Errorf("%s does not belong into zone %s", key, r.Zone)
		case r.Zone == web.Public && !strings.HasPrefix(r.Path, "/c/"):
			t.Errorf("%s does not belong into zone %s", key, r.Zone)
		}
	}
	for _, r := range h.GetRoutes(true) {
		key := r.Method + " " + r.Path
		if r.Method == "HEAD" {
			key = "GET " + r.Path
		}
		if _, ok := table[key]; !ok {
			t.Errorf("%s is registered outside the table", key)
		}
	}
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	h := build(t, func(d *Deps) { d.URL = "https://shop.example" })
	for _, path := range []string{"/healthz", "/login", "/nowhere", "/static/dist/app.css", "/widget.js", "/c/chat/boot", "/api/v1/none", "/setup/x", "/metrics", "/debug/pprof/", "/.git/config", "/%2e%2e/x", "/static/dist/../static.go", "/static/dist/%2e%2e%2fstatic.go"} {
		resp, body := h.ask(t, "GET", path, "")
		csp, opener := policy, "same-origin"
		if path == "/widget.js" { // no document: the strictest policy, and no byte more on the shop's page
			csp, opener = "default-src 'none'", ""
		}
		for name, want := range map[string]string{"Content-Security-Policy": csp, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
			"Cross-Origin-Opener-Policy": opener, "Strict-Transport-Security": "max-age=31536000", "Server": "", "Access-Control-Allow-Origin": ""} {
			if got := resp.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		if (resp.Header.Get("X-Request-Id") == "") != (path == "/widget.js") || strings.Contains(body, "goroutine") || strings.Contains(body, "SELECT") || resp.StatusCode >= 500 {
			t.Errorf("%s: %d %.100s", path, resp.StatusCode, body)
		}
		if found := resp.StatusCode < 400; found != slices.Contains([]string{"/healthz", "/login", "/static/dist/app.css", "/widget.js"}, path) {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
	if resp, _ := h.ask(t, "GET", "/widget.js", ""); resp.Header.Get("Cross-Origin-Resource-Policy") != "cross-origin" || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/javascript") {
		t.Errorf("widget.js: %v", resp.Header)
	}
}

func TestStaticFilesAreCachedByTheirHash(t *testing.T) {
	h := build(t, nil)
	plain, _ := h.ask(t, "GET", "/static/dist/app.css", "")
	etag := plain.Header.Get("ETag")
	hashed, _ := h.ask(t, "GET", "/static/dist/app.css?v="+strings.Trim(etag, `"`), "", "Accept-Encoding", "gzip")
	same, body := h.ask(t, "GET", "/static/dist/app.css", "", "If-None-Match", etag)
	if !strings.Contains(hashed.Header.Get("Cache-Control"), "immutable") || strings.Contains(plain.Header.Get("Cache-Control"), "immutable") ||
		hashed.Header.Get("Content-Encoding") != "gzip" || plain.Header.Get("Content-Encoding") != "" || same.StatusCode != 304 || body != "" {
		t.Errorf("%v %v %d", plain.Header, hashed.Header, same.StatusCode)
	}
}

func TestLoginAndLogout(t *testing.T) {
	h := build(t, nil)
	if _, err := h.auth.CreateUser(t.Context(), "mia@example.com", "Mia", models.Agent, pass); err != nil {
		t.Fatal(err)
	}
	form := url.Values{"email": {"Mia@example.com"}, "password": {pass}, "next": {"/search?q=x"}}
	resp, _ := h.ask(t, "POST", "/login", form.Encode(), "Cookie", "ot=chosen-by-somebody-else")
	cookie := resp.Header.Get("Set-Cookie")
	if resp.StatusCode != 303 || resp.Header.Get("Location") != "/search?q=x" || !strings.HasPrefix(cookie, "ot=") || strings.Contains(cookie, "chosen") ||
		!strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Lax") || strings.Contains(strings.ToLower(cookie), "secure") {
		t.Fatalf("%d %q %q", resp.StatusCode, resp.Header.Get("Location"), cookie)
	}
	value, _, _ := strings.Cut(cookie, ";")
	if resp, _ := h.ask(t, "GET", "/login", "", "Cookie", value); resp.StatusCode != 303 || resp.Header.Get("Location") != "/" {
		t.Errorf("logged in, /login answers %d", resp.StatusCode)
	}
	s, _, err := h.auth.Session(t.Context(), strings.TrimPrefix(value, "ot="))
	if err != nil {
		t.Fatal(err)
	}
	if resp, _ = h.ask(t, "POST", "/logout", "_csrf="+url.QueryEscape(s.CSRF), "Cookie", value); resp.StatusCode != 303 {
		t.Fatalf("logout: %d", resp.StatusCode)
	}
	if _, _, err := h.auth.Session(t.Context(), strings.TrimPrefix(value, "ot=")); !models.IsCode(err, models.Unsigned) {
		t.Errorf("the session lives on after logout: %v", err)
	}
	for _, wrong := range []url.Values{{"email": {"mia@example.com"}, "password": {"wrong"}}, {"email": {"nobody@example.com"}, "password": {pass}}} {
		resp, body := h.ask(t, "POST", "/login", wrong.Encode())
		if resp.StatusCode != 401 || resp.Header.Get("Set-Cookie") != "" || !strings.Contains(body, "do not match") {
			t.Errorf("%v: %d %.200s", wrong, resp.StatusCode, body)
		}
	}
	for _, extra := range []string{"role=owner", "email=x@example.com", "password_hash=x"} {
		if resp, _ := h.ask(t, "POST", "/login", form.Encode()+"&"+extra); resp.StatusCode != 422 {
			t.Errorf("%s beside the form: %d", extra, resp.StatusCode)
		}
	}
	secure := build(t, func(d *Deps) { d.URL = "https://shop.example" })
	if _, err := secure.auth.CreateUser(t.Context(), "mia@example.com", "Mia", models.Agent, pass); err != nil {
		t.Fatal(err)
	}
	resp, _ = secure.ask(t, "POST", "/login", form.Encode())
	if got := resp.Header.Get("Set-Cookie"); !strings.HasPrefix(got, "__Host-ot=") || !strings.Contains(strings.ToLower(got), "secure") {
		t.Errorf("over https the cookie is %q", got)
	}
}

func TestRedirectsStayAtHome(t *testing.T) {
	h := build(t, nil)
	if _, err := h.auth.CreateUser(t.Context(), "mia@example.com", "Mia", models.Agent, pass); err != nil {
		t.Fatal(err)
	}
	for _, next := range []string{"//evil.example", `/\evil.example`, "https://evil.example", "javascript:alert(1)", "/\t/evil.example", "/%09//evil", "///evil.example", "evil.example", "/login?next=/login", "\r\nLocation: //evil.example"} {
		form := url.Values{"email": {"mia@example.com"}, "password": {pass}, "next": {next}}
		resp, _ := h.ask(t, "POST", "/login", form.Encode())
		if to := resp.Header.Get("Location"); resp.StatusCode != 303 || (to != "/" && to != "/%09//evil") {
			t.Errorf("next %q leads to %q (%d)", next, to, resp.StatusCode)
		}
	}
}

func TestCSRFMatrix(t *testing.T) {
	h := build(t, nil)
	cookie, token := h.login(t, models.Agent)
	_, otherToken := h.login(t, models.Viewer)
	for name, c := range map[string]struct {
		headers []string
		body    string
		want    int
	}{
		"right, form field":               {nil, "_csrf=TOKEN", 303},
		"right, header":                   {[]string{"X-CSRF-Token", "TOKEN"}, "", 303},
		"no token":                        {nil, "", 403},
		"another session's token":         {[]string{"X-CSRF-Token", otherToken}, "", 403},
		"token cut":                       {[]string{"X-CSRF-Token", "TOK"}, "", 403},
		"cross-site":                      {[]string{"X-CSRF-Token", "TOKEN", "Sec-Fetch-Site", "cross-site"}, "", 403},
		"same-site, a sibling subdomain":  {[]string{"X-CSRF-Token", "TOKEN", "Sec-Fetch-Site", "same-site"}, "", 403},
		"none, typed address":             {[]string{"X-CSRF-Token", "TOKEN", "Sec-Fetch-Site", "none"}, "", 403},
		"no fetch header, own origin":     {[]string{"X-CSRF-Token", "TOKEN", "Sec-Fetch-Site", "", "Origin", home}, "", 303},
		"no fetch header, evil origin":    {[]string{"X-CSRF-Token", "TOKEN", "Sec-Fetch-Site", "", "Origin", "http://evil.example"}, "", 403},
		"no fetch header, null origin":    {[]string{"X-CSRF-Token", "TOKEN", "Sec-Fetch-Site", "", "Origin", "null"}, "", 403},
		"no fetch header, no origin":      {[]string{"X-CSRF-Token", "TOKEN", "Sec-Fetch-Site", ""}, "", 403},
		"lying forwarded host":            {[]string{"X-CSRF-Token", "TOKEN", "Sec-Fetch-Site", "", "Origin", "http://evil.example", "X-Forwarded-Host", "evil.example"}, "", 403},
		"text/plain that looks like JSON": {[]string{"Content-Type", "text/plain", "Sec-Fetch-Site", "cross-site"}, `{"_csrf":"TOKEN"}`, 403},
		"method override":                 {[]string{"X-HTTP-Method-Override", "GET", "Sec-Fetch-Site", "cross-site"}, "", 403},
	} {
		headers := []string{"Cookie", cookie}
		for _, v := range c.headers {
			headers = append(headers, strings.Replace(v, "TOKEN", token, 1))
		}
		resp, body := h.ask(t, "POST", "/logout", strings.Replace(c.body, "TOKEN", token, 1), headers...)
		if resp.StatusCode != c.want {
			t.Errorf("%s: %d, want %d: %.200s", name, resp.StatusCode, c.want, body)
		}
		if c.want == 303 { // the session is gone now
			value, _, err := h.auth.Login(t.Context(), "agent@example.com", pass, "192.0.2.1", "")
			if err != nil {
				t.Fatal(err)
			}
			s, _, _ := h.auth.Session(t.Context(), value)
			cookie, token = "ot="+value, s.CSRF
		}
	}
	if resp, _ := h.ask(t, "GET", "/logout", "", "Cookie", cookie); resp.StatusCode < 400 {
		t.Errorf("logging out by GET: %d", resp.StatusCode)
	}
	if resp, _ := h.ask(t, "POST", "/login", "email=a@example.com&password=x", "Sec-Fetch-Site", "cross-site"); resp.StatusCode != 403 {
		t.Errorf("login from another site: %d", resp.StatusCode)
	}
}

func TestSetupRaceOverHTTP(t *testing.T) {
	h := build(t, nil)
	link, err := h.auth.SetupLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	resp, _ := h.ask(t, "GET", "/setup/"+link, "")
	if resp.StatusCode != 200 || resp.Header.Get("Referrer-Policy") != "no-referrer" || resp.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
	weak, body := h.ask(t, "POST", "/setup/"+link, "name=Ana&email=ana@example.com&password=short")
	if weak.StatusCode != 422 || !strings.Contains(body, "too short") {
		t.Errorf("a weak password: %d", weak.StatusCode)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	for i := range 100 {
		wg.Go(func() {
			form := url.Values{"name": {"Ana"}, "email": {fmt.Sprintf("a%d@example.com", i)}, "password": {pass}}
			resp, _ := h.ask(t, "POST", "/setup/"+link, form.Encode(), "Sec-Fetch-Site", "", "Origin", "null")
			mu.Lock()
			defer mu.Unlock()
			statuses[resp.StatusCode]++
		})
	}
	wg.Wait()
	if statuses[303] != 1 || statuses[404] != 99 {
		t.Errorf("statuses %v", statuses)
	}
	if resp, _ := h.ask(t, "GET", "/setup/"+link, ""); resp.StatusCode != 404 {
		t.Errorf("the link after set-up: %d", resp.StatusCode)
	}
}

func TestForgotTellsNothing(t *testing.T) {
	var mu sync.Mutex
	var sent []string
	done := make(chan struct{}, 10)
	h := build(t, nil)
	h.deps.Doors.Mail = func(_ context.Context, to, _, _, text string) error {
		mu.Lock()
		defer mu.Unlock()
		sent = append(sent, to+" "+text)
		done <- struct{}{}
		return nil
	}
	h.login(t, models.Owner)
	_, known := h.ask(t, "POST", "/forgot", "email=owner@example.com", "X-Forwarded-Host", "evil.example")
	resp, unknown := h.ask(t, "POST", "/forgot", "email=nobody@example.com")
	if known != unknown || resp.StatusCode != 200 {
		t.Errorf("known and unknown addresses are answered differently")
	}
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("no mail left")
	}
	mu.Lock()
	defer mu.Unlock()
	if len(sent) != 1 || !strings.HasPrefix(sent[0], "owner@example.com ") || !strings.Contains(sent[0], home+"/reset/") || strings.Contains(sent[0], "evil") {
		t.Errorf("sent %q", sent)
	}
	statuses := ""
	for range 5 {
		resp, _ := h.ask(t, "POST", "/forgot", "email=owner@example.com")
		statuses += fmt.Sprint(resp.StatusCode, " ")
	}
	if !strings.HasSuffix(statuses, "429 ") {
		t.Errorf("statuses %s", statuses)
	}
}

func TestErrorsFitTheCaller(t *testing.T) {
	h := build(t, nil)
	resp, body := h.ask(t, "GET", "/api/v1/nothing", "")
	var p web.Problem
	if json.Unmarshal([]byte(body), &p) != nil || p.Status != 404 || p.Code != "not_found" || resp.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%v %s", resp.Header, body)
	}
	resp, body = h.ask(t, "GET", "/nothing", "", "HX-Request", "true")
	if strings.Contains(body, "<html") || !strings.Contains(body, `role="alert"`) || resp.StatusCode != 404 {
		t.Errorf("fragment: %s", body)
	}
	if _, body = h.ask(t, "GET", "/nothing", ""); !strings.Contains(body, "<html") {
		t.Errorf("page: %s", body)
	}
	resp, body = h.ask(t, "POST", "/login", strings.Repeat("x", 20<<10))
	if resp.StatusCode != 413 {
		t.Errorf("too large: %d %.100s", resp.StatusCode, body)
	}
}

func TestMetricsAreForThisMachine(t *testing.T) {
	h := build(t, nil)
	owner, err := h.auth.CreateUser(t.Context(), "o@example.com", "O", models.Owner, pass)
	if err != nil {
		t.Fatal(err)
	}
	admin, _, _ := h.auth.NewToken(t.Context(), owner, "monitor", models.ScopeAdmin)
	read, _, _ := h.auth.NewToken(t.Context(), owner, "reader", models.ScopeRead)
	for name, c := range map[string]struct {
		token string
		ok    bool
	}{"nobody": {"", false}, "read token": {read, false}, "admin token": {admin, true}} {
		resp, body := h.ask(t, "GET", "/metrics", "", "Authorization", "Bearer "+c.token)
		if (resp.StatusCode == 200) != c.ok || strings.Contains(body, "onethread_goroutines") != c.ok {
			t.Errorf("%s: %d", name, resp.StatusCode)
		}
	}
}
