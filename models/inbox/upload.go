package inbox

import (
	"bufio"
	"context"
	"io"

	"onethread/models"
	"onethread/models/store"
)

// Upload keeps a file that waits for its message. uploader is UserUploads or VisitorUploads: only
// it may send the file.
func (b *Inbox) Upload(ctx context.Context, uploader, name, claimed string, r io.Reader) (models.Attachment, error) {
	buffered := bufio.NewReaderSize(r, 4096)
	head, _ := buffered.Peek(512)
	if len(head) == 0 {
		return models.Attachment{}, models.FieldError("file", "This file is empty.")
	}
	a := models.Attachment{Token: store.Token(), Name: FileName(name), Type: SniffType(claimed, head)}
	var err error
	if a.SHA256, a.Size, err = b.st.Files.Put(buffered); err != nil {
		return a, err
	}
	err = b.st.Write(ctx, func(tx *store.Tx) error {
		if err := tx.Holds(a.SHA256); err != nil {
			return err
		}
		a.ID, err = store.AddAttachment(tx, a, uploader)
		return err
	})
	return a, err
}

// DropUpload forgets an upload that waits, and its content.
func (b *Inbox) DropUpload(ctx context.Context, a models.Attachment) error {
	if err := b.st.Write(ctx, func(tx *store.Tx) error { return store.DropUpload(tx, a.ID) }); err != nil {
		return err
	}
	return b.st.DropUnnamed(ctx, []string{a.SHA256})
}
