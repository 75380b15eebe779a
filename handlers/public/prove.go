package public

import (
	"github.com/gofiber/fiber/v2"

	"onethread/models"
)

type codeCall struct {
	Key   string `json:"key"`
	Token string `json:"token"`
	Code  string `json:"code"`
}

// proving checks a call about one-time codes, within the limits of the visitor and of their network.
func (h *Chat) proving(c *fiber.Ctx, answer bool) (call, models.Identity, string, error) {
	var in codeCall
	if err := body(c, &in); err != nil {
		return call{}, models.Identity{}, "", err
	}
	who, err := h.caller(c, in.Key, in.Token)
	if err != nil {
		return who, models.Identity{}, "", err
	}
	limit := h.limits.codes
	if answer {
		limit = h.limits.answers
	}
	for _, key := range []string{"visitor " + who.visitor, "ip " + who.ip} {
		if err := limit.Allow(key, 1); err != nil {
			return who, models.Identity{}, "", err
		}
	}
	id, known, err := h.identity(c.UserContext(), who.channel, who.visitor)
	if err == nil && !known {
		err = models.FieldError("email", "Leave an email address or a phone number first.")
	}
	return who, id, in.Code, err
}

// Code answers POST /c/chat/code: a one-time code goes to the address that the visitor left. The answer
// is the same whoever's it is, and whether or not one was sent.
func (h *Chat) Code(c *fiber.Ctx) error {
	_, browser, _, err := h.proving(c, false)
	if err != nil {
		return err
	}
	if err := h.Inbox.SendChatCode(c.UserContext(), browser.ID); err != nil {
		return err
	}
	return c.JSON(fiber.Map{"sent": true})
}

// Prove answers POST /c/chat/prove: the visitor has the code. The chat then shows the conversation that
// they have on other devices, if there is one.
func (h *Chat) Prove(c *fiber.Ctx) error {
	who, browser, code, err := h.proving(c, true)
	if err != nil {
		return err
	}
	shown, err := h.Inbox.ConfirmChatCode(c.UserContext(), who.channel, browser, code)
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"proved": true, "shown": shown})
}
