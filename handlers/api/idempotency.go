package api

import (
	"bytes"
	"crypto/sha256"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/store"
)

// Once puts Idempotency-Key before a write: a repetition with the same key gets the first answer
// again, for a day; the same key on another call is a Conflict.
func (h *Handlers) Once(next fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		key := c.Get("Idempotency-Key")
		bearer, ok := web.Bearer(c)
		if key == "" || !ok {
			return next(c)
		}
		if len(key) > 255 {
			return models.FieldError("Idempotency-Key", "The key is longer than 255 characters.")
		}
		return h.once(c, bearer.Token.ID, key, next)
	}
}

func (h *Handlers) once(c *fiber.Ctx, token models.ID, key string, next fiber.Handler) error {
	running := token.String() + "/" + key
	if _, twice := h.busy.LoadOrStore(running, true); twice {
		return &models.Error{Code: models.Conflict, Field: "Idempotency-Key", Message: "A call with this key is still running. Try again in a moment."}
	}
	defer h.busy.Delete(running)
	hash := sha256.Sum256(append([]byte(c.Method()+" "+c.OriginalURL()+"\n"), c.Body()...))
	first, ok, err := store.IdempotentAnswer(h.Store.Read(c.UserContext()), token, key)
	if err != nil {
		return err
	}
	if ok {
		if !bytes.Equal(first.RequestHash, hash[:]) {
			return &models.Error{Code: models.Conflict, Field: "Idempotency-Key", Message: "This key was used for another call. Use a new one."}
		}
		c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
		return c.Status(first.Status).Send(first.Body)
	}
	if err := next(c); err != nil {
		return err
	}
	answer := store.Answer{TokenID: token, Key: key, RequestHash: hash[:], Status: c.Response().StatusCode(), Body: bytes.Clone(c.Response().Body())}
	return h.Auth.KeepAnswer(c.UserContext(), answer)
}
