package store

import "onethread/models"

// AddIdentity stores an identity with its customer's search row. A second owner of what is known
// already is refused (IsDuplicate).
func AddIdentity(tx *Tx, i models.Identity) (models.ID, error) {
	id, err := insert(tx, `INSERT INTO identities(customer_id, kind, scope, value, display, evidence, reason, shared, channel_id, created_at)
		VALUES (?,?,?,?,?,?,?,?,?,?) RETURNING id`,
		i.CustomerID, i.Kind, i.Scope, i.Value, i.Display, i.Evidence, i.Reason, i.Shared, i.ChannelID, tx.Now())
	if err != nil || i.Kind == models.ChatIdentity {
		return id, err
	}
	return id, IndexCustomer(tx, i.CustomerID)
}

// IdentitiesAt finds every identity with this address, the best evidence first, then the oldest.
func IdentitiesAt(q Q, kind models.IdentityKind, scope, value string) ([]models.Identity, error) {
	var out []models.Identity
	err := q.db().Raw(`SELECT * FROM identities WHERE kind = ? AND scope = ? AND value = ?
		ORDER BY CASE evidence WHEN 'proved' THEN 0 WHEN 'asserted' THEN 1 ELSE 2 END, id`, kind, scope, value).Scan(&out).Error
	return out, err
}

// Identity finds an identity by id.
func Identity(q Q, id models.ID) (models.Identity, error) {
	var i models.Identity
	err := q.db().Raw("SELECT * FROM identities WHERE id = ?", id).Take(&i).Error
	return i, notFound(err, "address")
}

// IdentitiesOf lists a customer's identities, oldest first.
func IdentitiesOf(q Q, customer ...models.ID) ([]models.Identity, error) {
	var out []models.Identity
	err := q.db().Raw("SELECT * FROM identities WHERE customer_id IN ? ORDER BY id", customer).Scan(&out).Error
	return out, err
}

// Strengthen records better evidence for an identity.
func Strengthen(tx *Tx, id models.ID, evidence models.Evidence, reason string) error {
	return tx.g.Exec("UPDATE identities SET evidence = ?, reason = ? WHERE id = ?", evidence, reason, id).Error
}

// ActiveMostRecently tells which of the customers had an event at this identity last.
func ActiveMostRecently(q Q, identities []models.ID) (models.ID, error) {
	var ids []models.ID
	err := q.db().Raw(`SELECT anchor_identity_id FROM events WHERE anchor_identity_id IN ? ORDER BY id DESC LIMIT 1`, identities).Scan(&ids).Error
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return ids[0], nil
}

// AddSuggestion proposes that a and b are one person, unless that pair was proposed before
// (a refusal is remembered). It returns zero when nothing new was proposed.
func AddSuggestion(tx *Tx, a, b models.ID, kind models.IdentityKind, value, reason string) (models.ID, error) {
	if a == b {
		return 0, nil
	}
	var ids []models.ID
	err := tx.g.Raw(`INSERT INTO suggestions(customer_id, other_id, kind, value, reason, created_at) VALUES (?,?,?,?,?,?)
		ON CONFLICT(customer_id, other_id) DO NOTHING RETURNING id`, min(a, b), max(a, b), kind, value, reason, tx.Now()).Scan(&ids).Error
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return ids[0], nil
}

// Suggestion finds a suggestion by id.
func Suggestion(q Q, id models.ID) (models.Suggestion, error) {
	var s models.Suggestion
	err := q.db().Raw("SELECT * FROM suggestions WHERE id = ?", id).Take(&s).Error
	return s, notFound(err, "suggestion")
}

// DecideSuggestion records staff's answer. It reports false when it was already decided.
func DecideSuggestion(tx *Tx, id models.ID, state string, user models.ID) (bool, error) {
	res := tx.g.Exec("UPDATE suggestions SET state = ?, decided_at = ?, decided_by = ? WHERE id = ? AND state = 'open'", state, tx.Now(), user, id)
	return res.RowsAffected == 1, res.Error
}

// RefusedPair tells whether staff said that the two are not the same person.
func RefusedPair(q Q, a, b models.ID) (bool, error) {
	var n int
	err := q.db().Raw("SELECT count(*) FROM suggestions WHERE customer_id = ? AND other_id = ? AND state = 'rejected'", min(a, b), max(a, b)).Scan(&n).Error
	return n > 0, err
}

const openSuggestions = `SELECT s.* FROM suggestions s JOIN customers a ON a.id = s.customer_id JOIN customers b ON b.id = s.other_id
	WHERE s.state = 'open' AND a.merged_into IS NULL AND b.merged_into IS NULL `

// Suggestions lists what staff still have to decide, newest first, below the given id (0 = all).
func Suggestions(q Q, before models.ID, limit int) ([]models.Suggestion, error) {
	if before == 0 {
		before = 1 << 62
	}
	var out []models.Suggestion
	err := q.db().Raw(openSuggestions+"AND s.id < ? ORDER BY s.id DESC LIMIT ?", before, limit).Scan(&out).Error
	return out, err
}

// SuggestionsFor lists the open suggestions about one customer.
func SuggestionsFor(q Q, customer models.ID) ([]models.Suggestion, error) {
	var out []models.Suggestion
	err := q.db().Raw(openSuggestions+"AND (s.customer_id = ? OR s.other_id = ?) ORDER BY s.id DESC LIMIT 20", customer, customer).Scan(&out).Error
	return out, err
}

// RefusePair remembers that two customers are not the same person, whether or not it was proposed.
func RefusePair(tx *Tx, a, b, user models.ID) error {
	return tx.g.Exec(`INSERT INTO suggestions(customer_id, other_id, kind, value, reason, state, created_at, decided_at, decided_by) VALUES (?,?,'','','merge undone','rejected',?,?,?)
		ON CONFLICT(customer_id, other_id) DO UPDATE SET state = 'rejected', decided_at = excluded.decided_at, decided_by = excluded.decided_by`,
		min(a, b), max(a, b), tx.Now(), tx.Now(), user).Error
}
