package store

import (
	"time"

	"onethread/models"
)

// OutboxRow is one durable intention to send.
type OutboxRow struct {
	ID         models.ID
	EventID    models.ID
	ChannelID  models.ID
	State      string
	Key        string
	Content    string // JSON: what the message row does not hold
	Attempts   int
	NextAt     models.Time
	LeaseUntil models.Time
	Error      string
	CreatedAt  models.Time
	FinishedAt models.Time
	FirstAt    models.Time // when the first attempt began
}

// AddOutbox enqueues a send in the transaction of the event that shows it.
func AddOutbox(tx *Tx, r OutboxRow) error {
	tx.rings = true
	return tx.g.Exec("INSERT INTO outbox(event_id, channel_id, state, key, content, next_at, created_at) VALUES (?,?,'queued',?,?,?,?)",
		r.EventID, r.ChannelID, r.Key, r.Content, r.NextAt, tx.Now()).Error
}

// ClaimOutbox takes the next due row under a lease, having written the attempt and the next
// retry (mox's rule: write the attempt before you make it). Channels in skip wait.
func ClaimOutbox(tx *Tx, lease, retry models.Time, skip []models.ID) (row OutboxRow, ok bool, err error) {
	now := tx.Now()
	skip = append([]models.ID{-1}, skip...) // an empty list is no SQL
	var rows []OutboxRow
	err = tx.g.Raw(`UPDATE outbox SET state = 'sending', attempts = attempts + 1, first_at = coalesce(first_at, ?), lease_until = ?, next_at = ? WHERE id = (
		SELECT id FROM outbox INDEXED BY outbox_due WHERE state IN ('queued','sending') AND next_at <= ? AND (lease_until IS NULL OR lease_until <= ?) AND channel_id NOT IN ?
		ORDER BY next_at, id LIMIT 1) RETURNING *`, now, lease, retry, now, now, skip).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return OutboxRow{}, false, err
	}
	return rows[0], true, nil
}

// FinishOutbox retires a row: done, failed or canceled. What was sealed in it is gone then.
func FinishOutbox(tx *Tx, id models.ID, state, problem string) error {
	return tx.g.Exec("UPDATE outbox SET state = ?, error = ?, content = json_remove(content, '$.sealed'), lease_until = NULL, finished_at = ? WHERE id = ?", state, problem, tx.Now(), id).Error
}

// DeferOutbox gives a row back to be tried again at the given time.
func DeferOutbox(tx *Tx, id models.ID, at models.Time, problem string) error {
	tx.rings = true
	return tx.g.Exec("UPDATE outbox SET state = 'queued', error = ?, lease_until = NULL, next_at = ? WHERE id = ?", problem, at, id).Error
}

// CancelOutbox takes back a message that has not been handed to its provider. It reports false
// when it is too late.
func CancelOutbox(tx *Tx, event models.ID) (bool, error) {
	res := tx.g.Exec("UPDATE outbox SET state = 'canceled', finished_at = ? WHERE event_id = ? AND state = 'queued' AND attempts = 0", tx.Now(), event)
	return res.RowsAffected == 1, res.Error
}

// RequeueOutbox tries a failed message again, now.
func RequeueOutbox(tx *Tx, event models.ID) (bool, error) {
	tx.rings = true
	res := tx.g.Exec("UPDATE outbox SET state = 'queued', error = '', next_at = ?, finished_at = NULL, lease_until = NULL WHERE event_id = ? AND state = 'failed'", tx.Now(), event)
	return res.RowsAffected == 1, res.Error
}

// HurryOutbox makes a channel's waiting messages due now: its settings changed.
func HurryOutbox(tx *Tx, channel models.ID) error {
	tx.rings = true
	return tx.g.Exec("UPDATE outbox SET next_at = ? WHERE channel_id = ? AND state = 'queued' AND attempts > 0", tx.Now(), channel).Error
}

// OutboxOf finds the outbox row of an event; ok is false when it has none.
func OutboxOf(q Q, event models.ID) (row OutboxRow, ok bool, err error) {
	var rows []OutboxRow
	err = q.db().Raw("SELECT * FROM outbox WHERE event_id = ?", event).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return OutboxRow{}, false, err
	}
	return rows[0], true, nil
}

// NextDue tells when to look again: when the next row is due, or the next lease runs out, of
// channels other than those in skip; zero when nothing waits.
func NextDue(q Q, skip ...models.ID) (models.Time, error) {
	return scalar[models.Time](q.db().Raw(`SELECT min(t) FROM (SELECT min(next_at) AS t FROM outbox WHERE state = 'queued' AND channel_id NOT IN @skip
		UNION ALL SELECT min(lease_until) FROM outbox WHERE state = 'sending' AND channel_id NOT IN @skip)`, map[string]any{"skip": append([]models.ID{-1}, skip...)}))
}

// settle is how long what was cut off rests before it goes again. A provider carries out a call that
// it has read although the caller died; asked at once, it would not know of the message yet, and take
// it a second time.
const settle = 10 * time.Second

// RecoverOutbox gives back what was being sent when the program stopped: whether its provider took it
// is not known, so it goes again, under the same id, when the provider must have made up its mind.
func RecoverOutbox(tx *Tx) error {
	return tx.g.Exec("UPDATE outbox SET state = 'queued', lease_until = NULL, next_at = min(next_at, ?) WHERE state = 'sending'", tx.Now().Add(settle)).Error
}
