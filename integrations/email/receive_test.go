package email

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"onethread/integrations/conformance"
	"onethread/integrations/email/mailtest"
	"onethread/models"
)

func TestReceiveFromDovecot(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	// The first mailbox serves the tests one after the other; each begins with what it delivers.
	t.Run("new mail arrives live and stays unread", func(t *testing.T) { newMail(t, s) })
	t.Run("mail read elsewhere still arrives", func(t *testing.T) { readElsewhere(t, s) })
	t.Run("a changed UIDVALIDITY brings no doubles", func(t *testing.T) { newValidity(t, s) })
	t.Run("a failing store loses nothing", func(t *testing.T) { failingStore(t, s) })
	t.Run("a refused mail does not block the next", func(t *testing.T) { refusedMail(t, s) })
}

func newMail(t *testing.T, s *mailtest.Stack) {
	b := newBox(t)
	b.connect(s.Settings(mailtest.Shop), time.Now())
	b.live()
	began := time.Now()
	s.SendMail("ana@customer.test", "shop+cTOKEN123@example.test", letterOf("first"))
	in := b.awaitMails(1)[0]
	t.Logf("arrived after %v", time.Since(began))
	m := message(t, in)
	if m.Subject != "first" || m.Text != "Hello, this is first\n" && m.Text != "Hello, this is first\r\n" || m.MessageID != "first@customer.test" {
		t.Errorf("message %+v", m)
	}
	if h := in.Hints[0]; h.Value != "ana@customer.test" || h.Evidence != models.Asserted || in.Name != "Ana" || in.Silent {
		t.Errorf("hints %+v, name %q, silent %v", in.Hints, in.Name, in.Silent)
	}
	if len(m.ReplyTokens) != 1 || m.ReplyTokens[0] != "token123" {
		t.Errorf("reply tokens %q", m.ReplyTokens)
	}
	if in.Raw == nil || in.Cursor == nil || in.ChannelID != 7 {
		t.Errorf("raw %d bytes, cursor %v, channel %d", len(in.Raw), in.Cursor, in.ChannelID)
	}
	if p := in.Place; p == nil || p.Folder != "INBOX" || p.UID != 1 || p.Validity == 0 {
		t.Errorf("it lies at %+v, want the first UID of INBOX", p)
	}
	if n := s.Seen(mailtest.Shop, "INBOX"); n != 0 {
		t.Errorf("%d mails were marked as read", n)
	}
}

func readElsewhere(t *testing.T, s *mailtest.Stack) {
	b := newBox(t)
	stop := b.connect(s.Settings(mailtest.Shop), time.Now())
	b.awaitMails(1)
	stop()
	s.Deliver(mailtest.Shop, "INBOX", letterOf("second"))
	s.Deliver(mailtest.Shop, "INBOX", []byte("From: ana@customer.test\nSubject: no id\n\nA mail without Message-ID\n"))
	s.MarkSeen(mailtest.Shop, "INBOX")
	b.connect(s.Settings(mailtest.Shop), time.Now())
	mails := b.awaitMails(3)
	if message(t, mails[1]).Subject == message(t, mails[2]).Subject || b.doubles != 0 {
		t.Errorf("got %+v and %d doubles", mails[1:], b.doubles)
	}
}

func newValidity(t *testing.T, s *mailtest.Stack) {
	b := newBox(t)
	b.connect(s.Settings(mailtest.Shop), time.Now())
	b.awaitMails(3)
	b.live()
	s.SetUIDValidity(mailtest.Shop, "INBOX", 999999)
	s.Kick(mailtest.Shop)
	s.Deliver(mailtest.Shop, "INBOX", letterOf("third"))
	b.await("the folder to be read again", func() bool { return b.doubles >= 3 && len(b.mails) >= 4 })
	if len(b.mails) != 4 {
		t.Errorf("%d mails, want 4", len(b.mails))
	}
}

func failingStore(t *testing.T, s *mailtest.Stack) {
	b := newBox(t)
	failures := 3
	b.fail = func(models.Inbound) error {
		if failures--; failures >= 0 {
			return models.Errorf(models.Unavailable, "%v", errStore)
		}
		return nil
	}
	b.connect(s.Settings(mailtest.Shop), time.Now())
	for _, in := range b.awaitMails(4) {
		message(t, in)
	}
}

func refusedMail(t *testing.T, s *mailtest.Stack) {
	b := newBox(t)
	b.fail = func(in models.Inbound) error {
		if m, ok := in.Payload.(*models.MessageIn); ok && m.Subject == "second" {
			return errStore
		}
		return nil
	}
	b.connect(s.Settings(mailtest.Shop), time.Now())
	unreadable := 0
	for _, in := range b.awaitMails(4) {
		if _, ok := in.Payload.(*models.UnreadableIn); ok && len(in.Raw) > 0 {
			unreadable++
		}
	}
	if unreadable != 1 {
		t.Errorf("%d mails are kept as unreadable, want the refused one", unreadable)
	}
}

// TestBackfill: older mail comes newest first and silently, live mail does not wait for it,
// and mail outside the window stays out.
func TestBackfill(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	var old, ancient [][]byte
	for i := range 1200 {
		old = append(old, letterOf(fmt.Sprintf("old%04d", i)))
	}
	for i := range 5 {
		ancient = append(ancient, letterOf(fmt.Sprintf("ancient%d", i)))
	}
	s.DeliverMany(mailtest.Bob, ancient, time.Now().AddDate(0, 0, -90).Unix())
	s.DeliverMany(mailtest.Shop, old, time.Now().AddDate(0, 0, -3).Unix())
	b := newBox(t)
	began := time.Now()
	stop := b.connect(s.Settings(mailtest.Shop), time.Now())
	mails := b.awaitMails(1200)
	t.Logf("1,200 mails in %v", time.Since(began))
	for _, in := range mails {
		if !in.Silent {
			t.Fatalf("%s is not silent", in.ExternalID)
		}
	}
	if first := message(t, mails[0]).Subject; first < "old1100" {
		t.Errorf("the backfill began with %s", first)
	}
	s.Deliver(mailtest.Shop, "INBOX", letterOf("live"))
	if in := b.awaitMails(1201)[1200]; in.Silent || message(t, in).Subject != "live" {
		t.Errorf("live mail: %+v", in)
	}
	stop()
	b.connect(s.Settings(mailtest.Shop), time.Now())
	b.live()
	if b.doubles != 0 {
		t.Errorf("%d mails were fetched again after a restart", b.doubles)
	}
	other := newBox(t)
	other.connect(s.Settings(mailtest.Bob), time.Now())
	other.live()
	if len(other.mails) != 0 {
		t.Errorf("%d mails from before the window arrived", len(other.mails))
	}
}

// TestPoison delivers every mail of the public corpora, broken ones too: each arrives once,
// readable or kept raw, and so does the ordinary mail behind them.
func TestPoison(t *testing.T) {
	t.Parallel()
	folder := mailtest.Corpus(t, "mime")
	files, _ := filepath.Glob(filepath.Join(folder, "*.eml"))
	s := mailtest.Start(t)
	b := newBox(t)
	b.connect(s.Settings(mailtest.Shop), time.Now())
	b.live()
	var raws [][]byte
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		raws = append(raws, raw)
	}
	s.DeliverMany(mailtest.Shop, append(raws, []byte{}, []byte("\x00\xff\xfe"), []byte("\n\n\n")), 0)
	s.Deliver(mailtest.Shop, "INBOX", letterOf("ordinary"))
	want := len(files) + 4
	b.await("every mail, the ordinary one too", func() bool {
		return len(b.mails)+b.doubles >= want && slices.ContainsFunc(b.mails, func(in models.Inbound) bool { return subjectOf(in) == "ordinary" })
	})
	b.live()
	if got := len(b.mails) + b.doubles; got != want {
		t.Errorf("%d mails arrived (%d twice), want %d", got, b.doubles, want)
	}
	var p place
	if err := json.Unmarshal([]byte(b.cursors["imap:INBOX"]), &p); err != nil || int(p.High) != want {
		t.Errorf("the cursor stands at %s", b.cursors["imap:INBOX"])
	}
}

func subjectOf(in models.Inbound) string {
	if m, ok := in.Payload.(*models.MessageIn); ok {
		return m.Subject
	}
	return ""
}

func TestConformance(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	for i := range 4 {
		s.Deliver(mailtest.Shop, "INBOX", letterOf(fmt.Sprintf("mail%d", i)))
	}
	settings := s.Settings(mailtest.Shop)
	channel := models.Channel{ID: 1, Settings: settings, CreatedAt: models.At(time.Now())}
	conformance.Run(t, conformance.Case{
		Provider: Provider,
		Settings: settings,
		Wrong: map[string]string{"address": "not an address", "imap_host": "https://mail.example.test", "imap_port": "70000",
			"smtp_security": "perhaps", "password": "", "backfill_days": "-1", "ca_pem": "nonsense", "smtp_host": ""},
		Send: &conformance.Send{
			Answers: []conformance.Answer{conformance.Accepts, conformance.RefusesMessage, conformance.Busy, conformance.RefusesChannel},
			Open:    func(t *testing.T, a conformance.Answer) models.Sender { return senderTo(t, serveSMTP(t, answers(a))) },
			Out:     models.Outbound{To: "ana@customer.test", Subject: "Re: hello", Text: "Hi", MessageID: "m.1.abcdefghijklmnop@example.test"},
		},
		Receive: &conformance.Receive{Items: 4, Open: func(t *testing.T) models.Receiver {
			conn, err := Provider.Open(channel, conformance.Host())
			if err != nil {
				t.Fatal(err)
			}
			return conn.Receiver
		}},
	})
}

func TestPasswordRefused(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	b := newBox(t)
	settings := s.Settings(mailtest.Shop)
	settings["password"] = "wrong"
	b.connect(settings, time.Now())
	b.await("the refusal", func() bool { return b.status.State == "refused" })
	if !strings.Contains(b.status.Problem, "Wrong user name or password") {
		t.Errorf("problem %q", b.status.Problem)
	}
}

// TestRefusedIsTriedHourly: after three refusals an hour passes between tries, by the clock that the receiver waits
// by; meanwhile it stays refused, and it works as soon as the server agrees.
func TestRefusedIsTriedHourly(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	b, grants := newBox(t), &renewing{}
	conn := openOAuth(t, s, grants.host(b), nil)
	r := conn.Receiver.(*receiver)
	waits, goOn := make(chan time.Duration), make(chan struct{})
	r.rest = func(ctx context.Context, d time.Duration) {
		select {
		case waits <- d:
			<-goOn
		case <-ctx.Done():
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); r.Receive(ctx, b.deliver) }()
	defer func() { cancel(); <-done }()
	for try := 1; try <= 5; try++ {
		d := <-waits
		b.mu.Lock()
		status, reports := b.status, b.reports
		b.mu.Unlock()
		if hourly := try >= 3; hourly != (d == time.Hour) || hourly != (status.State == "refused") || !strings.Contains(status.Problem, "Connect") {
			t.Errorf("try %d: %v, %+v", try, d, status)
		}
		if try > 3 && reports != 6+try-3 {
			t.Errorf("try %d: %d reports: the hourly try looks like the end of the trouble", try, reports)
		}
		if try == 5 {
			grants.mu.Lock()
			grants.stored = s.OAuth.Grant(mailtest.Shop)
			grants.mu.Unlock()
		}
		goOn <- struct{}{}
	}
	b.live()
}

// TestSentFolder: what staff write in their own mail programs comes in as the shop's words, from the
// folder that the server marks as the one for sent mail; what we sent ourselves is known by its id.
func TestSentFolder(t *testing.T) {
	s := mailtest.Start(t)
	b := newBox(t)
	settings := s.Settings(mailtest.Shop)
	settings["poll_seconds"] = "1"
	b.connect(settings, time.Now())
	b.live()
	s.Deliver(mailtest.Shop, "Sent", []byte("From: Leo Torres <"+mailtest.Shop+">\r\nTo: Ana Duarte <"+mailtest.Alice+">, bob@example.test\r\nSubject: Re: Desk\r\nMessage-ID: <phone@example.test>\r\nIn-Reply-To: <first@example.test>\r\n\r\nWritten on my phone.\r\n"))
	s.Deliver(mailtest.Shop, "INBOX", letterOf("incoming"))
	b.awaitMails(2)
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, in := range b.mails {
		m := in.Payload.(*models.MessageIn)
		if m.MessageID != "phone@example.test" {
			if m.Direction != models.In {
				t.Errorf("a customer's mail: %+v", m)
			}
			continue
		}
		if m.Direction != models.Out || m.Author != "Leo Torres" || in.Hints[0].Value != mailtest.Alice || in.Name != "Ana Duarte" || m.Warning != "" {
			t.Errorf("%+v of %+v", m, in)
		}
	}
}

// TestDeletedBeforeWeCame: mails that came and went while we were away leave numbers behind that nobody
// has; the folder is not looked through for them again and again.
func TestDeletedBeforeWeCame(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	settings := s.Settings(mailtest.Shop)
	settings["poll_seconds"] = "1"
	s.Deliver(mailtest.Shop, "INBOX", letterOf("first"))
	b := newBox(t)
	stop := b.connect(settings, time.Now())
	b.awaitMails(1)
	stop()
	for i := range 3 {
		s.Deliver(mailtest.Shop, "INBOX", letterOf(fmt.Sprint("gone", i)))
	}
	s.Expunge(mailtest.Shop, "INBOX", "gone")
	b.connect(settings, time.Now())
	b.live()
	s.Deliver(mailtest.Shop, "INBOX", letterOf("last"))
	b.awaitMails(2)
	b.mu.Lock()
	before := b.reports
	b.mu.Unlock()
	<-time.After(2500 * time.Millisecond)
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := b.reports - before; n > 10 {
		t.Errorf("%d rounds in two and a half seconds", n)
	}
}
