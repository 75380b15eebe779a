package mailtest

import (
	"bytes"
	"testing"
)

func TestMailTravels(t *testing.T) {
	s := Start(t)
	s.SendMail("ana@customer.test", "shop+tag@example.test", []byte("Subject: hello\r\n\r\nby SMTP\r\n"))
	got := s.Await(Shop, "INBOX", 1)[0]
	if !bytes.Contains(got, []byte("Delivered-To: shop+tag@example.test")) || !bytes.Contains(got, []byte("by SMTP")) {
		t.Errorf("what arrived is not what was sent:\n%s", got)
	}
	s.Deliver(Bob, "INBOX", []byte("no header at all"))
	s.Await(Bob, "INBOX", 1)
}
