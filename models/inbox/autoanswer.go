package inbox

import (
	"cmp"
	"time"

	"onethread/models"
	"onethread/models/outbox"
	"onethread/models/store"
)

// Limits of automatic answers (RFC 3834): one to an address in a day, none to one that writes so
// much in so short a time that it must be a machine.
const (
	answerRest  = 24 * time.Hour
	machinePace = 5
	machineSpan = 10 * time.Minute
	autoAnswer  = "auto_answer" // the channel's setting, and how our own answers are marked
)

// answerItself sends the channel's automatic answer, where it has one, to a message that began a
// conversation. Machines, lists, spam, old mail and addresses that somebody merely typed get none.
func (b *Inbox) answerItself(tx *store.Tx, e models.Event, p prepared, c *models.Conversation, m *models.MessageIn) error {
	if m.Direction != models.In || m.Automatic != "" || m.NoReply || m.Spam || m.Warning != "" || e.Silent || e.AnchorID == 0 ||
		p.guest != "" || len(p.Hints) == 0 || p.Hints[0].Evidence == models.Typed {
		return nil
	}
	words, err := store.ChannelSetting(tx, e.ChannelID, autoAnswer)
	if err != nil || words == "" {
		return err
	}
	last, messages, err := store.AnsweredItself(tx, e.AnchorID, tx.Now().Add(-machineSpan))
	if err != nil || last > tx.Now().Add(-answerRest) || messages > machinePace {
		return err
	}
	way, _, err := b.way(tx, e.CustomerID, ReplyInput{ChannelID: e.ChannelID, IdentityID: e.AnchorID})
	if err != nil || !way.OK {
		return nil // paused, opted out or bouncing: nothing to say
	}
	return b.sendItself(tx, e, way, c, m, words)
}

func (b *Inbox) sendItself(tx *store.Tx, e models.Event, way Way, c *models.Conversation, m *models.MessageIn, words string) error {
	out := models.Event{CustomerID: e.CustomerID, ConversationID: c.ID, ChannelID: e.ChannelID, AnchorID: e.AnchorID, Kind: models.KindMessage, Direction: models.Out, OccurredAt: tx.Now()}
	var err error
	if out.ID, err = store.AppendEvent(tx, out, nil); err != nil {
		return err
	}
	content, subject := outbox.Content{Automatic: true, ReplyToken: b.replyToken(c.ID)}, ""
	if way.Kind == models.EmailIdentity {
		subject = replySubject(cmp.Or(m.Subject, "Your message to us"))
		content.InReplyTo, content.References = m.MessageID, []string{m.MessageID}
	}
	err = store.AddMessage(tx, models.Message{EventID: out.ID, Subject: subject, Text: words, Automatic: autoAnswer, MessageID: b.newMessageID(way.domain),
		State: models.DeliveryQueued, ToAddress: way.Address})
	if err != nil {
		return err
	}
	b.advance(c, out, true, way.ChannelType)
	return outbox.Enqueue(tx, out.ID, e.ChannelID, content, tx.Now())
}
