package inbox

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"onethread/models"
	"onethread/models/outbox"
	"onethread/models/store"
)

// message files a message: who, which conversation, the event, its words and files.
func (b *Inbox) message(tx *store.Tx, p prepared, m *models.MessageIn) (models.Ingested, error) {
	if m.Direction == models.Out && m.MessageID != "" {
		if ours, err := store.SentByMessageID(tx, m.MessageID); err != nil || ours != 0 {
			if err == nil && m.Alias != "" {
				err = store.AddAlias(tx, ours, m.Alias)
			}
			return firstCopyOf(tx, ours, err)
		}
	}
	names, err := b.named(tx, m)
	if err != nil {
		return models.Ingested{}, err
	}
	who, ok, err := participant(tx, &p, m, names)
	if err == nil && !ok {
		who, ok, err = reported(tx, p, m, names)
	}
	if err == nil && !ok {
		who, ok, err = addressed(tx, p, m, names)
	}
	if err == nil && !ok {
		if err = errors.Join(answered(tx, p, m, names), answeredSMS(tx, p, m)); err == nil {
			who, err = b.resolve(tx, p)
		}
	}
	if err != nil {
		return models.Ingested{}, err
	}
	e := p.event(tx, who)
	if first, err := alike(tx, p, e, who, m); err != nil || first != 0 {
		return firstCopyOf(tx, first, err)
	}
	if e.UserID, err = author(tx, m); err != nil {
		return models.Ingested{}, err
	}
	c, err := b.conversationOf(tx, e, &p, m, names, who)
	if err != nil {
		return models.Ingested{}, err
	}
	e.ConversationID, e.Silent = c.ID, e.Silent || c.Spam
	if m.Spam && !c.Spam {
		m.Warning = cmp.Or(m.Warning, "Your mail server takes this mail for spam. It is shown because this customer is known here.")
	}
	if e.ID, err = store.AppendEvent(tx, e, messageData(p, m)); err != nil {
		return models.Ingested{}, err
	}
	if err := b.words(tx, e, p, m, stranger(e.CustomerID, names)); err != nil {
		return models.Ingested{}, err
	}
	if err := consent(tx, e, m); err != nil {
		return models.Ingested{}, err
	}
	if m.Automatic == "bounce" {
		if err := bounced(tx, p, m); err != nil {
			return models.Ingested{}, err
		}
	}
	if e.Direction == models.Out {
		if err := outbox.Known(tx, e, m.MessageID); err != nil {
			return models.Ingested{}, err
		}
	}
	if err := b.handedOn(tx, e, m); err != nil {
		return models.Ingested{}, err
	}
	if err := shareInbound(tx, e, p, m, names); err != nil {
		return models.Ingested{}, err
	}
	if c.ID != 0 {
		var kind string
		if kind, err = store.ChannelType(tx, p.ChannelID); err != nil {
			return models.Ingested{}, err
		}
		began := c.LastEventID == 0
		b.advance(&c, e, m.Automatic != "" || p.thanks, kind)
		if m.Warning == "" || m.Direction == models.Out {
			err = invite(tx, c.ID, m.CC)
		}
		if err == nil && began {
			err = b.answerItself(tx, e, p, &c, m)
		}
		if err != nil {
			return models.Ingested{}, err
		}
		err = store.SaveConversation(tx, c)
	}
	return models.Ingested{EventID: e.ID, CustomerID: e.CustomerID, ConversationID: c.ID}, err
}

// handedOn keeps what a member of staff wrote above a mail they forwarded as a note of theirs.
func (b *Inbox) handedOn(tx *store.Tx, e models.Event, m *models.MessageIn) error {
	if m.Note == "" {
		return nil
	}
	user, err := store.UserCalled(tx, m.Author)
	if err != nil {
		return err
	}
	note := models.Event{CustomerID: e.CustomerID, ConversationID: e.ConversationID, Kind: models.KindNote, UserID: user, OccurredAt: e.OccurredAt, Silent: e.Silent}
	if note.ID, err = store.AppendEvent(tx, note, nil); err != nil {
		return err
	}
	return store.AddMessage(tx, models.Message{EventID: note.ID, Text: Text(m.Note)})
}

// author finds the member of staff who sent a message elsewhere; zero when the name is nobody's.
func author(tx *store.Tx, m *models.MessageIn) (models.ID, error) {
	if m.Direction != models.Out || m.Author == "" {
		return 0, nil
	}
	return store.UserCalled(tx, m.Author)
}

func firstCopyOf(tx *store.Tx, event models.ID, err error) (models.Ingested, error) {
	if err != nil {
		return models.Ingested{}, err
	}
	return firstCopy(tx, event)
}

// messageData is what a message's event keeps besides the message row.
func messageData(p prepared, m *models.MessageIn) any {
	if m.Automatic == "" && p.Name == "" && p.guest == "" && !p.thanks {
		return nil
	}
	return models.MessageData{Automatic: m.Automatic, Thanks: p.thanks, From: p.Name, Address: p.guest, Participant: p.guest != ""}
}

func (b *Inbox) words(tx *store.Tx, e models.Event, p prepared, m *models.MessageIn, quotes models.ID) error {
	err := store.AddMessage(tx, models.Message{EventID: e.ID, Subject: m.Subject, Text: m.Text, ReplyText: m.ReplyText, HTML: p.clean.HTML, MessageID: m.MessageID,
		Automatic: m.Automatic, Warning: m.Warning, CC: m.CC, Files: fileNames(p.files), QuotesID: quotes, HasRemote: p.clean.HasRemote, State: stateOf(m)})
	if err != nil {
		return err
	}
	for _, f := range p.files {
		if err := attach(tx, e, f, visitorOf(p)); err != nil {
			return err
		}
	}
	return nil
}

// fileNames is what search knows of a message's files.
func fileNames(files []arriving) string {
	var names []string
	for _, f := range files {
		if f.Name != "" && (!f.Inline || f.ContentID == "") {
			names = append(names, f.Name)
		}
	}
	return strings.Join(names, " ")
}

// attach ties a file to its message; one that its provider still holds is enqueued to be fetched.
func attach(tx *store.Tx, e models.Event, f arriving, visitor string) error {
	if f.ID != 0 {
		return store.ClaimUpload(tx, f.ID, e.ID, visitor)
	}
	if err := tx.Holds(f.SHA256); err != nil {
		return err
	}
	f.EventID = e.ID
	id, err := store.AddAttachment(tx, f.Attachment, "")
	if err != nil || f.url == "" {
		return err
	}
	return store.AddFetch(tx, id, e.ChannelID, f.url)
}

// stateOf: what staff sent from their own mail program has been sent.
func stateOf(m *models.MessageIn) string {
	if m.Direction == models.Out {
		return models.DeliverySent
	}
	return ""
}

// visitorOf names the uploader of a chat visitor's files.
func visitorOf(p prepared) string {
	for _, h := range p.Hints {
		if h.Kind == models.ChatIdentity {
			return VisitorUploads(h.Value)
		}
	}
	return ""
}

// VisitorUploads is the uploader's name of files that a chat visitor uploaded.
func VisitorUploads(visitor string) string { return "visitor:" + visitor }

// UserUploads is the uploader's name of files that a member of staff uploaded.
func UserUploads(user models.ID) string { return "user:" + user.String() }

// bounced marks the message that a bounce is about, whoever's program sent it. One that is not known yet
// may lie in the folder of sent mail, which is read after the inbox: the bounce is kept for it.
func bounced(tx *store.Tx, p prepared, m *models.MessageIn) error {
	d := models.DeliveryIn{Error: firstLine(m.Text)}
	if m.Bounce != nil {
		d.Error, d.Soft, d.Recipients = line(m.Bounce.Error, 500), m.Bounce.Soft, normalised(strings.Join(m.Bounce.Recipients, ","))
	}
	ids := slices.Concat(m.InReplyTo, m.References)
	ids = ids[:min(len(ids), mostNames)]
	for _, id := range ids {
		event, err := store.SentByMessageID(tx, id)
		if err != nil {
			return err
		}
		if event == 0 {
			continue
		}
		e, err := store.Event(tx, event)
		if err == nil {
			_, err = outbox.Returned(tx, e, d)
		}
		return err
	}
	for _, id := range ids {
		report := store.Report{ChannelID: p.ChannelID, ProviderID: id, State: models.DeliveryBounced, Error: d.Error, Soft: d.Soft, Recipients: strings.Join(d.Recipients, " ")}
		if err := store.ParkReport(tx, report); err != nil {
			return err
		}
	}
	return nil
}

func firstLine(s string) string {
	head, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line(head, 300)
}

// advance moves a conversation on by one of its messages. The caller saves it.
func (b *Inbox) advance(c *models.Conversation, e models.Event, automatic bool, channelType string) {
	if e.OccurredAt >= c.LastAt || c.LastEventID == 0 {
		c.LastEventID, c.LastAt = e.ID, e.OccurredAt
	}
	if channelType != "" && !slices.Contains(strings.Fields(c.ChannelTypes), channelType) {
		c.ChannelTypes = strings.TrimSpace(c.ChannelTypes + " " + channelType)
	}
	switch {
	case e.Kind != models.KindMessage, automatic:
	case e.Direction == models.In && c.WaitingSince == 0 && !e.Silent:
		c.WaitingSince = e.OccurredAt
	case e.Direction == models.Out:
		c.WaitingSince = 0
		if c.FirstReplyAt == 0 {
			c.FirstReplyAt = e.OccurredAt
		}
	}
}
