package web

import (
	"bufio"
	"context"
	"log/slog"

	"github.com/gofiber/fiber/v2"

	"onethread/models"
	"onethread/models/privacy"
)

// SendExport streams a customer's export.
func SendExport(c *fiber.Ctx, p *privacy.Privacy, customer models.ID) error {
	who, err := p.ExportOf(c.UserContext(), customer)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/zip")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+privacy.ExportName(who, p.Now())+`"`)
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		// Not the request's context: that ends before the body is written. Who leaves ends it by a failing write.
		if err := p.Export(context.Background(), who.ID, w); err != nil {
			slog.Warn("an export broke off", "customer", int64(who.ID), "error", err)
		}
	})
	return nil
}
