package store

import (
	"encoding/json"
	"slices"
	"strings"

	"onethread/models"
)

// Erasure is what an erasure takes away.
type Erasure struct {
	Customers []models.ID // the records: the customer's own and all that were merged into it
	Events    int
	Orders    int      // of which the bare figures stay
	Files     []string // hashes of contents that were named; see DropUnnamed
}

// Records lists a customer's own record and all that were merged into it.
func Records(q Q, customer models.ID) ([]models.ID, error) {
	var ids []models.ID
	err := raw(q.db(), "SELECT id FROM customers WHERE id IN "+below+" ORDER BY id", map[string]any{"from": int64(customer)}).Scan(&ids).Error
	return ids, err
}

// IsErased tells whether nothing is kept of a customer.
func IsErased(q Q, customer models.ID) (bool, error) {
	return scalar[bool](raw(q.db(), "SELECT erased_at IS NOT NULL FROM customers WHERE id = ?", customer))
}

// OnTheirWay counts messages to a customer that are being handed to their provider this moment.
func OnTheirWay(q Q, ids []models.ID, now models.Time) (int, error) {
	return scalar[int](raw(q.db(), `SELECT count(*) FROM outbox o JOIN events e ON e.id = o.event_id WHERE o.state = 'sending' AND o.lease_until > ? AND e.customer_id IN ?`, now, ids))
}

// around are the steps that free what belongs to others from what goes: their events and orders that
// stand at an address of the erased, and the name in the telling of a merge that was undone.
var around = []string{
	"INSERT OR IGNORE INTO erasing SELECT id FROM events WHERE anchor_identity_id IN (SELECT id FROM identities WHERE customer_id IN @ids) AND customer_id NOT IN @ids",
	`UPDATE events SET home_id = coalesce(home_id, customer_id), anchor_identity_id = (SELECT o.id FROM identities i JOIN identities o ON o.kind = i.kind AND o.scope = i.scope AND o.value = i.value
		WHERE i.id = events.anchor_identity_id AND o.customer_id = events.customer_id) WHERE id IN (SELECT event_id FROM erasing)`,
	"UPDATE orders SET home_id = coalesce(home_id, customer_id), anchor_identity_id = NULL WHERE anchor_identity_id IN (SELECT id FROM identities WHERE customer_id IN @ids) AND customer_id NOT IN @ids",
	"DELETE FROM erasing",
	`INSERT OR IGNORE INTO erasing SELECT e.id FROM events e WHERE e.kind = 'merge' AND json_extract(e.data, '$.from_id') IN @ids AND e.customer_id NOT IN @ids AND e.customer_id IN (
		WITH RECURSIVE up(id) AS (SELECT into_id FROM merges WHERE from_id IN @ids UNION SELECT c.merged_into FROM up JOIN customers c ON c.id = up.id WHERE c.merged_into IS NOT NULL) SELECT id FROM up)`,
	"UPDATE events SET data = json_remove(data, '$.name') WHERE id IN (SELECT event_id FROM erasing)",
	"DELETE FROM erasing",
	// What others' threads tell of them: entries and addresses that were moved, pairs that are two people.
	"INSERT OR IGNORE INTO erasing SELECT e.id FROM events e WHERE e.kind IN ('split','contact','customer','unmerge') AND e.customer_id IN " + concerned + ` AND e.customer_id NOT IN @ids
		AND (json_extract(e.data, '$.from_id') IN @ids OR json_extract(e.data, '$.to_id') IN @ids OR json_extract(e.data, '$.other_id') IN @ids)`,
	"UPDATE events SET data = json_remove(data, '$.from') WHERE id IN (SELECT event_id FROM erasing) AND json_extract(data, '$.from_id') IN @ids",
	"UPDATE events SET data = json_remove(data, '$.to') WHERE id IN (SELECT event_id FROM erasing) AND json_extract(data, '$.to_id') IN @ids",
	"UPDATE events SET data = json_remove(data, '$.value', '$.before') WHERE id IN (SELECT event_id FROM erasing) AND kind = 'contact' AND json_extract(data, '$.to_id') IN @ids",
	"UPDATE events SET data = json_remove(data, '$.name') WHERE id IN (SELECT event_id FROM erasing) AND kind IN ('customer','unmerge')",
	"DELETE FROM erasing",
}

// concerned are the other customers that the erased ones' own threads name.
const concerned = `(SELECT json_extract(e.data, k.value) FROM events e, json_each('["$.from_id","$.to_id","$.other_id"]') k
	WHERE e.customer_id IN @ids AND e.kind IN ('split','contact','customer','unmerge') AND json_extract(e.data, k.value) IS NOT NULL)`

// listErased marks what goes: the thread, what tells of it elsewhere, and what could not be read but
// came from them.
var listErased = []string{
	"INSERT OR IGNORE INTO erasing SELECT id FROM events WHERE customer_id IN @ids",
	"INSERT OR IGNORE INTO erasing SELECT e.id FROM receipts r JOIN events e ON e.id = r.event_id WHERE r.id IN @receipts AND e.customer_id IS NULL AND e.kind = 'unreadable'",
	"INSERT OR IGNORE INTO erasing SELECT e.id FROM erasing x JOIN events e ON e.ref_id = x.event_id",
}

const erasedFiles = `SELECT sha256 FROM attachments WHERE event_id IN (SELECT event_id FROM erasing) OR (event_id IS NULL AND (uploaded_by LIKE 'list:%' OR uploaded_by IN (SELECT 'visitor:' || value FROM identities WHERE kind = 'chat' AND customer_id IN @ids)))
	UNION SELECT CAST(b.body AS TEXT) FROM receipts r JOIN raws b ON b.receipt_id = r.id WHERE b.encoding = 'file' AND (r.event_id IN (SELECT event_id FROM erasing) OR r.customer_id IN @ids OR r.id IN @receipts)`

// eraseSteps take everything away that is the customers', but for their threads' events, which
// EraseEvents does. Orders keep their figures: number, state, amounts, goods.
var eraseSteps = []string{
	"DELETE FROM outbox WHERE event_id IN (SELECT event_id FROM erasing)",
	"DELETE FROM fetches WHERE attachment_id IN (SELECT id FROM attachments WHERE event_id IN (SELECT event_id FROM erasing))",
	"DELETE FROM attachments WHERE event_id IS NULL AND uploaded_by LIKE 'list:%'", // lists that were given to be imported, and reports on them
	"DELETE FROM attachments WHERE event_id IS NULL AND uploaded_by IN (SELECT 'visitor:' || value FROM identities WHERE kind = 'chat' AND customer_id IN @ids)",
	"DELETE FROM events WHERE id IN (SELECT event_id FROM erasing) AND customer_id IS NULL",
	"DELETE FROM receipts WHERE customer_id IN @ids OR id IN @receipts",
	"UPDATE refunds SET reason = '', event_id = NULL WHERE id IN (SELECT r.id FROM orders o JOIN refunds r ON r.channel_id = o.channel_id AND r.order_external_id = o.external_id WHERE o.customer_id IN @ids)",
	"DELETE FROM tracking WHERE order_id IN (SELECT id FROM orders WHERE customer_id IN @ids)",
	"UPDATE orders SET note = '', ship_to = '', buyer = '', ship_parts = '', ship_key = '', url = '', anchor_identity_id = NULL, event_id = NULL, home_id = NULL, customer_id = @customer WHERE customer_id IN @ids",
	`UPDATE order_words SET words = (SELECT ` + orderWords + ` FROM orders o WHERE o.id = order_words.order_id) WHERE order_id IN (SELECT id FROM orders WHERE customer_id = @customer)`,
	"DELETE FROM drafts WHERE customer_id IN @ids",
	"DELETE FROM reads WHERE customer_id IN @ids",
	"DELETE FROM conversations WHERE customer_id IN @ids",
	"DELETE FROM participants WHERE address IN (SELECT value FROM identities WHERE kind = 'email' AND customer_id IN @ids)",
	"DELETE FROM delivery_reports WHERE EXISTS (SELECT 1 FROM identities i WHERE i.customer_id IN @ids AND i.kind IN ('email','phone') AND instr(delivery_reports.error, i.value) > 0)",
	"DELETE FROM suggestions WHERE customer_id IN @ids OR other_id IN @ids",
	"DELETE FROM merges WHERE from_id IN @ids AND into_id IN @ids",
	"DELETE FROM identities WHERE customer_id IN @ids",
	"DELETE FROM addresses WHERE customer_id IN @ids",
	"DELETE FROM custom_values WHERE customer_id IN @ids",
	"DELETE FROM customer_labels WHERE customer_id IN @ids",
	"DELETE FROM customer_words WHERE customer_id IN @ids",
	"UPDATE customers SET name = '', name_source = '', language = '', notes = '', time_zone = '', company_id = NULL, blocked_at = NULL, merged_into = NULL, erased_at = @now, updated_at = @now WHERE id IN @ids",
	"DELETE FROM companies WHERE NOT EXISTS (SELECT 1 FROM customers c WHERE c.company_id = companies.id)",
	"DELETE FROM erasing",
}

// Erase takes everything away that is kept of a customer and of the records merged into it, but for a
// nameless record, bare orders and tombstones; and but for the events, which EraseEvents takes a few at a
// time. receipts are those of inbound events that led to no event and yet tell of them (see Mentions).
// The caller drops the files once all is committed.
func Erase(tx *Tx, customer models.ID, receipts []models.ID) (Erasure, error) {
	var out Erasure
	var err error
	if out.Customers, err = Records(tx, customer); err != nil {
		return out, err
	}
	if err := exec(tx.g, "PRAGMA secure_delete = ON").Error; err != nil {
		return out, err
	}
	args := map[string]any{"ids": out.Customers, "customer": int64(customer), "receipts": some(receipts), "now": tx.Now()}
	if err := blankAnswers(tx, out.Customers); err != nil {
		return out, err
	}
	if err := run(tx, slices.Concat(around, listErased), args); err != nil {
		return out, err
	}
	left, err := tracesOf(tx, out.Customers, receipts)
	if err != nil {
		return out, err
	}
	if err := bury(tx, left); err != nil {
		return out, err
	}
	if err := raw(tx.g, erasedFiles, args).Scan(&out.Files).Error; err != nil {
		return out, err
	}
	if out.Events, err = scalar[int](raw(tx.g, "SELECT count(*) FROM erasing")); err != nil {
		return out, err
	}
	if out.Orders, err = scalar[int](raw(tx.g, "SELECT count(*) FROM orders WHERE customer_id IN @ids", args)); err != nil {
		return out, err
	}
	return out, run(tx, eraseSteps, args)
}

// erasedAtOnce is how many events EraseEvents takes: search gives each up by its every word, which takes
// some milliseconds a message, and other writes wait meanwhile.
const erasedAtOnce = 50

// EraseEvents takes away some of what still stands in the threads of erased customers, with all that hangs
// on it, and reports whether there may be more.
func EraseEvents(tx *Tx) (more bool, err error) {
	err = run(tx, []string{"PRAGMA secure_delete = ON",
		`INSERT OR IGNORE INTO erasing SELECT e.id FROM customers c JOIN events e ON e.customer_id = c.id WHERE c.erased_at IS NOT NULL AND e.kind <> 'erased' LIMIT @limit`,
		"INSERT OR IGNORE INTO erasing SELECT e.id FROM erasing x JOIN events e ON e.ref_id = x.event_id WHERE e.kind <> 'erased'"}, map[string]any{"limit": erasedAtOnce})
	if err != nil {
		return false, err
	}
	n, err := scalar[int](raw(tx.g, "SELECT count(*) FROM erasing"))
	if err != nil || n == 0 {
		return false, err
	}
	return true, run(tx, []string{"DELETE FROM events WHERE id IN (SELECT event_id FROM erasing)", "DELETE FROM erasing"}, nil)
}

func run(tx *Tx, steps []string, args map[string]any) error {
	for _, sql := range steps {
		var values []any
		if strings.Contains(sql, "@") { // else GORM would hand the names to SQLite
			values = []any{args}
		}
		if err := exec(tx.g, sql, values...).Error; err != nil {
			return err
		}
	}
	return nil
}

// blankAnswers empties the answers kept for repeated API calls that tell of the customers. They stay as
// answers: a repeated call must not be carried out a second time.
func blankAnswers(tx *Tx, ids []models.ID) error {
	var words []string
	err := raw(tx.g, `SELECT name FROM customers WHERE id IN @ids AND length(name) > 3 UNION SELECT value FROM identities WHERE customer_id IN @ids AND length(value) > 3
		UNION SELECT display FROM identities WHERE customer_id IN @ids AND length(display) > 3`, map[string]any{"ids": ids}).Scan(&words).Error
	if err != nil {
		return err
	}
	for i, w := range words { // as it stands in JSON
		b, err := json.Marshal(w)
		if err != nil {
			return err
		}
		words[i] = string(b[1 : len(b)-1])
	}
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	wanted, err := json.Marshal(words)
	if err != nil {
		return err
	}
	return exec(tx.g, `UPDATE idempotency SET body = CAST('{}' AS BLOB) WHERE EXISTS (SELECT 1 FROM json_each(@words) j WHERE instr(CAST(body AS TEXT), j.value) > 0)
		OR json_valid(CAST(body AS TEXT)) AND (json_extract(CAST(body AS TEXT), '$.id') IN (SELECT CAST(id AS TEXT) FROM events WHERE customer_id IN @ids)
			OR json_extract(CAST(body AS TEXT), '$.customer_id') IN @texts OR json_extract(CAST(body AS TEXT), '$.id') IN @texts)`,
		map[string]any{"words": string(wanted), "ids": ids, "texts": texts}).Error
}
