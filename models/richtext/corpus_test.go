package richtext

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"onethread/models/attacktest"
)

var (
	harmless = strings.Fields("a abbr b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn div dl dt em figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol " +
		"p pre q s samp small span strike strong sub sup table tbody td tfoot th thead tr tt u ul var wbr")
	plain = strings.Fields("alt title dir lang width height align valign bgcolor border cellpadding cellspacing colspan rowspan span start color face size style target rel href src")
	// A style may name no address, take no place outside its box, and hide its words from no rule.
	wildStyle = regexp.MustCompile(`(?i)url|position|z-index|expression|binding|behaviou?r|import|@|/\*|<|inset|float|(^|;)\s*transform`)
	cssEscape = regexp.MustCompile(`\\([0-9a-fA-F]{1,6})\s?`)
	ownImage  = regexp.MustCompile(`^(img(\?u=[^"<>]*)?|/attachments/[a-z0-9]+|data:(?i:image/(png|jpe?g|gif|webp);base64,)[A-Za-z0-9+/=%\s]*)$`)
)

// faults lists what in sanitised HTML could run, load, cover or lead to us, as a browser would read it.
func faults(t *testing.T, out string) (found []string) {
	t.Helper()
	nodes, err := html.ParseFragment(strings.NewReader(out), &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body})
	if err != nil {
		t.Fatal(err)
	}
	for _, top := range nodes {
		found = append(found, fault(top)...)
		for n := range top.Descendants() {
			found = append(found, fault(n)...)
		}
	}
	return found
}

func fault(n *html.Node) (found []string) {
	if n.Type != html.ElementNode {
		if n.Type == html.CommentNode || n.Type == html.DoctypeNode {
			found = append(found, "a comment or doctype")
		}
		return found
	}
	if !slices.Contains(harmless, n.Data) || n.Namespace != "" {
		found = append(found, "element "+n.Namespace+" "+n.Data)
	}
	seen := map[string]string{}
	for _, a := range n.Attr {
		if _, twice := seen[a.Key]; twice || a.Namespace != "" || !slices.Contains(plain, a.Key) {
			found = append(found, "attribute "+a.Key)
		}
		seen[a.Key] = a.Val
	}
	if s := seen["style"]; wildStyle.MatchString(unescaped(s)) {
		found = append(found, "style "+s)
	}
	if src, ok := seen["src"]; ok && !ownImage.MatchString(src) {
		found = append(found, "src "+src)
	}
	return append(found, link(seen)...)
}

// unescaped reads a style's escapes as a browser does (CSS Syntax 3, section 4.3.7).
func unescaped(style string) string {
	style = cssEscape.ReplaceAllStringFunc(style, func(e string) string {
		n, err := strconv.ParseInt(strings.TrimSpace(e[1:]), 16, 32)
		if err != nil || n > unicode.MaxRune {
			return e
		}
		return string(rune(n))
	})
	return strings.ReplaceAll(style, `\`, "")
}

func link(attrs map[string]string) (found []string) {
	href, ok := attrs["href"]
	if !ok {
		return nil
	}
	u, err := url.Parse(href)
	if err != nil || !slices.Contains([]string{"http", "https", "mailto", "tel"}, strings.ToLower(u.Scheme)) || strings.TrimSpace(href) != href {
		found = append(found, "href "+href)
	}
	if strings.HasPrefix(strings.ToLower(href), "http") && (attrs["target"] != "_blank" || !strings.Contains(attrs["rel"], "noopener") || !strings.Contains(attrs["rel"], "noreferrer")) {
		found = append(found, "a link that opens in the frame or tells where it stood: "+href)
	}
	return found
}

func TestNothingHarmfulIsLeft(t *testing.T) {
	attacktest.Each(t, attacktest.Markup, []string{"xss/xss.jsonl"}, func(t *testing.T, payloads []string) {
		inline := func(id string) string { return "/attachments/0123456789abcdef0123456789abcdef" }
		for _, p := range payloads {
			for _, body := range []string{p, `<blockquote><div style="color:red" title="` + p + `">x</div>`, strings.ToUpper(p)} {
				out := Sanitise(body, inline).HTML
				if found := faults(t, out); len(found) > 0 {
					t.Errorf("%q\n→ %q\n%q", body, out, found)
				}
				once := Sanitise(out, inline).HTML // it knows no images of ours, so those may be dropped; nothing else may change
				if twice := Sanitise(once, inline).HTML; twice != once {
					t.Errorf("not stable: %q\n→ %q\n→ %q", body, once, twice)
				}
				Text(body)
			}
		}
	})
}

// TestTheOracleSees: each of these outputs of a careless sanitiser must be found.
func TestTheOracleSees(t *testing.T) {
	for _, bad := range []string{`<script>1</script>`, `<img src="x" onerror="a()">`, `<img src="https://e.example/p">`, `<a href="javascript:a()">x</a>`, `<a href="/logout">x</a>`, `<a href="data:image/png;base64,AA">x</a>`, `<p style="b\61 ckground:u\72l(//e)">x</p>`, `<p style="transform: none">x</p>`, `<a href="https://e.example">x</a>`,
		`<p style="background:url(//e)">x</p>`, `<p style="position: fixed">x</p>`, `<p id="a">x</p>`, `<p class="a">x</p>`, `<form></form>`, `<svg></svg>`, `<!-- x -->`, `<img src="data:image/svg+xml;base64,AA">`} {
		if len(faults(t, bad)) == 0 {
			t.Errorf("%s passes", bad)
		}
	}
}

// TestTimeIsLinear: eight times the mail takes about eight times the time, whatever is nested or
// left open. Squared time would take sixty-four times as long: the wide gap between the two lets the
// test tell them apart on a machine that is busy with others.
func TestTimeIsLinear(t *testing.T) {
	for name, piece := range map[string]string{"nested": "<div>", "nested lists": "<ul><li>", "tables": "<table><tr><td>", "open tags": "<a href=", "less-than": "<", "comments": "<!--", "entities": "&#", "attributes": `<p a="`,
		"styles": `<p style="color:red;`, "links": `<a href="https://a.example/?x=1">x`, "formatting": "<b><i><u>", "images": `<img src="cid:a@b">`, "quotes": `"'`, "long style": "color:red;"} {
		body := func(n int) string {
			if name == "long style" {
				return `<p style="` + strings.Repeat(piece, n/len(piece)) + `">x</p>`
			}
			return strings.Repeat(piece, n/len(piece))
		}
		const size = 50_000
		one, eight := quickest(body(size)), quickest(body(8*size))
		if eight > 100*time.Millisecond && eight > 24*one {
			t.Errorf("%s: %v for %d bytes, %v for eight times as many", name, one, size, eight)
		}
		if eight > 3*time.Second {
			t.Errorf("%s: %v", name, eight)
		}
		t.Log(fmt.Sprintf("%s: %v, %v", name, one, eight))
	}
}

func quickest(body string) time.Duration {
	best := time.Hour
	for range 3 {
		began := time.Now()
		Sanitise(body, nil)
		Text(body)
		best = min(best, time.Since(began))
	}
	return best
}
