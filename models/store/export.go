package store

import (
	"cmp"
	"io"
	"slices"

	"onethread/models"
)

// Span is a window of a thread read from its oldest event on: what comes after a place in it.
func Span(q Q, customer models.ID, after models.Time, afterID models.ID, limit int) ([]Entry, error) {
	var ids []models.ID
	err := raw(q.db(), `SELECT id FROM events WHERE customer_id = ? AND hidden = 0 AND (occurred_at, id) > (?, ?) ORDER BY occurred_at, id LIMIT ?`,
		customer, int64(after), int64(afterID), limit).Scan(&ids).Error
	if err != nil {
		return nil, err
	}
	out, err := Entries(q, ids)
	slices.SortFunc(out, func(a, b Entry) int { return cmp.Or(cmp.Compare(a.OccurredAt, b.OccurredAt), cmp.Compare(a.ID, b.ID)) })
	return out, err
}

// Ledger lists everything that was ever said to messages from a customer's addresses, oldest first.
func Ledger(q Q, customer models.ID) ([]Consent, error) {
	var out []Consent
	err := raw(q.db(), "SELECT c.* FROM consents c JOIN identities i ON i.id = c.identity_id WHERE i.customer_id = ? ORDER BY c.id", customer).Scan(&out).Error
	return out, err
}

// Talks lists all of a customer's conversations, oldest first.
func Talks(q Q, customer models.ID) ([]models.Conversation, error) {
	var out []models.Conversation
	err := raw(q.db(), "SELECT * FROM conversations WHERE customer_id = ? ORDER BY id", customer).Scan(&out).Error
	return out, err
}

// KeptRaw is an original that is kept of an inbound event of a customer.
type KeptRaw struct {
	ReceiptID models.ID
	EventID   models.ID // zero where it led to none
	Type      string    // media type
	Encoding  string
}

// RawsOf lists the originals that are kept of a customer, after the given receipt, without those of what
// others wrote into their thread.
func RawsOf(q Q, customer, after models.ID, limit int) ([]KeptRaw, error) {
	var out []KeptRaw
	err := raw(q.db(), `SELECT r.id AS receipt_id, r.event_id, b.type, b.encoding FROM receipts r JOIN raws b ON b.receipt_id = r.id LEFT JOIN events e ON e.id = r.event_id
		WHERE r.id IN (SELECT x.id FROM events v JOIN receipts x ON x.event_id = v.id WHERE v.customer_id = @customer
			UNION SELECT id FROM receipts WHERE customer_id IN `+belowOf("@customer")+`) AND r.id > @after
		AND (e.id IS NULL OR e.customer_id = @customer AND json_extract(e.data, '$.participant') IS NOT 1) ORDER BY r.id LIMIT @limit`,
		map[string]any{"customer": int64(customer), "after": int64(after), "limit": limit}).Scan(&out).Error
	return out, err
}

// OpenRaw opens an original that is kept. The caller closes it.
func (s *Store) OpenRaw(q Q, k KeptRaw) (io.ReadCloser, error) {
	body, err := scalar[string](raw(q.db(), "SELECT CAST(body AS BLOB) FROM raws WHERE receipt_id = ?", k.ReceiptID))
	if err != nil {
		return nil, err
	}
	return s.unpack(k.Encoding, []byte(body))
}

// Kept is how much there is of a customer.
type Kept struct {
	Entries, Files, Orders int
	Merged                 []string // names of the records that were merged into theirs
}

// KeptOf counts what is kept of a customer.
func KeptOf(q Q, customer models.ID) (k Kept, err error) {
	row := struct{ Entries, Files, Orders int }{}
	err = raw(q.db(), `SELECT (SELECT count(*) FROM events WHERE customer_id = @id AND hidden = 0) AS entries,
		(SELECT count(*) FROM events e JOIN attachments a ON a.event_id = e.id WHERE e.customer_id = @id) AS files, (SELECT count(*) FROM orders WHERE customer_id = @id) AS orders`,
		map[string]any{"id": int64(customer)}).Scan(&row).Error
	if err != nil {
		return k, err
	}
	k.Entries, k.Files, k.Orders = row.Entries, row.Files, row.Orders
	err = raw(q.db(), "SELECT CASE WHEN name = '' THEN '#' || id ELSE name END FROM customers WHERE id <> @from AND id IN "+below+" ORDER BY id", map[string]any{"from": int64(customer)}).Scan(&k.Merged).Error
	return k, err
}
