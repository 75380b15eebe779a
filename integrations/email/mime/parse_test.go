package mime

import (
	"encoding/base64"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func mustParse(t *testing.T, raw string) *Mail {
	t.Helper()
	m, err := Parse([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestHeaderQuirks(t *testing.T) {
	for name, c := range map[string]struct{ raw, subject, from, text string }{
		"mbox line first":       {"From ana@x Mon Jan 1\nSubject: a\nFrom: ana@x\n\nhi", "a", "ana@x", "hi"},
		"blank lines first":     {"\r\n\r\nSubject: a\r\nFrom: ana@x\r\n\r\nhi", "a", "ana@x", "hi"},
		"junk between fields":   {"Subject: a\nthis is no field\nFrom: ana@x\n\nhi", "a", "ana@x", "hi"},
		"no blank line":         {"Subject: a\nFrom: ana@x\nhi there, this is text\nmore of it", "a", "ana@x", "hi there, this is text\nmore of it"},
		"folded":                {"Subject: a\n b\n\tc\nFrom: ana@x\n\nhi", "a b c", "ana@x", "hi"},
		"raw latin-1":           {"Subject: caf\xe9\nFrom: ana@x\n\nhi", "café", "ana@x", "hi"},
		"raw utf-8":             {"Subject: café\nFrom: ana@x\n\nhi", "café", "ana@x", "hi"},
		"empty field, then one": {"Subject:\nSubject: b\nFrom: ana@x\n\nhi", "b", "ana@x", "hi"},
		"only CR":               {"Subject: a\rFrom: ana@x\r\rhi", "a", "ana@x", "hi"},
		"NUL in text":           {"Subject: a\nFrom: ana@x\n\nh\x00i", "a", "ana@x", "hi"},
		"word split in two":     {"Subject: =?utf-8?B?w4M=?= =?utf-8?Q?=C3?= =?utf-8?Q?=A9t=C3=A9?=\nFrom: ana@x\n\nhi", "Ãété", "ana@x", "hi"},
		"word in quotes":        {"Subject: a\nFrom: \"=?iso-8859-1?Q?J=F6rg?=\" <ana@x>\n\nhi", "a", "Jörg <ana@x>", "hi"},
		"line break in a word":  {"Subject: =?utf-8?Q?a=0D=0ABcc:_x?=\nFrom: ana@x\n\nhi", "a  Bcc: x", "ana@x", "hi"},
	} {
		m := mustParse(t, c.raw)
		if m.Subject != c.subject || Line(m.From) != c.from || m.Text != c.text {
			t.Errorf("%s: subject %q, from %q, text %q", name, m.Subject, Line(m.From), m.Text)
		}
	}
}

func TestAddresses(t *testing.T) {
	for field, want := range map[string]string{
		`"Doe, Jane" <jane@x.test>, bob@y.test`:  `Doe, Jane <jane@x.test>|bob@y.test`,
		`jane@x.test (Jane Doe)`:                 `Jane Doe <jane@x.test>`,
		`Friends: a@x.test, b@x.test; c@x.test`:  `a@x.test|b@x.test|c@x.test`,
		`undisclosed-recipients:;`:               ``,
		`a@x.test; b@x.test`:                     `a@x.test|b@x.test`,
		`jane@x.test <jane@x.test>`:              `jane@x.test <jane@x.test>`,
		`Jane <jane@x.test`:                      `Jane <jane@x.test>`,
		`Jane Doe jane@x.test`:                   `Jane Doe <jane@x.test>`,
		`=?utf-8?Q?Jane=2C_Doe?= <jane@x.test>`:  `Jane, Doe <jane@x.test>`,
		`=?utf-8?Q?Jane_<jane@x.test>?=`:         `Jane <jane@x.test>`,
		`'Jane' <mailto:jane@x.test>`:            `Jane <jane@x.test>`,
		`<@relay.test:jane@x.test>`:              `jane@x.test`,
		`"odd quote <jane@x.test>, bob@y.test`:   `odd quote <jane@x.test>|bob@y.test`,
		`Jane "The <3> Doe" Smith <jane@x.test>`: `Jane The <3> Doe Smith <jane@x.test>`,
	} {
		var got []string
		for _, a := range ParseAddresses(field) {
			got = append(got, Line([]Address{a}))
		}
		if line := strings.Join(got, "|"); line != want {
			t.Errorf("%s: got %s, want %s", field, line, want)
		}
	}
}

func TestIDs(t *testing.T) {
	for field, want := range map[string]string{
		"<a@b>": "a@b", "<a@b> <c@d>": "a@b c@d", "a@b": "a@b", "<a @b>": "a@b", "<nothing>": "nothing",
		"your mail of Monday <a@b>": "a@b", "<a@b": "a@b", "<a@b><c@d>": "a@b c@d", "": "", "<>": "", "a@b, c@d": "a@b c@d",
	} {
		if got := strings.Join(parseIDs(field), " "); got != want {
			t.Errorf("%q: got %q, want %q", field, got, want)
		}
	}
}

func TestFileNames(t *testing.T) {
	for disposition, want := range map[string]string{
		"attachment; filename*0*=utf-8''Re%C3; filename*1*=%A9sum; filename*2=\"e.pdf\"": "Reésume.pdf",
		`attachment; filename="=?utf-8?Q?R=C3=A9sum=C3=A9?= =?utf-8?Q?.pdf?="`:           "Résumé.pdf",
		"attachment; filename=my file.pdf":                                               "my file.pdf",
		`attachment; filename="a;b \"c\".pdf"`:                                           `a;b "c".pdf`,
		"attachment; filename=\"\u200b.htaccess\"":                                       ".htaccess",
		"attachment; filename=\"a\u202efdp.exe\"":                                        "afdp.exe",
		"attachment; filename=\"" + strings.Repeat("é", 300) + ".pdf\"":                  strings.Repeat("é", 125) + ".pdf",
	} {
		m := mustParse(t, "Content-Type: application/pdf\nContent-Disposition: "+disposition+"\n\nx")
		if len(m.Files) != 1 || m.Files[0].Name != want {
			t.Errorf("%.80s: got %+v", disposition, m.Files)
		}
	}
}

func TestBodies(t *testing.T) {
	alternative := "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nplain\n--b\nContent-Type: text/html\n\n<p>rich</p>\n--b--\n"
	m := mustParse(t, alternative)
	if m.Text != "plain" || m.HTML != "<p>rich</p>" || m.Page() != m.HTML || m.Words() != "plain" {
		t.Errorf("alternative: %q %q", m.Text, m.HTML)
	}
	m = mustParse(t, "Content-Type: multipart/mixed; boundary=m\n\n--m\n"+alternative+"--m\n\nlist footer <b>\n--m\nContent-Type: text/html\n\n<p>late</p>\n--m--")
	if !strings.Contains(m.Page(), "list footer &lt;b&gt;") || !strings.Contains(m.Words(), "late") {
		t.Errorf("mixed: page %q, words %q", m.Page(), m.Words())
	}
	m = mustParse(t, "Content-Type: multipart/mixed\n\n--unnamed\nContent-Type: text/plain\n\nfound\n")
	if strings.TrimSpace(m.Text) != "found" {
		t.Errorf("no boundary parameter: %q", m.Text)
	}
	m = mustParse(t, "Content-Type: text/plain; charset=utf-7\n\nHei+AN8-")
	if m.Text != "Heiß" {
		t.Errorf("utf-7: %q", m.Text)
	}
	m = mustParse(t, "Content-Transfer-Encoding: base64\nContent-Type: text/plain\n\naGVs*bG8=\nIHRoZXJl!\nx")
	if m.Text != "hello there" {
		t.Errorf("base64: %q", m.Text)
	}
	for _, raw := range []string{"", "\n\n", "no mail at all"} {
		if _, err := Parse([]byte(raw)); err == nil {
			t.Errorf("%q was read as a mail", raw)
		}
	}
}

func TestHTMLText(t *testing.T) {
	for page, want := range map[string]string{
		"<style>p{}</style><p>Hello&nbsp;<b>you</b></p><p>two<br>lines</p>": "Hello you\n\ntwo\nlines",
		"<div>a</div><div><br></div><div>b</div>":                           "a\n\nb",
		`see <a href="https://x.test/a">our page</a>.`:                      "see our page <https://x.test/a>.",
		`<a href="https://x.test/">x.test</a>`:                              "x.test",
		"<ul><li>one</li><li>two</li></ul>":                                 "- one\n- two",
		"<p>me</p><blockquote>you<br>said</blockquote>":                     "me\n\n> you\n> said",
		"<table><tr><td>Qty</td><td>2</td></tr></table>":                    "Qty 2",
	} {
		if got := HTMLText(page); got != want {
			t.Errorf("%s\n got  %q\n want %q", page, got, want)
		}
	}
}

// hostile are mails built to cost a parser its time or memory.
func hostile() map[string]string {
	var nested strings.Builder
	for i := range 1000 {
		nested.WriteString("Content-Type: multipart/mixed; boundary=b" + string(rune('a'+i%26)) + strings.Repeat("x", i%40) + "\n\n--b" + string(rune('a'+i%26)) + strings.Repeat("x", i%40) + "\n")
	}
	head := "From: a@x.test\nSubject: s\n"
	return map[string]string{
		"1,000 levels":        nested.String() + strings.Repeat("deep\n", 2<<20),
		"100,000 parts":       head + "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nx\n", 100000),
		"10 MB header":        head + "X: " + strings.Repeat("y", 10<<20) + "\n\nhi",
		"folded for ever":     head + "X: a\n" + strings.Repeat(" b\n", 3<<20) + "\nhi",
		"100,000 fields":      head + strings.Repeat("X: a\n", 2<<20) + "\nhi",
		"base64 without end":  head + "Content-Transfer-Encoding: base64\n\n" + strings.Repeat("QUFB", 3<<20),
		"open angle brackets": head + "To: " + strings.Repeat("<", 1<<20) + "\n\nhi",
		"open quotes":         head + "To: " + strings.Repeat(`"a `, 1<<19) + "\n\nhi",
		"colons":              head + "To: " + strings.Repeat("a:", 1<<19) + ";\n\nhi",
		"broken words":        head + "Subject: " + strings.Repeat("=?utf-8?Q?", 1<<17) + "\n\nhi",
		"parentheses":         head + "To: " + strings.Repeat("(", 1<<20) + "\n\nhi",
		"parameters":          head + "Content-Type: a/b; " + strings.Repeat("a*0*=b;", 1<<17) + "\n\nhi",
		"uuencode":            head + "\n" + strings.Repeat("begin 644 a\nend\n", 1<<19),
		"div div div":         head + "Content-Type: text/html\n\n" + strings.Repeat("<div><a href=http://x>", 1<<18),
		"quotes":              head + "\n" + strings.Repeat("> a\nOn 3 May Ana <a@b> wrote:\n", 1<<18),
		"headers in the text": head + "\n" + strings.Repeat("From: a\nTo: b\n", 1<<19),
		"boundary lines":      head + "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--bb", 1<<20),
	}
}

// TestHostileMail: at most two seconds and 64 MB beside the mail itself and what it unpacks to.
func TestHostileMail(t *testing.T) {
	for name, raw := range hostile() {
		bytes := []byte(raw)
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		r := Report(bytes, "")
		took := time.Since(began)
		runtime.GC()
		runtime.ReadMemStats(&after)
		if took > 2*time.Second {
			t.Errorf("%s took %v", name, took)
		}
		if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 64<<20 {
			t.Errorf("%s holds %d MB", name, grown>>20)
		}
		if r.Error != "" {
			t.Errorf("%s: %s", name, r.Error)
		}
		t.Logf("%-20s %7d KB %v, %d files", name, len(raw)>>10, took.Round(time.Millisecond), len(r.Files))
		runtime.KeepAlive(r)
	}
}

// FuzzParse: never a panic, never invalid text.
func FuzzParse(f *testing.F) {
	entries, _ := os.ReadDir("testdata")
	for _, e := range entries {
		if raw, err := os.ReadFile("testdata/" + e.Name()); err == nil {
			f.Add(raw)
		}
	}
	f.Add([]byte("Subject: =?utf-8?B?" + base64.StdEncoding.EncodeToString([]byte("hé")) + "?=\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\nbegin 644 a\n#86)C\nend\n--b--"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r := Report(raw, "")
		if strings.Contains(r.Error, "could not be read") {
			t.Fatalf("panic: %s", r.Error)
		}
		texts := []string{r.Subject, r.Text, r.HTML, r.ReplyText, r.MessageID, Line(r.From), Line(r.To)}
		if f := r.Forwarded; f != nil {
			texts = append(texts, f.FromName, f.FromAddress, f.Subject, f.Body, f.Message)
		}
		for _, s := range texts {
			if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
				t.Fatalf("unsound text %q", s)
			}
		}
		Report(raw, "text")
		Report(raw, "html")
	})
}
