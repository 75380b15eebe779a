// Package guest holds the pages of people who are not logged in: login, set-up, invitation,
// forgotten password, reset.
package guest

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/auth"
	"onethread/models/store"
	"onethread/views"
)

// Doors holds the handlers. URL is ONETHREAD_URL: links never take their host from a request
// (FreeScout CVE-2026-45294).
type Doors struct {
	Auth  *auth.Auth
	Views *views.Views
	URL   string
	Mail  func(ctx context.Context, to, name, subject, text string) error // nil while no mailbox is connected

	asked   web.Limiter // reset links, per account and per address
	pending sync.WaitGroup
}

// Finish waits for the mails that are being sent; call it before the store is closed.
func (d *Doors) Finish() { d.pending.Wait() }

// New makes the handlers.
func New(a *auth.Auth, v *views.Views, publicURL string, mail func(ctx context.Context, to, name, subject, text string) error) *Doors {
	return &Doors{Auth: a, Views: v, URL: publicURL, Mail: mail, asked: web.Limiter{Most: 5, Per: time.Hour}}
}

func (d *Doors) page(c *fiber.Ctx, status int, name string, p views.DoorPage) error {
	words := d.Views.Words(web.Lang(c))
	p.NoRail, p.Theme = true, "auto"
	if p.Title == "" {
		p.Title = words.T(name+".title", p.Name)
	}
	if p.Token != "" {
		c.Set(fiber.HeaderReferrerPolicy, "no-referrer") // the address is a secret
	}
	return web.Page(c, d.Views, status, name, p)
}

// refused draws the form again with what was wrong, or passes on what the form cannot mend.
func (d *Doors) refused(c *fiber.Ctx, name string, p views.DoorPage, err error) error {
	var e *models.Error
	if !errors.As(err, &e) || e.Code == models.NotFound || e.Code == models.Internal {
		return err
	}
	problem, _ := web.Describe(c, err)
	p.Error, p.Field = e.Message, e.Field
	return d.page(c, problem.Status, name, p)
}

// enter hands over the new session and goes on to next.
func (d *Doors) enter(c *fiber.Ctx, cookie, next string) error {
	web.SetCookie(c, d.URL, cookie)
	return c.Redirect(ownPath(next), fiber.StatusSeeOther)
}

// ownPath keeps redirects at home: a path of ours, nothing that a browser could take for another
// host ("//evil", "/\evil").
func ownPath(next string) string {
	u, err := url.Parse(next)
	if err != nil || !strings.HasPrefix(next, "/") || u.IsAbs() || u.Host != "" || strings.HasPrefix(next, "//") ||
		strings.ContainsAny(next, "\\\r\n\t\x00") || strings.HasPrefix(u.Path, "//") || strings.HasPrefix(u.Path, "/login") {
		return "/"
	}
	return next
}

// LoginPage answers GET /login.
func (d *Doors) LoginPage(c *fiber.Ctx) error {
	if _, ok := web.Current(c); ok {
		return c.Redirect("/", fiber.StatusSeeOther)
	}
	return d.page(c, fiber.StatusOK, "login", views.DoorPage{Next: ownPath(c.Query("next"))})
}

// Login answers POST /login.
func (d *Doors) Login(c *fiber.Ctx) error {
	var in struct {
		Email    string `form:"email"`
		Password string `form:"password"`
		Next     string `form:"next"`
	}
	if err := web.Form(c, &in); err != nil {
		return err
	}
	cookie, _, err := d.Auth.Login(c.UserContext(), in.Email, in.Password, web.IP(c), c.Get(fiber.HeaderUserAgent))
	if err != nil {
		return d.refused(c, "login", views.DoorPage{Email: in.Email, Next: ownPath(in.Next)}, err)
	}
	return d.enter(c, cookie, in.Next)
}

// Logout answers POST /logout. Only this browser's session ends.
func (d *Doors) Logout(c *fiber.Ctx) error {
	v, ok := web.Current(c)
	if ok {
		if err := d.Auth.Revoke(c.UserContext(), v.User.ID, v.Session.ID); err != nil && !models.IsCode(err, models.NotFound) {
			return err
		}
	}
	web.ClearCookie(c, d.URL)
	c.Set("Clear-Site-Data", `"storage"`)
	return c.Redirect("/login", fiber.StatusSeeOther)
}

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
