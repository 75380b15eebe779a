package public

import (
	"context"
	"errors"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/auth"
	"onethread/models/inbox"
	"onethread/models/store"
	"onethread/static"
)

// ConfirmPage answers GET /c/confirm/{token}. Looking at it confirms nothing: mail programs look, too.
func (h *Chat) ConfirmPage(c *fiber.Ctx) error {
	address, err := h.Inbox.LookAtCode(c.UserContext(), c.Params("token"))
	if err != nil {
		return show404(c, err)
	}
	w := pageCatalog
	return draw(c, fiber.StatusOK, page{Title: w.Say("confirm.title"), Lead: w.Say("confirm.lead", address), Do: w.Say("confirm.do"),
		Action: "/c/confirm/" + c.Params("token"), Note: w.Say("confirm.not")})
}

// Confirm answers POST /c/confirm/{token}: the address is its owner's.
func (h *Chat) Confirm(c *fiber.Ctx) error {
	if err := h.linked(c, h.limits.answers); err != nil {
		return err
	}
	if err := h.Inbox.ConfirmCode(c.UserContext(), c.Params("token")); err != nil {
		return show404(c, err)
	}
	return draw(c, fiber.StatusOK, page{Title: pageCatalog.Say("confirmed.title"), Lead: pageCatalog.Say("confirmed.lead")})
}

// linked admits a form of a linked page within the limits of its network.
func (h *Chat) linked(c *fiber.Ctx, limit *web.Limiter) error {
	if err := h.fromHere(c); err != nil {
		return err
	}
	return limit.Allow("ip "+auth.Network(web.IP(c)), 1)
}

// ContinuePage answers GET /c/continue/{token}. The link alone shows whose address is asked, masked, and
// sends nothing: mail programs look, too.
func (h *Chat) ContinuePage(c *fiber.Ctx) error {
	to, err := h.Inbox.LookAtContinue(c.UserContext(), c.Params("token"))
	if err != nil {
		return show404(c, err)
	}
	w := pageCatalog
	return draw(c, fiber.StatusOK, page{Title: w.Say("continue.title"), Lead: w.Say("continue.lead", inbox.Masked(to.Address)), Do: w.Say("continue.send"),
		Action: "/c/continue/" + c.Params("token"), Key: to.Channel.Key, Script: static.URL("widget/continue.js")})
}

// ContinueCode answers POST /c/continue/{token}: a code goes to the link's own address.
func (h *Chat) ContinueCode(c *fiber.Ctx) error {
	if err := h.linked(c, h.limits.codes); err != nil {
		return err
	}
	if err := h.Inbox.SendContinueCode(c.UserContext(), c.Params("token")); err != nil {
		return show404(c, err)
	}
	return h.ask(c, fiber.StatusOK, "")
}

// ask draws the field for the code.
func (h *Chat) ask(c *fiber.Ctx, status int, wrong string) error {
	to, err := h.Inbox.LookAtContinue(c.UserContext(), c.Params("token"))
	if err != nil {
		return show404(c, err)
	}
	w := pageCatalog
	return draw(c, status, page{Title: w.Say("continue.title"), Lead: w.Say("continue.sent", inbox.Masked(to.Address)), Wrong: wrong,
		Code: "/c/continue/" + c.Params("token") + "/open", Action: "/c/continue/" + c.Params("token"), Do: w.Say("continue.again")})
}

// Continue answers POST /c/continue/{token}/open: with the right code this browser becomes one of the
// customer's, sees the conversation's chat, and writes on in it.
func (h *Chat) Continue(c *fiber.Ctx) error {
	if err := h.linked(c, h.limits.answers); err != nil {
		return err
	}
	var in struct {
		Code string `form:"code"`
	}
	if err := web.Form(c, &in); err != nil {
		return err
	}
	visitor := h.Builder.Visitor()
	to, err := h.Inbox.ConfirmContinue(c.UserContext(), c.Params("token"), in.Code, visitor)
	var e *models.Error
	if errors.As(err, &e) && e.Field == "code" {
		return h.ask(c, fiber.StatusUnprocessableEntity, e.Message)
	}
	if err != nil {
		return show404(c, err)
	}
	lines, err := h.lines(c.UserContext(), call{channel: to.Channel, visitor: visitor})
	if err != nil {
		return err
	}
	return draw(c, fiber.StatusOK, page{Title: pageCatalog.Say("continue.title"), Said: lines, Key: to.Channel.Key, Visitor: h.Builder.Token(to.Channel, visitor),
		Script: static.URL("widget/continue.js")})
}

// lines are the chat for browsers without scripts.
func (h *Chat) lines(ctx context.Context, who call) (out []saidLine, err error) {
	id, known, err := h.identity(ctx, who.channel, who.visitor)
	if err != nil || !known {
		return nil, err
	}
	rows, err := store.VisitorMessages(h.Store.Read(ctx), id.ID, who.channel.ID, 0, history)
	for _, row := range rows {
		m, ok := show(who, row)
		if !ok {
			continue
		}
		line := saidLine{Me: m.Me, Name: m.Name, Text: m.Text}
		switch {
		case m.Me:
			line.Name = pageCatalog.Say("continue.you")
		case m.Name == "":
			line.Name = pageCatalog.Say("continue.shop")
		}
		out = append(out, line)
	}
	return out, err
}
