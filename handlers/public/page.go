package public

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"html/template"
	"strings"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/static"
)

//go:embed pages
var pageFiles embed.FS

var (
	pageTemplate = template.Must(template.ParseFS(pageFiles, "pages/page.html"))
	pageCatalog  = loadPageWords()
)

// pageWords are the words of the pages that customers open by a link.
type pageWords map[string]string

// Say gives a text, its one argument put in.
func (w pageWords) Say(key string, args ...string) string {
	text := w[key]
	if len(args) > 0 {
		text = strings.ReplaceAll(text, "{0}", args[0])
	}
	return text
}

func loadPageWords() pageWords {
	raw, err := pageFiles.ReadFile("pages/en.json")
	if err != nil {
		panic(err) // embedded: it cannot be missing
	}
	words := pageWords{}
	if err := json.Unmarshal(raw, &words); err != nil {
		panic("pages/en.json: " + err.Error())
	}
	return words
}

// page is a page that a customer opens by a link. Code and Action are where its forms go.
type page struct {
	Title, Lead, Wrong, Note string
	Code, Action, Do         string
	Said                     []saidLine // for browsers without scripts
	Key, Visitor             string     // what the chat on the page begins with
	Script, Style, Icon      string
	Words                    pageWords
}

type saidLine struct {
	Me         bool
	Name, Text string
}

// pagePolicy: nothing from elsewhere, and no frame around it. Its own chat is a frame of ours.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// show404 says that a link leads nowhere; other errors are passed on.
func show404(c *fiber.Ctx, err error) error {
	var e *models.Error
	if !errors.As(err, &e) || e.Code != models.NotFound {
		return err
	}
	return draw(c, fiber.StatusNotFound, page{Title: pageCatalog.Say("gone.title"), Lead: e.Message})
}

// draw answers with a page. Its address is a secret: it is told to nobody, kept nowhere, and found by no search.
func draw(c *fiber.Ctx, status int, p page) error {
	p.Words, p.Style = pageCatalog, static.URL("widget/page.css")
	p.Icon = static.URL("favicon.svg")
	var out bytes.Buffer
	if err := pageTemplate.Execute(&out, p); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentSecurityPolicy, pagePolicy)
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	c.Set("X-Robots-Tag", "noindex, nofollow")
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.Status(status).Send(out.Bytes())
}

// fromHere refuses forms of other sites' pages: with a code of their own choice they could do nothing, but
// they could have codes sent.
func (h *Chat) fromHere(c *fiber.Ctx) error {
	if !web.SameOrigin(c, h.URL) {
		return models.Errorf(models.Forbidden, "This request did not come from a page of this server. Open the link anew and try again.")
	}
	return nil
}
