package email

import (
	"context"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"onethread/integrations/email/mailtest"
	"onethread/models"
)

// swallow is a line to a mail server on which the answer to a whole message is lost once, after it was taken.
func swallow(t *testing.T, to int) (port int, cut *atomic.Int32) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	cut = &atomic.Int32{}
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(to)))
			if err != nil {
				in.Close()
				continue
			}
			go func() { io.Copy(out, in); out.Close() }()
			go func() {
				defer in.Close()
				b := make([]byte, 4096)
				for {
					n, err := out.Read(b)
					if strings.Contains(string(b[:n]), "queued as") && cut.Add(1) == 1 {
						return // Postfix has it; nobody hears of it
					}
					if _, werr := in.Write(b[:n]); err != nil || werr != nil {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().(*net.TCPAddr).Port, cut
}

// TestLineLostAfterData: what the provider took without our hearing of it is looked for among the sent mails. Found,
// it does not go again; not found, it goes under the same id and says that it may have arrived twice.
func TestLineLostAfterData(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	port, _ := swallow(t, s.SMTP)
	settings := s.Settings(mailtest.Shop)
	settings["smtp_host"], settings["smtp_port"], settings["smtp_security"] = "127.0.0.1", strconv.Itoa(port), "none"
	all, err := readSettings(settings)
	if err != nil {
		t.Fatal(err)
	}
	send := &sender{settings: all, host: newBox(t).host()}
	out := reply()
	_, err = send.Send(t.Context(), out)
	var e *models.SendError
	if !errors.As(err, &e) || !e.Doubt || e.Permanent || e.Pause {
		t.Fatalf("a lost answer is in doubt: %v", err)
	}
	s.Await(mailtest.Alice, "INBOX", 1)

	// A provider that keeps copies itself, under a Message-ID of its own.
	other := s.Open(t, mailtest.Shop)
	if err := other.Put("Sent", []byte("From: shop@example.test\r\nTo: alice@example.test\r\nX-Onethread-Message: "+out.MessageID+"\r\nMessage-ID: <0102@provider.test>\r\n\r\nx\r\n"), time.Now()); err != nil {
		t.Fatal(err)
	}
	out.Doubt, out.Attempt = true, 2
	receipt, err := send.Send(t.Context(), out)
	if err != nil || receipt.State != models.DeliverySent || receipt.Problem != "" || receipt.ProviderID != out.MessageID {
		t.Fatalf("found among the sent mails: %+v %v", receipt, err)
	}
	if n := len(s.Messages(mailtest.Alice, "INBOX")); n != 1 {
		t.Errorf("%d copies arrived", n)
	}

	out.MessageID = "m.77.abcdefghijklmnop2345@example.test"
	if receipt, err = send.Send(t.Context(), out); err != nil || !strings.Contains(receipt.Problem, "may have arrived twice") {
		t.Errorf("not found: %+v %v", receipt, err)
	}
	s.Await(mailtest.Alice, "INBOX", 2)

	// Where the folder cannot be looked into, the message goes all the same.
	send.settings.imap.port = 1
	if receipt, err = send.Send(t.Context(), out); err != nil || !strings.Contains(receipt.Problem, "may have arrived twice") {
		t.Errorf("without a look: %+v %v", receipt, err)
	}
	// A clear answer leaves no doubt.
	send.settings.smtp.port = 1
	if _, err = send.Send(t.Context(), out); errors.As(err, &e) && e.Doubt {
		t.Errorf("nobody was there to take it: %v", err)
	}
}

// TestProbe: whether plus-addresses arrive is told, and the probe is seen by nobody.
func TestProbe(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	b := newBox(t)
	settings := s.Settings(mailtest.Shop)
	settings["poll_seconds"] = "1"
	b.connect(settings, time.Now().Add(-time.Minute))
	b.live()
	conn, err := Provider.Open(models.Channel{ID: 1, Settings: settings}, b.host())
	if err != nil {
		t.Fatal(err)
	}
	got := conn.Probe(t.Context())
	if len(got) != 1 || !got[0].OK || !strings.Contains(got[0].Note, "can be switched on") {
		t.Errorf("%+v", got)
	}
	s.Deliver(mailtest.Shop, "INBOX", letterOf("after"))
	if mails := b.awaitMails(1); len(mails) != 1 || message(t, mails[0]).Subject != "after" {
		t.Errorf("the probe came in: %d mails", len(mails))
	}
	if left := s.Messages(mailtest.Shop, "INBOX"); len(left) != 1 {
		t.Errorf("%d mails lie in the mailbox", len(left))
	}
	// One that lies there is not brought in either; one of a stranger's is.
	mail := func(from string) []byte {
		return []byte("From: <" + from + ">\r\nTo: <shop+onethread-probe.12@example.test>\r\nX-Onethread-Probe: 12\r\nSubject: probe\r\nMessage-ID: <p@" + from + ">\r\n\r\nx\r\n")
	}
	s.Deliver(mailtest.Shop, "INBOX", mail(mailtest.Shop))
	s.Deliver(mailtest.Shop, "INBOX", mail("ana@customer.test"))
	if mails := b.awaitMails(2); message(t, mails[1]).Subject != "probe" || mails[1].Hints[0].Value != "ana@customer.test" {
		t.Errorf("%+v", mails[1].Hints)
	}
	settings["address"], settings["plus_replies"] = "nowhere@else.test", "true"
	c := &checker{ctx: func() context.Context {
		ctx, end := context.WithTimeout(t.Context(), time.Second)
		t.Cleanup(end)
		return ctx
	}(), host: b.host()}
	off, err := readSettings(settings)
	if err != nil {
		t.Fatal(err)
	}
	if c.probe(off); c.checks[0].OK || !strings.Contains(c.checks[0].Problem, "switch “Mark answers with a plus-address” off") {
		t.Errorf("%+v", c.checks)
	}
}

// TestReportsAreAskedFor: a server that knows RFC 3461 is asked for reports of failures and delays.
func TestReportsAreAskedFor(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	conn, err := Provider.Open(models.Channel{ID: 1, Settings: s.Settings(mailtest.Shop)}, newBox(t).host())
	if err != nil {
		t.Fatal(err)
	}
	out := reply()
	out.To = "nobody@example.test"
	if _, err := conn.Sender.Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	report := string(s.Await(mailtest.Shop, "INBOX", 1)[0])
	if strings.Contains(report, "%PDF") || strings.Contains(report, "application/pdf") || !strings.Contains(report, "Undelivered Message Headers") || !strings.Contains(report, out.MessageID) {
		t.Errorf("the report brings more than the head of the mail, or another's: %s", report)
	}
}
