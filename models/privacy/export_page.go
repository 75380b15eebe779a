package privacy

import (
	"cmp"
	"fmt"
	"html"
	"io"
	"net/url"
	"strings"

	"onethread/models"
	"onethread/models/store"
)

// pageTop is the head of thread.html. Its policy forbids everything but its own style: whatever a message
// holds is text, and the page loads and runs nothing.
const pageTop = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer"><title>%[1]s</title><style>
:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:0 auto;padding:1.5rem}
h1{font-size:1.4rem}article{border:1px solid #8884;border-radius:.6rem;padding:.6rem .9rem;margin:.7rem 0}article.out{margin-left:3rem}article.note{border-style:dashed}
h2{font-size:.85rem;font-weight:600;margin:0;opacity:.75}h3{font-size:1rem;margin:.3rem 0}p{margin:.3rem 0;white-space:pre-wrap;overflow-wrap:anywhere}ul{margin:.3rem 0;padding-left:1.2rem}
</style></head><body><h1>%[1]s</h1>
<p>Everything that passed between this customer and the shop, oldest first, as kept on %[2]s. data.json holds the same for machines.</p>
`

// page writes thread.html.
func (e *export) page() error {
	out, err := e.create("thread.html")
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, pageTop, html.EscapeString(cmp.Or(e.c.Name, "Customer "+e.c.ID.String())), moment(e.at)); err != nil {
		return err
	}
	if err := e.each(func(x store.Entry) error { return article(out, x) }); err != nil {
		return err
	}
	_, err = io.WriteString(out, "</body></html>\n")
	return err
}

func moment(t models.Time) string { return t.Std().Format("2 January 2006, 15:04 UTC") }

// article writes one entry. Everything in it is escaped.
func article(w io.Writer, x store.Entry) error {
	e := exportEvent(x)
	class := string(cmp.Or(e.Direction, "in"))
	if e.Kind == models.KindNote {
		class = "note"
	}
	var b strings.Builder
	who := []string{moment(e.OccurredAt), words(e.Kind)}
	for _, s := range []string{e.Channel, e.By, e.State} {
		if s != "" {
			who = append(who, s)
		}
	}
	fmt.Fprintf(&b, "<article class=\"%s\"><h2>%s</h2>", class, html.EscapeString(strings.Join(who, " · ")))
	if e.Subject != "" {
		fmt.Fprintf(&b, "<h3>%s</h3>", html.EscapeString(e.Subject))
	}
	if text := cmp.Or(e.Text, e.Left, said(e)); text != "" {
		fmt.Fprintf(&b, "<p>%s</p>", html.EscapeString(text))
	}
	if len(e.Attachments) > 0 {
		b.WriteString("<ul>")
		for _, a := range e.Attachments {
			fmt.Fprintf(&b, "<li><a href=\"%s\" rel=\"noreferrer\">%s</a> (%d bytes)</li>", html.EscapeString((&url.URL{Path: a.File}).EscapedPath()), html.EscapeString(cmp.Or(a.Name, "file")), a.Size)
		}
		b.WriteString("</ul>")
	}
	b.WriteString("</article>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// words is a kind of event in words.
func words(k models.Kind) string { return strings.ReplaceAll(string(k), "_", " ") }

// said tells what an event without a message says, as it is kept.
func said(e exportedEvent) string {
	if len(e.Data) == 0 {
		return ""
	}
	return string(e.Data)
}
