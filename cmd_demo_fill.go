package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"sync"
	"time"

	"onethread/integrations"
	"onethread/models"
	"onethread/models/auth"
	"onethread/models/channels"
	"onethread/models/demo"
	"onethread/models/inbox"
	"onethread/models/outbox"
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
	connected := channels.New(st, integrations.All, box.Ingest, s.env.URL, integrations.Dial, nil)
	if err := s.connect(ctx, connected, &scene); err != nil {
		return err
	}
	if err := s.hire(ctx, auth.New(st, clock.Now), &scene); err != nil {
		return err
	}
	s.shop = demo.New(st, box, clock, scene)
	if err := s.shop.Fill(ctx); err != nil {
		return err
	}
	if err := s.send(ctx, st, connected); err != nil {
		return err
	}
	// The stories' visitors saw their answers; only those who come from now on are followed.
	_, err = connected.Edit(ctx, s.shop.Chat.ID, channels.Input{Settings: map[string]string{"follow_up": "2"}})
	return err
}

// send lets the channels carry out what staff wrote in the stories, so that the inbox opens with
// nothing on its way. It waits for the channels first: mail of last week that finds none would be
// given up.
func (s *sample) send(ctx context.Context, st *store.Store, connected *channels.Registry) error {
	ctx, stop := context.WithTimeout(ctx, 30*time.Second)
	var loops sync.WaitGroup
	defer loops.Wait()
	defer stop()
	failed := make(chan error, 2)
	loops.Go(func() { failed <- connected.Run(ctx) })
	open := func() (bool, error) {
		_, mail := connected.Sender(s.shop.Mail.ID)
		_, chat := connected.Sender(s.shop.Chat.ID)
		return mail && chat, nil
	}
	if err := poll(ctx, failed, open); err != nil {
		return err
	}
	worker := &outbox.Worker{Store: st, Senders: connected.Sender}
	loops.Go(func() { failed <- worker.Run(ctx) })
	return poll(ctx, failed, func() (bool, error) {
		due, err := store.NextDue(st.Read(ctx))
		return due == 0, err
	})
}

// poll waits until a condition holds, a loop fails or ctx ends.
func poll(ctx context.Context, failed <-chan error, holds func() (bool, error)) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if ok, err := holds(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the sample shop's channels did not start in time: %w", ctx.Err())
		case err := <-failed:
			if err != nil {
				return err
			}
		case <-tick.C:
		}
	}
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
		{&scene.Chat, "webchat", "casanogueira.example", map[string]string{"title": "Casa Nogueira", "welcome": "Olá! Ask us anything about furniture, or about Lisbon.", "origins": sites, "follow_up": "off"}},
		{&scene.Till, "generic", "Casa Nogueira till", map[string]string{"currency": "EUR"}},
		{&scene.Phone, "twilio", "Shop phone", s.carrier.settings(s.site)},
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
