package store

import (
	"fmt"

	"onethread/models"
)

// between are the suggestions about two customers, or about records that were merged into them.
const between = `FROM suggestions WHERE ((customer_id IN %[1]s AND other_id IN %[2]s) OR (customer_id IN %[2]s AND other_id IN %[1]s))`

// belowOf is below, for a customer with another name in the statement.
func belowOf(arg string) string {
	return "(WITH RECURSIVE below(id) AS (SELECT " + arg + " UNION SELECT c.id FROM customers c JOIN below b ON c.merged_into = b.id) SELECT id FROM below)"
}

// standing is the customer that a record stands for today.
func standing(id string) string {
	return "(WITH RECURSIVE up(id, into_id) AS (SELECT c.id, c.merged_into FROM customers c WHERE c.id = " + id +
		" UNION SELECT c.id, c.merged_into FROM up JOIN customers c ON c.id = up.into_id) SELECT id FROM up WHERE into_id IS NULL)"
}

// pairState is what staff said about two customers: "" (never asked), open, accepted or rejected. A
// rejection of any of the records they are made of counts for both.
func pairState(q Q, a, b models.ID) (string, error) {
	return scalar[string](raw(q.db(), "SELECT state "+fmt.Sprintf(between, belowOf("@a"), belowOf("@b"))+" ORDER BY state = 'rejected' DESC, id LIMIT 1",
		map[string]any{"a": int64(a), "b": int64(b)}))
}

// AddSuggestion proposes that a and b are one person, or adds what else speaks for it to what was
// proposed before; a refusal is remembered. It reports whether the clue was news.
func AddSuggestion(tx *Tx, a, b models.ID, clue models.Clue) (bool, error) {
	if a == b {
		return false, nil
	}
	state, err := pairState(tx, a, b)
	if err != nil || state == "rejected" {
		return false, err
	}
	id := models.ID(0)
	if state == "open" {
		id, err = firstID(tx, "SELECT id "+fmt.Sprintf(between, belowOf("@a"), belowOf("@b"))+" AND state = 'open' ORDER BY id LIMIT 1", map[string]any{"a": int64(a), "b": int64(b)})
	} else {
		id, err = insert(tx, `INSERT INTO suggestions(customer_id, other_id, kind, value, reason, created_at) VALUES (?,?,?,?,?,?)
			ON CONFLICT(customer_id, other_id) DO UPDATE SET state = 'open', kind = excluded.kind, value = excluded.value, reason = excluded.reason,
			created_at = excluded.created_at, decided_at = NULL, decided_by = NULL RETURNING id`, min(a, b), max(a, b), clue.Kind, clue.Value, clue.Reason, tx.Now())
	}
	if err != nil || id == 0 {
		return false, err
	}
	clue.SuggestionID = id
	return addClue(tx, clue)
}

// addClue keeps one piece of evidence once, and the sum of all.
func addClue(tx *Tx, c models.Clue) (bool, error) {
	res := exec(tx.g, "INSERT INTO suggestion_evidence(suggestion_id, kind, value, reason, weight, at) VALUES (?,?,?,?,?,?) ON CONFLICT DO NOTHING",
		c.SuggestionID, c.Kind, c.Value, c.Reason, c.Weight, tx.Now())
	if res.Error != nil || res.RowsAffected == 0 {
		return false, res.Error
	}
	return true, exec(tx.g, "UPDATE suggestions SET score = (SELECT sum(weight) FROM suggestion_evidence WHERE suggestion_id = suggestions.id) WHERE id = ?", c.SuggestionID).Error
}

// CluesOf lists what speaks for suggestions, the strongest first.
func CluesOf(q Q, suggestions []models.ID) (map[models.ID][]models.Clue, error) {
	var rows []models.Clue
	err := raw(q.db(), "SELECT suggestion_id, kind, value, reason, weight FROM suggestion_evidence WHERE suggestion_id IN ? ORDER BY weight DESC, at, kind, value", suggestions).Scan(&rows).Error
	out := map[models.ID][]models.Clue{}
	for _, c := range rows {
		out[c.SuggestionID] = append(out[c.SuggestionID], c)
	}
	return out, err
}

// RankedSuggestions lists what staff still have to decide, the likeliest first, after the given place
// (zero id = from the top). The customers are those that stand today.
func RankedSuggestions(q Q, afterScore int, after models.ID, limit int) ([]models.Suggestion, error) {
	if after == 0 {
		afterScore, after = 1<<30, 1<<62
	}
	var out []models.Suggestion
	err := raw(q.db(), "SELECT * FROM (SELECT s.id, "+standing("s.customer_id")+" AS customer_id, "+standing("s.other_id")+` AS other_id, s.kind, s.value, s.reason, s.state, s.created_at, s.score
		FROM suggestions s WHERE s.state = 'open' AND (s.score, s.id) < (?, ?) ORDER BY s.score DESC, s.id DESC LIMIT ?) WHERE customer_id <> other_id`, afterScore, int64(after), limit).Scan(&out).Error
	return out, err
}

// FeedHead is the newest event's id, and how many suggestions wait, up to a hundred: what a page begins with.
func FeedHead(q Q) (last models.ID, waiting int, err error) {
	var row struct {
		Last    models.ID
		Waiting int
	}
	err = raw(q.db(), "SELECT (SELECT max(id) FROM events) AS last, (SELECT count(*) FROM (SELECT 1 FROM suggestions WHERE state = 'open' LIMIT 100)) AS waiting").Scan(&row).Error
	return row.Last, row.Waiting, err
}

// Suggestion finds a suggestion by id.
func Suggestion(q Q, id models.ID) (models.Suggestion, error) {
	var s models.Suggestion
	err := raw(q.db(), "SELECT * FROM suggestions WHERE id = ?", id).Take(&s).Error
	return s, notFound(err, "suggestion")
}

// DecideSuggestion records staff's answer. It reports false when it was already decided.
func DecideSuggestion(tx *Tx, id models.ID, state string, user models.ID) (bool, error) {
	res := exec(tx.g, "UPDATE suggestions SET state = ?, decided_at = ?, decided_by = ? WHERE id = ? AND state = 'open'", state, tx.Now(), user, id)
	return res.RowsAffected == 1, res.Error
}

// RefusedPair tells whether staff said that the two are not the same person.
func RefusedPair(q Q, a, b models.ID) (bool, error) {
	state, err := pairState(q, a, b)
	return state == "rejected", err
}

// Suggestions lists what staff still have to decide, newest first, below the given id (0 = all). The
// customers are those that stand today.
func Suggestions(q Q, before models.ID, limit int) ([]models.Suggestion, error) {
	if before == 0 {
		before = 1 << 62
	}
	var out []models.Suggestion
	err := raw(q.db(), "SELECT * FROM (SELECT s.id, "+standing("s.customer_id")+" AS customer_id, "+standing("s.other_id")+` AS other_id, s.kind, s.value, s.reason, s.state, s.created_at, s.score
		FROM suggestions s WHERE s.state = 'open' AND s.id < ? ORDER BY s.id DESC LIMIT ?) WHERE customer_id <> other_id`, int64(before), limit).Scan(&out).Error
	return out, err
}

// SuggestionsFor lists the open suggestions about one customer, newest first.
func SuggestionsFor(q Q, customer models.ID) ([]models.Suggestion, error) {
	var out []models.Suggestion
	err := raw(q.db(), "SELECT * FROM (SELECT s.id, "+standing("s.customer_id")+" AS customer_id, "+standing("s.other_id")+` AS other_id, s.kind, s.value, s.reason, s.state, s.created_at, s.score
		FROM suggestions s WHERE s.state = 'open' AND (s.customer_id IN `+below+` OR s.other_id IN `+below+`) ORDER BY s.id DESC LIMIT 20) WHERE customer_id <> other_id`,
		map[string]any{"from": int64(customer)}).Scan(&out).Error
	return out, err
}

// RefusePair remembers that two customers are not the same person, whether or not it was proposed.
func RefusePair(tx *Tx, a, b, user models.ID) error {
	return exec(tx.g, `INSERT INTO suggestions(customer_id, other_id, kind, value, reason, state, created_at, decided_at, decided_by) VALUES (?,?,'','','merge undone','rejected',?,?,?)
		ON CONFLICT(customer_id, other_id) DO UPDATE SET state = 'rejected', decided_at = excluded.decided_at, decided_by = excluded.decided_by`,
		min(a, b), max(a, b), tx.Now(), tx.Now(), user).Error
}
