package staff

import (
	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
)

// Ask answers POST /identities/{id}/ask: its owner is asked whether an address is theirs.
func (s *Screens) Ask(c *fiber.Ctx) error {
	address, err := id(c, "id")
	if err != nil {
		return err
	}
	return done(c, s.Inbox.SendCode(c.UserContext(), web.User(c), address))
}

// SendContinue answers POST /identities/{id}/continue: the customer gets a link to go on with the
// conversation on another device.
func (s *Screens) SendContinue(c *fiber.Ctx) error {
	address, err := id(c, "id")
	if err != nil {
		return err
	}
	_, err = s.Inbox.SendContinue(c.UserContext(), web.User(c), address)
	return done(c, err)
}
