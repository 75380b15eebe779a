package main

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"onethread/models/store"
)

// database opens the file beside the program, as an auditor does.
func database(t testing.TB, data string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(data, "onethread.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	return db
}

// strings reads one text column.
func column(t testing.TB, db *sql.DB, query string, args ...any) []string {
	t.Helper()
	rows, err := db.Query(query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// mustBeWhole is what holds right after every kill: the file is sound.
func mustBeWhole(t testing.TB, data, when string) {
	t.Helper()
	db := database(t, data)
	defer db.Close()
	if got := strings.Join(column(t, db, "PRAGMA integrity_check"), "; "); got != "ok" {
		t.Fatalf("%s: integrity_check says %s", when, got)
	}
	if got := column(t, db, `SELECT "table" || ' ' || rowid FROM pragma_foreign_key_check`); len(got) > 0 {
		t.Fatalf("%s: foreign_key_check says %v", when, got)
	}
}

// mustBeConsistent is the product's own check, full-text integrity included, with the program stopped.
func mustBeConsistent(t testing.TB, data string) {
	t.Helper()
	mustBeWhole(t, data, "at the end")
	ctx := context.Background()
	st, err := store.Open(ctx, data, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Check(ctx, st); err != nil {
		t.Error(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	db := database(t, data)
	defer db.Close()
	if got := column(t, db, "SELECT id || ' ' || state || ' ' || error FROM outbox WHERE state NOT IN ('done','canceled')"); len(got) > 0 {
		t.Errorf("outbox rows are stuck: %v", got)
	}
	if got := column(t, db, "SELECT e.id FROM messages m LEFT JOIN messages_fts f ON f.rowid = m.event_id JOIN events e ON e.id = m.event_id WHERE f.rowid IS NULL"); len(got) > 0 {
		t.Errorf("messages without a search row: %v", got)
	}
}

// storedKeys counts how often each key stands on a thread: in the words of a message, or in the data
// of any other event; of a store's order, number and status.
const storedKeys = `SELECT CASE WHEN c.type IN ('shopify','woocommerce') THEN json_extract(e.data, '$.order.number') || '/' || json_extract(e.data, '$.order.status')
	ELSE trim(coalesce(m.text, json_extract(e.data, '$.order.number'), json_extract(e.data, '$.note'), json_extract(e.data, '$.title'),
	replace(json_extract(e.data, '$.url'), 'https://casa.example/', ''), json_extract(e.data, '$.transcript'), json_extract(e.data, '$.reason'),
	json_extract(e.data, '$.number')), char(10)) END FROM events e LEFT JOIN channels c ON c.id = e.channel_id LEFT JOIN messages m ON m.event_id = e.id WHERE e.hidden = 0 AND (e.direction <> 'out' OR e.kind = 'note') AND e.kind NOT IN ('conversation','merge','unmerge','split','contact','customer','consent','code') AND e.customer_id IS NOT NULL`

// apart finds customers who were logged in when they bought, and whose email and phone are in two threads.
const apart = `SELECT DISTINCT e.value FROM orders o JOIN channels c ON c.id = o.channel_id JOIN identities e ON e.customer_id = o.customer_id AND e.kind = 'email'
	JOIN identities p ON p.kind = 'phone' AND p.value = '+351912' || printf('%06d', CAST(substr(e.value, length('customer') + 1) AS INTEGER))
	WHERE c.type IN ('shopify','woocommerce') AND e.customer_id <> p.customer_id`

// compare holds the ledger against the database: nothing acknowledged is missing, nothing is there
// twice, and whatever one address sent stands in one thread.
func (d *doors) compare() (missing, twice int) {
	d.t.Helper()
	db := database(d.t, d.data)
	defer db.Close()
	stored := map[string]int{}
	for _, key := range column(d.t, db, storedKeys) {
		stored[key]++
	}
	var lost, doubled []string
	for key := range d.book.keys {
		if stored[key] == 0 {
			lost = append(lost, key)
		}
	}
	for key, n := range stored {
		if n > 1 {
			doubled = append(doubled, fmt.Sprintf("%s ×%d", key, n))
		}
	}
	d.t.Logf("%d acknowledged, %d stored", len(d.book.keys), len(stored))
	if len(lost) > 0 || len(doubled) > 0 {
		d.t.Errorf("lost %d: %.500v; doubled %d: %.500v", len(lost), lost, len(doubled), doubled)
	}
	if got := column(d.t, db, "SELECT channel_id || ' ' || external_id FROM receipts GROUP BY channel_id, external_id HAVING count(*) > 1"); len(got) > 0 {
		d.t.Errorf("keys stored twice: %v", got)
	}
	if got := column(d.t, db, "SELECT i.value FROM events e JOIN identities i ON i.id = e.anchor_identity_id GROUP BY i.kind, i.scope, i.value HAVING count(DISTINCT e.customer_id) > 1"); len(got) > 0 {
		d.t.Errorf("in several threads: %v", got)
	}
	if got := column(d.t, db, apart); len(got) > 0 {
		d.t.Errorf("the stores' orders say that these are one person's, and they are in two threads: %v", got)
	}
	if got := column(d.t, db, "SELECT id FROM events WHERE kind = 'unreadable'"); len(got) > 0 {
		d.t.Errorf("unreadable events: %v", got)
	}
	return len(lost), len(doubled)
}
