package store

import (
	"slices"

	"onethread/models"
)

// AddAttachment records a stored file. EventID zero means it waits for its message.
func AddAttachment(tx *Tx, a models.Attachment, uploadedBy string) (models.ID, error) {
	return insert(tx, `INSERT INTO attachments(event_id, token, name, type, size, sha256, content_id, inline, width, height, state, uploaded_by, created_at)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?) RETURNING id`, a.EventID, a.Token, a.Name, a.Type, a.Size, a.SHA256, a.ContentID, a.Inline, a.Width, a.Height, a.State, uploadedBy, tx.Now())
}

// ClaimUpload ties an uploaded file to a message. Only its uploader may, and only once.
func ClaimUpload(tx *Tx, id, event models.ID, uploadedBy string) error {
	res := exec(tx.g, "UPDATE attachments SET event_id = ? WHERE id = ? AND event_id IS NULL AND uploaded_by = ?", event, id, uploadedBy)
	if res.Error == nil && res.RowsAffected == 0 {
		return UploadGone(id)
	}
	return res.Error
}

// UploadGone is the error about an upload that cannot be sent.
func UploadGone(id models.ID) error {
	return models.FieldError("attachment_ids", "Attachment %d is not there, or was sent already: upload the file again.", id)
}

// EmbedFile makes a file of a message stand in its text, under a Content-ID of its own.
func EmbedFile(tx *Tx, id models.ID, domain string) error {
	return exec(tx.g, "UPDATE attachments SET inline = 1, content_id = ? WHERE id = ? AND type IN ('image/png','image/jpeg','image/gif','image/webp')", Token()+"@"+domain, id).Error
}

// NameFiles lets search find a message by the names of its files.
func NameFiles(tx *Tx, event models.ID) error {
	return exec(tx.g, "UPDATE messages SET files = coalesce((SELECT group_concat(name, ' ') FROM attachments WHERE event_id = @id AND NOT (inline AND content_id <> '')), '') WHERE event_id = @id",
		map[string]any{"id": event}).Error
}

// AttachmentByToken finds an attachment by the token in its URL.
func AttachmentByToken(q Q, token string) (models.Attachment, error) {
	var a models.Attachment
	err := raw(q.db(), "SELECT * FROM attachments WHERE token = ?", token).Take(&a).Error
	return a, notFound(err, "attachment")
}

// UploadOf finds an upload that waits for its message.
func UploadOf(q Q, id models.ID, uploadedBy string) (models.Attachment, error) {
	var a models.Attachment
	err := raw(q.db(), "SELECT * FROM attachments WHERE id = ? AND event_id IS NULL AND uploaded_by = ?", id, uploadedBy).Take(&a).Error
	return a, notFound(err, "upload")
}

// AttachmentsOf lists the attachments of several events, in the order they were added.
func AttachmentsOf(q Q, events []models.ID) ([]models.Attachment, error) {
	var out []models.Attachment
	if len(events) == 0 {
		return nil, nil
	}
	err := raw(q.db(), "SELECT * FROM attachments WHERE event_id IN ? ORDER BY id", events).Scan(&out).Error
	return out, err
}

// CopyToUploads makes uploads of a message's files, for whom it is given back to be written anew.
func CopyToUploads(tx *Tx, event models.ID, uploadedBy string) ([]DraftFile, error) {
	all, err := AttachmentsOf(tx, []models.ID{event})
	var out []DraftFile
	for _, a := range all {
		if a.State != "" {
			continue
		}
		inline := a.Inline
		a.EventID, a.Token, a.ContentID, a.Inline = 0, Token(), "", false
		id, err := AddAttachment(tx, a, uploadedBy)
		if err != nil {
			return nil, err
		}
		out = append(out, DraftFile{ID: id, Inline: inline})
	}
	return out, err
}

// DropUploads forgets the oldest uploads from before the given moment that no message ever carried and no
// draft holds, at most 500 of them, and returns the hashes of their content. The files stay: see Unnamed.
func DropUploads(tx *Tx, before models.Time) ([]string, error) {
	var sums []string
	err := raw(tx.g, `DELETE FROM attachments WHERE id IN (SELECT id FROM attachments WHERE event_id IS NULL AND created_at < ?
		AND id NOT IN (SELECT json_extract(f.value, '$.id') FROM drafts, json_each(drafts.files) f) ORDER BY created_at LIMIT 500)
		RETURNING sha256`, before).Scan(&sums).Error
	return sums, err
}

// Unnamed tells which of the hashes nothing names any more, neither an attachment nor an original
// that is kept as a file.
func Unnamed(q Q, sums []string) ([]string, error) {
	if len(sums) == 0 {
		return nil, nil
	}
	var named []string
	err := raw(q.db(), `SELECT sha256 FROM attachments WHERE sha256 IN @sums
		UNION SELECT CAST(body AS TEXT) FROM raws WHERE encoding = 'file' AND CAST(body AS TEXT) IN @sums`, map[string]any{"sums": sums}).Scan(&named).Error
	return slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(sums))), func(s string) bool { return slices.Contains(named, s) }), err
}
