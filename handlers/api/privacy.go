package api

import (
	"log/slog"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models/privacy"
)

// EraseCustomer is POST /api/v1/customers/{id}/erase.
func (h *Handlers) EraseCustomer(c *fiber.Ctx) error {
	customer, err := id(c, "id")
	if err != nil {
		return err
	}
	done, err := privacy.New(h.Store).Erase(c.UserContext(), web.User(c).ID, customer)
	if err != nil && len(done.Customers) == 0 {
		return err
	}
	if err != nil {
		slog.Warn("an erasure's traces are not overwritten yet; it is tried again within the hour", "error", err)
	}
	return c.JSON(fiber.Map{"customer_id": customer.String(), "events": done.Events, "files": len(done.Files), "orders_kept": done.Orders, "overwritten": err == nil})
}

// ExportCustomer is GET /api/v1/customers/{id}/export: a ZIP.
func (h *Handlers) ExportCustomer(c *fiber.Ctx) error {
	customer, err := id(c, "id")
	if err != nil {
		return err
	}
	return web.SendExport(c, privacy.New(h.Store), customer)
}

// Redact is POST /api/v1/messages/{id}/redact: what the message says is taken out.
func (h *Handlers) Redact(c *fiber.Ctx) error {
	event, err := id(c, "id")
	if err != nil {
		return err
	}
	if err := privacy.New(h.Store).Redact(c.UserContext(), web.User(c).ID, event); err != nil {
		return err
	}
	return h.showEvent(c, fiber.StatusOK, event)
}
