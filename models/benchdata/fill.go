package benchdata

import (
	"context"
	"database/sql"
	"fmt"
)

// fill writes all rows in one transaction, without the indexes and search triggers that the tables
// have: building them once at the end is several times faster.
func (s *shop) fill(ctx context.Context, db *sql.DB) error {
	later, err := s.strip(ctx, db)
	if err != nil {
		return err
	}
	if err := db.QueryRowContext(ctx, "SELECT coalesce(max(id), 0) FROM events").Scan(&s.started); err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := s.prepare(ctx, tx); err != nil {
		return err
	}
	for n := range s.size.Events {
		if err := s.event(n); err != nil {
			return fmt.Errorf("event %d: %w", n, err)
		}
	}
	if err := s.settle(); err != nil {
		return err
	}
	for _, q := range closing {
		if _, err := tx.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("%s: %w", q, err)
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	for _, q := range append(later, "INSERT INTO messages_fts(messages_fts) VALUES ('rebuild')",
		"INSERT INTO customers_fts(customers_fts) VALUES ('rebuild')", "INSERT INTO orders_fts(orders_fts) VALUES ('rebuild')") {
		if _, err := db.ExecContext(ctx, q); err != nil {
			return fmt.Errorf("%s: %w", q, err)
		}
	}
	return nil
}

// closing derives what the product derives from other rows (store.IndexCustomer).
var closing = []string{
	`INSERT INTO customer_words(customer_id, words) SELECT c.id, c.name || coalesce(' ' || w.words, '') FROM customers c LEFT JOIN
		(SELECT customer_id, group_concat(value, ' ') AS words FROM (SELECT customer_id, value FROM identities WHERE kind <> 'chat' AND retired_at IS NULL
			ORDER BY customer_id, kind, scope, value) GROUP BY customer_id) w ON w.customer_id = c.id`,
	`UPDATE sqlite_sequence SET seq = (SELECT max(id) FROM events) WHERE name = 'events'`,
}

// strip drops search triggers and plain indexes and returns what makes the indexes again; the
// store makes the triggers when it opens.
func (s *shop) strip(ctx context.Context, db *sql.DB) (later []string, err error) {
	rows, err := db.QueryContext(ctx, `SELECT type, name, sql FROM sqlite_master WHERE (type = 'trigger' AND name LIKE '%fts%')
		OR (type = 'index' AND sql LIKE 'CREATE INDEX%')`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var drop []string
	for rows.Next() {
		var kind, name, def string
		if err := rows.Scan(&kind, &name, &def); err != nil {
			return nil, err
		}
		drop = append(drop, "DROP "+kind+" "+name)
		if kind == "index" {
			later = append(later, def)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	rows.Close()
	for _, q := range drop {
		if _, err := db.ExecContext(ctx, q); err != nil {
			return nil, err
		}
	}
	return later, nil
}

// inserts are the statements that fill runs most.
var inserts = map[string]string{
	"customer":     "INSERT INTO customers(id, name, name_source, language, created_at, updated_at) VALUES (?,?,'channel','en',?,?)",
	"identity":     "INSERT INTO identities(id, customer_id, kind, scope, value, display, evidence, reason, channel_id, created_at) VALUES (?,?,?,?,?,?,'asserted',?,?,?)",
	"event":        "INSERT INTO events(id, customer_id, conversation_id, channel_id, anchor_identity_id, kind, direction, user_id, occurred_at, created_at, data) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
	"message":      "INSERT INTO messages(event_id, subject, text, html, message_id, state, to_address) VALUES (?,?,?,?,?,?,?)",
	"receipt":      "INSERT INTO receipts(channel_id, external_id, event_id, received_at) VALUES (?,?,?,?)",
	"conversation": "INSERT INTO conversations(id, customer_id, status, assignee_id, subject, opened_at, closed_at, snoozed_until, waiting_since, first_reply_at, last_event_id, last_at, channel_types) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
	"label":        "INSERT INTO labels(id, name, hue) VALUES (?,?,?)",
	"labelled":     "INSERT INTO conversation_labels(conversation_id, label_id) VALUES (?,?)",
	"read":         "INSERT INTO reads(user_id, customer_id, event_id) VALUES (?,?,?)",
	"order":        "INSERT INTO orders(id, channel_id, customer_id, anchor_identity_id, event_id, external_id, number, status, currency, total, ship_to, placed_at, updated_at) VALUES (?,?,?,?,?,?,?,?,'EUR',?,?,?,?)",
	"line":         "INSERT INTO order_lines(order_id, position, title, sku, quantity, price) VALUES (?,?,?,?,?,?)",
	"order_words":  "INSERT INTO order_words(order_id, words) VALUES (?,?)",
}

func (s *shop) prepare(ctx context.Context, tx *sql.Tx) error {
	for name, q := range inserts {
		stmt, err := tx.PrepareContext(ctx, q)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		s.ins[name] = stmt
	}
	return nil
}

func (s *shop) insert(name string, args ...any) error {
	_, err := s.ins[name].Exec(args...)
	return err
}

// ref writes an absent id as NULL.
func ref(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}
