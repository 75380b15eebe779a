package mime

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"
)

// decodeHTML decodes an HTML part; where its head names no charset, its <meta> may.
func decodeHTML(b []byte, name string) string {
	if name == "" {
		if _, found, certain := charset.DetermineEncoding(b[:min(len(b), 1024)], ""); certain {
			name = found
		}
	}
	return decodeCharset(b, name)
}

// maxHTMLDepth bounds the nesting that the walker follows; deeper text is still kept.
const maxHTMLDepth = 200

// maxQuoteMarks bounds the marks before a line: nobody reads deeper, and they cost their length
// on every line.
const maxQuoteMarks = 20

// textWriter turns tokens of HTML into plain text that reads like the mail's own text part.
type textWriter struct {
	out     strings.Builder
	hidden  int // inside <style>, <script>, <head> …
	pre     int
	quote   []bool // the open blockquotes: true for a quoted mail, false where it may be layout
	cited   int    // how many of them are true
	quoted  int    // how deep the last words were quoted
	forFold bool   // marks for replyText
	breaks  int    // line breaks owed before the next word
	space   bool
	started bool
	href    []string
	links   []int
}

// HTMLText renders HTML as plain text: paragraphs and line breaks stand, quotes get "> ", list
// items a dash, links their address. It reads tokens, so its time is linear and depth is free.
func HTMLText(page string) string { return writeText(page, &textWriter{}) }

// quoteMark stands for ">" where a blockquote does not say that it holds a quoted mail: many
// writers indent their own words with one. It is of Unicode's private use area.
const quoteMark = "\ue000"

// foldText is HTMLText for replyText: it tells quoted mail from mere indents, and writes a
// ruled line as one of dashes.
func foldText(page string) string { return writeText(page, &textWriter{forFold: true}) }

func writeText(page string, w *textWriter) string {
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return strings.TrimSpace(w.out.String())
		case html.TextToken:
			w.text(string(z.Text()))
		case html.StartTagToken, html.SelfClosingTagToken:
			w.start(z)
		case html.EndTagToken:
			name, _ := z.TagName()
			w.end(atom.Lookup(name))
		}
	}
}

func (w *textWriter) start(z *html.Tokenizer) {
	name, hasAttr := z.TagName()
	tag := atom.Lookup(bytes.ToLower(name))
	switch tag {
	case atom.Style, atom.Script, atom.Head, atom.Title, atom.Noscript, atom.Template:
		w.hidden++
	case atom.Br:
		w.newline(w.breaks + 1)
	case atom.Hr:
		w.newline(2)
		if w.forFold {
			w.write("---")
			w.newline(2)
		}
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Table, atom.Ul, atom.Ol:
		w.newline(2)
	case atom.Div, atom.Tr, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Dt, atom.Dd, atom.Body:
		w.newline(1)
		w.hidden = 0 // <head> that nobody closed must not hide the mail
	case atom.Td, atom.Th:
		w.space = true
	case atom.Li:
		w.newline(1)
		w.text("- ")
	case atom.Pre:
		w.newline(1)
		w.pre++
	case atom.Blockquote:
		w.newline(2)
		w.openQuote(strings.EqualFold(attribute(z, hasAttr, "type"), "cite"))
	case atom.A:
		w.openLink(attribute(z, hasAttr, "href"))
	case atom.Img:
		w.text(attribute(z, hasAttr, "alt"))
	}
}

func (w *textWriter) end(tag atom.Atom) {
	switch tag {
	case atom.Style, atom.Script, atom.Head, atom.Title, atom.Noscript, atom.Template:
		w.hidden = max(0, w.hidden-1)
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Table, atom.Ul, atom.Ol:
		w.newline(2)
	case atom.Div, atom.Tr, atom.Li, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Dt, atom.Dd:
		w.newline(1)
	case atom.Td, atom.Th:
		w.space = true
	case atom.Pre:
		w.newline(1)
		w.pre = max(0, w.pre-1)
	case atom.Blockquote:
		w.newline(2)
		w.closeQuote()
	case atom.A:
		w.closeLink()
	}
}

func (w *textWriter) newline(n int) { w.breaks = max(w.breaks, min(n, 3)) }

// text writes words; outside <pre> any run of blanks is one.
func (w *textWriter) text(s string) {
	if w.hidden > 0 {
		return
	}
	if w.pre > 0 {
		for i, line := range strings.Split(s, "\n") {
			if i > 0 {
				w.newline(w.breaks + 1)
			}
			w.write(strings.TrimRight(line, "\r"))
		}
		return
	}
	words := strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\n' || r == '\t' || r == '\r' || r == '\u00a0' })
	if len(words) == 0 {
		w.space = w.space || s != ""
		return
	}
	if strings.ContainsRune(" \n\t\r", rune(s[0])) || strings.HasPrefix(s, "\u00a0") {
		w.space = true
	}
	w.write(strings.Join(words, " "))
	w.space = strings.ContainsRune(" \n\t\r", rune(s[len(s)-1])) || strings.HasSuffix(s, "\u00a0")
}

func (w *textWriter) write(s string) {
	if s == "" {
		return
	}
	if w.breaks > 0 && w.started {
		mark := w.mark(min(len(w.quote), w.quoted))
		for range w.breaks - 1 {
			w.out.WriteString("\n" + mark)
		}
		w.out.WriteString("\n")
	}
	if len(w.quote) > 0 && (w.breaks > 0 || !w.started) {
		w.out.WriteString(w.mark(len(w.quote)) + " ")
	} else if w.space && w.started && w.breaks == 0 {
		w.out.WriteByte(' ')
	}
	w.out.WriteString(s)
	w.started, w.space, w.breaks, w.quoted = true, false, 0, len(w.quote)
}

func (w *textWriter) openQuote(cite bool) {
	if len(w.quote) < maxHTMLDepth {
		w.quote = append(w.quote, cite)
		if cite {
			w.cited++
		}
	}
}

func (w *textWriter) closeQuote() {
	if n := len(w.quote) - 1; n >= 0 {
		if w.quote[n] {
			w.cited--
		}
		w.quote = w.quote[:n]
	}
}

// mark is what stands before a line inside so many blockquotes.
func (w *textWriter) mark(depth int) string {
	switch {
	case depth == 0:
		return ""
	case w.forFold && w.cited == 0:
		return quoteMark
	}
	return strings.Repeat(">", min(depth, maxQuoteMarks))
}

func (w *textWriter) openLink(href string) {
	if len(w.href) < maxHTMLDepth {
		w.href, w.links = append(w.href, href), append(w.links, w.out.Len())
	}
}

// closeLink adds the address behind the words of a link, unless the words are the address.
func (w *textWriter) closeLink() {
	n := len(w.href) - 1
	if n < 0 {
		return
	}
	href, words := w.href[n], w.out.String()[min(w.links[n], w.out.Len()):]
	w.href, w.links = w.href[:n], w.links[:n]
	bare := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(href, "https://"), "http://"), "/")
	if w.hidden > 0 || !strings.HasPrefix(href, "http") || strings.TrimSpace(words) == "" || strings.Contains(words, bare) {
		return
	}
	w.out.WriteString(" <" + href + ">")
}

func attribute(z *html.Tokenizer, more bool, want string) string {
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		if string(key) == want {
			return string(value)
		}
	}
	return ""
}
