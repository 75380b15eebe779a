package api

import (
	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/inbox"
)

// Move is POST /api/v1/customers/{id}/move {"events": [ID…], "to": ID} or {…, "name": N} for a new
// customer: entries of this thread belong to somebody else.
func (h *Handlers) Move(c *fiber.Ctx) error {
	customer, err := id(c, "id")
	if err != nil {
		return err
	}
	var in struct {
		Events []string `json:"events"`
		To     string   `json:"to"`
		Name   string   `json:"name"`
	}
	if err := web.JSON(c, &in); err != nil {
		return err
	}
	move := inbox.Split{From: customer, Name: in.Name}
	if move.To, err = optional("to", in.To); err != nil {
		return err
	}
	for _, text := range in.Events {
		event, err := models.ParseID(text)
		if err != nil {
			return models.FieldError("events", "%q is no entry of a thread.", text)
		}
		move.Events = append(move.Events, event)
	}
	to, err := h.Inbox.Move(c.UserContext(), web.User(c).ID, move)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"customer_id": to.String()})
}

// MoveBack is POST /api/v1/events/{id}/move-back: the newest move of an entry, or a whole one by the id
// of its split event, is taken back.
func (h *Handlers) MoveBack(c *fiber.Ctx) error {
	event, err := id(c, "id")
	if err != nil {
		return err
	}
	if err := h.Inbox.MoveBack(c.UserContext(), web.User(c).ID, event); err != nil {
		return err
	}
	return c.JSON(fiber.Map{"event_id": event.String(), "moved_back": true})
}
