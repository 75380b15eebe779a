package identity

import (
	"cmp"

	"onethread/models"
	"onethread/models/store"
)

// Tell writes into the thread of an address what staff did to it, and names that as what brought the
// evidence that changed with it.
func Tell(tx *store.Tx, i models.Identity, user models.ID, d models.ContactData) error {
	d.Kind, d.Evidence, d.Reason, d.IdentityID = i.Kind, i.Evidence, i.Reason, i.ID
	d.Value = cmp.Or(d.Value, i.Display, i.Value)
	event, err := store.AppendEvent(tx, models.Event{CustomerID: i.CustomerID, Kind: models.KindContact, UserID: user}, d)
	if err != nil {
		return err
	}
	return store.ProofsBy(tx, event, user)
}

// changeable finds an address that staff may change; one that was taken away only where gone says so.
func changeable(tx *store.Tx, id models.ID, gone bool) (models.Identity, error) {
	i, err := store.Identity(tx, id)
	switch {
	case err != nil:
		return i, err
	case i.Kind == models.OrderIdentity:
		return i, models.Errorf(models.Conflict, "An order that names nobody has no address to change. Move the order instead.")
	case (i.RetiredAt != 0) != gone && gone:
		return i, models.Errorf(models.Conflict, "This address was not removed.")
	case (i.RetiredAt != 0) != gone:
		return i, models.Errorf(models.Conflict, "This address was removed. Bring it back first.")
	}
	return i, nil
}

// owned refuses when somebody else is known by the address: then the two may be one person.
func owned(tx *store.Tx, i models.Identity) error {
	at, err := store.IdentitiesAt(tx, i.Kind, i.Scope, i.Value)
	for _, o := range at {
		if err == nil && o.ID != i.ID && o.Evidence != models.Typed && !o.Shared {
			err = &models.Error{Code: models.Conflict, Field: "value", Message: "Another customer has this address. Merge the two if they are the same person, or mark it as used by several people."}
		}
	}
	return err
}

// Verify makes an address that somebody merely typed theirs, on staff's word.
func Verify(tx *store.Tx, id, user models.ID) error {
	i, err := changeable(tx, id, false)
	if err != nil {
		return err
	}
	if i.Evidence != models.Typed {
		return models.Errorf(models.Conflict, "This address is confirmed already.")
	}
	if err := owned(tx, i); err != nil {
		return err
	}
	i.Evidence, i.Reason = models.Asserted, "confirmed by staff"
	if err := store.Strengthen(tx, i.ID, i.Evidence, i.Reason); err != nil {
		return err
	}
	return Tell(tx, i, user, models.ContactData{Action: "verified"})
}

// Remove takes an address from its customer. What came from it stays with them; who writes from it next
// is somebody new.
func Remove(tx *store.Tx, id, user models.ID) error {
	i, err := changeable(tx, id, false)
	if err != nil {
		return err
	}
	if err := store.Retire(tx, i, tx.Now()); err != nil {
		return err
	}
	return Tell(tx, i, user, models.ContactData{Action: "removed"})
}

// Restore gives a removed address back, unless somebody else has it meanwhile.
func Restore(tx *store.Tx, id, user models.ID) error {
	i, err := changeable(tx, id, true)
	if err != nil {
		return err
	}
	at, err := store.IdentitiesAt(tx, i.Kind, i.Scope, i.Value)
	if err != nil {
		return err
	}
	for _, o := range at {
		if o.CustomerID == i.CustomerID || (o.Evidence != models.Typed && i.Evidence != models.Typed && !(o.Shared && i.Shared)) {
			return models.Errorf(models.Conflict, "This address is in use again. Merge the two customers if they are the same person.")
		}
	}
	if err := store.Retire(tx, i, 0); err != nil {
		return err
	}
	i.RetiredAt = 0
	return Tell(tx, i, user, models.ContactData{Action: "restored"})
}

// Correct replaces a mistyped address by the right one. Events are immutable: those so far keep the old one.
func Correct(tx *store.Tx, id, user models.ID, value, country string) (models.ID, error) {
	i, err := changeable(tx, id, false)
	if err != nil {
		return 0, err
	}
	if err := store.Retire(tx, i, tx.Now()); err != nil {
		return 0, err
	}
	made, err := Add(tx, i.CustomerID, models.Hint{Kind: i.Kind, Scope: i.Scope, Value: value, Evidence: models.Asserted, Reason: "corrected by staff"}, country)
	if err != nil {
		return 0, err
	}
	now, err := store.Identity(tx, made)
	if err != nil {
		return 0, err
	}
	return made, Tell(tx, now, user, models.ContactData{Action: "corrected", Before: cmp.Or(i.Display, i.Value)})
}

// Share marks an address as used by several people, or takes that mark away: then it is this customer's,
// unless others hold it too.
func Share(tx *store.Tx, id, user models.ID, shared bool) error {
	i, err := changeable(tx, id, false)
	if err != nil {
		return err
	}
	if i.Kind == models.ChatIdentity {
		return models.Errorf(models.Conflict, "A browser cannot be marked so. Move what somebody else wrote in it.")
	}
	action := "shared"
	if !shared {
		action = "unshared"
		at, err := store.IdentitiesAt(tx, i.Kind, i.Scope, i.Value)
		if err != nil {
			return err
		}
		for _, o := range at {
			if o.ID != i.ID && o.Evidence != models.Typed && i.Evidence != models.Typed {
				return models.Errorf(models.Conflict, "Another customer shares this address. Remove it there first.")
			}
		}
	}
	if err := store.ShareIdentity(tx, i.ID, shared); err != nil {
		return err
	}
	return Tell(tx, i, user, models.ContactData{Action: action})
}

// MoveAddress gives an address to another customer, with all that came from it or went to it. Both
// threads say so; it can be taken back (MoveAddressBack).
func MoveAddress(tx *store.Tx, id, to, user models.ID) error {
	i, err := changeable(tx, id, false)
	if err != nil {
		return err
	}
	target, err := store.Living(tx, to)
	if err != nil {
		return err
	}
	if target.ID == i.CustomerID {
		return models.Errorf(models.Conflict, "This customer has the address already.")
	}
	at, err := store.IdentitiesAt(tx, i.Kind, i.Scope, i.Value)
	if err != nil {
		return err
	}
	for _, o := range at {
		if o.CustomerID == target.ID && o.ID != i.ID {
			return models.Errorf(models.Conflict, "This customer has the address already. Remove it here, or merge the two.")
		}
	}
	return carry(tx, i, target.ID, 0, user, models.ContactData{Action: "moved"}, nil)
}

// MoveAddressBack takes the newest move of an address back; its events find their conversations again.
func MoveAddressBack(tx *store.Tx, id, user models.ID) error {
	i, err := changeable(tx, id, false)
	if err != nil {
		return err
	}
	e, ok, err := store.MoveOfAddress(tx, i)
	if err != nil {
		return err
	}
	d, err := store.ContactOf(e)
	if err != nil {
		return err
	}
	if !ok || d.Action != "moved" {
		return models.Errorf(models.Conflict, "This address has not been moved, or was moved back already.")
	}
	target, err := store.Living(tx, cmp.Or(d.HomeID, d.FromID))
	if err != nil {
		return err
	}
	if target.ID == i.CustomerID {
		return models.Errorf(models.Conflict, "The two customers are one now: undo their merge first.")
	}
	home := d.HomeID
	if home == 0 && target.ID != d.FromID {
		home = d.FromID // who it was with was merged since
	}
	if home == target.ID {
		home = 0
	}
	at, err := store.IdentitiesAt(tx, i.Kind, i.Scope, i.Value)
	if err != nil {
		return err
	}
	for _, o := range at {
		if o.ID != i.ID && cmp.Or(o.HomeID, o.CustomerID) == cmp.Or(home, target.ID) { // given again since
			return models.Errorf(models.Conflict, "The customer it came from has this address again by now. Remove it here, or merge the two.")
		}
	}
	return carry(tx, i, target.ID, home, user, models.ContactData{Action: "moved_back"}, d.Left)
}

// carry moves an address and settles conversations on both sides. back are the conversations that its
// events had before it was moved away.
func carry(tx *store.Tx, i models.Identity, to, home, user models.ID, d models.ContactData, back map[models.ID]models.ID) error {
	from := i.CustomerID
	stranded, err := store.MoveAddress(tx, i.ID, from, to, home)
	if err != nil {
		return err
	}
	a, err := store.Customer(tx, from)
	if err != nil {
		return err
	}
	b, err := store.Customer(tx, to)
	if err != nil {
		return err
	}
	d.FromID, d.From, d.ToID, d.To, d.HomeID, d.Left = a.ID, a.Name, b.ID, b.Name, i.HomeID, map[models.ID]models.ID{}
	for _, s := range stranded {
		d.Left[s.ID] = s.ConversationID
	}
	if err := settleApart(tx, from, to, stranded); err != nil {
		return err
	}
	if err := giveBack(tx, to, back); err != nil {
		return err
	}
	for _, c := range []models.ID{from, to} {
		i.CustomerID = c
		if err := Tell(tx, i, user, d); err != nil {
			return err
		}
	}
	return nil
}

// giveBack puts events into the conversations they had, where those still stand with their customer.
func giveBack(tx *store.Tx, customer models.ID, back map[models.ID]models.ID) error {
	touched := map[models.ID]bool{}
	for event, conversation := range back {
		c, err := store.Conversation(tx, conversation)
		if models.IsCode(err, models.NotFound) || err == nil && c.CustomerID != customer {
			continue
		}
		if err != nil {
			return err
		}
		e, err := store.Event(tx, event)
		if err != nil {
			return err
		}
		if e.CustomerID != customer {
			continue
		}
		touched[e.ConversationID], touched[c.ID] = true, true
		if err := store.MoveEventToConversation(tx, e.ID, c.ID); err != nil {
			return err
		}
	}
	return settle(tx, touched, true)
}
