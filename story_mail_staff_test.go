package main

import (
	"fmt"
	"strings"

	"onethread/integrations/email/mailtest"
)

// colleagues: Mia writes to Ana from her own mailbox with the shop in copy, and somebody writes in her name.
// The first is the shop's message in Ana's thread, the second nobody's.
func (s *mailStory) colleagues() {
	s.t.Helper()
	mail := func(key, head string) {
		s.stack.Deliver(mailtest.Shop, "INBOX", []byte(head+"From: Mia <mia@casa.example>\r\nTo: Ana <ana@customer.test>\r\nCc: "+mailtest.Shop+"\r\nSubject: Re: Parcel\r\nMessage-ID: <"+key+"@casa.example>\r\nIn-Reply-To: <ana-quotes@example.com>\r\n\r\n"+key+"\r\n"))
		s.once(key)
	}
	mail("mia-answers", "Authentication-Results: localhost; dkim=pass header.d=casa.example\r\n")
	mail("eve-answers", "")
	db := database(s.t, s.data)
	defer db.Close()
	where := func(key string) string {
		return strings.Join(column(s.t, db, `SELECT e.direction || ' by ' || coalesce(u.name, '-') || ' with ' || i.value || CASE m.warning WHEN '' THEN '' ELSE ', warned' END FROM messages m JOIN events e ON e.id = m.event_id
			JOIN identities i ON i.id = e.anchor_identity_id LEFT JOIN users u ON u.id = e.user_id WHERE m.message_id = ?`, key+"@casa.example"), "; ")
	}
	if got := where("mia-answers"); got != "out by Mia Torres with ana@customer.test" {
		s.t.Errorf("Mia's own mail: %s", got)
	}
	if got := where("eve-answers"); got != "in by - with unknown@sender.invalid, warned" {
		s.t.Errorf("a mail in her name: %s", got)
	}
	if n := column(s.t, db, "SELECT count(*) FROM identities WHERE value = 'mia@casa.example'")[0]; n != "0" {
		s.t.Error("Mia has become a customer")
	}
}

// comesBack: what a phone sent is refused by the real Postfix; its true report marks the very message, although
// the inbox is read before the folder that the message lies in.
func (s *mailStory) comesBack() {
	s.t.Helper()
	phone := []byte("From: Leo <" + mailtest.Shop + ">\r\nTo: nobody@example.test\r\nSubject: Your desk\r\nMessage-ID: <phone-1@phone.test>\r\n\r\nfrom my phone\r\n")
	s.stack.SendMail(mailtest.Shop, "nobody@example.test", phone)
	s.stack.Deliver(mailtest.Shop, "Sent", phone)
	db := database(s.t, s.data)
	defer db.Close()
	eventually(s.t, "the bounce", func() error {
		got := strings.Join(column(s.t, db, "SELECT state || ' ' || error FROM messages WHERE message_id = 'phone-1@phone.test'"), "; ")
		if !strings.HasPrefix(got, "bounced ") || !strings.Contains(got, "no such mailbox") {
			return fmt.Errorf("the message is %q", got)
		}
		return nil
	})
}
