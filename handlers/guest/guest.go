// Package guest holds the pages of people who are not logged in: login, set-up, invitation,
// forgotten password, reset.
package guest

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/auth"
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
