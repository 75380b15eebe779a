package staff

import (
	"errors"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/auth"
	"onethread/views"
)

// Account answers GET /account.
func (s *Settings) Account(c *fiber.Ctx) error {
	page := views.AccountPage{}
	switch c.Query("saved") {
	case "profile":
		page.Saved = s.words(c).T("account.saved")
	case "signature":
		page.Saved = s.words(c).T("account.signature.saved")
	case "password":
		page.Saved = s.words(c).T("account.password.saved")
	}
	return s.account(c, fiber.StatusOK, page)
}

func (s *Settings) account(c *fiber.Ctx, status int, page views.AccountPage) error {
	w, me, loc := s.words(c), web.User(c), zone(c)
	page.Shell = shell(c, "account", w.T("account.title"))
	page.CanTokens = auth.Can(me.Role, auth.TokensWrite)
	if err := s.signature(c, &page); err != nil {
		return err
	}
	for _, theme := range auth.Themes {
		page.Themes = append(page.Themes, views.Option{Value: theme, Text: w.K("theme.", theme), Current: theme == me.Theme})
	}
	for _, n := range auth.UndoSeconds {
		v := strconv.Itoa(n)
		page.Undos = append(page.Undos, views.Option{Value: v, Text: w.K("undo.", v), Current: n == me.UndoSeconds})
	}
	visit, _ := web.Current(c)
	open, err := s.Auth.Sessions(c.UserContext(), me.ID)
	for _, o := range open {
		page.Sessions = append(page.Sessions, views.SessionRow{ID: o.ID.String(), Agent: agent(w, o.UserAgent), IP: o.IP, Created: o.CreatedAt.Std().In(loc),
			Seen: o.LastSeenAt.Std().In(loc), Current: o.ID == visit.Session.ID})
	}
	if err != nil {
		return err
	}
	return web.Page(c, s.Views, status, "account", page)
}

// agent names a browser and a system out of a User-Agent, for people to recognise their own.
func agent(w *views.Words, s string) string {
	pick := func(names ...string) string {
		for _, n := range names {
			if strings.Contains(s, n) {
				return n
			}
		}
		return ""
	}
	browser, system := pick("Firefox", "Edg", "OPR", "Chromium", "Chrome", "Safari"), pick("iPhone", "iPad", "Android", "Windows", "Mac OS X", "Linux")
	switch {
	case browser == "":
		return w.T("account.agent.unknown")
	case system == "":
		return browser
	}
	return w.T("account.agent", browser, system)
}

// SaveAccount answers POST /account.
func (s *Settings) SaveAccount(c *fiber.Ctx) error {
	var in struct {
		Name  string `form:"name"`
		Theme string `form:"theme"`
		Undo  int    `form:"undo_seconds"`
	}
	if err := web.Form(c, &in); err != nil {
		return err
	}
	return s.own(c, "profile", s.Auth.SetProfile(c.UserContext(), web.User(c).ID, in.Name, in.Theme, in.Undo))
}

// signature shows the user's own, and the mailbox's that stands in its place while there is none.
func (s *Settings) signature(c *fiber.Ctx, page *views.AccountPage) error {
	all, err := s.Store.Channels(s.Store.Read(c.UserContext()))
	if err != nil {
		return err
	}
	me, channel, shop := web.User(c), "", ""
	for _, ch := range all {
		if ch.Type == "email" {
			channel, shop = ch.Settings["signature"], ch.Settings["name"]
			break
		}
	}
	page.Signature, page.Signed, page.Shop = me.Signature, me.Sign(channel, shop), shop
	me.Signature = ""
	page.Unsigned = me.Sign(channel, shop)
	return nil
}

// Signature answers POST /account/signature.
func (s *Settings) Signature(c *fiber.Ctx) error {
	var in struct {
		Signature string `form:"signature"`
	}
	if err := web.Form(c, &in); err != nil {
		return err
	}
	return s.own(c, "signature", s.Auth.SetSignature(c.UserContext(), web.User(c).ID, in.Signature))
}

// Theme answers POST /account/theme: the d key.
func (s *Settings) Theme(c *fiber.Ctx) error {
	var in struct {
		Theme string `form:"theme"`
	}
	if err := web.Form(c, &in); err != nil {
		return err
	}
	me := web.User(c)
	return done(c, s.Auth.SetProfile(c.UserContext(), me.ID, me.Name, in.Theme, me.UndoSeconds))
}

// Password answers POST /account/password.
func (s *Settings) Password(c *fiber.Ctx) error {
	var in struct {
		Username string `form:"username"` // for the browser's password manager alone
		Old      string `form:"old"`
		New      string `form:"password"`
	}
	if err := web.Form(c, &in); err != nil {
		return err
	}
	visit, _ := web.Current(c)
	return s.own(c, "password", s.Auth.ChangePassword(c.UserContext(), web.User(c), in.Old, in.New, web.IP(c), visit.Session.ID))
}

// own answers a change of one's own account: back to the page, or the page with what was wrong.
func (s *Settings) own(c *fiber.Ctx, saved string, err error) error {
	var e *models.Error
	if errors.As(err, &e) && e.Code != models.Internal {
		p, _ := web.Describe(c, err)
		return s.account(c, p.Status, views.AccountPage{Error: e.Message, Field: e.Field})
	}
	if err != nil {
		return err
	}
	return c.Redirect("/account?saved="+saved, fiber.StatusSeeOther)
}

// RevokeSession answers POST /account/sessions/{id}/revoke.
func (s *Settings) RevokeSession(c *fiber.Ctx) error {
	session, err := id(c, "id")
	if err != nil {
		return err
	}
	if err := s.Auth.Revoke(c.UserContext(), web.User(c).ID, session); err != nil {
		return err
	}
	return c.Redirect("/account", fiber.StatusSeeOther)
}
