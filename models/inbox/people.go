package inbox

import (
	"context"

	"onethread/models"
	"onethread/models/identity"
	"onethread/models/store"
)

// NewCustomer creates a customer on staff's word, with addresses. An address that somebody has
// already is refused.
func (b *Inbox) NewCustomer(ctx context.Context, user models.ID, name, language string, hints []models.Hint) (models.ID, error) {
	if line(name, 200) == "" && len(hints) == 0 {
		return 0, models.FieldError("name", "A customer needs a name or an address.")
	}
	var id models.ID
	err := b.st.Write(ctx, func(tx *store.Tx) error {
		var err error
		if id, err = newCustomer(tx, user, line(name, 200), line(language, 35)); err != nil {
			return err
		}
		for _, h := range hints {
			if _, err := b.addIdentity(tx, id, h); err != nil {
				return err
			}
		}
		return nil
	})
	return id, err
}

// newCustomer creates a record on staff's word; its thread begins with who made it.
func newCustomer(tx *store.Tx, user models.ID, name, language string) (models.ID, error) {
	id, err := store.AddCustomer(tx, name, "staff", language)
	if err == nil {
		err = record(tx, id, user, models.KindCustomer, models.CustomerData{Action: "created", Name: name})
	}
	return id, err
}

// record writes into a thread what staff did to its record.
func record(tx *store.Tx, customer, user models.ID, kind models.Kind, d models.CustomerData) error {
	_, err := store.AppendEvent(tx, models.Event{CustomerID: customer, Kind: kind, UserID: user}, d)
	return err
}

func (b *Inbox) addIdentity(tx *store.Tx, customer models.ID, h models.Hint) (models.ID, error) {
	where, err := country(tx, []models.Hint{h})
	if err != nil {
		return 0, err
	}
	return identity.Add(tx, customer, h, where)
}

// AddIdentity gives a customer an address on staff's word, and says so in the thread.
func (b *Inbox) AddIdentity(ctx context.Context, user, customer models.ID, h models.Hint) (models.ID, error) {
	var id models.ID
	err := b.st.Write(ctx, func(tx *store.Tx) error {
		c, err := store.Living(tx, customer)
		if err != nil {
			return err
		}
		if id, err = b.addIdentity(tx, c.ID, h); err != nil {
			return err
		}
		i, err := store.Identity(tx, id)
		if err != nil {
			return err
		}
		return identity.Tell(tx, i, user, models.ContactData{Action: "added"})
	})
	return id, err
}

// Edit is what staff change of a customer; nil fields stay as they are.
type Edit struct{ Name, Language, Notes *string }

// EditCustomer changes what staff know of a customer, and says so. A name they give is never overwritten.
func (b *Inbox) EditCustomer(ctx context.Context, user, customer models.ID, e Edit) error {
	return b.st.Write(ctx, func(tx *store.Tx) error {
		c, err := store.Living(tx, customer)
		if err != nil {
			return err
		}
		old := c
		if e.Name != nil {
			c.Name, c.NameSource = line(*e.Name, 200), "staff"
		}
		if e.Language != nil {
			c.Language = line(*e.Language, 35)
		}
		if e.Notes != nil {
			c.Notes = Text(*e.Notes)
		}
		if err := store.UpdateCustomer(tx, c); err != nil {
			return err
		}
		return edited(tx, user, old, c)
	})
}

// edited tells what changed of a record. What notes say stays out of the feed: they are written letter
// by letter, and an erased customer's must not linger.
func edited(tx *store.Tx, user models.ID, old, now models.Customer) error {
	if now.Name != old.Name {
		if err := record(tx, now.ID, user, models.KindCustomer, models.CustomerData{Action: "renamed", Name: now.Name, Before: old.Name}); err != nil {
			return err
		}
	}
	if now.Language != old.Language {
		if err := record(tx, now.ID, user, models.KindAbout, models.CustomerData{Action: "language", Language: now.Language, Before: old.Language}); err != nil {
			return err
		}
	}
	if now.Notes != old.Notes {
		return record(tx, now.ID, user, models.KindAbout, models.CustomerData{Action: "notes"})
	}
	return nil
}

// Merge joins two customers on staff's word. It returns the merge's id, which Unmerge takes.
func (b *Inbox) Merge(ctx context.Context, user, from, into models.ID) (id models.ID, err error) {
	err = b.st.Write(ctx, func(tx *store.Tx) error {
		id, err = identity.Merge(tx, from, into, "staff", user)
		return err
	})
	return id, err
}

// Unmerge undoes a merge.
func (b *Inbox) Unmerge(ctx context.Context, user, merge models.ID) error {
	return b.st.Write(ctx, func(tx *store.Tx) error { return identity.Unmerge(tx, merge, user) })
}

// Split says which entries of whose thread go to whom.
type Split struct {
	From   models.ID // the thread they are chosen in; zero = wherever they stand
	Events []models.ID
	To     models.ID // zero makes a new customer of the given name
	Name   string
}

// Move files entries with another customer, and returns whom they stand with now.
func (b *Inbox) Move(ctx context.Context, user models.ID, s Split) (models.ID, error) {
	if len(s.Events) == 0 || len(s.Events) > mostMoved {
		return 0, models.FieldError("events", "Choose from 1 to %d entries to move.", mostMoved)
	}
	if s.Name = line(s.Name, 200); s.To == 0 && s.Name == "" {
		return 0, models.FieldError("name", "Say who it belongs to: an existing customer, or a name for a new one.")
	}
	var at models.ID
	err := b.st.Write(ctx, func(tx *store.Tx) error {
		if err := standWith(tx, s.From, s.Events); err != nil {
			return err
		}
		target, err := store.Living(tx, s.To)
		if s.To == 0 {
			target.ID, err = newCustomer(tx, user, s.Name, "")
		}
		if err != nil {
			return err
		}
		at = target.ID
		return identity.Move(tx, s.Events, at, user)
	})
	return at, err
}

// standWith refuses entries of other threads than the one they were chosen in: an old screen must not
// move what is no longer on it.
func standWith(tx *store.Tx, customer models.ID, events []models.ID) error {
	if customer == 0 {
		return nil
	}
	c, err := store.Living(tx, customer)
	if err != nil {
		return err
	}
	for _, id := range events {
		e, err := store.Event(tx, id)
		if err != nil || e.CustomerID != c.ID {
			return models.FieldError("events", "An entry is not in this thread any more. Open the thread anew.")
		}
	}
	return nil
}

// mostMoved bounds what is moved at a time.
const mostMoved = 500

// MoveBack takes the newest move of an entry back.
func (b *Inbox) MoveBack(ctx context.Context, user, event models.ID) error {
	return b.st.Write(ctx, func(tx *store.Tx) error { return identity.MoveBack(tx, event, user) })
}

// AcceptSuggestion merges the suggested pair into one of the two; into zero is the older record.
func (b *Inbox) AcceptSuggestion(ctx context.Context, user, suggestion, into models.ID) (id models.ID, err error) {
	err = b.st.Write(ctx, func(tx *store.Tx) error {
		id, err = identity.Accept(tx, suggestion, into, user)
		return err
	})
	return id, err
}

// RejectSuggestion remembers that the suggested pair are two people.
func (b *Inbox) RejectSuggestion(ctx context.Context, user, suggestion models.ID) error {
	return b.st.Write(ctx, func(tx *store.Tx) error { return identity.Reject(tx, suggestion, user) })
}
