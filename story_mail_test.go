package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"

	"onethread/integrations/email/mailtest"
	"onethread/models"
	"onethread/models/channels"
)

// mailStory is the real program with a mailbox at the real Dovecot and Postfix: the shop's at the end of a
// wire that can be cut, Bob's as a second one that answers by itself, and a third whose SMTP server has moods.
type mailStory struct {
	*counter
	stack *mailtest.Stack
	line  *wire
	moody *moody
	mail  models.Channel // that sends through the moody server
}

// TestMailStory tells a mailbox's life in which no mail is lost, doubled or put into the wrong place.
func TestMailStory(t *testing.T) {
	if testing.Short() {
		t.Skip("a story with real mail servers takes half a minute")
	}
	if !mailServers() {
		t.Skip("Dovecot and Postfix are not installed, or this is not root")
	}
	s := openMail(t)
	s.start()
	refused := s.answers(s.mail, "450-then-ok") // tried again after half a minute: looked at at the end

	s.stack.Deliver(mailtest.Shop, "INBOX", rawMail("before", 1))
	s.once("before")
	s.stop()
	s.whileAway()
	s.start()
	s.once(slices.Concat(awayKeys, oddKeys, []string{"ordinary-1", "ordinary-2", "ordinary-3"})...)
	s.odd()

	s.diesInFetch()
	s.blackHole()
	s.renumbered()
	s.quotesAnother()
	s.colleagues()
	s.comesBack()
	s.twoResponders()

	eventually(t, "the mail that was refused at first", func() error { return s.became(s.moody, refused, smtpOutcome{"450-then-ok", "sent", "", 2}) })
	s.stop()
	if n := s.moody.accepted["450-then-ok"]; n != 1 {
		t.Errorf("a mail that was refused at first was accepted %d times", n)
	}
	s.nothingTwice()
	mustBeConsistent(t, s.data)
}

func openMail(t *testing.T) *mailStory {
	bin, err := binary()
	mustDo(t, err)
	s := &mailStory{stack: mailtest.Start(t), moody: startMoody(t)}
	s.line = layWire(t, s.stack.IMAPS)
	p := newProcess(t, bin, t.TempDir())
	s.counter = openCounter(t, p, nil)
	prepare(t, p.data, p.url, func(ctx context.Context, prog *Program) (err error) {
		box := func(address, imap string, more map[string]string) (models.Channel, error) {
			settings := maps.Clone(s.stack.Settings(address))
			maps.Copy(settings, map[string]string{"imap_port": imap, "idle_seconds": "1", "poll_seconds": "1", "timeout_seconds": "2"})
			maps.Copy(settings, more)
			return prog.Channels.Add(ctx, "email", channels.Input{Settings: settings})
		}
		if _, err = box(mailtest.Shop, strconv.Itoa(s.line.port), nil); err != nil {
			return err
		}
		if _, err = box(mailtest.Bob, strconv.Itoa(s.stack.IMAPS), map[string]string{"auto_answer": "Thank you. We answer within a day."}); err != nil {
			return err
		}
		s.mail, err = box("moods@example.test", "1", map[string]string{"smtp_host": "127.0.0.1", "smtp_port": strconv.Itoa(s.moody.port), "smtp_security": "none", "save_sent": "no"})
		return err
	})
	return s
}

// once waits until each of these mails stands in a thread, and expects it there once.
func (s *mailStory) once(keys ...string) {
	s.t.Helper()
	db := database(s.t, s.data)
	defer db.Close()
	for _, key := range keys {
		eventually(s.t, key, func() error {
			n := column(s.t, db, "SELECT count(*) FROM messages WHERE trim(text, char(10) || char(13)) = ?", key)[0]
			if n != "1" {
				return fmt.Errorf("it is there %s times", n)
			}
			return nil
		})
	}
}
