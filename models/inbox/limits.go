package inbox

import (
	"context"
	"net/mail"
	"slices"
	"strings"
	"unicode/utf8"

	"onethread/models"
	"onethread/models/identity"
	"onethread/models/store"
)

// fits refuses what the channel cannot carry, while staff can still change it.
func (b *Inbox) fits(tx *store.Tx, way Way, user models.User, in ReplyInput) error {
	if n := utf8.RuneCountInString(in.Text); way.MaxText > 0 && n > way.MaxText {
		return models.FieldError("text", "%s carries at most %d characters; this message has %d. Shorten it, or answer by another channel.", way.ChannelName, way.MaxText, n)
	}
	return b.filesFit(tx, way.ChannelType, user, in.Attachments)
}

// Fits tells what keeps a user's uploads from going out over a channel, as a FieldError for people.
func (b *Inbox) Fits(ctx context.Context, user models.User, channel models.ID, files []models.ID) error {
	q := b.st.Read(ctx)
	kind, err := store.ChannelType(q, channel)
	if err != nil {
		return err
	}
	return b.filesFit(q, kind, user, files)
}

func (b *Inbox) filesFit(q store.Q, channelType string, user models.User, ids []models.ID) error {
	if len(ids) > mostFiles {
		return models.FieldError("attachment_ids", "A message carries at most %d files; these are %d. Take some off.", mostFiles, len(ids))
	}
	var files []models.Attachment
	for _, id := range ids {
		a, err := store.UploadOf(q, id, UserUploads(user.ID))
		if models.IsCode(err, models.NotFound) {
			err = store.UploadGone(id)
		}
		if err != nil {
			return err
		}
		files = append(files, a)
	}
	if p := b.providers[channelType]; p.Fits != nil && len(files) > 0 {
		return p.Fits(files)
	}
	return nil
}

// mostCopies is how many further recipients a mail may have: an answer to all, not a circular.
const mostCopies = 20

// copiesOf checks both lines of further recipients; who stands in both is seen.
func copiesOf(way Way, in ReplyInput) (cc, bcc string, err error) {
	if cc, err = copies(way, in.CC, "cc", nil); err != nil {
		return "", "", err
	}
	bcc, err = copies(way, in.BCC, "bcc", Addresses(cc))
	return cc, bcc, err
}

// copies checks the further recipients of a mail, leaving out the customer and those in without, and writes
// them as one line.
func copies(way Way, text, field string, without []string) (string, error) {
	if way.Kind != models.EmailIdentity {
		return "", nil
	}
	var out []string
	for _, text := range Addresses(text) {
		address, ok := identity.Normalise(models.EmailIdentity, text, "")
		if !ok {
			return "", models.FieldError(field, "%q is no email address. Separate several with commas.", line(text, 100))
		}
		if address != way.Address && !slices.Contains(without, address) && !slices.Contains(out, address) {
			out = append(out, address)
		}
	}
	if len(out) > mostCopies {
		return "", models.FieldError(field, "A mail has at most %d further recipients.", mostCopies)
	}
	return strings.Join(out, ", "), nil
}

// Addresses takes a line of addresses apart: with names as mail programs write them, or as people do.
func Addresses(line string) (out []string) {
	if list, err := mail.ParseAddressList(line); err == nil {
		for _, a := range list {
			out = append(out, a.Address)
		}
		return out
	}
	return strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(", ;\t", r) })
}

// pictures finds the attachments that HTML names as cid:ID, by their ids: they stand in the text, and where
// the HTML is shown here they lie at an address of ours (outbox.Worker writes the mail's own ids).
func (b *Inbox) pictures(ctx context.Context, user models.User, in *ReplyInput) (named func(id string) string, err error) {
	q, at := b.st.Read(ctx), map[string]models.Attachment{}
	for _, id := range in.Attachments {
		if at[id.String()], err = store.UploadOf(q, id, UserUploads(user.ID)); err != nil && !models.IsCode(err, models.NotFound) {
			return nil, err
		}
	}
	return func(id string) string {
		a := at[id]
		if a.ID == 0 {
			return ""
		}
		in.Inline = append(in.Inline, a.ID)
		return "/attachments/" + a.Token
	}, nil
}
