// Package hooks takes providers' webhooks: size limit, the raw body, the channel's own hook (which
// verifies and parses), Ingest, and an answer only after the commit.
package hooks

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/auth"
	"onethread/models/channels"
)

// Handlers serves /webhooks/{type}/{channel id}[/…] and the generic door.
type Handlers struct {
	Channels *channels.Registry
	Ingest   models.Deliver
	Auth     *auth.Auth
	URL      string // ONETHREAD_URL without a trailing slash
	Now      func() time.Time
}

// maxBody bounds a webhook's body (bytes); larger ones are answered 413.
const maxBody = 2 << 20

// Receive is a provider's call. Nothing is stored of a call without a good signature but a counter.
func (h *Handlers) Receive(c *fiber.Ctx) error {
	results, err := h.take(c, c.Params("type"), false)
	if err != nil {
		return err
	}
	if p, ok := h.Channels.Provider(c.Params("type")); ok && p.Answer.Type != "" {
		c.Set(fiber.HeaderContentType, p.Answer.Type)
		return c.SendString(p.Answer.Body)
	}
	return c.JSON(fiber.Map{"received": len(results)})
}

// Take reads, verifies and ingests a call for the channel named in the path. token says that an
// API token vouches for the caller. It serves the generic door as well, which has its own answer.
func (h *Handlers) take(c *fiber.Ctx, kind string, token bool) ([]models.Ingested, error) {
	id, err := models.ParseID(c.Params("channel"))
	if err != nil {
		return nil, err
	}
	if err := web.LimitBody(c, maxBody); err != nil {
		return nil, err
	}
	ctx := c.UserContext()
	hook, _, err := h.Channels.Hook(ctx, kind, id)
	if err != nil {
		return nil, err
	}
	events, err := hook.Parse(h.request(c, token))
	if err != nil {
		return nil, h.refused(ctx, id, err)
	}
	out, err := h.ingest(ctx, events)
	if !models.IsCode(err, models.Unavailable) { // else the call cannot be noted either, and would be held up twice
		h.Channels.Called(ctx, id)
	}
	return out, err
}

func (h *Handlers) ingest(ctx context.Context, events []models.Inbound) (out []models.Ingested, err error) {
	for _, in := range events {
		done, err := h.Ingest(ctx, in)
		if err != nil {
			return nil, err
		}
		out = append(out, done)
	}
	return out, nil
}

// refused counts a call that was not signed.
func (h *Handlers) refused(ctx context.Context, id models.ID, err error) error {
	var e *models.Error
	if errors.As(err, &e) && (e.Code == models.Unsigned || e.Code == models.Forbidden) {
		return errors.Join(err, h.Channels.Rejected(ctx, id))
	}
	return err
}

// request copies what a hook may see. The URL is the public one, never rebuilt from the Host header.
func (h *Handlers) request(c *fiber.Ctx, token bool) models.HookRequest {
	header := http.Header{}
	c.Request().Header.VisitAll(func(k, v []byte) { header.Add(string(k), string(v)) })
	return models.HookRequest{Method: c.Method(), URL: h.URL + c.OriginalURL(), Path: strings.Trim(c.Params("*"), "/"), Header: header,
		Body: append([]byte{}, c.Body()...), Now: h.Now(), Token: token}
}

// Generic is POST /api/v1/ingest/{channel}: 201 for a new event, 200 for one seen before.
func (h *Handlers) Generic(c *fiber.Ctx) error {
	token, err := h.writer(c)
	if err != nil {
		return err
	}
	out, err := h.take(c, "generic", token)
	if err != nil {
		return err
	}
	status := fiber.StatusCreated
	if out[0].Duplicate {
		status = fiber.StatusOK
	}
	return c.Status(status).JSON(fiber.Map{"event_id": out[0].EventID.String(), "customer_id": out[0].CustomerID.String(),
		"conversation_id": out[0].ConversationID.String()})
}

// writer tells whether the call carries a token that may write. A token that does not is an error,
// not a reason to look for a signature.
func (h *Handlers) writer(c *fiber.Ctx) (bool, error) {
	raw, ok := strings.CutPrefix(c.Get(fiber.HeaderAuthorization), "Bearer ")
	if !ok {
		return false, nil
	}
	b, err := h.Auth.Token(c.UserContext(), raw)
	if err != nil {
		return false, err
	}
	if !auth.Covers(b.User.Role, b.Token.Scope, models.ScopeWrite) {
		return false, models.Errorf(models.Forbidden, "This token may not write. Use one with the scope write, or sign the call.")
	}
	return true, nil
}
