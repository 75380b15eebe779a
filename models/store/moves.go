package store

import (
	"encoding/json"

	"onethread/models"
)

// Moved is where an event stood before staff moved it: what taking the move back needs.
type Moved struct {
	EventID        models.ID   `json:"event_id"`
	FromID         models.ID   `json:"from_id"`          // the customer it stood with
	ToID           models.ID   `json:"to_id"`            // the customer it stands with now
	HomeID         models.ID   `json:"home_id"`          // its home before; zero = by its anchor
	ConversationID models.ID   `json:"conversation_id"`  // its conversation before
	Status         string      `json:"status,omitempty"` // that conversation's
	SnoozedUntil   models.Time `json:"snoozed_until,omitzero"`
	OrderID        models.ID   `json:"order_id,omitempty"`
	SplitID        models.ID   `json:"split_id,omitempty"` // the split event that tells of it
	Idle           bool        `json:"idle,omitempty"`     // it joined a conversation in which nothing had been said
}

// OrderOfEvent finds the order that an event tells of; zero when it tells of none.
func OrderOfEvent(q Q, event models.ID) (models.ID, error) {
	return firstID(q, `SELECT o.id FROM events e JOIN orders o ON o.id = CAST(json_extract(e.data, '$.order.id') AS INTEGER)
		WHERE e.id = ? AND e.kind IN ('order','payment','fulfilment')`, event)
}

// EventsOfOrder lists every event that tells of an order, its refunds among them, in the order they came.
func EventsOfOrder(q Q, order models.ID) ([]models.ID, error) {
	var out []models.ID
	err := raw(q.db(), `SELECT e.id FROM orders o JOIN events e ON e.customer_id = o.customer_id AND e.channel_id = o.channel_id
		AND e.kind IN ('order','payment','fulfilment') AND json_extract(e.data, '$.order.id') = CAST(o.id AS TEXT) WHERE o.id = @order
		UNION SELECT r.event_id FROM orders o JOIN refunds r ON r.channel_id = o.channel_id AND r.order_external_id = o.external_id WHERE o.id = @order AND r.event_id IS NOT NULL ORDER BY 1`,
		map[string]any{"order": int64(order)}).Scan(&out).Error
	return out, err
}

// MoveEvent gives an event to a customer: their record is its home from now on. home zero makes its
// anchor tell again. The signals about it go with it.
func MoveEvent(tx *Tx, event, customer, home, conversation models.ID) error {
	return exec(tx.g, "UPDATE events SET customer_id = @customer, home_id = @home, conversation_id = CASE WHEN id = @event THEN @conversation END WHERE id = @event OR (ref_id = @event AND kind <> 'moved')",
		map[string]any{"event": int64(event), "customer": int64(customer), "home": home, "conversation": conversation}).Error
}

// MoveOrder gives an order to a customer, like MoveEvent.
func MoveOrder(tx *Tx, order, customer, home models.ID) error {
	return exec(tx.g, "UPDATE orders SET customer_id = ?, home_id = ? WHERE id = ?", customer, home, order).Error
}

// MoveOf reads where an event stood before the newest move that was not taken back; ok is false when it
// was not moved.
func MoveOf(q Q, event models.ID) (m Moved, ok bool, err error) {
	var rows []string
	err = raw(q.db(), "SELECT data FROM events WHERE ref_id = ? AND kind = 'moved' ORDER BY id DESC LIMIT 1", event).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return m, false, err
	}
	err = json.Unmarshal([]byte(rows[0]), &m)
	return m, m.EventID != 0, err
}

// SplitOf reads what a split event tells.
func SplitOf(e models.Event) (d models.SplitData, err error) {
	err = json.Unmarshal([]byte(e.Data), &d)
	return d, err
}

// ContactOf reads what a contact event tells.
func ContactOf(e models.Event) (d models.ContactData, err error) {
	if e.ID != 0 {
		err = json.Unmarshal([]byte(e.Data), &d)
	}
	return d, err
}

// IdentityOwner is the customer that an identity stands with; zero when there is none.
func IdentityOwner(q Q, identity models.ID) (models.ID, error) {
	return firstID(q, "SELECT customer_id FROM identities WHERE id = ?", identity)
}

// OwnersOf tells the customer that each of the identities stands with.
func OwnersOf(q Q, identities []models.ID) (map[models.ID]models.ID, error) {
	var rows []struct{ ID, CustomerID models.ID }
	err := raw(q.db(), "SELECT id, customer_id FROM identities WHERE id IN ?", identities).Scan(&rows).Error
	out := map[models.ID]models.ID{}
	for _, r := range rows {
		out[r.ID] = r.CustomerID
	}
	return out, err
}

// waitingSince is the oldest message that no answer followed. What was called back, or goes out later, is
// no answer.
const waitingSince = `CASE WHEN status <> 'closed' THEN (SELECT min(e.occurred_at) FROM events e JOIN messages m ON m.event_id = e.id
	WHERE e.conversation_id = @id AND e.kind = 'message' AND e.direction = 'in' AND e.silent = 0 AND m.automatic = '' AND e.occurred_at > coalesce(
		(SELECT max(o.occurred_at) FROM events o JOIN messages n ON n.event_id = o.id WHERE o.conversation_id = @id AND o.kind = 'message' AND o.direction = 'out' AND n.automatic = ''
			AND n.state <> 'canceled' AND NOT (n.state = 'queued' AND n.send_at IS NOT NULL)), 0)
	AND e.id > coalesce((SELECT max(x.id) FROM events x WHERE x.conversation_id = @id AND x.kind = 'conversation' AND json_extract(x.data, '$.action') IN ('closed','spam')), 0)) END`

// CountAnswer makes a message that was to go out later the answer that it is now that it left.
func CountAnswer(tx *Tx, conversation models.ID) error {
	return exec(tx.g, "UPDATE conversations SET first_reply_at = coalesce(first_reply_at, @now), waiting_since = "+waitingSince+" WHERE id = @id",
		map[string]any{"id": int64(conversation), "now": tx.Now()}).Error
}

// ForgetAnswer lets a message that was called back, written at the given time, be no answer.
func ForgetAnswer(tx *Tx, conversation models.ID, at models.Time) error {
	return exec(tx.g, "UPDATE conversations SET first_reply_at = nullif(first_reply_at, @at), waiting_since = "+waitingSince+" WHERE id = @id",
		map[string]any{"id": int64(conversation), "at": at}).Error
}

// RecountConversation recomputes what a conversation says of its messages, after some left it or came:
// its newest entry, its channels, and since when the customer waits.
func RecountConversation(tx *Tx, id models.ID) error {
	if err := RepairConversation(tx, id); err != nil {
		return err
	}
	return exec(tx.g, `UPDATE conversations SET
		channel_types = coalesce((SELECT group_concat(type, ' ') FROM (SELECT c.type FROM events e JOIN channels c ON c.id = e.channel_id WHERE e.conversation_id = @id AND e.kind IN @kinds GROUP BY c.type ORDER BY min(e.id))), ''),
		waiting_since = `+waitingSince+`
		WHERE id = @id`, map[string]any{"id": int64(id), "kinds": PreviewKinds}).Error
}

// IsEmpty tells whether nothing that people said stands in a conversation any more.
func IsEmpty(q Q, conversation models.ID) (bool, error) {
	n, err := scalar[int](raw(q.db(), "SELECT count(*) FROM (SELECT 1 FROM events WHERE conversation_id = ? AND kind IN ? LIMIT 1)", conversation, PreviewKinds))
	return n == 0, err
}

// IsIdle tells a conversation that has a history, but nothing that people said stands in it.
func IsIdle(q Q, conversation models.ID) (bool, error) {
	empty, err := IsEmpty(q, conversation)
	if err != nil || !empty {
		return false, err
	}
	n, err := scalar[int](raw(q.db(), "SELECT count(*) FROM (SELECT 1 FROM events WHERE conversation_id = ? LIMIT 1)", conversation))
	return n > 0, err
}

// DropConversation forgets a conversation that no event tells of. It reports false when one does.
func DropConversation(tx *Tx, id models.ID) (bool, error) {
	res := exec(tx.g, "DELETE FROM conversations WHERE id = ? AND NOT EXISTS (SELECT 1 FROM events WHERE conversation_id = conversations.id)", id)
	return res.RowsAffected == 1, res.Error
}
