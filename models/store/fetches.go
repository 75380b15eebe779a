package store

import "onethread/models"

// Pending is a file that its provider still holds: the attachment that stands for it, and where it is.
type Pending struct {
	AttachmentID models.ID
	EventID      models.ID
	ChannelID    models.ID
	URL          string
	Name         string
	Attempts     int // this one included
	CreatedAt    models.Time
}

// AddFetch enqueues the fetching of an attachment in the transaction of the message it came with.
func AddFetch(tx *Tx, attachment, channel models.ID, url string) error {
	tx.rings = true
	return exec(tx.g, "INSERT INTO fetches(attachment_id, channel_id, url, next_at, created_at) VALUES (?,?,?,?,?)", attachment, channel, url, tx.Now(), tx.Now()).Error
}

// NextFetch tells when the next file is due; zero when none waits.
func NextFetch(q Q) (models.Time, error) {
	return scalar[models.Time](raw(q.db(), "SELECT min(next_at) FROM fetches"))
}

// ClaimFetch takes the next due file, having written the attempt and when the next would be made.
func ClaimFetch(tx *Tx, retry func(attempt int) models.Time) (p Pending, ok bool, err error) {
	var rows []Pending
	err = raw(tx.g, `SELECT f.attachment_id, a.event_id, f.channel_id, f.url, a.name, f.attempts + 1 AS attempts, f.created_at
		FROM fetches f JOIN attachments a ON a.id = f.attachment_id WHERE f.next_at <= ? ORDER BY f.next_at, f.attachment_id LIMIT 1`, tx.Now()).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return Pending{}, false, err
	}
	p = rows[0]
	return p, true, exec(tx.g, "UPDATE fetches SET attempts = ?, next_at = ? WHERE attachment_id = ?", p.Attempts, retry(p.Attempts), p.AttachmentID).Error
}

// DeferFetch sets when a file is tried again.
func DeferFetch(tx *Tx, attachment models.ID, at models.Time) error {
	tx.rings = true
	return exec(tx.g, "UPDATE fetches SET next_at = ? WHERE attachment_id = ?", at, attachment).Error
}

// FinishFetch records what became of a fetched attachment: its content, or with a Problem that it
// cannot be had.
func FinishFetch(tx *Tx, a models.Attachment) error {
	err := exec(tx.g, "UPDATE attachments SET name = ?, type = ?, size = ?, sha256 = ?, state = ?, problem = ? WHERE id = ?",
		a.Name, a.Type, a.Size, a.SHA256, a.State, a.Problem, a.ID).Error
	if err != nil {
		return err
	}
	return exec(tx.g, "DELETE FROM fetches WHERE attachment_id = ?", a.ID).Error
}

// AttachmentByID finds an attachment.
func AttachmentByID(q Q, id models.ID) (models.Attachment, error) {
	var a models.Attachment
	err := raw(q.db(), "SELECT * FROM attachments WHERE id = ?", id).Take(&a).Error
	return a, notFound(err, "attachment")
}
