package mime

import (
	"bytes"
	"strings"
)

// Limits of one mail: real mail has a handful of parts a few levels deep.
const (
	maxDepth = 30
	maxParts = 500
)

// splitParts cuts the body of a multipart at its boundary (RFC 2046 section 5.1.1). It bears a
// missing first or last boundary, blanks behind it, and parts beyond the limit (cut reports
// those). One pass over the body.
func splitParts(body []byte, boundary string, limit int) (parts [][]byte, cut bool) {
	mark := []byte("--" + boundary)
	start := -1
	for at := nextBoundary(body, mark, 0); at >= 0; at = nextBoundary(body, mark, at+1) {
		if start >= 0 {
			parts = append(parts, trimLastBreak(body[start:at]))
		}
		tail := body[at+len(mark):]
		line, after := cutLine(tail)
		start = len(body) - len(after)
		if bytes.HasPrefix(line, []byte("--")) {
			return parts, false
		}
		if len(parts) >= limit {
			return parts, true
		}
	}
	if start >= 0 && start < len(body) {
		parts = append(parts, body[start:])
	}
	return parts, false
}

// nextBoundary finds mark at the start of a line, from the given offset on. What follows it on
// the line may only be blanks or the closing "--", so that "--a" is not taken for "--ab".
func nextBoundary(body, mark []byte, from int) int {
	for from < len(body) {
		i := bytes.Index(body[from:], mark)
		if i < 0 {
			return -1
		}
		at := from + i
		if (at == 0 || body[at-1] == '\n') && endsBoundary(body[at+len(mark):]) {
			return at
		}
		from = at + 1
	}
	return -1
}

func endsBoundary(tail []byte) bool {
	tail = bytes.TrimPrefix(tail, []byte("--"))
	tail = bytes.TrimLeft(tail[:min(len(tail), 80)], " \t")
	return len(tail) == 0 || tail[0] == '\r' || tail[0] == '\n'
}

// trimLastBreak takes off the line break that belongs to the boundary after it.
func trimLastBreak(b []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r"))
}

// sniffBoundary finds the boundary of a multipart that does not name it: the first line that
// begins with "--" and is followed by a head.
func sniffBoundary(body []byte) string {
	for rest := body; len(rest) > 0; {
		var line []byte
		line, rest = cutLine(rest)
		name := strings.TrimRight(string(line[:min(len(line), 200)]), " \t")
		if len(name) > 2 && strings.HasPrefix(name, "--") && !strings.ContainsAny(name, " \t") && partFollows(rest) {
			return name[2:]
		}
	}
	return ""
}

func partFollows(rest []byte) bool {
	line, _ := cutLine(rest)
	name, _, ok := cutField(line)
	return ok && len(name) > 8 && strings.EqualFold(name[:8], "content-")
}
