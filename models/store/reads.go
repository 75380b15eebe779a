package store

import "onethread/models"

// MarkRead moves a user's read mark on a thread to the given event, forwards only unless back is
// set ("mark unread").
func MarkRead(tx *Tx, user, customer, event models.ID, back bool) error {
	sql := "INSERT INTO reads(user_id, customer_id, event_id) VALUES (?,?,?) ON CONFLICT(user_id, customer_id) DO UPDATE SET event_id = excluded.event_id"
	if !back {
		sql += " WHERE excluded.event_id > event_id"
	}
	return tx.g.Exec(sql, user, customer, event).Error
}

// ReadMark is the last event of a thread that a user has seen.
func ReadMark(q Q, user, customer models.ID) (models.ID, error) {
	return firstID(q, "SELECT event_id FROM reads WHERE user_id = ? AND customer_id = ?", user, customer)
}

// Draft is what a member of staff has begun to write.
type Draft struct {
	UserID     models.ID
	CustomerID models.ID
	Kind       string // reply or note
	Subject    string
	Text       string
	UpdatedAt  models.Time
}

// SaveDraft keeps a draft; an empty text drops it.
func SaveDraft(tx *Tx, d Draft) error {
	if d.Text == "" {
		return tx.g.Exec("DELETE FROM drafts WHERE user_id = ? AND customer_id = ? AND kind = ?", d.UserID, d.CustomerID, d.Kind).Error
	}
	return tx.g.Exec(`INSERT INTO drafts(user_id, customer_id, kind, subject, text, updated_at) VALUES (?,?,?,?,?,?)
		ON CONFLICT(user_id, customer_id, kind) DO UPDATE SET subject = excluded.subject, text = excluded.text, updated_at = excluded.updated_at`,
		d.UserID, d.CustomerID, d.Kind, d.Subject, d.Text, tx.Now()).Error
}
