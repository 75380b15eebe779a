package mime

import "strings"

// maxHead bounds the head of a forwarded mail, in lines; long lists of receivers are wrapped.
const maxHead = 60

// quotedHead reads the head of a forwarded mail.
type quotedHead struct {
	lines []string // without quote marks
	seen  map[label]bool
	last  label
	f     Forwarded
}

// readForward reads the head and takes what follows as the body. A quote mark that every line
// of the forwarded mail carries comes off.
func readForward(lines []string) *Forwarded {
	for len(lines) > 0 && strings.Trim(unquote(lines[0]), "-_= ") == "" {
		lines = lines[1:]
	}
	if len(lines) == 0 {
		return nil
	}
	if l, _ := cutLabel(unquote(lines[0])); l == noLabel {
		return nil
	}
	h := quotedHead{lines: unquoteAll(lines[:min(len(lines), maxHead)]), seen: map[label]bool{}}
	end := h.read()
	if h.f.FromAddress == "" && h.f.FromName == "" {
		return nil
	}
	h.f.Body = bodyOf(lines[end:], isQuoted(strings.TrimSpace(lines[0])))
	return &h.f
}

// read returns how many lines the head has; 0 means that there is none.
func (h *quotedHead) read() int {
	for i, line := range h.lines {
		l, value := cutLabel(line)
		switch {
		case line == "" && h.goesOn(i+1):
		case line == "":
			return i
		case l != noLabel:
			h.last, h.seen[l] = l, true
			h.f.take(l, value, false)
		case h.last == noLabel:
			return 0
		case h.wrapped(i):
			h.f.take(h.last, line, true)
		default: // the new Outlook leaves no blank line below the head
			return i
		}
	}
	return len(h.lines)
}

// goesOn tells whether the head goes on below a blank line: at its top, or with a label that
// it lacks.
func (h *quotedHead) goesOn(i int) bool {
	for i < len(h.lines) && h.lines[i] == "" {
		i++
	}
	if i == len(h.lines) {
		return false
	}
	l, _ := cutLabel(h.lines[i])
	return l != noLabel && l != otherLabel && !h.seen[l] && !(h.seen[fromLabel] && h.seen[dateLabel] && h.seen[subjectLabel])
}

// wrapped tells whether a line without a label is the rest of the one above: receivers, or
// what another label follows.
func (h *quotedHead) wrapped(i int) bool {
	line := h.lines[i]
	switch {
	case h.last != subjectLabel && strings.Contains(line, "@") && len(strings.Fields(line)) < 40:
		return true
	case h.last == fromLabel && h.f.FromAddress == "":
		return true
	}
	for _, next := range h.lines[i+1 : min(i+3, len(h.lines))] {
		if next == "" {
			break
		}
		if l, _ := cutLabel(next); l != noLabel && !h.seen[l] {
			return true
		}
	}
	return h.last == subjectLabel && !h.seen[toLabel] && i+1 < len(h.lines) && h.lines[i+1] == "" && len(line) < 60
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
