package identity

import (
	"slices"

	"onethread/models"
	"onethread/models/store"
)

// movable are the entries that staff may move to another customer: what somebody said or did, not
// what happened to a record.
var movable = []models.Kind{models.KindMessage, models.KindNote, models.KindOrder, models.KindPayment, models.KindFulfilment, models.KindRefund, models.KindReturn, models.KindCart,
	models.KindVisit, models.KindCall, models.KindVoicemail, models.KindPageView, models.KindProductSaved, models.KindProductUnsaved}

// Move files entries of one thread with another customer ("split"). An order goes with everything that
// tells of it. Addresses stay where they are: what comes later goes where it went before. Every
// move can be taken back (MoveBack).
func Move(tx *store.Tx, events []models.ID, to, user models.ID) error {
	target, err := store.Living(tx, to)
	if err != nil {
		return err
	}
	events, err = withOrders(tx, events)
	if err != nil {
		return err
	}
	touched := map[models.ID]bool{}
	for _, id := range events {
		e, err := store.Event(tx, id)
		if err != nil {
			return err
		}
		if !slices.Contains(movable, e.Kind) {
			return models.FieldError("events", "Only messages, notes, calls, visits and what concerns orders can be moved to another customer.")
		}
		if e.CustomerID == target.ID {
			continue
		}
		if err := move(tx, e, target.ID, target.ID, user, touched); err != nil {
			return err
		}
	}
	return settle(tx, touched, false)
}

// withOrders adds to events everything else that tells of their orders.
func withOrders(tx *store.Tx, events []models.ID) (out []models.ID, err error) {
	for _, id := range events {
		order, err := store.OrderOfEvent(tx, id)
		if err != nil {
			return nil, err
		}
		all := []models.ID{id}
		if order != 0 {
			if all, err = store.EventsOfOrder(tx, order); err != nil {
				return nil, err
			}
		}
		for _, x := range all {
			if !slices.Contains(out, x) {
				out = append(out, x)
			}
		}
	}
	return out, nil
}

// move re-files one event and tells both threads.
func move(tx *store.Tx, e models.Event, to, home, user models.ID, touched map[models.ID]bool) error {
	m := store.Moved{EventID: e.ID, FromID: e.CustomerID, ToID: to, HomeID: e.HomeID, ConversationID: e.ConversationID}
	var err error
	if m.OrderID, err = store.OrderOfEvent(tx, e.ID); err != nil {
		return err
	}
	if e.ConversationID != 0 {
		c, err := store.Conversation(tx, e.ConversationID)
		if err != nil {
			return err
		}
		m.Status = c.Status
	}
	conversation, err := placeMoved(tx, e, to)
	if err != nil {
		return err
	}
	if err := refile(tx, m, to, home, conversation); err != nil {
		return err
	}
	touched[e.ConversationID], touched[conversation] = true, true
	for _, c := range []models.ID{to, e.CustomerID} {
		if _, err := store.AppendEvent(tx, models.Event{CustomerID: c, HomeID: c, Kind: models.KindMoved, RefID: e.ID, UserID: user}, m); err != nil {
			return err
		}
	}
	return nil
}

func refile(tx *store.Tx, m store.Moved, to, home, conversation models.ID) error {
	if m.OrderID != 0 {
		if err := store.MoveOrder(tx, m.OrderID, to, home); err != nil {
			return err
		}
	}
	return store.MoveEvent(tx, m.EventID, to, home, conversation)
}

// placeMoved finds the conversation that a moved message joins: the new customer's current one, else one
// that begins with it.
func placeMoved(tx *store.Tx, e models.Event, to models.ID) (models.ID, error) {
	if e.ConversationID == 0 {
		return 0, nil
	}
	c, ok, err := store.CurrentConversation(tx, to)
	if err != nil || ok {
		return c.ID, err
	}
	old, err := store.Conversation(tx, e.ConversationID)
	if err != nil {
		return 0, err
	}
	return store.AddConversation(tx, models.Conversation{CustomerID: to, Subject: old.Subject, OpenedAt: e.OccurredAt, LastAt: e.OccurredAt})
}

// MoveBack takes the newest move of an event back, with all that was moved of its order.
func MoveBack(tx *store.Tx, event, user models.ID) error {
	events, err := withOrders(tx, []models.ID{event})
	if err != nil {
		return err
	}
	touched := map[models.ID]bool{}
	for _, id := range events {
		m, ok, err := store.MoveOf(tx, id)
		if err != nil {
			return err
		}
		if !ok {
			return models.Errorf(models.Conflict, "This has not been moved, or was moved back already.")
		}
		if err := back(tx, m, user, touched); err != nil {
			return err
		}
	}
	return settle(tx, touched, true)
}

func back(tx *store.Tx, m store.Moved, user models.ID, touched map[models.ID]bool) error {
	e, err := store.Event(tx, m.EventID)
	if err != nil {
		return err
	}
	to, err := homeOf(tx, e, m)
	if err != nil {
		return err
	}
	conversation, err := returnTo(tx, e, m, to)
	if err != nil {
		return err
	}
	if err := refile(tx, m, to, m.HomeID, conversation); err != nil {
		return err
	}
	touched[e.ConversationID], touched[conversation] = true, true
	for _, c := range []models.ID{to, e.CustomerID} {
		if _, err := store.AppendEvent(tx, models.Event{CustomerID: c, HomeID: c, Kind: models.KindMoved, RefID: e.ID, UserID: user}, struct{}{}); err != nil {
			return err
		}
	}
	return nil
}

// returnTo is the conversation that an event goes back to: its own, if that still stands with the
// customer, open again where the move had emptied it.
func returnTo(tx *store.Tx, e models.Event, m store.Moved, to models.ID) (models.ID, error) {
	if m.ConversationID == 0 {
		return 0, nil
	}
	c, err := store.Conversation(tx, m.ConversationID)
	if models.IsCode(err, models.NotFound) || err == nil && c.CustomerID != to {
		return placeMoved(tx, e, to)
	}
	if err != nil {
		return 0, err
	}
	empty, err := store.IsEmpty(tx, c.ID)
	if err == nil && empty && c.Status == models.StatusClosed && m.Status != models.StatusClosed {
		c.Status, c.ClosedAt = models.StatusOpen, 0
		err = store.SaveConversation(tx, c)
	}
	return c.ID, err
}

// homeOf is the customer that an event stands with once its move is taken back, whatever was merged and
// parted meanwhile.
func homeOf(tx *store.Tx, e models.Event, m store.Moved) (models.ID, error) {
	at := m.FromID
	switch {
	case m.HomeID != 0:
		at = m.HomeID
	case e.AnchorID != 0:
		owner, err := store.IdentityOwner(tx, e.AnchorID)
		if err != nil {
			return 0, err
		}
		if owner != 0 {
			at = owner
		}
	}
	c, err := store.Living(tx, at)
	return c.ID, err
}

// settle recounts the conversations that messages left or joined. One that nothing is left in is closed,
// or with forget forgotten, if nothing ever happened to it: the move began it.
func settle(tx *store.Tx, conversations map[models.ID]bool, forget bool) error {
	for id := range conversations {
		if id == 0 {
			continue
		}
		if err := store.RecountConversation(tx, id); err != nil {
			return err
		}
		empty, err := store.IsEmpty(tx, id)
		if err != nil {
			return err
		}
		if empty && forget {
			if gone, err := store.DropConversation(tx, id); err != nil || gone {
				if err != nil {
					return err
				}
				continue
			}
		}
		c, err := store.Conversation(tx, id)
		if err != nil {
			return err
		}
		if empty && c.Status != models.StatusClosed {
			c.Status, c.ClosedAt, c.SnoozedUntil, c.SnoozedFor, c.WaitingSince = models.StatusClosed, tx.Now(), 0, "", 0
			if err := store.SaveConversation(tx, c); err != nil {
				return err
			}
		}
	}
	return nil
}
