package identity

import (
	"slices"

	"onethread/models"
	"onethread/models/store"
)

// Merge makes two customers one: everything of from is re-pointed to into, and a log row keeps what
// an undo needs. user is zero when evidence, not staff, decided. It returns the merge's id.
func Merge(tx *store.Tx, from, into models.ID, reason string, user models.ID) (models.ID, error) {
	a, b, err := mergeable(tx, from, into)
	if err != nil {
		return 0, err
	}
	id, err := store.AddMerge(tx, a.ID, b.ID, reason, user)
	if err != nil {
		return 0, err
	}
	if err := joinMarks(tx, id, a.ID, b.ID); err != nil {
		return 0, err
	}
	if err := store.ApplyMerge(tx, a.ID, b.ID); err != nil {
		return 0, err
	}
	if err := store.SetMergedInto(tx, a.ID, b.ID); err != nil {
		return 0, err
	}
	if err := store.RenameByMerge(tx, b.ID); err != nil {
		return 0, err
	}
	store.IndexCustomer(tx, b.ID)
	_, err = store.AppendEvent(tx, models.Event{CustomerID: b.ID, Kind: models.KindMerge, UserID: user},
		mergeData{MergeID: id, FromID: a.ID, Name: a.Name, Reason: reason})
	return id, err
}

type mergeData struct {
	MergeID models.ID `json:"merge_id"`
	FromID  models.ID `json:"from_id"`
	OtherID models.ID `json:"other_id,omitempty"` // of an un-merge: whom Name names
	Name    string    `json:"name"`
	Reason  string    `json:"reason,omitempty"`
}

func mergeable(tx *store.Tx, from, into models.ID) (a, b models.Customer, err error) {
	if a, err = store.Customer(tx, from); err != nil {
		return a, b, err
	}
	if b, err = store.Living(tx, into); err != nil {
		return a, b, err
	}
	if a.MergedInto != 0 {
		return a, b, models.Errorf(models.Conflict, "This customer was merged already. Open the thread it was merged into.")
	}
	if a.ID == b.ID {
		return a, b, models.Errorf(models.Conflict, "A customer cannot be merged with itself.")
	}
	return a, b, nil
}

// Unmerge undoes a merge at any time and in any order: every address goes home, and each event follows
// its anchor, also those that came after the merge. The pair is remembered as "not the same person".
func Unmerge(tx *store.Tx, id, user models.ID) error {
	m, err := store.Merge(tx, id)
	if err != nil {
		return err
	}
	into, err := store.Living(tx, m.IntoID)
	if err != nil {
		return err
	}
	if done, err := store.MarkUndone(tx, id, user); err != nil || !done {
		if err == nil {
			err = models.Errorf(models.Conflict, "This merge was undone already.")
		}
		return err
	}
	if err := store.SetMergedInto(tx, m.FromID, 0); err != nil {
		return err
	}
	stranded, err := store.RevertMerge(tx, m.FromID, into.ID)
	if err != nil {
		return err
	}
	if err := store.PartMarks(tx, m, into.ID); err != nil {
		return err
	}
	if err := settleApart(tx, m.FromID, into.ID, stranded); err != nil {
		return err
	}
	return tellApart(tx, m, into.ID, user)
}

// settleApart gives both customers whole conversations, names and search rows again.
func settleApart(tx *store.Tx, a, b models.ID, stranded []store.Stranger) error {
	events, err := store.Wordy(tx, store.EventsIn(stranded))
	if err != nil {
		return err
	}
	joined, err := rehome(tx, events)
	if err != nil {
		return err
	}
	for _, c := range []models.ID{a, b} {
		if err := store.RenameByMerge(tx, c); err != nil {
			return err
		}
		if err := repair(tx, c); err != nil {
			return err
		}
		store.IndexCustomer(tx, c)
	}
	touched := map[models.ID]bool{}
	for _, id := range append(store.ConversationsIn(stranded), joined...) {
		touched[id] = true
	}
	return settle(tx, touched, true)
}

// rehome puts messages that lost their conversation into one of their customer's own, and returns those.
func rehome(tx *store.Tx, events []models.Event) (joined []models.ID, err error) {
	for _, e := range events {
		c, ok, err := store.CurrentConversation(tx, e.CustomerID)
		if err == nil && !ok {
			c.ID, err = store.AddConversation(tx, models.Conversation{CustomerID: e.CustomerID, OpenedAt: e.OccurredAt, LastAt: e.OccurredAt})
		}
		if err == nil {
			err = store.MoveEventToConversation(tx, e.ID, c.ID)
		}
		if err != nil {
			return nil, err
		}
		if !slices.Contains(joined, c.ID) {
			joined = append(joined, c.ID)
		}
	}
	return joined, nil
}

// repair recomputes the newest entry of a customer's conversations.
func repair(tx *store.Tx, customer models.ID) error {
	all, err := store.ConversationsOf(tx, customer)
	for _, c := range all {
		if err == nil {
			err = store.RepairConversation(tx, c.ID)
		}
	}
	return err
}

func tellApart(tx *store.Tx, m models.Merge, into, user models.ID) error {
	if err := store.RefusePair(tx, m.FromID, m.IntoID, user); err != nil {
		return err
	}
	a, err := store.Customer(tx, m.FromID)
	if err != nil {
		return err
	}
	b, err := store.Customer(tx, into)
	if err != nil {
		return err
	}
	for _, p := range [][2]models.Customer{{a, b}, {b, a}} {
		_, err := store.AppendEvent(tx, models.Event{CustomerID: p[0].ID, Kind: models.KindUnmerge, UserID: user}, mergeData{MergeID: m.ID, FromID: m.FromID, OtherID: p[1].ID, Name: p[1].Name})
		if err != nil {
			return err
		}
	}
	return nil
}

// Accept merges the pair of a suggestion into one of the two; into zero is the older record.
func Accept(tx *store.Tx, id, into, user models.ID) (models.ID, error) {
	s, err := decide(tx, id, "accepted", user)
	if err != nil {
		return 0, err
	}
	a, err := store.Living(tx, s.CustomerID)
	if err != nil {
		return 0, err
	}
	b, err := store.Living(tx, s.OtherID)
	if err != nil {
		return 0, err
	}
	switch into {
	case 0, s.CustomerID, a.ID:
		return Merge(tx, b.ID, a.ID, s.Reason, user)
	case s.OtherID, b.ID:
		return Merge(tx, a.ID, b.ID, s.Reason, user)
	}
	return 0, models.FieldError("into", "Choose one of the two customers that the suggestion is about.")
}

// Reject remembers that the pair of a suggestion are two people.
func Reject(tx *store.Tx, id, user models.ID) error {
	s, err := decide(tx, id, "rejected", user)
	if err != nil {
		return err
	}
	a, err := store.Living(tx, s.CustomerID)
	if err != nil {
		return err
	}
	b, err := store.Living(tx, s.OtherID)
	if err != nil || a.ID == b.ID {
		return err
	}
	for _, p := range [][2]models.Customer{{a, b}, {b, a}} {
		_, err := store.AppendEvent(tx, models.Event{CustomerID: p[0].ID, Kind: models.KindCustomer, UserID: user},
			models.CustomerData{Action: "refused", OtherID: p[1].ID, Name: p[1].Name})
		if err != nil {
			return err
		}
	}
	return nil
}

func decide(tx *store.Tx, id models.ID, state string, user models.ID) (models.Suggestion, error) {
	s, err := store.Suggestion(tx, id)
	if err != nil {
		return s, err
	}
	done, err := store.DecideSuggestion(tx, id, state, user)
	if err == nil && !done {
		err = models.Errorf(models.Conflict, "This suggestion was answered already.")
	}
	return s, err
}

// Add gives a customer an address on staff's word. An address that somebody else owns is refused.
func Add(tx *store.Tx, customer models.ID, h models.Hint, country string) (models.ID, error) {
	normal, ok := Normalise(h.Kind, h.Value, country)
	if !ok {
		return 0, models.FieldError("value", "%q is not a valid %s address.", h.Value, h.Kind)
	}
	at, err := store.IdentitiesAt(tx, h.Kind, h.Scope, normal)
	if err != nil {
		return 0, err
	}
	x := hint{Hint: h, normal: normal}
	if err := x.place(tx, at); err != nil {
		return 0, err
	}
	if x.known != nil && x.known.Shared && x.ownedBy(customer) == nil {
		return store.AddIdentity(tx, models.Identity{CustomerID: customer, Kind: h.Kind, Scope: h.Scope, Value: normal, Display: h.Value, Evidence: h.Evidence, Reason: h.Reason, Shared: true, Mailbox: mailboxOf(h.Kind, normal)})
	}
	if x.known != nil && x.known.CustomerID != customer {
		return 0, &models.Error{Code: models.Conflict, Field: "value", Message: "Another customer has this address. Merge the two if they are the same person."}
	}
	return linkOne(tx, 0, customer, 0, x)
}
