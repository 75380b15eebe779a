package store

import (
	"encoding/json"

	"onethread/models"
)

// AppendEvent appends an event to the thread and to the feed. Data is marshalled to JSON;
// nil means {}. The bell rings after the commit.
func AppendEvent(tx *Tx, e models.Event, data any) (models.ID, error) {
	text := e.Data
	if data != nil {
		b, err := json.Marshal(data)
		if err != nil {
			return 0, err
		}
		text = string(b)
	}
	if text == "" {
		text = "{}"
	}
	now := tx.Now()
	if e.OccurredAt == 0 {
		e.OccurredAt = now
	}
	tx.rings = true
	return insert(tx, `INSERT INTO events(customer_id, conversation_id, channel_id, anchor_identity_id, home_id, kind, direction, user_id, ref_id,
		silent, hidden, occurred_at, created_at, data) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?) RETURNING id`,
		e.CustomerID, e.ConversationID, e.ChannelID, e.AnchorID, e.HomeID, e.Kind, e.Direction, e.UserID, e.RefID,
		e.Silent, e.Kind.Hidden(), e.OccurredAt, now, text)
}

// Event finds an event by id.
func Event(q Q, id models.ID) (models.Event, error) {
	var e models.Event
	err := raw(q.db(), "SELECT * FROM events WHERE id = ?", id).Take(&e).Error
	return e, notFound(err, "event")
}

// Feed reads up to limit events after seq, of every kind, ascending: what live screens, the
// API's change feed and every other reader follow.
func Feed(q Q, after models.ID, limit int) ([]models.Event, error) {
	var out []models.Event
	err := raw(q.db(), "SELECT * FROM events WHERE id > ? ORDER BY id LIMIT ?", int64(after), limit).Scan(&out).Error // an ID of zero would be NULL, and match nothing
	return out, err
}

// LastEventID is the newest event's id (seq); zero while there is none.
func LastEventID(q Q) (models.ID, error) {
	return scalar[models.ID](raw(q.db(), "SELECT max(id) FROM events"))
}

// MoveEventToConversation re-files an event within its customer's thread.
func MoveEventToConversation(tx *Tx, event, conversation models.ID) error {
	return exec(tx.g, "UPDATE events SET conversation_id = ? WHERE id = ?", conversation, event).Error
}

// AddMessage stores the words of a message or note event; its search row follows with the commit.
func AddMessage(tx *Tx, m models.Message) error {
	var client any
	if m.ClientID != "" {
		client = m.ClientID
	}
	tx.unindexed.messages = true
	return exec(tx.g, `INSERT INTO messages(event_id, subject, text, reply_text, html, message_id, client_id, automatic, warning, state, provider_id, to_address, cc, bcc, send_at, files, quotes_id, has_remote)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`, m.EventID, m.Subject, m.Text, m.ReplyText, m.HTML, m.MessageID, client, m.Automatic,
		m.Warning, m.State, m.ProviderID, m.ToAddress, m.CC, m.BCC, m.SendAt, m.Files, m.QuotesID, m.HasRemote).Error
}

// RewordMessage replaces the words of a message by what is read from its original now.
func RewordMessage(tx *Tx, m models.Message) error {
	return exec(tx.g, "UPDATE messages SET subject = ?, text = ?, reply_text = ?, html = ?, has_remote = ? WHERE event_id = ? AND redacted_at IS NULL",
		m.Subject, m.Text, m.ReplyText, m.HTML, m.HasRemote, m.EventID).Error
}

// messageColumns are a message's columns; NULLs are made scannable.
const messageColumns = `event_id, subject, text, reply_text, html, message_id, coalesce(client_id, '') AS client_id, automatic, warning,
	state, error, provider_id, to_address, cc, bcc, send_at, files, quotes_id, has_remote, lost, redacted_at`

// Message finds the words of an event.
func Message(q Q, event models.ID) (models.Message, error) {
	var m models.Message
	err := raw(q.db(), "SELECT "+messageColumns+" FROM messages WHERE event_id = ?", event).Take(&m).Error
	return m, notFound(err, "message")
}

// EventByClientID finds the event that a browser's own id named before; zero when there is none.
func EventByClientID(q Q, clientID string) (models.ID, error) {
	return firstID(q, "SELECT event_id FROM messages WHERE client_id = ?", clientID)
}

// EventByMessageID finds the newest event with this Message-ID; zero when there is none.
func EventByMessageID(q Q, messageID string) (models.ID, error) {
	if messageID == "" {
		return 0, nil
	}
	return firstID(q, "SELECT event_id FROM messages WHERE message_id = ? AND message_id <> '' ORDER BY event_id DESC LIMIT 1", messageID)
}

// SentByMessageID finds the newest message of ours with this Message-ID; zero when there is none.
func SentByMessageID(q Q, messageID string) (models.ID, error) {
	return firstID(q, `SELECT m.event_id FROM messages m JOIN events e ON e.id = m.event_id
		WHERE m.message_id = ? AND m.message_id <> '' AND e.direction = 'out' ORDER BY m.event_id DESC LIMIT 1`, messageID)
}

// EventByProviderID finds the outbound event on a channel that the provider knows by this id.
func EventByProviderID(q Q, channel models.ID, providerID string) (models.ID, error) {
	if providerID == "" {
		return 0, nil
	}
	return firstID(q, `SELECT m.event_id FROM messages m JOIN events e ON e.id = m.event_id
		WHERE m.provider_id = ? AND m.provider_id <> '' AND e.channel_id = ? ORDER BY m.event_id DESC LIMIT 1`, providerID, channel)
}

// SetLost records who in copy a message did not reach (models.LostCopy, as JSON).
func SetLost(tx *Tx, event models.ID, lost string) error {
	return exec(tx.g, "UPDATE messages SET lost = ? WHERE event_id = ?", lost, event).Error
}

// SetDelivery records what became of an outbound message. What went wrong beside its being sent stays said when
// it has arrived.
func SetDelivery(tx *Tx, event models.ID, state, problem, providerID string) error {
	return exec(tx.g, `UPDATE messages SET state = @state, error = CASE WHEN @problem = '' AND @state IN ('delivered','read') THEN error ELSE @problem END,
		provider_id = CASE WHEN @id = '' THEN provider_id ELSE @id END WHERE event_id = @event`,
		map[string]any{"state": state, "problem": problem, "id": providerID, "event": event}).Error
}

func firstID(q Q, sql string, args ...any) (models.ID, error) {
	var ids []models.ID
	err := raw(q.db(), sql, args...).Scan(&ids).Error
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return ids[0], nil
}

// MailsOf lists the newest mails of a conversation with an address that have a Message-ID, newest
// first: what a reply refers to. One that goes out later nobody has yet.
func MailsOf(q Q, identity, conversation models.ID, limit int) ([]models.Message, error) {
	var out []models.Message
	err := raw(q.db(), "SELECT "+messageColumns+` FROM messages WHERE event_id IN (SELECT id FROM events WHERE conversation_id = ? AND anchor_identity_id = ?
		AND kind = 'message') AND message_id <> '' AND state NOT IN ('canceled','failed') AND NOT (state = 'queued' AND send_at IS NOT NULL) ORDER BY event_id DESC LIMIT ?`, conversation, identity, limit).Scan(&out).Error
	return out, err
}

// OpenMailsOf is MailsOf over all conversations of the address's owner that are not closed.
func OpenMailsOf(q Q, identity models.ID, limit int) ([]models.Message, error) {
	var out []models.Message
	err := raw(q.db(), "SELECT "+messageColumns+` FROM messages WHERE event_id IN (SELECT e.id FROM events e JOIN conversations c ON c.id = e.conversation_id
		WHERE e.anchor_identity_id = ? AND e.kind = 'message' AND c.status <> 'closed' ORDER BY e.id DESC LIMIT 200)
		AND message_id <> '' AND state NOT IN ('canceled','failed') AND NOT (state = 'queued' AND send_at IS NOT NULL) ORDER BY event_id DESC LIMIT ?`, identity, limit).Scan(&out).Error
	return out, err
}

// NewerFromStaff finds an outbound message or note on a thread after the given event; zero when
// there is none.
func NewerFromStaff(q Q, customer, after models.ID) (models.ID, error) {
	return firstID(q, `SELECT id FROM events WHERE customer_id = ? AND id > ? AND (kind = 'note' OR (kind = 'message' AND direction = 'out')) LIMIT 1`, customer, int64(after))
}
