package inbox

import (
	"cmp"
	"context"
	"io"

	"onethread/models"
	"onethread/models/richtext"
	"onethread/models/store"
)

// Rereading counts what reading kept mails again came to.
type Rereading struct {
	Looked   int // mails read again
	Changed  int // whose words are others now
	Readable int // that could not be read before
	Skipped  int // left alone: redacted, or their channel is gone
}

// Reader gives what reads again what a channel brought before; ok is false when nothing does.
type Reader func(ctx context.Context, channel models.ID) (read func(models.Kept) models.Inbound, ok bool)

// rereadPage is how many kept mails are listed at a time.
const rereadPage = 200

// Reread reads every kept mail again, of one channel or (zero) of all: words that come out differently
// replace those that stand in the thread, and what could not be read before is filed now. Who wrote
// it, when, and its files stay as they are. dry only counts. It may run again at any time.
func (b *Inbox) Reread(ctx context.Context, reader Reader, channel models.ID, dry bool) (Rereading, error) {
	var done Rereading
	readers := map[models.ID]func(models.Kept) models.Inbound{}
	for after := models.ID(0); ; {
		page, err := store.KeptReceipts(b.st.Read(ctx), "message/rfc822", channel, after, rereadPage)
		if err != nil || len(page) == 0 {
			return done, err
		}
		for _, k := range page {
			after = k.ID
			if _, known := readers[k.ChannelID]; !known {
				readers[k.ChannelID] = nil
				if read, ok := reader(ctx, k.ChannelID); ok {
					readers[k.ChannelID] = read
				}
			}
			if readers[k.ChannelID] == nil || k.Redacted {
				done.Skipped++
				continue
			}
			done.Looked++
			if err := b.reread(ctx, k, readers[k.ChannelID], dry, &done); err != nil {
				return done, err
			}
		}
	}
}

func (b *Inbox) reread(ctx context.Context, k store.KeptReceipt, read func(models.Kept) models.Inbound, dry bool, done *Rereading) error {
	_, body, err := b.st.RawOf(b.st.Read(ctx), k.EventID)
	if err != nil {
		return err
	}
	defer body.Close()
	raw, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	in := read(models.Kept{Raw: raw, ReceivedAt: k.ReceivedAt, Out: k.Direction == models.Out})
	m, ok := in.Payload.(*models.MessageIn)
	switch {
	case k.Kind == models.KindUnreadable && in.Payload.EventKind() != models.KindUnreadable:
		done.Readable++
		if dry {
			return nil
		}
		return b.refile(ctx, k, in)
	case k.Kind == models.KindMessage && ok:
		return b.reword(ctx, k.EventID, m, dry, done)
	}
	return nil
}

// refile files what could not be read when it came. Its receipt leads there from now on.
func (b *Inbox) refile(ctx context.Context, k store.KeptReceipt, in models.Inbound) error {
	p, err := b.prepare(ctx, in)
	if err != nil {
		return err
	}
	return b.st.Write(ctx, func(tx *store.Tx) error {
		out, err := b.apply(tx, p)
		if err != nil {
			return err
		}
		return store.SettleReceipt(tx, k.ID, out.EventID)
	})
}

// reword replaces a message's words where they are read differently now.
func (b *Inbox) reword(ctx context.Context, event models.ID, m *models.MessageIn, dry bool, done *Rereading) error {
	old, err := store.Message(b.st.Read(ctx), event)
	if err != nil {
		return err
	}
	files, err := store.AttachmentsOf(b.st.Read(ctx), []models.ID{event})
	if err != nil {
		return err
	}
	now := models.Message{EventID: event, Subject: line(m.Subject, 1000), Text: Text(m.Text), ReplyText: Text(m.ReplyText)}
	if m.HTML != "" {
		page := Text(m.HTML)
		clean := richtext.Sanitise(page, func(id string) string { return inlineOf(files, id) })
		now.HTML, now.HasRemote = clean.HTML, clean.HasRemote
		now.Text = cmp.Or(now.Text, richtext.Text(page))
	}
	if now.ReplyText == now.Text {
		now.ReplyText = ""
	}
	if now.Subject == old.Subject && now.Text == old.Text && now.ReplyText == old.ReplyText && now.HTML == old.HTML {
		return nil
	}
	done.Changed++
	if dry {
		return nil
	}
	return b.st.Write(ctx, func(tx *store.Tx) error { return store.RewordMessage(tx, now) })
}

// inlineOf is the address of the stored file that HTML refers to by its Content-ID.
func inlineOf(files []models.Attachment, contentID string) string {
	for _, f := range files {
		if f.ContentID == contentID {
			return "/attachments/" + f.Token
		}
	}
	return ""
}
