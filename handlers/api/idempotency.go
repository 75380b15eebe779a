package api

import (
	"bytes"
	"crypto/sha256"
	"sync"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/store"
)

// Idempotent answers a write that carries an Idempotency-Key once: a repetition gets the first
// answer again, for a day; the same key on another request is a Conflict.
type Idempotent struct {
	Store *store.Store
	busy  sync.Map // token and key of the calls that are running
}

// Wrap puts the check before a write.
func (i *Idempotent) Wrap(next fiber.Handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		key := c.Get("Idempotency-Key")
		bearer, ok := web.Bearer(c)
		if key == "" || !ok {
			return next(c)
		}
		if len(key) > 255 {
			return models.FieldError("Idempotency-Key", "The key is longer than 255 characters.")
		}
		return i.once(c, bearer.Token.ID, key, next)
	}
}

func (i *Idempotent) once(c *fiber.Ctx, token models.ID, key string, next fiber.Handler) error {
	running := token.String() + "/" + key
	if _, twice := i.busy.LoadOrStore(running, true); twice {
		return &models.Error{Code: models.Conflict, Field: "Idempotency-Key", Message: "A call with this key is still running. Try again in a moment."}
	}
	defer i.busy.Delete(running)
	hash := sha256.Sum256(append([]byte(c.Method()+" "+c.OriginalURL()+"\n"), c.Body()...))
	first, ok, err := store.IdempotentAnswer(i.Store.Read(c.UserContext()), token, key)
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
	return i.Store.Write(c.UserContext(), func(tx *store.Tx) error { return store.KeepAnswer(tx, answer) })
}
