package mime

import "strings"

// lineKind is what the classifier makes of one line of a mail's text.
type lineKind byte

const (
	plain     lineKind = iota
	blank              // nothing on it
	rule               // a row of dashes and the like
	quoted             // begins with ">"
	indented           // an HTML blockquote that may be mere layout, see quoteMark
	intro              // "On … wrote:", and the lines it was wrapped over
	cut                // from here on everything is another mail
	handedOn           // from here on everything is a mail that was handed on
	signature          // from here to the next quote or the end: not the words of the answer
	phone              // a line that a phone or a mail program added by itself
)

const (
	// maxReply and maxLines are how much of a text is looked at, in bytes and lines: nobody types
	// more, and the patterns are linear but not free.
	maxReply = 1 << 20
	maxLines = 20_000
	// maxMark is the longest line that a pattern for the lines of mail programs is tried on.
	maxMark = 300
)

// replyText returns the words that this mail adds: without the mail it answers, the line that
// introduces it, and the signature. Quotes that are answered piece by piece stay, and so does a
// mail that was handed on: both are what the mail says. handedOver tells that the subject speaks
// of a forward. Its time is linear in the text. Nothing is lost by a mistake here: screens fold,
// they do not delete.
func replyText(text string, handedOver bool) string {
	lines := splitLines(text[:min(len(text), maxReply)])
	r := reply{lines: lines, kinds: make([]lineKind, len(lines)), handedOver: handedOver}
	r.classify()
	r.keepAnswered()
	r.dropOrnaments()
	return tidy(r.words())
}

// splitLines makes lines that patterns can rely on: one kind of blank, nothing invisible.
func splitLines(text string) []string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u00a0", " ", "\u200b", "", "\u200e", "", "\u200f", "", "\ufeff", "").Replace(text)
	lines := strings.SplitN(text, "\n", maxLines+1)
	lines = lines[:min(len(lines), maxLines)]
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " \t")
	}
	return lines
}

// reply is the state of one reading.
type reply struct {
	lines      []string
	kinds      []lineKind
	handedOver bool
	said       bool // words of the writer stand above
}

// classify gives each line its kind, up to the first that ends the writer's mail.
func (r *reply) classify() {
	for i := 0; i < len(r.lines); i++ {
		if r.kinds[i] == plain {
			r.kinds[i] = r.kindOf(i)
		}
		switch r.kinds[i] {
		case cut, handedOn:
			return
		case plain:
			r.said = r.said || r.lines[i] != ""
		}
	}
}

func (r *reply) kindOf(i int) lineKind {
	line := strings.TrimSpace(r.lines[i])
	switch {
	case line == "" || line == "ᐧ": // the dot is left by a read-receipt add-on of Gmail
		return blank
	case strings.HasPrefix(line, quoteMark):
		return r.indentedAt(i)
	case isQuoted(line), r.restOfQuoted(i):
		return quoted
	case isForwarded(line) && r.headNear(i+1):
		return handedOn
	case isOriginal(line), r.said && (headBlock(r.lines[i:]) || isRule(line) && r.headBelow(i+1)):
		if r.handedOver {
			return handedOn
		}
		return cut
	}
	if kind := r.introAt(i); kind != plain {
		return kind
	}
	switch {
	case len(line) > 8 && len(line) <= maxMark && phoneSignature().MatchString(line):
		return phone
	case r.said && r.signatureAt(i):
		return signature
	case isRule(line):
		return rule
	}
	return plain
}

// isQuoted knows ">" and the initials that old readers put before it ("AB> …").
func isQuoted(line string) bool {
	if strings.HasPrefix(line, ">") {
		return true
	}
	mark, _, _ := strings.Cut(line[:min(len(line), 8)], " ")
	name := strings.TrimRight(mark, ">")
	marks := len(mark) - len(name)
	return len(name) > 0 && len(name) <= 3 && marks > 0 && marks <= 3 && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// restOfQuoted knows the rest of a quoted line that a sender wrapped once more: it stands
// between two quoted lines and begins with a link.
func (r *reply) restOfQuoted(i int) bool {
	line := strings.TrimLeft(r.lines[i], " \t(<")
	return i > 0 && r.kinds[i-1] == quoted && i+1 < len(r.lines) && strings.HasPrefix(strings.TrimSpace(r.lines[i+1]), ">") &&
		(strings.HasPrefix(line, "http://") || strings.HasPrefix(line, "https://"))
}

// indentedAt judges a line of a blockquote that does not say what it is: where its first words
// are an introduction, it holds the older mail.
func (r *reply) indentedAt(i int) lineKind {
	if i > 0 && strings.HasPrefix(r.lines[i-1], quoteMark) {
		return indented
	}
	end := i
	for end < len(r.lines) && strings.HasPrefix(r.lines[end], quoteMark) {
		end++
	}
	var first []string
	for _, line := range r.lines[i:min(end, i+4)] {
		first = append(first, strings.TrimSpace(strings.TrimLeft(line, quoteMark)))
	}
	if readIntroduction(first).lines == 0 {
		return indented
	}
	for k := i; k < end; k++ {
		r.kinds[k] = quoted
	}
	return quoted
}

// introAt marks an introduction that begins at line i and returns its kind. Where nothing
// quoted follows, the quote is not marked as one, and all the rest is another mail.
func (r *reply) introAt(i int) lineKind {
	in := readIntroduction(r.lines[i:])
	if in.lines == 0 {
		return plain
	}
	next := i + in.lines
	for next < len(r.lines) && strings.TrimSpace(r.lines[next]) == "" {
		next++
	}
	follows := next < len(r.lines) && (isQuoted(strings.TrimSpace(r.lines[next])) || strings.HasPrefix(r.lines[next], quoteMark))
	bar := next < len(r.lines) && strings.HasPrefix(r.lines[next], "|") // old Gmail's quote in text
	if !in.sure && !follows && !bar {
		return plain
	}
	begin := i
	if at := strings.Index(r.lines[i], in.before); in.before != "" && at >= 0 {
		r.lines[i] = r.lines[i][:at+len(in.before)]
		begin++
	}
	kind := intro
	if !follows && next < len(r.lines) {
		kind = cut
	}
	for k := begin; k < next; k++ {
		r.kinds[k] = kind
	}
	for k := next; k < len(r.lines) && strings.HasPrefix(r.lines[k], quoteMark); k++ {
		r.kinds[k] = quoted
	}
	return r.kinds[i]
}

// dropOrnaments takes out the rows of dashes that stand above what is folded.
func (r *reply) dropOrnaments() {
	folded := true // the end of the mail folds them too
	for i := len(r.kinds) - 1; i >= 0; i-- {
		switch r.kinds[i] {
		case rule:
			if !folded {
				r.kinds[i] = plain
			}
		case plain, indented:
			folded = false
		case cut, intro, quoted, signature:
			folded = true
		}
	}
}

// words gathers the lines that are not folded.
func (r *reply) words() (out []string) {
	skipping := false
	for i, line := range r.lines {
		line = strings.TrimLeft(line, quoteMark)
		switch r.kinds[i] {
		case cut:
			return out
		case handedOn:
			return append(out, r.lines[i:]...)
		case signature:
			skipping = true
		case quoted, intro:
			skipping = false
		case blank:
			out = append(out, "")
		case plain, indented:
			if !skipping {
				out = append(out, line)
			}
		}
	}
	return out
}

// tidy joins lines and makes one blank line of many.
func tidy(lines []string) string {
	var out []string
	for _, l := range lines {
		l = strings.TrimRight(strings.ReplaceAll(l, quoteMark, ""), " \t")
		if l != "" || len(out) > 0 && out[len(out)-1] != "" {
			out = append(out, l)
		}
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}
