package guest

import (
	"context"
	"log/slog"
	"time"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/auth"
	"onethread/models/store"
	"onethread/views"
)

// SetupPage answers GET /setup/{token}: not found once there is an owner.
func (d *Doors) SetupPage(c *fiber.Ctx) error {
	if err := d.Auth.OpenLink(c.UserContext(), store.SetupLink, c.Params("token")); err != nil {
		return err
	}
	return d.page(c, fiber.StatusOK, "setup", views.DoorPage{Token: c.Params("token")})
}

// Setup answers POST /setup/{token}: it makes the owner.
func (d *Doors) Setup(c *fiber.Ctx) error {
	var in struct {
		Name     string `form:"name"`
		Email    string `form:"email"`
		Password string `form:"password"`
	}
	if err := web.Form(c, &in); err != nil {
		return err
	}
	token := c.Params("token")
	cookie, err := d.Auth.Setup(c.UserContext(), token, in.Email, in.Name, in.Password, web.IP(c), c.Get(fiber.HeaderUserAgent))
	if err != nil {
		return d.refused(c, "setup", views.DoorPage{Token: token, Name: in.Name, Email: in.Email}, err)
	}
	return d.enter(c, cookie, "/")
}

// ForgotPage answers GET /forgot.
func (d *Doors) ForgotPage(c *fiber.Ctx) error {
	return d.page(c, fiber.StatusOK, "forgot", views.DoorPage{})
}

// Forgot answers POST /forgot. Known and unknown addresses get the same answer in the same time:
// whatever is done about it happens afterwards.
func (d *Doors) Forgot(c *fiber.Ctx) error {
	var in struct {
		Email string `form:"email"`
	}
	if err := web.Form(c, &in); err != nil {
		return err
	}
	if err := d.asked.Allow("ip "+auth.Network(web.IP(c)), 1); err != nil {
		return d.refused(c, "forgot", views.DoorPage{Email: in.Email}, err)
	}
	words := d.Views.Words(web.Lang(c))
	d.pending.Go(func() { d.sendReset(in.Email, words) })
	return d.page(c, fiber.StatusOK, "told", views.DoorPage{Shell: views.Shell{Title: words.T("forgot.sent.title")}, Notice: words.T("forgot.sent")})
}

func (d *Doors) sendReset(email string, words *views.Words) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if d.asked.Allow("account "+store.NormaliseEmail(email), 1) != nil {
		return
	}
	if d.Mail == nil {
		slog.Warn("a password reset was asked for, but no mailbox is connected to send it from; use: onethread user reset-password")
		return
	}
	u, link, ok, err := d.Auth.Forgot(ctx, email)
	if err == nil && ok {
		err = d.Mail(ctx, u.Email, u.Name, words.T("mail.reset.subject"), words.T("mail.reset.text", u.Name, d.URL+"/reset/"+link))
	}
	if err != nil {
		slog.Error("the password reset mail was not sent", "err", err)
	}
}

// ResetPage answers GET /reset/{token}.
func (d *Doors) ResetPage(c *fiber.Ctx) error { return d.linkPage(c, store.ResetLink) }

// Reset answers POST /reset/{token}: it sets the password and ends all other sessions.
func (d *Doors) Reset(c *fiber.Ctx) error { return d.accept(c, store.ResetLink) }

// InvitePage answers GET /invite/{token}.
func (d *Doors) InvitePage(c *fiber.Ctx) error { return d.linkPage(c, store.InviteLink) }

// Invite answers POST /invite/{token}: it sets the password and logs in.
func (d *Doors) Invite(c *fiber.Ctx) error { return d.accept(c, store.InviteLink) }

func (d *Doors) linkPage(c *fiber.Ctx, kind string) error {
	u, err := d.Auth.Behind(c.UserContext(), kind, c.Params("token"))
	if err != nil {
		return err
	}
	return d.page(c, fiber.StatusOK, kind, behind(u, c.Params("token"), kind))
}

// behind fills an invitation with who was invited; a reset page tells nobody's name.
func behind(u models.User, token, kind string) views.DoorPage {
	p := views.DoorPage{Token: token}
	if kind == store.InviteLink {
		p.Name, p.Email, p.Role = u.Name, u.Email, string(u.Role)
	}
	return p
}

func (d *Doors) accept(c *fiber.Ctx, kind string) error {
	var in struct {
		Name     string `form:"name"`
		Username string `form:"username"` // for password stores alone
		Password string `form:"password"`
	}
	if err := web.Form(c, &in); err != nil {
		return err
	}
	ctx, token := c.UserContext(), c.Params("token")
	u, err := d.Auth.Behind(ctx, kind, token)
	if err != nil {
		return err
	}
	cookie, err := d.Auth.Accept(ctx, kind, token, in.Name, in.Password, web.IP(c), c.Get(fiber.HeaderUserAgent))
	if err != nil {
		return d.refused(c, kind, behind(u, token, kind), err)
	}
	return d.enter(c, cookie, "/")
}
