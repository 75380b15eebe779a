package privacy

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"onethread/models"
	"onethread/models/store"
)

// Rules say what is forgotten by itself, and when. Zero = never.
type Rules struct {
	PageDays     int `json:"page_days,omitempty"`     // page views
	OddDays      int `json:"odd_days,omitempty"`      // what could not be read, and spam
	WordMonths   int `json:"word_months,omitempty"`   // words and files of messages, after their conversation was closed
	SilentMonths int `json:"silent_months,omitempty"` // whole customers, after the last that passed between them and the shop
}

// Bounds of the rules.
const (
	mostDays   = 3650
	mostMonths = 240
)

// Check refuses what cannot be meant.
func (r Rules) Check() error {
	for field, n := range map[string]int{"page_days": r.PageDays, "odd_days": r.OddDays} {
		if n < 0 || n > mostDays {
			return models.FieldError(field, "Give a number of days from 1 to %d, or nothing.", mostDays)
		}
	}
	for field, n := range map[string]int{"word_months": r.WordMonths, "silent_months": r.SilentMonths} {
		if n < 0 || n > mostMonths {
			return models.FieldError(field, "Give a number of months from 1 to %d, or nothing.", mostMonths)
		}
	}
	return nil
}

const settingRules = "retention"

// Rules are the shop's; at first nothing is forgotten.
func (p *Privacy) Rules(ctx context.Context) (r Rules, err error) {
	text, ok, err := store.Setting(p.st.Read(ctx), settingRules)
	if err != nil || !ok {
		return r, err
	}
	return r, json.Unmarshal([]byte(text), &r)
}

// SetRules replaces the rules. They take effect within the hour.
func (p *Privacy) SetRules(ctx context.Context, r Rules) error {
	if err := r.Check(); err != nil {
		return err
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return p.st.Write(ctx, func(tx *store.Tx) error { return store.SetSetting(tx, settingRules, string(text)) })
}

// rule is one of the rules at work.
type rule struct {
	name   string
	find   func(q store.Q, before models.Time, limit int) ([]models.ID, error)
	before models.Time
	remove func(p *Privacy, ctx context.Context, found []models.ID) ([]string, error)
}

// at lists the rules that are on.
func (r Rules) at(now time.Time) []rule {
	var out []rule
	add := func(n int, name string, before time.Time, find func(store.Q, models.Time, int) ([]models.ID, error), remove func(*Privacy, context.Context, []models.ID) ([]string, error)) {
		if n > 0 {
			out = append(out, rule{name, find, models.At(before), remove})
		}
	}
	add(r.PageDays, "pages", now.AddDate(0, 0, -r.PageDays), store.OldPages, within(func(tx *store.Tx, ids []models.ID) ([]string, error) { return store.Forget(tx, ids, false) }))
	add(r.OddDays, "odd", now.AddDate(0, 0, -r.OddDays), store.OldOdd, within(func(tx *store.Tx, ids []models.ID) ([]string, error) { return store.Forget(tx, ids, true) }))
	add(r.WordMonths, "words", now.AddDate(0, -r.WordMonths, 0), store.OldWords, within(store.Redact))
	add(r.SilentMonths, "silent", now.AddDate(0, -r.SilentMonths, 0), store.Silent, (*Privacy).eraseSilent)
	return out
}

func within(do func(*store.Tx, []models.ID) ([]string, error)) func(*Privacy, context.Context, []models.ID) ([]string, error) {
	return func(p *Privacy, ctx context.Context, ids []models.ID) (files []string, err error) {
		err = p.st.Write(ctx, func(tx *store.Tx) error {
			files, err = do(tx, ids)
			return err
		})
		return files, err
	}
}

func (p *Privacy) eraseSilent(ctx context.Context, ids []models.ID) (files []string, err error) {
	for _, id := range ids {
		done, err := p.erase(ctx, 0, id)
		if models.IsCode(err, models.NotFound) || models.IsCode(err, models.Conflict) { // erased or merged meanwhile
			continue
		}
		if err != nil {
			return files, err
		}
		files = append(files, done.Files...)
	}
	return files, p.eraseEvents(ctx)
}

// Counted is how much each rule would remove now, up to mostCounted.
type Counted struct{ Pages, Odd, Words, Silent int }

// mostCounted bounds what a preview counts.
const mostCounted = 100_000

// Preview tells what rules would remove now, and removes nothing.
func (p *Privacy) Preview(ctx context.Context, r Rules) (c Counted, err error) {
	if err := r.Check(); err != nil {
		return c, err
	}
	for _, x := range r.at(p.Now()) {
		found, err := x.find(p.st.Read(ctx), x.before, mostCounted)
		if err != nil {
			return c, err
		}
		*map[string]*int{"pages": &c.Pages, "odd": &c.Odd, "words": &c.Words, "silent": &c.Silent}[x.name] = len(found)
	}
	return c, nil
}

const (
	removedAtOnce = 50          // by one write, so that others need not wait long
	sweepFor      = time.Minute // the rest is for the next hour
)

// Sweep removes what the rules say, a little at a time, and overwrites its traces. It also ends an erasure
// that had to leave something undone.
func (p *Privacy) Sweep(ctx context.Context) error {
	rules, err := p.Rules(ctx)
	if err != nil {
		return errors.Join(err, p.Resume(ctx))
	}
	began, removed := time.Now(), 0
	var files []string
	for _, x := range rules.at(p.Now()) {
		for time.Since(began) < sweepFor {
			found, err := x.find(p.st.Read(ctx), x.before, removedAtOnce)
			if err == nil && len(found) > 0 {
				var more []string
				more, err = x.remove(p, ctx, found)
				files = append(files, more...)
			}
			if err != nil {
				return errors.Join(err, p.Resume(ctx))
			}
			removed += len(found)
			if len(found) < removedAtOnce {
				break
			}
		}
	}
	if removed == 0 {
		return p.Resume(ctx)
	}
	slog.Info("removed what the rules for forgetting say", "entries", removed)
	return p.finish(ctx, files)
}

// Redact takes out what one message says, with its files and its original. That it was there stays, and other
// screens draw it anew. A message on its way is a Conflict.
func (p *Privacy) Redact(ctx context.Context, user, event models.ID) error {
	var files []string
	err := p.st.Write(ctx, func(tx *store.Tx) error {
		m, err := store.Message(tx, event)
		if err != nil {
			return err
		}
		e, err := store.Event(tx, event)
		if err != nil {
			return err
		}
		if m.State == models.DeliveryQueued || m.State == models.DeliverySending {
			return models.Errorf(models.Conflict, "This message has not left yet. Call it back, or wait until it is sent.")
		}
		if m.RedactedAt != 0 {
			return nil
		}
		if files, err = store.Redact(tx, []models.ID{event}); err != nil {
			return err
		}
		_, err = store.AppendEvent(tx, models.Event{CustomerID: e.CustomerID, ConversationID: e.ConversationID, AnchorID: e.AnchorID, HomeID: e.HomeID, Kind: models.KindErased, RefID: event, UserID: user},
			map[string]string{"event_id": event.String()})
		return err
	})
	if err != nil {
		return err
	}
	return p.tidy(context.WithoutCancel(ctx), files)
}
