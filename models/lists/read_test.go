package lists

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"unicode/utf16"

	"onethread/models"
)

func rows(t *testing.T, content []byte, m Mapping) (*File, []Row) {
	t.Helper()
	f, err := Open(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	if m == nil {
		m = Guess(f.Columns)
	}
	var out []Row
	if err := f.Each(m, func(r Row) error { out = append(out, r); return nil }); err != nil {
		t.Fatal(err)
	}
	return f, out
}

func utf16Bytes(s string, little, mark bool) []byte {
	var out []byte
	if mark {
		s = "\uFEFF" + s
	}
	for _, u := range utf16.Encode([]rune(s)) {
		if little {
			out = append(out, byte(u), byte(u>>8))
		} else {
			out = append(out, byte(u>>8), byte(u))
		}
	}
	return out
}

func windows(s string) []byte {
	return bytes.NewBufferString(strings.NewReplacer("ã", "\xe3", "ç", "\xe7", "€", "\x80", "é", "\xe9").Replace(s)).Bytes()
}

func TestCharsetsAndSeparators(t *testing.T) {
	const list = "Name%sE-mail%sPhone\r\nJoão Conceição €%sjoao@example.com%s+351 912 007 031\r\n"
	for _, sep := range []string{",", ";", "\t"} {
		text := fmt.Sprintf(list, sep, sep, sep, sep)
		for name, content := range map[string][]byte{UTF8: []byte(text), UTF8 + " with a mark": []byte("\uFEFF" + text), Windows1252: windows(text), UTF16LE: utf16Bytes(text, true, true), UTF16BE: utf16Bytes(text, false, true),
			UTF16LE + " without": utf16Bytes(text, true, false), UTF16BE + " without": utf16Bytes(text, false, false)} {
			f, got := rows(t, content, nil)
			want := []Row{{Line: 2, Name: "João Conceição €", Emails: []string{"joao@example.com"}, Phones: []string{"+351 912 007 031"}}}
			if !reflect.DeepEqual(got, want) || f.Separator != sep || !strings.HasPrefix(name, f.Charset) {
				t.Errorf("%s, %q: %q %s\n%+v", name, sep, f.Separator, f.Charset, got)
			}
		}
	}
}

func TestQuotesLinesAndOddRows(t *testing.T) {
	_, got := rows(t, []byte("name;email;notes;id\n\"Ana \"\"A\"\" Duarte\";\"ana@x.example; ana@y.example\";\"first\nsecond, with ; signs\";7\n\n;;;\nBo;bo@x.example\nCy;cy@x.example;n;8;too;many\n'=1+1;'+351912007031;x;9\n"), nil)
	want := []Row{{Line: 2, Name: `Ana "A" Duarte`, Emails: []string{"ana@x.example", "ana@y.example"}, Notes: "first\nsecond, with ; signs", Number: "7"}, {Line: 6, Name: "Bo", Emails: []string{"bo@x.example"}},
		{Line: 7, Name: "Cy", Emails: []string{"cy@x.example"}, Notes: "n", Number: "8"}, {Line: 8, Name: "=1+1", Emails: []string{"+351912007031"}, Notes: "x", Number: "9"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	m := Guess([]string{"First Name", "Last Name", "E-mail 1 - Value", "Phone 1 - Value", "Tags", "Kundennummer", "Id"})
	if !reflect.DeepEqual(m, Mapping{"first_name", "last_name", "email", "phone", "", "number", ""}) {
		t.Errorf("%q", m)
	}
	if err := (Mapping{"name", ""}).Check([]string{"a", "b"}); !models.IsCode(err, models.Invalid) {
		t.Error("a mapping that recognises nobody:", err)
	}
	for name, content := range map[string]string{"empty": "", "binary": "PK\x03\x04\x00\x00\x00\x00\x08\x08,\x00\x01", "unclosed": "name,email\n\"" + strings.Repeat("x@y.example,\n", 20_000)} {
		f, err := Open(strings.NewReader(content))
		if err == nil {
			err = f.Each(Guess(f.Columns), func(Row) error { return nil })
		}
		if !models.IsCode(err, models.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCards(t *testing.T) {
	photo := "PHOTO;ENCODING=BASE64;TYPE=JPEG:" + strings.Repeat("/9j/4AAQSkZJRgABAQEASABIAAD\r\n ", 9000) + "\r\n"
	_, got := rows(t, []byte("BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Concei=C3=A7=C3=A3o;Jo=C3=A3o;;;\r\nTEL;CELL:+351 912 007 031\r\nTEL;HOME:+351 212 345 678\r\nNOTE;ENCODING=QUOTED-PRINTABLE:likes =\r\nwalnut\r\n"+photo+"EMAIL;INTERNET:joao@example.com\r\nEND:VCARD\r\n"+
		"BEGIN:VCARD\nVERSION:3.0\nFN:Ana Duarte\\, Dr.\nN:Duarte;Ana;;;\nitem1.EMAIL;type=INTERNET;type=pref:ana@exam\n ple.com\nEMAIL:second@example.com\nEND:VCARD\n"+
		"begin:vcard\nVERSION:4.0\nFN;LANGUAGE=\"a:b\":Zoë\nTEL;VALUE=uri;TYPE=\"voice,home\":tel:+44-20-7946-0123;ext=5\nLANG:pt\nUID:urn:uuid:1\nEND:VCARD"), nil)
	want := []Row{{Line: 1, Name: "João Conceição", Emails: []string{"joao@example.com"}, Phones: []string{"+351 912 007 031", "+351 212 345 678"}, Notes: "likes walnut"},
		{Line: got[1].Line, Name: "Ana Duarte, Dr.", Emails: []string{"ana@example.com", "second@example.com"}},
		{Line: got[2].Line, Name: "Zoë", Phones: []string{"+44-20-7946-0123"}, Language: "pt", Number: "urn:uuid:1"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\n%+v", got, want)
	}
}

// TestLongListsTakeLittleMemory reads 50,000 rows from a file.
func TestLongListsTakeLittleMemory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "list.csv")
	var b bytes.Buffer
	b.WriteString("name,email,notes\n")
	for n := range 50_000 {
		fmt.Fprintf(&b, "Name %d,n%d@example.com,%s\n", n, n, strings.Repeat("words ", 20))
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	b = bytes.Buffer{}
	in, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	f, err := Open(in)
	if err != nil {
		t.Fatal(err)
	}
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	n, most := 0, uint64(0)
	err = f.Each(Guess(f.Columns), func(r Row) error {
		if n++; n%10_000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
		}
		return nil
	})
	if err != nil || n != 50_000 {
		t.Fatal(n, err)
	}
	if most > before.HeapAlloc+4<<20 {
		t.Errorf("the heap grew from %d to %d bytes", before.HeapAlloc, most)
	}
}

func TestGuardedCells(t *testing.T) {
	for _, cell := range []string{"=cmd|' /C calc'!A0", "+351912007031", "-1", "@x", "\tx", "\rx", "'quoted", "plain", "", "'"} {
		if g := guarded(cell); len(g) > 0 && strings.ContainsRune("=+-@\t\r", rune(g[0])) || unguarded(g) != cell {
			t.Errorf("%q became %q and back %q", cell, g, unguarded(g))
		}
	}
}
