package store

import (
	"context"
	"encoding/json"

	"gorm.io/gorm"

	"onethread/models"
)

// unindexed is whose search rows a write leaves for the end of its commit. The full-text index writes what it
// holds in memory before each statement that needs a savepoint of its own, and overwrites what it replaces
// word by word: rows that are written once, together, cost a fraction.
type unindexed struct {
	messages          bool // they stand in messages_unindexed
	customers, orders []models.ID
}

func (u *unindexed) add(o unindexed) {
	u.messages = u.messages || o.messages
	u.customers, u.orders = append(u.customers, o.customers...), append(u.orders, o.orders...)
}

// IndexCustomer has a customer's search row brought up to date at the end of the commit; a merged or erased
// customer has none.
func IndexCustomer(tx *Tx, id models.ID) { tx.unindexed.customers = append(tx.unindexed.customers, id) }

// index writes the search rows of a batch, as the last work of its commit.
func index(g *gorm.DB, batch []*write) error {
	var u unindexed
	for _, w := range batch {
		u.add(w.unindexed)
	}
	if err := indexThose(g, u.customers, unnameMerged, nameCustomers); err != nil {
		return err
	}
	if err := indexThose(g, u.orders, wordOrders); err != nil {
		return err
	}
	if u.messages {
		return indexMessages(g)
	}
	return nil
}

// What follows takes the ids as JSON and reads what stands at the end of the commit: what a write of the same
// batch has erased is not written again.
const (
	unnameMerged  = "DELETE FROM customer_words WHERE customer_id IN (SELECT c.id FROM json_each(?) j JOIN customers c ON c.id = j.value AND c.merged_into IS NOT NULL)"
	nameCustomers = `INSERT INTO customer_words(customer_id, words)
		SELECT c.id, c.name || coalesce((SELECT ' ' || group_concat(i.value, ' ') FROM identities i WHERE i.customer_id = c.id AND i.kind <> 'chat' AND i.retired_at IS NULL), '')
		FROM customers c WHERE c.id IN (SELECT value FROM json_each(?)) AND c.merged_into IS NULL AND c.erased_at IS NULL
		ON CONFLICT(customer_id) DO UPDATE SET words = excluded.words WHERE words <> excluded.words`
	wordOrders = `INSERT INTO order_words(order_id, words) SELECT o.id, ` + orderWords + ` FROM orders o WHERE o.id IN (SELECT value FROM json_each(?))
		ON CONFLICT(order_id) DO UPDATE SET words = excluded.words WHERE words <> excluded.words`
	// orderWords are what an order o is found by: number, destination, goods, parcels.
	orderWords = `o.number || ' ' || o.external_id || iif(o.ship_to = '', '', ' ' || o.ship_to)
		|| coalesce((SELECT ' ' || group_concat(l.title || ' ' || l.sku, ' ') FROM order_lines l WHERE l.order_id = o.id), '')
		|| coalesce((SELECT ' ' || group_concat(t.number, ' ') FROM tracking t WHERE t.order_id = o.id), '')`
)

func indexThose(g *gorm.DB, rows []models.ID, statements ...string) error {
	if len(rows) == 0 {
		return nil
	}
	numbers := make([]int64, len(rows)) // an ID is a text in JSON
	for i, id := range rows {
		numbers[i] = int64(id)
	}
	ids, err := json.Marshal(numbers)
	for _, sql := range statements {
		if err == nil {
			err = exec(g, sql, string(ids)).Error
		}
	}
	return err
}

// indexMessages writes the search rows of new messages.
func indexMessages(g *gorm.DB) error {
	err := exec(g, "INSERT INTO messages_fts(rowid, subject, text, files) SELECT m.event_id, m.subject, m.text, m.files FROM messages_unindexed u JOIN messages m ON m.event_id = u.event_id").Error
	if err != nil {
		return err
	}
	return exec(g, "DELETE FROM messages_unindexed").Error
}

// How much one step of TidySearch merges (pages of the index), and how many it does at most.
const (
	tidyPages = 200
	tidySteps = 500
)

// TidySearch merges the small indexes of which each commit adds one, a few milliseconds at a time. FTS5 does it
// by itself at every fourth of a size if it is let, at the cost of whoever writes then (a quarter of what an
// arriving message takes); here it does so at every sixteenth, and what is left is done now and then.
// https://www.sqlite.org/fts5.html, "The 'merge' Command".
func (s *Store) TidySearch(ctx context.Context) error {
	for _, t := range searched {
		for range tidySteps {
			var worked int
			err := s.Write(ctx, func(tx *Tx) error {
				before, err := scalar[int](raw(tx.g, "SELECT total_changes()"))
				if err == nil {
					err = exec(tx.g, "INSERT INTO "+t.fts+"("+t.fts+", rank) VALUES ('merge', ?)", tidyPages).Error
				}
				if err != nil {
					return err
				}
				after, err := scalar[int](raw(tx.g, "SELECT total_changes()"))
				worked = after - before
				return err
			})
			if err != nil {
				return err
			}
			if worked < 2 { // the command counts for one
				break
			}
		}
	}
	return nil
}
