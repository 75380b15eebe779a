package inbox

import (
	"context"

	"onethread/models"
	"onethread/models/identity"
	"onethread/models/store"
)

// VerifyAddress makes an address that was merely typed its customer's, on staff's word.
func (b *Inbox) VerifyAddress(ctx context.Context, user, id models.ID) error {
	return b.st.Write(ctx, func(tx *store.Tx) error { return identity.Verify(tx, id, user) })
}

// RemoveAddress takes an address from its customer: who writes from it next is somebody new.
func (b *Inbox) RemoveAddress(ctx context.Context, user, id models.ID) error {
	return b.st.Write(ctx, func(tx *store.Tx) error { return identity.Remove(tx, id, user) })
}

// RestoreAddress gives a removed address back.
func (b *Inbox) RestoreAddress(ctx context.Context, user, id models.ID) error {
	return b.st.Write(ctx, func(tx *store.Tx) error { return identity.Restore(tx, id, user) })
}

// CorrectAddress replaces a mistyped address, and returns the right one's id.
func (b *Inbox) CorrectAddress(ctx context.Context, user, id models.ID, value string) (made models.ID, err error) {
	err = b.st.Write(ctx, func(tx *store.Tx) error {
		i, err := store.Identity(tx, id)
		if err != nil {
			return err
		}
		where, err := country(tx, []models.Hint{{Kind: i.Kind}})
		if err != nil {
			return err
		}
		made, err = identity.Correct(tx, id, user, value, where)
		return err
	})
	return made, err
}

// ShareAddress marks an address as used by several people, or as one person's.
func (b *Inbox) ShareAddress(ctx context.Context, user, id models.ID, shared bool) error {
	return b.st.Write(ctx, func(tx *store.Tx) error { return identity.Share(tx, id, user, shared) })
}

// MoveAddress gives an address with all that came from it to another customer; to zero makes a new one of
// the given name. It returns whose it is now.
func (b *Inbox) MoveAddress(ctx context.Context, user, id, to models.ID, name string) (models.ID, error) {
	if name = line(name, 200); to == 0 && name == "" {
		return 0, models.FieldError("name", "Say who it belongs to: an existing customer, or a name for a new one.")
	}
	at := to
	err := b.st.Write(ctx, func(tx *store.Tx) (err error) {
		at = to
		if to == 0 {
			if at, err = newCustomer(tx, user, name, ""); err != nil {
				return err
			}
		}
		return identity.MoveAddress(tx, id, at, user)
	})
	return at, err
}

// MoveAddressBack takes the newest move of an address back.
func (b *Inbox) MoveAddressBack(ctx context.Context, user, id models.ID) error {
	return b.st.Write(ctx, func(tx *store.Tx) error { return identity.MoveAddressBack(tx, id, user) })
}
