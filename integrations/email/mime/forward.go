package mime

import "strings"

// Forwarded is the mail that somebody handed on inside their own.
type Forwarded struct {
	FromName    string `json:"from_name"`
	FromAddress string `json:"from_address"`
	Subject     string `json:"subject"`
	Body        string `json:"body"`
	Message     string `json:"-"` // what the person who handed it on wrote above
	Mail        *Mail  `json:"-"` // the mail itself, where it hangs on whole; nil where only its text is quoted
}

// Forwarded is the mail that this one hands on; nil means none. Who it says to be from is only
// what the forwarding person's program wrote, or what that person made of it.
func (m *Mail) Forwarded() *Forwarded {
	text := m.Text
	if strings.TrimSpace(text) == "" {
		text = HTMLText(m.HTML)
	}
	answer := len(m.InReplyTo)+len(m.References) > 0 || answerSubject().MatchString(m.Subject)
	if f := findForward(text, setting{subject: m.Subject, answer: answer}); f != nil {
		return f
	}
	return m.attached()
}

// setting is what the head of a mail says about its text.
type setting struct {
	subject string
	answer  bool // it answers another mail: a head quoted in it is most likely of that one
}

// findForward looks for a forwarded mail in a text: under a line that says so, or under a bare
// head ("From: … Sent: …"). An answer from Outlook looks just like the latter, so there the
// mail's own head must not say that it is one. nil means that there is none.
func findForward(text string, in setting) *Forwarded {
	lines := splitLines(text[:min(len(text), maxReply)])
	handed := forwardSubject().MatchString(in.subject)
	above := false // words stand above
	tries := 0
	for i, line := range lines {
		own := !isQuoted(line)
		if line = unquote(line); strings.Trim(line, " _-=") == "" {
			continue // nothing, or a rule
		}
		f := forwardAt(lines[i:], line, forwardClues{handed: handed, answer: in.answer && !handed, above: above, own: own})
		if f != nil {
			f.Message = strings.TrimRight(tidy(lines[:i]), "\n_-=> ")
			if f.Subject == "" && handed {
				f.Subject = strings.TrimSpace(forwardSubject().ReplaceAllString(in.subject, ""))
			}
			return f
		}
		if above = true; strings.HasPrefix(line, "--") {
			tries++
		}
		if tries > maxTries {
			break
		}
	}
	return nil
}

// maxTries is how many lines of dashes are looked at.
const maxTries = 1000

// forwardClues is what is known where a forwarded mail may begin.
type forwardClues struct {
	handed, answer bool // the subject says that a mail is handed on; the mail is an answer
	above          bool // words stand above
	own            bool // the line is not quoted
}

// forwardAt reads the forwarded mail that begins on the first line, given bare as well.
func forwardAt(lines []string, line string, c forwardClues) *Forwarded {
	fresh := c.own || !c.above // a quote below words belongs to an answer
	if run := forwardedInLine(line); run != "" {
		return readForward(append(splitHeadLine(run), lines[1:]...))
	}
	switch {
	case isForwarded(line) && (fresh || !c.answer):
		return readForward(lines[1:])
	case c.answer:
	case isOriginal(line):
		return readForward(lines[1:])
	case fresh && startsHead(line) && headBlock(unquoteAll(lines[:min(len(lines), 12)])):
		return readForward(lines)
	case c.handed && !c.above: // the new Outlook writes an answer's line above it
		if n := readIntroduction(lines).lines; n > 0 {
			f := &Forwarded{Body: bodyOf(lines[n:], false)}
			f.FromName, f.FromAddress = readIntro(strings.Join(lines[:n], " "))
			return f
		}
	}
	return nil
}

// isForwarded knows the line above a mail that is handed on.
func isForwarded(line string) bool {
	return len(line) > 6 && len(line) <= maxMark && forwarded().MatchString(line)
}

// forwardedInLine returns the head that follows a line of dashes on the same line.
func forwardedInLine(line string) string {
	if len(line) > 2000 || !strings.HasPrefix(line, "--") && !strings.HasPrefix(line, "__") {
		return ""
	}
	if run := forwardRun().FindStringSubmatch(line); run != nil && labelInside().MatchString(run[1]) {
		return run[1]
	}
	return ""
}

// splitHeadLine cuts a head that was written into one line ("From: Ana <ana@x>To: …Subject: …")
// at its labels, each taken once.
func splitHeadLine(s string) (lines []string) {
	seen := map[label]bool{}
	start := 0
	for _, at := range labelInside().FindAllStringIndex(s, 50) {
		l, _ := cutLabel(s[at[0]:])
		if l == noLabel || seen[l] {
			continue
		}
		if seen[l] = true; at[0] > start {
			lines = append(lines, strings.TrimSpace(s[start:at[0]]))
		}
		start = at[0]
	}
	return append(lines, strings.TrimSpace(s[start:]))
}

func startsHead(line string) bool {
	l, _ := cutLabel(line)
	return l == fromLabel || l == dateLabel
}

// readIntro takes the person out of `On 28/10/2021 12:46, "John Doe" <john@x> wrote:`.
func readIntro(line string) (name, address string) {
	name, address = readFrom(line)
	quotes := strings.NewReplacer("„", `"`, "”", `"`, "“", `"`, "«", `"`, "»", `"`)
	if parts := strings.Split(quotes.Replace(line), `"`); len(parts) == 3 {
		return strings.TrimSpace(strings.Trim(parts[1], "\u00a0")), address
	}
	return afterDate(name), address
}

// afterDate takes the date off the words before an address ("On 3.5.2011 um 12:46 schrieb Ana").
func afterDate(s string) string {
	words := strings.Fields(s)
	for i := len(words) - 1; i >= 0; i-- {
		if strings.ContainsAny(words[i], "0123456789") {
			words = words[i+1:]
			break
		}
	}
	for len(words) > 1 && dateEnd[strings.ToLower(strings.Trim(words[0], ".,"))] {
		words = words[1:]
	}
	return strings.Join(words, " ")
}

// dateEnd are words between the date and the name in introductions.
var dateEnd = map[string]bool{"am": true, "pm": true, "uhr": true, "um": true, "schrieb": true, "skrev": true, "heeft": true, "időpontban": true,
	"uur": true, "kl": true, "klo": true, "г": true, "в": true, "пользователь": true, "cet": true, "cest": true, "gmt": true, "utc": true, "est": true, "edt": true, "pst": true, "pdt": true}

// unquote takes off quote marks and blanks.
func unquote(line string) string { return strings.Trim(line, "> \t") }

func unquoteAll(lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = unquote(l)
	}
	return out
}

// readFrom reads "Ana <ana@x>", "Ana [mailto:ana@x]", "Ana <ana@x<mailto:ana@x>>", "ana@x".
func readFrom(value string) (name, address string) {
	value = strings.NewReplacer("[mailto:", "<", "<mailto:", "<", "]", ">", "[", "<", "*", "").Replace(value)
	at := strings.IndexByte(value, '@')
	if at < 0 {
		return strings.Trim(strings.TrimSpace(value), `"'<>`), ""
	}
	start := strings.LastIndexAny(value[:at], " <>\t\"'(\u00a0") + 1
	end := at + strings.IndexAny(value[at:]+" ", " <>\t\"')\u00a0,;")
	name = strings.Trim(strings.TrimSpace(value[:start]), `"'<>( `+"\u00a0")
	return cleanName(name), strings.ToLower(strings.Trim(value[start:end], "."))
}

// bodyOf joins the body's lines. Where the head was quoted, or every line is, the quote marks
// come off.
func bodyOf(lines []string, quoted bool) string {
	for _, l := range lines {
		if quoted {
			break
		}
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, ">") {
			return strings.TrimSpace(strings.Join(lines, "\n"))
		}
	}
	body := make([]string, len(lines))
	for i, l := range lines {
		if bare, marked := strings.CutPrefix(strings.TrimSpace(l), ">"); marked {
			l = strings.TrimPrefix(bare, " ")
		}
		body[i] = l
	}
	return strings.TrimSpace(strings.Join(body, "\n"))
}
