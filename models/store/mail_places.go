package store

import (
	"onethread/models"
)

// PlaceMail records where a copy of a mail lies, whose first copy claimed the receipt. What was
// thought to be gone from there is back.
func PlaceMail(tx *Tx, channel, receipt models.ID, p models.Place) error {
	return tx.g.Exec(`INSERT INTO mail_places(channel_id, folder, validity, uid, receipt_id) VALUES (?,?,?,?,?)
		ON CONFLICT(channel_id, folder, validity, uid) DO UPDATE SET receipt_id = excluded.receipt_id, gone_at = NULL`,
		channel, p.Folder, p.Validity, p.UID, receipt).Error
}
