package staff_test

import (
	"bytes"
	"html"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"onethread/handlers/browser"
	"onethread/models"
)

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// canary counts who asks for a remote image.
func canary(t *testing.T) (*httptest.Server, *atomic.Int64) {
	t.Helper()
	var hits atomic.Int64
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		if r.Header.Get("Cookie") != "" || r.Header.Get("Referer") != "" {
			t.Errorf("the proxy gave away %v", r.Header)
		}
		if strings.HasSuffix(r.URL.Path, "html") {
			_, _ = w.Write([]byte("<html><script>alert(1)</script>"))
			return
		}
		_, _ = w.Write(picture(t))
	}))
	t.Cleanup(site.Close)
	return site, &hits
}

func (s *shop) letter(text string) models.Ingested {
	return s.in(s.mail, "ana@example.com", "Ana Duarte", &models.MessageIn{Subject: "Look", HTML: text, MessageID: "letter@example.com"})
}

// TestOriginalIsHarmless: the frame's policy and sandbox, nothing fetched before a click, then
// only what the message itself names and only images.
func TestOriginalIsHarmless(t *testing.T) {
	s := openShop(t)
	site, hits := canary(t)
	in := s.letter(`<p>Hello</p><script>alert(1)</script><img src="` + site.URL + `/a.png?x=1&amp;y=2"><img src="` + site.URL + `/page.html"><a href="https://evil.example/">x</a>`)
	mia := s.login(s.mia)
	path := "/messages/" + in.EventID.String()

	status, body, h := mia.ask("GET", path+"/body", "")
	if status != 200 {
		t.Fatalf("body: %d %s", status, body)
	}
	mustContain(t, "policy", h.Get("Content-Security-Policy"), "sandbox allow-same-origin allow-popups", "default-src 'none'", "img-src 'self' data:", "frame-ancestors 'self'")
	mustNotContain(t, "policy", h.Get("Content-Security-Policy"), "allow-scripts", "script-src")
	mustNotContain(t, "body", body, "<script", `src="http`)
	mustContain(t, "body", body, `rel="`, `target="_blank"`)

	image := func(target string) (int, string, http.Header) {
		return mia.ask("GET", path+"/images/img?u="+url.QueryEscape(target), "")
	}
	if _, body, _ := mia.ask("GET", path+"/img?u="+url.QueryEscape(site.URL+"/a.png?x=1&y=2"), ""); !strings.HasPrefix(body, "GIF89a") || hits.Load() != 0 {
		t.Errorf("before a click: %q, %d hits", body, hits.Load())
	}
	if status, _, _ := image(site.URL + "/other.png"); status != 404 || hits.Load() != 0 {
		t.Errorf("an image the message does not name: %d, %d hits", status, hits.Load())
	}
	if status, body, h := image(site.URL + "/a.png?x=1&y=2"); status != 200 || h.Get("Content-Type") != "image/png" || body != string(picture(t)) || hits.Load() != 1 {
		t.Errorf("the image: %d %s, %d hits", status, h.Get("Content-Type"), hits.Load())
	}
	if status, body, _ := image(site.URL + "/page.html"); status != 200 || !strings.HasPrefix(body, "GIF89a") {
		t.Errorf("a page instead of an image: %d %.40q", status, body)
	}
	status, body, h = mia.ask("GET", path+"/original", "")
	if status != 200 || !strings.Contains(h.Get("Content-Disposition"), "attachment") || h.Get("Content-Type") != "application/octet-stream" || !strings.Contains(body, "raw") {
		t.Errorf("original: %d %v", status, h)
	}
}

// TestPlainMailsCanBeSavedToo: a mail without HTML has no frame, but its original is there to save.
func TestPlainMailsCanBeSavedToo(t *testing.T) {
	s := openShop(t)
	ana := s.mailFrom("ana@example.com", "Ana Duarte", "only words")
	s.in(s.chat, "ana@example.com", "Ana Duarte", &models.MessageIn{Text: "from the chat"})
	mia := s.login(s.mia)
	page := mia.see("/customers/"+ana.CustomerID.String(), "HX-Request", "true")
	if n := strings.Count(page, "/original\""); n != 1 {
		t.Errorf("%d links to originals; the mail has one, the chat none", n)
	}
	status, body, h := mia.ask("GET", between(t, page, `class="raw" href="`, `"`), "")
	if status != 200 || !strings.Contains(h.Get("Content-Disposition"), "attachment") || !strings.Contains(body, "raw") {
		t.Errorf("the original: %d %v", status, h)
	}
}

// TestOriginalInTheBrowser opens the frame in a real one: no script runs, nothing is fetched until
// "Show images" is pressed.
func TestOriginalInTheBrowser(t *testing.T) {
	s := openShop(t)
	site, hits := canary(t)
	in := s.letter(`<h1>Hello</h1><img src="` + site.URL + `/a.png" onerror="top.hacked=1"><svg onload="top.hacked=1"></svg>` + strings.Repeat("<p>more</p>", 60))
	p := browser.Start(t).Page(t, 1440, 900)
	s.enter(p, s.mia, "/customers/"+in.CustomerID.String())
	var flags string
	p.Eval("document.querySelector('.original iframe').getAttribute('sandbox')", &flags)
	if flags != "allow-same-origin allow-popups allow-popups-to-escape-sandbox" {
		t.Errorf("sandbox flags: %q", flags)
	}
	p.Click(".original > summary")
	p.Wait("document.querySelector('.original iframe').clientHeight > 600") // its height is read from outside
	if hits.Load() != 0 {
		t.Errorf("%d hits before a click", hits.Load())
	}
	p.Click("[data-images]")
	p.Wait("document.querySelector('.original iframe').contentDocument?.images[0]?.naturalWidth === 8")
	if hits.Load() != 1 {
		t.Errorf("%d hits after a click", hits.Load())
	}
	var hacked bool
	p.Eval("'hacked' in window", &hacked)
	if hacked {
		t.Error("a script of the mail ran")
	}
}

// TestAttachments: only pixels are shown, under a sandbox; everything else is saved under a name
// that is no path.
func TestAttachments(t *testing.T) {
	s := openShop(t)
	ana := s.in(s.mail, "ana@example.com", "Ana Duarte", &models.MessageIn{Subject: "Files", Text: "see", MessageID: "f@example.com", Attachments: []models.FileIn{
		{Name: "photo.png", Type: "image/png", Body: picture(t)},
		{Name: "../../\u202egnp.svg", Type: "image/svg+xml", Body: []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`)},
		{Name: "page.png", Type: "image/png", Body: []byte("<html><script>alert(1)</script>")},
	}})
	mia := s.login(s.mia)
	page := mia.see("/customers/"+ana.CustomerID.String(), "HX-Request", "true")
	parts := strings.Split(page, `href="/attachments/`)
	if len(parts) != 4 {
		t.Fatalf("%d attachments on the page", len(parts)-1)
	}
	shown := 0
	for _, part := range parts[1:] {
		token, _, _ := strings.Cut(html.UnescapeString(part), `"`)
		status, _, h := mia.ask("GET", "/attachments/"+token+"?inline=1", "")
		if status != 200 || h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox; default-src 'none'") {
			t.Errorf("%s: %d %v", token, status, h)
		}
		if strings.HasPrefix(h.Get("Content-Disposition"), "inline") {
			shown++
			if h.Get("Content-Type") != "image/png" {
				t.Errorf("shown inline: %s", h.Get("Content-Type"))
			}
		}
		mustNotContain(t, "file name", h.Get("Content-Disposition"), "..", "/", "\u202e")
	}
	if shown != 1 {
		t.Errorf("%d of the three are shown inline", shown)
	}
	if status, _, _ := mia.ask("GET", "/attachments/"+strings.Repeat("A", 22), ""); status != 404 {
		t.Errorf("an invented token: %d", status)
	}
}

func TestUploadIsSentOnceByItsUploader(t *testing.T) {
	s := openShop(t)
	ana := s.mailFrom("ana@example.com", "Ana Duarte", "Hello")
	mia, leo := s.login(s.mia), s.login(s.leo)
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", "receipt.pdf")
	s.must(err)
	_, _ = part.Write([]byte("%PDF-1.4 receipt"))
	s.must(form.Close())
	status, body, _ := mia.ask("POST", "/attachments", b.String(), "Content-Type", form.FormDataContentType())
	if status != 200 {
		t.Fatalf("upload: %d %s", status, body)
	}
	var file struct{ ID string }
	unjson(t, body, &file)
	send := func(m *member, client string) (int, string) {
		thread := m.see("/customers/"+ana.CustomerID.String(), "HX-Request", "true")
		form := url.Values{"way": {between(t, thread, `name="way" value="`, `"`)}, "text": {"Here it is"}, "client_id": {client}, "attachment_id": {file.ID}}
		status, body, _ := m.ask("POST", "/customers/"+ana.CustomerID.String()+"/messages", form.Encode())
		return status, body
	}
	if status, _ := send(leo, "l1"); status != 422 {
		t.Errorf("another's upload: %d", status)
	}
	if status, body := send(mia, "m1"); status != 200 || !strings.Contains(body, "receipt.pdf") {
		t.Errorf("one's own upload: %d %s", status, body)
	}
	if status, _ := send(mia, "m2"); status != 422 {
		t.Errorf("the same file twice: %d", status)
	}
}
