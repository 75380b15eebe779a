package mime

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// seed adds the package's own mails.
func seed(f *testing.F) {
	files, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(files) == 0 {
		f.Fatal("the package's mails are missing", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(raw))
	}
}

// sound text is UTF-8 and holds no NUL.
func sound(t *testing.T, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			t.Fatalf("unsound text %q", s)
		}
	}
}

// FuzzAddresses: no control character comes through, no list is endless, and what was read can
// be written and read again.
func FuzzAddresses(f *testing.F) {
	f.Add(`"Doe, Jane" <jane@x.test>, bob@y.test (Bob); Friends: a@x.test;`)
	f.Add(`=?utf-8?Q?Jane_<jane@x.test>?= <@relay:jane@x.test`)
	f.Fuzz(func(t *testing.T, field string) {
		list := ParseAddresses(field)
		if len(list) > 2*maxAddresses {
			t.Fatalf("%d addresses", len(list))
		}
		for _, a := range list {
			sound(t, a.Name, a.Address)
			if strings.ContainsFunc(a.Name+a.Address, unicode.IsControl) && !strings.ContainsFunc(a.Name+a.Address, func(r rune) bool { return r >= 0x80 && unicode.IsControl(r) }) {
				t.Fatalf("control character in %q", a)
			}
		}
		sound(t, Line(list))
	})
}

// FuzzFold: nothing is invented. Every line that stays stood in the text.
func FuzzFold(f *testing.F) {
	seed(f)
	f.Add("Thanks\n\nOn Mon, 3 May 2021 Ana <ana@x.test>\nwrote:\n> a\n\nb\n-- \nBob")
	f.Add("<p>a<blockquote type=cite>b</blockquote><hr>From: a@b.test<br><div class=gmail_quote>c")
	f.Fuzz(func(t *testing.T, text string) {
		text = guess([]byte(text))
		whole := strings.Join(splitLines(text), "\n")
		whole = strings.ReplaceAll(whole, quoteMark, "")
		for _, handed := range []bool{false, true} {
			reply := replyText(text, handed)
			sound(t, reply)
			for line := range strings.SplitSeq(reply, "\n") {
				if !strings.Contains(whole, line) {
					t.Fatalf("%q does not stand in %q", line, whole)
				}
			}
			sound(t, replyHTML(text, handed))
		}
	})
}

// FuzzForward: who is named and what is handed on stood in the text.
func FuzzForward(f *testing.F) {
	seed(f)
	f.Add("FYI\n---------- Forwarded message ----------\nFrom: Ana <ana@x.test>\nDate: 3 May 2021\nSubject: a\nTo: b@x.test\n\nbody")
	f.Add("  ----- Forwarded Message ----- From: Ana <ana@x.test>To: b@x.testSent: Monday, May 3, 2021Subject: a\nbody")
	f.Fuzz(func(t *testing.T, text string) {
		text = guess([]byte(text))
		whole := strings.ToLower(strings.ReplaceAll(strings.Join(splitLines(text), "\n"), "*", "")) // "*From:*" is bold
		for _, in := range []setting{{}, {subject: "Fwd: a"}, {subject: "Re: a", answer: true}} {
			fw := findForward(text, in)
			if fw == nil {
				continue
			}
			sound(t, fw.FromName, fw.FromAddress, fw.Subject, fw.Body, fw.Message)
			if fw.FromName == "" && fw.FromAddress == "" {
				t.Fatal("a mail of nobody")
			}
			if strings.ContainsAny(fw.FromAddress, " \n<>") || !strings.Contains(whole, fw.FromAddress) {
				t.Fatalf("address %q", fw.FromAddress)
			}
		}
	})
}

// FuzzBounce: kinds are known ones, receivers can be written to, ids are ids.
func FuzzBounce(f *testing.F) {
	seed(f)
	f.Add("From: MAILER-DAEMON@x.test\nSubject: Undelivered\n\n<a@b.test>:\n550 5.1.1 user unknown\n\nMessage-ID: <c@d.test>\n")
	f.Add("From: no-reply@sns.amazonaws.com\n\n{\"notificationType\":\"Bounce\",\"bounce\":{\"bouncedRecipients\":[{\"emailAddress\":\"a@b.test\"}]}}")
	f.Add("Content-Type: message/delivery-status\n\nMessage-ID:<\xf100>")
	f.Fuzz(func(t *testing.T, raw string) {
		m, err := Parse([]byte(raw))
		if err != nil {
			return
		}
		a := Classify(m, []byte(raw))
		if !slices.Contains([]string{"none", "bounce", "auto_reply", "complaint", "delivered", "list"}, a.Kind) {
			t.Fatalf("kind %q", a.Kind)
		}
		for _, r := range a.Recipients {
			if !ValidAddress(r) {
				t.Fatalf("receiver %q", r)
			}
		}
		for _, id := range append(a.MessageIDs, a.OriginalMessageID) {
			if strings.ContainsAny(id, "<> \n") {
				t.Fatalf("id %q", id)
			}
		}
		sound(t, append(a.Recipients, a.Words(), a.Status, a.OriginalMessageID)...)
	})
}
