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

const customerHit = `SELECT c.id, c.name, coalesce((SELECT i.display FROM identities i WHERE i.customer_id = c.id AND i.kind IN ('email','phone') AND i.retired_at IS NULL LIMIT 1), '') AS address FROM `

// NamesOf tells what customers are called, and one address of each, in no order.
func NamesOf(q Q, ids []models.ID) ([]CustomerHit, error) {
	var out []CustomerHit
	err := raw(q.db(), customerHit+"customers c WHERE c.id IN ?", ids).Scan(&out).Error
	return out, err
}

// SearchCustomers finds customers by a trigram query, newest first, or, where that is empty (fewer
// than three letters), by the beginning of their name, latest change first.
func SearchCustomers(q Q, query, prefix string, limit int) ([]CustomerHit, error) {
	if query == "" {
		return customersNamed(q, prefix, limit)
	}
	var out []CustomerHit
	err := raw(q.db(), customerHit+"customers_fts f JOIN customers c ON c.id = f.rowid WHERE customers_fts MATCH ? ORDER BY f.rowid DESC LIMIT ?", query, limit).Scan(&out).Error
	return out, err
}

// named is a range of names, whose case does not count in ASCII, as the index has it.
const named = "c.merged_into IS NULL AND c.erased_at IS NULL AND c.name COLLATE NOCASE >= @from AND c.name COLLATE NOCASE < @to ORDER BY c.updated_at DESC, c.id DESC LIMIT @limit"

// recently is how many customers are looked through before the index of names is asked: many names
// begin with the usual letters, and all of them would have to be sorted for the newest.
const (
	recently = 1000
	lately   = "(SELECT * FROM customers ORDER BY updated_at DESC, id DESC LIMIT @recently) c WHERE "
)

// customersNamed finds the beginning of a name among those who were there lately, else among all.
func customersNamed(q Q, prefix string, limit int) ([]CustomerHit, error) {
	args := map[string]any{"from": prefix, "to": prefix + "\U0010FFFF", "limit": limit, "recently": recently}
	var out []CustomerHit
	err := raw(q.db(), customerHit+lately+named, args).Scan(&out).Error
	if err != nil || len(out) == limit {
		return out, err
	}
	out = nil
	err = raw(q.db(), customerHit+"customers c WHERE "+named, args).Scan(&out).Error
	return out, err
}

// rankedAmong is how many of the newest hits are ranked. FTS5's own rank counts every hit of every
// word before the first row: on a million messages that is 13 ms for a word that a fifth of them
// hold, and it was run once per row when joined by rowid (measured: seconds).
const rankedAmong = 200

// messageHits scores each hit as BM25 does within one query (k1 1.2, b 0.75, 300 characters as the
// usual length); a word in the subject weighs four times, one in a file's name not at all. The marks that highlight sets are counted.
const messageHits = `WITH hits AS (
	SELECT rowid AS id, snippet(messages_fts, 1, char(2), char(3), '…', 16) AS snippet, snippet(messages_fts, 2, char(2), char(3), '…', 16) AS file,
		highlight(messages_fts, 0, char(2), '') AS s, highlight(messages_fts, 1, char(2), '') AS t
	FROM messages_fts WHERE messages_fts MATCH @query ORDER BY rowid DESC LIMIT @among),
counted AS (SELECT id, CASE WHEN instr(snippet, char(2)) = 0 AND instr(file, char(2)) > 0 THEN file ELSE snippet END AS snippet, length(t) AS long, length(s) - length(replace(s, char(2), '')) AS subject, length(t) - length(replace(t, char(2), '')) AS n FROM hits),
best AS (SELECT id, snippet, 4.0 * subject + 2.2 * n / (n + 1.2 * (0.25 + 0.75 * long / 300.0)) AS score FROM counted ORDER BY score DESC, id DESC LIMIT @limit)
SELECT e.id AS event_id, e.customer_id, c.name, e.kind, e.direction, e.occurred_at, m.subject, b.snippet
	FROM best b JOIN messages m ON m.event_id = b.id JOIN events e ON e.id = b.id JOIN customers c ON c.id = e.customer_id AND c.erased_at IS NULL ORDER BY b.score DESC, b.id DESC`

const newestHits = "SELECT count(*) FROM (SELECT rowid FROM messages_fts WHERE messages_fts MATCH ? ORDER BY rowid DESC LIMIT ?)"

// SearchMessages finds the best of the newest messages, best first. Whole words are tried first:
// where they find enough, prefix (the same query with its last word as a beginning), which has to
// merge every word of that beginning, is not run.
func SearchMessages(q Q, whole, prefix string, limit int) ([]MessageHit, error) {
	n, err := scalar[int](raw(q.db(), newestHits, whole, rankedAmong))
	if err != nil {
		return nil, err
	}
	if n < rankedAmong {
		whole = prefix
	}
	var out []MessageHit
	err = raw(q.db(), messageHits, map[string]any{"query": whole, "limit": limit, "among": rankedAmong}).Scan(&out).Error
	return out, err
}

// SearchOrders finds orders, newest first.
func SearchOrders(q Q, query string, limit int) ([]OrderHit, error) {
	var out []OrderHit
	err := raw(q.db(), `SELECT o.id, o.customer_id, c.name, o.number, o.status, o.currency, o.total, o.placed_at FROM orders_fts f
		JOIN orders o ON o.id = f.rowid JOIN customers c ON c.id = o.customer_id WHERE orders_fts MATCH ? ORDER BY f.rowid DESC LIMIT ?`, query, limit).Scan(&out).Error
	return out, err
}
