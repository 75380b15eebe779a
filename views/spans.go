package views

import (
	"net/url"
	"regexp"
	"strings"
)

// Span is a run of text, perhaps a link or a search hit. Templates escape it like any text,
// so a customer's words never become markup.
type Span struct {
	Text string
	Href string // http or https only
	Mark bool
}

var webAddress = regexp.MustCompile(`https?://[^\s<>"'` + "`" + `]+`)

// Spans finds web addresses in plain text.
func Spans(s string) []Span {
	var out []Span
	last := 0
	for _, at := range webAddress.FindAllStringIndex(s, 200) {
		link := strings.TrimRight(s[at[0]:at[1]], ".,;:!?)]}")
		u, err := url.Parse(link)
		if err != nil || u.Host == "" {
			continue
		}
		if at[0] > last {
			out = append(out, Span{Text: s[last:at[0]]})
		}
		out = append(out, Span{Text: link, Href: u.String()})
		last = at[0] + len(link)
	}
	if last < len(s) {
		out = append(out, Span{Text: s[last:]})
	}
	return out
}

// Marks splits text at the words of a query, for search hits. Case is ignored.
func Marks(s, query string) []Span {
	var quoted []string
	for _, word := range strings.Fields(query) {
		quoted = append(quoted, regexp.QuoteMeta(word))
	}
	if len(quoted) == 0 || len(quoted) > 20 {
		return []Span{{Text: s}}
	}
	hit, err := regexp.Compile(`(?i)` + strings.Join(quoted, "|"))
	if err != nil {
		return []Span{{Text: s}}
	}
	var out []Span
	last := 0
	for _, at := range hit.FindAllStringIndex(s, 50) {
		if at[0] > last {
			out = append(out, Span{Text: s[last:at[0]]})
		}
		out = append(out, Span{Text: s[at[0]:at[1]], Mark: true})
		last = at[1]
	}
	return append(out, Span{Text: s[last:]})
}

// SafeURL returns a link only if it is http, https, mailto or tel, else nothing. Stores and
// customers fill link fields; "javascript:" is one of the things they fill them with.
func SafeURL(s string) string {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil {
		return ""
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		if u.Host == "" {
			return ""
		}
		return u.String()
	case "mailto", "tel":
		return u.String()
	}
	return ""
}
