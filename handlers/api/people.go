package api

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/inbox"
	"onethread/models/store"
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

type proofView struct {
	Evidence models.Evidence `json:"evidence"`
	Reason   string          `json:"reason"`
	EventID  string          `json:"event_id,omitempty"`
	UserID   string          `json:"user_id,omitempty"`
	At       models.Time     `json:"at"`
}

// Identity is GET /api/v1/identities/{id}: an address, with why it is its customer's.
func (h *Handlers) Identity(c *fiber.Ctx) error {
	address, err := id(c, "id")
	if err != nil {
		return err
	}
	return h.showAddress(c, address)
}

func (h *Handlers) showAddress(c *fiber.Ctx, address models.ID) error {
	q := h.read(c)
	i, err := store.Identity(q, address)
	if err != nil {
		return err
	}
	proofs, err := store.ProofsOf(q, address)
	if err != nil {
		return err
	}
	history := make([]proofView, len(proofs))
	for n, p := range proofs {
		history[n] = proofView{Evidence: p.Evidence, Reason: p.Reason, EventID: p.EventID.String(), UserID: p.UserID.String(), At: p.At}
	}
	return c.JSON(struct {
		identityView
		CustomerID string      `json:"customer_id"`
		Removed    bool        `json:"removed"`
		History    []proofView `json:"history"`
	}{showIdentity(i), i.CustomerID.String(), i.RetiredAt != 0, history})
}

// PatchIdentity is PATCH /api/v1/identities/{id}: confirms, shares, corrects or moves an address, one
// thing at a time. A corrected one is a new address, which is answered.
func (h *Handlers) PatchIdentity(c *fiber.Ctx) error {
	address, err := id(c, "id")
	if err != nil {
		return err
	}
	var in struct {
		Verified     bool   `json:"verified"`
		Shared       *bool  `json:"shared"`
		Value        string `json:"value"`
		CustomerID   string `json:"customer_id"`
		CustomerName string `json:"customer_name"`
	}
	if err := web.JSON(c, &in); err != nil {
		return err
	}
	to, err := optional("customer_id", in.CustomerID)
	if err != nil {
		return err
	}
	ctx, user := c.UserContext(), web.User(c).ID
	switch {
	case in.Verified:
		err = h.Inbox.VerifyAddress(ctx, user, address)
	case in.Shared != nil:
		err = h.Inbox.ShareAddress(ctx, user, address, *in.Shared)
	case in.Value != "":
		address, err = h.Inbox.CorrectAddress(ctx, user, address, in.Value)
	case to != 0 || in.CustomerName != "":
		_, err = h.Inbox.MoveAddress(ctx, user, address, to, in.CustomerName)
	default:
		err = models.FieldError("", "Say what to change: verified, shared, value, customer_id or customer_name.")
	}
	if err != nil {
		return err
	}
	return h.showAddress(c, address)
}

// RemoveIdentity is DELETE /api/v1/identities/{id}: what came from it stays, who writes from it next is
// somebody new.
func (h *Handlers) RemoveIdentity(c *fiber.Ctx) error { return h.changed(c, h.Inbox.RemoveAddress) }

// RestoreIdentity is POST /api/v1/identities/{id}/restore.
func (h *Handlers) RestoreIdentity(c *fiber.Ctx) error { return h.changed(c, h.Inbox.RestoreAddress) }

// MoveIdentityBack is POST /api/v1/identities/{id}/move-back.
func (h *Handlers) MoveIdentityBack(c *fiber.Ctx) error { return h.changed(c, h.Inbox.MoveAddressBack) }

func (h *Handlers) changed(c *fiber.Ctx, command func(ctx context.Context, user, address models.ID) error) error {
	address, err := id(c, "id")
	if err != nil {
		return err
	}
	if err := command(c.UserContext(), web.User(c).ID, address); err != nil {
		return err
	}
	return h.showAddress(c, address)
}
