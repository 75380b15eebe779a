package lists

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"onethread/models"
)

// File is a list of customers as somebody gave it. It is read in pieces, however long it is.
type File struct {
	Kind      string // csv, vcard
	Charset   string
	Separator string   // of a CSV
	Columns   []string // of a CSV, as its first line names them

	src io.ReadSeeker
}

// Bounds of what is taken for a list.
const (
	mostColumns = 200
	mostCell    = 100_000 // bytes; more is an unclosed quote
	MostBytes   = 50 << 20
)

// Open looks at a file: which kind it is, how its text is written, which columns it has.
func Open(src io.ReadSeeker) (*File, error) {
	f := &File{src: src}
	var err error
	if f.Charset, err = charset(src); err != nil {
		return nil, err
	}
	text, err := decoded(src, f.Charset)
	if err != nil {
		return nil, err
	}
	head := bufio.NewReaderSize(text, 64<<10)
	start, err := head.Peek(32 << 10)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if strings.HasPrefix(strings.ToUpper(strings.TrimSpace(string(start[:min(len(start), 200)]))), "BEGIN:VCARD") {
		f.Kind = "vcard"
		return f, nil
	}
	f.Kind, f.Separator = "csv", separator(string(start))
	line, err := f.reader(head).Read()
	if errors.Is(err, io.EOF) {
		return nil, models.FieldError("file", "This file is empty.")
	}
	if err != nil {
		return nil, unreadable(err)
	}
	if len(line) > mostColumns || strings.ContainsRune(string(start[:min(len(start), 1000)]), 0) {
		return nil, models.FieldError("file", "This is no list of customers: give a CSV file whose first line names its columns, or vCards.")
	}
	for i, name := range line {
		if name = strings.TrimSpace(name); name == "" {
			name = fmt.Sprintf("Column %d", i+1)
		}
		f.Columns = append(f.Columns, cut(name, 100))
	}
	return f, nil
}

// separator is the sign that stands most often in the first line, outside of quotes.
func separator(text string) string {
	counts, quoted := map[rune]int{}, false
	for _, r := range text {
		switch {
		case r == '"':
			quoted = !quoted
		case quoted:
		case r == '\n' || r == '\r':
			if len(counts) > 0 || strings.TrimSpace(text) == "" {
				return most(counts)
			}
		case r == ',' || r == ';' || r == '\t':
			counts[r]++
		}
	}
	return most(counts)
}

func most(counts map[rune]int) string {
	best := ','
	for _, r := range []rune{';', '\t'} {
		if counts[r] > counts[best] {
			best = r
		}
	}
	return string(best)
}

func (f *File) reader(r io.Reader) *csv.Reader {
	out := csv.NewReader(r)
	out.Comma, _ = utf8.DecodeRuneInString(f.Separator)
	out.LazyQuotes, out.FieldsPerRecord, out.ReuseRecord = true, -1, true
	return out
}

func unreadable(err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return models.FieldError("file", "Line %d cannot be read: %v.", p.Line, p.Err)
	}
	return err
}

// Row is one line of a list with what its columns say.
type Row struct {
	Line                          int // where it begins in the file, from 1
	Name, Language, Notes, Number string
	Emails, Phones                []string

	first, last string // parts of a name
}

// Each hands over the rows one after the other, until do fails.
func (f *File) Each(m Mapping, do func(Row) error) error {
	text, err := decoded(f.src, f.Charset)
	if err != nil {
		return err
	}
	if f.Kind == "vcard" {
		return cards(text, do)
	}
	r := f.reader(text)
	if _, err := r.Read(); err != nil {
		return unreadable(err)
	}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unreadable(err)
		}
		line, _ := r.FieldPos(0)
		if len(strings.TrimSpace(strings.Join(record, ""))) == 0 {
			continue
		}
		for _, cell := range record {
			if len(cell) > mostCell {
				return models.FieldError("file", "In line %d a cell has more than %d characters: is a quotation mark not closed?", line, mostCell)
			}
		}
		if err := do(m.row(line, record)); err != nil {
			return err
		}
	}
}

// cut shortens a text to so many bytes, at a character's border.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "")
}
