package email

import (
	"fmt"
	"testing"
	"time"

	"onethread/integrations/email/mailtest"
)

func TestSpamMarks(t *testing.T) {
	for head, want := range map[string]bool{
		"X-Spam-Flag: YES": true,
		"X-Spam-Flag: NO":  false,
		"X-Spam-Status: Yes, score=12.1 required=5.0 tests=ALL": true,
		"X-Spam-Status: No, score=1.1 required=5.0 tests=YES":   false,
		"X-Spam: Yes":                                                                 true,
		"X-Rspamd-Action: no action":                                                  false,
		"X-Rspamd-Action: add header":                                                 true,
		"X-Spamd-Result: default: True [15.2 / 15.0];":                                true,
		"X-Spamd-Result: default: False [1.2 / 15.0];":                                false,
		"X-Forefront-Antispam-Report: CIP:1.2.3.4;CTRY:;LANG:en;SCL:5;SFV:SPM;":       true,
		"X-Forefront-Antispam-Report: CIP:1.2.3.4;SCL:9;SFV:SKB":                      true,
		"X-Forefront-Antispam-Report: CIP:1.2.3.4;CTRY:;LANG:en;SCL:1;SFV:NSPM;SRV:;": false,
		"X-MS-Exchange-Organization-SCL: 6":                                           true,
		"X-MS-Exchange-Organization-SCL: -1":                                          false,
		"X-Spam-Flag: NO\nX-Spam-Flag: YES":                                           true,
		"Subject: X-Spam-Flag: YES":                                                   false,
	} {
		in := shopReceiver(t).inbound(item{raw: []byte("From: ana@c.test\n" + head + "\n\nhello")}, false, false)
		if m := message(t, in); m.Spam != want {
			t.Errorf("%s: spam %v", head, m.Spam)
		}
	}
	ours := "From: shop@example.test\nTo: ana@c.test\nX-Spam-Flag: YES\n\nhello"
	if m := message(t, shopReceiver(t).inbound(item{raw: []byte(ours)}, false, true)); m.Spam {
		t.Error("what the shop itself sent is spam")
	}
}

// TestJunkFolder: only with the setting, only from the channel's beginning on, and as spam.
func TestJunkFolder(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	junk := s.Open(t, mailtest.Shop)
	put := func(subject string, at time.Time) {
		t.Helper()
		if err := junk.Put("Junk", letterOf(subject), at); err != nil {
			t.Fatal(err)
		}
	}
	if err := junk.Create("Spam"); err != nil { // an empty one beside it: the mark counts, not the name
		t.Fatal(err)
	}
	connected := time.Now().Add(-time.Minute)
	put("an hour before", connected.Add(-time.Hour))
	put("since", time.Now())
	s.Deliver(mailtest.Shop, "INBOX", letterOf("wanted"))

	off := newBox(t)
	off.connect(s.Settings(mailtest.Shop), connected)
	off.live()
	if len(off.mails) != 1 || message(t, off.mails[0]).Spam {
		t.Errorf("without the setting: %d mails", len(off.mails))
	}

	settings := s.Settings(mailtest.Shop)
	settings["read_junk"], settings["poll_seconds"] = "true", "1"
	b := newBox(t)
	b.connect(settings, connected)
	b.awaitMails(2)
	b.live()
	put("later", time.Now())
	got := map[string]bool{}
	for _, in := range b.awaitMails(3) {
		got[message(t, in).Subject] = message(t, in).Spam
	}
	if want := (map[string]bool{"wanted": false, "since": true, "later": true}); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
