package public

import (
	"bytes"
	_ "embed"
	"html/template"
	"strings"

	"github.com/gofiber/fiber/v2"

	"onethread/static"
)

//go:embed frame.html
var frameSource string

var frameTemplate = template.Must(template.New("frame").Parse(frameSource))

// Frame answers GET /c/chat/frame?channel=KEY with the conversation's empty frame. Only pages of
// the channel's sites may hold it; what it shows comes by message from the loader and by socket.
func (h *Chat) Frame(c *fiber.Ctx) error {
	ch, err := h.channel(c.UserContext(), c.Query("channel"))
	if err != nil {
		return err
	}
	var page bytes.Buffer
	err = frameTemplate.Execute(&page, map[string]string{"Script": static.URL("widget/frame.js"), "Style": static.URL("widget/frame.css")})
	if err != nil {
		return err
	}
	ancestors := "*"
	if sites := h.Builder.Origins(ch); len(sites) > 0 {
		ancestors = "'self' " + strings.Join(sites, " ")
	}
	// 'self' covers our socket, too, except in older Safari, which wants it spelled out.
	socket := "ws" + strings.TrimPrefix(h.URL, "http")
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self' "+
		socket+"; base-uri 'none'; form-action 'none'; frame-ancestors "+ancestors)
	c.Set("Cross-Origin-Resource-Policy", "cross-origin")
	c.Set(fiber.HeaderCacheControl, "private, max-age=300")
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.Send(page.Bytes())
}
