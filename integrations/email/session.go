package email

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"onethread/models"
)

// session is one IMAP connection. go-imap has no time limit on commands (a black-holed
// connection hangs for ever), so each runs under a watchdog that closes the connection.
type session struct {
	client  *imapclient.Client
	conn    net.Conn // below TLS: closing it never waits
	timeout time.Duration
	news    chan struct{} // the server said that the folder changed
	stop    func() bool

	expunged atomic.Bool // the server said that mails went from the open folder
}

// refused is an IMAP or SMTP server's answer to wrong credentials.
type refused struct{ err error }

func (r refused) Error() string { return r.err.Error() }
func (r refused) Unwrap() error { return r.err }

// dialIMAP connects and encrypts, as far as the settings ask for it.
func dialIMAP(ctx context.Context, s server, timeout time.Duration, host models.Host) (*session, error) {
	conn, err := s.connect(ctx, host)
	if err != nil {
		return nil, err
	}
	out := &session{conn: conn, timeout: timeout, news: make(chan struct{}, 1)}
	options := &imapclient.Options{TLSConfig: s.tlsConfig(), UnilateralDataHandler: &imapclient.UnilateralDataHandler{
		Mailbox: func(*imapclient.UnilateralDataMailbox) { out.wake() }, Expunge: func(uint32) { out.expunged.Store(true) },
	}}
	out.stop = context.AfterFunc(ctx, func() { conn.Close() })
	err = out.within(timeout, func() (err error) {
		switch s.security {
		case "starttls":
			out.client, err = imapclient.NewStartTLS(conn, options)
			return err
		case "tls":
			secure, err := s.wrap(ctx, conn)
			if err != nil {
				return err
			}
			out.client = imapclient.New(secure, options)
		default:
			out.client = imapclient.New(conn, options)
		}
		return out.client.WaitGreeting()
	})
	if err != nil {
		out.close()
		return nil, err
	}
	return out, nil
}

func (s *session) wake() {
	select {
	case s.news <- struct{}{}:
	default:
	}
}

func (s *session) close() {
	s.stop()
	s.conn.Close()
}

// errSilent is what a command fails with when its watchdog had to close the connection.
var errSilent = errors.New("the server stopped answering")

// within runs a command; when it takes longer than d, the connection is closed under it.
func (s *session) within(d time.Duration, command func() error) error {
	watchdog := time.AfterFunc(d, func() { s.conn.Close() })
	err := command()
	if !watchdog.Stop() && err != nil {
		return fmt.Errorf("%w for %v", errSilent, d)
	}
	return err
}

// openMailbox connects and logs in. A failure before the server could judge the credentials is unreached. An
// access token that is refused although its time is not over is replaced once.
func openMailbox(ctx context.Context, to server, timeout time.Duration, host models.Host) (*session, error) {
	again, quiet := "", false
	for {
		token, err := to.token(ctx, again)
		if err != nil {
			return nil, err
		}
		s, err := dialIMAP(ctx, to, timeout, host)
		if err != nil {
			return nil, unreached{err}
		}
		if err = s.login(to, token); err == nil {
			if quiet || s.introduce() == nil {
				return s, nil
			}
			s.close() // its answer made no sense to us: once more, without
			quiet = true
			continue
		}
		s.close()
		if token == "" || again != "" || !errors.As(err, new(refused)) {
			return nil, err
		}
		again = token
	}
}

// login gives a refused error only when the server judged the credentials.
func (s *session) login(to server, token string) error {
	err := s.within(s.timeout, func() error {
		if token == "" {
			return s.client.Login(to.username, to.password).Wait()
		}
		caps := s.client.Caps()
		b, err := bearerFor(to, token, func(mechanism string) bool { return caps.Has(imap.AuthCap(mechanism)) })
		if err != nil {
			return err
		}
		return s.client.Authenticate(saslBearer{b})
	})
	var answer *imap.Error
	if !errors.As(err, &answer) || answer.Type == imap.StatusResponseTypeBye {
		return err
	}
	temporary := []imap.ResponseCode{imap.ResponseCodeUnavailable, imap.ResponseCodeInUse, imap.ResponseCodeLimit, imap.ResponseCodeServerBug}
	if slices.Contains(temporary, answer.Code) {
		return err
	}
	return refused{err}
}

// introduce says who we are (RFC 2971) where the server wants to know: 163.com and its like close their folders
// to programs that do not.
func (s *session) introduce() error {
	if !s.client.Caps().Has(imap.CapID) {
		return nil
	}
	err := s.within(s.timeout, func() error {
		_, err := s.client.ID(&imap.IDData{Name: "Onethread"}).Wait()
		return err
	})
	if errors.As(err, new(*imap.Error)) {
		return nil // it does not matter
	}
	return err
}

// examine opens the folder read-only: \Seen never changes (RFC 9051 section 6.3.3).
func (s *session) examine(folder string) (data *imap.SelectData, err error) {
	err = s.within(s.timeout, func() error {
		data, err = s.client.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
		return err
	})
	return data, err
}

// search lists UIDs from low to high (0 = no end) that arrived since the given day (zero = any),
// in ascending order. Servers answer n:* with the last mail even if its UID is below n
// (RFC 9051 section 6.4.8), so answers outside the range are dropped.
func (s *session) search(low, high imap.UID, since time.Time) (uids []imap.UID, err error) {
	criteria := &imap.SearchCriteria{UID: []imap.UIDSet{{imap.UIDRange{Start: low, Stop: high}}}, Since: since}
	err = s.within(4*s.timeout, func() error {
		data, err := s.client.UIDSearch(criteria, nil).Wait()
		if err == nil {
			uids = data.AllUIDs()
		}
		return err
	})
	slices.Sort(uids)
	return slices.DeleteFunc(slices.Compact(uids), func(u imap.UID) bool { return u < low || high != 0 && u > high }), err
}

// wait idles until the server has news, d has passed or ctx ends; then it proves that the
// connection still lives. Without IDLE it sleeps.
func (s *session) wait(ctx context.Context, d time.Duration) error {
	var idle *imapclient.IdleCommand
	if s.client.Caps().Has(imap.CapIdle) {
		err := s.within(s.timeout, func() (err error) { idle, err = s.client.Idle(); return err })
		if err != nil {
			return err
		}
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.news:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.client.Closed():
		return errors.New("the server closed the connection")
	}
	return s.within(s.timeout, func() error {
		if idle != nil {
			if err := errors.Join(idle.Close(), idle.Wait()); err != nil {
				return err
			}
		}
		return s.client.Noop().Wait()
	})
}
