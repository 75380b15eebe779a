package email

import (
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"onethread/integrations/email/mailtest"
	"onethread/integrations/email/mime"
	"onethread/models"
)

func reply() models.Outbound {
	file := func(content string) func() (io.ReadCloser, error) {
		return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }
	}
	return models.Outbound{
		To: "alice@example.test", ToName: "Alice Ä.", FromName: "Anna", Subject: "Re: Größe des Tisches", Text: "Hello Alice,\n\nsee https://shop.test/desk.\n\nAnna",
		MessageID: "m.42.abcdefghijklmnop2345@example.test", InReplyTo: "q@customer.test", References: []string{"p@customer.test", "q@customer.test"},
		ReplyToken: "42.mac", Attachments: []models.FileOut{
			{Name: "Rechnung – März.pdf", Type: "application/pdf", Open: file("%PDF-1.4 content")},
			{Name: "logo.png", Type: "image/png", ContentID: "logo@shop", Inline: true, Open: file("\x89PNG")},
		},
	}
}

// TestSendThroughPostfix: what we send arrives in a real mailbox with its fields intact, and
// our own parser reads back what was said.
func TestSendThroughPostfix(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	settings := s.Settings(mailtest.Shop)
	settings["plus_replies"], settings["signature"] = "true", "{name} & all at The Shop\nhttps://shop.test"
	conn, err := Provider.Open(models.Channel{ID: 1, Settings: settings}, newBox(t).host())
	if err != nil {
		t.Fatal(err)
	}
	receipt, err := conn.Sender.Send(t.Context(), reply())
	if err != nil || receipt.ProviderID != reply().MessageID || receipt.State != models.DeliverySent {
		t.Fatalf("receipt %+v, error %v", receipt, err)
	}
	raw := s.Await(mailtest.Alice, "INBOX", 1)[0]
	m, err := mime.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	for what, pair := range map[string][2]string{
		"subject":     {m.Subject, "Re: Größe des Tisches"},
		"from":        {mime.Line(m.From), "Anna at The Shop <shop@example.test>"},
		"to":          {mime.Line(m.To), "Alice Ä. <alice@example.test>"},
		"reply-to":    {mime.Line(m.ReplyTo), "The Shop <shop+c42.mac@example.test>"},
		"message-id":  {m.MessageID, reply().MessageID},
		"in-reply-to": {strings.Join(m.InReplyTo, " "), "q@customer.test"},
		"references":  {strings.Join(m.References, " "), "p@customer.test q@customer.test"},
		"text":        {strings.ReplaceAll(strings.TrimSpace(m.Text), "\r\n", "\n"), reply().Text + "\n\n[image: logo.png]\n\n-- \nAnna & all at The Shop\nhttps://shop.test"},
		"reply":       {m.Reply(), reply().Text + "\n\n[image: logo.png]"},
		"return-path": {m.Header.Get("Return-Path"), "<shop@example.test>"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %q, want %q", what, pair[0], pair[1])
		}
	}
	if !strings.Contains(m.HTML, `<a href="https://shop.test/desk">https://shop.test/desk</a>.`) || !strings.Contains(m.HTML, "<p>Anna &amp; all at The Shop<br>") {
		t.Errorf("html %q", m.HTML)
	}
	if len(m.Files) != 2 || m.Files[0].ContentID != "logo@shop" || m.Files[1].Name != "Rechnung – März.pdf" || string(m.Files[1].Body) != "%PDF-1.4 content" {
		t.Errorf("files %+v", m.Files)
	}
	// The same message again, as after a crash, carries the same id.
	if _, err := conn.Sender.Send(t.Context(), reply()); err != nil {
		t.Fatal(err)
	}
	again, _ := mime.Parse(s.Await(mailtest.Alice, "INBOX", 2)[1])
	if again == nil || again.MessageID != m.MessageID {
		t.Error("the second attempt has another Message-ID")
	}
}

// TestHeadersCannotBeInjected: whatever stands in names, subject, ids and addresses, the server
// sees one message to one recipient with the same fields as ever.
func TestHeadersCannotBeInjected(t *testing.T) {
	clean := sendOne(t, models.Outbound{To: "ana@customer.test", ToName: "Ana", FromName: "Anna", Subject: "Hi", Text: "x", MessageID: "m.1.abcdefghijklmnop@example.test",
		InReplyTo: "a@b", References: []string{"a@b"}, Attachments: []models.FileOut{{Name: "a.txt", Type: "text/plain", Open: reply().Attachments[0].Open}}})
	for _, evil := range []string{"\r\nBcc: x@evil.test", "\nBcc: x@evil.test", "\rBcc: x@evil.test", "\u2028Bcc: x@evil.test", "a\x00b", `"><b>`, strings.Repeat("y", 10000), strings.Repeat("ä ", 5000)} {
		out := models.Outbound{To: "ana@customer.test", ToName: "Ana" + evil, FromName: "Anna" + evil, Subject: "Hi" + evil, Text: "x\n.\nMAIL FROM:<evil>\r\n.\r\n" + evil,
			MessageID: "m.1.abcdefghijklmnop@example.test", InReplyTo: "a@b" + evil, References: []string{"a@b" + evil, "a@b"}, ReplyToken: "t" + evil,
			Attachments: []models.FileOut{{Name: "a.txt" + evil, Type: "text/plain" + evil, ContentID: "c" + evil, Open: reply().Attachments[0].Open}}}
		got := sendOne(t, out)
		if len(got.rcpts) != 1 || got.rcpts[0] != "ana@customer.test" || got.from != "shop@example.test" {
			t.Errorf("%.20q: envelope %q %q", evil, got.from, got.rcpts)
		}
		if a, b := fieldNames(got.raw), fieldNames(clean.raw); a != b {
			t.Errorf("%.20q: fields %s, want %s", evil, a, b)
		}
		for line := range strings.SplitSeq(got.raw, "\r\n") {
			if len(line) > 998 || strings.ContainsAny(line, "\r\n") {
				t.Errorf("%.20q: a line of %d octets or with a bare line end: %.80q", evil, len(line), line)
			}
		}
	}
	for _, to := range []string{"ana@customer.test\r\nRCPT TO:<x@evil.test>", "a@b, c@d", "", "Ana <a@b>", "a@b>"} {
		c := serveSMTP(t, smtpScript{})
		_, err := senderTo(t, c).Send(t.Context(), models.Outbound{To: to, Text: "x", MessageID: "m.1.abcdefghijklmnop@example.test"})
		var e *models.SendError
		if !errors.As(err, &e) || !e.Permanent || len(c.mails) > 0 {
			t.Errorf("to %q: %v, %d mails", to, err, len(c.mails))
		}
	}
}

func fieldNames(raw string) string {
	m, err := mime.Parse([]byte(raw))
	if err != nil {
		return err.Error()
	}
	var names []string
	for _, f := range m.Header {
		if f.Name != "Reply-To" && f.Name != "In-Reply-To" { // an unsound id or token leaves its field out
			names = append(names, f.Name)
		}
	}
	return strings.Join(names, " ")
}

func TestReferencesStayShort(t *testing.T) {
	var ids []string
	for i := range 300 {
		ids = append(ids, strings.Repeat("x", 30)+string(rune('a'+i%26))+"@customer.test")
	}
	got := references(ids, "newest@customer.test")
	if len(got) > maxReferences || !strings.HasPrefix(got, "<"+ids[0]+">") || !strings.HasSuffix(got, "<newest@customer.test>") {
		t.Errorf("%d octets: %.60s … %s", len(got), got, got[len(got)-40:])
	}
	if references(nil, "") != "" || references(nil, "a@b") != "<a@b>" || references([]string{"a@b"}, "a@b") != "<a@b>" {
		t.Error("short lists are wrong")
	}
}

func TestSendFailures(t *testing.T) {
	for name, c := range map[string]struct {
		script            smtpScript
		permanent, paused bool
		words             string
	}{
		"552 after the data": {smtpScript{data: &smtp.SMTPError{Code: 552, EnhancedCode: smtp.EnhancedCode{5, 3, 4}, Message: "too large for us"}}, true, false, "too large for us"},
		"421 at MAIL":        {smtpScript{from: &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "closing"}}, false, false, "closing"},
		"530 at MAIL":        {smtpScript{from: &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "log in first"}}, false, true, "log in first"},
		"454 at login":       {smtpScript{login: &smtp.SMTPError{Code: 454, EnhancedCode: smtp.EnhancedCode{4, 7, 0}, Message: "busy"}}, false, false, "busy"},
	} {
		e := sendFailure(t, c.script)
		if e.Permanent != c.permanent || e.Pause != c.paused || !strings.Contains(e.Error(), c.words) {
			t.Errorf("%s: permanent %v, paused %v: %v", name, e.Permanent, e.Pause, e)
		}
	}
}

// TestSilentServer: a server that accepts the connection and then says nothing is given up.
func TestSilentServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := senderTo(t, &catcher{port: l.Addr().(*net.TCPAddr).Port}).(*sender)
	s.settings.timeout = 100 * time.Millisecond
	began := time.Now()
	_, err = s.Send(t.Context(), models.Outbound{To: "ana@customer.test", Text: "Hi", MessageID: "m.1.abcdefghijklmnop@example.test"})
	var e *models.SendError
	if err == nil || errors.As(err, &e) || time.Since(began) > 10*time.Second {
		t.Errorf("after %v: %v", time.Since(began), err)
	}
}

func TestMissingAttachment(t *testing.T) {
	c := serveSMTP(t, smtpScript{})
	out := reply()
	out.To, out.Attachments = "ana@customer.test", []models.FileOut{{Name: "gone.pdf", Type: "application/pdf", Open: func() (io.ReadCloser, error) { return nil, errors.New("no such file") }}}
	_, err := senderTo(t, c).Send(t.Context(), out)
	var e *models.SendError
	if !errors.As(err, &e) || !e.Permanent || !strings.Contains(err.Error(), "gone.pdf") {
		t.Errorf("error %v", err)
	}
	if len(c.mails) > 0 {
		t.Errorf("half a mail was accepted: %s", c.mails[0].raw)
	}
}

func TestAutomaticMailSaysSo(t *testing.T) {
	got := sendOne(t, models.Outbound{To: "ana@customer.test", Text: "We got your mail", Automatic: true, MessageID: "m.1.abcdefghijklmnop@example.test"})
	for _, field := range []string{"Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: All", "X-Loop: shop@example.test"} {
		if !bytes.Contains([]byte(got.raw), []byte(field)) {
			t.Errorf("%s is missing", field)
		}
	}
}
