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
		_, err = store.AppendEvent(tx, models.Event{CustomerID: c.ID, Kind: models.KindContact, UserID: user},
			models.ContactData{Kind: h.Kind, Value: line(h.Value, 320), Evidence: h.Evidence, Reason: h.Reason})
		return err
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

// Move files entries of one thread with another customer; to zero makes a new one of the given name.
// It returns the customer they stand with now.
func (b *Inbox) Move(ctx context.Context, user models.ID, events []models.ID, to models.ID, name string) (models.ID, error) {
	if len(events) == 0 || len(events) > mostMoved {
		return 0, models.FieldError("events", "Choose from 1 to %d entries to move.", mostMoved)
	}
	at := to
	err := b.st.Write(ctx, func(tx *store.Tx) error {
		target := to
		if to == 0 {
			if name = line(name, 200); name == "" {
				return models.FieldError("name", "Say who it belongs to: an existing customer, or a name for a new one.")
			}
			var err error
			if target, err = newCustomer(tx, user, name, ""); err != nil {
				return err
			}
		}
		if err := identity.Move(tx, events, target, user); err != nil {
			return err
		}
		living, err := store.Living(tx, target)
		at = living.ID
		return err
	})
	return at, err
}

// mostMoved bounds what is moved at a time.
const mostMoved = 500

// MoveBack takes the newest move of an entry back.
func (b *Inbox) MoveBack(ctx context.Context, user, event models.ID) error {
	return b.st.Write(ctx, func(tx *store.Tx) error { return identity.MoveBack(tx, event, user) })
}

// AcceptSuggestion merges the suggested pair; RejectSuggestion remembers that they are two people.
func (b *Inbox) AcceptSuggestion(ctx context.Context, user, suggestion models.ID) (id models.ID, err error) {
	err = b.st.Write(ctx, func(tx *store.Tx) error {
		id, err = identity.Accept(tx, suggestion, user)
		return err
	})
	return id, err
}

// RejectSuggestion remembers that the suggested pair are two people.
func (b *Inbox) RejectSuggestion(ctx context.Context, user, suggestion models.ID) error {
	return b.st.Write(ctx, func(tx *store.Tx) error { return identity.Reject(tx, suggestion, user) })
}
