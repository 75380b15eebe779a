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
	ExternalID string // of an inbound message: what the browser called it
}

// visitorMessages asks by the anchor, never by the customer: a merge must not show a browser
// what others wrote. channel_id keeps out what one identity might say elsewhere.
const visitorMessages = `SELECT e.id, e.direction, e.occurred_at, m.text, m.state, m.provider_id, coalesce(u.name, '') AS author,
	coalesce((SELECT r.external_id FROM receipts r WHERE r.event_id = e.id AND e.direction = 'in' LIMIT 1), '') AS external_id
	FROM events e JOIN messages m ON m.event_id = e.id LEFT JOIN users u ON u.id = e.user_id
	WHERE e.anchor_identity_id = ? AND e.channel_id = ? AND e.kind = 'message' AND e.id > ? `

// VisitorMessages reads what passed between the shop and one chat identity on one channel after
// an event, oldest first: the next limit of them, or, from the beginning, the newest limit.
func VisitorMessages(q Q, identity, channel, after models.ID, limit int) ([]VisitorMessage, error) {
	var out []VisitorMessage
	order := "ORDER BY e.id LIMIT ?"
	if after == 0 {
		order = "ORDER BY e.id DESC LIMIT ?"
	}
	err := q.db().Raw(visitorMessages+order, identity, channel, int64(after), limit).Scan(&out).Error
	if after == 0 {
		slices.Reverse(out)
	}
	return out, err
}

// VisitorUnread counts the shop's messages that a visitor has not seen, up to 100, and tells
// whether anything passed between them at all.
func VisitorUnread(q Q, identity, channel models.ID) (unread int, any bool, err error) {
	var row struct{ Unread, Total int }
	err = q.db().Raw(`SELECT count(*) FILTER (WHERE direction = 'out' AND state IN ('sent','delivered')) AS unread, count(*) AS total
		FROM (SELECT e.direction, m.state FROM events e JOIN messages m ON m.event_id = e.id
		WHERE e.anchor_identity_id = ? AND e.channel_id = ? AND e.kind = 'message' ORDER BY e.id DESC LIMIT 100)`, identity, channel).Scan(&row).Error
	return row.Unread, row.Total > 0, err
}

// VisitorAttachment finds a file of a chat message by the token in its URL. Files of notes, of
// mails and of messages that have not left are not found.
func VisitorAttachment(q Q, token string) (models.Attachment, error) {
	var a models.Attachment
	err := q.db().Raw(`SELECT a.* FROM attachments a JOIN events e ON e.id = a.event_id JOIN messages m ON m.event_id = e.id
		JOIN channels c ON c.id = e.channel_id WHERE a.token = ? AND c.type = 'webchat' AND e.kind = 'message'
		AND (e.direction = 'in' OR m.state IN ('sent','delivered','read'))`, token).Take(&a).Error
	return a, notFound(err, "file")
}
