package main

import (
	"fmt"
	"net/textproto"
	"strings"
	"time"

	"bufio"
	"bytes"

	"onethread/integrations/email/mailtest"
)

// soon is within how long everything must be there once the way is free.
const soon = time.Minute

// diesInFetch kills the server's own process while the program fetches from it.
func (s *mailStory) diesInFetch() {
	s.t.Helper()
	s.line.slow.Store(50_000)
	came := s.line.came.Load()
	filler := strings.Repeat("X-Filler: words that make this mail longer than it is\r\n", 100)
	var keys []string
	for i := range 30 {
		keys = append(keys, fmt.Sprintf("fetched-%d", i))
		s.stack.Deliver(mailtest.Shop, "INBOX", append([]byte(filler), rawMail(keys[i], i)...))
	}
	eventually(s.t, "the fetch to begin", func() error {
		if n := s.line.came.Load() - came; n < 20_000 {
			return fmt.Errorf("%d bytes came", n)
		}
		return nil
	})
	if s.stack.KillIMAP() == 0 {
		s.t.Error("no process of the server was there to kill")
	}
	s.line.slow.Store(0)
	s.within("the server died in the middle of a FETCH", keys...)
}

// blackHole makes the open connection one that answers nothing any more.
func (s *mailStory) blackHole() {
	s.t.Helper()
	s.line.swallow()
	s.stack.Deliver(mailtest.Shop, "INBOX", rawMail("in the dark", 8))
	s.within("the connection died without a word", "in the dark")
}

// renumbered gives the folder another UIDVALIDITY: all is listed again, nothing comes in twice.
func (s *mailStory) renumbered() {
	s.t.Helper()
	s.stack.SetUIDValidity(mailtest.Shop, "INBOX", 4711)
	s.stack.Kick(mailtest.Shop)
	s.stack.Deliver(mailtest.Shop, "INBOX", rawMail("renumbered", 9))
	s.within("UIDVALIDITY changed", append(awayKeys, "renumbered", "fetched-0")...)
}

// within expects each of these mails once, soon.
func (s *mailStory) within(what string, keys ...string) {
	s.t.Helper()
	began := time.Now()
	s.once(keys...)
	took := time.Since(began)
	if s.t.Logf("%s: all there after %v", what, took.Round(100*time.Millisecond)); took > soon {
		s.t.Errorf("%s: it took %v", what, took)
	}
}

// quotesAnother: a mail of Ana's whose References name Bea's stays Ana's; Bea's thread is as it was.
func (s *mailStory) quotesAnother() {
	s.t.Helper()
	send := func(from, key, head string) {
		s.stack.SendMail(from, mailtest.Shop, []byte("From: "+from+"\r\nTo: "+mailtest.Shop+"\r\nSubject: Parcel\r\nMessage-ID: <"+key+"@example.com>\r\n"+head+"\r\n"+key+"\r\n"))
		s.once(key)
	}
	send("bea@customer.test", "bea-asks", "")
	db := database(s.t, s.data)
	defer db.Close()
	const threadOf = "SELECT e.id || ' ' || e.customer_id || ' ' || e.conversation_id FROM events e JOIN messages m ON m.event_id = e.id WHERE e.customer_id = (SELECT customer_id FROM identities WHERE value = ?)"
	before := fmt.Sprint(column(s.t, db, threadOf, "bea@customer.test"))
	send("ana@customer.test", "ana-quotes", "In-Reply-To: <bea-asks@example.com>\r\nReferences: <bea-asks@example.com>\r\n")
	if after := fmt.Sprint(column(s.t, db, threadOf, "bea@customer.test")); after != before {
		s.t.Errorf("Bea's thread is %s, was %s", after, before)
	}
	if n := len(column(s.t, db, threadOf, "ana@customer.test")); n != 1 {
		s.t.Errorf("%d entries in Ana's thread", n)
	}
	if link := column(s.t, db, "SELECT q.text FROM messages m JOIN messages q ON q.event_id = m.quotes_id WHERE m.message_id = 'ana-quotes@example.com'"); len(link) != 1 || !strings.Contains(link[0], "bea-asks") {
		s.t.Errorf("Ana's mail is linked with %v", link)
	}
}

// twoResponders: Alice's mailbox answers every mail, and so does the shop's second one. One answer of ours at
// most, whatever hers look like.
func (s *mailStory) twoResponders() {
	s.t.Helper()
	say := func(key, head string) {
		s.stack.SendMail(mailtest.Alice, mailtest.Bob, []byte("From: Alice <"+mailtest.Alice+">\r\nTo: "+mailtest.Bob+"\r\nSubject: Hello\r\nMessage-ID: <"+key+"@example.com>\r\n"+head+"\r\n"+key+"\r\n"))
		s.once(key)
	}
	say("alice-begins", "")
	answered := 0
	for round := range 3 { // her responder marks its answers, forgets to, and forgets what it answers
		mails := s.stack.Messages(mailtest.Alice, "INBOX")
		if round == 0 {
			mails = s.stack.Await(mailtest.Alice, "INBOX", 1)
		}
		for _, mail := range mails[min(answered, len(mails)):] {
			head, err := textproto.NewReader(bufio.NewReader(bytes.NewReader(append(mail, '\n')))).ReadMIMEHeader()
			mustDo(s.t, err)
			if head.Get("Auto-Submitted") != "auto-replied" {
				s.t.Errorf("our answer says Auto-Submitted: %q", head.Get("Auto-Submitted"))
			}
			answered++
			say(fmt.Sprintf("answer-%d-marked", answered), "In-Reply-To: "+head.Get("Message-ID")+"\r\nAuto-Submitted: auto-replied\r\n")
			say(fmt.Sprintf("answer-%d-unmarked", answered), "In-Reply-To: "+head.Get("Message-ID")+"\r\n")
		}
		say(fmt.Sprintf("answer-to-nothing-%d", round), "")
	}
	db := database(s.t, s.data)
	defer db.Close()
	if n := column(s.t, db, "SELECT count(*) FROM messages m JOIN events e ON e.id = m.event_id WHERE e.direction = 'out' AND m.automatic <> ''")[0]; n != "1" || answered != 1 {
		s.t.Errorf("%s automatic answers of ours, %d arrived, want one", n, answered)
	}
}

// nothingTwice expects every mail once, those too that no story asked for by name.
func (s *mailStory) nothingTwice() {
	s.t.Helper()
	db := database(s.t, s.data)
	defer db.Close()
	if got := column(s.t, db, "SELECT text || ' x' || count(*) FROM messages m JOIN events e ON e.id = m.event_id WHERE e.direction = 'in' GROUP BY text HAVING count(*) > 1"); len(got) > 0 {
		s.t.Errorf("doubled: %q", got)
	}
	if got := column(s.t, db, "SELECT i.value FROM events e JOIN identities i ON i.id = e.anchor_identity_id GROUP BY i.value HAVING count(DISTINCT e.customer_id) > 1"); len(got) > 0 {
		s.t.Errorf("in several threads: %q", got)
	}
	if got := column(s.t, db, "SELECT id FROM events WHERE kind = 'unreadable'"); len(got) > 0 {
		s.t.Errorf("unreadable: %q", got)
	}
}
