package email

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"

	"onethread/integrations/email/mailtest"
	"onethread/models"
)

func TestMissing(t *testing.T) {
	for _, c := range []struct {
		known []uint32
		there []imap.UID
		want  []uint32
	}{
		{nil, nil, nil},
		{[]uint32{1, 2, 3}, []imap.UID{1, 2, 3}, nil},
		{[]uint32{1, 2, 3}, nil, []uint32{1, 2, 3}},
		{[]uint32{2, 5, 9}, []imap.UID{1, 2, 3, 4, 9, 12}, []uint32{5}},
		{[]uint32{4, 7}, []imap.UID{8}, []uint32{4, 7}},
		{[]uint32{4, 7}, []imap.UID{4, 5, 6}, []uint32{7}},
	} {
		if got := missing(c.known, c.there); !slices.Equal(got, c.want) {
			t.Errorf("known %v, there %v: %v, want %v", c.known, c.there, got, c.want)
		}
	}
}

// TestGoneFromDovecot: what was deleted or moved by another program is told while the receiver runs, and what
// went while it did not; what still lies there is not.
func TestGoneFromDovecot(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	if err := s.Open(t, mailtest.Shop).Create("Archive"); err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		s.Deliver(mailtest.Shop, "INBOX", letterOf(fmt.Sprint("number", i)))
	}
	b := newBox(t)
	b.gone = map[models.Place]bool{}
	settings := s.Settings(mailtest.Shop)
	settings["poll_seconds"] = "1"
	stop := b.connect(settings, time.Now().Add(-time.Hour))
	b.awaitMails(4)
	b.live()
	is := func(i int) func() bool {
		at := slices.IndexFunc(b.mails, func(in models.Inbound) bool { return message(t, in).Subject == fmt.Sprint("number", i) })
		place := *b.mails[at].Place
		return func() bool { return b.gone[place] }
	}
	deleted, moved, away, stays := is(0), is(1), is(2), is(3)
	s.Expunge(mailtest.Shop, "INBOX", "number0")
	b.await("the deleted mail to be missed", deleted)
	s.Move(mailtest.Shop, "INBOX", "Archive", "number1")
	b.await("the moved mail to be missed", moved)
	stop()
	s.Expunge(mailtest.Shop, "INBOX", "number2")
	b.connect(settings, time.Now().Add(-time.Hour))
	b.await("the mail that went meanwhile to be missed", away)
	if stays() || len(b.gone) != 3 {
		t.Errorf("gone: %v", b.gone)
	}
}
