package store

import (
	"context"
	"fmt"
	"strings"
)

// checks are statements that return a row for every inconsistency; the name says what is wrong.
// Tests run them whenever a store closes, `onethread doctor` on demand.
var checks = []struct{ name, sql string }{
	{"a foreign key points nowhere", `SELECT "table" || ' ' || rowid FROM pragma_foreign_key_check`},
	{"an order event without a customer", `SELECT id FROM events WHERE hidden = 0 AND customer_id IS NULL AND kind <> 'unreadable'`},
	{"an event whose conversation belongs to another customer", `SELECT e.id FROM events e JOIN conversations c ON c.id = e.conversation_id WHERE e.customer_id <> c.customer_id`},
	{"a message or note without its words", `SELECT e.id FROM events e LEFT JOIN messages m ON m.event_id = e.id WHERE e.kind IN ('message','note') AND m.event_id IS NULL`},
	{"an event on a merged customer", `SELECT e.id FROM events e JOIN customers c ON c.id = e.customer_id WHERE c.merged_into IS NOT NULL`},
	{"an identity on a merged customer", `SELECT i.id FROM identities i JOIN customers c ON c.id = i.customer_id WHERE c.merged_into IS NOT NULL`},
	{"an event away from its identity's customer", `SELECT e.id FROM events e JOIN identities i ON i.id = e.anchor_identity_id WHERE e.customer_id <> i.customer_id AND i.shared = 0`},
	{"an order away from its identity's customer", `SELECT o.id FROM orders o JOIN identities i ON i.id = o.anchor_identity_id WHERE o.customer_id <> i.customer_id AND i.shared = 0`},
	{"a conversation's newest entry is wrong", `SELECT c.id FROM conversations c LEFT JOIN events e ON e.id = c.last_event_id
		WHERE c.last_event_id IS NOT NULL AND (e.id IS NULL OR e.customer_id <> c.customer_id OR e.occurred_at <> c.last_at)`},
	{"a queued message without an outbox row", `SELECT m.event_id FROM messages m LEFT JOIN outbox o ON o.event_id = m.event_id WHERE m.state IN ('queued','sending') AND o.id IS NULL`},
	{"an outbox row whose message says otherwise", `SELECT o.id FROM outbox o JOIN messages m ON m.event_id = o.event_id
		WHERE (o.state = 'queued' AND m.state <> 'queued') OR (o.state = 'failed' AND m.state NOT IN ('failed','bounced')) OR (o.state = 'done' AND m.state IN ('queued','sending'))`},
	{"a customer missing from search", `SELECT c.id FROM customers c LEFT JOIN customer_words w ON w.customer_id = c.id WHERE c.merged_into IS NULL AND w.customer_id IS NULL`},
	{"an order missing from search", `SELECT o.id FROM orders o LEFT JOIN order_words w ON w.order_id = o.id WHERE w.order_id IS NULL`},
	{"a receipt that led to nothing", `SELECT r.id FROM receipts r LEFT JOIN raws b ON b.receipt_id = r.id WHERE r.event_id IS NULL AND b.receipt_id IS NULL`},
}

// Check tells what in the database contradicts itself; nil means nothing does.
func Check(ctx context.Context, s *Store) error {
	var found []string
	for _, c := range checks {
		var rows []string
		if err := s.r.WithContext(ctx).Raw(c.sql + " LIMIT 3").Scan(&rows).Error; err != nil {
			return fmt.Errorf("checking for %s: %w", c.name, err)
		}
		if len(rows) > 0 {
			found = append(found, c.name+": "+strings.Join(rows, ", "))
		}
	}
	for _, table := range []string{"messages_fts", "customers_fts", "orders_fts"} {
		if err := s.w.WithContext(ctx).Exec("INSERT INTO " + table + "(" + table + ", rank) VALUES ('integrity-check', 1)").Error; err != nil {
			found = append(found, "search rows differ from what they index in "+table)
		}
	}
	if len(found) > 0 {
		return fmt.Errorf("the database contradicts itself: %s", strings.Join(found, "; "))
	}
	return nil
}
