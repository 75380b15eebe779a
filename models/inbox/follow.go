package inbox

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"onethread/models"
	"onethread/models/identity"
	"onethread/models/outbox"
	"onethread/models/store"
)

// What follows a visitor out of the chat (docs/model.md, "Where the answer goes").
const (
	followUp      = "follow_up" // the chat channel's setting: minutes, or off; and how what was sent is marked
	followDefault = 2 * time.Minute
	followAgain   = 30 * time.Second // an answer that has yet to leave is looked after again
	followAtOnce  = 100
)

// followAfter is how long a visitor must be gone before answers follow them; ok is false where the shop
// wants none to.
func followAfter(q store.Q, channel models.ID) (after time.Duration, ok bool, err error) {
	text, err := store.ChannelSetting(q, channel, followUp)
	if err != nil || text == "off" {
		return 0, false, err
	}
	if n, err := strconv.Atoi(text); err == nil && n > 0 {
		return time.Duration(n) * time.Minute, true, nil
	}
	return followDefault, true, nil
}

// await looks after an answer in the chat: should its visitor be gone, it follows them.
func await(tx *store.Tx, e models.Event, way Way) error {
	if way.Kind != models.ChatIdentity {
		return nil
	}
	after, ok, err := followAfter(tx, e.ChannelID)
	if err != nil || !ok {
		return err
	}
	return store.AwaitVisitor(tx, store.ChatWait{IdentityID: e.AnchorID, ChannelID: e.ChannelID, SinceID: e.ID, DueAt: tx.Now().Add(after)})
}

// leftAddress makes answers due that no address was known for, once one is left in the chat.
func leftAddress(tx *store.Tx, e models.Event) error {
	if e.Kind != models.KindContact || e.AnchorID == 0 {
		return nil
	}
	after, ok, err := followAfter(tx, e.ChannelID)
	if err != nil || !ok {
		return err
	}
	return store.WakeVisitor(tx, e.AnchorID, tx.Now().Add(after))
}

// Follow sends answers in the chat after the visitors who were gone at the given moment, and had been for
// as long as the channel says, without having seen them: by email, else by SMS, once.
func (b *Inbox) Follow(ctx context.Context, now models.Time) error {
	var last store.ChatWait
	for {
		due, err := store.WaitsDue(b.st.Read(ctx), now, last, followAtOnce)
		if err != nil || len(due) == 0 {
			return err
		}
		for _, w := range due {
			last = w
			if !b.gone(ctx, w, now) {
				continue
			}
			if err := b.st.Write(ctx, func(tx *store.Tx) error { return b.follow(tx, w.IdentityID, now) }); err != nil {
				return err
			}
		}
	}
}

// gone tells whether a visitor has been away for long enough.
func (b *Inbox) gone(ctx context.Context, w store.ChatWait, now models.Time) bool {
	if b.Online != nil && b.Online(w.IdentityID) {
		return false
	}
	if b.Left == nil {
		return true
	}
	after, _, err := followAfter(b.st.Read(ctx), w.ChannelID)
	return err == nil && b.Left(w.IdentityID).Add(after) <= now
}

// follow sends what a visitor has not seen. Whatever comes of it stands in the same transaction: it is
// sent once.
func (b *Inbox) follow(tx *store.Tx, browser models.ID, now models.Time) error {
	w, ok, err := store.WaitOf(tx, browser)
	if err != nil || !ok || w.DueAt == 0 || w.DueAt > now {
		return err
	}
	unseen, err := store.UnseenAnswers(tx, w)
	if err != nil || len(unseen) == 0 {
		return orDrop(tx, browser, err)
	}
	if slices.ContainsFunc(unseen, func(u store.Unseen) bool {
		return u.State == models.DeliveryQueued || u.State == models.DeliverySending
	}) {
		return store.PostponeVisitor(tx, browser, now.Add(followAgain))
	}
	_, wanted, err := followAfter(tx, w.ChannelID)
	if err != nil || !wanted {
		return orDrop(tx, browser, err)
	}
	c, err := store.Conversation(tx, unseen[len(unseen)-1].ConversationID)
	if err != nil || c.Spam {
		return orDrop(tx, browser, err)
	}
	way, ok, err := b.followWay(tx, browser, c)
	if err != nil {
		return err
	}
	if !ok {
		return store.PostponeVisitor(tx, browser, 0) // until an address is left
	}
	if err := b.carry(tx, browser, c, way, unseen); err != nil {
		return err
	}
	return store.DropWait(tx, browser)
}

func orDrop(tx *store.Tx, browser models.ID, err error) error {
	if err != nil {
		return err
	}
	return store.DropWait(tx, browser)
}

// followWay finds where to send what a visitor has not seen: an address that is known to be the
// customer's, or one that this browser's visitor typed in this very conversation; a mailbox before a
// phone. Addresses that several people use, that opted out, bounced or failed get nothing.
func (b *Inbox) followWay(tx *store.Tx, browser models.ID, c models.Conversation) (best Way, ok bool, err error) {
	ways, err := b.reach(tx, c.CustomerID)
	if err != nil {
		return best, false, err
	}
	typed, err := typedIn(tx, browser, c.OpenedAt)
	if err != nil {
		return best, false, err
	}
	rank := func(w Way) int {
		n := 0
		switch {
		case w.shared || !(w.OK || w.Problem == "reach.paused"): // a paused channel's messages wait
			return 0
		case w.verified:
			n = 2
		case slices.Contains(typed, address{w.Kind, w.Address}):
			n = 1
		}
		if n > 0 && w.Kind == models.EmailIdentity {
			n += 2
		}
		return n
	}
	for _, w := range ways {
		if (w.Kind == models.EmailIdentity || w.Kind == models.PhoneIdentity) && rank(w) > rank(best) {
			best, ok = w, true
		}
	}
	return best, ok, nil
}

type address struct {
	kind  models.IdentityKind
	value string // normalised
}

// typedIn lists the addresses that were typed in a browser since a moment.
func typedIn(tx *store.Tx, browser models.ID, since models.Time) (out []address, err error) {
	events, err := store.ContactsLeft(tx, browser, since)
	if err != nil {
		return nil, err
	}
	for _, e := range events {
		var d models.ContactData
		if err := json.Unmarshal([]byte(e.Data), &d); err != nil {
			return nil, err
		}
		where, err := country(tx, []models.Hint{{Kind: d.Kind}})
		if err != nil {
			return nil, err
		}
		if value, sound := identity.Normalise(d.Kind, d.Value, where); sound {
			out = append(out, address{d.Kind, value})
		}
	}
	return out, nil
}

// carry writes the message that takes answers out of the chat.
func (b *Inbox) carry(tx *store.Tx, browser models.ID, c models.Conversation, way Way, unseen []store.Unseen) error {
	last := unseen[len(unseen)-1]
	e := models.Event{CustomerID: c.CustomerID, ConversationID: c.ID, ChannelID: way.ChannelID, AnchorID: way.IdentityID, Kind: models.KindMessage,
		Direction: models.Out, UserID: last.UserID, OccurredAt: tx.Now()}
	var err error
	if e.ID, err = store.AppendEvent(tx, e, models.MessageData{Automatic: followUp, SwitchedFrom: "webchat"}); err != nil {
		return err
	}
	content, subject, err := b.thread(tx, e, way, ReplyInput{Subject: followSubject(c)})
	if err != nil {
		return err
	}
	content.FromName, content.ReplyToken = last.Author, b.replyToken(c.ID)
	files, attached, err := b.followFiles(tx, way, unseen)
	if err != nil {
		return err
	}
	words, err := b.followWords(tx, browser, c, way, unseen, files, attached)
	if err != nil {
		return err
	}
	err = store.AddMessage(tx, models.Message{EventID: e.ID, Subject: subject, Text: words, Automatic: followUp, MessageID: b.newMessageID(way.domain),
		State: models.DeliveryQueued, ToAddress: way.Address})
	if err != nil {
		return err
	}
	for _, u := range unseen {
		if err := store.Carry(tx, u.ID, e.ID); err != nil {
			return err
		}
	}
	if attached {
		if err := attachCopies(tx, e.ID, files); err != nil {
			return err
		}
	}
	if err := store.Share(tx, browser, e.ID, false); err != nil {
		return err
	}
	b.advance(&c, e, true, way.ChannelType)
	if err := store.SaveConversation(tx, c); err != nil {
		return err
	}
	return outbox.Enqueue(tx, e.ID, way.ChannelID, content, tx.Now())
}

// followFiles are the files of the answers, and whether they go along: by mail, where the mailbox carries them
// all.
func (b *Inbox) followFiles(tx *store.Tx, way Way, unseen []store.Unseen) (files []models.Attachment, attached bool, err error) {
	ids := make([]models.ID, len(unseen))
	for i, u := range unseen {
		ids[i] = u.ID
	}
	files, err = store.AttachmentsOf(tx, ids)
	if err != nil || len(files) == 0 || len(files) > mostFiles || way.Kind != models.EmailIdentity {
		return files, false, err
	}
	for _, f := range files {
		if f.State != "" || tx.Holds(f.SHA256) != nil {
			return files, false, nil
		}
	}
	fits := b.providers[way.ChannelType].Fits
	return files, fits == nil || fits(files) == nil, nil
}

// attachCopies gives a message the files of others.
func attachCopies(tx *store.Tx, event models.ID, files []models.Attachment) error {
	for _, f := range files {
		f.ID, f.EventID, f.Token, f.Inline = 0, event, store.Token(), false
		if _, err := store.AddAttachment(tx, f, ""); err != nil {
			return err
		}
	}
	return nil
}

// shareInbound shows other browsers what came in answer to what followed their visitor out of the chat, and
// what is said in a chat that they see.
func shareInbound(tx *store.Tx, e models.Event, p prepared, m *models.MessageIn, names []store.Referred) error {
	if m.Automatic != "" || m.Warning != "" || p.guest != "" || len(p.Hints) == 0 {
		return nil
	}
	switch p.Hints[0].Kind {
	case models.EmailIdentity:
		return shareReply(tx, e, true, names)
	case models.PhoneIdentity:
		return shareReply(tx, e, false, nil)
	case models.ChatIdentity:
		return store.ShareWithViewers(tx, e)
	}
	return nil
}

// shareReply shows a browser a message that goes on with what followed it out of the chat: one that
// answers such a message (names), or that comes next to it at the same address in the same conversation.
// A mail that names nothing is a letter of its own, and stays the mailbox's.
func shareReply(tx *store.Tx, e models.Event, mail bool, names []store.Referred) error {
	if e.ConversationID == 0 || e.AnchorID == 0 {
		return nil
	}
	if mail && !slices.ContainsFunc(names, func(r store.Referred) bool { return r.ConversationID == e.ConversationID }) {
		return nil
	}
	for _, r := range names {
		if r.MessageID != "" && r.CustomerID == e.CustomerID {
			if r.ConversationID != e.ConversationID {
				return nil
			}
			return store.ShareAlike(tx, e.ID, r.EventID)
		}
	}
	before, err := store.LastAt(tx, e.ConversationID, e.AnchorID, e.ID)
	if err != nil || before == 0 {
		return err
	}
	return store.ShareAlike(tx, e.ID, before)
}
