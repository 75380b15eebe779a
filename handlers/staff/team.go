package staff

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/auth"
	"onethread/models/store"
	"onethread/views"
)

// Team answers GET /settings/users.
func (s *Settings) Team(c *fiber.Ctx) error { return s.team(c, fiber.StatusOK, views.UsersPage{}) }

func (s *Settings) team(c *fiber.Ctx, status int, page views.UsersPage) error {
	w, me := s.words(c), web.User(c)
	page.Shell = shell(c, "settings", w.T("users.title"))
	all, err := store.Users(s.Store.Read(c.UserContext()))
	if err != nil {
		return err
	}
	for _, u := range all {
		page.Users = append(page.Users, views.UserRow{ID: u.ID, Name: u.Name, Email: u.Email, Role: string(u.Role), Invited: u.PasswordHash == "",
			Disabled: u.DisabledAt != 0, Me: u.ID == me.ID, Roles: roles(w, me, u.Role)})
	}
	page.Roles = roles(w, me, models.Agent)
	return web.Page(c, s.Views, status, "users", page)
}

// roles are those that this admin may give; the one somebody has is always among them.
func roles(w *views.Words, me models.User, current models.Role) []views.Option {
	var out []views.Option
	for _, r := range models.Roles {
		if r == models.Owner && current != models.Owner && !auth.Can(me.Role, auth.OwnersWrite) {
			continue
		}
		out = append(out, views.Option{Value: string(r), Text: w.K("role.", string(r)), Hint: w.K("role.about.", string(r)), Current: r == current})
	}
	return out
}

// Invite answers POST /settings/users with the invitation's link, shown this once.
func (s *Settings) Invite(c *fiber.Ctx) error {
	var in struct {
		Name  string `form:"name"`
		Email string `form:"email"`
		Role  string `form:"role"`
	}
	if err := web.Form(c, &in); err != nil {
		return err
	}
	_, link, err := s.Auth.Invite(c.UserContext(), web.User(c), in.Email, in.Name, models.Role(in.Role))
	var e *models.Error
	if errors.As(err, &e) && (e.Code == models.Invalid || e.Code == models.Conflict) {
		return s.team(c, fiber.StatusUnprocessableEntity, views.UsersPage{Error: e.Message, Email: in.Email, Name: in.Name})
	}
	if err != nil {
		return err
	}
	return s.team(c, fiber.StatusOK, views.UsersPage{Link: s.URL + "/invite/" + link})
}

// InviteAgain answers POST /settings/users/{id}/invite for somebody who lost the first link.
func (s *Settings) InviteAgain(c *fiber.Ctx) error {
	user, err := id(c, "id")
	if err != nil {
		return err
	}
	link, err := s.Auth.InviteAgain(c.UserContext(), web.User(c), user)
	if err != nil {
		return err
	}
	return s.team(c, fiber.StatusOK, views.UsersPage{Link: s.URL + "/invite/" + link})
}

// SetRole answers POST /settings/users/{id}/role.
func (s *Settings) SetRole(c *fiber.Ctx) error {
	var in struct {
		Role string `form:"role"`
	}
	if err := web.Form(c, &in); err != nil {
		return err
	}
	return s.toUser(c, func(user models.ID) error {
		return s.Auth.SetRole(c.UserContext(), web.User(c), user, models.Role(in.Role))
	})
}

// Disable answers POST /settings/users/{id}/disable.
func (s *Settings) Disable(c *fiber.Ctx) error {
	return s.toUser(c, func(user models.ID) error { return s.Auth.Disable(c.UserContext(), web.User(c), user) })
}

// Enable answers POST /settings/users/{id}/enable.
func (s *Settings) Enable(c *fiber.Ctx) error {
	return s.toUser(c, func(user models.ID) error { return s.Auth.Enable(c.UserContext(), web.User(c), user) })
}

func (s *Settings) toUser(c *fiber.Ctx, command func(models.ID) error) error {
	user, err := id(c, "id")
	if err != nil {
		return err
	}
	err = command(user)
	var e *models.Error
	if errors.As(err, &e) && (e.Code == models.Invalid || e.Code == models.Conflict) {
		return s.team(c, fiber.StatusUnprocessableEntity, views.UsersPage{Error: e.Message})
	}
	if err != nil {
		return err
	}
	return c.Redirect("/settings/users", fiber.StatusSeeOther)
}

// Tokens answers GET /settings/tokens: one's own, or everybody's for those who manage users.
func (s *Settings) Tokens(c *fiber.Ctx) error {
	return s.tokens(c, fiber.StatusOK, views.TokensPage{})
}

func (s *Settings) tokens(c *fiber.Ctx, status int, page views.TokensPage) error {
	w, me, loc := s.words(c), web.User(c), zone(c)
	page.Shell = shell(c, "settings", w.T("tokens.title"))
	of := me.ID
	if auth.Can(me.Role, auth.SettingsUsers) {
		of = 0
	}
	all, err := s.Auth.Tokens(c.UserContext(), of)
	if err != nil {
		return err
	}
	people, err := store.Users(s.Store.Read(c.UserContext()))
	if err != nil {
		return err
	}
	names := map[models.ID]string{}
	for _, u := range people {
		names[u.ID] = u.Name
	}
	for _, t := range all {
		if t.RevokedAt != 0 {
			continue
		}
		row := views.TokenRow{ID: t.ID, Name: t.Name, Scope: string(t.Scope), Owner: names[t.UserID], Created: t.CreatedAt.Std().In(loc)}
		if t.LastUsedAt != 0 {
			row.LastUsed = t.LastUsedAt.Std().In(loc)
		}
		page.Tokens = append(page.Tokens, row)
	}
	for i, scope := range []models.Scope{models.ScopeRead, models.ScopeWrite, models.ScopeAdmin} {
		if auth.Covers(me.Role, scope, scope) {
			page.Scopes = append(page.Scopes, views.Option{Value: string(scope), Text: w.K("scope.", string(scope)), Hint: w.K("scope.about.", string(scope)), Current: i == 0})
		}
	}
	return web.Page(c, s.Views, status, "tokens", page)
}

// NewToken answers POST /settings/tokens with the token, shown this once.
func (s *Settings) NewToken(c *fiber.Ctx) error {
	var in struct {
		Name  string `form:"name"`
		Scope string `form:"scope"`
	}
	if err := web.Form(c, &in); err != nil {
		return err
	}
	raw, _, err := s.Auth.NewToken(c.UserContext(), web.User(c), in.Name, models.Scope(in.Scope))
	var e *models.Error
	if errors.As(err, &e) && e.Code == models.Invalid {
		return s.tokens(c, fiber.StatusUnprocessableEntity, views.TokensPage{Error: e.Message})
	}
	if err != nil {
		return err
	}
	return s.tokens(c, fiber.StatusOK, views.TokensPage{Secret: raw})
}

// RevokeToken answers POST /settings/tokens/{id}/revoke.
func (s *Settings) RevokeToken(c *fiber.Ctx) error {
	token, err := id(c, "id")
	if err != nil {
		return err
	}
	if err := s.Auth.RevokeToken(c.UserContext(), web.User(c), token); err != nil {
		return err
	}
	return c.Redirect("/settings/tokens", fiber.StatusSeeOther)
}
