package mime

import (
	"strings"
	"testing"
)

// TestFold tells what stays of a mail, and what must not be taken for another's words.
func TestFold(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"an answer above":                 {"Yes, please.\n\nOn Mon, 3 May 2021 at 10:00, Shop <shop@x.test> wrote:\n> Shall we send it?", "Yes, please."},
		"an answer below":                 {"On Mon, 3 May 2021 at 10:00, Shop <shop@x.test> wrote:\n> Shall we send it?\n\nYes, please.", "Yes, please."},
		"answered piece by piece":         {"Hello\nOn Mon, 3 May 2021, Shop wrote:\n> Oak?\n\nOak.\n\n> When?\n\nFriday.", "Hello\n> Oak?\n\nOak.\n\n> When?\n\nFriday."},
		"only a closing below":            {"Oak.\nOn Mon, 3 May 2021, Shop wrote:\n> Oak?\n\nRegards, Ana", "Oak.\n\nRegards, Ana"},
		"a line quoted by hand":           {"> two chairs\n\nI meant three.", "> two chairs\n\nI meant three."},
		"wrapped over three lines":        {"Yes\n\nOn Mon, 3 May 2021 at 10:00, The Shop\n<shop@x.test>\nwrote:\n\nShall we?", "Yes"},
		"wrapped in its last character":   {"Ja\n\nman. 3. maj 2021 kl. 10:00 skrev Butik <shop@x.test\n>:\n\n> Skal vi?", "Ja"},
		"run into the answer's line":      {"Yes please On Mon, May 3, 2021 at 10:00 AM, shop@x.test wrote:\n> Shall we?", "Yes please"},
		"between dashes":                  {"Yes\n\n---- On Mon, 03 May 2021 10:00:00 +0200 Shop wrote ----\n\nShall we?", "Yes"},
		"the name behind the verb":        {"Ja\n\nAm 3. Mai 2021 um 10:00 schrieb Laden <shop@x.test>:\n\nSollen wir?", "Ja"},
		"a sentence that ends in wrote":   {"Here is what she wrote:\n\nI like it.", "Here is what she wrote:\n\nI like it."},
		"a list of dates":                 {"I can come on\n3 May at 10:00\n4 May at 11:00", "I can come on\n3 May at 10:00\n4 May at 11:00"},
		"a head without a mark":           {"Yes\n\n________________________________\nFrom: Shop <shop@x.test>\nSent: Monday, May 3, 2021 10:00\nTo: Ana\nSubject: Desk\n\nShall we?", "Yes"},
		"a head that begins with a date":  {"Yes\n\nDate: Mon, 3 May 2021\nFrom: shop@x.test\nTo: ana@x.test\n\nShall we?", "Yes"},
		"a journey is no head":            {"We need a van.\n\nFrom: Berlin\nTo: Paris\nDate: 3 May\n\nThanks", "We need a van.\n\nFrom: Berlin\nTo: Paris\nDate: 3 May\n\nThanks"},
		"a form is no head":               {"From: Ana <ana@x.test>\nSubject: Desk\nDate: 3 May\n\nIs it oak?", "From: Ana <ana@x.test>\nSubject: Desk\nDate: 3 May\n\nIs it oak?"},
		"a signature":                     {"Yes\n\n-- \nAna Lopez\n+351 555", "Yes"},
		"a name signed with a hyphen":     {"Yes\n\n-Ana Lopez", "Yes"},
		"a list is no signature":          {"I need\n\n-Chairs\n-Lamps", "I need\n\n-Chairs\n-Lamps"},
		"a rule that parts a long letter": {"One\n\n---\n\n" + strings.Repeat("more\n", 20), "One\n\n---\n\n" + strings.TrimSpace(strings.Repeat("more\n", 20))},
		"a telephone":                     {"Yes\n\nSent from my iPhone", "Yes"},
		"words below the telephone":       {"Yes\n\nSent from my iPhone\n\nAnd a lamp.", "Yes\n\nAnd a lamp."},
		"a forwarded mail":                {"Can you?\n\n---------- Forwarded message ----------\nFrom: Bo <bo@x.test>\nSubject: a\n\nIs it oak?", "Can you?\n\n---------- Forwarded message ----------\nFrom: Bo <bo@x.test>\nSubject: a\n\nIs it oak?"},
	} {
		if got := replyText(c.text, false); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestFoldHTML(t *testing.T) {
	for name, c := range map[string]struct{ page, want string }{
		"Gmail":                        {`Yes<div class="gmail_quote"><div class="gmail_attr">On Mon, Shop wrote:</div><blockquote>a</blockquote></div>`, "Yes"},
		"Gmail hands on":               {`Look<div class="gmail_quote"><div>---------- Forwarded message ---------</div>From: Bo<br>a</div>`, "Look\n---------- Forwarded message ---------\nFrom: Bo\na"},
		"a quote that says so":         {`Yes<blockquote type="cite">a</blockquote>`, "Yes"},
		"an indent":                    {`I said<blockquote>three chairs</blockquote>`, "I said\n\n three chairs"},
		"a line above a blockquote":    {`Yes<div>On 3 May 2021, Shop &lt;shop@x.test&gt; wrote:</div><blockquote>a</blockquote>`, "Yes"},
		"that line inside it":          {`Yes<blockquote>On 3 May 2021, Shop &lt;shop@x.test&gt; wrote:<br>a</blockquote>`, "Yes"},
		"an answer below the quote":    {`<div class="gmail_quote">On 3 May 2021, Shop &lt;shop@x.test&gt; wrote:<blockquote type="cite">a</blockquote></div><p>Yes</p>`, "Yes"},
		"a rule above a sender's line": {`Yes<hr><b>From:</b> shop@x.test <b>Sent:</b> Monday<br>a`, "Yes"},
	} {
		if got := replyHTML(c.page, false); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestForwards(t *testing.T) {
	const head = "From: Bo Berg <bo@x.test>\nSent: Monday, May 3, 2021\nTo: Ana\nSubject: Desk\n\nIs it oak?"
	want := Forwarded{FromName: "Bo Berg", FromAddress: "bo@x.test", Subject: "Desk", Body: "Is it oak?"}
	for name, c := range map[string]struct {
		text, subject, message string
		answer, none           bool
	}{
		"Gmail":                      {text: "Look\n\n---------- Forwarded message ---------\nFrom: Bo Berg <bo@x.test>\nDate: Mon, 3 May 2021\nSubject: Desk\nTo: <ana@x.test>\n\nIs it oak?", message: "Look"},
		"Gmail, in an answer":        {text: "Look\n\n---------- Forwarded message ---------\n" + head, message: "Look", answer: true},
		"Outlook":                    {text: "Look\n\n________________________________\n" + head, subject: "FW: Desk", message: "Look"},
		"Outlook's answer":           {text: "Look\n\n________________________________\n" + head, subject: "Re: Desk", answer: true, none: true},
		"no blank line":              {text: strings.Replace(head, "Desk\n\n", "Desk\n", 1), subject: "WG: Desk"},
		"Apple, quoted":              {text: "> Begin forwarded message:\n>\n> " + strings.ReplaceAll(head, "\n", "\n> ")},
		"one line":                   {text: " ----- Forwarded Message ----- From: Bo Berg <bo@x.test>To: \"ana@x.test\" <ana@x.test>Sent: Monday, May 3, 2021, 09:26:50 AM GMT+1Subject: Desk\nIs it oak?"},
		"the new Outlook":            {text: "On 03/05/2021 10:00, \"Bo Berg\" <bo@x.test> wrote:\n\n    Is it oak?", subject: "Fwd: Desk"},
		"a quote in an answer":       {text: "Yes\n\n> -------- Original Message --------\n> " + strings.ReplaceAll(head, "\n", "\n> "), answer: true, none: true},
		"a mail that says From":      {text: "Is the desk\nFrom: Berlin\nstill there?", none: true},
		"a mark with nothing behind": {text: "---------- Forwarded message ---------\n\nIs it oak?", none: true},
	} {
		got := findForward(c.text, setting{subject: c.subject, answer: c.answer})
		if c.none {
			if got != nil {
				t.Errorf("%s: got %+v, want none", name, got)
			}
			continue
		}
		want.Message = c.message
		if got == nil || *got != want {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
}
