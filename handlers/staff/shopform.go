package staff

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/inbox"
	"onethread/models/records"
	"onethread/models/store"
	"onethread/views"
)

// Shop answers GET /settings/shop: how the shop works.
func (s *Settings) Shop(c *fiber.Ctx) error {
	set, err := s.Inbox.Settings(c.UserContext())
	if err != nil {
		return err
	}
	page := views.ShopPage{Country: set.Country, ReopenHours: set.ReopenHours, BareThanks: set.BareThanks}
	if c.Query("saved") != "" {
		page.Saved = s.words(c).T("shop.saved")
	}
	return s.shop(c, fiber.StatusOK, page)
}

func (s *Settings) shop(c *fiber.Ctx, status int, page views.ShopPage) error {
	fields, err := store.CustomFields(s.Store.Read(c.UserContext()))
	if err != nil {
		return err
	}
	for _, f := range fields {
		page.Fields = append(page.Fields, views.Option{Value: f.ID.String(), Text: f.Name, Hint: s.words(c).T("shop.fields.used", f.Used)})
	}
	page.Shell = shell(c, "settings", s.words(c).T("shop.title"))
	return web.Page(c, s.Views, status, "shop", page)
}

// SaveShop answers POST /settings/shop.
func (s *Settings) SaveShop(c *fiber.Ctx) error {
	var in struct {
		Country     string `form:"country"`
		ReopenHours int    `form:"reopen_hours"`
		BareThanks  bool   `form:"bare_thanks"`
	}
	if err := web.Form(c, &in); err != nil {
		return err
	}
	set := inbox.Settings{Country: strings.ToUpper(strings.TrimSpace(in.Country)), ReopenHours: in.ReopenHours, BareThanks: in.BareThanks}
	if err := s.Inbox.SaveSettings(c.UserContext(), set); err != nil {
		return s.shop(c, fiber.StatusUnprocessableEntity, views.ShopPage{Country: set.Country, ReopenHours: set.ReopenHours, BareThanks: set.BareThanks, Error: err.Error()})
	}
	return c.Redirect("/settings/shop?saved=1", fiber.StatusSeeOther)
}

// AddField answers POST /settings/fields.
func (s *Settings) AddField(c *fiber.Ctx) error {
	var in struct {
		Name string `form:"name"`
	}
	if err := web.Form(c, &in); err != nil {
		return err
	}
	_, err := records.AddField(c.UserContext(), s.Store, in.Name)
	if !models.IsCode(err, models.Invalid) {
		return s.shopChanged(c, err)
	}
	set, readErr := s.Inbox.Settings(c.UserContext())
	if readErr != nil {
		return readErr
	}
	return s.shop(c, fiber.StatusUnprocessableEntity, views.ShopPage{Country: set.Country, ReopenHours: set.ReopenHours, BareThanks: set.BareThanks, Error: err.Error()})
}

// RemoveField answers POST /settings/fields/{id}/remove.
func (s *Settings) RemoveField(c *fiber.Ctx) error {
	field, err := id(c, "id")
	if err != nil {
		return err
	}
	return s.shopChanged(c, records.RemoveField(c.UserContext(), s.Store, field))
}

func (s *Settings) shopChanged(c *fiber.Ctx, err error) error {
	if err != nil {
		return err
	}
	return c.Redirect("/settings/shop?saved=1", fiber.StatusSeeOther)
}
