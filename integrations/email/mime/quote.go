package mime

import (
	"strings"

	"golang.org/x/net/html"
)

// lineKind is what the classifier makes of one line of a mail's text.
type lineKind byte

const (
	plain     lineKind = iota
	blank              // nothing on it
	quoted             // begins with ">"
	intro              // "On … wrote:", and the lines it was wrapped over
	cut                // from here on everything is another mail
	signature          // from here to the next quote or the end: not the words of the answer
)

// maxReply is how much of a text is looked at: nobody types more, and the patterns are linear
// but not free.
const maxReply = 128 << 10

// replyText returns the words that this mail adds: without quotes, their introductions and the
// signature. When nothing would be left (the mail is only a quote), it is empty. Its time is
// linear in the text. Nothing is lost by a mistake here: screens fold, they do not delete.
func replyText(text string) string {
	text = text[:min(len(text), maxReply)]
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	lines := strings.Split(text, "\n")
	kinds := classifyLines(lines)
	var out []string
	skipping := false
	for i, line := range lines {
		switch kinds[i] {
		case cut:
			return tidy(out)
		case signature:
			skipping = true
		case quoted, intro:
			skipping = false
		case blank:
			if !skipping {
				out = append(out, "")
			}
		case plain:
			if !skipping {
				out = append(out, strings.TrimRight(line, " \t\u00a0"))
			}
		}
	}
	return tidy(out)
}

// tidy joins lines and makes one blank line of many.
func tidy(lines []string) string {
	var out []string
	for _, l := range lines {
		if l != "" || len(out) > 0 && out[len(out)-1] != "" {
			out = append(out, l)
		}
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}

func classifyLines(lines []string) []lineKind {
	kinds := make([]lineKind, len(lines))
	words := false // something was said before
	for i := 0; i < len(lines); i++ {
		if kinds[i] == intro {
			continue
		}
		line := strings.TrimSpace(strings.ReplaceAll(lines[i], "\u00a0", " "))
		switch {
		case line == "":
			kinds[i] = blank
		case strings.HasPrefix(line, ">"):
			kinds[i] = quoted
		case original.MatchString(line), forwarded.MatchString(line), headBlock(lines[i:]) >= 3:
			kinds[i] = cut
		case introLines(lines[i:]) > 0:
			markIntro(kinds, lines, i)
		case isSignature(lines[i]) && words || phoneSignature.MatchString(line):
			kinds[i] = signature
		default:
			words = true
		}
	}
	return kinds
}

// markIntro marks the lines of an introduction. Where no ">" follows it, the quote is not
// marked as one, and all the rest is another mail.
func markIntro(kinds []lineKind, lines []string, i int) {
	n := introLines(lines[i:])
	for k := i; k < i+n; k++ {
		kinds[k] = intro
	}
	for _, next := range lines[i+n:] {
		if next = strings.TrimSpace(next); next != "" {
			if !strings.HasPrefix(next, ">") {
				kinds[i] = cut
			}
			return
		}
	}
}

// introLines tells over how many lines an introduction of a quote runs from the first one on;
// 0 means that it is none. Mail programs wrap it over up to four.
//
// The first line may be the last of the answer ("Thanks", then "On … wrote:" without a blank
// line): where a later one opens an introduction by itself, this one is none.
func introLines(lines []string) int {
	n := introRun(lines)
	if n > 1 && !opensIntro(lines[0]) {
		for k := 1; k < n; k++ {
			if opensIntro(lines[k]) && introRun(lines[k:]) > 0 {
				return 0
			}
		}
	}
	return n
}

func introRun(lines []string) int {
	joined := ""
	for n := 1; n <= min(4, len(lines)); n++ {
		line := strings.Trim(lines[n-1], " \t\u00a0*_")
		if line == "" || strings.HasPrefix(line, ">") || len(joined)+len(line) > 400 {
			return 0
		}
		joined = strings.TrimSpace(joined + " " + line)
		if saysIntro(joined) {
			return n
		}
	}
	return 0
}

// saysIntro judges a joined line. The patterns run only where a colon or an address lets one
// hope, and only over the end of it.
func saysIntro(s string) bool {
	at := strings.IndexByte(s, '@')
	colon := strings.HasSuffix(s, ":") || strings.HasSuffix(s, "：")
	if !colon && at < 0 && !strings.Contains(s, "<") || at < 0 && !strings.ContainsAny(s, "<0123456789") {
		return false
	}
	tail := strings.ToValidUTF8(s[max(0, len(s)-100):], "")
	if wrote.MatchString(tail) && startsIntro(s) {
		return true
	}
	return colon && at > 0 && strings.ContainsAny(s[:at], "0123456789") && !strings.ContainsAny(s[:1], "-*•") // "2013/11/3 Ana <ana@x>:"
}

// startsIntro keeps a person's own sentence ("here is what she wrote:") from being taken for one.
func startsIntro(s string) bool { return strings.ContainsAny(s, "@<") || opensIntro(s) }

// opensIntro knows the first words of introductions: a date, or "On" in some language.
func opensIntro(s string) bool {
	first, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(s)), " ")
	first = strings.Trim(first, ",.:;*_>")
	return strings.ContainsAny(first, "0123456789") && !strings.Contains(first, "@") ||
		strings.Contains(" on am le el em il op den på w dnia dne dňa v вт пн ср чт пт сб вс ons tor fre lör sön man tir mån mon tue wed thu fri sat sun at ", " "+first+" ")
}

// headBlock counts the labels of a quoted head ("From: … Sent: … To: … Subject: …") that the
// lines begin with. The first must be a From.
func headBlock(lines []string) (labels int) {
	if l, _ := cutLabel(lines[0]); l != fromLabel {
		return 0
	}
	seen := map[label]bool{}
	for i, line := range lines[:min(len(lines), 12)] {
		l, _ := cutLabel(line)
		if l == noLabel && strings.TrimSpace(line) == "" && i > 1 && len(seen) >= 2 {
			break
		}
		if l != noLabel {
			seen[l] = true
		}
	}
	return len(seen)
}

// isSignature knows the delimiter of RFC 3676 section 4.3 and its common misspellings.
func isSignature(line string) bool {
	switch strings.TrimRight(line, " \t\r\u00a0") {
	case "--", "—", "---", "__", "_____", "--\u200b":
		return true
	}
	return false
}

// cutMarks are attributes of the element at which programs begin the older mail: Outlook on
// the web, Outlook for the desktop, Apple, Yahoo, Proton and Zoho write no line above it.
var cutMarks = []string{"gmail_quote", "appendonsend", "divrplyfwdmsg", "protonmail_quote", "yahoo_quoted", "olk_src_body_section",
	"mail-editor-reference-message-container", "moz-cite-prefix", "zmail_extra", "tutanota_quote", "replytemplatebody_quote", "ms-outlook-mobile-reference-message"}

// replyHTML is replyText for an HTML body: what stands before the first cut mark, as text.
func replyHTML(page string) string {
	z := html.NewTokenizer(strings.NewReader(page))
	end := 0
	for {
		kind := z.Next()
		size := len(z.Raw())
		if kind == html.ErrorToken || kind == html.StartTagToken && beginsOlder(z) {
			break
		}
		end += size
	}
	if head := replyText(HTMLText(page[:min(end, len(page))])); head != "" {
		return head
	}
	return replyText(HTMLText(page)) // the answer stands below the quote
}

func beginsOlder(z *html.Tokenizer) bool {
	_, more := z.TagName()
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		v := strings.ToLower(string(value))
		switch string(key) {
		case "class", "id":
			for _, mark := range cutMarks {
				if strings.Contains(v, mark) && !strings.Contains(v, "gmail_quote_attribution") {
					return true
				}
			}
		case "style": // Outlook's rule above the older mail
			v = strings.ReplaceAll(v, " ", "")
			if strings.Contains(v, "border-top:solid#b5c4df1.0pt") || strings.Contains(v, "border-top:solid#e1e1e11.0pt") {
				return true
			}
		}
	}
	return false
}

// Reply is the reply text of a whole mail.
func (m *Mail) Reply() string {
	if strings.TrimSpace(m.Text) != "" {
		return replyText(m.Words())
	}
	return replyHTML(m.HTML)
}
