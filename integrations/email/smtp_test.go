package email

import (
	"errors"
	"io"
	"net"
	"strconv"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"onethread/integrations/conformance"
	"onethread/models"
)

// smtpScript is what the test's SMTP server says at each stage; nil means yes.
type smtpScript struct {
	login, from, rcpt, data error
}

func answers(a conformance.Answer) smtpScript {
	switch a {
	case conformance.RefusesMessage:
		return smtpScript{rcpt: &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user here"}}
	case conformance.Busy:
		return smtpScript{rcpt: &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "greylisted, come back"}}
	case conformance.RefusesChannel:
		return smtpScript{login: &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "bad credentials"}}
	}
	return smtpScript{}
}

// catcher is an SMTP server that keeps what it is sent.
type catcher struct {
	script smtpScript
	port   int
	mu     sync.Mutex
	mails  []caught
}

type caught struct {
	from  string
	rcpts []string
	raw   string
}

func serveSMTP(t *testing.T, script smtpScript) *catcher {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &catcher{script: script, port: l.Addr().(*net.TCPAddr).Port}
	server := smtp.NewServer(c)
	server.Domain, server.AllowInsecureAuth = "localhost", true
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	return c
}

func (c *catcher) NewSession(*smtp.Conn) (smtp.Session, error) { return &dialogue{catcher: c}, nil }

type dialogue struct {
	*catcher
	mail caught
}

func (d *dialogue) AuthMechanisms() []string { return []string{sasl.Plain} }
func (d *dialogue) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, _, _ string) error { return d.script.login }), nil
}
func (d *dialogue) Mail(from string, _ *smtp.MailOptions) error {
	d.mail = caught{from: from}
	return d.script.from
}
func (d *dialogue) Rcpt(to string, _ *smtp.RcptOptions) error {
	d.mail.rcpts = append(d.mail.rcpts, to)
	return d.script.rcpt
}
func (d *dialogue) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if d.script.data == nil {
		d.mail.raw = string(raw)
		d.mu.Lock()
		d.mails = append(d.mails, d.mail)
		d.mu.Unlock()
	}
	return d.script.data
}
func (d *dialogue) Reset()        {}
func (d *dialogue) Logout() error { return nil }

func senderTo(t *testing.T, c *catcher) models.Sender {
	t.Helper()
	conn, err := Provider.Open(models.Channel{ID: 1, Settings: map[string]string{
		"address": "shop@example.test", "name": "The Shop", "password": "secret", "imap_host": "127.0.0.1", "imap_security": "none",
		"smtp_host": "127.0.0.1", "smtp_port": strconv.Itoa(c.port), "smtp_security": "none", "allow_private": "true", "timeout_seconds": "2",
	}}, conformance.Host())
	if err != nil {
		t.Fatal(err)
	}
	return conn.Sender
}

// sendOne sends and returns what the server got.
func sendOne(t *testing.T, out models.Outbound) caught {
	t.Helper()
	c := serveSMTP(t, smtpScript{})
	if _, err := senderTo(t, c).Send(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	if len(c.mails) != 1 {
		t.Fatalf("the server got %d mails, want 1", len(c.mails))
	}
	return c.mails[0]
}

func sendFailure(t *testing.T, script smtpScript) *models.SendError {
	t.Helper()
	_, err := senderTo(t, serveSMTP(t, script)).Send(t.Context(), models.Outbound{To: "ana@customer.test", Text: "Hi", MessageID: "m.1.abcdefghijklmnop@example.test"})
	if err == nil {
		t.Fatal("no error")
	}
	var e *models.SendError
	if !errors.As(err, &e) {
		e = &models.SendError{Err: err}
	}
	return e
}
