package staff

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/channels"
	"onethread/models/store"
	"onethread/views"
)

// outcome is what a form page tells besides the form.
type outcome struct {
	agreed bool // just connected at the provider's site
	saved  bool
	fresh  bool // just connected: generated secrets stand there at once, later they are asked for
	field  string
	err    string
}

// refused draws the form again with the problem beside the field at fault; secrets must be
// entered again.
func (s *Settings) refused(c *fiber.Ctx, p models.Provider, ch models.Channel, err error) error {
	var e *models.Error
	if !errors.As(err, &e) || (e.Code != models.Invalid && e.Code != models.Conflict) {
		return err
	}
	return s.form(c, fiber.StatusUnprocessableEntity, p, ch, &outcome{field: strings.TrimPrefix(e.Field, "settings."), err: e.Message})
}

func (s *Settings) form(c *fiber.Ctx, status int, p models.Provider, ch models.Channel, o *outcome) error {
	if o == nil {
		o = &outcome{}
	}
	w := s.words(c)
	page := views.ChannelForm{Shell: shell(c, "settings", p.Name), ID: ch.ID, Kind: p.Kind, TypeName: p.Name, Icon: views.ChannelIcon(p.Kind), Name: ch.Name, Saved: o.saved}
	page.Finds = ch.ID == 0 && p.Find != nil
	for _, f := range p.Fields {
		page.Fields = append(page.Fields, fieldView(w, p, ch, f, o))
	}
	if p.Consent != nil {
		page.Consent = s.consent(w, p, ch, o)
	}
	if !hasField(p, o.field) {
		page.Error = o.err
	}
	if ch.ID != 0 {
		page.Copies = s.copies(w, p, ch, o.fresh)
		if err := s.health(c, ch, &page); err != nil {
			return err
		}
	}
	return web.Page(c, s.Views, status, "channel_form", page)
}

func hasField(p models.Provider, key string) bool {
	for _, f := range p.Fields {
		if f.Key == key {
			return true
		}
	}
	return false
}

func fieldView(w *views.Words, p models.Provider, ch models.Channel, f models.Field, o *outcome) views.FieldView {
	v := views.FieldView{Field: f}
	v.Label = w.Or("channel."+p.Kind+"."+f.Key, f.Label)
	v.Help = w.Or("channel."+p.Kind+"."+f.Key+".help", f.Help)
	if f.Secret {
		v.Set = ch.ID != 0 && ch.Settings[f.Key] != ""
		v.Required = f.Required && !f.Generate
	} else {
		v.Value = ch.Settings[f.Key]
	}
	if f.Generate && ch.ID == 0 {
		v.Advanced = true
	}
	v.Hidden = !f.Applies(ch.Settings)
	if f.Key == o.field {
		v.Error, v.Advanced = o.err, false
	}
	return v
}

// copies are what must be carried elsewhere: the widget's snippet, webhook addresses, and secrets
// that were just generated.
func (s *Settings) copies(w *views.Words, p models.Provider, ch models.Channel, fresh bool) []views.Copy {
	var out []views.Copy
	if p.Address == models.ChatIdentity {
		out = append(out, views.Copy{Label: w.T("channel.snippet"), Wide: true,
			Value: `<script async src="` + s.URL + `/widget.js" data-channel="` + ch.Key + `"></script>`})
	}
	for _, url := range channels.HookURLs(p, ch, s.URL) {
		out = append(out, views.Copy{Label: w.T("channel.webhook"), Value: url})
	}
	for _, f := range p.Fields {
		if !f.Generate || ch.Settings[f.Key] == "" {
			continue
		}
		one := views.Copy{Label: w.Or("channel."+p.Kind+"."+f.Key, f.Label), Key: f.Key, Hidden: !fresh}
		if fresh {
			one.Value = ch.Settings[f.Key]
		}
		out = append(out, one)
	}
	return out
}

func (s *Settings) health(c *fiber.Ctx, ch models.Channel, page *views.ChannelForm) error {
	cards, err := s.cards(c)
	if err != nil {
		return err
	}
	for i := range cards {
		if cards[i].ID == ch.ID {
			page.Card = &cards[i]
		}
	}
	odd, err := store.Unreadables(s.Store.Read(c.UserContext()), ch.ID, 20)
	loc := zone(c)
	for _, e := range odd {
		page.Odd = append(page.Odd, views.OddEvent{At: e.OccurredAt.Std().In(loc), Reason: views.Unreadable(e), Raw: "/messages/" + e.ID.String() + "/original"})
	}
	return err
}
