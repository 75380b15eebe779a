package views

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	fixedKey   = regexp.MustCompile(`(?:\bt|\.T)[ (]+"([a-z][a-z0-9_.]*)"`)
	countedKey = regexp.MustCompile(`(?:\bn|\.N)[ (]+"([a-z][a-z0-9_.]*)"`)
	listedKey  = regexp.MustCompile(`(?:\bk|\.K|\.Or)[ (]+"([a-z][a-z0-9_.]*\.)"`)
	namedKey   = regexp.MustCompile(`"([a-z]+\.[a-z0-9_.]+)"`)
)

// sources are the files that may name a key: templates, and the Go code that maps for them.
func sources(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, pattern := range []string{"*/*.html", "*.go", "../handlers/*.go", "../handlers/*/*.go", "../models/inbox/*.go"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range paths {
			if strings.HasSuffix(p, "_test.go") {
				continue
			}
			text, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			out[p] = string(text)
		}
	}
	if len(out) < 20 {
		t.Fatalf("found only %d files", len(out))
	}
	return out
}

// TestCatalogue: every key that is used exists, and every key that exists is used. A key out of
// a closed list is used when its prefix is (K), one kept in a Go table when it is named there.
func TestCatalogue(t *testing.T) {
	words := mustWords(t)
	used := map[string]bool{}
	var prefixes []string
	need := func(file, key string) {
		used[key] = true
		if _, ok := words.text[key]; !ok {
			t.Errorf("%s uses %q, which the catalogue lacks", file, key)
		}
	}
	for file, text := range sources(t) {
		for _, m := range fixedKey.FindAllStringSubmatch(text, -1) {
			if !strings.HasSuffix(m[1], ".") {
				need(file, m[1])
			} else {
				prefixes = append(prefixes, m[1])
			}
		}
		for _, m := range countedKey.FindAllStringSubmatch(text, -1) {
			need(file, m[1]+".one")
			need(file, m[1]+".other")
		}
		for _, m := range listedKey.FindAllStringSubmatch(text, -1) {
			prefixes = append(prefixes, m[1])
		}
		if strings.HasSuffix(file, ".go") {
			for _, m := range namedKey.FindAllStringSubmatch(text, -1) {
				used[m[1]] = true
			}
		}
	}
	for key := range words.text {
		if used[key] {
			continue
		}
		listed := false
		for _, p := range prefixes {
			listed = listed || strings.HasPrefix(key, p)
		}
		if !listed {
			t.Errorf("the catalogue has %q, which nothing uses", key)
		}
	}
}

func TestWords(t *testing.T) {
	w := mustWords(t)
	for got, want := range map[string]string{
		w.T("entry.to", "a{1}b"):                "to a{1}b",
		w.T("no.such.key"):                      "[no.such.key]",
		w.N("panel.orders", 1):                  "in 1 order",
		w.N("panel.orders", 2):                  "in 2 orders",
		w.K("order.status.", "partially_paid"):  "Partly paid",
		w.K("order.status.", "awaiting_pickup"): "Awaiting pickup",
		w.Long(192):                             "3 min 12 s",
		Price("1284.5", "EUR"):                  "€1,284.5",
		Money(128450, "EUR"):                    "€1,284.50",
		Money(-90, "JPY"):                       "−¥90",
		Money(1200, "SEK"):                      "SEK 12.00",
		Price("<b>", "EUR"):                     "<b>",
		Initials("Ana Duarte"):                  "AD",
		Initials("ana@example.com"):             "A",
		Initials(""):                            "?",
		Initials("\u202e"):                      "?",
		SafeURL("javascript:alert(1)"):          "",
		SafeURL(" JavaScript:alert(1)"):         "",
		SafeURL("https:///x"):                   "",
		SafeURL("https://casa.example/a?b=c&d"): "https://casa.example/a?b=c&d",
		SafeURL("data:text/html,<script>"):      "",
		w.Preview("order", ""):                  "Order",
		w.Preview("message", " a \n\n  b\tc "):  "a b c",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestSpansLinkOnlyTheWeb(t *testing.T) {
	got := Spans("see https://a.example/x?y=1. or javascript:alert(1) http://")
	if len(got) != 3 || got[1].Href != "https://a.example/x?y=1" || got[2].Href != "" {
		t.Errorf("Spans = %+v", got)
	}
	if m := Marks("Walnut DESK (140)", "desk ("); len(m) != 5 || !m[1].Mark || !m[3].Mark {
		t.Errorf("Marks = %+v", m)
	}
}

func TestFold(t *testing.T) {
	for _, c := range []struct{ text, reply, shown, quoted string }{
		{"Hello", "", "Hello", ""},
		{"Hello\n> you", "Hello", "Hello", "> you"},
		{"On Thu:\n> you\nHello", "Hello", "Hello", "On Thu:\n> you\nHello"},
		{"Hello", "Hello", "Hello", ""},
	} {
		if s, q := Fold(c.text, c.reply); s != c.shown || q != c.quoted {
			t.Errorf("Fold(%q, %q) = %q, %q", c.text, c.reply, s, q)
		}
	}
}

// TestHostileWordsStayText puts markup into every field that a stranger can fill.
func TestHostileWordsStayText(t *testing.T) {
	const evil = `"><img src=x onerror=alert(1)>{{.}}`
	v, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	thread := sampleThread(v.Words("en"))
	thread.Head.Name, thread.Panel.Name, thread.Panel.Notes, thread.Composer.Subject, thread.Composer.Draft = evil, evil, evil, evil, evil
	thread.Panel.Identities = []Identity{{"mail", evil, evil, evil, true, 1}}
	thread.Ribbon[0].Text = evil
	facts := sampleFacts()
	for i := range facts {
		facts[i].Data = strings.ReplaceAll(facts[i].Data, "Walnut desk 140", `\"><img src=x onerror=alert(1)>`)
		if facts[i].Message != nil {
			m := *facts[i].Message
			m.Text, m.ReplyText, m.Subject, m.Error, m.Warning, m.CC, m.ToAddress = evil, "", evil, evil, evil, evil, evil
			facts[i].Message = &m
		}
	}
	thread.Entries = Teller{W: v.Words("en"), Customer: evil}.Entries(facts)
	var b strings.Builder
	for _, page := range []struct {
		name string
		data any
	}{{"thread", thread}, {"row", Row{Name: evil, Preview: evil, Assignee: evil, AssigneeID: 1, Labels: []Chip{{Text: evil}}, View: evil}},
		{"search_results", Results{Query: evil, Messages: []MessageHit{{Name: evil, Excerpt: Marks(evil, "img")}}}}} {
		if err := v.Render(&b, "en", page.name, page.data); err != nil {
			t.Fatal(err)
		}
	}
	if strings.Contains(b.String(), "<img src=x") {
		t.Error("markup of a stranger came through")
	}
	if !strings.Contains(b.String(), "onerror=alert(1)") {
		t.Error("the words are not shown at all: this test proves nothing")
	}
}
