package mime

import (
	"html"
	"strings"
)

// spot is where in the tree a part stands.
type spot struct {
	depth       int
	alternative bool   // inside multipart/alternative: its texts say the same thing
	fallback    string // the type of a part that names none
}

// piece is one readable part, in the order of the mail.
type piece struct {
	text, html  string
	alternative bool
}

// collector walks the tree of parts and gathers texts and files.
type collector struct {
	mail   *Mail
	pieces []piece
	parts  int
}

func (c *collector) walk(h Header, body []byte, p spot) {
	kind := partType(h, p.fallback)
	if strings.HasPrefix(kind.value, "multipart/") && p.depth < maxDepth {
		if c.walkParts(kind, body, p) {
			return
		}
		kind = content{value: "text/plain", params: kind.params} // no part found: show it as it is
	}
	c.parts++
	c.leaf(h, kind, body, p)
}

// partType is the Content-Type, with a sane value where there is none or nonsense.
func partType(h Header, fallback string) content {
	kind := parseContent(h.filled("Content-Type"))
	switch {
	case kind.value == "" && fallback != "":
		kind.value = fallback
	case kind.value == "", kind.value == "text", kind.value == "plain":
		kind.value = "text/plain"
	case kind.value == "html":
		kind.value = "text/html"
	}
	return kind
}

// walkParts goes through the parts of a multipart; false means that none was found.
func (c *collector) walkParts(kind content, body []byte, p spot) bool {
	boundary := strings.TrimRight(kind.params["boundary"], " \t")
	if boundary == "" || nextBoundary(body, []byte("--"+boundary), 0) < 0 {
		boundary = sniffBoundary(body)
	}
	if boundary == "" {
		return false
	}
	parts, cut := splitParts(body, boundary, maxParts-c.parts)
	c.mail.Cut = c.mail.Cut || cut
	inner := spot{depth: p.depth + 1, alternative: p.alternative || kind.value == "multipart/alternative"}
	if kind.value == "multipart/digest" {
		inner.fallback = "message/rfc822"
	}
	for _, part := range parts {
		if c.parts >= maxParts {
			c.mail.Cut = true
			break
		}
		h, b := splitHead(part)
		c.walk(h, b, inner)
	}
	return len(parts) > 0
}

// leaf takes in a part that holds no others.
func (c *collector) leaf(h Header, kind content, body []byte, p spot) {
	disposition := parseContent(h.filled("Content-Disposition"))
	name := fileName(disposition, kind)
	data := decodeTransfer(body, h.filled("Content-Transfer-Encoding"))
	if strings.HasPrefix(kind.value, "multipart/") { // over the depth limit
		c.mail.Cut = true
	} else if isBody(kind.value, disposition.value, name) {
		c.readable(kind, data, p)
		return
	}
	cid := strings.Trim(strings.TrimSpace(h.filled("Content-ID")), "<>")
	c.mail.Files = append(c.mail.Files, File{Name: name, Type: kind.value, ContentID: OneLine(cid),
		Inline: disposition.value == "inline" || disposition.value == "" && cid != "", Body: data})
}

// isBody tells the words of a mail from its files.
func isBody(kind, disposition, name string) bool {
	if kind != "text/plain" && kind != "text/html" {
		return false
	}
	return disposition != "attachment" && name == ""
}

// maxUuencoded bounds the files inside one text: each costs a copy of it.
const maxUuencoded = 20

// readable takes in a text. Files that old programs wrote into the text (uuencode) come out.
func (c *collector) readable(kind content, data []byte, p spot) {
	if kind.value == "text/html" {
		c.pieces = append(c.pieces, piece{html: decodeHTML(data, kind.params["charset"]), alternative: p.alternative})
		return
	}
	for range maxUuencoded {
		name, file, rest, ok := cutUuencode(data)
		if !ok {
			break
		}
		c.mail.Files = append(c.mail.Files, File{Name: CleanFileName(name), Type: "application/octet-stream", Body: file})
		data = rest
	}
	c.pieces = append(c.pieces, piece{text: decodeCharset(data, kind.params["charset"]), alternative: p.alternative})
}

// finish joins the pieces.
func (c *collector) finish() {
	var text, page []string
	for _, p := range c.pieces {
		if p.text != "" {
			text = append(text, p.text)
		}
		if p.html != "" {
			page = append(page, p.html)
		}
	}
	c.mail.Text, c.mail.HTML, c.mail.pieces = strings.Join(text, "\n"), strings.Join(page, "\n"), c.pieces
}

// Page is the HTML to show. A text that stands beside HTML and is not another form of it (a
// mailing list's footer, words before and after a picture) is shown with the HTML too.
func (m *Mail) Page() string {
	if m.HTML == "" {
		return ""
	}
	var page []string
	for _, p := range m.pieces {
		if p.html != "" {
			page = append(page, p.html)
		} else if !p.alternative && strings.TrimSpace(p.text) != "" {
			page = append(page, `<div style="white-space:pre-wrap">`+html.EscapeString(p.text)+"</div>")
		}
	}
	return strings.Join(page, "\n")
}

// Words is all of the mail as plain text: its text parts, and what stands in HTML only.
func (m *Mail) Words() string {
	var words []string
	spoken := false // an alternative's text was already taken
	for _, p := range m.pieces {
		switch {
		case strings.TrimSpace(p.text) != "":
			words = append(words, p.text)
			spoken = spoken || p.alternative
		case p.html != "" && !(p.alternative && spoken):
			words = append(words, HTMLText(p.html))
		}
	}
	return strings.Join(words, "\n")
}
