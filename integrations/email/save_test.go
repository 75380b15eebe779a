package email

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"onethread/integrations/email/mailtest"
	"onethread/integrations/email/mime"
	"onethread/models"
)

// TestCopyInSent: what was sent lies in the folder of sent mail once, read, whole, and comes back as the
// message it is, whether we or the provider laid it there.
func TestCopyInSent(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	all, err := readSettings(s.Settings(mailtest.Shop))
	if err != nil {
		t.Fatal(err)
	}
	b := newBox(t)
	a := &archive{settings: all, host: b.host(), waits: []time.Duration{0, 100 * time.Millisecond}}
	provider := s.Open(t, mailtest.Shop)

	reading := s.Settings(mailtest.Shop)
	reading["poll_seconds"] = "1"
	b.connect(reading, time.Now().Add(-time.Minute))
	b.live()
	send := &sender{settings: all, host: b.host(), copies: a}
	first := reply()
	first.EventID = 42
	if _, err := send.Send(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	saved := s.Await(mailtest.Shop, "Sent", 1)
	arrived := s.Await(mailtest.Alice, "INBOX", 1)[0]
	one, err1 := mime.Parse(saved[0])
	two, err2 := mime.Parse(arrived)
	if err1 != nil || err2 != nil || one.MessageID != first.MessageID || one.Text != two.Text || len(one.Files) != 2 || string(one.Files[1].Body) != "%PDF-1.4 content" || !one.Date.Equal(two.Date) {
		t.Errorf("the copy is not what was sent: %v %v %+v", err1, err2, one)
	}
	if n := s.Seen(mailtest.Shop, "Sent"); n != 1 {
		t.Errorf("%d copies are marked as read, want 1", n)
	}

	// The provider was there first, once under our id and once under one of its own.
	for _, own := range []string{"m.43.abcdefghijklmnop2345@example.test", "m.44.abcdefghijklmnop2345@example.test"} {
		raw := "From: shop@example.test\r\nTo: alice@example.test\r\nMessage-ID: <" + own + ">\r\n\r\nx\r\n"
		if strings.HasPrefix(own, "m.44") {
			raw = strings.Replace(raw, "Message-ID: <"+own, "X-Onethread-Message: "+own+"\r\nMessage-ID: <0102@provider.test", 1)
		}
		if err := provider.Put("Sent", []byte(raw), time.Now()); err != nil {
			t.Fatal(err)
		}
		out := reply()
		out.EventID, out.MessageID = 43, own
		a.add(out, time.Now())
	}
	last := reply() // behind them in the queue: once it is there, they have been looked at
	last.EventID, last.MessageID = 45, "m.45.abcdefghijklmnop2345@example.test"
	a.add(last, time.Now())
	if n := len(s.Await(mailtest.Shop, "Sent", 4)); n != 4 {
		t.Errorf("%d copies, want 4", n)
	}
	for _, raw := range s.Messages(mailtest.Shop, "Sent") {
		if bytes.Count(raw, []byte("m.43.")) > 1 {
			t.Error("a second copy beside the provider's")
		}
	}
	for _, in := range b.awaitMails(4) {
		if m := message(t, in); m.Direction != models.Out || !ownID(m.MessageID) {
			t.Errorf("the copy is read as %s %s", m.Direction, m.MessageID)
		}
	}
}

// TestWhoKeepsCopies: providers that save what is sent are known by their hosts; the owner has the last word.
func TestWhoKeepsCopies(t *testing.T) {
	for _, c := range []struct {
		host, setting string
		want          bool
	}{
		{"smtp.gmail.com", "", false}, {"SMTP.Office365.com", "", false}, {"smtp-mail.outlook.com", "auto", false}, {"mail.notgmail.com", "", true},
		{"smtp.gmail.com", "yes", true}, {"mail.casa.example", "", true}, {"mail.casa.example", "no", false},
	} {
		s, err := readSettings(map[string]string{"address": "shop@example.test", "password": "x", "imap_host": "i", "smtp_host": c.host, "save_sent": c.setting})
		if err != nil || wantsCopy(s) != c.want {
			t.Errorf("%s, %q: %v (%v)", c.host, c.setting, wantsCopy(s), err)
		}
	}
	if _, err := readSettings(map[string]string{"address": "shop@example.test", "password": "x", "imap_host": "i", "smtp_host": "s", "save_sent": "perhaps"}); !models.IsCode(err, models.Invalid) {
		t.Errorf("an unknown word is taken: %v", err)
	}
	a := &archive{}
	a.add(models.Outbound{Subject: "Reset your password"}, time.Now())
	if len(a.waiting) != 0 || a.working {
		t.Error("a notice to staff is kept among the sent mails")
	}
}

// TestMarkerGoesAlong: the hidden marker stands between words and signature, is seen by nobody, and comes back
// out of what a mail program makes of it.
func TestMarkerGoesAlong(t *testing.T) {
	s := shopReceiver(t).settings
	s.signature = "The Shop"
	token := "42." + strings.Repeat("a2", 13)
	for sent, want := range map[string]int{token: 1, "42.mac": 0, token + "]<b>": 0, "": 0} {
		out := reply()
		out.ReplyToken, out.Attachments = sent, nil
		l, err := compose(out, s, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		var raw bytes.Buffer
		if _, err := l.WriteTo(&raw); err != nil {
			t.Fatal(err)
		}
		m := mustParse(t, raw.String())
		if got := markers(m); len(got) != want || want == 1 && got[0] != token {
			t.Errorf("%q: markers %q", sent, got)
		}
		if want == 0 {
			continue
		}
		at, words, sign := strings.Index(m.HTML, "[ref:c"), strings.Index(m.HTML, "https://shop.test/desk"), strings.Index(m.HTML, `class="signature"`)
		if at < words || at > sign || !strings.Contains(m.HTML[:at], `display:none`) || !strings.Contains(m.HTML[:at], `aria-hidden="true"`) || strings.Contains(m.Text, "[ref:c") {
			t.Errorf("the marker stands wrong: text %q, html %q", m.Text, m.HTML)
		}
	}
}
