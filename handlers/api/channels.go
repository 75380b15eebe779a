package api

import (
	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/channels"
	"onethread/models/store"
)

type channelView struct {
	ID       string            `json:"id"`
	Type     string            `json:"type"`
	Name     string            `json:"name"`
	Key      string            `json:"key"`
	Paused   bool              `json:"paused"`
	Settings map[string]string `json:"settings"` // without secrets: those are write-only
	Webhooks []string          `json:"webhooks"`
	State    string            `json:"state"`
	Problem  string            `json:"problem"`
	// SendProblem is why sending alone is refused.
	SendProblem string            `json:"send_problem"`
	Rejected    int               `json:"rejected"`
	CalledAt    models.Time       `json:"called_at"`         // the last webhook with a good signature
	Secrets     map[string]string `json:"secrets,omitempty"` // generated ones, in the answer to POST alone
	CreatedAt   models.Time       `json:"created_at"`
}

func (h *Handlers) channelView(c models.Channel, health store.Health) channelView {
	p, _ := h.Channels.Provider(c.Type)
	v := channelView{ID: c.ID.String(), Type: c.Type, Name: c.Name, Key: c.Key, Paused: c.Paused, Settings: channels.Shown(p, c),
		Webhooks: channels.HookURLs(p, c, h.URL), State: health.State, Problem: health.Problem, SendProblem: health.SendProblem, Rejected: health.Rejected, CalledAt: health.CalledAt, CreatedAt: c.CreatedAt}
	if v.Webhooks == nil {
		v.Webhooks = []string{}
	}
	return v
}

// ListChannels is GET /api/v1/channels.
func (h *Handlers) ListChannels(c *fiber.Ctx) error {
	all, err := h.Store.Channels(h.read(c))
	if err != nil {
		return err
	}
	healths, err := store.Healths(h.read(c))
	if err != nil {
		return err
	}
	views := make([]channelView, len(all))
	for i, ch := range all {
		for _, x := range healths {
			if x.ChannelID == ch.ID {
				views[i] = h.channelView(ch, x)
			}
		}
	}
	return c.JSON(page{Data: views})
}

// Channel is GET /api/v1/channels/{id}.
func (h *Handlers) Channel(c *fiber.Ctx) error {
	channel, err := id(c, "id")
	if err != nil {
		return err
	}
	return h.oneChannel(c, channel)
}

func (h *Handlers) oneChannel(c *fiber.Ctx, channel models.ID) error {
	ch, err := h.Store.Channel(h.read(c), channel)
	if err != nil {
		return err
	}
	healths, err := store.Healths(h.read(c))
	if err != nil {
		return err
	}
	for _, x := range healths {
		if x.ChannelID == ch.ID {
			return c.JSON(h.channelView(ch, x))
		}
	}
	return models.Errorf(models.NotFound, "There is no such channel.")
}

// AddChannel is POST /api/v1/channels. Secrets that we made are in this answer alone;
// later the channel's page in Settings shows them.
func (h *Handlers) AddChannel(c *fiber.Ctx) error {
	var in struct {
		Type     string            `json:"type"`
		Name     string            `json:"name"`
		Settings map[string]string `json:"settings"`
	}
	if err := web.JSON(c, &in); err != nil {
		return err
	}
	input := channels.Input{Settings: in.Settings}
	if in.Name != "" {
		input.Name = &in.Name
	}
	ch, err := h.Channels.Add(c.UserContext(), in.Type, input)
	if err != nil {
		return err
	}
	v := h.channelView(ch, store.Health{})
	v.Secrets = map[string]string{}
	p, _ := h.Channels.Provider(ch.Type)
	for _, f := range p.Fields {
		if f.Generate && in.Settings[f.Key] == "" {
			v.Secrets[f.Key] = ch.Settings[f.Key]
		}
	}
	return c.Status(fiber.StatusCreated).JSON(v)
}

// PatchChannel is PATCH /api/v1/channels/{id}: name, paused, and the settings that are given.
func (h *Handlers) PatchChannel(c *fiber.Ctx) error {
	channel, err := id(c, "id")
	if err != nil {
		return err
	}
	var in struct {
		Name     *string           `json:"name"`
		Paused   *bool             `json:"paused"`
		Settings map[string]string `json:"settings"`
	}
	if err := web.JSON(c, &in); err != nil {
		return err
	}
	if _, err := h.Channels.Edit(c.UserContext(), channel, channels.Input{Name: in.Name, Paused: in.Paused, Settings: in.Settings}); err != nil {
		return err
	}
	return h.oneChannel(c, channel)
}

// RemoveChannel is DELETE /api/v1/channels/{id}: its secrets are forgotten, its events stay.
func (h *Handlers) RemoveChannel(c *fiber.Ctx) error {
	channel, err := id(c, "id")
	if err != nil {
		return err
	}
	if err := h.Channels.Remove(c.UserContext(), channel); err != nil {
		return err
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// CheckChannel is POST /api/v1/channels/{id}/check: the live test, step by step.
func (h *Handlers) CheckChannel(c *fiber.Ctx) error {
	channel, err := id(c, "id")
	if err != nil {
		return err
	}
	ch, err := h.Store.Channel(h.read(c), channel)
	if err != nil {
		return err
	}
	type step struct {
		Step    string `json:"step"`
		OK      bool   `json:"ok"`
		Problem string `json:"problem"`
		Note    string `json:"note,omitempty"`
		TookMS  int64  `json:"took_ms"`
	}
	steps, ok := []step{}, true
	for _, s := range h.Channels.Check(c.UserContext(), ch, true) {
		steps = append(steps, step{s.Step, s.OK, s.Problem, s.Note, s.Took.Milliseconds()})
		ok = ok && s.OK
	}
	return c.JSON(fiber.Map{"ok": ok, "steps": steps})
}
