package store

import (
	"strings"
	"testing"
)

// The lists of the inbox must walk an index: a table scan would grow with the shop.
func TestListsUseIndexes(t *testing.T) {
	s := openTest(t)
	where, args := InboxFilter{Status: "open", Limit: 50, Viewer: 1}.where()
	marked, markedArgs := InboxFilter{Status: "closed", Label: "vip", Channel: "email", Limit: 50, Viewer: 1}.where()
	plans := map[string]struct {
		sql  string
		args any
	}{
		"inbox": {inboxRows + where + " ORDER BY c.last_at DESC, c.id DESC LIMIT @limit", args},
		"thread": {entryRows + "e.customer_id = @customer AND e.hidden = 0 ORDER BY e.occurred_at DESC, e.id DESC LIMIT @limit",
			map[string]any{"customer": 1, "limit": 50}},
		"inbox by marks": {inboxRows + marked + " ORDER BY c.last_at DESC, c.id DESC LIMIT @limit", markedArgs},
		"orders":         {"SELECT * FROM orders WHERE (placed_at, id) < (?, ?) AND status = ? ORDER BY placed_at DESC, id DESC LIMIT ?", []any{1, 1, "paid", 50}},
		"message id":     {"SELECT event_id FROM messages WHERE message_id = @id AND message_id <> '' ORDER BY event_id DESC LIMIT 1", map[string]any{"id": "a"}},
		"customers":      {listCustomers, []any{1, 1, 50}},
		"due":            {"SELECT id FROM outbox INDEXED BY outbox_due WHERE state IN ('queued','sending') AND next_at <= @one AND (lease_until IS NULL OR lease_until <= 5) ORDER BY next_at, id LIMIT 1", map[string]any{"one": 1}},
	}
	for name, p := range plans {
		var rows []struct{ Detail string }
		q := s.r.Raw("EXPLAIN QUERY PLAN "+p.sql, p.args)
		if list, ok := p.args.([]any); ok {
			q = s.r.Raw("EXPLAIN QUERY PLAN "+p.sql, list...)
		}
		if err := q.Scan(&rows).Error; err != nil {
			t.Fatal(name, err)
		}
		for _, r := range rows {
			if strings.HasPrefix(r.Detail, "SCAN") && !strings.Contains(r.Detail, "USING") && !strings.Contains(r.Detail, "subquery") &&
				!strings.Contains(r.Detail, "(subquery") && !strings.Contains(r.Detail, "CONSTANT") {
				t.Errorf("%s: %s", name, r.Detail)
			}
			if strings.Contains(r.Detail, "TEMP B-TREE") {
				t.Errorf("%s sorts: %s", name, r.Detail)
			}
		}
		t.Log(name, rows)
	}
}
