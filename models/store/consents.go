package store

import (
	"cmp"

	"onethread/models"
)

// Consent is what somebody last said to messages on a channel, by the address they said it from.
type Consent struct {
	IdentityID models.ID
	ChannelID  models.ID
	State      string // opted_out, opted_in
	Purpose    string // models.PurposeService, PurposeMarketing; empty = service
	Source     string // the word that was written, or who says so
	Proof      string // where it can be seen
	UserID     models.ID
	CreatedAt  models.Time
}

// AddConsent appends to the ledger; nothing in it is ever changed.
func AddConsent(tx *Tx, c Consent, event models.ID) error {
	return exec(tx.g, "INSERT INTO consents(identity_id, channel_id, state, purpose, source, proof, user_id, event_id, created_at) VALUES (?,?,?,?,?,?,?,?,?)",
		c.IdentityID, c.ChannelID, c.State, cmp.Or(c.Purpose, models.PurposeService), c.Source, c.Proof, c.UserID, event, tx.Now()).Error
}

// ConsentsOf tells what stands today for a customer's addresses, by channel and purpose: whoever said it
// there, for the same number may have been typed by another customer.
func ConsentsOf(q Q, customer models.ID) ([]Consent, error) {
	var out []Consent
	err := raw(q.db(), `SELECT newest.identity_id, c.channel_id, c.state, c.purpose, c.source, c.proof, c.created_at FROM (SELECT i.id AS identity_id, max(x.id) AS id
		FROM identities i JOIN identities s ON s.kind = i.kind AND s.scope = i.scope AND s.value = i.value JOIN consents x ON x.identity_id = s.id
		WHERE i.customer_id = ? GROUP BY i.id, x.channel_id, x.purpose) newest JOIN consents c ON c.id = newest.id ORDER BY c.id`, customer).Scan(&out).Error
	return out, err
}

// ConsentOf tells what stands today for one address on a channel, and when it was said; empty when
// nothing was.
func ConsentOf(q Q, identity, channel models.ID) (state string, said models.Time, err error) {
	var rows []struct {
		State string
		Said  models.Time
	}
	err = raw(q.db(), `SELECT c.state, coalesce(e.occurred_at, c.created_at) AS said FROM consents c LEFT JOIN events e ON e.id = c.event_id
		WHERE c.identity_id = ? AND c.channel_id = ? AND c.purpose = 'service' ORDER BY c.id DESC LIMIT 1`, identity, channel).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return "", 0, err
	}
	return rows[0].State, rows[0].Said, nil
}
