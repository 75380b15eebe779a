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

// TestPicturesInTheText: multipart/related with the picture where the text names it, the name in the text
// part; one that the text does not name stands below both; a file beside them stays a file.
func TestPicturesInTheText(t *testing.T) {
	picture := func(id string) models.FileOut {
		return models.FileOut{Name: `desk "<1>".png`, Type: "image/png", ContentID: id, Inline: true, Open: reply().Attachments[1].Open}
	}
	out := models.Outbound{To: "ana@customer.test", Text: "Like this:\n[image: desk \"<1>\".png]\nor so:", MessageID: "m.1.abcdefghijklmnop@example.test",
		Attachments: []models.FileOut{picture("one@shop"), picture("two@shop"), {Name: "plan.pdf", Type: "application/pdf", Open: reply().Attachments[0].Open}}}
	raw, m := written(t, out, settings{address: "shop@example.test"})
	html := strings.ReplaceAll(m.HTML, "\r\n", "\n")
	first, second := strings.Index(html, `<img src="cid:one@shop" alt="desk &#34;&lt;1&gt;&#34;.png"`), strings.Index(html, `<img src="cid:two@shop"`)
	if or := strings.Index(html, "or so:"); first < 0 || first > or || second < or || strings.Contains(html, "[image:") {
		t.Errorf("html %q", html)
	}
	if text := strings.ReplaceAll(strings.TrimSpace(m.Text), "\r\n", "\n"); text != out.Text+"\n\n[image: desk \"<1>\".png]" {
		t.Errorf("text %q", text)
	}
	mixed, related, alternative := strings.Index(raw, "multipart/mixed"), strings.Index(raw, "multipart/related"), strings.Index(raw, "multipart/alternative")
	if mixed < 0 || related < mixed || alternative < related || strings.Index(raw, "Content-Id: <one@shop>") < alternative {
		t.Errorf("the parts are nested otherwise:\n%s", raw)
	}
	if len(m.Files) != 3 || m.Files[2].Name != "plan.pdf" || m.Files[2].ContentID != "" {
		t.Errorf("files %+v", m.Files)
	}
}

// TestBlindCopies: they are recipients, and stand in no field.
func TestBlindCopies(t *testing.T) {
	out := models.Outbound{To: "ana@customer.test", CC: []string{"leo@customer.test"}, BCC: []string{"boss@shop.test", "leo@customer.test", "ana@customer.test"}, Text: "x", MessageID: "m.1.abcdefghijklmnop@example.test"}
	l, err := compose(out, settings{address: "shop@example.test"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(l.to, " "); got != "ana@customer.test leo@customer.test boss@shop.test" {
		t.Error(got)
	}
	raw, _ := written(t, out, settings{address: "shop@example.test"})
	if strings.Contains(raw, "boss") || strings.Contains(strings.ToLower(raw), "bcc") {
		t.Error(raw)
	}
	if _, err := compose(models.Outbound{To: "ana@customer.test", BCC: []string{"x\r\nBcc: y@z.test"}, MessageID: out.MessageID}, settings{address: "shop@example.test"}, time.Now()); err == nil {
		t.Error("a line break in a blind copy is let through")
	}
}

func TestMailSizeAsEncoded(t *testing.T) {
	for size, want := range map[int64]bool{18 << 20: true, 19 << 20: false} {
		if err := fits([]models.Attachment{{Size: size / 2}, {Size: size / 2}}); (err == nil) != want || err != nil && !models.IsCode(err, models.Invalid) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}
