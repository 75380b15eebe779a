package mime

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

// stage is one reader of hostile text.
type stage struct {
	name  string
	limit time.Duration // for 1 MB
	run   func(s string)
}

// stages are given what they get in a mail: a field of a head never is longer than its limit.
func stages() []stage {
	const limit = 250 * time.Millisecond
	return []stage{
		{"all of them", 3 * limit, func(s string) { Report([]byte("Subject: a\n\n"+s), "") }},
		{"fold text", limit, func(s string) { replyText(s, false) }},
		{"fold a forward", limit, func(s string) { replyText(s, true) }},
		{"fold HTML", limit, func(s string) { replyHTML(s, false) }},
		{"HTML to text", limit, func(s string) { HTMLText(s) }},
		{"forward", limit, func(s string) { findForward(s, setting{subject: "Fwd: a"}) }},
		{"addresses", limit, func(s string) { ParseAddresses(s[:min(len(s), maxFieldBytes)]) }},
		{"ids", limit, func(s string) { parseIDs(s[:min(len(s), maxFieldBytes)]) }},
		{"words of a header", limit, func(s string) { decodeWords(s[:min(len(s), maxFieldBytes)]) }},
		{"bounce", limit, func(s string) {
			raw := []byte("From: MAILER-DAEMON@x.test\nSubject: Undelivered\n\n" + s)
			if m, err := Parse(raw); err == nil {
				Classify(m, raw)
			}
		}},
	}
}

// repeated are the texts of S34 and what else could cost more than its length.
var repeated = []string{
	">", "<", "> ", ">\n", "> a\n", "-", "--\n", "---\n", "_", "\n", " ", "a", "a\n", "\r", "@", "a@", "a@a@", "a@b.test, ",
	"On Mon, 3 May 2021 Ana <ana@x.test> wrote:\n", "On … wrote:\n", "x On 3 May 2021 Ana <ana@x.test> wrote:\n", "On 3 May 2021 Ana <ana@x.test>\n",
	"> On 3 May 2021 Ana <ana@x.test> wrote:\n\n", "> a\n\nb\n\n", "From: ", "From: a\n", "From: a@b.test\nDate: 3 May 2021\n", "Subject: a\n", "From: a\n\n",
	"---------- Forwarded message ----------\n", "---------- Forwarded message ---------- From: ", "-----Original Message-----\n", "-- Forwarded message --From:",
	"<div>", "<blockquote>", "<blockquote><p>a", "<a href=http://x>", "<div class=gmail_quote>", "<div class=gmail_quote>a</div>", "<hr>From: a@b.test<br>", "<!--", "<![", "&", "<p style='",
	"=?", "=?utf-8?Q?", "=?utf-8?B?YQ==?= ", "\"", "\\", "(", "<a@b", "a:", ";", "Message-ID: <a@b.test>\n", "Diagnostic-Code: a\n", "Status: 5.1.1\n", "Final-Recipient: rfc822; a@b.test\n",
	"a@b.test:\n", "To: ", "To: a", "<a@b.test>:\n550 user unknown\n", "5.1.1 ", "550 ", "{\"notificationType\":", "--b\nContent-Type: message/rfc822\n\n", "\ue000", "\ue000 On 3 May 2021 a@b.test wrote:\n", "\n \n", "Am 3. Mai\n", "ᐧ\n", "Sent from my ",
}

// measure takes the best of some runs: others work on the machine, too.
func measure(run func(string), s string, runs int) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	best := time.Hour
	for range runs {
		before := threadTime()
		run(s)
		best = min(best, threadTime()-before)
	}
	return best
}

// TestLinear: 250 ms for 1 MB in every stage, and twice the text takes no more than 2.6 times
// as long (S34 of the security tests). What takes next to no time is let pass.
func TestLinear(t *testing.T) {
	const short, fast = 15 * time.Millisecond, 100 * time.Millisecond
	for _, s := range stages() {
		worst, of := time.Duration(0), ""
		for _, piece := range repeated {
			whole := strings.Repeat(piece, 1<<20/len(piece))
			if measure(s.run, whole[:len(whole)/4], 1) < short {
				continue
			}
			took := measure(s.run, whole, 1)
			if took > worst {
				worst, of = took, piece
			}
			if took < fast {
				continue
			}
			took = measure(s.run, whole, 5)
			if took > s.limit {
				t.Errorf("%s of 1 MB of %q took %v", s.name, piece, took)
			}
			if half := measure(s.run, whole[:len(whole)/2], 3); float64(took) > 2.6*float64(half) {
				half, took = measure(s.run, whole[:len(whole)/2], 5), measure(s.run, whole, 5)
				if growth := float64(took) / float64(half); growth > 2.6 {
					t.Errorf("%s of %q: twice the text takes %.1f times as long (%v)", s.name, piece, growth, took)
				}
			}
		}
		t.Logf("%-20s worst %v, of %q", s.name, worst.Round(time.Millisecond), of)
	}
}
