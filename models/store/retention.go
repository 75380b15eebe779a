package store

import (
	"onethread/models"
)

// OldPages finds page views from before a moment.
func OldPages(q Q, before models.Time, limit int) ([]models.ID, error) {
	return ids(q, "SELECT id FROM events WHERE kind = 'page_view' AND occurred_at < ? LIMIT ?", before, limit)
}

// OldOdd finds what could not be read, and what stands in conversations that were taken for spam, from
// before a moment.
func OldOdd(q Q, before models.Time, limit int) ([]models.ID, error) {
	return ids(q, `SELECT id FROM events WHERE kind = 'unreadable' AND channel_id IN (SELECT id FROM channels) AND created_at < @before
		UNION SELECT e.id FROM conversations c JOIN events e ON e.conversation_id = c.id WHERE c.spam = 1 AND c.last_at < @before LIMIT @limit`, map[string]any{"before": before, "limit": limit})
}

// OldWords finds messages and notes that still say something, in conversations that were closed before a
// moment.
func OldWords(q Q, before models.Time, limit int) ([]models.ID, error) {
	return ids(q, `SELECT e.id FROM conversations c JOIN events e ON e.conversation_id = c.id JOIN messages m ON m.event_id = e.id
		WHERE c.status = 'closed' AND c.closed_at < ? AND m.redacted_at IS NULL AND m.state NOT IN ('queued','sending') LIMIT ?`, before, limit)
}

// Silent finds customers whom nothing was heard of, and whom nobody wrote to, since a moment.
func Silent(q Q, since models.Time, limit int) ([]models.ID, error) {
	return ids(q, `SELECT c.id FROM customers c WHERE c.updated_at < @since AND c.merged_into IS NULL AND c.erased_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM events e WHERE e.customer_id = c.id AND e.hidden = 0 AND e.occurred_at >= @since)
		AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id AND o.placed_at >= @since)
		AND NOT EXISTS (SELECT 1 FROM conversations v WHERE v.customer_id = c.id AND v.status <> 'closed') ORDER BY c.updated_at LIMIT @limit`,
		map[string]any{"since": since, "limit": limit})
}

func ids(q Q, sql string, args ...any) ([]models.ID, error) {
	var out []models.ID
	err := raw(q.db(), sql, args...).Scan(&out).Error
	return out, err
}

const filesOfErasing = `SELECT sha256 FROM attachments WHERE event_id IN (SELECT event_id FROM erasing)
	UNION SELECT CAST(b.body AS TEXT) FROM receipts r JOIN raws b ON b.receipt_id = r.id WHERE b.encoding = 'file' AND r.event_id IN (SELECT event_id FROM erasing)`

// mark lists events for an erasure, with what tells of them, and gives the hashes of the files they name.
func mark(tx *Tx, events []models.ID) (files []string, err error) {
	for _, id := range events {
		if err := exec(tx.g, "INSERT OR IGNORE INTO erasing VALUES (?)", id).Error; err != nil {
			return nil, err
		}
	}
	err = raw(tx.g, filesOfErasing).Scan(&files).Error
	return files, err
}

// Forget deletes events with all that hangs on them, because a rule says so. With traces their copies stay
// away. It returns the hashes of the files that they named.
func Forget(tx *Tx, events []models.ID, leave bool) (files []string, err error) {
	if files, err = mark(tx, events); err != nil {
		return nil, err
	}
	if leave {
		left, err := tracesOf(tx, []models.ID{-1}, nil)
		if err == nil {
			err = bury(tx, left)
		}
		if err != nil {
			return nil, err
		}
	}
	var talks []models.ID
	if err := raw(tx.g, "SELECT DISTINCT conversation_id FROM events WHERE id IN (SELECT event_id FROM erasing) AND conversation_id IS NOT NULL").Scan(&talks).Error; err != nil {
		return nil, err
	}
	err = run(tx, []string{"PRAGMA secure_delete = ON", "INSERT OR IGNORE INTO erasing SELECT e.id FROM erasing x JOIN events e ON e.ref_id = x.event_id",
		"DELETE FROM events WHERE id IN (SELECT event_id FROM erasing)", "DELETE FROM erasing"}, nil)
	for _, id := range talks {
		if err != nil {
			return nil, err
		}
		var gone bool
		if gone, err = DropConversation(tx, id); err == nil && !gone {
			err = RepairConversation(tx, id)
		}
	}
	return files, err
}

var redactSteps = []string{
	"PRAGMA secure_delete = ON",
	`UPDATE conversations SET subject = '' WHERE id IN (SELECT e.conversation_id FROM erasing x JOIN events e ON e.id = x.event_id) AND (subject IN (SELECT m.subject FROM erasing x JOIN messages m ON m.event_id = x.event_id)
		OR NOT EXISTS (SELECT 1 FROM events o JOIN messages m ON m.event_id = o.id WHERE o.conversation_id = conversations.id AND m.redacted_at IS NULL AND o.id NOT IN (SELECT event_id FROM erasing)))`,
	"UPDATE messages SET subject = '', text = '', reply_text = '', html = '', files = '', cc = '', warning = '', error = '', has_remote = 0, redacted_at = @now WHERE event_id IN (SELECT event_id FROM erasing)",
	"UPDATE events SET data = json_remove(data, '$.from', '$.address') WHERE id IN (SELECT event_id FROM erasing)",
	"DELETE FROM attachments WHERE event_id IN (SELECT event_id FROM erasing)",
	"DELETE FROM raws WHERE receipt_id IN (SELECT r.id FROM erasing x JOIN receipts r ON r.event_id = x.event_id)",
	"DELETE FROM outbox WHERE event_id IN (SELECT event_id FROM erasing) AND state IN ('done','canceled')",
	"DELETE FROM erasing",
}

// Redact takes out what messages say, with their files and originals; that they were there stays. It returns
// the hashes of the files that they named.
func Redact(tx *Tx, events []models.ID) (files []string, err error) {
	if files, err = mark(tx, events); err != nil {
		return nil, err
	}
	return files, run(tx, redactSteps, map[string]any{"now": tx.Now()})
}
