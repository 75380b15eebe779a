package store

import "onethread/models"

// AddAttachment records a stored file. EventID zero means it waits for its message.
func AddAttachment(tx *Tx, a models.Attachment, uploadedBy string) (models.ID, error) {
	return insert(tx, `INSERT INTO attachments(event_id, token, name, type, size, sha256, content_id, inline, uploaded_by, created_at)
		VALUES (?,?,?,?,?,?,?,?,?,?) RETURNING id`, a.EventID, a.Token, a.Name, a.Type, a.Size, a.SHA256, a.ContentID, a.Inline, uploadedBy, tx.Now())
}

// ClaimUpload ties an uploaded file to a message. Only its uploader may, and only once.
func ClaimUpload(tx *Tx, id, event models.ID, uploadedBy string) error {
	res := tx.g.Exec("UPDATE attachments SET event_id = ? WHERE id = ? AND event_id IS NULL AND uploaded_by = ?", event, id, uploadedBy)
	if res.Error == nil && res.RowsAffected == 0 {
		return models.FieldError("attachment_ids", "Attachment %d is not there, or was sent already: upload the file again.", id)
	}
	return res.Error
}

// AttachmentByToken finds an attachment by the token in its URL.
func AttachmentByToken(q Q, token string) (models.Attachment, error) {
	var a models.Attachment
	err := q.db().Raw("SELECT * FROM attachments WHERE token = ?", token).Take(&a).Error
	return a, notFound(err, "attachment")
}

// UploadOf finds an upload that waits for its message.
func UploadOf(q Q, id models.ID, uploadedBy string) (models.Attachment, error) {
	var a models.Attachment
	err := q.db().Raw("SELECT * FROM attachments WHERE id = ? AND event_id IS NULL AND uploaded_by = ?", id, uploadedBy).Take(&a).Error
	return a, notFound(err, "upload")
}

// AttachmentsOf lists the attachments of several events, in the order they were added.
func AttachmentsOf(q Q, events []models.ID) ([]models.Attachment, error) {
	var out []models.Attachment
	if len(events) == 0 {
		return nil, nil
	}
	err := q.db().Raw("SELECT * FROM attachments WHERE event_id IN ? ORDER BY id", events).Scan(&out).Error
	return out, err
}
