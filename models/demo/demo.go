// Package demo holds Casa Nogueira, the sample shop of `onethread demo`: a furniture shop in Lisbon,
// its staff, its customers and their stories. Everything in it comes about as in a real shop:
// customers' events pass the single door in (inbox.Ingest), staff use the same commands as the
// screens do. Nothing writes to the database beside them.
package demo

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"onethread/models"
	"onethread/models/inbox"
	"onethread/models/store"
)

// Address is the shop's mailbox. The domain is reserved (RFC 2606 section 2): it is nobody's.
const Address = "ola@casanogueira.example"

// Gone is a customer's address that no longer exists: mail to it must fail, so that the screen has
// a failed delivery to show.
const Gone = "chloe.martin@old-mail.example.org"

// Scene is what the stories play in: the shop's channels, its staff and where its site stands.
type Scene struct {
	Mail, Chat, Till, Phone models.Channel
	Mia, Leo, Sam           models.User
	Site                    string // the storefront's address, without a trailing slash
	Now                     time.Time
}

// Clock is a clock that can be set, so that what staff do in the stories has believable times.
type Clock struct{ at atomic.Int64 }

// Now is the time the clock was set to last.
func (c *Clock) Now() time.Time { return time.UnixMilli(c.at.Load()) }

// Set moves the clock.
func (c *Clock) Set(t time.Time) { c.at.Store(t.UnixMilli()) }

// Shop plays stories into an open store.
type Shop struct {
	Scene
	st    *store.Store
	box   *inbox.Inbox
	clock *Clock

	steps     []step
	customers map[string]models.ID // by email address, phone or visitor: whatever a person has first
	serial    int
	cast      []person
}

// step is one thing that happens.
type step struct {
	at time.Time
	do func(ctx context.Context) error
}

// New makes a Shop. st must run on clock.
func New(st *store.Store, box *inbox.Inbox, clock *Clock, scene Scene) *Shop {
	return &Shop{Scene: scene, st: st, box: box, clock: clock, customers: map[string]models.ID{}}
}

// Fill plays every story, in the order of time, and leaves the clock at the scene's Now.
func (s *Shop) Fill(ctx context.Context) error {
	s.write()
	slices.SortStableFunc(s.steps, func(a, b step) int { return a.at.Compare(b.at) })
	for _, step := range s.steps {
		s.clock.Set(step.at)
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("the sample shop, %s before now: %w", s.Now.Sub(step.at).Round(time.Minute), err)
		}
	}
	s.clock.Set(s.Now)
	return nil
}

// write puts down all stories; the order is by how much there is to see in them.
func (s *Shop) write() {
	s.ana()
	s.tomas()
	s.priya()
	s.grace()
	s.lena()
	s.jonas()
	s.chloe()
	s.omar()
	s.yuki()
	s.aoife()
	s.layla()
	s.miguel()
	s.katya()
	s.hannah()
	s.diego()
	s.sofia()
	s.wei()
	s.ines()
	s.till()
}

// then adds a step.
func (s *Shop) then(at time.Time, do func(ctx context.Context) error) {
	s.steps = append(s.steps, step{at, do})
}

// ago is a moment today, or shortly before.
func (s *Shop) ago(d time.Duration) time.Time { return s.Now.Add(-d) }

// day is a time of day ("15:04", the machine's zone) so many days ago; at least one, so that it lies
// in the past whatever the hour is now.
func (s *Shop) day(days int, clock string) time.Time {
	t, err := time.Parse("15:04", clock)
	if err != nil || days < 1 {
		panic(fmt.Sprintf("demo: day(%d, %q)", days, clock))
	}
	n := s.Now.Local()
	return time.Date(n.Year(), n.Month(), n.Day()-days, t.Hour(), t.Minute(), s.serial%60, 0, time.Local)
}

// next numbers events, for their duplicate keys.
func (s *Shop) next(prefix string) string {
	s.serial++
	return fmt.Sprintf("%s-%04d", prefix, s.serial)
}

// person is a customer, by the addresses the shop may come to know.
type person struct {
	name, email, phone string
	visitor            string // a browser in the chat
	account            string // customer id in the shop system; empty for guests
	language           string
}

func (p person) key() string { return cmp.Or(p.email, p.phone, p.visitor) }

// thread tells one person's story.
type thread struct {
	*Shop
	person
	lastMail string // the Message-ID of their newest mail
}

// of begins a person's story, and remembers them for Life.
func (s *Shop) of(p person) *thread {
	s.cast = append(s.cast, p)
	return &thread{Shop: s, person: p}
}

// in sends one inbound event of this person through the single door.
func (t *thread) in(at time.Time, channel models.Channel, hints []models.Hint, external string, payload models.Payload, raw string) {
	in := models.Inbound{ChannelID: channel.ID, ExternalID: external, OccurredAt: models.At(at), Signed: channel.ID != t.Mail.ID,
		Hints: hints, Language: t.language, Payload: payload}
	if hints[0].Kind != models.ChatIdentity || len(hints) > 1 {
		in.Name = t.name
	}
	if raw != "" {
		in.Raw, in.RawType = []byte(raw), "application/json"
	}
	t.then(at, func(ctx context.Context) error {
		done, err := t.box.Ingest(ctx, in)
		if err == nil && done.CustomerID != 0 {
			t.customers[t.key()] = done.CustomerID
		}
		return err
	})
}

// customer is who the person has become, merges followed.
func (t *thread) customer(ctx context.Context) (models.ID, error) {
	c, err := store.Living(t.st.Read(ctx), t.customers[t.key()])
	return c.ID, err
}

// act adds a step that staff do on this person's thread.
func (t *thread) act(at time.Time, do func(ctx context.Context, customer models.ID) error) {
	t.then(at, func(ctx context.Context) error {
		id, err := t.customer(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		return do(ctx, id)
	})
}
