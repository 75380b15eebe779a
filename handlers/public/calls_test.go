package public

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"onethread/models"
	"onethread/models/store"
)

func TestBootMakesAndKeepsAVisitor(t *testing.T) {
	s := start(t)
	token, first := s.boot(nil)
	if first["live"] != false || first["unread"] != 0.0 || first["lang"] != "en" || first["words"].(map[string]any)["send"] == "" {
		t.Errorf("%v", first)
	}
	if again, _ := s.boot(map[string]any{"token": token}); again != token {
		t.Errorf("the visitor changed from %s to %s", token, again)
	}
	for _, bad := range []string{"signed:other:" + strings.Repeat("0", 32), "x", token + "x\x00"} {
		if got, _ := s.boot(map[string]any{"token": bad}); got == bad {
			t.Logf("token %q was taken as it came", bad)
		}
	}
	if _, answer := s.boot(map[string]any{"token": token, "identity": map[string]string{"token": "forged"}}); answer["problem"] == nil || answer["token"] != token {
		t.Errorf("a forged identity: %v", answer)
	}
}

func TestWhoOriginMayRead(t *testing.T) {
	s := start(t)
	s.channel("open", "")
	for _, c := range []struct {
		key, origin string
		status      int
		allowed     string
	}{
		{"k3y", "https://shop.example", 200, "https://shop.example"}, {"k3y", "https://evil.example", 403, ""}, {"k3y", "https://shop.example.evil.example", 403, ""},
		{"k3y", "http://shop.example", 403, ""}, {"k3y", "null", 403, ""}, {"k3y", s.url, 200, ""}, {"k3y", "", 200, ""},
		{"open", "https://any.example", 200, "https://any.example"}, {"open", "null", 403, ""}, {"none", "https://shop.example", 404, ""},
	} {
		for _, path := range []string{"boot", "messages", "track"} {
			call := map[string]any{"key": c.key, "token": "signed:" + c.key + ":" + strings.Repeat("a", 32), "id": "message-" + c.origin, "text": "x"}
			resp, out := s.post("/c/chat/"+path, call, "Origin", c.origin)
			status := resp.StatusCode
			if status < 300 {
				status = 200
			}
			if status != c.status || resp.Header.Get("Access-Control-Allow-Origin") != c.allowed || resp.Header.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s %s from %q: %d, allowed %q: %v", path, c.key, c.origin, resp.StatusCode, resp.Header.Get("Access-Control-Allow-Origin"), out["detail"])
			}
		}
	}
	resp, _ := s.send("GET", "/c/chat/frame?channel=k3y", "", nil)
	if csp := resp.Header.Get("Content-Security-Policy"); !strings.HasSuffix(csp, "frame-ancestors 'self' https://shop.example") || strings.Contains(csp, "unsafe") {
		t.Errorf("the frame's policy: %s", csp)
	}
}

// TestBrowserTellsLanguageAndZone: what a browser says of its visitor stands in their record; nonsense does not.
func TestBrowserTellsLanguageAndZone(t *testing.T) {
	s := start(t)
	token, _ := s.boot(nil)
	for n, c := range [][4]string{{"<b>", "Nowhere/Land", "", ""}, {"pt-PT", "Europe/Lisbon", "pt-PT", "Europe/Lisbon"}, {"de", "Europe/Rome", "pt-PT", "Europe/Lisbon"}} {
		call := map[string]any{"key": "k3y", "token": token, "id": fmt.Sprint("message-", n), "text": "Hello", "lang": c[0], "zone": c[1]}
		if resp, answer := s.post("/c/chat/messages", call); resp.StatusCode != 201 {
			t.Fatal(resp.StatusCode, answer)
		}
		id, _, err := s.chat.identity(t.Context(), s.ch, strings.TrimPrefix(token, "signed:k3y:"))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := store.Customer(s.chat.Store.Read(t.Context()), id.CustomerID); err != nil || got.Language != c[2] || got.TimeZone != c[3] {
			t.Errorf("%v: %q %q %v", c, got.Language, got.TimeZone, err)
		}
	}
}

func TestMessageSentAgainIsOne(t *testing.T) {
	s := start(t)
	token, _ := s.boot(nil)
	if got := fmt.Sprint(s.say(token, "message-1", "Is it in stock?").StatusCode, s.say(token, "message-1", "Is it in stock?").StatusCode, s.say(token, "message-2", "").StatusCode); got != "201 200 422" {
		t.Errorf("statuses %s", got)
	}
	if resp := s.say("forged", "message-3", "x"); resp.StatusCode != 401 {
		t.Errorf("a forged token: %d", resp.StatusCode)
	}
	if _, answer := s.boot(map[string]any{"token": token}); answer["live"] != true {
		t.Errorf("%v", answer)
	}
}

func TestLimits(t *testing.T) {
	s := start(t)
	token, _ := s.boot(nil)
	limited := 0
	for i := range 25 {
		if s.say(token, fmt.Sprint("message-", i), "x").StatusCode == 429 {
			limited++
		}
	}
	if limited != 5 {
		t.Errorf("%d of 25 messages in a minute were refused, want 5", limited)
	}
	refused := 0
	for i := range 7 {
		fresh, _ := s.boot(nil)
		if s.say(fresh, "message-1", fmt.Sprint(i)).StatusCode == 429 {
			refused++
		}
	}
	if refused != 3 {
		t.Errorf("%d of 7 further new visitors of one address were refused, want 3 (one began before)", refused)
	}
}

func TestSharedComputerStartsAnew(t *testing.T) {
	s := start(t)
	ana, _ := s.boot(map[string]any{"identity": "ana@example.com"})
	if s.say(ana, "message-1", "my address is Rua Augusta 3").StatusCode != 201 {
		t.Fatal("not stored")
	}
	if same, answer := s.boot(map[string]any{"token": ana, "identity": "Ana@example.com"}); same != ana || answer["ask"] != false {
		t.Errorf("the same person became another visitor: %v", answer)
	}
	leo, answer := s.boot(map[string]any{"token": ana, "identity": "leo@example.com"})
	if leo == ana || answer["live"] != false {
		t.Errorf("another person on the same browser reads on: %v", answer)
	}
}

func TestTypingAnAddressShowsNothing(t *testing.T) {
	s := start(t)
	ana, _ := s.boot(map[string]any{"identity": "ana@example.com"})
	s.say(ana, "message-1", "secret of Ana")
	s.reply(ana, "answer to Ana")
	thief, _ := s.boot(nil)
	s.say(thief, "message-1", "hello")
	if resp, out := s.post("/c/chat/contact", map[string]any{"key": "k3y", "token": thief, "email": "ana@example.com"}); resp.StatusCode != 200 {
		t.Fatalf("%d %v", resp.StatusCode, out)
	}
	conn := s.socket(thief, "0")
	if got := next(t, conn, "messages"); len(got.List) != 1 || got.List[0].Text != "hello" {
		t.Errorf("the visitor sees %+v", got.List)
	}
}

func TestUploadIsTheVisitorsOwn(t *testing.T) {
	s := start(t)
	token, _ := s.boot(nil)
	png := append([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat([]byte{0}, 2000)...)
	up := func(who, name string, body []byte) (int, map[string]any) {
		media, r := form(t, [][2]string{{"key", "k3y"}, {"token", who}}, name, body)
		resp, out := s.send("POST", "/c/chat/upload", media, r, "Origin", "https://shop.example")
		return resp.StatusCode, out
	}
	if status, out := up(token, "a.png", png); status != 403 {
		t.Errorf("before a first message: %d %v", status, out)
	}
	s.say(token, "message-1", "look")
	status, image := up(token, "../../\u202egnp.html", png)
	if status != 201 || image["type"] != "image/png" || strings.ContainsAny(image["name"].(string), "/\u202e\x00") {
		t.Fatalf("%d %v", status, image)
	}
	if status, out := up(token, "a.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`)); status != 201 || out["type"] == "image/svg+xml" {
		t.Errorf("svg: %d %v", status, out)
	}
	if status, _ := up(token, "big.bin", make([]byte, maxUpload+1)); status != 413 {
		t.Errorf("10 MB and a byte: %d", status)
	}
	if status, _ := up("forged", "a.png", png); status != 401 {
		t.Errorf("a forged token: %d", status)
	}
	if status, _ := up(token, "empty.txt", nil); status != 422 {
		t.Errorf("an empty file: %d", status)
	}
	path := "/c/chat/attachments/" + image["token"].(string)
	if resp, _ := s.send("GET", path, "", nil); resp.StatusCode != 404 {
		t.Errorf("before any message carries it: %d", resp.StatusCode)
	}
	thief, _ := s.boot(nil)
	call := map[string]any{"key": "k3y", "token": thief, "id": "message-t", "text": "mine now", "files": []string{image["token"].(string)}}
	if resp, _ := s.post("/c/chat/messages", call); resp.StatusCode < 400 {
		t.Errorf("another visitor sends it: %d", resp.StatusCode)
	}
	call["token"], call["id"] = token, "message-2"
	for _, want := range []int{201, 200} { // the second time is the same message sent again
		if resp, out := s.post("/c/chat/messages", call); resp.StatusCode != want {
			t.Errorf("%d, want %d: %v", resp.StatusCode, want, out)
		}
	}
	resp, out := s.send("GET", path, "", nil)
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "image/png" || !strings.Contains(resp.Header.Get("Content-Security-Policy"), "sandbox") || out["raw"] != string(png) {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
	for _, bad := range []string{"", "x", strings.ToUpper(image["token"].(string)), image["token"].(string)[:31]} {
		if resp, _ := s.send("GET", "/c/chat/attachments/"+bad, "", nil); resp.StatusCode != 404 {
			t.Errorf("token %q: %d", bad, resp.StatusCode)
		}
	}
}

func TestTrackStoresOnceAndShowsStaffOnly(t *testing.T) {
	s := start(t)
	token, _ := s.boot(nil)
	for range 2 {
		if resp, out := s.post("/c/chat/track", map[string]any{"key": "k3y", "token": token, "events": []any{}}); resp.StatusCode != 204 {
			t.Fatalf("%d %v", resp.StatusCode, out)
		}
	}
	events, err := store.Feed(s.st.Read(t.Context()), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	views := 0
	for _, e := range events {
		if e.Kind == models.KindPageView {
			views++
		}
	}
	if views != 1 {
		t.Errorf("%d page views in %+v", views, events)
	}
	s.say(token, "message-1", "hello")
	if got := next(t, s.socket(token, "0"), "messages"); len(got.List) != 1 {
		t.Errorf("the visitor sees %+v", got.List)
	}
}
