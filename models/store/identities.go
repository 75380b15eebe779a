package store

import (
	"slices"

	"onethread/models"
)

// AddIdentity stores an identity with its customer's search row. A second owner of what is known
// already is refused (IsDuplicate).
func AddIdentity(tx *Tx, i models.Identity) (models.ID, error) {
	id, err := insert(tx, `INSERT INTO identities(customer_id, home_id, kind, scope, value, display, evidence, reason, shared, channel_id, mailbox, created_at)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?) RETURNING id`,
		i.CustomerID, i.HomeID, i.Kind, i.Scope, i.Value, i.Display, i.Evidence, i.Reason, i.Shared, i.ChannelID, i.Mailbox, tx.Now())
	if err == nil {
		err = addProof(tx, id, i.Evidence, i.Reason)
	}
	if err == nil && i.Evidence != models.Typed {
		err = recallOptOuts(tx, id, i)
	}
	if err != nil || i.Kind == models.ChatIdentity {
		return id, err
	}
	IndexCustomer(tx, i.CustomerID)
	return id, nil
}

// addProof appends to the history of an identity. What brought it follows with ProofsBy.
func addProof(tx *Tx, identity models.ID, evidence models.Evidence, reason string) error {
	id, err := insert(tx, "INSERT INTO identity_evidence(identity_id, evidence, reason, at) VALUES (?,?,?,?) RETURNING id", identity, evidence, reason, tx.Now())
	tx.proofs = append(tx.proofs, id)
	return err
}

// ProofsBy names what brought the proofs that this write added: an event, and the member of staff, if one
// said so.
func ProofsBy(tx *Tx, event, user models.ID) error {
	if len(tx.proofs) == 0 {
		return nil
	}
	err := exec(tx.g, "UPDATE identity_evidence SET event_id = ?, user_id = ? WHERE id IN ?", event, user, tx.proofs).Error
	tx.proofs = nil
	return err
}

// ProvenBy is a proof with the name of the member of staff who gave it.
type ProvenBy struct {
	models.Proof
	UserName string
}

// ProofsOf lists why an identity is its customer's, oldest first.
func ProofsOf(q Q, identity models.ID) ([]ProvenBy, error) {
	var out []ProvenBy
	err := raw(q.db(), "SELECT p.*, coalesce(u.name, '') AS user_name FROM identity_evidence p LEFT JOIN users u ON u.id = p.user_id WHERE p.identity_id = ? ORDER BY p.id LIMIT 100", identity).Scan(&out).Error
	return out, err
}

// Retire takes an identity from its customer (at = zero gives it back).
func Retire(tx *Tx, i models.Identity, at models.Time) error {
	if err := exec(tx.g, "UPDATE identities SET retired_at = ? WHERE id = ?", at, i.ID).Error; err != nil {
		return err
	}
	IndexCustomer(tx, i.CustomerID)
	return nil
}

// ShareIdentity marks an identity as belonging to several people, or to one: then staff's word stands
// against whatever names orders carry.
func ShareIdentity(tx *Tx, id models.ID, shared bool) error {
	return exec(tx.g, "UPDATE identities SET shared = ?, single_at = CASE WHEN ? THEN NULL ELSE ? END WHERE id = ?", shared, shared, tx.Now(), id).Error
}

// IdentitiesAt finds every identity with this address that was not taken away, the best evidence first, then the oldest.
func IdentitiesAt(q Q, kind models.IdentityKind, scope, value string) ([]models.Identity, error) {
	var out []models.Identity
	err := raw(q.db(), `SELECT * FROM identities WHERE kind = ? AND scope = ? AND value = ? AND retired_at IS NULL
		ORDER BY CASE evidence WHEN 'proved' THEN 0 WHEN 'asserted' THEN 1 ELSE 2 END, id`, kind, scope, value).Scan(&out).Error
	return out, err
}

// Identity finds an identity by id.
func Identity(q Q, id models.ID) (models.Identity, error) {
	var i models.Identity
	err := raw(q.db(), "SELECT * FROM identities WHERE id = ?", id).Take(&i).Error
	return i, notFound(err, "address")
}

// IdentitiesOf lists the identities of customers, oldest first. An address that two records brought
// into one customer stands once, by its better evidence.
func IdentitiesOf(q Q, customer ...models.ID) ([]models.Identity, error) {
	var out []models.Identity
	err := raw(q.db(), "SELECT * FROM identities WHERE customer_id IN ? AND retired_at IS NULL ORDER BY id", customer).Scan(&out).Error
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
	if err := exec(tx.g, "UPDATE identities SET evidence = ?, reason = ? WHERE id = ?", evidence, reason, id).Error; err != nil {
		return err
	}
	return addProof(tx, id, evidence, reason)
}

// ActiveMostRecently tells which of the identities belongs to the customer who did something last, on
// whatever channel, not before since; zero when none of them did.
func ActiveMostRecently(q Q, identities []models.ID, since models.Time) (models.ID, error) {
	return firstID(q, `SELECT id FROM (SELECT i.id, (SELECT e.occurred_at FROM events e WHERE e.customer_id = i.customer_id AND e.hidden = 0 AND e.direction <> 'out' AND e.user_id IS NULL
		AND e.kind NOT IN ('merge','unmerge','conversation','contact','consent','unreadable') ORDER BY e.occurred_at DESC, e.id DESC LIMIT 1) AS last
		FROM identities i WHERE i.id IN ?) WHERE last >= ? ORDER BY last DESC, id LIMIT 1`, identities, since)
}

// SharersOfMailbox lists customers with an address of the same mailbox, up to a limit.
func SharersOfMailbox(q Q, mailbox string, not models.ID, limit int) ([]models.ID, error) {
	var out []models.ID
	err := raw(q.db(), "SELECT DISTINCT customer_id FROM identities WHERE mailbox = ? AND mailbox <> '' AND customer_id <> ? AND retired_at IS NULL AND shared = 0 LIMIT ?", mailbox, not, limit).Scan(&out).Error
	return out, err
}

// SharersOf lists the other customers who share the address that an event came from.
func SharersOf(q Q, event models.ID) ([]CustomerHit, error) {
	var out []CustomerHit
	err := raw(q.db(), customerHit+`events e JOIN identities a ON a.id = e.anchor_identity_id AND a.shared = 1 JOIN identities o ON o.kind = a.kind AND o.scope = a.scope
		AND o.value = a.value AND o.retired_at IS NULL JOIN customers c ON c.id = o.customer_id AND c.id <> e.customer_id WHERE e.id = ? GROUP BY c.id ORDER BY c.id LIMIT 8`, event).Scan(&out).Error
	return out, err
}
