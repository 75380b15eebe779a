package main

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"time"

	"onethread/integrations"
	"onethread/models"
	"onethread/models/auth"
	"onethread/models/channels"
	"onethread/models/demo"
	"onethread/models/inbox"
	"onethread/models/store"
)

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "localhost"
	}
	return u.Hostname()
}

// fill plays the stories into the folder, on a clock of their own; the server then opens it on the
// real one.
func (s *sample) fill(ctx context.Context) (err error) {
	clock := &demo.Clock{}
	now := time.Now()
	clock.Set(now.AddDate(0, -6, 0)) // the channels stand before the first story begins
	st, err := store.Open(ctx, s.env.Data, store.Options{Now: clock.Now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	box := inbox.New(st, integrations.All)
	scene := demo.Scene{Site: s.site, Now: now}
	if err := s.connect(ctx, channels.New(st, integrations.All, box.Ingest, s.env.URL, integrations.Dial, nil), &scene); err != nil {
		return err
	}
	if err := s.hire(ctx, auth.New(st, clock.Now), &scene); err != nil {
		return err
	}
	s.shop = demo.New(st, box, clock, scene)
	return s.shop.Fill(ctx)
}

// connect adds the shop's four channels.
func (s *sample) connect(ctx context.Context, to *channels.Registry, scene *demo.Scene) error {
	mail := s.office.Settings()
	maps.Copy(mail, map[string]string{"name": "Casa Nogueira", "backfill_days": "0"})
	sites := s.site
	if u, err := url.Parse(s.site); err == nil && u.Hostname() == "localhost" {
		sites += "\nhttp://127.0.0.1:" + u.Port()
	}
	for _, c := range []struct {
		into       *models.Channel
		kind, name string
		settings   map[string]string
	}{
		{&scene.Mail, "email", "Casa Nogueira mail", mail},
		{&scene.Chat, "webchat", "casanogueira.example", map[string]string{"title": "Casa Nogueira", "welcome": "Olá! Ask us anything about furniture, or about Lisbon.", "origins": sites}},
		{&scene.Till, "generic", "Casa Nogueira till", map[string]string{"currency": "EUR"}},
		{&scene.Phone, "generic", "Shop phone", map[string]string{"currency": "EUR"}},
	} {
		var err error
		if *c.into, err = to.Add(ctx, c.kind, channels.Input{Name: &c.name, Settings: c.settings}); err != nil {
			return err
		}
	}
	return nil
}

// hire adds the shop's three members of staff. All have the same password; it is printed.
func (s *sample) hire(ctx context.Context, to *auth.Auth, scene *demo.Scene) error {
	for _, u := range []struct {
		into        *models.User
		email, name string
		role        models.Role
	}{
		{&scene.Mia, demoUser, "Mia", models.Owner},
		{&scene.Leo, "leo@example.com", "Leo", models.Agent},
		{&scene.Sam, "sam@example.com", "Sam", models.Counter},
	} {
		var err error
		if *u.into, err = to.CreateUser(ctx, u.email, u.name, u.role, s.password); err != nil {
			return err
		}
	}
	return nil
}
