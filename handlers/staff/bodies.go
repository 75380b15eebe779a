package staff

import (
	"context"
	"errors"
	"html"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"onethread/models"
	"onethread/models/inbox"
	"onethread/models/richtext"
	"onethread/models/store"
)

// bodyPolicy is the frame's own policy: it repeats the sandbox, so that
// opening the address directly is as safe, and it, not the sandbox, is what stops tracking.
const bodyPolicy = "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; " +
	"img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

const bodyTop = `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><style>body{margin:12px;font:15px/1.5 system-ui,sans-serif;color:#1b1d1c;background:#fff;overflow-wrap:anywhere}img{max-width:100%;height:auto}table{max-width:100%}</style>`

// Body answers GET /messages/{id}/body, and …/images/body where staff asked for remote images: the
// sanitised HTML as it is stored. Relative image addresses in it resolve beside either.
func (s *Screens) Body(c *fiber.Ctx) error {
	m, err := s.message(c)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentSecurityPolicy, bodyPolicy)
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderXFrameOptions, "SAMEORIGIN")
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.SendString(bodyTop + m.HTML)
}

// message finds the message that the path names, unless it was redacted or is not HTML.
func (s *Screens) message(c *fiber.Ctx) (models.Message, error) {
	event, err := id(c, "id")
	if err != nil {
		return models.Message{}, err
	}
	m, err := store.Message(s.Store.Read(c.UserContext()), event)
	if err == nil && (m.HTML == "" || !m.RedactedAt.IsZero()) {
		err = models.Errorf(models.NotFound, "This message has no original to show.")
	}
	return m, err
}

// Original answers GET /messages/{id}/original: the raw mail, to be saved and never shown.
func (s *Screens) Original(c *fiber.Ctx) error {
	event, err := id(c, "id")
	if err != nil {
		return err
	}
	q := s.Store.Read(c.UserContext())
	if m, err := store.Message(q, event); err != nil || !m.RedactedAt.IsZero() || m.Automatic == inbox.CodeMark {
		return models.Errorf(models.NotFound, "There is no original of this message.")
	}
	media, body, err := s.Store.RawOf(q, event)
	if err != nil {
		return err
	}
	name := "message-" + event.String() + ".bin"
	if media == "message/rfc822" {
		name = "message-" + event.String() + ".eml"
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEOctetStream)
	c.Set(fiber.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	c.Set(fiber.HeaderContentSecurityPolicy, "sandbox; default-src 'none'")
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	return c.SendStream(body) // closes it
}

// blank is a transparent GIF of one pixel.
const blank = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

func noImage(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, "image/gif")
	c.Set(fiber.HeaderCacheControl, "private, max-age=86400")
	return c.SendString(blank)
}

// NoImage answers GET /messages/{id}/img, where remote images of an unasked body point: nothing
// is fetched.
func (s *Screens) NoImage(c *fiber.Ctx) error { return noImage(c) }

// Limits of the image proxy.
const (
	maxImage    = 10 << 20
	imageWithin = 5 * time.Second
)

// Image answers GET /messages/{id}/images/img?u=ADDRESS: one remote image that the message itself
// names, fetched by the server without cookies, referrer or the reader's address.
func (s *Screens) Image(c *fiber.Ctx) error {
	m, err := s.message(c)
	if err != nil {
		return err
	}
	target := c.Query("u")
	if !names(m.HTML, target) || s.Dial == nil {
		return models.Errorf(models.NotFound, "This message shows no such image.")
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), imageWithin)
	defer cancel()
	media, body, err := fetchImage(ctx, s.Dial, target)
	if err != nil {
		return noImage(c)
	}
	c.Set(fiber.HeaderContentType, media)
	c.Set(fiber.HeaderContentSecurityPolicy, "sandbox; default-src 'none'")
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderCacheControl, "private, max-age=86400")
	return c.Send(body)
}

// names tells whether a message's own HTML refers to the address: the proxy fetches nothing else.
func names(body, target string) bool {
	return target != "" && strings.Contains(body, `"`+html.EscapeString(richtext.RemoteImage+"?u="+url.QueryEscape(target))+`"`)
}

var errNoImage = errors.New("no image that may be shown")

// Dialer opens the connections of the image proxy.
type Dialer = func(ctx context.Context, network, addr string) (net.Conn, error)

func fetchImage(ctx context.Context, dial Dialer, target string) (media string, body []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil || (req.URL.Scheme != "http" && req.URL.Scheme != "https") || req.URL.User != nil {
		return "", nil, errNoImage
	}
	req.Header.Set("Accept", "image/webp,image/png,image/jpeg,image/gif")
	req.Header.Set("User-Agent", "Onethread image proxy")
	client := &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10, TLSHandshakeTimeout: imageWithin},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > 3 || (r.URL.Scheme != "http" && r.URL.Scheme != "https") {
				return errNoImage
			}
			r.Header.Del("Referer")
			return nil
		}}
	res, err := client.Do(req)
	if err != nil {
		return "", nil, err
	}
	defer res.Body.Close()
	body, err = io.ReadAll(io.LimitReader(res.Body, maxImage+1))
	media = http.DetectContentType(body)
	if err != nil || res.StatusCode != http.StatusOK || len(body) > maxImage || !shown[media] {
		return "", nil, errNoImage
	}
	return media, body, nil
}

// shown are the image types that browsers draw without running anything.
var shown = map[string]bool{"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true}
