package store

import "onethread/models"

// Report is what a provider says became of a message.
type Report struct {
	ChannelID  models.ID
	ProviderID string
	State      string
	Error      string
	OptedOut   bool
	Soft       bool
	Recipients string // whom a mail's report is about, separated by spaces
}

// ParkReport keeps a report about a message whose provider id is not known yet: a callback may
// overtake the answer to the call that sent the message.
func ParkReport(tx *Tx, r Report) error {
	return exec(tx.g, `INSERT INTO delivery_reports(channel_id, provider_id, state, error, opted_out, soft, recipients, created_at) VALUES (?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING`,
		r.ChannelID, r.ProviderID, r.State, r.Error, r.OptedOut, r.Soft, r.Recipients, tx.Now()).Error
}

// TakeReports returns the parked reports about a message and forgets them.
func TakeReports(tx *Tx, channel models.ID, providerID string) ([]Report, error) {
	if providerID == "" {
		return nil, nil
	}
	var out []Report
	err := raw(tx.g, "DELETE FROM delivery_reports WHERE channel_id = ? AND provider_id = ? RETURNING *", channel, providerID).Scan(&out).Error
	return out, err
}

// DropReports forgets reports from before the given moment whose message never became known.
func DropReports(tx *Tx, before models.Time) error {
	return exec(tx.g, "DELETE FROM delivery_reports WHERE created_at < ?", before).Error
}
