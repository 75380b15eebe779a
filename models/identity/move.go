package identity

import (
	"cmp"
	"slices"

	"onethread/models"
	"onethread/models/store"
)

// Move files entries with another customer ("split"). An order goes with everything that tells of it.
// Addresses stay where they are: what comes later goes where it went before. Both threads say so in
// one line. Every move can be taken back (MoveBack).
func Move(tx *store.Tx, events []models.ID, to, user models.ID) error {
	target, err := store.Living(tx, to)
	if err != nil {
		return err
	}
	leaving, order, err := leave(tx, events, target.ID)
	if err != nil {
		return err
	}
	touched := map[models.ID]bool{}
	for _, from := range order {
		split, err := tellSplit(tx, leaving[from], from, target.ID, user)
		if err != nil {
			return err
		}
		for _, e := range leaving[from] {
			if err := move(tx, e, target.ID, split, user, touched); err != nil {
				return err
			}
		}
	}
	return settle(tx, touched, false)
}

// leave sorts the entries to move by the customer that each stands with now; order tells who came first.
func leave(tx *store.Tx, events []models.ID, to models.ID) (leaving map[models.ID][]models.Event, order []models.ID, err error) {
	if events, err = withOrders(tx, events); err != nil {
		return nil, nil, err
	}
	leaving = map[models.ID][]models.Event{}
	for _, id := range events {
		e, err := store.Event(tx, id)
		if err != nil {
			return nil, nil, err
		}
		if !slices.Contains(models.Movable, e.Kind) {
			return nil, nil, models.FieldError("events", "Only messages, notes, calls, visits and what concerns orders can be moved to another customer.")
		}
		if e.CustomerID == to {
			continue
		}
		if len(leaving[e.CustomerID]) == 0 {
			order = append(order, e.CustomerID)
		}
		leaving[e.CustomerID] = append(leaving[e.CustomerID], e)
	}
	return leaving, order, nil
}

// tellSplit writes into both threads that entries changed sides, and returns the event of the thread
// they left, which names the split.
func tellSplit(tx *store.Tx, events []models.Event, from, to, user models.ID) (models.ID, error) {
	d := models.SplitData{Action: "moved"}
	for _, e := range events {
		d.Events = append(d.Events, e.ID)
	}
	return bothThreads(tx, d, from, to, 0, user)
}

// bothThreads appends a split event to the thread that entries leave and to that they come to. ref is the
// split that is taken back, or zero.
func bothThreads(tx *store.Tx, d models.SplitData, from, to, ref, user models.ID) (models.ID, error) {
	a, err := store.Customer(tx, from)
	if err != nil {
		return 0, err
	}
	b, err := store.Customer(tx, to)
	if err != nil {
		return 0, err
	}
	d.FromID, d.From, d.ToID, d.To = a.ID, a.Name, b.ID, b.Name
	e := models.Event{CustomerID: a.ID, HomeID: a.ID, Kind: models.KindSplit, RefID: ref, UserID: user}
	id, err := store.AppendEvent(tx, e, d)
	if err != nil {
		return 0, err
	}
	e.CustomerID, e.HomeID = b.ID, b.ID
	if ref == 0 {
		e.RefID = id
	}
	_, err = store.AppendEvent(tx, e, d)
	return id, err
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

// move re-files one event, whose home is with its new customer from now on, and signals it in both threads.
func move(tx *store.Tx, e models.Event, to, split, user models.ID, touched map[models.ID]bool) error {
	m := store.Moved{EventID: e.ID, FromID: e.CustomerID, ToID: to, HomeID: e.HomeID, ConversationID: e.ConversationID, SplitID: split}
	var err error
	if m.OrderID, err = store.OrderOfEvent(tx, e.ID); err != nil {
		return err
	}
	if e.ConversationID != 0 {
		c, err := store.Conversation(tx, e.ConversationID)
		if err != nil {
			return err
		}
		m.Status, m.SnoozedUntil = c.Status, c.SnoozedUntil
	}
	conversation, err := placeMoved(tx, e, to)
	if err == nil && conversation != 0 {
		m.Idle, err = store.IsIdle(tx, conversation)
	}
	if err != nil {
		return err
	}
	if err := refile(tx, m, to, to, conversation); err != nil {
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

// MoveBack takes the newest move of an event back, with all that was moved of its order. Of a split event
// it takes back whatever was not moved on since.
func MoveBack(tx *store.Tx, event, user models.ID) error {
	e, err := store.Event(tx, event)
	if err != nil {
		return err
	}
	moves, err := standingMoves(tx, e)
	if err != nil {
		return err
	}
	if len(moves) == 0 {
		return models.Errorf(models.Conflict, "This has not been moved, or was moved back already.")
	}
	touched, told, idle := map[models.ID]bool{}, map[models.ID]bool{}, map[models.ID]models.Conversation{}
	for _, m := range moves {
		if err := keepIdle(tx, m, idle); err != nil {
			return err
		}
		if m.SplitID != 0 && !told[m.SplitID] {
			told[m.SplitID] = true
			if err := tellBack(tx, moves, m, user); err != nil {
				return err
			}
		}
		if err := back(tx, m, user, touched); err != nil {
			return err
		}
	}
	if err := settle(tx, touched, true); err != nil {
		return err
	}
	return stayIdle(tx, idle)
}

// keepIdle remembers a conversation that nothing was said in before the move filled it.
func keepIdle(tx *store.Tx, m store.Moved, idle map[models.ID]models.Conversation) error {
	if !m.Idle {
		return nil
	}
	e, err := store.Event(tx, m.EventID)
	if err != nil || e.ConversationID == 0 {
		return err
	}
	idle[e.ConversationID], err = store.Conversation(tx, e.ConversationID)
	return err
}

// stayIdle leaves such a conversation as staff have it, where it is empty again: the move back does not
// close what the move did not open.
func stayIdle(tx *store.Tx, idle map[models.ID]models.Conversation) error {
	for id, was := range idle {
		empty, err := store.IsEmpty(tx, id)
		if err != nil {
			return err
		}
		now, err := store.Conversation(tx, id)
		if models.IsCode(err, models.NotFound) || err == nil && !empty {
			continue
		}
		if err != nil {
			return err
		}
		now.Status, now.ClosedAt, now.SnoozedUntil = was.Status, was.ClosedAt, was.SnoozedUntil
		if err := store.SaveConversation(tx, now); err != nil {
			return err
		}
	}
	return nil
}

// standingMoves are the moves that taking an event back undoes, or those of a split.
func standingMoves(tx *store.Tx, e models.Event) (moves []store.Moved, err error) {
	events, split := []models.ID{e.ID}, models.ID(0)
	if e.Kind == models.KindSplit {
		d, err := store.SplitOf(e)
		if err != nil || d.Action != "moved" {
			return nil, err
		}
		events, split = d.Events, cmp.Or(e.RefID, e.ID)
	} else if events, err = withOrders(tx, events); err != nil {
		return nil, err
	}
	for _, id := range events {
		m, ok, err := store.MoveOf(tx, id)
		if err != nil {
			return nil, err
		}
		if ok && (split == 0 || m.SplitID == split) {
			moves = append(moves, m)
		}
	}
	return withLater(tx, moves)
}

// withLater adds what came to moved orders after their move: it was never moved, but goes where they go.
func withLater(tx *store.Tx, moves []store.Moved) ([]store.Moved, error) {
	known := map[models.ID]bool{}
	for _, m := range moves {
		known[m.EventID] = true
	}
	for _, m := range moves {
		if m.OrderID == 0 {
			continue
		}
		all, err := store.EventsOfOrder(tx, m.OrderID)
		if err != nil {
			return nil, err
		}
		for _, id := range all {
			if !known[id] && id > m.SplitID { // what stood there before has no part in the move
				known[id] = true
				moves = append(moves, store.Moved{EventID: id, FromID: m.FromID, ToID: m.ToID, HomeID: m.HomeID, OrderID: m.OrderID, SplitID: m.SplitID})
			}
		}
	}
	return moves, nil
}

// tellBack says in both threads what comes back of a split, and that it cannot be taken back twice.
func tellBack(tx *store.Tx, moves []store.Moved, first store.Moved, user models.ID) error {
	d := models.SplitData{Action: "back"}
	for _, m := range moves {
		if m.SplitID == first.SplitID {
			d.Events = append(d.Events, m.EventID)
		}
	}
	e, err := store.Event(tx, first.EventID)
	if err != nil {
		return err
	}
	to, err := homeOf(tx, e, first)
	if err != nil || to == e.CustomerID { // the two were merged since: there is nothing to tell apart
		return err
	}
	split := first.SplitID
	if _, err := store.Event(tx, split); models.IsCode(err, models.NotFound) {
		split = 0 // erased since, with one of the threads that told of it
	} else if err != nil {
		return err
	}
	_, err = bothThreads(tx, d, e.CustomerID, to, split, user)
	return err
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
		c.Status, c.ClosedAt, c.SnoozedUntil = m.Status, 0, m.SnoozedUntil
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
