package outbox

import (
	"encoding/json"
	"slices"
	"strings"

	"onethread/models"
	"onethread/models/store"
)

// Returned records that a mail came back. What came back from people in copy alone is not the customer's
// address's fault: it is kept beside the message, whose state stays as it is. The newest event of what
// changed is returned, zero when nothing did.
func Returned(tx *store.Tx, e models.Event, d models.DeliveryIn) (changed models.ID, err error) {
	m, err := store.Message(tx, e.ID)
	if err != nil {
		return 0, err
	}
	to, err := addressee(tx, e, m)
	if err != nil {
		return 0, err
	}
	copied := copiedAmong(m, to, d.Recipients)
	if len(copied) == 0 || slices.Contains(d.Recipients, to) {
		changed, err = record(tx, e, m.State, models.DeliveryData{State: models.DeliveryBounced, Error: d.Error, Soft: d.Soft}, "")
		if err != nil {
			return 0, err
		}
		if changed != 0 {
			m.State = models.DeliveryBounced
		}
	}
	lost := m.LostCopies()
	for _, address := range copied {
		if slices.ContainsFunc(lost, func(l models.LostCopy) bool { return l.Address == address }) {
			continue
		}
		lost = append(lost, models.LostCopy{Address: address, Error: d.Error})
		list, err := json.Marshal(lost)
		if err != nil {
			return 0, err
		}
		if err := store.SetLost(tx, e.ID, string(list)); err != nil {
			return 0, err
		}
		if changed, err = tell(tx, e, models.DeliveryData{State: m.State, Error: d.Error, Soft: d.Soft, Copy: address}); err != nil {
			return 0, err
		}
	}
	return changed, nil
}

// addressee is whom a message was written to, in the form that addresses are compared in.
func addressee(tx *store.Tx, e models.Event, m models.Message) (string, error) {
	if m.ToAddress != "" || e.AnchorID == 0 {
		return strings.ToLower(m.ToAddress), nil
	}
	i, err := store.Identity(tx, e.AnchorID) // it was sent from a mail program
	return i.Value, err
}

// copiedAmong picks the recipients that were in copy of a message, and not whom it was written to.
func copiedAmong(m models.Message, to string, recipients []string) (copied []string) {
	cc := strings.FieldsFunc(strings.ToLower(m.CC), func(r rune) bool { return strings.ContainsRune(", ;<>\t\"", r) })
	for _, r := range recipients {
		if slices.Contains(cc, r) && r != to && !slices.Contains(copied, r) {
			copied = append(copied, r)
		}
	}
	return copied
}
