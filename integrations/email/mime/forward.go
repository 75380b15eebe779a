package mime

import "strings"

// Forwarded is the mail that somebody handed on inside their own.
type Forwarded struct {
	FromName    string `json:"from_name"`
	FromAddress string `json:"from_address"`
	Subject     string `json:"subject"`
	Body        string `json:"body"`
}

// findForward looks for a forwarded mail in a text: under a line that says so, or, where the
// subject says so or nothing stands above it, under a bare head ("From: … Sent: …"). nil means
// that there is none.
func findForward(text, subject string) *Forwarded {
	lines := strings.Split(strings.ReplaceAll(text[:min(len(text), maxReply)], "\r\n", "\n"), "\n")
	handed := forwardSubject.MatchString(subject)
	above := false // words stand above
	for i, line := range lines {
		line = unquote(line)
		switch {
		case strings.Trim(line, " \t\r_-=") == "":
			continue // nothing, or a rule
		case forwarded.MatchString(line), handed && original.MatchString(line):
			if f := readForward(lines[i+1:]); f != nil {
				return f
			}
		case (handed || !above) && headBlock(unquoteAll(lines[i:min(len(lines), i+12)])):
			return readForward(lines[i:])
		}
		if n := readIntroduction(lines[i:]).lines; handed && !above && n > 0 { // the new Outlook writes a reply's line above it
			f := &Forwarded{Body: bodyOf(lines[i+n:])}
			f.FromName, f.FromAddress = readIntro(strings.Join(lines[i:i+n], " "))
			return f
		}
		above = true
	}
	return nil
}

// readIntro takes the person out of `On 28/10/2021 12:46, "John Doe" <john@x> wrote:`.
func readIntro(line string) (name, address string) {
	name, address = readFrom(line)
	quotes := strings.NewReplacer("„", `"`, "”", `"`, "“", `"`, "«", `"`, "»", `"`)
	if parts := strings.Split(quotes.Replace(line), `"`); len(parts) == 3 {
		return strings.TrimSpace(strings.Trim(parts[1], "\u00a0")), address
	}
	if _, after, ok := cutLast(name, ", "); ok {
		name = after
	}
	return strings.TrimSpace(name), address
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

func unquote(line string) string {
	return strings.TrimLeft(strings.TrimLeft(line, "> \t\u00a0"), "\ufeff")
}

func unquoteAll(lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = unquote(l)
	}
	return out
}

// readForward reads the head and takes what follows as the body. A quote mark that every line
// of the forwarded mail carries comes off.
func readForward(lines []string) *Forwarded {
	for len(lines) > 0 && unquote(lines[0]) == "" {
		lines = lines[1:]
	}
	f, last, labels := Forwarded{}, noLabel, 0
	i := 0
	for ; i < len(lines) && i < 40; i++ {
		line := strings.TrimSpace(unquote(lines[i]))
		l, value := cutLabel(line)
		if line == "" && labels >= 2 {
			break
		}
		if line == "" {
			continue
		}
		if l == noLabel {
			if labels == 0 || last == noLabel {
				return nil
			}
			value = line // the rest of a wrapped line
		} else {
			last, labels = l, labels+1
		}
		f.take(last, value, l == noLabel)
	}
	if f.FromAddress == "" && f.FromName == "" {
		return nil
	}
	f.Body = bodyOf(lines[i:])
	return &f
}

func (f *Forwarded) take(l label, value string, more bool) {
	switch {
	case l == fromLabel && (!more || f.FromAddress == ""):
		if more {
			value = f.FromName + " " + value
		}
		f.FromName, f.FromAddress = readFrom(value)
	case l == subjectLabel && more:
		f.Subject += " " + value
	case l == subjectLabel:
		f.Subject = value
	}
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
	return cleanName(name), strings.ToLower(value[start:end])
}

// bodyOf joins the body's lines; the quote marks come off if all of them carry one.
func bodyOf(lines []string) string {
	all := true
	for _, l := range lines {
		if strings.TrimSpace(l) != "" && !strings.HasPrefix(strings.TrimSpace(l), ">") {
			all = false
		}
	}
	if all {
		for i, l := range lines {
			l = strings.TrimPrefix(strings.TrimSpace(l), ">")
			lines[i] = strings.TrimPrefix(l, " ")
		}
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}
