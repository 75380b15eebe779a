package store

import (
	"encoding/json"

	"onethread/models"
)

// Referred is a message that another one names by its Message-ID, or a conversation that it names by a
// token (EventID is then its newest entry).
type Referred struct {
	MessageID      string
	EventID        models.ID
	CustomerID     models.ID
	ConversationID models.ID
	AnchorID       models.ID `gorm:"column:anchor_identity_id"`
	Secret         bool      `gorm:"-"` // named by the token of a reply address, which only those know who were written to
}

// ReferredBy finds the messages that have one of the given Message-IDs, the newest first, in one
// statement.
func ReferredBy(q Q, ids []string) ([]Referred, error) {
	list, err := json.Marshal(ids)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	var out []Referred
	err = raw(q.db(), `SELECT x.message_id, e.id AS event_id, e.customer_id, e.conversation_id, e.anchor_identity_id FROM (
		SELECT m.message_id, m.event_id FROM json_each(@ids) j CROSS JOIN messages m ON m.message_id = j.value AND m.message_id <> ''
		UNION SELECT a.message_id, a.event_id FROM json_each(@ids) j CROSS JOIN message_aliases a ON a.message_id = j.value) x
		CROSS JOIN events e ON e.id = x.event_id ORDER BY e.id DESC LIMIT 500`, map[string]any{"ids": string(list)}).Scan(&out).Error
	return out, err
}

// AddAlias records that a provider sent a message of ours under another Message-ID: answers refer to that one.
func AddAlias(tx *Tx, event models.ID, messageID string) error {
	return exec(tx.g, "INSERT OR IGNORE INTO message_aliases(message_id, event_id) VALUES (?,?)", messageID, event).Error
}

// AddParticipants records who besides its customer may write into a conversation: normalised addresses.
func AddParticipants(tx *Tx, conversation models.ID, addresses []string) error {
	list, err := json.Marshal(addresses)
	if err != nil || len(addresses) == 0 {
		return err
	}
	return exec(tx.g, "INSERT OR IGNORE INTO participants(conversation_id, address) SELECT ?, value FROM json_each(?)", conversation, string(list)).Error
}

// IsParticipant tells whether an address may write into a conversation that is another customer's.
func IsParticipant(q Q, conversation models.ID, address string) (bool, error) {
	n, err := scalar[int](raw(q.db(), "SELECT count(*) FROM participants WHERE conversation_id = ? AND address = ?", conversation, address))
	return n > 0, err
}

// Elsewhere finds the event that a copy of an inbound event led to on another channel of the same
// type, removed ones too; zero when there is none.
func Elsewhere(q Q, channel models.ID, externalID string) (models.ID, error) {
	return firstID(q, `SELECT r.event_id FROM channels o JOIN channels c ON c.type = o.type AND c.id <> o.id CROSS JOIN receipts r ON r.channel_id = c.id AND r.external_id = ?
		WHERE o.id = ? AND r.event_id IS NOT NULL ORDER BY r.id LIMIT 1`, externalID, channel)
}

// MailboxAddresses are the addresses of the shop's own mailboxes.
func MailboxAddresses(q Q) ([]string, error) {
	var out []string
	err := raw(q.db(), "SELECT lower(json_extract(settings, '$.address')) FROM channels WHERE type = 'email' AND removed_at IS NULL AND json_extract(settings, '$.address') <> ''").Scan(&out).Error
	return out, err
}

// ChannelSetting reads one setting that is no secret; empty when it is not set.
func ChannelSetting(q Q, channel models.ID, key string) (string, error) {
	return scalar[string](raw(q.db(), "SELECT coalesce(json_extract(settings, '$.' || ?), '') FROM channels WHERE id = ?", key, channel))
}

// AnsweredItself tells when the shop last answered an address automatically, and how many messages
// came from there since the given moment.
func AnsweredItself(q Q, anchor models.ID, since models.Time) (last models.Time, messages int, err error) {
	if last, err = scalar[models.Time](raw(q.db(), `SELECT coalesce(max(e.created_at), 0) FROM events e JOIN messages m ON m.event_id = e.id
		WHERE e.anchor_identity_id = ? AND e.direction = 'out' AND m.automatic <> ''`, anchor)); err != nil {
		return 0, 0, err
	}
	messages, err = scalar[int](raw(q.db(), "SELECT count(*) FROM events WHERE anchor_identity_id = ? AND kind = 'message' AND direction = 'in' AND created_at >= ?", anchor, since))
	return last, messages, err
}

// LastWrittenTo tells which of the identities the shop wrote to last on a channel, since a moment; zero
// when to none.
func LastWrittenTo(q Q, identities []models.ID, channel models.ID, since models.Time) (models.ID, error) {
	if len(identities) == 0 {
		return 0, nil
	}
	return firstID(q, `SELECT anchor_identity_id FROM events WHERE anchor_identity_id IN ? AND channel_id = ? AND kind = 'message' AND direction = 'out' AND created_at >= ?
		ORDER BY id DESC LIMIT 1`, identities, channel, since)
}

// WroteTo tells whether the shop wrote to an address in a conversation.
func WroteTo(q Q, conversation, identity models.ID) (bool, error) {
	id, err := firstID(q, `SELECT id FROM events WHERE conversation_id = ? AND anchor_identity_id = ? AND kind = 'message' AND direction = 'out' LIMIT 1`, conversation, identity)
	return id != 0, err
}
