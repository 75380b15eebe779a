// Package richtext makes customers' HTML harmless and readable. It is pure: strings in, strings out.
package richtext

import (
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
)

// Clean is sanitised HTML.
type Clean struct {
	HTML      string
	HasRemote bool // it named remote images; they stand in data-less placeholders until asked for
}

// RemoteImage is the relative path that remote images are rewritten to, with the original address
// in its u parameter. A body shown at …/body resolves it beside itself, where an empty image
// answers; shown at …/images/body, where staff asked for them, it resolves to the image proxy. So
// the stored HTML is the same and nothing edits it after the sanitiser.
const RemoteImage = "img"

// Sanitise keeps an allow-list of elements, attributes and style properties, rewrites cid: images
// through inline, and remote images to RemoteImage. Nothing touches the result afterwards; run on
// its own output it changes nothing but dropping those images. inline maps a Content-ID to a
// path of ours (without a query); nil or "" leaves the image without content.
func Sanitise(html string, inline func(contentID string) string) Clean {
	var c Clean
	p := *policy() // its tables are only read from here on; the rewriter is this call's own
	p.RewriteSrc(func(u *url.URL) { c.HasRemote = rewrite(u, inline) || c.HasRemote })
	c.HTML = p.Sanitize(html)
	return c
}

// rewrite changes an image's address in place and tells whether it was remote.
func rewrite(u *url.URL, inline func(string) string) bool {
	switch strings.ToLower(u.Scheme) {
	case "cid":
		to := ""
		if inline != nil {
			id, _ := url.PathUnescape(u.Opaque)
			to = inline(strings.Trim(id, "<>"))
		}
		*u = url.URL{Path: to}
		if to == "" {
			u.Path = RemoteImage
		}
	case "http", "https":
		target := u.String()
		*u = url.URL{Path: RemoteImage, RawQuery: "u=" + url.QueryEscape(target)}
		return true
	}
	return false
}

// policy is the email policy of the sanitiser: no class, id or name (they could reach into a
// page), no url() in styles, no position, no forms, no relative links (they would lead to us).
var policy = sync.OnceValue(func() *bluemonday.Policy {
	var (
		colour  = regexp.MustCompile(`(?i)^(#[0-9a-f]{3,8}|[a-z]{3,20}|rgba?\([0-9., %]{1,40}\))$`)
		word    = regexp.MustCompile(`(?i)^[a-z-]{1,20}$`)
		fonts   = regexp.MustCompile(`(?i)^[a-z0-9 ,'"-]{1,200}$`)
		dataImg = regexp.MustCompile(`(?i)^image/(png|jpe?g|gif|webp);base64,`)
		linked  = regexp.MustCompile(`(?i)^\s*(https?|mailto|tel):`) // what images may name besides (data:, cid:) would open inside the frame
		number  = regexp.MustCompile(`^[0-9]{1,4}%?$`)
	)
	p := bluemonday.NewPolicy()
	p.AllowElements("a", "abbr", "b", "bdi", "bdo", "big", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup", "dd", "del", "dfn",
		"div", "dl", "dt", "em", "figcaption", "figure", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol",
		"p", "pre", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var", "wbr")
	p.AllowStandardURLs()
	p.AllowURLSchemes("http", "https", "mailto", "tel", "cid")
	p.AllowURLSchemeWithCustomPolicy("data", func(u *url.URL) bool { return dataImg.MatchString(u.Opaque) })
	p.AllowRelativeURLs(false)
	p.AllowAttrs("href").Matching(linked).OnElements("a")
	p.AllowAttrs("src").OnElements("img")
	p.AllowAttrs("alt", "title").OnElements("img", "a", "abbr", "td", "th", "span")
	p.AllowAttrs("dir").Matching(regexp.MustCompile(`(?i)^(ltr|rtl|auto)$`)).Globally()
	p.AllowAttrs("lang").Matching(regexp.MustCompile(`^[a-zA-Z-]{2,20}$`)).Globally()
	p.AllowAttrs("width", "height").Matching(number).OnElements("img", "table", "td", "th", "col")
	p.AllowAttrs("align", "valign").Matching(word).OnElements("table", "td", "th", "tr", "p", "div", "img", "h1", "h2", "h3", "h4", "h5", "h6", "tbody", "thead")
	p.AllowAttrs("bgcolor").Matching(colour).OnElements("table", "td", "th", "tr", "tbody")
	p.AllowAttrs("border", "cellpadding", "cellspacing", "colspan", "rowspan", "span", "start").Matching(number).OnElements("table", "td", "th", "col", "colgroup", "ol")
	p.AllowAttrs("color").Matching(colour).OnElements("font")
	p.AllowAttrs("face").Matching(fonts).OnElements("font")
	p.AllowAttrs("size").Matching(regexp.MustCompile(`^[+-]?[1-7]$`)).OnElements("font")
	styles(p, colour, word, fonts)
	p.RequireNoReferrerOnLinks(true)
	p.RequireNoFollowOnLinks(true)
	p.AddTargetBlankToFullyQualifiedLinks(true)
	return p
})

func styles(p *bluemonday.Policy, colour, word, fonts *regexp.Regexp) {
	var (
		length = regexp.MustCompile(`(?i)^(auto|0|-?[0-9.]{1,7}(px|pt|em|rem|%|ex|ch|in|cm|mm)?)( (auto|0|-?[0-9.]{1,7}(px|pt|em|rem|%|ex|ch|in|cm|mm)?)){0,3}$`)
		border = regexp.MustCompile(`(?i)^[a-z0-9#., ()%-]{1,80}$`)
		weight = regexp.MustCompile(`(?i)^(bold|bolder|lighter|normal|[1-9]00)$`)
	)
	p.AllowStyles("color", "background-color", "border-color").Matching(colour).Globally()
	p.AllowStyles("font-size", "line-height", "letter-spacing", "margin", "margin-top", "margin-right", "margin-bottom", "margin-left", "padding", "padding-top",
		"padding-right", "padding-bottom", "padding-left", "width", "max-width", "min-width", "height", "max-height", "border-width", "border-radius",
		"border-spacing", "text-indent").Matching(length).Globally()
	p.AllowStyles("font-family").Matching(fonts).Globally()
	p.AllowStyles("font-weight").Matching(weight).Globally()
	p.AllowStyles("font-style", "text-align", "text-decoration", "text-transform", "vertical-align", "white-space", "display", "border-style",
		"border-collapse", "list-style-type", "direction", "word-break", "overflow-wrap").Matching(word).Globally()
	p.AllowStyles("border", "border-top", "border-right", "border-bottom", "border-left").Matching(border).Globally()
}
