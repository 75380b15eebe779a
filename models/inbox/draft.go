package inbox

import (
	"context"
	"strings"

	"onethread/models"
	"onethread/models/store"
)

// Read moves a user's read mark to the given event. back allows it to move backwards ("mark unread").
// The mark of a merged customer is that of the thread it joined.
func (b *Inbox) Read(ctx context.Context, user, customer, event models.ID, back bool) error {
	q := b.st.Read(ctx)
	last, err := store.LastEventID(q)
	if err != nil {
		return err
	}
	living, err := store.Living(q, customer)
	if err != nil {
		return err
	}
	event = min(event, last) // nobody has read what has not come yet
	mark, err := store.ReadMark(q, user, living.ID)
	if err != nil || mark == event || (mark > event && !back) {
		return err
	}
	return b.st.Write(ctx, func(tx *store.Tx) error {
		living, err := store.Living(tx, customer) // merged meanwhile, perhaps
		if err != nil {
			return err
		}
		if err := store.MarkRead(tx, user, living.ID, event, back); err != nil {
			return err
		}
		_, err = store.AppendEvent(tx, models.Event{CustomerID: living.ID, Kind: models.KindRead, UserID: user}, map[string]models.ID{"user_id": user, "seq": event})
		return err
	})
}

// mostFiles is how many files a message may carry.
const mostFiles = 20

// SaveDraft keeps what a member of staff has begun to write; one without words and files drops what was
// kept. A draft of a message that was sent already comes too late, as does, with UpdatedAt given, one that
// is older than what is kept: both are left out. Files that the user may not send are, too.
func (b *Inbox) SaveDraft(ctx context.Context, d store.Draft) error {
	switch {
	case len(d.Text) > 200_000:
		return models.FieldError("text", "The draft is longer than 200,000 bytes.")
	case d.Kind != "reply" && d.Kind != "note":
		return models.FieldError("kind", "A draft is a reply or a note.")
	case len(d.ClientID) > 64:
		return models.FieldError("client_id", "The message's own id is longer than 64 characters.")
	}
	d.Text, d.Subject, d.BCC, d.Way = Text(d.Text), line(d.Subject, 500), line(d.BCC, 2000), line(d.Way, 50)
	if d.CC != nil {
		cc := line(*d.CC, 2000)
		d.CC = &cc
	}
	return b.st.Write(ctx, func(tx *store.Tx) error { return saveDraft(tx, d) })
}

func saveDraft(tx *store.Tx, d store.Draft) error {
	living, err := store.Living(tx, d.CustomerID)
	if err != nil {
		return err
	}
	d.CustomerID = living.ID
	if d.ClientID != "" {
		if sent, err := store.EventByClientID(tx, d.ClientID); err != nil || sent != 0 {
			return err
		}
	}
	if d.UpdatedAt != 0 {
		kept, ok, err := store.DraftOf(tx, d.UserID, d.CustomerID, d.Kind)
		if err != nil || ok && kept.UpdatedAt > d.UpdatedAt {
			return err
		}
	}
	var held []store.DraftFile
	for _, f := range d.Files {
		_, err := store.UploadOf(tx, f.ID, UserUploads(d.UserID))
		if models.IsCode(err, models.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if held = append(held, f); len(held) == mostFiles {
			break
		}
	}
	d.Files = held
	return store.SaveDraft(tx, d)
}

// giveBack makes a draft of a message that was called back, before what the user has begun meanwhile.
func giveBack(tx *store.Tx, user models.ID, e models.Event) error {
	m, err := store.Message(tx, e.ID)
	if err != nil {
		return err
	}
	files, err := store.CopyToUploads(tx, e.ID, UserUploads(user))
	if err != nil {
		return err
	}
	begun, ok, err := store.DraftOf(tx, user, e.CustomerID, "reply")
	if err != nil {
		return err
	}
	d := store.Draft{UserID: user, CustomerID: e.CustomerID, Kind: "reply", Subject: m.Subject, CC: &m.CC, BCC: m.BCC, Text: m.Text,
		Way: e.ChannelID.String() + "-" + e.AnchorID.String(), Files: files}
	if ok {
		d.Text, d.Files = strings.TrimSpace(m.Text+"\n\n"+begun.Text), append(files, begun.Files...)
	}
	return store.SaveDraft(tx, d)
}
