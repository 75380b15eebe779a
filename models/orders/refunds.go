package orders

import (
	"cmp"

	"onethread/models"
	"onethread/models/store"
)

// Refund stores a refund of an order, or its newer state, and appends the event that shows it; what
// is not new leads to the event that showed it.
// event is made for the thread of that order's customer.
func Refund(tx *store.Tx, r models.Refund, event models.Event) (models.ID, error) {
	changed, err := store.SaveRefund(tx, r)
	if err != nil {
		return 0, err
	}
	shown, err := store.RefundEvent(tx, r.ChannelID, r.ExternalID)
	if err != nil || (shown != 0 && !changed) {
		return shown, err
	}
	return tell(tx, r, event)
}

// Wait stores a refund whose order is not known yet and that does not say whose it is: Create shows
// it once the order comes.
func Wait(tx *store.Tx, r models.Refund) error {
	_, err := store.SaveRefund(tx, r)
	return err
}

func tell(tx *store.Tx, r models.Refund, event models.Event) (models.ID, error) {
	id, err := store.AppendEvent(tx, event, r.Data())
	if err != nil {
		return 0, err
	}
	return id, store.SetRefundEvent(tx, r.ChannelID, r.ExternalID, id)
}

// tellWaiting shows the refunds that came before their order.
func tellWaiting(tx *store.Tx, o models.Order) error {
	waiting, err := store.WaitingRefunds(tx, o.ChannelID, o.ExternalID)
	for _, r := range waiting {
		if err != nil {
			return err
		}
		r.OrderNumber = cmp.Or(r.OrderNumber, o.Number)
		_, err = tell(tx, r, models.Event{CustomerID: o.CustomerID, ChannelID: o.ChannelID, AnchorID: o.AnchorID, HomeID: o.HomeID, Kind: models.KindRefund,
			OccurredAt: min(cmp.Or(r.OccurredAt, tx.Now()), tx.Now())})
	}
	return err
}
