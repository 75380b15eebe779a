// Package lists reads and writes customers as files: CSV of any common kind and vCards in, through the
// single door; CSV out.
package lists

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Names of the encodings that files come in.
const (
	UTF8        = "UTF-8"
	UTF16LE     = "UTF-16 (little endian)"
	UTF16BE     = "UTF-16 (big endian)"
	Windows1252 = "Windows-1252"
)

// charset finds out what a file's text is written in: its byte order mark says so, or zeros at every other
// place; else what is valid UTF-8 is UTF-8, and anything else what Windows writes in the West. It
// reads the file once, in pieces.
func charset(f io.ReadSeeker) (string, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	r := bufio.NewReaderSize(f, 64<<10)
	head, err := r.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	switch {
	case bytes.HasPrefix(head, []byte{0xEF, 0xBB, 0xBF}):
		return UTF8, nil
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}):
		return UTF16LE, nil
	case bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		return UTF16BE, nil
	}
	if even, odd := zeros(head, 0), zeros(head, 1); even+odd > len(head)/4 {
		if odd > even {
			return UTF16LE, nil
		}
		return UTF16BE, nil
	}
	return utf8Or1252(r)
}

func zeros(b []byte, from int) (n int) {
	for i := from; i < len(b); i += 2 {
		if b[i] == 0 {
			n++
		}
	}
	return n
}

func utf8Or1252(r io.Reader) (string, error) {
	buf := make([]byte, 64<<10)
	kept := 0
	for {
		n, err := io.ReadFull(r, buf[kept:])
		b := buf[:kept+n]
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return "", err
		}
		for len(b) > 0 && (last || utf8.FullRune(b)) {
			r, size := utf8.DecodeRune(b)
			if r == utf8.RuneError && size == 1 {
				return Windows1252, nil
			}
			b = b[size:]
		}
		if last {
			return UTF8, nil
		}
		kept = copy(buf, b)
	}
}

// decoded reads a file's text from its beginning as UTF-8, without a byte order mark.
func decoded(f io.ReadSeeker, name string) (io.Reader, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	var e encoding.Encoding
	switch name {
	case UTF16LE:
		e = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case UTF16BE:
		e = unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case Windows1252:
		e = charmap.Windows1252
	default:
		e = unicode.UTF8BOM
	}
	return transform.NewReader(f, e.NewDecoder()), nil
}
