package store

import "onethread/models"

// Share lets a browser's chat show a message that is not its own, and those that answer it. Not shown
// itself is what only carries words that the browser has already.
func Share(tx *Tx, browser, event models.ID, shown bool) error {
	return tx.g.Exec("INSERT INTO chat_shares(identity_id, event_id, shown) VALUES (?,?,?) ON CONFLICT DO NOTHING", browser, event, shown).Error
}

// ShareAlike shows a message to the browsers that were shown another one.
func ShareAlike(tx *Tx, event, like models.ID) error {
	return tx.g.Exec("INSERT INTO chat_shares(identity_id, event_id, shown) SELECT identity_id, ?, 1 FROM chat_shares WHERE event_id = ? ON CONFLICT DO NOTHING", event, like).Error
}

// SharedWith lists which browsers were given which of the events, whether or not they may still see it.
func SharedWith(q Q, events []models.ID) ([]models.ID, error) {
	var out []models.ID
	if len(events) == 0 {
		return nil, nil
	}
	err := q.db().Raw("SELECT DISTINCT identity_id FROM chat_shares WHERE event_id IN ?", events).Scan(&out).Error
	return out, err
}

// LastAt is the newest message of a conversation that came from or went to an address, before the given
// event; zero when there is none.
func LastAt(q Q, conversation, identity, before models.ID) (models.ID, error) {
	return firstID(q, `SELECT id FROM events WHERE conversation_id = ? AND anchor_identity_id = ? AND kind = 'message' AND id < ? ORDER BY id DESC LIMIT 1`, conversation, identity, before)
}
