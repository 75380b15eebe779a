// Package public is what the shop's customers reach: the chat widget's calls, its socket and its
// frame. No cookie counts here. A visitor is known by a token of ours, and sees nothing but what
// passed between the shop and that very browser.
package public

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/auth"
	"onethread/models/inbox"
	"onethread/models/store"
)

// Visitors makes and checks visitors' tokens, and tells a channel's sites (as web origins; none
// means any).
type Visitors interface {
	Visitor() string
	Token(ch models.Channel, visitor string) string
	Verify(ch models.Channel, token string) (visitor string, ok bool)
}

// Words builds the inbound events of a conversation.
type Words interface {
	Message(ch models.Channel, visitor, id, text string, uploads []models.ID) (models.Inbound, error)
	Contact(ch models.Channel, visitor, email, phone, name string) (models.Inbound, error)
	Read(ch models.Channel, visitor, providerID string) models.Inbound
}

// Site builds the inbound events of the page around the chat.
type Site interface {
	Origins(ch models.Channel) []string
	Identify(ch models.Channel, visitor string, identity []byte) (models.Inbound, error)
	Track(ch models.Channel, visitor string, beacon []byte) ([]models.Inbound, error)
}

// Builder is all of it; the web chat integration fills it.
type Builder interface {
	Visitors
	Words
	Site
}

// Deps is what the chat's handlers need.
type Deps struct {
	Store   *store.Store
	Builder Builder
	Ingest  func(ctx context.Context, in models.Inbound) (models.Ingested, error)
	Keep    func(ctx context.Context, uploader, name, claimed string, r io.Reader) (models.Attachment, error) // inbox.Upload
	Inbox   *inbox.Inbox                                                                                      // one-time codes, and the links that customers get
	Signals *web.Signals
	URL     string          // ONETHREAD_URL without a trailing slash
	Streams context.Context // its end closes all sockets, before the server stops
	Now     func() time.Time
}

// Chat holds the handlers of the widget.
type Chat struct {
	Deps
	hub    *hub
	limits limits
}

// limits of what one visitor, address or network may do.
type limits struct {
	perVisitor, perIP, fresh, boots, beacons, uploads, uploadBytes, codes, answers *web.Limiter
}

// New makes the handlers. Run must run beside them.
func New(d Deps) *Chat {
	if d.Now == nil {
		d.Now = time.Now
	}
	per := func(most int, window time.Duration) *web.Limiter {
		return &web.Limiter{Most: most, Per: window, Now: d.Now}
	}
	return &Chat{Deps: d, hub: newHub(), limits: limits{
		perVisitor: per(20, time.Minute), perIP: per(60, time.Minute), fresh: per(5, time.Hour), boots: per(300, time.Minute),
		beacons: per(300, time.Minute), uploads: per(10, time.Minute), uploadBytes: per(100<<20, time.Hour),
		codes: per(10, time.Hour), answers: per(30, time.Hour)}}
}

// call is who calls, on which channel.
type call struct {
	channel models.Channel
	visitor string
	ip      string
	at      whereabouts
}

// channel finds a live chat channel by its public key. Others do not exist for visitors.
func (h *Chat) channel(ctx context.Context, key string) (models.Channel, error) {
	if key == "" || len(key) > 100 {
		return models.Channel{}, errChannel
	}
	ch, err := h.Store.ChannelByKey(h.Store.Read(ctx), key)
	if models.IsCode(err, models.NotFound) || (err == nil && (ch.Type != "webchat" || ch.Paused)) {
		return ch, errChannel
	}
	return ch, err
}

var errChannel = models.Errorf(models.NotFound, "There is no chat with this key. Copy the snippet from Settings again.")

var errToken = models.Errorf(models.Unsigned, "This chat has to begin anew: reload the page.")

// admit lets a page of the channel's sites, or of our own origin, read the answer: exactly its
// origin, without credentials. A page from elsewhere is refused.
func (h *Chat) admit(c *fiber.Ctx, ch models.Channel) error {
	c.Vary(fiber.HeaderOrigin)
	origin := c.Get(fiber.HeaderOrigin)
	if origin == "" || web.OwnOrigin(c, h.URL) {
		return nil
	}
	if sites := h.Builder.Origins(ch); len(sites) > 0 && !slices.Contains(sites, strings.ToLower(origin)) {
		slog.WarnContext(c.UserContext(), "chat refused on a site that is not listed", "channel", ch.ID, "origin", origin)
		return models.Errorf(models.Forbidden, "The chat is not set up for this site. Add %.200s to its sites in Settings.", origin)
	}
	if origin == "null" { // a sandboxed page or a file: no site at all
		return models.Errorf(models.Forbidden, "The chat does not work on this page: it has no address of its own.")
	}
	c.Set(fiber.HeaderAccessControlAllowOrigin, origin)
	c.Set("Cross-Origin-Resource-Policy", "cross-origin") // a beacon's answer is no CORS answer
	return nil
}

// caller checks key, origin and token of a call.
func (h *Chat) caller(c *fiber.Ctx, key, token string) (call, error) {
	ch, err := h.channel(c.UserContext(), key)
	if err != nil {
		return call{}, err
	}
	if err := h.admit(c, ch); err != nil {
		return call{}, err
	}
	visitor, ok := h.Builder.Verify(ch, token)
	if !ok {
		return call{}, errToken
	}
	return call{channel: ch, visitor: visitor, ip: auth.Network(web.IP(c))}, nil
}

// body reads JSON whatever it is called: the widget sends text/plain, which needs no preflight.
func body(c *fiber.Ctx, into any) error {
	if err := json.Unmarshal(c.Body(), into); err != nil {
		return fiber.NewError(fiber.StatusBadRequest, "The body is not readable JSON.")
	}
	return nil
}

// identity finds the visitor's chat identity; ok is false before their first event.
func (h *Chat) identity(ctx context.Context, ch models.Channel, visitor string) (id models.Identity, ok bool, err error) {
	found, err := store.IdentitiesAt(h.Store.Read(ctx), models.ChatIdentity, ch.Key, visitor)
	if err != nil || len(found) == 0 {
		return id, false, err
	}
	return found[0], true, nil
}
