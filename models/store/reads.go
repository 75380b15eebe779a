package store

import "onethread/models"

// MarkRead moves a user's read mark on a thread to the given event, forwards only unless back is
// set ("mark unread").
func MarkRead(tx *Tx, user, customer, event models.ID, back bool) error {
	sql := "INSERT INTO reads(user_id, customer_id, event_id) VALUES (?,?,?) ON CONFLICT(user_id, customer_id) DO UPDATE SET event_id = excluded.event_id"
	if !back {
		sql += " WHERE excluded.event_id > event_id"
	}
	return tx.g.Exec(sql, user, customer, int64(event)).Error // an ID of zero would be NULL
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

// SaveDraft keeps a draft in the place of the one that is shown; an empty text drops that. After a merge
// there may be another, of the record that joined: it is shown then.
func SaveDraft(tx *Tx, d Draft) error {
	err := tx.g.Exec(`DELETE FROM drafts WHERE user_id = @user AND customer_id = @customer AND kind = @kind AND home_id = (SELECT home_id FROM drafts
		WHERE user_id = @user AND customer_id = @customer AND kind = @kind ORDER BY home_id = 0 DESC, updated_at DESC LIMIT 1)`,
		map[string]any{"user": int64(d.UserID), "customer": int64(d.CustomerID), "kind": d.Kind}).Error
	if err != nil || d.Text == "" {
		return err
	}
	return tx.g.Exec("INSERT INTO drafts(user_id, customer_id, kind, subject, text, updated_at) VALUES (?,?,?,?,?,?)",
		d.UserID, d.CustomerID, d.Kind, d.Subject, d.Text, tx.Now()).Error
}
