package public

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
)

type trackCall struct {
	Key   string `json:"key"`
	Token string `json:"token"`
}

// Track answers POST /c/chat/track, the storefront's beacon: page views and the like. Each event
// has an id of its own, so a beacon that is sent again adds nothing.
func (h *Chat) Track(c *fiber.Ctx) error {
	var in trackCall
	if err := body(c, &in); err != nil {
		return err
	}
	who, err := h.caller(c, in.Key, in.Token)
	if err != nil {
		return err
	}
	if err := errors.Join(h.limits.beacons.Allow(who.ip, 1), h.limits.beacons.Allow(who.visitor, 1)); err != nil {
		return err
	}
	list, err := h.Builder.Track(who.channel, who.visitor, c.Body())
	if err != nil {
		return err
	}
	for _, inbound := range list {
		if _, err := h.Ingest(c.UserContext(), inbound); err != nil {
			return err
		}
	}
	web.Bare(c)
	return c.SendStatus(fiber.StatusNoContent)
}
