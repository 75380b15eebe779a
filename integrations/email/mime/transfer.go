package mime

import (
	"bytes"
	"strings"
)

// decodeTransfer undoes a Content-Transfer-Encoding (RFC 2045 section 6). Names are compared
// by their beginning; an unknown one means that nothing was encoded.
func decodeTransfer(body []byte, name string) []byte {
	name = strings.ToLower(strings.Trim(name, " \t\"'"))
	switch {
	case strings.HasPrefix(name, "base64"):
		return decodeBase64(body)
	case strings.HasPrefix(name, "quoted"):
		return decodeQuotedPrintable(body)
	case strings.Contains(name, "uue"), strings.Contains(name, "uuencode"):
		if _, data, _, ok := cutUuencode(body); ok {
			return data
		}
	}
	return body
}

// decodeQuotedPrintable decodes RFC 2045 section 6.7 and lets stand what is not encoded: a "="
// that no two hex digits follow, and 8-bit bytes.
func decodeQuotedPrintable(b []byte) []byte {
	if bytes.IndexByte(b, '=') < 0 {
		return b
	}
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		end := bytes.IndexByte(b, '\n')
		line, ending := b, []byte(nil)
		if end >= 0 {
			line, ending, b = b[:end], []byte("\n"), b[end+1:]
		} else {
			b = nil
		}
		if bytes.HasSuffix(line, []byte("\r")) {
			line, ending = line[:len(line)-1], []byte("\r\n")
		}
		line = bytes.TrimRight(line, " \t")
		if bytes.HasSuffix(line, []byte("=")) {
			line, ending = line[:len(line)-1], nil
		}
		out = append(appendQuoted(out, line), ending...)
	}
	return out
}

func appendQuoted(out, line []byte) []byte {
	for i := 0; i < len(line); i++ {
		if line[i] == '=' && i+2 < len(line) && isHex(line[i+1]) && isHex(line[i+2]) {
			out = append(out, unhex(line[i+1])<<4|unhex(line[i+2]))
			i += 2
		} else {
			out = append(out, line[i])
		}
	}
	return out
}

// cutUuencode finds the first "begin 644 name … end" block and decodes it; rest is the text
// without the block.
func cutUuencode(b []byte) (name string, data, rest []byte, ok bool) {
	start := 0
	if !bytes.HasPrefix(b, []byte("begin ")) {
		if start = bytes.Index(b, []byte("\nbegin ")) + 1; start == 0 {
			return "", nil, b, false
		}
	}
	line, after := cutLine(b[start:])
	words := bytes.SplitN(line, []byte(" "), 3)
	if len(words) < 3 || len(words[1]) < 3 || len(words[1]) > 4 || len(bytes.Trim(words[1], "01234567")) > 0 {
		return "", nil, b, false
	}
	for len(after) > 0 {
		line, after = cutLine(after)
		if string(line) == "end" {
			rest = append(append(rest, b[:start]...), after...)
			return string(words[2]), data, rest, true
		}
		data = appendUuLine(data, line)
	}
	return "", nil, b, false
}

// appendUuLine decodes one line: a length character, then four characters for three bytes.
func appendUuLine(out, line []byte) []byte {
	if len(line) == 0 {
		return out
	}
	n := int(line[0]-' ') & 63
	at := func(i int) byte {
		if i < len(line) {
			return (line[i] - ' ') & 63
		}
		return 0
	}
	for i := 1; n > 0; i += 4 {
		three := []byte{at(i)<<2 | at(i+1)>>4, at(i+1)<<4 | at(i+2)>>2, at(i+2)<<6 | at(i+3)}
		out = append(out, three[:min(n, 3)]...)
		n -= 3
	}
	return out
}
