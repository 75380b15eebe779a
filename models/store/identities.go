package store

import (
	"slices"

	"onethread/models"
)

// AddIdentity stores an identity with its customer's search row. A second owner of what is known
// already is refused (IsDuplicate).
func AddIdentity(tx *Tx, i models.Identity) (models.ID, error) {
	id, err := insert(tx, `INSERT INTO identities(customer_id, home_id, kind, scope, value, display, evidence, reason, shared, channel_id, created_at)
		VALUES (?,?,?,?,?,?,?,?,?,?,?) RETURNING id`,
		i.CustomerID, i.HomeID, i.Kind, i.Scope, i.Value, i.Display, i.Evidence, i.Reason, i.Shared, i.ChannelID, tx.Now())
	if err == nil && i.Evidence != models.Typed {
		err = recallOptOuts(tx, id, i)
	}
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

// IdentitiesOf lists the identities of customers, oldest first. An address that two records brought
// into one customer stands once, by its better evidence.
func IdentitiesOf(q Q, customer ...models.ID) ([]models.Identity, error) {
	var out []models.Identity
	err := q.db().Raw("SELECT * FROM identities WHERE customer_id IN ? ORDER BY id", customer).Scan(&out).Error
	return onceEach(out), err
}

func onceEach(all []models.Identity) (out []models.Identity) {
	for _, i := range all {
		at := slices.IndexFunc(out, func(o models.Identity) bool {
			return o.CustomerID == i.CustomerID && o.Kind == i.Kind && o.Scope == i.Scope && o.Value == i.Value
		})
		switch {
		case at < 0:
			out = append(out, i)
		case i.Evidence.Rank() > out[at].Evidence.Rank():
			out[at] = i
		}
	}
	return out
}

// HomeOf is the record that an identity belonged to before any merge; zero when it is at home where it
// stands, or there is no such identity.
func HomeOf(q Q, identity models.ID) (models.ID, error) {
	if identity == 0 {
		return 0, nil
	}
	return firstID(q, "SELECT home_id FROM identities WHERE id = ?", identity)
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
