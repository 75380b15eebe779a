// Package postoffice is a mail server that knows one mailbox and talks to nobody: IMAP to read what
// was put into it, SMTP that takes whatever is sent and keeps only who it was for. The sample shop
// connects its email channel to it, so that mail is really fetched and really sent while nothing
// leaves the machine.
package postoffice

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-smtp"
)

// Office is a running post office on loopback. Close it when done.
type Office struct {
	address, password string
	box               *imapmemserver.User
	imap              *imapserver.Server
	smtp              *smtp.Server
	imapPort          int
	smtpPort          int
	served            sync.WaitGroup

	mu      sync.Mutex
	refused map[string]string // address → the words of the refusal
	taken   int
}

// Open starts a post office with one mailbox, on two free ports of 127.0.0.1.
func Open(ctx context.Context, address, password string) (*Office, error) {
	o := &Office{address: address, password: password, box: imapmemserver.NewUser(address, password), refused: map[string]string{}}
	if err := o.box.Create("INBOX", nil); err != nil {
		return nil, err
	}
	var hear net.ListenConfig
	in, err := hear.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	out, err := hear.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, in.Close())
	}
	o.imapPort, o.smtpPort = in.Addr().(*net.TCPAddr).Port, out.Addr().(*net.TCPAddr).Port
	o.serveIMAP(in)
	o.serveSMTP(out)
	return o, nil
}

func (o *Office) serveIMAP(l net.Listener) {
	boxes := imapmemserver.New()
	boxes.AddUser(o.box)
	o.imap = imapserver.New(&imapserver.Options{InsecureAuth: true, Logger: silent{}, Caps: imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapIMAP4rev2: {}},
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return boxes.NewSession(), nil, nil
		}})
	o.served.Go(func() { _ = o.imap.Serve(l) }) // it ends with the listener
}

func (o *Office) serveSMTP(l net.Listener) {
	o.smtp = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{o: o}, nil }))
	o.smtp.Domain, o.smtp.ErrorLog, o.smtp.EnableSMTPUTF8 = "localhost", silent{}, true
	o.smtp.MaxMessageBytes, o.smtp.ReadTimeout, o.smtp.WriteTimeout = 64<<20, time.Minute, time.Minute
	o.served.Go(func() { _ = o.smtp.Serve(l) })
}

// silent keeps the servers' chatter about closed connections out of the log.
type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

// Settings are the email channel's settings that reach this office.
func (o *Office) Settings() map[string]string {
	return map[string]string{"address": o.address, "password": o.password, "allow_private": "true",
		"imap_host": "127.0.0.1", "imap_port": strconv.Itoa(o.imapPort), "imap_security": "none",
		"smtp_host": "127.0.0.1", "smtp_port": strconv.Itoa(o.smtpPort), "smtp_security": "none"}
}

// Put lays a mail (RFC 5322, with CRLF) into the mailbox; whoever is reading there hears of it at once.
func (o *Office) Put(mail []byte) error {
	_, err := o.box.Append("INBOX", &letter{bytes.NewReader(mail)}, &imap.AppendOptions{Time: time.Now()})
	return err
}

// letter is a mail as the mailbox wants to read it.
type letter struct{ *bytes.Reader }

// Size is the mail's length in bytes.
func (l *letter) Size() int64 { return l.Reader.Size() }

// Refuse makes the office answer every mail to address with a permanent refusal (SMTP 550).
func (o *Office) Refuse(address, words string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.refused[strings.ToLower(address)] = words
}

// Taken is how many mails were accepted for delivery so far. They went nowhere.
func (o *Office) Taken() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.taken
}

// Close ends all connections and stops listening.
func (o *Office) Close() error {
	err := errors.Join(o.imap.Close(), o.smtp.Close())
	o.served.Wait()
	return err
}

// session is one SMTP connection.
type session struct{ o *Office }

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.o.mu.Lock()
	defer s.o.mu.Unlock()
	if words, ok := s.o.refused[strings.ToLower(to)]; ok {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: words}
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	if _, err := io.Copy(io.Discard, r); err != nil {
		return err
	}
	s.o.mu.Lock()
	defer s.o.mu.Unlock()
	s.o.taken++
	return nil
}
