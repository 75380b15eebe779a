package store

import (
	"slices"

	"onethread/models"
)

// VisitorMessage is a message as the visitor of a chat may see it.
type VisitorMessage struct {
	ID         models.ID
	Direction  models.Direction
	OccurredAt models.Time
	Text       string
	State      string
	ProviderID string
	Author     string // the member of staff who wrote it
	Shared     bool   // not this browser's own: see Share
	ExternalID string // of an inbound message: what the browser called it
}

// visitorMessages asks by the anchor, never by the customer: a merge must not show a browser
// what others wrote. channel_id keeps out what one identity might say elsewhere. What was shared with
// the browser besides counts only as long as both belong to the same customer.
const visitorMessages = `SELECT e.id, e.direction, e.occurred_at, CASE WHEN m.reply_text <> '' THEN m.reply_text ELSE m.text END AS text, m.state, m.provider_id,
	coalesce(u.name, '') AS author, x.shared, coalesce((SELECT r.external_id FROM receipts r WHERE r.event_id = e.id AND e.direction = 'in' LIMIT 1), '') AS external_id
	FROM (SELECT id, 0 AS shared FROM events WHERE anchor_identity_id = @browser AND channel_id = @channel AND kind = 'message' AND id > @after
	UNION ALL SELECT s.event_id, 1 FROM chat_shares s JOIN events h ON h.id = s.event_id JOIN identities i ON i.id = s.identity_id
	WHERE s.identity_id = @browser AND s.event_id > @after AND s.shown = 1 AND h.customer_id = i.customer_id AND h.anchor_identity_id <> s.identity_id) x
	JOIN events e ON e.id = x.id JOIN messages m ON m.event_id = e.id LEFT JOIN users u ON u.id = e.user_id `

// VisitorMessages reads what a browser's chat shows on one channel after an event, oldest first: the
// next limit of them, or, from the beginning, the newest limit.
func VisitorMessages(q Q, identity, channel, after models.ID, limit int) ([]VisitorMessage, error) {
	var out []VisitorMessage
	order := "ORDER BY e.id LIMIT @limit"
	if after == 0 {
		order = "ORDER BY e.id DESC LIMIT @limit"
	}
	err := raw(q.db(), visitorMessages+order, map[string]any{"browser": identity, "channel": channel, "after": int64(after), "limit": limit}).Scan(&out).Error
	if after == 0 {
		slices.Reverse(out)
	}
	return out, err
}

// VisitorUnread counts the shop's messages that a visitor has not seen, up to 100, and tells
// whether there is anything to show at all. What came by mail as well is not counted.
func VisitorUnread(q Q, identity, channel models.ID) (unread int, spoke bool, err error) {
	var row struct {
		Unread, Total int
		Shared        bool
	}
	err = raw(q.db(), `SELECT count(*) FILTER (WHERE direction = 'out' AND state IN ('sent','delivered')) AS unread, count(*) AS total,
		EXISTS (SELECT 1 FROM chat_shares WHERE identity_id = @browser AND shown = 1) AS shared
		FROM (SELECT e.direction, m.state FROM events e JOIN messages m ON m.event_id = e.id
		WHERE e.anchor_identity_id = @browser AND e.channel_id = @channel AND e.kind = 'message' ORDER BY e.id DESC LIMIT 100)`,
		map[string]any{"browser": identity, "channel": channel}).Scan(&row).Error
	return row.Unread, row.Total > 0 || row.Shared, err
}

// VisitorAttachment finds a file of a chat message, or of one that a chat shows, by the token in its URL.
// Files of notes, of other mails and of messages that have not left are not found.
func VisitorAttachment(q Q, token string) (models.Attachment, error) {
	var a models.Attachment
	err := raw(q.db(), `SELECT a.* FROM attachments a JOIN events e ON e.id = a.event_id JOIN messages m ON m.event_id = e.id
		JOIN channels c ON c.id = e.channel_id WHERE a.token = ?
		AND (c.type = 'webchat' OR a.content_id = '' AND EXISTS (SELECT 1 FROM chat_shares s WHERE s.event_id = e.id AND s.shown = 1)) AND e.kind = 'message'
		AND (e.direction = 'in' OR m.state IN ('sent','delivered','read'))`, token).Take(&a).Error
	return a, notFound(err, "file")
}
