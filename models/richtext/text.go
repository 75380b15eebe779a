package richtext

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Text renders HTML as plain text: blocks on lines of their own, list items with a dash, table
// cells apart, links with their address where the words do not tell it, no scripts or styles.
func Text(source string) string {
	z := html.NewTokenizer(strings.NewReader(source))
	w := writer{}
	for {
		switch z.Next() {
		case html.ErrorToken:
			return w.done()
		case html.TextToken:
			w.text(string(z.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			w.open(z.Token())
		case html.EndTagToken:
			w.close(z.Token().DataAtom)
		}
	}
}

type writer struct {
	b     strings.Builder
	skip  int  // inside script, style, head …
	pre   int  // inside pre
	space bool // a blank is owed before the next word
	lines int  // line ends written since the last word
	href  string
	label int // where the link's words begin
}

func (w *writer) text(s string) {
	if w.skip > 0 {
		return
	}
	if w.pre > 0 {
		w.word(s)
		return
	}
	for i, f := range strings.FieldsFunc(s, isBlank) {
		if i > 0 || (s != "" && isBlank(rune(s[0]))) {
			w.space = true
		}
		w.word(f)
	}
	if s != "" && isBlank(rune(s[len(s)-1])) {
		w.space = true
	}
}

func isBlank(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\f' }

func (w *writer) word(s string) {
	if w.space && w.lines == 0 && w.b.Len() > 0 {
		w.b.WriteByte(' ')
	}
	w.space, w.lines = false, 0
	w.b.WriteString(s)
}

// line ends the current line, leaving n−1 blank ones.
func (w *writer) line(n int) {
	if w.b.Len() == 0 {
		return
	}
	for ; w.lines < n; w.lines++ {
		w.b.WriteByte('\n')
	}
	w.space = false
}

func (w *writer) open(t html.Token) {
	switch t.DataAtom {
	case atom.Script, atom.Style, atom.Head, atom.Title, atom.Template, atom.Noscript:
		if t.Type == html.StartTagToken {
			w.skip++
		}
	case atom.Br:
		w.b.WriteByte('\n')
		w.lines, w.space = max(w.lines, 1), false
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Blockquote, atom.Table, atom.Ul, atom.Ol:
		w.line(2)
	case atom.Div, atom.Tr, atom.Section, atom.Article, atom.Dd, atom.Dt:
		w.line(1)
	case atom.Li:
		w.line(1)
		w.word("- ")
	case atom.Td, atom.Th:
		w.space = true
	case atom.Hr:
		w.line(1)
		w.word("---")
		w.line(1)
	case atom.Pre:
		w.line(2)
		w.pre++
	case atom.A:
		w.href, w.label = attr(t, "href"), w.b.Len()
	case atom.Img:
		if alt := attr(t, "alt"); alt != "" && w.skip == 0 {
			w.text(alt)
		}
	}
}

func (w *writer) close(a atom.Atom) {
	switch a {
	case atom.Script, atom.Style, atom.Head, atom.Title, atom.Template, atom.Noscript:
		w.skip = max(0, w.skip-1)
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Blockquote, atom.Table, atom.Ul, atom.Ol:
		w.line(2)
	case atom.Div, atom.Tr, atom.Section, atom.Article, atom.Li, atom.Dd, atom.Dt:
		w.line(1)
	case atom.Pre:
		w.pre = max(0, w.pre-1)
		w.line(2)
	case atom.A:
		w.link()
	}
}

// link adds the address after a link's words, unless they say it already.
func (w *writer) link() {
	said := w.b.String()[min(w.label, w.b.Len()):]
	if strings.HasPrefix(w.href, "http") && w.skip == 0 && strings.TrimSpace(said) != "" && !strings.Contains(w.href, strings.TrimSpace(said)) {
		w.word(" <" + w.href + ">")
	}
	w.href = ""
}

func (w *writer) done() string {
	lines := strings.Split(strings.ReplaceAll(w.b.String(), "\u00a0", " "), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t")
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

func attr(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return strings.TrimSpace(a.Val)
		}
	}
	return ""
}
