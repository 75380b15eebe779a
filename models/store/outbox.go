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
	Tries      int         // attempts of this round: since it was written, staff sent it again, or credentials were refused
	TriesFrom  models.Time // when this round's first attempt began
	Doubt      bool        // an earlier attempt may have been accepted
}

// AddOutbox enqueues a send in the transaction of the event that shows it.
func AddOutbox(tx *Tx, r OutboxRow) error {
	tx.rings = true
	return exec(tx.g, "INSERT INTO outbox(event_id, channel_id, state, key, content, next_at, created_at) VALUES (?,?,'queued',?,?,?,?)",
		r.EventID, r.ChannelID, r.Key, r.Content, r.NextAt, tx.Now()).Error
}

// ClaimOutbox takes the next due row under a lease, having written the attempt and the next
// retry (mox's rule: write the attempt before you make it). Channels in skip wait. One whose lease ran out
// may have been accepted.
func ClaimOutbox(tx *Tx, lease, retry models.Time, skip []models.ID) (row OutboxRow, ok bool, err error) {
	now := tx.Now()
	skip = append([]models.ID{-1}, skip...) // an empty list is no SQL
	var rows []OutboxRow
	err = raw(tx.g, `UPDATE outbox SET attempts = attempts + 1, first_at = coalesce(first_at, @now), tries = tries + 1, tries_from = coalesce(tries_from, @now),
		doubt = max(doubt, state = 'sending'), state = 'sending', lease_until = @lease, next_at = @retry WHERE id = (
		SELECT id FROM outbox INDEXED BY outbox_due WHERE state IN ('queued','sending') AND next_at <= @now AND (lease_until IS NULL OR lease_until <= @now) AND channel_id NOT IN @skip
		ORDER BY next_at, id LIMIT 1) RETURNING *`, map[string]any{"now": now, "lease": lease, "retry": retry, "skip": skip}).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return OutboxRow{}, false, err
	}
	return rows[0], true, nil
}

// FinishOutbox retires a row: done, failed or canceled. What was sealed in it is gone then.
func FinishOutbox(tx *Tx, id models.ID, state, problem string) error {
	return exec(tx.g, "UPDATE outbox SET state = ?, error = ?, content = json_remove(content, '$.sealed'), lease_until = NULL, finished_at = ? WHERE id = ?", state, problem, tx.Now(), id).Error
}

// DeferOutbox gives a row back to be tried again at the given time. doubt: this attempt may have been accepted.
func DeferOutbox(tx *Tx, id models.ID, at models.Time, problem string, doubt bool) error {
	tx.rings = true
	return exec(tx.g, "UPDATE outbox SET state = 'queued', error = ?, lease_until = NULL, next_at = ?, doubt = max(doubt, ?) WHERE id = ?", problem, at, doubt, id).Error
}

// RestOutbox gives a row back as if this attempt had not been: its channel rests. With again the next attempt
// begins a new round.
func RestOutbox(tx *Tx, id models.ID, problem string, again bool) error {
	tx.rings = true
	return exec(tx.g, `UPDATE outbox SET state = 'queued', error = @problem, lease_until = NULL, next_at = @now, tries = CASE WHEN @again THEN 0 ELSE tries - 1 END,
		tries_from = CASE WHEN @again THEN NULL ELSE tries_from END WHERE id = @id`, map[string]any{"problem": problem, "now": tx.Now(), "again": again, "id": id}).Error
}

// CancelOutbox takes back a message that has not been handed to its provider. It reports false
// when it is too late.
func CancelOutbox(tx *Tx, event models.ID) (bool, error) {
	res := exec(tx.g, "UPDATE outbox SET state = 'canceled', finished_at = ? WHERE event_id = ? AND state = 'queued' AND attempts = 0", tx.Now(), event)
	return res.RowsAffected == 1, res.Error
}

// HastenOutbox makes a message that was to go out later due now. It reports false when it has begun.
func HastenOutbox(tx *Tx, event models.ID) (bool, error) {
	tx.rings = true
	now := tx.Now()
	res := exec(tx.g, "UPDATE outbox SET next_at = ? WHERE event_id = ? AND state = 'queued' AND attempts = 0 AND next_at > ?", now, event, now)
	if res.Error != nil || res.RowsAffected == 0 {
		return false, res.Error
	}
	return true, exec(tx.g, "UPDATE messages SET send_at = ? WHERE event_id = ?", now, event).Error
}

// RequeueOutbox tries a message again, now, from whose sending is known what came of it. What its
// provider had taken goes as a new one.
func RequeueOutbox(tx *Tx, event models.ID) (bool, error) {
	tx.rings = true
	res := exec(tx.g, `UPDATE outbox SET key = CASE state WHEN 'done' THEN @key ELSE key END, attempts = CASE state WHEN 'done' THEN 0 ELSE attempts END,
		first_at = CASE state WHEN 'done' THEN NULL ELSE first_at END, doubt = CASE state WHEN 'done' THEN 0 ELSE doubt END, tries = 0, tries_from = NULL,
		state = 'queued', error = '', next_at = @now, created_at = @now, finished_at = NULL, lease_until = NULL
		WHERE event_id = @event AND state IN ('failed','done')`, map[string]any{"key": Token(), "now": tx.Now(), "event": int64(event)})
	return res.RowsAffected == 1, res.Error
}

// HurryOutbox makes a channel's waiting messages due now: its settings changed.
func HurryOutbox(tx *Tx, channel models.ID) error {
	tx.rings = true
	return exec(tx.g, "UPDATE outbox SET next_at = ? WHERE channel_id = ? AND state = 'queued' AND attempts > 0", tx.Now(), channel).Error
}

// OutboxOf finds the outbox row of an event; ok is false when it has none.
func OutboxOf(q Q, event models.ID) (row OutboxRow, ok bool, err error) {
	var rows []OutboxRow
	err = raw(q.db(), "SELECT * FROM outbox WHERE event_id = ?", event).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return OutboxRow{}, false, err
	}
	return rows[0], true, nil
}

// NextDue tells when to look again: when the next row is due, or the next lease runs out, of
// channels other than those in skip; zero when nothing waits.
func NextDue(q Q, skip ...models.ID) (models.Time, error) {
	return scalar[models.Time](raw(q.db(), `SELECT min(t) FROM (SELECT min(next_at) AS t FROM outbox WHERE state = 'queued' AND channel_id NOT IN @skip
		UNION ALL SELECT min(lease_until) FROM outbox WHERE state = 'sending' AND channel_id NOT IN @skip)`, map[string]any{"skip": append([]models.ID{-1}, skip...)}))
}

// settle is how long what was cut off rests before it goes again. A provider carries out a call that
// it has read although the caller died; asked at once, it would not know of the message yet, and take
// it a second time.
const settle = 10 * time.Second

// RecoverOutbox gives back what was being sent when the program stopped: whether its provider took it
// is not known, so it goes again, under the same id, when the provider must have made up its mind.
func RecoverOutbox(tx *Tx) error {
	return exec(tx.g, "UPDATE outbox SET state = 'queued', lease_until = NULL, doubt = 1, next_at = min(next_at, ?) WHERE state = 'sending'", tx.Now().Add(settle)).Error
}
