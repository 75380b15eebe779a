package store

import "onethread/models"

// UploadByToken finds an upload that waits, by the token in its URL.
func UploadByToken(q Q, token, uploadedBy string) (models.Attachment, error) {
	var a models.Attachment
	err := raw(q.db(), "SELECT * FROM attachments WHERE token = ? AND event_id IS NULL AND uploaded_by = ?", token, uploadedBy).Take(&a).Error
	return a, notFound(err, "upload")
}

// DropUpload forgets an upload that waits.
func DropUpload(tx *Tx, id models.ID) error {
	return exec(tx.g, "DELETE FROM attachments WHERE id = ? AND event_id IS NULL", id).Error
}
