package inbox

import (
	"cmp"
	"context"
	"net/mail"
	"slices"
	"strings"
	"time"

	"onethread/models"
	"onethread/models/outbox"
	"onethread/models/richtext"
	"onethread/models/store"
)

// ReplyInput is a message that staff send.
type ReplyInput struct {
	CustomerID   models.ID
	ChannelID    models.ID // zero = the preselected way (see Reach)
	IdentityID   models.ID // zero = the customer's address of the channel's kind, the newest used
	Conversation models.ID // which of the customer's conversations it belongs to; zero = the current one
	Subject      string
	CC           string // further recipients of a mail, separated by commas; other channels have none
	BCC          string // like CC; nobody else sees them
	Text         string
	HTML         string // optional; sanitised
	Attachments  []models.ID
	Inline       []models.ID // those of the attachments that stand in a mail's text; elsewhere they are files
	Preset       string      // "CHANNEL-IDENTITY" that the writer's screen had preselected; empty = what is preselected now
	ClientID     string      // made by the browser: a retry with the same one is the same message
	SendAt       models.Time // when it is to go out, at most a year ahead; zero = now (after the undo window)
	Seen         models.ID   // the newest event the writer had seen; zero = does not matter
	Close        bool        // close the conversation with it
}

// Reply writes a message into the thread and the outbox. It returns the event's id. When a
// colleague wrote something newer than Seen it is a Conflict, so that nobody answers twice.
func (b *Inbox) Reply(ctx context.Context, user models.User, in ReplyInput) (models.ID, error) {
	in.Text, in.Subject = Text(strings.TrimSpace(in.Text)), line(in.Subject, 500)
	clean := richtext.Clean{}
	if in.HTML != "" {
		named, err := b.pictures(ctx, user, &in)
		if err != nil {
			return 0, err
		}
		clean = richtext.Sanitise(Text(in.HTML), named)
		in.Text = cmp.Or(in.Text, richtext.Text(in.HTML))
	}
	if in.Text == "" && len(in.Attachments) == 0 {
		return 0, models.FieldError("text", "Write something, or attach a file.")
	}
	if len(in.Text) > 200_000 {
		return 0, models.FieldError("text", "The message is longer than 200,000 bytes. Send the rest as a file.")
	}
	if err := inTime(in.SendAt, b.st.Now()); err != nil {
		return 0, err
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
		if id, err := sentBefore(tx, user, in.ClientID, in.Text); err != nil || id != 0 {
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
	way, chosen, err := b.way(tx, customer.ID, in)
	if err != nil {
		return 0, err
	}
	if err := b.fits(tx, way, user, in); err != nil {
		return 0, err
	}
	c, err := b.conversationFor(tx, customer.ID, way.IdentityID, in)
	if err != nil {
		return 0, err
	}
	e := models.Event{CustomerID: customer.ID, ConversationID: c.ID, ChannelID: way.ChannelID, AnchorID: way.IdentityID,
		Kind: models.KindMessage, Direction: models.Out, UserID: user.ID, OccurredAt: tx.Now()}
	if e.ID, err = store.AppendEvent(tx, e, chosen); err != nil {
		return 0, err
	}
	if err := b.send(tx, user, customer, e, way, in, html); err != nil {
		return 0, err
	}
	return e.ID, b.afterReply(tx, user, c, e, way, in)
}

// sentBefore finds what was sent under a browser's own id: the same message comes again, or, with other
// words, one that was written on from a draft which another window has sent meanwhile.
func sentBefore(tx *store.Tx, user models.User, clientID, text string) (models.ID, error) {
	id, err := store.EventByClientID(tx, clientID)
	if err != nil || id == 0 {
		return 0, err
	}
	e, err := store.Event(tx, id)
	if err != nil {
		return 0, err
	}
	m, err := store.Message(tx, id)
	if err != nil {
		return 0, err
	}
	if e.UserID != user.ID || m.Text != text {
		return 0, &models.Error{Code: models.Conflict, Field: "client_id", Message: "This draft has been sent already, with other words. Have a look above; send again if these should go as well."}
	}
	return id, nil
}

// send stores the words and enqueues them.
func (b *Inbox) send(tx *store.Tx, user models.User, customer models.Customer, e models.Event, way Way, in ReplyInput, html string) error {
	content, subject, err := b.thread(tx, e, way, in)
	if err != nil {
		return err
	}
	content.FromName, content.ToName, content.ReplyToken = user.Name, customer.Name, b.replyToken(e.ConversationID)
	if way.Kind == models.EmailIdentity {
		content.Signature = user.Sign(way.Signature, way.Shop)
	}
	cc, bcc, err := copiesOf(way, in)
	if err != nil {
		return err
	}
	err = store.AddMessage(tx, models.Message{EventID: e.ID, Subject: subject, CC: cc, BCC: bcc, Text: in.Text, HTML: html, MessageID: b.newMessageID(way.domain),
		ClientID: in.ClientID, State: models.DeliveryQueued, ToAddress: way.Address, SendAt: in.SendAt})
	if err != nil {
		return err
	}
	for _, file := range in.Attachments {
		if err := store.ClaimUpload(tx, file, e.ID, UserUploads(user.ID)); err != nil {
			return err
		}
		if way.Kind == models.EmailIdentity && slices.Contains(in.Inline, file) {
			if err := store.EmbedFile(tx, file, way.domain); err != nil {
				return err
			}
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

// thread finds what an email answers: the newest mail of this conversation with that address, else of
// another that is open: what was two conversations by SMS and mail is one talk to the customer.
func (b *Inbox) thread(tx *store.Tx, e models.Event, way Way, in ReplyInput) (outbox.Content, string, error) {
	var content outbox.Content
	if way.Kind != models.EmailIdentity {
		return content, "", nil // mail alone has subjects
	}
	last, err := store.MailsOf(tx, way.IdentityID, e.ConversationID, 20)
	if err != nil {
		return content, "", err
	}
	subject := in.Subject
	if len(last) == 0 {
		c, err := store.Conversation(tx, e.ConversationID)
		if err != nil {
			return content, "", err
		}
		if in.Conversation != 0 && c.Subject != "" && c.LastEventID == 0 {
			return content, cmp.Or(subject, c.Subject), nil // the first words about a matter of its own
		}
		if last, err = store.OpenMailsOf(tx, way.IdentityID, 20); err != nil {
			return content, "", err
		}
	}
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
	b.advance(&c, e, in.SendAt != 0, way.ChannelType) // no answer before it leaves: store.CountAnswer
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
	return store.DropDraft(tx, store.Draft{UserID: user.ID, CustomerID: c.CustomerID, Kind: "reply", ClientID: in.ClientID})
}

// conversationFor finds the conversation that what staff write belongs to: the one they chose, the current
// one, one that the answer re-opens, or a new one.
func (b *Inbox) conversationFor(tx *store.Tx, customer, anchor models.ID, in ReplyInput) (models.Conversation, error) {
	if in.Conversation != 0 {
		c, err := ownConversation(tx, customer, in.Conversation)
		if err != nil {
			return c, err
		}
		return c, rouse(tx, &c)
	}
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
	return b.open(tx, models.Event{CustomerID: customer, AnchorID: anchor, OccurredAt: tx.Now()}, in.Subject)
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

// NoteInput is an internal note.
type NoteInput struct {
	CustomerID   models.ID
	Conversation models.ID // which of the customer's conversations it belongs to; zero = the current one, if any
	Text         string
	ClientID     string // made by the browser: a retry with the same one is the same note
	Attachments  []models.ID
}

// Note writes an internal note. It is never sent anywhere.
func (b *Inbox) Note(ctx context.Context, user models.User, in NoteInput) (models.ID, error) {
	in.Text = Text(strings.TrimSpace(in.Text))
	if in.Text == "" && len(in.Attachments) == 0 {
		return 0, models.FieldError("text", "Write something, or attach a file.")
	}
	var id models.ID
	err := b.st.Write(ctx, func(tx *store.Tx) error {
		var err error
		id, err = b.note(tx, user, in)
		return err
	})
	return id, err
}

func (b *Inbox) note(tx *store.Tx, user models.User, in NoteInput) (models.ID, error) {
	if in.ClientID != "" {
		if id, err := sentBefore(tx, user, in.ClientID, in.Text); err != nil || id != 0 {
			return id, err
		}
	}
	living, err := store.Living(tx, in.CustomerID)
	if err != nil {
		return 0, err
	}
	var c models.Conversation
	ok := in.Conversation != 0
	if ok {
		c, err = ownConversation(tx, living.ID, in.Conversation)
	} else {
		c, ok, err = store.CurrentConversation(tx, living.ID)
	}
	if err != nil {
		return 0, err
	}
	e := models.Event{CustomerID: living.ID, ConversationID: c.ID, Kind: models.KindNote, UserID: user.ID, OccurredAt: tx.Now()}
	if e.ID, err = store.AppendEvent(tx, e, nil); err != nil {
		return 0, err
	}
	if err := store.AddMessage(tx, models.Message{EventID: e.ID, Text: in.Text, ClientID: in.ClientID}); err != nil {
		return 0, err
	}
	for _, file := range in.Attachments {
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
	return e.ID, store.DropDraft(tx, store.Draft{UserID: user.ID, CustomerID: living.ID, Kind: "note", ClientID: in.ClientID})
}

// Retry sends a failed message again.
func (b *Inbox) Retry(ctx context.Context, event models.ID) error {
	return b.st.Write(ctx, func(tx *store.Tx) error {
		e, err := ours(tx, event)
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

// ours finds a message that staff sent. What customers wrote and everything else is no message to
// call back or to send again: NotFound.
func ours(tx *store.Tx, event models.ID) (models.Event, error) {
	e, err := store.Event(tx, event)
	if err == nil && (e.Kind != models.KindMessage || e.Direction != models.Out) || models.IsCode(err, models.NotFound) {
		return e, models.Errorf(models.NotFound, "There is no such message.")
	}
	return e, err
}
