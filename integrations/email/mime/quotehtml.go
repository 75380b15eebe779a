package mime

import (
	"strings"

	"golang.org/x/net/html"
)

// cutMarks are attributes of the element at which programs begin the older mail: Outlook on
// the web, Outlook for the desktop, Apple, Yahoo, Proton, Zoho and QQ write no line above it.
var cutMarks = []string{"gmail_quote", "appendonsend", "divrplyfwdmsg", "protonmail_quote", "yahoo_quoted", "olk_src_body_section",
	"mail-editor-reference-message-container", "moz-cite-prefix", "zmail_extra", "tutanota_quote", "replytemplatebody_quote", "ms-outlook-mobile-reference-message"}

// replyHTML is replyText for an HTML body: what stands before the first cut mark, as text. A
// mark under which a mail was handed on is none.
func replyHTML(page string, handedOver bool) string {
	z := html.NewTokenizer(strings.NewReader(page))
	end := 0
	for {
		kind := z.Next()
		size := len(z.Raw())
		if kind == html.ErrorToken {
			return replyText(foldText(page), handedOver)
		}
		if kind == html.StartTagToken && beginsOlder(z) {
			if handedOver || beginsForward(page[end:]) {
				return replyText(foldText(page), true)
			}
			break
		}
		end += size
	}
	if head := replyText(foldText(page[:end]), false); head != "" {
		return head
	}
	return replyText(foldText(page), false) // the answer stands below the quote
}

// beginsForward tells whether the first words of a page say that a mail is handed on.
func beginsForward(page string) bool {
	line, _, _ := strings.Cut(HTMLText(page[:min(len(page), 4000)]), "\n")
	return isForwarded(line)
}

func beginsOlder(z *html.Tokenizer) bool {
	name, more := z.TagName()
	indent := string(name) == "blockquote" // Gmail's button for indenting makes one of class gmail_quote
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		v := strings.ToLower(string(value))
		switch string(key) {
		case "class", "id":
			for _, mark := range cutMarks {
				if strings.Contains(v, mark) && !strings.Contains(v, "gmail_quote_attribution") && !(indent && mark == "gmail_quote") {
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
	handedOver := forwardSubject().MatchString(m.Subject)
	if strings.TrimSpace(m.Text) != "" {
		return replyText(m.Words(), handedOver)
	}
	return replyHTML(m.HTML, handedOver)
}
