package inbox

import (
	"onethread/models"
	"onethread/models/store"
)

// applyAndWake files the event, and wakes the conversations that wait for what orders tell when it tells
// something new of one.
func (b *Inbox) applyAndWake(tx *store.Tx, p prepared) (models.Ingested, error) {
	switch p.Payload.(type) {
	case *models.OrderIn, *models.RefundIn, *models.ReturnIn:
	default:
		return b.apply(tx, p)
	}
	last, err := store.LastEventID(tx)
	if err != nil {
		return models.Ingested{}, err
	}
	out, err := b.apply(tx, p)
	if err != nil || out.EventID <= last { // a repetition, or an older version
		return out, err
	}
	waiting, err := store.SnoozedForOrder(tx, out.CustomerID)
	for _, c := range waiting {
		if err == nil {
			err = wake(tx, &c)
		}
		if err == nil {
			err = store.SaveConversation(tx, c)
		}
	}
	return out, err
}
