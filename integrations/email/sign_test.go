package email

import (
	"strings"
	"testing"
	"time"

	"onethread/integrations/email/mime"
	"onethread/models"
)

// written composes a mail as it goes over the wire, and reads it back.
func written(t *testing.T, out models.Outbound, s settings) (raw string, m *mime.Mail) {
	t.Helper()
	l, err := compose(out, s, time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if _, err := l.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	if m, err = mime.Parse([]byte(b.String())); err != nil {
		t.Fatal(err)
	}
	return b.String(), m
}

// TestSignature: the writer's own stands below the words, as text and as HTML; the channel's where they have
// none; neither below what nobody wrote.
func TestSignature(t *testing.T) {
	s := settings{address: "shop@example.test", name: "The Shop", signature: "{name}, {shop}\nRua Augusta 1"}
	out := models.Outbound{To: "ana@customer.test", FromName: "Anna", Text: "It left today.", MessageID: "m.1.abcdefghijklmnop@example.test"}
	for _, c := range []struct {
		what, own, text, html, not string
		automatic                  bool
	}{
		{what: "the channel's", text: "It left today.\n\n-- \nAnna, The Shop\nRua Augusta 1", html: "<p>Anna, The Shop<br>\nRua Augusta 1</p>"},
		{what: "their own", own: "Anna <b>&</b> {shop}", text: "It left today.\n\n-- \nAnna <b>&</b> The Shop", html: "<p>Anna &lt;b&gt;&amp;&lt;/b&gt; The Shop</p>", not: "Rua Augusta"},
		{what: "nobody's", own: "Anna", automatic: true, text: "It left today.", not: "-- "},
	} {
		out.Signature, out.Automatic = c.own, c.automatic
		_, m := written(t, out, s)
		if got := strings.ReplaceAll(strings.TrimSpace(m.Text), "\r\n", "\n"); got != c.text {
			t.Errorf("%s: text %q", c.what, got)
		}
		if html := strings.ReplaceAll(m.HTML, "\r\n", "\n"); !strings.Contains(html, c.html) || c.not != "" && strings.Contains(html+m.Text, c.not) {
			t.Errorf("%s: html %q", c.what, html)
		}
		if m.Reply() != "It left today." {
			t.Errorf("%s: the words alone are %q", c.what, m.Reply())
		}
	}
}
