package staff

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/auth"
	"onethread/models/channels"
	"onethread/models/inbox"
	"onethread/models/store"
	"onethread/views"
)

// Settings is what admins see: channels, team, tokens. And everybody's own account.
type Settings struct {
	Store    *store.Store
	Inbox    *inbox.Inbox
	Auth     *auth.Auth
	Channels *channels.Registry
	Views    *views.Views
	URL      string // ONETHREAD_URL
}

func (s *Settings) words(c *fiber.Ctx) *views.Words { return s.Views.Words(web.Lang(c)) }

// checkWithin bounds a live check: a server that does not answer must not hold the page.
const checkWithin = 45 * time.Second

// ChannelList answers GET /settings/channels.
func (s *Settings) ChannelList(c *fiber.Ctx) error {
	w := s.words(c)
	page := views.ChannelsPage{Shell: shell(c, "settings", w.T("channels.title"))}
	cards, err := s.cards(c)
	if err != nil {
		return err
	}
	page.Channels = cards
	for _, p := range s.Channels.Providers() {
		page.Providers = append(page.Providers, views.ProviderChoice{Kind: p.Kind, Name: p.Name, Icon: views.ChannelIcon(p.Kind), About: w.Or("provider."+p.Kind, "")})
	}
	return web.Page(c, s.Views, fiber.StatusOK, "channels", page)
}

func (s *Settings) cards(c *fiber.Ctx) ([]views.ChannelCard, error) {
	q := s.Store.Read(c.UserContext())
	all, err := s.Store.Channels(q)
	if err != nil {
		return nil, err
	}
	healths, err := store.Healths(q)
	if err != nil {
		return nil, err
	}
	by := map[models.ID]store.Health{}
	for _, h := range healths {
		by[h.ChannelID] = h
	}
	loc := zone(c)
	var out []views.ChannelCard
	for _, ch := range all {
		out = append(out, s.card(ch, by[ch.ID], loc))
	}
	return out, nil
}

func (s *Settings) card(ch models.Channel, h store.Health, loc *time.Location) views.ChannelCard {
	card := views.ChannelCard{ID: ch.ID, Type: ch.Type, TypeName: ch.Type, Icon: views.ChannelIcon(ch.Type), Name: ch.Name, Detail: ch.Settings["address"],
		State: cmp.Or(h.State, "live"), Problem: h.Problem, SendProblem: h.SendProblem, Done: h.ProgressDone, Total: h.ProgressAll, Unreadable: h.Unreadable, Rejected: h.Rejected, Waiting: h.Waiting}
	if p, ok := s.Channels.Provider(ch.Type); ok {
		card.TypeName, card.Hooked = p.Name, len(p.Hooks) > 0
	}
	if h.SendProblem != "" {
		card.State = "refused"
	}
	if ch.Paused {
		card.State = "off"
	}
	if h.LastInAt != 0 {
		card.LastIn = h.LastInAt.Std().In(loc)
	}
	if h.CalledAt != 0 {
		card.Called = h.CalledAt.Std().In(loc)
	}
	if h.LastOutAt != 0 {
		card.LastOut = h.LastOutAt.Std().In(loc)
	}
	return card
}

// NewChannel answers GET /settings/channels/new/{type}: the form, drawn from the provider's fields.
func (s *Settings) NewChannel(c *fiber.Ctx) error {
	p, ok := s.Channels.Provider(c.Params("type"))
	if !ok {
		return fiber.ErrNotFound
	}
	values := map[string]string{}
	for _, f := range p.Fields {
		values[f.Key] = f.Default
	}
	return s.form(c, fiber.StatusOK, p, models.Channel{Name: p.Name, Settings: values}, nil)
}

// AddChannel answers POST /settings/channels/new/{type}. What was generated is shown in the
// answer; later it is asked for (Secret).
func (s *Settings) AddChannel(c *fiber.Ctx) error {
	p, in, err := s.entered(c)
	if err != nil {
		return err
	}
	ch, err := s.Channels.Add(c.UserContext(), p.Kind, in)
	if err != nil {
		return s.refused(c, p, models.Channel{Name: *in.Name, Settings: in.Settings}, err)
	}
	return s.form(c, fiber.StatusOK, p, ch, &outcome{saved: true, fresh: true})
}

// Find answers POST /settings/channels/new/{type}/find with settings found from those entered so far,
// and what to know about them, for the form to take over.
func (s *Settings) Find(c *fiber.Ctx) error {
	p, in, err := s.entered(c)
	if err != nil {
		return err
	}
	found, err := s.Channels.Find(c.UserContext(), p.Kind, in.Settings)
	if err != nil {
		return err
	}
	w, note := s.words(c), ""
	if found.Source != "" {
		note = w.K("find.", found.Source)
	}
	if found.Hint != "" {
		note += " " + w.K("find.", found.Hint)
	}
	return web.SendJSON(c, struct {
		Settings map[string]string `json:"settings"`
		Note     string            `json:"note"`
		Page     string            `json:"page"`
	}{found.Settings, strings.TrimSpace(note + " " + found.Help), found.Page})
}

// entered is a new channel's form: which provider it is for, and what was filled in.
func (s *Settings) entered(c *fiber.Ctx) (models.Provider, channels.Input, error) {
	p, ok := s.Channels.Provider(c.Params("type"))
	if !ok {
		return p, channels.Input{}, fiber.ErrNotFound
	}
	in, err := channelInput(c, p)
	return p, in, err
}

// Channel answers GET /settings/channels/{id}.
func (s *Settings) Channel(c *fiber.Ctx) error {
	ch, p, err := s.find(c)
	if err != nil {
		return err
	}
	return s.form(c, fiber.StatusOK, p, ch, &outcome{saved: c.Query("saved") != "", agreed: c.Query("agreed") != ""})
}

// EditChannel answers POST /settings/channels/{id}.
func (s *Settings) EditChannel(c *fiber.Ctx) error {
	ch, p, err := s.find(c)
	if err != nil {
		return err
	}
	in, err := channelInput(c, p)
	if err != nil {
		return err
	}
	if _, err := s.Channels.Edit(c.UserContext(), ch.ID, in); err != nil {
		ch.Name = *in.Name
		for k, v := range in.Settings {
			ch.Settings[k] = v
		}
		return s.refused(c, p, ch, err)
	}
	return c.Redirect("/settings/channels/"+ch.ID.String()+"?saved=1", fiber.StatusSeeOther)
}

// Secret answers POST /settings/channels/{id}/secret: a secret that was made here, shown to copy;
// with "new" it is made anew first.
func (s *Settings) Secret(c *fiber.Ctx) error {
	ch, p, err := s.find(c)
	if err != nil {
		return err
	}
	var in struct {
		Key string `form:"key"`
		New string `form:"new"`
	}
	if err := web.Form(c, &in); err != nil {
		return err
	}
	if !channels.Generated(p, in.Key) {
		return models.FieldError("key", "This channel has no secret %q that is made here.", in.Key)
	}
	if in.New != "" {
		if ch, err = s.Channels.NewSecret(c.UserContext(), ch.ID, in.Key); err != nil {
			return err
		}
	}
	for _, f := range p.Fields {
		if f.Key == in.Key {
			return web.Page(c, s.Views, fiber.StatusOK, "copy", views.Copy{Label: s.words(c).Or("channel."+p.Kind+"."+f.Key, f.Label), Value: ch.Settings[f.Key]})
		}
	}
	return fiber.ErrNotFound
}

// RemoveChannel answers POST /settings/channels/{id}/remove.
func (s *Settings) RemoveChannel(c *fiber.Ctx) error {
	ch, _, err := s.find(c)
	if err != nil {
		return err
	}
	var in struct {
		Sure string `form:"sure"`
	}
	if err := web.Form(c, &in); err != nil {
		return err
	}
	if in.Sure != "yes" {
		return models.FieldError("sure", "Say that you are sure.")
	}
	if err := s.Channels.Remove(c.UserContext(), ch.ID); err != nil {
		return err
	}
	return c.Redirect("/settings/channels", fiber.StatusSeeOther)
}

// Check answers POST /settings/channels/{id}/check: the live test, step by step.
func (s *Settings) Check(c *fiber.Ctx) error {
	ch, _, err := s.find(c)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), checkWithin)
	defer cancel()
	out := views.Checks{OK: true}
	for _, step := range s.Channels.Check(ctx, ch, true) {
		out.OK = out.OK && step.OK
		out.Steps = append(out.Steps, views.CheckStep{Name: step.Step, OK: step.OK, Problem: step.Problem, Note: step.Note, Took: took(step.Took)})
	}
	return web.Page(c, s.Views, fiber.StatusOK, "channel_checks", out)
}

func took(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

func (s *Settings) find(c *fiber.Ctx) (models.Channel, models.Provider, error) {
	n, err := id(c, "id")
	if err != nil {
		return models.Channel{}, models.Provider{}, err
	}
	ch, err := s.Store.Channel(s.Store.Read(c.UserContext()), n)
	if err != nil {
		return ch, models.Provider{}, err
	}
	p, ok := s.Channels.Provider(ch.Type)
	if !ok {
		return ch, p, models.Errorf(models.NotFound, "This version does not know channels of the type %q.", ch.Type)
	}
	return ch, p, nil
}

// channelInput reads the fields that the provider has, and refuses others. A checkbox that was on
// the form and is not sent means "false"; an empty secret keeps the stored one.
func channelInput(c *fiber.Ctx, p models.Provider) (channels.Input, error) {
	name := ""
	in := channels.Input{Name: &name, Settings: map[string]string{}}
	var unknown error
	c.Request().PostArgs().VisitAll(func(k, v []byte) {
		key, value := string(k), strings.ToValidUTF8(string(v), "")
		field, isField := strings.CutPrefix(key, "set.")
		box, isBox := strings.CutPrefix(key, "has.")
		known := func(key string) bool {
			return slices.ContainsFunc(p.Fields, func(f models.Field) bool { return f.Key == key })
		}
		switch {
		case key == "_csrf":
		case key == "name":
			name = strings.TrimSpace(value)
		case isField && known(field):
			in.Settings[field] = strings.TrimSpace(value)
		case isBox && known(box):
			in.Settings[box] = cmp.Or(in.Settings[box], "false")
		default:
			unknown = models.FieldError(key, "There is no field %q in this form.", key)
		}
	})
	if name == "" && unknown == nil {
		unknown = models.FieldError("name", "Give the channel a name.")
	}
	return in, unknown
}
