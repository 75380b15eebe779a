// Package api is /api/v1: JSON over bearer tokens, as docs/api.md and openapi.json describe it.
package api

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"

	"onethread/models"
	"onethread/models/auth"
	"onethread/models/channels"
	"onethread/models/inbox"
	"onethread/models/store"
)

// Handlers serves /api/v1.
type Handlers struct {
	Store    *store.Store
	Inbox    *inbox.Inbox
	Channels *channels.Registry
	URL      string // ONETHREAD_URL without a trailing slash
	Auth     *auth.Auth
	Streams  context.Context // its end closes the live sockets

	busy sync.Map // token and Idempotency-Key of the calls that are running
}

// page is a keyset-paginated answer.
type page struct {
	Data       any     `json:"data"`
	NextCursor *string `json:"next_cursor"`
}

const (
	defaultLimit = 50
	maxLimit     = 200
)

// limit reads ?limit= (1 to 200; 50 when absent).
func limit(c *fiber.Ctx) (int, error) {
	text := c.Query("limit")
	if text == "" {
		return defaultLimit, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, models.FieldError("limit", "limit must be a number from 1 to %d.", maxLimit)
	}
	return min(n, maxLimit), nil
}

// place is a keyset cursor: a moment and the id beside it. Outside it is an opaque word.
type place struct {
	At models.Time
	ID models.ID
}

func (p place) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(int64(p.At), 10) + "." + p.ID.String()))
}

// cursor reads ?cursor=; the zero place is the beginning.
func cursor(c *fiber.Ctx) (place, error) {
	text := c.Query("cursor")
	if text == "" {
		return place{}, nil
	}
	bad := models.FieldError("cursor", "This is no cursor of ours: use next_cursor of the page before, unchanged.")
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return place{}, bad
	}
	at, id, _ := strings.Cut(string(raw), ".")
	n, err1 := strconv.ParseInt(at, 10, 64)
	m, err2 := strconv.ParseInt(id, 10, 64)
	if err1 != nil || err2 != nil || m < 0 {
		return place{}, bad
	}
	return place{models.Time(n), models.ID(m)}, nil
}

// window reads ?limit= and ?cursor=.
func window(c *fiber.Ctx) (n int, at place, err error) {
	if n, err = limit(c); err != nil {
		return 0, at, err
	}
	at, err = cursor(c)
	return n, at, err
}

// paged cuts the extra row that tells whether there is more, and makes the cursor of what is left.
func paged[T, V any](c *fiber.Ctx, rows []T, limit int, view func(T) V, at func(T) place) error {
	p := page{}
	if len(rows) > limit {
		rows = rows[:limit]
		next := at(rows[limit-1]).String()
		p.NextCursor = &next
	}
	views := make([]V, len(rows))
	for i, r := range rows {
		views[i] = view(r)
	}
	p.Data = views
	return c.JSON(p)
}

// id reads a path parameter.
func id(c *fiber.Ctx, name string) (models.ID, error) { return models.ParseID(c.Params(name)) }

// queryID reads an optional id from the query.
func queryID(c *fiber.Ctx, name string) (models.ID, error) {
	text := c.Query(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, models.FieldError(name, "%s must be an id.", name)
	}
	return models.ID(n), nil
}

func (h *Handlers) read(c *fiber.Ctx) store.Q { return h.Store.Read(c.UserContext()) }

// OpenAPI is GET /api/v1/openapi.json.
func (h *Handlers) OpenAPI(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	return c.Send(Description)
}

// object is JSON text that is already encoded.
func object(text string) json.RawMessage {
	if text == "" {
		return json.RawMessage("{}")
	}
	return json.RawMessage(text)
}
