// Package orders keeps the store's facts: orders arrive out of order and more than once; the newest
// version by the store's own clock wins, and every real change is an event of the thread.
package orders

import (
	"cmp"
	"slices"

	"onethread/models"
	"onethread/models/store"
)

// Stored finds the version of an order that we have; ok is false when it is new.
func Stored(q store.Q, o models.Order) (stored models.Order, ok bool, err error) {
	stored, ok, err = store.OrderByExternalID(q, o.ChannelID, o.ExternalID)
	if err != nil || !ok {
		return stored, ok, err
	}
	stored, err = store.Order(q, stored.ID)
	return stored, true, err
}

// Create stores a new order and the event that shows it. Refunds that came before it count at once.
func Create(tx *store.Tx, o models.Order, e models.Event) (models.ID, error) {
	o.PlacedAt, o.UpdatedAt = cmp.Or(o.PlacedAt, e.OccurredAt), cmp.Or(o.UpdatedAt, e.OccurredAt)
	var err error
	if o.ID, err = store.SaveOrder(tx, o); err != nil {
		return 0, err
	}
	if err := store.SumRefunds(tx, o.ChannelID, o.Number); err != nil {
		return 0, err
	}
	id, err := store.AppendEvent(tx, e, models.OrderEvent{Order: o.Data(), Change: "created"})
	if err != nil {
		return 0, err
	}
	return id, store.SetOrderEvent(tx, o.ID, id)
}

// Update applies a later version of a stored order and appends the event that tells what changed.
// An older version, or one that changes nothing, leaves everything as it is; the event returned is
// then the one that first showed the order.
func Update(tx *store.Tx, stored, o models.Order) (models.ID, error) {
	if o.UpdatedAt <= stored.UpdatedAt {
		return stored.EventID, nil
	}
	o.ID, o.CustomerID, o.AnchorID, o.EventID = stored.ID, stored.CustomerID, stored.AnchorID, stored.EventID
	o.PlacedAt = cmp.Or(o.PlacedAt, stored.PlacedAt)
	o.Refunded = stored.Refunded
	if _, err := store.SaveOrder(tx, o); err != nil {
		return 0, err
	}
	kind, told := change(stored, o)
	if !told {
		return stored.EventID, nil
	}
	data := models.OrderEvent{Order: o.Data(), Change: "updated"}
	if o.Status != stored.Status {
		data.Previous = stored.Status
	}
	return store.AppendEvent(tx, models.Event{CustomerID: stored.CustomerID, ChannelID: o.ChannelID, AnchorID: stored.AnchorID,
		Kind: kind, OccurredAt: min(o.UpdatedAt, tx.Now())}, data)
}

var (
	unpaid  = []string{"pending", "authorized", "on_hold"}
	paid    = []string{"paid", "partially_paid", "processing"}
	shipped = []string{"fulfilled", "partially_fulfilled", "shipped", "delivered", "completed"}
)

// change tells what kind of event an update is, and whether it is worth one.
func change(old, now models.Order) (models.Kind, bool) {
	parcels := len(now.Tracking) > len(old.Tracking)
	switch {
	case parcels, slices.Contains(shipped, now.Status) && now.Status != old.Status:
		return models.KindFulfilment, true
	case slices.Contains(unpaid, old.Status) && slices.Contains(paid, now.Status):
		return models.KindPayment, true
	}
	return models.KindOrder, old.Status != now.Status || old.Total != now.Total || !slices.EqualFunc(old.Lines, now.Lines, sameLine)
}

func sameLine(a, b models.OrderLine) bool {
	return a.Title == b.Title && a.SKU == b.SKU && a.Quantity == b.Quantity && a.Price == b.Price
}
