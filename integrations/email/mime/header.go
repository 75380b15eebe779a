package mime

import (
	"bytes"
	"strings"
)

// Header is the head of a mail or of one of its parts: fields in their order, unfolded.
type Header []HeaderField

// HeaderField is one line of a Header. Value is unfolded but otherwise as it came: encoded words
// (RFC 2047) still stand, and raw 8-bit bytes too, which may belong inside such a word.
type HeaderField struct{ Name, Value string }

// Get returns the first field of that name (any case), "" if there is none.
func (h Header) Get(name string) string {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// All returns every field of that name, top to bottom.
func (h Header) All(name string) (values []string) {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			values = append(values, f.Value)
		}
	}
	return values
}

// filled is Get, but passes over fields that stand there empty: senders that repeat a field
// often leave the first one blank.
func (h Header) filled(name string) string {
	for _, v := range h.All(name) {
		if strings.TrimSpace(v) != "" {
			return v
		}
	}
	return ""
}

// Limits of one head: what real mail never reaches and hostile mail tries to.
const (
	maxFields     = 2000
	maxHeadBytes  = 2 << 20
	maxFieldBytes = 256 << 10
)

// splitHead separates the head from the body. It never fails: a line that is no field is passed
// over, or, where no field follows, taken as the start of the body.
func splitHead(raw []byte) (Header, []byte) {
	var fields headReader
	rest := raw
	for len(rest) > 0 && len(raw)-len(rest) < maxHeadBytes {
		line, after := cutLine(rest)
		switch {
		case len(line) == 0:
			return fields.header(), after
		case line[0] == ' ' || line[0] == '\t':
			fields.extend(line)
		case bytes.HasPrefix(line, []byte("--")):
			return fields.header(), rest // a boundary: the blank line before it is missing
		default:
			name, value, ok := cutField(line)
			if ok {
				fields.add(name, value)
			} else if !fieldFollows(after) {
				return fields.header(), rest
			}
		}
		rest = after
	}
	return fields.header(), rest
}

// headReader gathers raw fields; their text is made once, when all of its lines are there.
type headReader struct {
	names  []string
	values [][]byte
}

func (r *headReader) add(name string, value []byte) {
	if len(r.names) < maxFields {
		r.names, r.values = append(r.names, name), append(r.values, bytes.Clone(clip(value)))
	}
}

// extend unfolds a continuation line onto the last field (RFC 5322 section 2.2.3).
func (r *headReader) extend(line []byte) {
	if n := len(r.values) - 1; n >= 0 && len(r.values[n])+len(line) < maxFieldBytes {
		r.values[n] = append(append(r.values[n], ' '), bytes.TrimSpace(line)...)
	}
}

func (r *headReader) header() Header {
	h := make(Header, len(r.names))
	for i, name := range r.names {
		h[i] = HeaderField{name, string(r.values[i])}
	}
	return h
}

func clip(value []byte) []byte {
	return bytes.TrimSpace(value[:min(len(value), maxFieldBytes)])
}

// cutField splits "Name: value". Names are printable ASCII without blanks; a blank before the
// colon is an old habit and let through.
func cutField(line []byte) (name string, value []byte, ok bool) {
	before, value, found := bytes.Cut(line, []byte(":"))
	before = bytes.TrimRight(before, " \t")
	if !found || len(before) == 0 || len(before) > 200 {
		return "", nil, false
	}
	for _, b := range before {
		if b <= ' ' || b >= 0x7f {
			return "", nil, false
		}
	}
	return string(before), value, true
}

// fieldFollows tells whether the head goes on behind a line that is no field: the next line is
// one, or a well-known field still comes before the blank line (a folded field whose blanks
// some relay ate).
func fieldFollows(rest []byte) bool {
	line, after := cutLine(rest)
	if len(line) == 0 {
		return len(rest) > 0 // the blank line that ends the head
	}
	if _, _, ok := cutField(line); ok || line[0] == ' ' || line[0] == '\t' {
		return true
	}
	for range 40 {
		if line, after = cutLine(after[:min(len(after), 2000)]); len(line) == 0 {
			return false
		}
		if name, _, ok := cutField(line); ok && wellKnown[strings.ToLower(name)] {
			return true
		}
	}
	return false
}

var wellKnown = map[string]bool{"from": true, "to": true, "subject": true, "date": true, "message-id": true,
	"received": true, "mime-version": true, "content-type": true, "return-path": true, "reply-to": true}

// cutLine returns the first line without its line end, and what follows it.
func cutLine(b []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(b, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r")), rest
}

// trimEnvelope takes off what mailbox files and broken relays put before the head: blank
// lines, a byte order mark, and the mbox "From " line (RFC 4155).
func trimEnvelope(raw []byte) []byte {
	if bytes.IndexByte(raw, '\n') < 0 && bytes.IndexByte(raw, '\r') >= 0 {
		raw = bytes.ReplaceAll(raw, []byte("\r"), []byte("\n"))
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	raw = bytes.TrimLeft(raw, " \t\r\n")
	for bytes.HasPrefix(raw, []byte("From ")) || bytes.HasPrefix(raw, []byte(">From ")) {
		_, raw = cutLine(raw)
	}
	return raw
}

// Body returns what follows the head of a raw mail, as it came.
func Body(raw []byte) []byte {
	_, body := splitHead(trimEnvelope(raw))
	return body
}
