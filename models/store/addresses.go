package store

import "onethread/models"

// moveAddress gives an identity to a customer, with everything that came from it or went to it and that
// nobody moved elsewhere. Conversations with nobody else in them go along, with what staff said in them.
var moveAddress = []string{
	"UPDATE identities SET customer_id = @to, home_id = @home WHERE id = @id",
	"UPDATE events SET customer_id = @to WHERE anchor_identity_id = @id AND home_id IS NULL AND customer_id = @from",
	"UPDATE orders SET customer_id = @to WHERE anchor_identity_id = @id AND home_id IS NULL AND customer_id = @from",
	`UPDATE conversations SET customer_id = @to, home_id = @home WHERE customer_id = @from
		AND id IN (SELECT conversation_id FROM events WHERE anchor_identity_id = @id AND home_id IS NULL AND conversation_id IS NOT NULL)
		AND NOT EXISTS (SELECT 1 FROM events e WHERE e.conversation_id = conversations.id AND (e.home_id IS NOT NULL OR e.anchor_identity_id <> @id))`,
	`UPDATE events SET customer_id = @to WHERE customer_id = @from AND home_id IS NULL AND anchor_identity_id IS NULL
		AND conversation_id IN (SELECT id FROM conversations WHERE customer_id = @to)`,
}

// MoveAddress moves an identity from one living customer to another, to be at home with the given record
// (zero = where it stands). It returns the events that lost their conversation by it.
func MoveAddress(tx *Tx, identity, from, to, home models.ID) ([]Stranger, error) {
	args := map[string]any{"id": int64(identity), "from": int64(from), "to": int64(to), "home": home}
	for _, sql := range moveAddress {
		if err := exec(tx.g, sql, args).Error; err != nil {
			return nil, err
		}
	}
	return partStrangers(tx, from, to)
}

// MoveOfAddress is the newest event that tells of an identity's move; ok is false when it was never moved.
func MoveOfAddress(q Q, i models.Identity) (e models.Event, ok bool, err error) {
	var rows []models.Event
	err = raw(q.db(), `SELECT * FROM events WHERE customer_id = ? AND kind = 'contact' AND user_id IS NOT NULL AND json_extract(data, '$.identity_id') = ?
		AND json_extract(data, '$.action') IN ('moved','moved_back') ORDER BY id DESC LIMIT 1`, i.CustomerID, i.ID).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return e, false, err
	}
	return rows[0], true, nil
}
