package lists

import (
	"bufio"
	"errors"
	"io"
	"mime/quotedprintable"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// cards reads vCards 2.1, 3.0 and 4.0 (RFC 6350): folded lines, quoted-printable words, any number of
// addresses. Photos and everything else are passed over.
func cards(text io.Reader, do func(Row) error) error {
	r := cardReader{in: bufio.NewReaderSize(text, 64<<10)}
	var row Row
	inside := false
	for {
		line, at, err := r.line()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		name, params, value := property(line)
		switch {
		case name == "BEGIN" && strings.EqualFold(value, "VCARD"):
			row, inside = Row{Line: at}, true
		case name == "END" && inside:
			inside = false
			if err := do(row.whole()); err != nil {
				return err
			}
		case inside:
			row.property(name, params, value)
		}
	}
}

type cardReader struct {
	in   *bufio.Reader
	n    int    // physical lines read
	next string // read ahead
	has  bool
}

// mostLine bounds a folded line, in bytes: a photo is longer, and cut off.
const mostLine = 64 << 10

func (r *cardReader) physical() (string, error) {
	if r.has {
		r.has = false
		return r.next, nil
	}
	var b strings.Builder
	for {
		part, err := r.in.ReadSlice('\n')
		if b.Len() < mostLine {
			b.Write(part)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if errors.Is(err, io.EOF) && b.Len() > 0 {
			err = nil
		}
		r.n++
		return strings.TrimRight(b.String(), "\r\n"), err
	}
}

// line gives a logical line: what is folded is joined again, by a space at the beginning of what follows,
// or in 2.1's quoted-printable by a sign of equality at the end.
func (r *cardReader) line() (text string, at int, err error) {
	if text, err = r.physical(); err != nil {
		return "", 0, err
	}
	at = r.n
	head, _, _ := strings.Cut(text, ":")
	quoted := strings.Contains(strings.ToUpper(head), "QUOTED-PRINTABLE")
	for {
		next, err := r.physical()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return text, at, err
		}
		switch {
		case quoted && strings.HasSuffix(text, "="):
			text = text[:len(text)-1] + strings.TrimLeft(next, " \t")
		case strings.HasPrefix(next, " ") || strings.HasPrefix(next, "\t"):
			if len(text) < mostLine {
				text += next[1:]
			}
		default:
			r.next, r.has = next, true
			return text, at, nil
		}
	}
}

// property takes a line apart: GROUP.NAME;PARAM=VALUE;PARAM:VALUE. A colon within quotes belongs to its
// parameter.
func property(line string) (name, params, value string) {
	quoted, colon := false, -1
	for i := range len(line) {
		switch {
		case line[i] == '"':
			quoted = !quoted
		case line[i] == ':' && !quoted:
			colon = i
		}
		if colon >= 0 {
			break
		}
	}
	if colon < 0 {
		return "", "", ""
	}
	head, value := line[:colon], line[colon+1:]
	name, params, _ = strings.Cut(head, ";")
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		name = name[i+1:]
	}
	params = strings.ToUpper(params)
	return strings.ToUpper(strings.TrimSpace(name)), params, words(params, value)
}

func words(params, value string) string {
	if !strings.Contains(params, "QUOTED-PRINTABLE") {
		return value
	}
	b, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(value)))
	if err != nil {
		return value
	}
	if strings.Contains(params, "ISO-8859-1") || strings.Contains(params, "WINDOWS-1252") {
		if text, err := charmap.Windows1252.NewDecoder().Bytes(b); err == nil {
			return string(text)
		}
	}
	return strings.ToValidUTF8(string(b), "\uFFFD")
}

func (r *Row) property(name, params, value string) {
	if strings.Contains(params, "ENCODING=B") { // pictures, sounds
		return
	}
	switch name {
	case "FN":
		r.take("name", plain(value))
	case "N": // family; given; further; before; behind
		parts := parted(value)
		for i, field := range []string{"last_name", "first_name"} {
			if i < len(parts) {
				r.take(field, plain(parts[i]))
			}
		}
	case "EMAIL":
		r.take("email", strings.TrimPrefix(plain(value), "mailto:"))
	case "TEL":
		number, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(value, "tel:"), "TEL:"), ";ext=")
		r.take("phone", plain(number))
	case "LANG":
		r.take("language", plain(value))
	case "NOTE":
		r.take("notes", plain(value))
	case "UID":
		r.take("number", plain(value))
	}
}

// parted cuts a structured value at its semicolons, but for those that are escaped.
func parted(value string) (out []string) {
	from := 0
	for i := 0; i < len(value); i++ {
		switch value[i] {
		case '\\':
			i++
		case ';':
			out = append(out, value[from:i])
			from = i + 1
		}
	}
	return append(out, value[from:])
}

var escaped = strings.NewReplacer(`\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";", `\:`, ":", `\\`, `\`)

func plain(value string) string { return strings.TrimSpace(escaped.Replace(value)) }
