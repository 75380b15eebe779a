package staff

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/privacy"
	"onethread/views"
)

func asError(err error, into **models.Error) bool { return errors.As(err, into) }

// Privacy answers GET /settings/privacy: the rules for forgetting.
func (s *Settings) Privacy(c *fiber.Ctx) error {
	rules, err := privacy.New(s.Store).Rules(c.UserContext())
	if err != nil {
		return err
	}
	return s.rules(c, fiber.StatusOK, rules, views.PrivacyPage{Saved: c.Query("saved") != ""})
}

func (s *Settings) rules(c *fiber.Ctx, status int, r privacy.Rules, page views.PrivacyPage) error {
	w := s.words(c)
	page.Shell = shell(c, "settings", w.T("privacy.title"))
	page.Copies = strings.Join(privacy.New(s.Store).OlderCopies(), ", ")
	page.Rules = []views.RuleField{{Key: "page_days", Unit: "days", Value: r.PageDays}, {Key: "odd_days", Unit: "days", Value: r.OddDays},
		{Key: "word_months", Unit: "months", Value: r.WordMonths}, {Key: "silent_months", Unit: "months", Value: r.SilentMonths}}
	return web.Page(c, s.Views, status, "privacy", page)
}

// SetPrivacy answers POST /settings/privacy: first with what the rules would remove, and once that was seen
// it sets them.
func (s *Settings) SetPrivacy(c *fiber.Ctx) error {
	var in struct {
		PageDays     string `form:"page_days"`
		OddDays      string `form:"odd_days"`
		WordMonths   string `form:"word_months"`
		SilentMonths string `form:"silent_months"`
		Do           string `form:"do"`
	}
	if err := web.Form(c, &in); err != nil {
		return err
	}
	p, r := privacy.New(s.Store), privacy.Rules{}
	var err error
	for _, f := range []struct {
		text string
		into *int
		key  string
	}{{in.PageDays, &r.PageDays, "page_days"}, {in.OddDays, &r.OddDays, "odd_days"}, {in.WordMonths, &r.WordMonths, "word_months"}, {in.SilentMonths, &r.SilentMonths, "silent_months"}} {
		if *f.into, err = whole(f.key, f.text); err != nil {
			break
		}
	}
	var count privacy.Counted
	if err == nil {
		count, err = p.Preview(c.UserContext(), r)
	}
	if e := (*models.Error)(nil); errors.As(err, &e) && e.Code == models.Invalid {
		return s.rules(c, fiber.StatusUnprocessableEntity, r, views.PrivacyPage{Error: e.Message})
	}
	if err != nil {
		return err
	}
	if in.Do != "set" {
		return s.rules(c, fiber.StatusOK, r, views.PrivacyPage{Preview: true, Counts: []views.RuleCount{{Key: "page_days", N: count.Pages}, {Key: "odd_days", N: count.Odd}, {Key: "word_months", N: count.Words}, {Key: "silent_months", N: count.Silent}}})
	}
	if err := p.SetRules(c.UserContext(), r); err != nil {
		return err
	}
	return c.Redirect("/settings/privacy?saved=1", fiber.StatusSeeOther)
}

// whole reads a number that may be left out.
func whole(key, text string) (int, error) {
	if text = strings.TrimSpace(text); text == "" {
		return 0, nil
	}
	n := 0
	for _, r := range text {
		if r < '0' || r > '9' || n > 100_000 {
			return 0, models.FieldError(key, "%q is not a whole number.", text)
		}
		n = n*10 + int(r-'0')
	}
	return n, nil
}
