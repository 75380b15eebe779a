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
	if err := complete(tx, &o); err != nil {
		return 0, err
	}
	var err error
	if o.ID, err = store.SaveOrder(tx, o); err != nil {
		return 0, err
	}
	if err := store.SumRefunds(tx, o.ChannelID, o.ExternalID); err != nil {
		return 0, err
	}
	id, err := store.AppendEvent(tx, e, models.OrderEvent{Order: o.Data(), Change: "created"})
	if err != nil {
		return 0, err
	}
	if err := store.SetOrderEvent(tx, o.ID, id); err != nil {
		return 0, err
	}
	return id, tellWaiting(tx, o)
}

// complete adds what we know and this version does not say: that the store has deleted the order
// since, and where its products are to be seen.
func complete(tx *store.Tx, o *models.Order) error {
	gone, err := store.GoneAt(tx, o.ChannelID, o.ExternalID)
	if err != nil {
		return err
	}
	if gone != 0 && gone >= o.UpdatedAt {
		o.Status = deleted
	}
	var ids []string
	for _, l := range o.Lines {
		if l.ProductID != "" && l.URL == "" {
			ids = append(ids, l.ProductID)
		}
	}
	urls, err := store.ProductURLs(tx, o.ChannelID, ids)
	for i, l := range o.Lines {
		o.Lines[i].URL = cmp.Or(l.URL, urls[l.ProductID])
	}
	return err
}

// Update applies a later version of a stored order and appends the event that tells what changed.
// An older version, or one that changes nothing, leaves everything as it is; the event returned is
// then the one that first showed the order.
func Update(tx *store.Tx, stored, o models.Order) (models.ID, error) {
	if !later(o, stored) {
		return stored.EventID, nil
	}
	if err := complete(tx, &o); err != nil {
		return 0, err
	}
	return replace(tx, stored, o)
}

// Figures takes a later version of an order whose customer was erased, or with gone that its store deleted
// it: state, amounts and goods, nothing of the person, and no event.
func Figures(tx *store.Tx, stored, o models.Order, gone bool) error {
	switch {
	case gone:
		at := o.UpdatedAt
		o = stored
		o.Status, o.UpdatedAt = deleted, max(at, stored.UpdatedAt)
	case !later(o, stored):
		return nil
	}
	o.ID, o.CustomerID, o.AnchorID, o.HomeID, o.EventID, o.Refunded = stored.ID, stored.CustomerID, 0, 0, 0, stored.Refunded
	o.PlacedAt = cmp.Or(o.PlacedAt, stored.PlacedAt)
	o.Note, o.ShipTo, o.URL, o.Tracking = "", "", "", nil
	_, err := store.SaveOrder(tx, o)
	return err
}

// replace puts a version in the stored one's place, and appends the event where there is news.
func replace(tx *store.Tx, stored, o models.Order) (models.ID, error) {
	o.ID, o.CustomerID, o.AnchorID, o.HomeID, o.EventID = stored.ID, stored.CustomerID, stored.AnchorID, stored.HomeID, stored.EventID
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
	return store.AppendEvent(tx, models.Event{CustomerID: stored.CustomerID, ChannelID: o.ChannelID, AnchorID: stored.AnchorID, HomeID: stored.HomeID,
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

const deleted = "deleted"

// Delete marks an order that its store deleted at the given time. It holds for versions that are
// older, also when they come later or nothing of the order was seen yet; then there is no event.
func Delete(tx *store.Tx, channel models.ID, externalID string, at models.Time) (models.Order, models.ID, error) {
	if err := store.MarkGone(tx, channel, externalID, at); err != nil {
		return models.Order{}, 0, err
	}
	stored, ok, err := Stored(tx, models.Order{ChannelID: channel, ExternalID: externalID})
	if err != nil || !ok {
		return stored, 0, err
	}
	if stored.Status == deleted || stored.UpdatedAt > at {
		return stored, stored.EventID, nil
	}
	o := stored
	o.Status = deleted
	id, err := replace(tx, stored, o)
	return stored, id, err
}
