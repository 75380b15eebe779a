package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"onethread/models"
	"onethread/models/channels"
)

// moody is a mail server that treats each recipient by the first part of their address: "450-then-ok"
// is refused for now at first, "550" for good, "hang" never gets an answer, "dropped" is accepted and
// the line cut before the 250, and so on.
type moody struct {
	port int

	mu       sync.Mutex
	tried    map[string]int // attempts by recipient
	accepted map[string]int
	eightBit []string // mails with bytes above 127, which this server did not offer to take
	release  chan struct{}
}

func startMoody(t testing.TB) *moody {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	mustDo(t, err)
	m := &moody{port: l.Addr().(*net.TCPAddr).Port, tried: map[string]int{}, accepted: map[string]int{}, release: make(chan struct{})}
	server := smtp.NewServer(m)
	server.Domain, server.AllowInsecureAuth, server.MaxMessageBytes, server.ErrorLog = "localhost", true, 20_000, log.New(io.Discard, "", 0)
	go server.Serve(l)
	t.Cleanup(func() { close(m.release); server.Close() })
	return m
}

func (m *moody) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &mailTalk{moody: m, conn: c}, nil
}

// mailTalk is one conversation with it.
type mailTalk struct {
	*moody
	conn *smtp.Conn
	to   string
}

func (m *mailTalk) AuthMechanisms() []string { return []string{sasl.Plain} }
func (m *mailTalk) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, _, _ string) error { return nil }), nil
}
func (m *mailTalk) Mail(string, *smtp.MailOptions) error { return nil }
func (m *mailTalk) Reset()                               {}
func (m *mailTalk) Logout() error                        { return nil }

func refusal(code int, words string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 0, 0}, Message: words}
}

func (m *mailTalk) Rcpt(to string, _ *smtp.RcptOptions) error {
	to, _, _ = strings.Cut(to, "@")
	if m.to == "" { // the first one is whom the mail is for
		m.to = to
	}
	m.mu.Lock()
	m.tried[to]++
	n := m.tried[to]
	m.mu.Unlock()
	switch {
	case to == "450-then-ok" && n == 1, to == "450-always":
		return refusal(450, "The mailbox is busy")
	case to == "421":
		return refusal(421, "Too many connections, closing")
	case to == "550":
		return refusal(550, "There is no such mailbox here")
	case to == "hang":
		<-m.release
	}
	return nil
}

func (m *mailTalk) Data(body io.Reader) error {
	raw, err := io.ReadAll(body)
	if err != nil {
		if errors.Is(err, smtp.ErrDataTooLarge) {
			return refusal(552, "The mail is larger than 20,000 bytes")
		}
		return err
	}
	m.mu.Lock()
	m.accepted[m.to]++
	n := m.accepted[m.to]
	if strings.ContainsFunc(string(raw), func(r rune) bool { return r > 126 }) {
		m.eightBit = append(m.eightBit, m.to)
	}
	m.mu.Unlock()
	switch {
	case m.to == "451-after-data" && n == 1:
		return refusal(451, "The disk is busy")
	case m.to == "554-after-data":
		return refusal(554, "This looks like spam")
	case m.to == "dropped" && n == 1:
		m.conn.Close() // accepted, and nobody is told
	}
	return nil
}

// outcome is what is to become of a reply to somebody at the moody server.
type smtpOutcome struct {
	to, state, words string
	tries            int // at least
}

// smtpFaults is fault F8: a mail server in every mood. What is refused for good fails at once with the
// server's words, what is refused for now is tried again, and nobody waits for anybody else's server.
func smtpFaults(t *testing.T, f *faultRun) {
	server := startMoody(t)
	p := newProcess(t, f.bin, t.TempDir())
	c := openCounter(t, p, nil)
	var mail models.Channel
	prepare(t, p.data, p.url, func(ctx context.Context, prog *Program) (err error) {
		mail, err = prog.Channels.Add(ctx, "email", channels.Input{Settings: map[string]string{"address": "shop@casa.example", "password": "secret", "imap_host": "127.0.0.1", "imap_port": "1",
			"smtp_host": "127.0.0.1", "smtp_port": strconv.Itoa(server.port), "smtp_security": "none", "timeout_seconds": "2", "allow_private": "true"}})
		return err
	})
	p.start()
	expected := []smtpOutcome{{"hang", "queued", "", 1}, {"ok", "sent", "", 1}, {"550", "failed", "There is no such mailbox here", 1}, {"450-always", "queued", "", 1}, {"421", "queued", "", 1},
		{"554-after-data", "failed", "This looks like spam", 1}, {"too-large", "failed", "20,000 bytes", 0}, {"olá", "failed", "RFC 6531", 0}, {"ok-too", "sent", "", 1}, {"with-copies", "sent", "The copy to 550@example.com was refused", 1}}
	again := []smtpOutcome{{"450-then-ok", "sent", "", 2}, {"451-after-data", "sent", "", 2}, {"dropped", "sent", "may have arrived twice", 2}}
	if f.full { // the second attempt comes after half a minute
		expected = append(expected, again...)
	}
	began, people := time.Now(), map[string]string{}
	for _, x := range expected {
		people[x.to] = c.answers(mail, x.to)
	}
	for _, x := range expected {
		limit := 20 * time.Second
		if x.tries > 1 {
			limit = 2 * time.Minute
		}
		within(t, limit, x.to, func() error { return c.became(server, people[x.to], x) })
	}
	f.note(t, "%d answers of the server, each told apart; all known after %v", len(expected), time.Since(began).Round(time.Second))
	if len(server.eightBit) > 0 {
		t.Errorf("bytes above 127 to a server that does not take them: %v", server.eightBit)
	}
	if n := server.accepted["dropped"]; f.full && n != 2 {
		t.Errorf("a mail whose answer was lost was sent %d times, want again once under the same id", n)
	}
	if n := server.accepted["450-then-ok"]; f.full && n != 1 {
		t.Errorf("a mail that was refused at first was accepted %d times", n)
	}
	p.stop()
	mustBeWhole(t, p.data, "at the end")
}

// answers writes to somebody who wrote before, and returns the customer's id.
func (c *counter) answers(mail models.Channel, to string) string {
	c.t.Helper()
	key := "hello-from-" + to
	hello := fmt.Sprintf(`{"external_id":%q,"kind":"message","message":{"text":%q},"identities":[{"kind":"email","value":%q,"evidence":"asserted"}]}`, key, key, to+"@example.com")
	header := map[string]string{"Authorization": "Bearer " + c.token, "Content-Type": "application/json"}
	customer := c.mustMake(call{key: key, url: c.url + "/api/v1/ingest/" + c.till.ID.String(), body: []byte(hello), header: header})
	text := "Here you are. Größe und Maße stehen bei."
	if to == "too-large" {
		text = strings.Repeat("Far too many words. ", 2000)
	}
	copies := ""
	if to == "with-copies" {
		copies = `,"cc":["550@example.com","ok@example.com"]`
	}
	body := fmt.Sprintf(`{"channel_id":%q,"text":%q,"client_id":%q%s}`, mail.ID.String(), text, "answer-"+to, copies)
	status, answer := post(c.client, c.url+"/api/v1/customers/"+customer+"/messages", []byte(body), header)
	if status != http.StatusAccepted {
		c.t.Fatalf("answering %s: %d %s", to, status, answer)
	}
	return customer
}

// became compares what the thread says of the answer with what is expected.
func (c *counter) became(server *moody, customer string, want smtpOutcome) error {
	status, body := c.get("/api/v1/customers/" + customer + "/thread")
	if status != http.StatusOK {
		return fmt.Errorf("%d %s", status, body)
	}
	state := ""
	for _, s := range []string{"queued", "sending", "sent", "failed"} {
		if strings.Contains(body, `"state":"`+s+`"`) {
			state = s
		}
	}
	server.mu.Lock()
	tries := server.tried[want.to]
	server.mu.Unlock()
	if state != want.state || !strings.Contains(body, want.words) || tries < want.tries {
		return fmt.Errorf("%s after %d attempts, want %s %q after %d: %.300s", state, tries, want.state, want.words, want.tries, body)
	}
	return nil
}
