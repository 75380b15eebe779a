package store

import (
	"encoding/json"

	"onethread/models"
)

// PlaceMail records where a copy of a mail lies, whose first copy claimed the receipt. What was
// thought to be gone from there is back. Where the folder was numbered anew, the place under its old
// UIDVALIDITY means nothing any more.
func PlaceMail(tx *Tx, channel, receipt models.ID, p models.Place) error {
	err := tx.g.Exec("DELETE FROM mail_places WHERE receipt_id = ? AND channel_id = ? AND folder = ? AND validity <> ?", receipt, channel, p.Folder, p.Validity).Error
	if err != nil {
		return err
	}
	return tx.g.Exec(`INSERT INTO mail_places(channel_id, folder, validity, uid, receipt_id) VALUES (?,?,?,?,?)
		ON CONFLICT(channel_id, folder, validity, uid) DO UPDATE SET receipt_id = excluded.receipt_id, gone_at = NULL`,
		channel, p.Folder, p.Validity, p.UID, receipt).Error
}

// MailPlaces lists the UIDs of a folder under its present UIDVALIDITY whose mails are not known to be gone,
// in ascending order.
func MailPlaces(q Q, channel models.ID, folder string, validity uint32) ([]uint32, error) {
	var uids []uint32
	err := q.db().Raw("SELECT uid FROM mail_places WHERE channel_id = ? AND folder = ? AND validity = ? AND gone_at IS NULL ORDER BY uid", channel, folder, validity).Scan(&uids).Error
	return uids, err
}

// MailGone records that mails do not lie in their folder any more.
func MailGone(tx *Tx, channel models.ID, folder string, validity uint32, uids []uint32) error {
	list, err := json.Marshal(uids)
	if err != nil || len(uids) == 0 {
		return err
	}
	return tx.g.Exec(`UPDATE mail_places SET gone_at = ? WHERE channel_id = ? AND folder = ? AND validity = ? AND gone_at IS NULL AND uid IN (SELECT value FROM json_each(?))`,
		tx.Now(), channel, folder, validity, string(list)).Error
}

// GoneFrom tells which of the events came as mails of which no copy lies in its folder any more, in one
// statement. Events that are no mails, or whose place was never told, are not among them.
func GoneFrom(q Q, events []models.ID) (map[models.ID]bool, error) {
	gone := map[models.ID]bool{}
	list, err := json.Marshal(events)
	if err != nil || len(events) == 0 {
		return gone, err
	}
	var ids []models.ID
	err = q.db().Raw(`SELECT r.event_id FROM json_each(?) j CROSS JOIN receipts r ON r.event_id = j.value JOIN mail_places p ON p.receipt_id = r.id
		GROUP BY r.event_id HAVING count(*) = count(p.gone_at)`, string(list)).Scan(&ids).Error
	for _, id := range ids {
		gone[id] = true
	}
	return gone, err
}
