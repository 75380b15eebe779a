package channels

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"onethread/models"
	"onethread/models/store"
)

// Input is what connects or changes a channel. Settings holds only what is given: a secret left
// out (or empty) keeps its stored value.
type Input struct {
	Name     *string
	Settings map[string]string
	Paused   *bool
}

// Add connects a channel and returns it, generated secrets included.
func (r *Registry) Add(ctx context.Context, kind string, in Input) (models.Channel, error) {
	p, ok := r.Provider(kind)
	if !ok {
		return models.Channel{}, models.FieldError("type", "%q is no type of channel. Use one of: %s.", kind, strings.Join(r.kinds(), ", "))
	}
	c := models.Channel{Type: kind, Name: p.Name, Key: store.Token(), Settings: map[string]string{}}
	for _, f := range p.Fields {
		c.Settings[f.Key] = f.Default
		if f.Generate {
			c.Settings[f.Key] = store.Token() + store.Token()
		}
	}
	if err := r.fillIn(ctx, p, &in); err != nil {
		return c, err
	}
	if err := apply(p, &c, in); err != nil {
		return c, err
	}
	err := r.st.Write(ctx, func(tx *store.Tx) error {
		var err error
		if c.ID, err = store.AddChannel(tx, c, secrets(p)); err != nil {
			return err
		}
		return store.SetHealth(tx, c.ID, connecting(c))
	})
	return c, err
}

// Find looks for settings that the owner need not know, from those entered so far. What there is
// nothing to find for gives an empty Finding.
func (r *Registry) Find(ctx context.Context, kind string, given map[string]string) (models.Finding, error) {
	p, ok := r.Provider(kind)
	if !ok || p.Find == nil {
		return models.Finding{}, nil
	}
	return p.Find(ctx, given, r.host(models.Channel{Type: kind, Settings: given}))
}

// fillIn finds required settings that were left out, for who connects a channel with the little that
// people know. What cannot be found is for the checks that follow to name.
func (r *Registry) fillIn(ctx context.Context, p models.Provider, in *Input) error {
	missing := func(f models.Field) bool {
		return f.Required && !f.Secret && f.If == "" && f.Default == "" && in.Settings[f.Key] == ""
	}
	if p.Find == nil || !slices.ContainsFunc(p.Fields, missing) {
		return nil
	}
	found, err := r.Find(ctx, p.Kind, in.Settings)
	if err != nil {
		return inSettings(err)
	}
	settings := maps.Clone(found.Settings)
	for k, v := range in.Settings {
		if v != "" || settings[k] == "" {
			settings[k] = v
		}
	}
	in.Settings = settings
	return nil
}

func (r *Registry) kinds() []string {
	var out []string
	for _, p := range r.providers {
		out = append(out, p.Kind)
	}
	return out
}

// Edit changes a channel. Messages that waited for it are tried again at once.
func (r *Registry) Edit(ctx context.Context, id models.ID, in Input) (models.Channel, error) {
	var c models.Channel
	err := r.st.Write(ctx, func(tx *store.Tx) (err error) {
		// Read here, not before: a secret that its provider has just exchanged must not come back.
		if c, err = r.st.Channel(tx, id); err != nil {
			return err
		}
		p, ok := r.Provider(c.Type)
		if !ok {
			return models.Errorf(models.NotFound, "This version does not know channels of the type %q.", c.Type)
		}
		if err := apply(p, &c, in); err != nil {
			return err
		}
		if err := store.UpdateChannel(tx, c, secrets(p)); err != nil {
			return err
		}
		if err := store.SetHealth(tx, id, connecting(c)); err != nil {
			return err
		}
		if err := store.SetSendProblem(tx, id, ""); err != nil {
			return err
		}
		return store.HurryOutbox(tx, id)
	})
	return c, err
}

// connecting is a channel's state from its change until its receiver says more.
func connecting(c models.Channel) models.Status {
	if c.Paused {
		return models.Status{State: "off"}
	}
	return models.Status{State: "connecting"}
}

// Draft is a channel as it would be with the given changes, for a check before saving.
func (r *Registry) Draft(ctx context.Context, kind string, id models.ID, in Input) (models.Channel, error) {
	p, ok := r.Provider(kind)
	if !ok {
		return models.Channel{}, models.FieldError("type", "%q is no type of channel.", kind)
	}
	c := models.Channel{Type: kind, Settings: map[string]string{}}
	for _, f := range p.Fields {
		c.Settings[f.Key] = f.Default
	}
	if id != 0 {
		var err error
		if c, err = r.st.Channel(r.st.Read(ctx), id); err != nil {
			return c, err
		}
	}
	return c, apply(p, &c, in)
}

// Remove disconnects a channel and forgets its secrets; its events stay on their threads.
func (r *Registry) Remove(ctx context.Context, id models.ID) error {
	return r.st.Write(ctx, func(tx *store.Tx) error { return store.RemoveChannel(tx, id) })
}

func apply(p models.Provider, c *models.Channel, in Input) error {
	if in.Name != nil {
		if c.Name = strings.TrimSpace(*in.Name); c.Name == "" || len(c.Name) > 100 {
			return models.FieldError("name", "Give the channel a name of up to 100 characters.")
		}
	}
	if in.Paused != nil {
		c.Paused = *in.Paused
	}
	for key, value := range in.Settings {
		i := slices.IndexFunc(p.Fields, func(f models.Field) bool { return f.Key == key })
		if i < 0 {
			return models.FieldError("settings."+key, "Channels of the type %s have no setting %q.", p.Kind, key)
		}
		if p.Fields[i].Secret && value == "" {
			continue
		}
		c.Settings[key] = strings.TrimSpace(value)
	}
	return validate(p, c.Settings)
}

func validate(p models.Provider, settings map[string]string) error {
	for _, f := range p.Fields {
		v := settings[f.Key]
		switch {
		case f.Required && v == "" && f.Applies(settings):
			return models.FieldError("settings."+f.Key, "%s is missing.", f.Label)
		case f.Type == "select" && v != "" && !slices.Contains(f.Options, v):
			return models.FieldError("settings."+f.Key, "%s must be one of: %s.", f.Label, strings.Join(f.Options, ", "))
		case f.Type == "bool" && v != "" && v != "true" && v != "false":
			return models.FieldError("settings."+f.Key, "%s must be true or false.", f.Label)
		}
	}
	if p.Validate == nil {
		return nil
	}
	return inSettings(p.Validate(settings))
}

// inSettings says where a provider's field stands.
func inSettings(err error) error {
	var at *models.Error
	if errors.As(err, &at) && at.Field != "" && !strings.HasPrefix(at.Field, "settings.") {
		return &models.Error{Code: at.Code, Message: at.Message, Field: "settings." + at.Field}
	}
	return err
}

func secrets(p models.Provider) func(string) bool {
	return func(key string) bool {
		return slices.ContainsFunc(p.Fields, func(f models.Field) bool { return f.Key == key && f.Secret })
	}
}

// NewSecret makes a generated secret anew. The one until now stays good beside it as the previous
// one, where the provider takes two, so that calls signed with it are not lost meanwhile.
func (r *Registry) NewSecret(ctx context.Context, id models.ID, key string) (models.Channel, error) {
	c, err := r.st.Channel(r.st.Read(ctx), id)
	if err != nil {
		return c, err
	}
	p, _ := r.Provider(c.Type)
	if !Generated(p, key) {
		return c, models.FieldError("key", "This channel has no secret %q that is made here.", key)
	}
	settings := map[string]string{key: store.Token() + store.Token()}
	if slices.ContainsFunc(p.Fields, func(f models.Field) bool { return f.Key == "old_"+key }) {
		settings["old_"+key] = c.Settings[key]
	}
	return r.Edit(ctx, id, Input{Settings: settings})
}

// Generated tells whether a setting is a secret that we make ourselves, for the owner to carry to
// the provider: it may be shown again to who may change settings.
func Generated(p models.Provider, key string) bool {
	return slices.ContainsFunc(p.Fields, func(f models.Field) bool { return f.Key == key && f.Generate })
}

// Shown is a channel's settings without its secrets: what may leave the server.
func Shown(p models.Provider, c models.Channel) map[string]string {
	out := map[string]string{}
	for _, f := range p.Fields {
		if !f.Secret {
			out[f.Key] = c.Settings[f.Key]
		}
	}
	return out
}

// HookURLs are the addresses to copy into the provider's settings.
func HookURLs(p models.Provider, c models.Channel, url string) []string {
	var out []string
	for _, sub := range p.Hooks {
		out = append(out, strings.TrimSuffix(url+"/webhooks/"+c.Type+"/"+c.ID.String()+"/"+sub, "/"))
	}
	return out
}
