package store

import (
	"cmp"
	"strings"

	"onethread/models"
)

// AddConversation begins a conversation, usually an open one.
func AddConversation(tx *Tx, c models.Conversation) (models.ID, error) {
	return insert(tx, `INSERT INTO conversations(customer_id, home_id, status, assignee_id, subject, opened_at, closed_at, last_at, channel_types, spam)
		VALUES (?,?,?,?,?,?,?,?,?,?) RETURNING id`, c.CustomerID, c.HomeID, cmp.Or(c.Status, models.StatusOpen), c.AssigneeID, c.Subject, c.OpenedAt, c.ClosedAt, c.LastAt, c.ChannelTypes, c.Spam)
}

// Conversation finds a conversation by id.
func Conversation(q Q, id models.ID) (models.Conversation, error) {
	var c models.Conversation
	err := raw(q.db(), "SELECT * FROM conversations WHERE id = ?", id).Take(&c).Error
	return c, notFound(err, "conversation")
}

// CurrentConversation finds the customer's newest conversation that is open, else snoozed; ok is
// false when all are closed.
func CurrentConversation(q Q, customer models.ID) (c models.Conversation, ok bool, err error) {
	return CurrentAt(q, customer, 0)
}

// CurrentAt is CurrentConversation as seen from one of the customer's addresses: where several are open,
// the one in which something passed there last. What somebody answers by SMS belongs to what was
// last said by SMS. anchor zero = does not matter.
func CurrentAt(q Q, customer, anchor models.ID) (c models.Conversation, ok bool, err error) {
	var open []models.Conversation
	err = raw(q.db(), `SELECT * FROM conversations WHERE customer_id = ? AND status IN ('open','snoozed')
		ORDER BY CASE status WHEN 'open' THEN 0 ELSE 1 END, last_at DESC, id DESC LIMIT 20`, customer).Scan(&open).Error
	if err != nil || len(open) == 0 {
		return c, false, err
	}
	if len(open) == 1 || anchor == 0 {
		return open[0], true, nil
	}
	last, err := firstID(q, `SELECT e.conversation_id FROM events e JOIN conversations c ON c.id = e.conversation_id
		WHERE e.anchor_identity_id = ? AND e.kind = 'message' AND c.customer_id = ? AND c.status IN ('open','snoozed') ORDER BY e.id DESC LIMIT 1`, anchor, customer)
	for _, c := range open {
		if c.ID == last {
			return c, true, err
		}
	}
	return open[0], true, err
}

// SnoozedForOrder lists a customer's conversations that wait for what their orders tell.
func SnoozedForOrder(q Q, customer models.ID) (out []models.Conversation, err error) {
	err = raw(q.db(), "SELECT * FROM conversations WHERE customer_id = ? AND snoozed_for = 'order' AND status = 'snoozed'", customer).Scan(&out).Error
	return out, err
}

// LastClosed finds the customer's conversation that was closed last, if that was at or after since.
func LastClosed(q Q, customer models.ID, since models.Time) (c models.Conversation, ok bool, err error) {
	return firstConversation(q, `SELECT * FROM conversations WHERE customer_id = ? AND status = 'closed' AND closed_at >= ?
		ORDER BY closed_at DESC, id DESC LIMIT 1`, customer, since)
}

// SpamConversation finds the customer's newest conversation that is taken for spam.
func SpamConversation(q Q, customer models.ID) (c models.Conversation, ok bool, err error) {
	return firstConversation(q, "SELECT * FROM conversations WHERE customer_id = ? AND status = 'closed' AND spam = 1 ORDER BY last_at DESC, id DESC LIMIT 1", customer)
}

func firstConversation(q Q, sql string, args ...any) (models.Conversation, bool, error) {
	var rows []models.Conversation
	err := raw(q.db(), sql, args...).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return models.Conversation{}, false, err
	}
	return rows[0], true, nil
}

// SaveConversation writes every field that commands change.
func SaveConversation(tx *Tx, c models.Conversation) error {
	return exec(tx.g, `UPDATE conversations SET status=?, assignee_id=?, priority=?, subject=?, closed_at=?, snoozed_until=?, snoozed_for=?, waiting_since=?,
		first_reply_at=?, last_event_id=?, last_at=?, channel_types=?, spam=? WHERE id=?`, c.Status, c.AssigneeID, c.Priority, c.Subject, c.ClosedAt,
		c.SnoozedUntil, c.SnoozedFor, c.WaitingSince, c.FirstReplyAt, c.LastEventID, c.LastAt, c.ChannelTypes, c.Spam, c.ID).Error
}

// dueToWake names its index: SQLite would read every snoozed conversation otherwise,
// each time anew (12 ms of 2,300, every fifteen seconds).
const dueToWake = "SELECT * FROM conversations INDEXED BY conversations_wake WHERE status = 'snoozed' AND snoozed_until <= ? ORDER BY snoozed_until LIMIT 100"

// DueToWake lists snoozed conversations whose time has come.
func DueToWake(q Q, now models.Time) ([]models.Conversation, error) {
	var out []models.Conversation
	err := raw(q.db(), dueToWake, now).Scan(&out).Error
	return out, err
}

// RepairConversation recomputes a conversation's newest entry after events moved.
func RepairConversation(tx *Tx, id models.ID) error {
	return exec(tx.g, `UPDATE conversations SET
		last_event_id = (SELECT e.id FROM events e WHERE e.conversation_id = @id AND e.kind IN @kinds ORDER BY e.occurred_at DESC, e.id DESC LIMIT 1),
		last_at = coalesce((SELECT e.occurred_at FROM events e WHERE e.conversation_id = @id AND e.kind IN @kinds ORDER BY e.occurred_at DESC, e.id DESC LIMIT 1), opened_at)
		WHERE id = @id`, map[string]any{"id": id, "kinds": PreviewKinds}).Error
}

// PreviewKinds are the events worth an inbox row's preview.
var PreviewKinds = []models.Kind{models.KindMessage, models.KindNote, models.KindCall, models.KindVoicemail}

// ConversationsOf lists a customer's conversations, newest first.
func ConversationsOf(q Q, customer models.ID) ([]models.Conversation, error) {
	var out []models.Conversation
	err := raw(q.db(), "SELECT * FROM conversations WHERE customer_id = ? ORDER BY last_at DESC, id DESC LIMIT 100", customer).Scan(&out).Error
	return out, err
}

// SetLabels replaces a conversation's labels by the named ones, creating those that are new.
// Names are trimmed; empty ones are dropped.
func SetLabels(tx *Tx, conversation models.ID, names []string) error {
	if err := exec(tx.g, "DELETE FROM conversation_labels WHERE conversation_id = ?", conversation).Error; err != nil {
		return err
	}
	for _, name := range names {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if err := addLabel(tx, name); err != nil {
			return err
		}
		if err := exec(tx.g, "INSERT OR IGNORE INTO conversation_labels(conversation_id, label_id) SELECT ?, id FROM labels WHERE name = ?", conversation, name).Error; err != nil {
			return err
		}
	}
	return nil
}

// addLabel makes a label that is not there yet.
func addLabel(tx *Tx, name string) error {
	return exec(tx.g, "INSERT INTO labels(name, hue) VALUES (?, (SELECT count(*) FROM labels) % 12) ON CONFLICT(name) DO NOTHING", name).Error
}

// LabelOn is a label on a conversation.
type LabelOn struct {
	ConversationID models.ID
	Name           string
	Hue            int
}

// LabelsOn lists the labels of several conversations by name.
func LabelsOn(q Q, conversations []models.ID) ([]LabelOn, error) {
	var out []LabelOn
	if len(conversations) == 0 {
		return nil, nil
	}
	err := raw(q.db(), `SELECT cl.conversation_id, l.name, l.hue FROM conversation_labels cl JOIN labels l ON l.id = cl.label_id
		WHERE cl.conversation_id IN ? ORDER BY l.name`, conversations).Scan(&out).Error
	return out, err
}
