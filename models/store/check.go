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
	{"an event away from its identity's customer", `SELECT e.id FROM events e JOIN identities i ON i.id = e.anchor_identity_id WHERE e.customer_id <> i.customer_id AND i.shared = 0 AND e.home_id IS NULL`},
	{"an order away from its identity's customer", `SELECT o.id FROM orders o JOIN identities i ON i.id = o.anchor_identity_id WHERE o.customer_id <> i.customer_id AND i.shared = 0 AND o.home_id IS NULL`},
	{"something away from its home", `WITH RECURSIVE up(start, id, into_id) AS (SELECT id, id, merged_into FROM customers UNION SELECT u.start, c.id, c.merged_into FROM up u JOIN customers c ON c.id = u.into_id)
		SELECT 'address ' || i.id FROM identities i JOIN up ON up.start = i.home_id AND up.into_id IS NULL WHERE i.customer_id <> up.id
		UNION ALL SELECT 'conversation ' || v.id FROM conversations v JOIN up ON up.start = v.home_id AND up.into_id IS NULL WHERE v.customer_id <> up.id
		UNION ALL SELECT 'event ' || e.id FROM events e JOIN up ON up.start = e.home_id AND up.into_id IS NULL WHERE e.customer_id <> up.id
		UNION ALL SELECT 'order ' || o.id FROM orders o JOIN up ON up.start = o.home_id AND up.into_id IS NULL WHERE o.customer_id <> up.id`},
	{"a conversation's newest entry is wrong", `SELECT c.id FROM conversations c LEFT JOIN events e ON e.id = c.last_event_id
		WHERE c.last_event_id IS NOT NULL AND (e.id IS NULL OR e.customer_id <> c.customer_id OR e.occurred_at <> c.last_at)`},
	{"a queued message without an outbox row", `SELECT m.event_id FROM messages m LEFT JOIN outbox o ON o.event_id = m.event_id WHERE m.state IN ('queued','sending') AND o.id IS NULL`},
	{"copies that were lost of a message that was never sent", "SELECT event_id FROM messages WHERE lost <> '' AND state IN ('','queued','sending','canceled')"},
	{"a provider's own Message-ID of what we did not send", `SELECT a.message_id FROM message_aliases a JOIN events e ON e.id = a.event_id WHERE e.direction <> 'out'`},
	{"a one-time code is kept after it was sent", `SELECT id FROM outbox WHERE state IN ('done','failed','canceled') AND json_extract(content, '$.sealed') IS NOT NULL`},
	{"something is shared with what is no browser", `SELECT s.event_id FROM chat_shares s JOIN identities i ON i.id = s.identity_id WHERE i.kind <> 'chat'`},
	{"an answer that was carried by what is no message", `SELECT c.event_id FROM carried c LEFT JOIN messages m ON m.event_id = c.by_id WHERE m.automatic IS NOT 'follow_up'`},
	{"spam that is not closed", "SELECT id FROM conversations WHERE spam = 1 AND status <> 'closed'"},
	{"an outbox row whose message says otherwise", `SELECT o.id FROM outbox o JOIN messages m ON m.event_id = o.event_id
		WHERE (o.state = 'queued' AND m.state <> 'queued') OR (o.state = 'failed' AND m.state NOT IN ('failed','bounced')) OR (o.state = 'done' AND m.state IN ('queued','sending'))`},
	{"a customer missing from search", `SELECT c.id FROM customers c LEFT JOIN customer_words w ON w.customer_id = c.id WHERE c.merged_into IS NULL AND c.erased_at IS NULL AND w.customer_id IS NULL`},
	{"an order missing from search", `SELECT o.id FROM orders o LEFT JOIN order_words w ON w.order_id = o.id WHERE w.order_id IS NULL`},
	{"a conversation's channels are listed wrongly", `SELECT id FROM conversations c WHERE length(channel_types) - length(replace(channel_types, ' ', '')) + (channel_types <> '')
		<> coalesce((SELECT sum(CASE WHEN ' ' || c.channel_types || ' ' LIKE '% ' || k.type || ' %' THEN 1 ELSE 1000 END) FROM conversation_channels k WHERE k.conversation_id = c.id), 0)`},
	{"something is kept of an erased customer", `SELECT c.id FROM customers c WHERE c.erased_at IS NOT NULL AND (c.name <> '' OR c.notes <> '' OR EXISTS (SELECT 1 FROM events e WHERE e.customer_id = c.id AND e.kind <> 'erased')
		OR EXISTS (SELECT 1 FROM identities i WHERE i.customer_id = c.id) OR EXISTS (SELECT 1 FROM conversations v WHERE v.customer_id = c.id) OR EXISTS (SELECT 1 FROM drafts d WHERE d.customer_id = c.id)
		OR EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id AND (o.note <> '' OR o.ship_to <> '')) OR EXISTS (SELECT 1 FROM customer_words w WHERE w.customer_id = c.id))`},
	{"an erasure that did not end", "SELECT event_id FROM erasing"},
	{"a suggestion whose score is not the sum of its evidence", `SELECT id FROM suggestions s WHERE score <> coalesce((SELECT sum(weight) FROM suggestion_evidence e WHERE e.suggestion_id = s.id), 0)`},
	{"a receipt that led to nothing", `SELECT r.id FROM receipts r LEFT JOIN raws b ON b.receipt_id = r.id WHERE r.event_id IS NULL AND b.receipt_id IS NULL`},
}

// searched are the full-text tables, with the rows that they index.
var searched = []struct{ fts, rows, id string }{
	{"messages_fts", "messages", "event_id"}, {"customers_fts", "customer_words", "customer_id"}, {"orders_fts", "order_words", "order_id"},
}

// Check tells what in the database contradicts itself; nil means nothing does.
func Check(ctx context.Context, s *Store) error {
	var found []string
	for _, c := range checks {
		rows, err := s.wrong(ctx, c.sql)
		if err != nil {
			return fmt.Errorf("checking for %s: %w", c.name, err)
		}
		if len(rows) > 0 {
			found = append(found, c.name+": "+strings.Join(rows, ", "))
		}
	}
	for _, t := range searched {
		what, err := s.checkSearch(ctx, t.fts, t.rows, t.id)
		if err != nil {
			return fmt.Errorf("checking the search rows in %s: %w", t.fts, err)
		}
		if what != "" {
			found = append(found, what)
		}
	}
	if len(found) > 0 {
		return fmt.Errorf("the database contradicts itself: %s", strings.Join(found, "; "))
	}
	return nil
}

// wrong runs a check; up to three rows of what it finds are enough to tell.
func (s *Store) wrong(ctx context.Context, sql string) (rows []string, err error) {
	err = raw(s.r.WithContext(ctx), sql+" LIMIT 3").Scan(&rows).Error
	return rows, err
}

// mostReread bounds the search rows that are compared word by word. FTS5 holds the lock on writing
// meanwhile, 1.1 s for each 100,000 messages; a server running beside gives up after ten.
const mostReread = 200_000

// checkSearch finds rows that search does not know, and search rows of none; up to mostReread of them
// it also compares their words.
func (s *Store) checkSearch(ctx context.Context, fts, table, id string) (string, error) {
	for _, c := range []struct{ name, sql string }{
		{"rows missing from " + fts, fmt.Sprintf(`SELECT t.%[3]s FROM %[2]s t LEFT JOIN %[1]s_docsize d ON d.id = t.%[3]s WHERE d.id IS NULL`, fts, table, id)},
		{"rows in " + fts + " without a row", fmt.Sprintf(`SELECT d.id FROM %[1]s_docsize d LEFT JOIN %[2]s t ON t.%[3]s = d.id WHERE t.%[3]s IS NULL`, fts, table, id)},
	} {
		rows, err := s.wrong(ctx, c.sql)
		if err != nil || len(rows) > 0 {
			return c.name + ": " + strings.Join(rows, ", "), err
		}
	}
	n, err := scalar[int](raw(s.r.WithContext(ctx), fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM %s_docsize LIMIT %d)", fts, mostReread)))
	if err != nil || n == mostReread {
		return "", err
	}
	if err := s.alone(ctx, "INSERT INTO "+fts+"("+fts+", rank) VALUES ('integrity-check', 1)"); err != nil {
		return "search rows differ from what they index in " + fts, nil
	}
	return "", nil
}
