package store

import (
	"slices"

	"onethread/models"
)

// AddMerge writes the log row of a merge.
func AddMerge(tx *Tx, from, into models.ID, reason string, user models.ID) (models.ID, error) {
	return insert(tx, "INSERT INTO merges(from_id, into_id, reason, user_id, created_at, last_event_id) SELECT ?,?,?,?,?, coalesce(max(id), 0) FROM events RETURNING id",
		from, into, reason, user, tx.Now())
}

// Merge finds a merge by id.
func Merge(q Q, id models.ID) (models.Merge, error) {
	var m models.Merge
	err := raw(q.db(), "SELECT * FROM merges WHERE id = ?", id).Take(&m).Error
	return m, notFound(err, "merge")
}

// MergesInto lists the merges into a customer that still stand, newest first.
func MergesInto(q Q, customer models.ID) ([]models.Merge, error) {
	var out []models.Merge
	err := raw(q.db(), "SELECT * FROM merges WHERE into_id = ? AND undone_at IS NULL ORDER BY id DESC", customer).Scan(&out).Error
	return out, err
}

// MarkUndone closes a merge's log row. It reports false when it was undone before.
func MarkUndone(tx *Tx, id, user models.ID) (bool, error) {
	res := exec(tx.g, "UPDATE merges SET undone_at = ?, undone_by = ? WHERE id = ? AND undone_at IS NULL", tx.Now(), user, id)
	return res.RowsAffected == 1, res.Error
}

// mergeSteps first tells what has been at home with "from" all along that it is, then moves all.
var mergeSteps = []string{
	"UPDATE identities SET home_id = @from WHERE customer_id = @from AND home_id IS NULL",
	"UPDATE conversations SET home_id = @from WHERE customer_id = @from AND home_id IS NULL",
	"UPDATE orders SET home_id = @from WHERE customer_id = @from AND home_id IS NULL AND anchor_identity_id IS NULL",
	"UPDATE events SET home_id = @from WHERE customer_id = @from AND home_id IS NULL AND anchor_identity_id IS NULL AND conversation_id IS NULL",
	"UPDATE identities SET customer_id = @into WHERE customer_id = @from",
	"UPDATE conversations SET customer_id = @into WHERE customer_id = @from",
	"UPDATE events SET customer_id = @into WHERE customer_id = @from",
	"UPDATE orders SET customer_id = @into WHERE customer_id = @from",
	"UPDATE drafts SET home_id = @from WHERE customer_id = @from AND home_id = 0",
	"UPDATE drafts SET customer_id = @into WHERE customer_id = @from",
}

// ApplyMerge re-points everything of from to into.
func ApplyMerge(tx *Tx, from, into models.ID) error {
	return runNamed(tx, mergeSteps, from, into)
}

// below are a customer's own record and all that were merged into it, directly or not.
const below = "(WITH RECURSIVE below(id) AS (SELECT @from UNION SELECT c.id FROM customers c JOIN below b ON c.merged_into = b.id) SELECT id FROM below)"

var unmergeSteps = []string{
	"UPDATE identities SET customer_id = @from WHERE customer_id = @into AND home_id IN " + below,
	"UPDATE conversations SET customer_id = @from WHERE customer_id = @into AND home_id IN " + below,
	"UPDATE events SET customer_id = @from WHERE customer_id = @into AND (home_id IN " + below + ` OR home_id IS NULL AND CASE
		WHEN anchor_identity_id IS NOT NULL THEN anchor_identity_id IN (SELECT id FROM identities WHERE customer_id = @from)
		ELSE conversation_id IN (SELECT id FROM conversations WHERE customer_id = @from) END)`,
	"UPDATE orders SET customer_id = @from WHERE customer_id = @into AND (home_id IN " + below + ` OR home_id IS NULL
		AND anchor_identity_id IN (SELECT id FROM identities WHERE customer_id = @from))`,
	"UPDATE drafts SET customer_id = @from WHERE customer_id = @into AND home_id IN " + below,
	"UPDATE drafts SET home_id = 0 WHERE customer_id = @from AND home_id = @from",
}

// strangers are the events whose conversation belongs to the other customer: an event and its
// conversation are always of one.
const strangers = `SELECT id, conversation_id FROM events WHERE customer_id IN (@from, @into) AND conversation_id IS NOT NULL
	AND customer_id <> (SELECT customer_id FROM conversations WHERE id = conversation_id) ORDER BY id`

// RevertMerge sends everything home that belongs below from, also what came after the merge. from must
// stand alone again (SetMergedInto). It returns the events that lost their conversation to the other
// customer.
func RevertMerge(tx *Tx, from, into models.ID) ([]Stranger, error) {
	if err := runNamed(tx, unmergeSteps, from, into); err != nil {
		return nil, err
	}
	return partStrangers(tx, from, into)
}

// partStrangers takes the events of two customers out of conversations that belong to the other one.
func partStrangers(tx *Tx, from, into models.ID) ([]Stranger, error) {
	var rows []Stranger
	err := raw(tx.g, strangers, map[string]any{"from": int64(from), "into": int64(into)}).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows, exec(tx.g, "UPDATE events SET conversation_id = NULL WHERE id IN ?", EventsIn(rows)).Error
}

// Stranger is an event that lost its conversation to another customer.
type Stranger struct{ ID, ConversationID models.ID }

// EventsIn lists the events of strangers.
func EventsIn(all []Stranger) (out []models.ID) {
	for _, s := range all {
		out = append(out, s.ID)
	}
	return out
}

// ConversationsIn lists the conversations that strangers left, each once.
func ConversationsIn(all []Stranger) (out []models.ID) {
	for _, s := range all {
		if !slices.Contains(out, s.ConversationID) {
			out = append(out, s.ConversationID)
		}
	}
	return out
}

func runNamed(tx *Tx, statements []string, from, into models.ID) error {
	args := map[string]any{"from": int64(from), "into": int64(into)}
	for _, sql := range statements {
		if err := exec(tx.g, sql, args).Error; err != nil {
			return err
		}
	}
	return nil
}

// Wordy tells which of the events want a conversation, oldest first: messages and notes that no machine wrote.
func Wordy(q Q, events []models.ID) ([]models.Event, error) {
	var out []models.Event
	if len(events) == 0 {
		return nil, nil
	}
	err := raw(q.db(), `SELECT * FROM events WHERE id IN ? AND kind IN ('message','note')
		AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.event_id = events.id AND m.automatic <> '') ORDER BY id`, events).Scan(&out).Error
	return out, err
}

// FirstUnread is the oldest inbound event of a thread that is newer than a mark and wants to be read;
// zero when there is none.
func FirstUnread(q Q, customer, mark models.ID) (models.ID, error) {
	return firstID(q, "SELECT id FROM events WHERE customer_id = ? AND direction = 'in' AND silent = 0 AND kind IN ('message','call','voicemail') AND id > ? ORDER BY id LIMIT 1",
		customer, int64(mark))
}

// Marks tells how far each user has read a thread.
func Marks(q Q, customer models.ID) (map[models.ID]models.ID, error) {
	var rows []struct{ UserID, EventID models.ID }
	err := raw(q.db(), "SELECT user_id, event_id FROM reads WHERE customer_id = ?", customer).Scan(&rows).Error
	out := map[models.ID]models.ID{}
	for _, r := range rows {
		out[r.UserID] = r.EventID
	}
	return out, err
}

// JoinMark gives a user the mark of a joined thread, and remembers with the merge what it was.
func JoinMark(tx *Tx, merge, user, into, was, becomes models.ID) error {
	err := exec(tx.g, "INSERT INTO merge_marks(merge_id, user_id, was, became) VALUES (?,?,?,?)", merge, user, int64(was), int64(becomes)).Error
	if err != nil {
		return err
	}
	return exec(tx.g, "INSERT INTO reads(user_id, customer_id, event_id) VALUES (?,?,?) ON CONFLICT(user_id, customer_id) DO UPDATE SET event_id = excluded.event_id",
		user, into, int64(becomes)).Error
}

var partMarks = []string{
	// Who has read on in the joined thread (no merge set their mark) has read both.
	`INSERT INTO reads(user_id, customer_id, event_id) SELECT r.user_id, @from, r.event_id FROM reads r WHERE r.customer_id = @root AND r.event_id > @last
		AND NOT EXISTS (SELECT 1 FROM merges m JOIN merge_marks k ON k.merge_id = m.id WHERE m.into_id = @root AND m.undone_at IS NULL AND k.user_id = r.user_id AND k.became = r.event_id)
		ON CONFLICT(user_id, customer_id) DO UPDATE SET event_id = max(event_id, excluded.event_id)`,
	// A later merge built on this one's mark: it builds on the mark before now.
	`UPDATE merge_marks SET was = (SELECT k.was FROM merge_marks k WHERE k.merge_id = @merge AND k.user_id = merge_marks.user_id)
		WHERE merge_id > @merge AND merge_id IN (SELECT id FROM merges WHERE into_id = @into AND undone_at IS NULL)
		AND was = (SELECT k.became FROM merge_marks k WHERE k.merge_id = @merge AND k.user_id = merge_marks.user_id)`,
	`UPDATE reads SET event_id = (SELECT k.was FROM merge_marks k WHERE k.merge_id = @merge AND k.user_id = reads.user_id)
		WHERE customer_id = @into AND event_id = (SELECT k.became FROM merge_marks k WHERE k.merge_id = @merge AND k.user_id = reads.user_id)
		AND NOT EXISTS (SELECT 1 FROM merges m JOIN merge_marks k ON k.merge_id = m.id WHERE m.into_id = @into AND m.id > @merge AND m.undone_at IS NULL
			AND k.user_id = reads.user_id AND k.became = reads.event_id)`,
	"DELETE FROM reads WHERE customer_id = @into AND event_id = 0",
}

// PartMarks takes back what a merge that is being undone did to read marks, where nobody has read on
// since. root is the customer that "into" stands for today.
func PartMarks(tx *Tx, m models.Merge, root models.ID) error {
	args := map[string]any{"merge": int64(m.ID), "from": int64(m.FromID), "into": int64(m.IntoID), "root": int64(root), "last": int64(m.LastEventID)}
	for _, sql := range partMarks {
		if err := exec(tx.g, sql, args).Error; err != nil {
			return err
		}
	}
	return nil
}

// nameBelow asks for a column of the record whose name a customer without one of their own bears: the
// oldest that staff named among those merged into them, or the oldest with a name at all.
func nameBelow(column string) string {
	return "SELECT " + column + " FROM customers WHERE id IN " + below + " AND name <> '' AND name_source <> 'merge' ORDER BY name_source <> 'staff', id LIMIT 1"
}

// RenameByMerge gives a customer without a name of their own that of a record that was merged into them,
// and takes it back when that stands alone again.
func RenameByMerge(tx *Tx, customer models.ID) error {
	return exec(tx.g, `UPDATE customers SET (name, name_source) = (SELECT coalesce(max(n.name), ''), CASE WHEN max(n.name) IS NULL THEN '' ELSE 'merge' END
			FROM (`+nameBelow("name")+`) n)
		WHERE id = @from AND (name = '' OR name_source = 'merge')`, map[string]any{"from": int64(customer)}).Error
}
