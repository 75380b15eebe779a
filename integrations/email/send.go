package email

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"strings"
	"time"

	"onethread/integrations/email/mime"
	"onethread/models"
)

// sender sends through the mailbox's own submission server.
type sender struct {
	settings settings
	host     models.Host
	copies   *archive // nil = none are kept
}

// Send implements models.Sender. The server's 5xx words become a permanent failure, wrong
// credentials pause the channel, everything else may be tried again: under the same Message-ID,
// so that a mail whose acceptance we missed is recognised as the same one.
func (s *sender) Send(ctx context.Context, out models.Outbound) (models.Receipt, error) {
	now := s.host.Now()
	msg, err := compose(out, s.settings, now)
	if err != nil {
		return models.Receipt{}, models.Permanent(err)
	}
	twice := ""
	if out.Doubt {
		if s.alreadySent(ctx, out.MessageID) {
			return models.Receipt{ProviderID: out.MessageID, State: models.DeliverySent}, nil
		}
		twice = mayBeTwice
	}
	conn, err := openSubmission(ctx, s.settings.smtp, s.limit(), s.host)
	if err != nil {
		return models.Receipt{}, s.judge(err, false)
	}
	refused, err := conn.transmit(s.settings.address, msg.to, msg)
	if err != nil {
		conn.close()
		return models.Receipt{}, s.judge(err, true)
	}
	// Accepted. What becomes of QUIT changes nothing, and waiting for it would widen the window in
	// which a crash sends the mail twice.
	go func() {
		defer conn.close()
		_ = conn.stage(conn.client.Quit)
	}()
	if s.copies != nil {
		s.copies.add(out, now)
	}
	return models.Receipt{ProviderID: out.MessageID, State: models.DeliverySent, Problem: strings.TrimSpace(strings.Join(append(refused, twice), " "))}, nil
}

// mayBeTwice is said of a message whose first copy may have been taken too.
const mayBeTwice = "The line broke while this message was being handed over, so it was sent once more: it may have arrived twice."

// lookTime bounds looking for a message among the sent ones.
const lookTime = 45 * time.Second

// alreadySent looks in the folder of sent mail for a message whose acceptance nobody heard of: providers that
// keep a copy there by themselves have it. Where it cannot be looked for, it counts as not there.
func (s *sender) alreadySent(ctx context.Context, id string) bool {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	there, err := s.inSent(ctx, id)
	if err != nil {
		s.host.Log.Warn("email: whether a message was sent before could not be looked up", "message", id, "error", err)
	}
	return there
}

func (s *sender) inSent(ctx context.Context, id string) (bool, error) {
	box, err := openMailbox(ctx, s.settings.imap, s.settings.timeout, s.host)
	if err != nil {
		return false, err
	}
	defer box.close()
	folder, err := box.sentFolder(s.settings.sentFolder)
	if err != nil || folder == "" {
		return false, err
	}
	if _, err := box.examine(folder); err != nil {
		return false, err
	}
	return box.holds(id)
}

// limit is the time per stage: never above stageTime, less where the settings say so.
func (s *sender) limit() time.Duration { return min(stageTime, 4*s.settings.timeout) }

// judge says what is to become of a message that failed. transmitting: the server was past the
// login, so that its 5xx is about this message.
func (s *sender) judge(err error, transmitting bool) error {
	code := smtpCode(err)
	switch {
	case errors.As(err, new(unanswered)):
		return models.Doubtful(errors.New(explain(err, s.settings.smtp, "SMTP")))
	case errors.As(err, new(refused)):
		return models.Paused(errors.New(explain(err, s.settings.smtp, "SMTP")))
	case code == 530 || code == 535 || code == 538: // the server wants a login first (RFC 4954)
		return models.Paused(errors.New(explain(refused{err}, s.settings.smtp, "SMTP")))
	case errors.As(err, new(unsendable)):
		return models.Permanent(err)
	case transmitting && code >= 500:
		return models.Permanent(fmt.Errorf("The mail server refused this message: %s", serverWords(err)))
	case code >= 400:
		return fmt.Errorf("The mail server asked to try again later: %s", serverWords(err))
	}
	return errors.New(explain(err, s.settings.smtp, "SMTP"))
}

// serverWords is the server's answer in one line.
func serverWords(err error) string {
	var answer *textproto.Error
	if errors.As(err, &answer) {
		return mime.OneLine(fmt.Sprintf("%d %s", answer.Code, strings.ReplaceAll(answer.Msg, "\n", " ")))
	}
	return mime.OneLine(err.Error())
}

// unanswered is a line that broke after the whole message was handed over: it may have been accepted.
type unanswered struct{ err error }

func (u unanswered) Error() string { return u.err.Error() }
func (u unanswered) Unwrap() error { return u.err }

// transmit hands over one message. The first recipient must be taken; others that are refused do not
// stop it, and are told of.
func (s *submission) transmit(from string, to []string, msg io.WriterTo) (refused []string, err error) {
	// RFC 3461, where the server knows it: reports of failures and delays, with the head of the mail alone.
	s.client.SetDSNMailReturnOption("HDRS")
	s.client.SetDSNRcptNotifyOption("FAILURE,DELAY")
	if err := s.stage(func() error { return s.client.Mail(from) }); err != nil {
		return nil, err
	}
	for i, address := range to {
		err := s.recipient(address)
		if i > 0 && (smtpCode(err) >= 400 || errors.As(err, new(unsendable))) {
			refused = append(refused, fmt.Sprintf("The copy to %s was refused: %s.", address, serverWords(err)))
			continue
		}
		if err != nil {
			return nil, err
		}
	}
	var data io.WriteCloser
	err = s.stage(func() (err error) { data, err = s.client.Data(); return err })
	if err != nil {
		return nil, err
	}
	// The connection is dropped without the closing dot when the message cannot be written
	// whole: half a mail must never be accepted.
	if _, err := msg.WriteTo(&deadlineWriter{data, s}); err != nil {
		return nil, err
	}
	err = s.stage(data.Close)
	if err != nil && smtpCode(err) == 0 {
		err = unanswered{err}
	}
	return refused, err
}

// recipient names one recipient.
func (s *submission) recipient(to string) error {
	if offered, _ := s.client.Extension("SMTPUTF8"); !offered && strings.ContainsFunc(to, func(r rune) bool { return r > 126 }) {
		return unsendable{fmt.Errorf("your mail server cannot send to the address %s: it takes no letters beyond a–z in addresses (RFC 6531). Ask for another address", to)}
	}
	return s.stage(func() error { return s.client.Rcpt(to) })
}

// deadlineWriter renews the deadline with every piece: large mails may take long, silence not.
type deadlineWriter struct {
	io.Writer
	s *submission
}

func (w *deadlineWriter) Write(b []byte) (n int, err error) {
	err = w.s.stage(func() error { n, err = w.Writer.Write(b); return err })
	return n, err
}
