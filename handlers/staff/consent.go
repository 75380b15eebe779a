package staff

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/channels"
	"onethread/views"
)

// consent is what a channel's form says about connecting it at its provider's site.
func (s *Settings) consent(w *views.Words, p models.Provider, ch models.Channel, o *outcome) *views.Consent {
	return &views.Consent{If: p.Consent.If, Who: p.Consent.Needed(ch.Settings), Agreed: o.agreed, Return: views.Copy{Label: w.T("consent.return"), Value: s.Channels.ReturnURL(), Wide: true}}
}

// AskConsent answers POST /settings/channels/{id}/consent: the browser goes to the provider's site. The
// form's own policy lets no form lead there, so htmx does.
func (s *Settings) AskConsent(c *fiber.Ctx) error {
	ch, _, err := s.find(c)
	if err != nil {
		return err
	}
	visit, _ := web.Current(c)
	address, err := s.Channels.Ask(c.UserContext(), ch.ID, visit.Session.ID)
	if err != nil {
		return err
	}
	c.Set("HX-Redirect", address)
	return c.SendStatus(fiber.StatusNoContent)
}

// Consented answers GET /settings/consent, where the browser comes back to. It counts once, for the session
// that began it: that is what its state proves.
func (s *Settings) Consented(c *fiber.Ctx) error {
	visit, _ := web.Current(c)
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer") // the address holds the code
	back := channels.Returned{State: c.Query("state"), Code: c.Query("code"), Error: c.Query("error")}
	id, err := s.Channels.Settle(c.UserContext(), visit.Session.ID, back)
	if err == nil {
		return c.Redirect("/settings/channels/"+id.String()+"?agreed=1", fiber.StatusSeeOther)
	}
	var e *models.Error
	if id == 0 || !errors.As(err, &e) {
		return err
	}
	ch, findErr := s.Store.Channel(s.Store.Read(c.UserContext()), id)
	p, ok := s.Channels.Provider(ch.Type)
	if findErr != nil || !ok {
		return err
	}
	return s.refused(c, p, ch, err)
}
