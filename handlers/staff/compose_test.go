package staff_test

import (
	"net/url"
	"strings"
	"testing"
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
