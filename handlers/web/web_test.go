package web

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"onethread/models"
)

// serve runs handler once and returns status and body.
func serve(t *testing.T, cfg fiber.Config, handler fiber.Handler, body, contentType string, headers ...string) (int, string, map[string][]string) {
	t.Helper()
	cfg.Immutable, cfg.EnableTrustedProxyCheck, cfg.StreamRequestBody, cfg.DisablePreParseMultipartForm = true, true, true, true
	cfg.ErrorHandler = func(c *fiber.Ctx, err error) error { p, _ := Describe(c, err); return WriteProblem(c, p) }
	app := fiber.New(cfg)
	app.All("/", handler)
	req := httptest.NewRequest("POST", "/", strings.NewReader(body))
	req.Header.Set("Content-Type", contentType)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := app.Test(req, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	out, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(out), resp.Header
}

func TestFormTakesWhatItsStructLists(t *testing.T) {
	var in struct {
		Name   string   `form:"name"`
		Days   int      `form:"days"`
		On     bool     `form:"on"`
		Labels []string `form:"label"`
		Secret string
	}
	read := func(body string) (int, string) {
		in.Name, in.Days, in.On, in.Labels, in.Secret = "", 0, false, nil, ""
		status, out, _ := serve(t, fiber.Config{}, func(c *fiber.Ctx) error { return Form(c, &in) }, body, "application/x-www-form-urlencoded")
		return status, out
	}
	if status, out := read("name=Ana+D&days=3&on=on&label=a&label=b&_csrf=x"); status != 200 || in.Name != "Ana D" || in.Days != 3 || !in.On || len(in.Labels) != 2 {
		t.Errorf("%d %s %+v", status, out, in)
	}
	for _, body := range []string{"role=owner", "Secret=x", "secret=x", "name=a&name=b", "days=three", "days=99999999999999999999", "name=%ff", "name=a%00b", "__proto__[x]=1", "name[]=a", "a[99999999999]=1"} {
		if status, out := read(body); status != 422 || !strings.Contains(out, `"field":`) || in.Secret != "" {
			t.Errorf("%q: %d %s", body, status, out)
		}
	}
}

func TestJSONTakesWhatItsStructLists(t *testing.T) {
	type input struct {
		Name string      `json:"name"`
		At   models.Time `json:"at"`
		In   struct {
			Days int `json:"days"`
		} `json:"in"`
	}
	var in input
	read := func(body, contentType string) (int, string) {
		in = input{}
		status, out, _ := serve(t, fiber.Config{}, func(c *fiber.Ctx) error { return JSON(c, &in) }, body, contentType)
		return status, out
	}
	if status, _ := read(`{"name":"Ana","at":"2026-11-20T10:31:00Z","in":{"days":3}}`, "application/json; charset=utf-8"); status != 200 || in.In.Days != 3 || in.Name != "Ana" {
		t.Errorf("%d %+v", status, in)
	}
	for body, want := range map[string]int{`{"role":"owner"}`: 422, `{"in":{"days":"three"}}`: 422, `{"name":["a"]}`: 422, `{"at":"yesterday"}`: 422, `{"name":"a"}{"name":"b"}`: 400,
		`{"name":`: 400, ``: 400, "{\"name\":\"\xff\"}": 400, `[]`: 422, `{"__proto__":{"name":"x"}}`: 422} {
		if status, out := read(body, "application/json"); status != want || strings.Contains(out, "json:") {
			t.Errorf("%q: %d, want %d: %s", body, status, want, out)
		}
	}
	if status, _ := read(`{"name":"Ana"}`, "text/plain"); status != 415 {
		t.Errorf("text/plain: %d", status)
	}
}

func TestClientAddress(t *testing.T) {
	for name, c := range map[string]struct {
		proxies []string
		header  string
		want    string
	}{
		"no proxy configured":          {nil, "203.0.113.9", "0.0.0.0"},
		"somebody else's header":       {[]string{"10.0.0.1"}, "203.0.113.9", "0.0.0.0"},
		"our proxy":                    {[]string{"0.0.0.0"}, "203.0.113.9", "203.0.113.9"},
		"our proxy, lies before it":    {[]string{"0.0.0.0"}, "1.1.1.1, 2.2.2.2,203.0.113.9", "203.0.113.9"},
		"our proxy, nonsense":          {[]string{"0.0.0.0"}, "<img src=x onerror=alert(1)>", "0.0.0.0"},
		"our proxy, a line break":      {[]string{"0.0.0.0"}, "203.0.113.9\t x", "0.0.0.0"},
		"our proxy, mapped IPv4":       {[]string{"0.0.0.0"}, "::ffff:203.0.113.9", "203.0.113.9"},
		"our proxy, IPv6 with a zone":  {[]string{"0.0.0.0"}, "fe80::1%eth0", "fe80::1"},
		"our proxy, a list of hundred": {[]string{"0.0.0.0"}, strings.Repeat("1.1.1.1,", 100) + "203.0.113.9", "203.0.113.9"},
	} {
		cfg := fiber.Config{TrustedProxies: c.proxies}
		if c.proxies != nil {
			cfg.ProxyHeader = fiber.HeaderXForwardedFor
		}
		_, got, _ := serve(t, cfg, func(c *fiber.Ctx) error { return c.SendString(IP(c)) }, "", "", "X-Forwarded-For", c.header, "Cf-Connecting-Ip", "9.9.9.9", "X-Real-Ip", "9.9.9.9")
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestLimiter(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	l := &Limiter{Most: 3, Per: time.Minute, Now: func() time.Time { return now }}
	count := func(key string) (n int) {
		for range 10 {
			if l.Allow(key, 1) == nil {
				n++
			}
		}
		return n
	}
	if a, b := count("a"), count("b"); a != 3 || b != 3 {
		t.Errorf("%d and %d admitted, want 3 each", a, b)
	}
	var e *models.Error
	if err := l.Allow("a", 1); !errors.As(err, &e) || e.Code != models.RateLimited || e.After <= 0 {
		t.Errorf("%v", err)
	}
	now = now.Add(time.Minute)
	if n := count("a"); n != 0 {
		t.Errorf("%d admitted at the edge of the window: it must slide", n)
	}
	now = now.Add(40 * time.Second)
	if n := count("a"); n != 2 {
		t.Errorf("%d admitted after two thirds, want 2", n)
	}
	now = now.Add(-time.Hour)
	if n := count("a"); n != 3 {
		t.Errorf("a clock set back admits %d", n)
	}
}

func TestUploadStreams(t *testing.T) {
	send := func(most int64, size int, fields ...string) (status int, got int, seen map[string]string) {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		for _, f := range fields {
			_ = w.WriteField(f, "value")
		}
		part, _ := w.CreateFormFile("file", "a.bin")
		_, _ = part.Write(make([]byte, size))
		_ = w.Close()
		handler := func(c *fiber.Ctx) error {
			return Upload(c, most, func(f map[string]string) error { seen = f; return nil }, func(_, _ string, r io.Reader) error {
				n, err := io.Copy(io.Discard, r)
				got = int(n)
				return err
			})
		}
		status, _, _ = serve(t, fiber.Config{BodyLimit: 1 << 10}, handler, body.String(), w.FormDataContentType())
		return status, got, seen
	}
	if status, got, seen := send(1<<20, 1<<20, "key", "token"); status != 200 || got != 1<<20 || seen["key"] != "value" {
		t.Errorf("%d %d %v", status, got, seen)
	}
	if status, got, _ := send(1<<20, 1<<20+1); status != 413 || got > 1<<20 {
		t.Errorf("a byte too many: %d, %d stored", status, got)
	}
	if status, _, _ := send(1<<20, 10, strings.Split(strings.Repeat("x ", 30), " ")...); status != 422 {
		t.Errorf("thirty fields: %d", status)
	}
	for _, bad := range []string{"", "no form", "--x\r\n\r\n"} {
		if status, _, _ := serve(t, fiber.Config{}, func(c *fiber.Ctx) error {
			return Upload(c, 10, func(map[string]string) error { return nil }, func(string, string, io.Reader) error { return nil })
		}, bad, "multipart/form-data; boundary=x"); status != 400 {
			t.Errorf("%q: %d", bad, status)
		}
	}
}

func TestSendFileDisarms(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, []byte("<script>alert(1)</script>"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, media, wantType, wantDisposition string }{
		{"a.png", "image/png", "image/png", "inline; filename=a.png"},
		{"a.svg", "image/svg+xml", "application/octet-stream", "attachment; filename=a.svg"},
		{"a.html", "text/html", "application/octet-stream", "attachment; filename=a.html"},
		{"../../e\"t\r\nc", "application/pdf", "application/octet-stream", "attachment; filename=etc"},
		{"", "text/xml", "application/octet-stream", "attachment; filename=file"},
		{"größe.pdf", "application/pdf", "application/octet-stream", "attachment; filename*=utf-8''gr%C3%B6%C3%9Fe.pdf"},
	} {
		_, _, header := serve(t, fiber.Config{}, func(ctx *fiber.Ctx) error {
			return SendFile(ctx, models.Attachment{Name: c.name, Type: c.media, Size: 25}, func(string) (*os.File, error) { return os.Open(path) })
		}, "", "")
		h := func(k string) string { return strings.Join(header[k], "|") }
		if h("Content-Type") != c.wantType || h("Content-Disposition") != c.wantDisposition || !strings.HasPrefix(h("Content-Security-Policy"), "sandbox; default-src 'none'") {
			t.Errorf("%q: %q %q", c.name, h("Content-Type"), h("Content-Disposition"))
		}
	}
}

func TestSignals(t *testing.T) {
	var s Signals
	first, stop := s.Listen()
	second, stopSecond := s.Listen()
	defer stopSecond()
	s.Send(Signal{Kind: "typing", CustomerID: 7})
	if a, b := <-first, <-second; a.CustomerID != 7 || b.CustomerID != 7 {
		t.Errorf("%v %v", a, b)
	}
	stop()
	for range 100 { // nobody reads: sending must not wait
		s.Send(Signal{Kind: "typing"})
	}
	if len(first) != 0 {
		t.Error("a listener that left still hears")
	}
	leave, leaveOther := s.Enter(3), s.Enter(3)
	leave()
	if !s.Online(3) || s.Online(4) {
		t.Error("one of two open widgets closed: still online, and nobody else")
	}
	if leaveOther(); s.Online(3) {
		t.Error("both closed: offline")
	}
}
