package email

import (
	"context"
	"errors"
	"net"
	"net/textproto"
	"os"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"

	"onethread/models"
)

// stageTime bounds each step of an SMTP dialogue (RFC 5321 section 4.5.3.2 allows minutes; an
// outbox that waits that long for one server keeps others waiting).
const stageTime = 2 * time.Minute

// submission is one SMTP connection, encrypted and logged in as the settings ask. Stage names
// what is being done, for error messages.
type submission struct {
	client *smtp.Client
	conn   net.Conn
	limit  time.Duration
	stop   func() bool
}

// stage runs one step under a deadline.
func (s *submission) stage(step func() error) error {
	s.conn.SetDeadline(time.Now().Add(s.limit))
	return step()
}

func (s *submission) close() {
	s.stop()
	s.conn.Close()
}

// dialSMTP connects and encrypts. limit bounds each stage.
func dialSMTP(ctx context.Context, to server, limit time.Duration, host models.Host) (*submission, error) {
	conn, err := to.connect(ctx, host)
	if err != nil {
		return nil, err
	}
	s := &submission{conn: conn, limit: limit, stop: context.AfterFunc(ctx, func() { conn.Close() })}
	err = s.stage(func() (err error) {
		outer := conn
		if to.security == "tls" {
			if outer, err = to.wrap(ctx, conn); err != nil {
				return err
			}
		}
		if s.client, err = smtp.NewClient(outer, to.host); err != nil {
			return err
		}
		if err = s.client.Hello(heloName()); err != nil {
			return err
		}
		if to.security == "starttls" {
			return s.client.StartTLS(to.tlsConfig())
		}
		return nil
	})
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// heloName is our host name where it is a full one (RFC 5321 section 4.1.4); a bare one makes
// strict servers refuse us.
func heloName() string {
	if name, err := os.Hostname(); err == nil && strings.Contains(name, ".") && !strings.ContainsAny(name, " \r\n") {
		return name
	}
	return "localhost"
}

// openSubmission connects and logs in. An access token that is refused although its time is not over is
// replaced once.
func openSubmission(ctx context.Context, to server, limit time.Duration, host models.Host) (*submission, error) {
	for again := ""; ; {
		token, err := to.token(ctx, again)
		if err != nil {
			return nil, err
		}
		s, err := dialSMTP(ctx, to, limit, host)
		if err != nil {
			return nil, err
		}
		if err = s.login(to, token); err == nil {
			return s, nil
		}
		s.close()
		if token == "" || again != "" || !errors.As(err, new(refused)) {
			return nil, err
		}
		again = token
	}
}

// login authenticates with the first mechanism that both sides know. A server that offers no
// AUTH at all is taken as one that trusts the network it stands in.
func (s *submission) login(to server, token string) error {
	offered, mechanisms := s.client.Extension("AUTH")
	if !offered {
		return nil
	}
	open := to.security == "none" // readSettings allows that on private addresses only
	var auth smtp.Auth
	switch mechanisms = " " + strings.ToUpper(mechanisms) + " "; {
	case token != "":
		b, err := bearerFor(to, token, func(mechanism string) bool { return strings.Contains(mechanisms, " "+mechanism+" ") })
		if err != nil {
			return err
		}
		auth = smtpBearer{b}
	case strings.Contains(mechanisms, " PLAIN "):
		auth = smtp.PlainAuth("", to.username, to.password, to.host, open)
	case strings.Contains(mechanisms, " LOGIN "):
		auth = smtp.LoginAuth(to.username, to.password, to.host, open)
	case strings.Contains(mechanisms, " CRAM-MD5 "):
		auth = smtp.CRAMMD5Auth(to.username, to.password)
	default:
		return errors.New("the server offers no way to log in with a password: " + strings.TrimSpace(mechanisms))
	}
	err := s.stage(func() error { return s.client.Auth(auth) })
	if code := smtpCode(err); code >= 500 && code != 503 || code == 432 {
		return refused{err} // RFC 4954 section 6: 535, 534, 530, 538; 432 wants a new password
	}
	return err
}

// smtpCode is the reply code of an SMTP error, 0 when the server did not answer.
func smtpCode(err error) int {
	var answer *textproto.Error
	if errors.As(err, &answer) {
		return answer.Code
	}
	return 0
}
