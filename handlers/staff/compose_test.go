package staff_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestSignatureOfOnesOwn: it is saved on the account page, previewed, and shown below the composer.
func TestSignatureOfOnesOwn(t *testing.T) {
	s := openShop(t)
	ana := s.mailFrom("ana@example.com", "Ana Duarte", "Where is my desk?")
	mia, leo := s.login(s.mia), s.login(s.leo)
	mia.do("/account/signature", url.Values{"signature": {"{name} <b>\r\nCasa"}})
	mustContain(t, "account", mia.see("/account"), "{name} &lt;b&gt;\nCasa</textarea>", "Mia Torres &lt;b&gt;\nCasa</pre>")
	mustContain(t, "composer", mia.see("/customers/"+ana.CustomerID.String(), "HX-Request", "true"), `<span id="sign-line">Mia Torres &lt;b&gt;</span>`)
	mustContain(t, "a colleague's composer", leo.see("/customers/"+ana.CustomerID.String(), "HX-Request", "true"), `<details class="sign" hidden>`)
	status, body, _ := mia.ask("POST", "/account/signature", url.Values{"signature": {strings.Repeat("ä", 2001)}}.Encode())
	if status != 422 || !strings.Contains(body, "2000 characters") {
		t.Errorf("too long: %d", status)
	}
}

// TestSendLaterOnScreen: the bubble says when it goes out, to a colleague too; who wrote it may send it now,
// change it or call it off; what was cancelled offers nothing more.
func TestSendLaterOnScreen(t *testing.T) {
	s := openShop(t)
	ana := s.mailFrom("ana@example.com", "Ana Duarte", "Where is my desk?")
	mia, leo := s.login(s.mia), s.login(s.leo)
	path := "/customers/" + ana.CustomerID.String()
	thread := leo.see(path, "HX-Request", "true")
	mustContain(t, "composer", thread, `data-later="`, `type="datetime-local"`)
	send := func(text string, at time.Time) string {
		return leo.do(path+"/messages", url.Values{"way": {between(t, thread, `name="way" value="`, `"`)}, "text": {text}, "client_id": {text}, "send_at": {fmt.Sprint(at.UnixMilli())}})
	}
	entry := send("On its way", time.Now().Add(48*time.Hour))
	event := between(t, entry, `data-id="`, `"`)
	mustContain(t, "the entry", entry, "Goes out ", "Scheduled", "/now", "/cancel", "data-edit", "Ana Duarte wrote since")
	mustContain(t, "a colleague's thread", mia.see(path, "HX-Request", "true"), "Goes out ", "Ana Duarte wrote since", "/cancel") // Mia is the owner
	status, body, _ := leo.ask("POST", path+"/messages", url.Values{"way": {between(t, thread, `name="way" value="`, `"`)}, "text": {"x"}, "send_at": {"1000"}}.Encode(), "HX-Request", "true")
	if status != 422 || !strings.Contains(body, "has passed") {
		t.Errorf("in the past: %d %.200s", status, body)
	}
	mustContain(t, "sent now", mia.do("/messages/"+event+"/now", nil), "Queued")
	second := send("Not at all", time.Now().Add(time.Hour))
	gone := leo.do("/messages/"+between(t, second, `data-id="`, `"`)+"/cancel", nil)
	mustContain(t, "cancelled", gone, "Undone")
	mustNotContain(t, "cancelled", gone, "/now", "Goes out")
}
