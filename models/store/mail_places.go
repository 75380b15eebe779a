package store

import (
	"encoding/json"

	"onethread/models"
)

// PlaceMail records where a copy of a mail lies, whose first copy claimed the receipt and led to event, if
// to one. What was thought to be gone from there is back. Where the folder was numbered anew, the place
// under its old UIDVALIDITY means nothing any more.
func PlaceMail(tx *Tx, channel, receipt, event models.ID, p models.Place) error {
	var was []models.Event
	var err error
	if event != 0 {
		if was, err = goneMails(tx, []models.ID{event}); err != nil {
			return err
		}
	}
	err = exec(tx.g, "DELETE FROM mail_places WHERE receipt_id = ? AND channel_id = ? AND folder = ? AND validity <> ?", receipt, channel, p.Folder, p.Validity).Error
	if err != nil {
		return err
	}
	err = exec(tx.g, `INSERT INTO mail_places(channel_id, folder, validity, uid, receipt_id) VALUES (?,?,?,?,?)
		ON CONFLICT(channel_id, folder, validity, uid) DO UPDATE SET receipt_id = excluded.receipt_id, gone_at = NULL`,
		channel, p.Folder, p.Validity, p.UID, receipt).Error
	if err != nil {
		return err
	}
	return tellPlaces(tx, was, models.PlaceData{Folder: p.Folder})
}

// MailPlaces lists the UIDs of a folder under its present UIDVALIDITY whose mails are not known to be gone,
// in ascending order.
func MailPlaces(q Q, channel models.ID, folder string, validity uint32) ([]uint32, error) {
	var uids []uint32
	err := raw(q.db(), "SELECT uid FROM mail_places WHERE channel_id = ? AND folder = ? AND validity = ? AND gone_at IS NULL ORDER BY uid", channel, folder, validity).Scan(&uids).Error
	return uids, err
}

// MailGone records that mails do not lie in their folder any more, and tells the feed of those that now lie
// in none.
func MailGone(tx *Tx, channel models.ID, folder string, validity uint32, uids []uint32) error {
	list, err := json.Marshal(uids)
	if err != nil || len(uids) == 0 {
		return err
	}
	var events []models.ID
	err = raw(tx.g, `UPDATE mail_places SET gone_at = ? WHERE channel_id = ? AND folder = ? AND validity = ? AND gone_at IS NULL AND uid IN (SELECT value FROM json_each(?))
		RETURNING coalesce((SELECT event_id FROM receipts WHERE id = receipt_id), 0)`, tx.Now(), channel, folder, validity, string(list)).Scan(&events).Error
	if err != nil {
		return err
	}
	gone, err := goneMails(tx, events)
	if err != nil {
		return err
	}
	return tellPlaces(tx, gone, models.PlaceData{Folder: folder, Gone: true})
}

// goneMails are those of the events that came as mails of which no copy lies in its folder any more.
func goneMails(tx *Tx, events []models.ID) (gone []models.Event, err error) {
	list, err := json.Marshal(events)
	if err != nil {
		return nil, err
	}
	err = raw(tx.g, `SELECT * FROM events WHERE kind = 'message' AND id IN (SELECT r.event_id FROM json_each(?) j CROSS JOIN receipts r ON r.event_id = j.value
		JOIN mail_places p ON p.receipt_id = r.id GROUP BY r.event_id HAVING count(*) = count(p.gone_at)) ORDER BY id`, string(list)).Scan(&gone).Error
	return gone, err
}

func tellPlaces(tx *Tx, events []models.Event, d models.PlaceData) error {
	for _, e := range events {
		signal := models.Event{CustomerID: e.CustomerID, ConversationID: e.ConversationID, ChannelID: e.ChannelID, AnchorID: e.AnchorID, HomeID: e.HomeID, Kind: models.KindPlace, RefID: e.ID}
		if _, err := AppendEvent(tx, signal, d); err != nil {
			return err
		}
	}
	return nil
}
