package inbox

import (
	"cmp"
	"context"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"onethread/models"
	"onethread/models/identity"
	"onethread/models/outbox"
	"onethread/models/richtext"
	"onethread/models/store"
)

// ReplyInput is a message that staff send.
type ReplyInput struct {
	CustomerID  models.ID
	ChannelID   models.ID // zero = the preselected way (see Reach)
	IdentityID  models.ID // zero = the customer's address of the channel's kind, the newest used
	Subject     string
	CC          string // further recipients of a mail, separated by commas; other channels have none
	Text        string
	HTML        string // optional; sanitised
	Attachments []models.ID
	ClientID    string      // made by the browser: a retry with the same one is the same message
	SendAt      models.Time // zero = now (after the undo window)
	Seen        models.ID   // the newest event the writer had seen; zero = does not matter
	Close       bool        // close the conversation with it
}

// Reply writes a message into the thread and the outbox. It returns the event's id. When a
// colleague wrote something newer than Seen it is a Conflict, so that nobody answers twice.
func (b *Inbox) Reply(ctx context.Context, user models.User, in ReplyInput) (models.ID, error) {
	in.Text, in.Subject = Text(strings.TrimSpace(in.Text)), line(in.Subject, 500)
	clean := richtext.Clean{}
	if in.HTML != "" {
		clean = richtext.Sanitise(Text(in.HTML), nil)
		in.Text = cmp.Or(in.Text, richtext.Text(in.HTML))
	}
	if in.Text == "" && len(in.Attachments) == 0 {
		return 0, models.FieldError("text", "Write something, or attach a file.")
	}
	if len(in.Text) > 200_000 {
		return 0, models.FieldError("text", "The message is longer than 200,000 bytes. Send the rest as a file.")
	}
	var id models.ID
	err := b.st.Write(ctx, func(tx *store.Tx) error {
		var err error
		id, err = b.reply(tx, user, in, clean.HTML)
		return err
	})
	return id, err
}

func (b *Inbox) reply(tx *store.Tx, user models.User, in ReplyInput, html string) (models.ID, error) {
	if in.ClientID != "" {
		if id, err := store.EventByClientID(tx, in.ClientID); err != nil || id != 0 {
			return id, err
		}
	}
	customer, err := store.Living(tx, in.CustomerID)
	if err != nil {
		return 0, err
	}
	if err := fresh(tx, customer.ID, in.Seen); err != nil {
		return 0, err
	}
	way, err := b.way(tx, customer.ID, in)
	if err != nil {
		return 0, err
	}
	if err := b.fits(tx, way, user, in); err != nil {
		return 0, err
	}
	c, err := b.conversationFor(tx, customer.ID, way.IdentityID, in.Subject)
	if err != nil {
		return 0, err
	}
	e := models.Event{CustomerID: customer.ID, ConversationID: c.ID, ChannelID: way.ChannelID, AnchorID: way.IdentityID,
		Kind: models.KindMessage, Direction: models.Out, UserID: user.ID, OccurredAt: tx.Now()}
	if e.ID, err = store.AppendEvent(tx, e, nil); err != nil {
		return 0, err
	}
	if err := b.send(tx, user, customer, e, way, in, html); err != nil {
		return 0, err
	}
	return e.ID, b.afterReply(tx, user, c, e, way, in)
}

// send stores the words and enqueues them.
func (b *Inbox) send(tx *store.Tx, user models.User, customer models.Customer, e models.Event, way Way, in ReplyInput, html string) error {
	content, subject, err := b.thread(tx, e, way, in)
	if err != nil {
		return err
	}
	content.FromName, content.ToName, content.ReplyToken = user.Name, customer.Name, b.replyToken(e.ConversationID)
	cc, err := copies(way, in.CC)
	if err != nil {
		return err
	}
	err = store.AddMessage(tx, models.Message{EventID: e.ID, Subject: subject, CC: cc, Text: in.Text, HTML: html, MessageID: b.newMessageID(way.domain),
		ClientID: in.ClientID, State: models.DeliveryQueued, ToAddress: way.Address})
	if err != nil {
		return err
	}
	for _, file := range in.Attachments {
		if err := store.ClaimUpload(tx, file, e.ID, UserUploads(user.ID)); err != nil {
			return err
		}
	}
	if len(in.Attachments) > 0 {
		if err := store.NameFiles(tx, e.ID); err != nil {
			return err
		}
	}
	if err := invite(tx, e.ConversationID, cc); err != nil {
		return err
	}
	due := tx.Now()
	switch {
	case in.SendAt > due:
		due = in.SendAt
	case !way.instant:
		due = due.Add(time.Duration(user.UndoSeconds) * time.Second)
	}
	return outbox.Enqueue(tx, e.ID, way.ChannelID, content, due)
}

// fits refuses what the channel cannot carry, while staff can still change it.
func (b *Inbox) fits(tx *store.Tx, way Way, user models.User, in ReplyInput) error {
	if n := utf8.RuneCountInString(in.Text); way.MaxText > 0 && n > way.MaxText {
		return models.FieldError("text", "%s carries at most %d characters; this message has %d. Shorten it, or answer by another channel.", way.ChannelName, way.MaxText, n)
	}
	p := b.providers[way.ChannelType]
	if p.Fits == nil || len(in.Attachments) == 0 {
		return nil
	}
	var files []models.Attachment
	for _, id := range in.Attachments {
		a, err := store.UploadOf(tx, id, UserUploads(user.ID))
		if err != nil {
			return err
		}
		files = append(files, a)
	}
	return p.Fits(files)
}

// mostCopies is how many further recipients a mail may have: an answer to all, not a circular.
const mostCopies = 20

// copies checks the further recipients of a mail and writes them as one line.
func copies(way Way, text string) (string, error) {
	if way.Kind != models.EmailIdentity {
		return "", nil
	}
	var out []string
	for _, text := range taken(text) {
		address, ok := identity.Normalise(models.EmailIdentity, text, "")
		if !ok {
			return "", models.FieldError("cc", "%q is no email address. Separate several with commas.", line(text, 100))
		}
		if address != way.Address && !slices.Contains(out, address) {
			out = append(out, address)
		}
	}
	if len(out) > mostCopies {
		return "", models.FieldError("cc", "A mail has at most %d further recipients.", mostCopies)
	}
	return strings.Join(out, ", "), nil
}

// taken takes a line of addresses apart: with names as mail programs write them, or as people do.
func taken(line string) (out []string) {
	if list, err := mail.ParseAddressList(line); err == nil {
		for _, a := range list {
			out = append(out, a.Address)
		}
		return out
	}
	return strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(", ;\t", r) })
}

// thread finds what an email answers: the newest mail of this conversation with that address, else of
// another that is open: what was two conversations by SMS and mail is one talk to the customer.
func (b *Inbox) thread(tx *store.Tx, e models.Event, way Way, in ReplyInput) (outbox.Content, string, error) {
	var content outbox.Content
	if way.Kind != models.EmailIdentity {
		return content, "", nil // mail alone has subjects
	}
	last, err := store.MailsOf(tx, way.IdentityID, e.ConversationID, 20)
	if err == nil && len(last) == 0 {
		last, err = store.OpenMailsOf(tx, way.IdentityID, 20)
	}
	if err != nil {
		return content, "", err
	}
	subject := in.Subject
	for i, m := range last {
		if i == 0 {
			content.InReplyTo = m.MessageID
			if subject == "" {
				subject = replySubject(m.Subject)
			}
		}
		content.References = append([]string{m.MessageID}, content.References...)
	}
	return content, cmp.Or(subject, "Your message to us"), nil
}

func replySubject(subject string) string {
	if subject == "" || strings.HasPrefix(strings.ToLower(subject), "re:") {
		return subject
	}
	return "Re: " + subject
}

func (b *Inbox) afterReply(tx *store.Tx, user models.User, c models.Conversation, e models.Event, way Way, in ReplyInput) error {
	b.advance(&c, e, false, way.ChannelType)
	if c.AssigneeID == 0 {
		c.AssigneeID = user.ID
	}
	if in.Close {
		if err := closeIt(tx, &c, user.ID); err != nil {
			return err
		}
	}
	if err := store.SaveConversation(tx, c); err != nil {
		return err
	}
	if err := await(tx, e, way); err != nil {
		return err
	}
	share := store.ShareWithViewers
	if way.Kind != models.ChatIdentity {
		share = func(tx *store.Tx, e models.Event) error { return shareReply(tx, e, false, nil) }
	}
	if err := share(tx, e); err != nil {
		return err
	}
	if err := store.MarkRead(tx, user.ID, c.CustomerID, e.ID, false); err != nil {
		return err
	}
	return store.SaveDraft(tx, store.Draft{UserID: user.ID, CustomerID: c.CustomerID, Kind: "reply"})
}

// conversationFor finds the conversation that what staff write belongs to: the current one, one
// that the answer re-opens, or a new one.
func (b *Inbox) conversationFor(tx *store.Tx, customer, anchor models.ID, subject string) (models.Conversation, error) {
	c, ok, err := store.CurrentConversation(tx, customer)
	if err != nil {
		return c, err
	}
	if !ok {
		window, err := b.reopenWindow(tx)
		if err != nil {
			return c, err
		}
		if c, ok, err = store.LastClosed(tx, customer, tx.Now().Add(-window)); err != nil {
			return c, err
		}
	}
	if ok {
		return c, rouse(tx, &c)
	}
	return b.open(tx, models.Event{CustomerID: customer, AnchorID: anchor, OccurredAt: tx.Now()}, subject)
}

// fresh refuses an answer whose writer had not seen a colleague's newer answer or note.
func fresh(tx *store.Tx, customer, seen models.ID) error {
	if seen == 0 {
		return nil
	}
	newer, err := store.NewerFromStaff(tx, customer, seen)
	if err != nil || newer == 0 {
		return err
	}
	return &models.Error{Code: models.Conflict, Field: "seen", Message: "A colleague has written here since you opened the thread. Read it, then send again if your answer still fits."}
}

// Note writes an internal note. It is never sent anywhere.
func (b *Inbox) Note(ctx context.Context, user models.User, customer models.ID, text, clientID string, files []models.ID) (models.ID, error) {
	text = Text(strings.TrimSpace(text))
	if text == "" && len(files) == 0 {
		return 0, models.FieldError("text", "Write something, or attach a file.")
	}
	var id models.ID
	err := b.st.Write(ctx, func(tx *store.Tx) error {
		var err error
		id, err = b.note(tx, user, customer, text, clientID, files)
		return err
	})
	return id, err
}

func (b *Inbox) note(tx *store.Tx, user models.User, customer models.ID, text, clientID string, files []models.ID) (models.ID, error) {
	if clientID != "" {
		if id, err := store.EventByClientID(tx, clientID); err != nil || id != 0 {
			return id, err
		}
	}
	living, err := store.Living(tx, customer)
	if err != nil {
		return 0, err
	}
	c, ok, err := store.CurrentConversation(tx, living.ID)
	if err != nil {
		return 0, err
	}
	e := models.Event{CustomerID: living.ID, ConversationID: c.ID, Kind: models.KindNote, UserID: user.ID, OccurredAt: tx.Now()}
	if e.ID, err = store.AppendEvent(tx, e, nil); err != nil {
		return 0, err
	}
	if err := store.AddMessage(tx, models.Message{EventID: e.ID, Text: text, ClientID: clientID}); err != nil {
		return 0, err
	}
	for _, file := range files {
		if err := store.ClaimUpload(tx, file, e.ID, UserUploads(user.ID)); err != nil {
			return 0, err
		}
	}
	if ok {
		b.advance(&c, e, false, "")
		if err := store.SaveConversation(tx, c); err != nil {
			return 0, err
		}
	}
	return e.ID, store.SaveDraft(tx, store.Draft{UserID: user.ID, CustomerID: living.ID, Kind: "note"})
}

// Undo calls back a message inside its undo window, and gives its words back as a draft. It is for
// who wrote it, and for owners and admins.
func (b *Inbox) Undo(ctx context.Context, user models.User, event models.ID) error {
	return b.st.Write(ctx, func(tx *store.Tx) error {
		e, err := store.Event(tx, event)
		if err != nil {
			return err
		}
		if e.UserID != user.ID && user.Role != models.Owner && user.Role != models.Admin {
			return models.Errorf(models.Forbidden, "A colleague wrote this message; only they, an admin or the owner can call it back.")
		}
		if err := outbox.Cancel(tx, e); err != nil {
			return err
		}
		m, err := store.Message(tx, event)
		if err != nil {
			return err
		}
		return store.SaveDraft(tx, store.Draft{UserID: user.ID, CustomerID: e.CustomerID, Kind: "reply", Subject: m.Subject, Text: m.Text})
	})
}

// Retry sends a failed message again.
func (b *Inbox) Retry(ctx context.Context, event models.ID) error {
	return b.st.Write(ctx, func(tx *store.Tx) error {
		e, err := store.Event(tx, event)
		if err != nil {
			return err
		}
		return outbox.Requeue(tx, e)
	})
}

// domainOf is the domain of a mail address, for Message-IDs; empty when it has none.
func domainOf(address string) string {
	a, err := mail.ParseAddress(address)
	if err != nil {
		return ""
	}
	return a.Address[strings.LastIndexByte(a.Address, '@')+1:]
}
