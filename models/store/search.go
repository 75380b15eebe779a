package store

import "onethread/models"

// HitBegin and HitEnd enclose found words in snippets. They are control characters that no stored
// text is shown with, so the screen can turn them into marks after escaping.
const (
	HitBegin = "\x02"
	HitEnd   = "\x03"
)

// CustomerHit is a customer found by name or address.
type CustomerHit struct {
	ID      models.ID
	Name    string
	Address string
}

// MessageHit is a message found by its words.
type MessageHit struct {
	EventID    models.ID
	CustomerID models.ID
	Name       string
	Kind       models.Kind
	Direction  models.Direction
	OccurredAt models.Time
	Subject    string
	Snippet    string // found words between HitBegin and HitEnd
}

// OrderHit is an order found by number, goods, parcel or destination.
type OrderHit struct {
	ID         models.ID
	CustomerID models.ID
	Name       string
	Number     string
	Status     string
	Currency   string
	Total      int64
	PlacedAt   models.Time
}

const customerHit = `SELECT c.id, c.name, coalesce((SELECT i.display FROM identities i WHERE i.customer_id = c.id AND i.kind IN ('email','phone') LIMIT 1), '') AS address FROM `

// SearchCustomers finds customers by a trigram query, or, where that is empty (fewer than three
// letters), by the beginning of their name or address.
func SearchCustomers(q Q, query, prefix string, limit int) ([]CustomerHit, error) {
	var out []CustomerHit
	if query == "" {
		err := q.db().Raw(customerHit+"customers c WHERE c.merged_into IS NULL AND c.name LIKE ? ESCAPE '\\' ORDER BY c.updated_at DESC, c.id DESC LIMIT ?", likePrefix(prefix), limit).Scan(&out).Error
		return out, err
	}
	err := q.db().Raw(customerHit+"customers_fts f JOIN customers c ON c.id = f.rowid WHERE customers_fts MATCH ? ORDER BY f.rowid DESC LIMIT ?", query, limit).Scan(&out).Error
	return out, err
}

func likePrefix(s string) string {
	out := make([]rune, 0, len(s)+1)
	for _, r := range s {
		if r == '%' || r == '_' || r == '\\' {
			out = append(out, '\\')
		}
		out = append(out, r)
	}
	return string(append(out, '%'))
}

// rankedAmong is how many of the newest hits are ranked: by rank alone a frequent word costs
// hundreds of milliseconds on a million messages, its newest hits one.
const rankedAmong = 200

const messageHits = `SELECT e.id AS event_id, e.customer_id, c.name, e.kind, e.direction, e.occurred_at, m.subject, h.snippet FROM (
	SELECT rowid, rank, snippet(messages_fts, 1, char(2), char(3), '…', 16) AS snippet FROM messages_fts WHERE messages_fts MATCH @query AND rowid IN (
		SELECT rowid FROM messages_fts WHERE messages_fts MATCH @query ORDER BY rowid DESC LIMIT @among)
	ORDER BY rank LIMIT @limit) h
	JOIN messages m ON m.event_id = h.rowid JOIN events e ON e.id = h.rowid JOIN customers c ON c.id = e.customer_id ORDER BY e.id DESC`

// SearchMessages finds the best of the newest messages with these words.
func SearchMessages(q Q, query string, limit int) ([]MessageHit, error) {
	var out []MessageHit
	err := q.db().Raw(messageHits, map[string]any{"query": query, "limit": limit, "among": rankedAmong}).Scan(&out).Error
	return out, err
}

// SearchOrders finds orders, newest first.
func SearchOrders(q Q, query string, limit int) ([]OrderHit, error) {
	var out []OrderHit
	err := q.db().Raw(`SELECT o.id, o.customer_id, c.name, o.number, o.status, o.currency, o.total, o.placed_at FROM orders_fts f
		JOIN orders o ON o.id = f.rowid JOIN customers c ON c.id = o.customer_id WHERE orders_fts MATCH ? ORDER BY f.rowid DESC LIMIT ?`, query, limit).Scan(&out).Error
	return out, err
}
