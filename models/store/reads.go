package store

import "onethread/models"

// MarkRead moves a user's read mark on a thread to the given event, forwards only unless back is
// set ("mark unread").
func MarkRead(tx *Tx, user, customer, event models.ID, back bool) error {
	sql := "INSERT INTO reads(user_id, customer_id, event_id) VALUES (?,?,?) ON CONFLICT(user_id, customer_id) DO UPDATE SET event_id = excluded.event_id"
	if !back {
		sql += " WHERE excluded.event_id > event_id"
	}
	return exec(tx.g, sql, user, customer, int64(event)).Error // an ID of zero would be NULL
}

// ReadMark is the last event of a thread that a user has seen.
func ReadMark(q Q, user, customer models.ID) (models.ID, error) {
	return firstID(q, "SELECT event_id FROM reads WHERE user_id = ? AND customer_id = ?", user, customer)
}
