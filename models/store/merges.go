package store

import "onethread/models"

// AddMerge writes the log row of a merge.
func AddMerge(tx *Tx, from, into models.ID, reason string, user models.ID) (models.ID, error) {
	return insert(tx, "INSERT INTO merges(from_id, into_id, reason, user_id, created_at) VALUES (?,?,?,?,?) RETURNING id",
		from, into, reason, user, tx.Now())
}

// Merge finds a merge by id.
func Merge(q Q, id models.ID) (models.Merge, error) {
	var m models.Merge
	err := q.db().Raw("SELECT * FROM merges WHERE id = ?", id).Take(&m).Error
	return m, notFound(err, "merge")
}

// MergesInto lists the merges into a customer that still stand, newest first.
func MergesInto(q Q, customer models.ID) ([]models.Merge, error) {
	var out []models.Merge
	err := q.db().Raw("SELECT * FROM merges WHERE into_id = ? AND undone_at IS NULL ORDER BY id DESC", customer).Scan(&out).Error
	return out, err
}

// MarkUndone closes a merge's log row. It reports false when it was undone before.
func MarkUndone(tx *Tx, id, user models.ID) (bool, error) {
	res := tx.g.Exec("UPDATE merges SET undone_at = ?, undone_by = ? WHERE id = ? AND undone_at IS NULL", tx.Now(), user, id)
	return res.RowsAffected == 1, res.Error
}

// What a merge moves, in this order: log first, then re-point.
var mergeLog = []string{
	`INSERT INTO merge_items(merge_id, kind, item_id) SELECT @merge, 'conversation', id FROM conversations WHERE customer_id = @from`,
	`INSERT INTO merge_items(merge_id, kind, item_id) SELECT @merge, 'event', id FROM events WHERE customer_id = @from AND anchor_identity_id IS NULL`,
	`INSERT INTO merge_items(merge_id, kind, item_id) SELECT @merge, 'order', id FROM orders WHERE customer_id = @from AND anchor_identity_id IS NULL`,
	// An address that both hold (both typed it, or it is shared) stays with "into"; the copy is remembered.
	`INSERT INTO merge_items(merge_id, kind, item_id, detail) SELECT @merge, 'dropped_identity', f.id, i.id FROM identities f
		JOIN identities i ON i.customer_id = @into AND i.kind = f.kind AND i.scope = f.scope AND i.value = f.value WHERE f.customer_id = @from`,
	`INSERT INTO merge_items(merge_id, kind, item_id) SELECT @merge, 'identity', f.id FROM identities f WHERE f.customer_id = @from
		AND f.id NOT IN (SELECT item_id FROM merge_items WHERE merge_id = @merge AND kind = 'dropped_identity')`,
}

var mergeMove = []string{
	`UPDATE identities SET value = value || char(31) || id, customer_id = @into WHERE id IN (SELECT item_id FROM merge_items WHERE merge_id = @merge AND kind = 'dropped_identity')`,
	`UPDATE identities SET customer_id = @into WHERE id IN (SELECT item_id FROM merge_items WHERE merge_id = @merge AND kind = 'identity')`,
	`UPDATE conversations SET customer_id = @into WHERE customer_id = @from`,
	`UPDATE events SET customer_id = @into WHERE customer_id = @from`,
	`UPDATE orders SET customer_id = @into WHERE customer_id = @from`,
}

// ApplyMerge re-points everything of from to into and logs what no anchor would bring back.
func ApplyMerge(tx *Tx, merge, from, into models.ID) error {
	return runNamed(tx, append(append([]string{}, mergeLog...), mergeMove...), merge, from, into)
}

var mergeUndo = []string{
	`UPDATE identities SET customer_id = @from WHERE id IN (SELECT item_id FROM merge_items WHERE merge_id = @merge AND kind = 'identity')`,
	`UPDATE identities SET customer_id = @from, value = substr(value, 1, instr(value, char(31)) - 1)
		WHERE id IN (SELECT item_id FROM merge_items WHERE merge_id = @merge AND kind = 'dropped_identity')`,
	`UPDATE conversations SET customer_id = @from WHERE id IN (SELECT item_id FROM merge_items WHERE merge_id = @merge AND kind = 'conversation')`,
	// Conversations begun since, by an address that goes back.
	`UPDATE conversations SET customer_id = @from WHERE customer_id = @into AND id > coalesce((SELECT max(item_id) FROM merge_items WHERE merge_id = @merge AND kind = 'conversation'), 0)
		AND (SELECT e.anchor_identity_id FROM events e WHERE e.conversation_id = conversations.id AND e.anchor_identity_id IS NOT NULL ORDER BY e.id LIMIT 1)
		IN (SELECT id FROM identities WHERE customer_id = @from)`,
	`UPDATE events SET customer_id = @from WHERE customer_id = @into AND anchor_identity_id IN (SELECT id FROM identities WHERE customer_id = @from)`,
	`UPDATE events SET customer_id = @from WHERE customer_id = @into AND anchor_identity_id IS NULL AND (
		id IN (SELECT item_id FROM merge_items WHERE merge_id = @merge AND kind = 'event')
		OR conversation_id IN (SELECT id FROM conversations WHERE customer_id = @from))`,
	// An event and its conversation are always of one customer.
	`UPDATE events SET conversation_id = NULL WHERE customer_id IN (@from, @into) AND conversation_id IS NOT NULL
		AND customer_id <> (SELECT customer_id FROM conversations WHERE id = conversation_id)`,
	`UPDATE orders SET customer_id = @from WHERE customer_id = @into AND (anchor_identity_id IN (SELECT id FROM identities WHERE customer_id = @from)
		OR id IN (SELECT item_id FROM merge_items WHERE merge_id = @merge AND kind = 'order'))`,
}

// RevertMerge moves everything back by its anchor, also what came after the merge. Events whose
// conversation belongs to the other customer lose it; Stranded finds them.
func RevertMerge(tx *Tx, merge, from, into models.ID) error {
	return runNamed(tx, mergeUndo, merge, from, into)
}

func runNamed(tx *Tx, statements []string, merge, from, into models.ID) error {
	args := map[string]any{"merge": merge, "from": from, "into": into}
	for _, sql := range statements {
		if err := tx.g.Exec(sql, args).Error; err != nil {
			return err
		}
	}
	return nil
}

// Stranded lists a customer's messages since a moment that have no conversation, oldest first.
func Stranded(q Q, customer models.ID, since models.Time) ([]models.Event, error) {
	var out []models.Event
	err := q.db().Raw(`SELECT * FROM events WHERE customer_id = ? AND conversation_id IS NULL AND kind IN ('message','note') AND created_at >= ?
		AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.event_id = events.id AND m.automatic <> '') ORDER BY id`, customer, since).Scan(&out).Error
	return out, err
}
