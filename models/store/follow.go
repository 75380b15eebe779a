package store

import "onethread/models"

// ChatWait is a browser whose visitor may not have seen an answer in the chat.
type ChatWait struct {
	IdentityID models.ID // the browser
	ChannelID  models.ID
	SinceID    models.ID   // the first answer that may not have been seen
	DueAt      models.Time // zero: no address is known to send it to
}

// AwaitVisitor notes that an answer stands in the chat, to be looked after at the given moment. Answers
// that are waited for already go with it.
func AwaitVisitor(tx *Tx, w ChatWait) error {
	return exec(tx.g, `INSERT INTO chat_waits(identity_id, channel_id, since_id, due_at) VALUES (?,?,?,?)
		ON CONFLICT(identity_id) DO UPDATE SET due_at = excluded.due_at`, w.IdentityID, w.ChannelID, w.SinceID, w.DueAt).Error
}

// PostponeVisitor looks after a browser's answers later; at zero, when an address is left there.
func PostponeVisitor(tx *Tx, identity models.ID, due models.Time) error {
	return exec(tx.g, "UPDATE chat_waits SET due_at = ? WHERE identity_id = ?", due, identity).Error
}

// WakeVisitor makes answers due that waited for an address.
func WakeVisitor(tx *Tx, identity models.ID, due models.Time) error {
	return exec(tx.g, "UPDATE chat_waits SET due_at = ? WHERE identity_id = ? AND due_at IS NULL", due, identity).Error
}

// DropWait waits for a visitor no longer.
func DropWait(tx *Tx, identity models.ID) error {
	return exec(tx.g, "DELETE FROM chat_waits WHERE identity_id = ?", identity).Error
}

// WaitOf finds what is waited for of a browser; ok is false when nothing is.
func WaitOf(q Q, identity models.ID) (w ChatWait, ok bool, err error) {
	var rows []ChatWait
	err = raw(q.db(), "SELECT * FROM chat_waits WHERE identity_id = ?", identity).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return w, false, err
	}
	return rows[0], true, nil
}

// WaitsDue lists browsers to be looked after at the given moment, the longest waiting first, up to limit
// of them after the given one.
func WaitsDue(q Q, now models.Time, after ChatWait, limit int) ([]ChatWait, error) {
	var out []ChatWait
	err := raw(q.db(), `SELECT * FROM chat_waits WHERE due_at IS NOT NULL AND due_at <= ? AND (due_at, identity_id) > (?, ?) ORDER BY due_at, identity_id LIMIT ?`,
		now, int64(after.DueAt), int64(after.IdentityID), limit).Scan(&out).Error
	return out, err
}

// Unseen is an answer in the chat that its visitor has not seen.
type Unseen struct {
	ID             models.ID
	ConversationID models.ID
	UserID         models.ID
	Author         string // the member of staff who wrote it
	Text           string
	State          string
}

const unseenAnswers = `SELECT e.id, e.conversation_id, e.user_id, coalesce(u.name, '') AS author, m.text, m.state
	FROM events e JOIN messages m ON m.event_id = e.id LEFT JOIN users u ON u.id = e.user_id
	WHERE e.anchor_identity_id = ? AND e.channel_id = ? AND e.id >= ? AND e.kind = 'message' AND e.direction = 'out' AND m.automatic = ''
	AND m.redacted_at IS NULL AND m.state IN ('queued','sending','sent','delivered') AND NOT EXISTS (SELECT 1 FROM carried c WHERE c.event_id = e.id) ORDER BY e.id LIMIT 50`

// UnseenAnswers lists what staff wrote into a browser's chat, that its visitor has not read and that was
// not carried elsewhere, oldest first.
func UnseenAnswers(q Q, w ChatWait) ([]Unseen, error) {
	var out []Unseen
	err := raw(q.db(), unseenAnswers, w.IdentityID, w.ChannelID, int64(w.SinceID)).Scan(&out).Error
	return out, err
}

// Carry records that an answer in the chat went by another message as well. A second time is refused.
func Carry(tx *Tx, answer, by models.ID) error {
	return exec(tx.g, "INSERT INTO carried(event_id, by_id) VALUES (?,?)", answer, by).Error
}

// LastWords are what a visitor wrote last in a chat before the given event; empty when they wrote nothing.
func LastWords(q Q, identity, before models.ID) (string, error) {
	return scalar[string](raw(q.db(), `SELECT m.text FROM events e JOIN messages m ON m.event_id = e.id
		WHERE e.anchor_identity_id = ? AND e.id < ? AND e.kind = 'message' AND e.direction = 'in' AND m.redacted_at IS NULL ORDER BY e.id DESC LIMIT 1`, identity, before))
}

// ContactsLeft lists the data of what was typed in a browser since a moment, newest first.
func ContactsLeft(q Q, identity models.ID, since models.Time) ([]models.Event, error) {
	var out []models.Event
	err := raw(q.db(), `SELECT * FROM events WHERE anchor_identity_id = ? AND kind = 'contact' AND occurred_at >= ? ORDER BY id DESC LIMIT 20`, identity, int64(since)).Scan(&out).Error
	return out, err
}

// ChatOf is the chat channel that a conversation goes on in: the one it used last, else the oldest there
// is; zero without any.
func ChatOf(q Q, conversation models.ID) (models.ID, error) {
	return firstID(q, `SELECT id FROM (SELECT c.id FROM events e JOIN channels c ON c.id = e.channel_id
		WHERE e.conversation_id = ? AND c.type = 'webchat' AND c.removed_at IS NULL ORDER BY e.id DESC LIMIT 1)
		UNION ALL SELECT id FROM (SELECT id FROM channels WHERE type = 'webchat' AND removed_at IS NULL AND paused = 0 ORDER BY id LIMIT 1) LIMIT 1`, conversation)
}
