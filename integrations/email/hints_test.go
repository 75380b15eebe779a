package email

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"onethread/models"
)

// TestHintsAreSound: every line names servers and says what to do, and its page is an encrypted one.
func TestHintsAreSound(t *testing.T) {
	lines := 0
	for line := range strings.Lines(hintTable) {
		if !strings.HasPrefix(line, "#") {
			lines++
		}
	}
	if len(hints()) != lines {
		t.Errorf("%d of %d lines make sense", len(hints()), lines)
	}
	for _, h := range hints() {
		u, err := url.Parse(h.page)
		if len(h.hosts) == 0 || !strings.HasSuffix(h.words, ".") || len(h.words) > 300 || h.page != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
			t.Errorf("%+v", h)
		}
	}
	for host, want := range map[string]string{"imap.gmail.com": "Google", "SMTP.Office365.com.": "Microsoft", "imap.mail.yahoo.com": "Yahoo", "imap.mail.me.com": "Apple", "imap.notgmail.com": "", "imap.126.com": "126", "": ""} {
		if got := hintFor(host).words; !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%q: %q", host, got)
		}
	}
	for _, k := range table() {
		if h := hintFor(k.imap.host); len(k.login) > 0 && (k.login[0] == "app" || k.login[0] == "oauth") && h.words == "" {
			t.Errorf("%s wants more than a password, and nothing says where it is made", k.imap.host)
		}
	}
}

// TestHintsAreSaid: after the search on the form, and where a login was refused.
func TestHintsAreSaid(t *testing.T) {
	k, _ := knownBy(func(d string) bool { return d == "gmail.com" })
	f := k.finding("shop@gmail.com", "known")
	if !strings.Contains(f.Help, "App passwords") || f.Page != "https://myaccount.google.com/apppasswords" || f.Settings["login"] != "" {
		t.Errorf("%+v", f)
	}
	k, _ = knownBy(func(d string) bool { return d == "outlook.com" })
	if f := k.finding("shop@outlook.com", "known"); f.Settings["login"] != "microsoft" || f.Hint != "oauth" {
		t.Errorf("%+v", f)
	}
	no := refused{errors.New("535 no")}
	for host, want := range map[string]string{"imap.gmail.com": "https://myaccount.google.com/apppasswords", "outlook.office365.com": "choose microsoft under “How to log in”", "mail.casa.example": "Check both."} {
		if got := explain(no, server{host: host, username: "shop"}, "IMAP"); !strings.Contains(got, want) {
			t.Errorf("%s: %s", host, got)
		}
	}
	var e *models.Error
	if _, err := readSettings(map[string]string{"address": "shop@gmail.com", "imap_host": "imap.gmail.com", "smtp_host": "smtp.gmail.com"}); !errors.As(err, &e) || !strings.Contains(e.Message, "App passwords") {
		t.Errorf("without a password: %v", err)
	}
}
