package inbox

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"onethread/models"
	"onethread/models/store"
)

// continueLife is how long a link to go on elsewhere is good.
const continueLife = 7 * 24 * time.Hour

// Continued is where a link to go on elsewhere leads: for whoever proves to own the address.
type Continued struct {
	Conversation models.Conversation
	Address      models.Identity
	Channel      models.Channel // whose chat it goes on in
}

// continueURL is the link to go on with a conversation on another device. It shows nothing by itself: who
// opens it is asked for a code that goes to the address. Empty while there is no chat to go on in.
func (b *Inbox) continueURL(q store.Q, conversation, address models.ID, now models.Time) (string, error) {
	channel, err := store.ChatOf(q, conversation)
	if err != nil || channel == 0 || b.URL == "" {
		return "", err
	}
	until := strconv.FormatInt(int64(now.Add(continueLife)), 10)
	return b.URL + "/c/continue/" + b.sealLink(continueLink, conversation.String(), address.String(), until), nil
}

// LookAtContinue opens a link to go on elsewhere. One that was altered, has run out, or whose address is
// no longer that of the conversation's customer alone is NotFound.
func (b *Inbox) LookAtContinue(ctx context.Context, token string) (Continued, error) {
	return b.continued(b.st.Read(ctx), token)
}

func (b *Inbox) continued(q store.Q, token string) (to Continued, err error) {
	parts, err := b.openLink(continueLink, token, 3)
	if err != nil {
		return to, err
	}
	var n [3]int64
	for i, p := range parts {
		if n[i], err = strconv.ParseInt(p, 10, 64); err != nil {
			return to, errLink
		}
	}
	if models.Time(n[2]) < b.st.Now() {
		return to, errLink
	}
	if to.Conversation, err = store.Conversation(q, models.ID(n[0])); err != nil {
		return to, gone(err)
	}
	if to.Address, err = store.Identity(q, models.ID(n[1])); err != nil {
		return to, gone(err)
	}
	channel, err := store.ChatOf(q, to.Conversation.ID)
	if err != nil {
		return to, err
	}
	if to.Channel, err = b.st.Channel(q, channel); err != nil {
		return to, gone(err)
	}
	owner, err := ownerOf(q, to.Address)
	if err != nil {
		return to, err
	}
	if to.Address.Shared || to.Address.CustomerID != to.Conversation.CustomerID || owner != 0 && owner != to.Address.CustomerID || to.Channel.Paused {
		return to, errLink
	}
	return to, nil
}

// gone is what a link leads to when something behind it is no more.
func gone(err error) error {
	if models.IsCode(err, models.NotFound) {
		return errLink
	}
	return err
}

// SendContinueCode sends the code that a link asks for. As long as the link is good its answer is the
// same: nil does not mean that a code was sent.
func (b *Inbox) SendContinueCode(ctx context.Context, token string) error {
	return b.st.Write(ctx, func(tx *store.Tx) error {
		to, err := b.continued(tx, token)
		if err != nil {
			return err
		}
		return unsaid(b.sendCode(tx, store.Code{IdentityID: to.Address.ID, ConversationID: to.Conversation.ID, Purpose: forContinue}, 0, codeLife, codeWords))
	})
}

// ConfirmContinue takes the answer to that code from a new browser: it sees the conversation's chat from
// then on, and what is written there carries the proof of the address.
func (b *Inbox) ConfirmContinue(ctx context.Context, token, code, visitor string) (Continued, error) {
	var to Continued
	ok := false
	err := b.st.Write(ctx, func(tx *store.Tx) (err error) {
		if to, err = b.continued(tx, token); err != nil {
			return err
		}
		var c store.Code
		want := store.Code{IdentityID: to.Address.ID, ConversationID: to.Conversation.ID, Purpose: forContinue}
		if c, ok, err = b.answerCode(tx, want, code); err != nil || !ok {
			return err
		}
		if to.Address.Evidence != models.Proved {
			if err := store.Strengthen(tx, to.Address.ID, models.Proved, "answered a one-time code"); err != nil {
				return err
			}
		}
		owner, err := b.proveBrowser(tx, to.Channel, visitor, c)
		if err != nil {
			return err
		}
		if owner != to.Conversation.CustomerID {
			return fmt.Errorf("inbox: the browser of a link stands with customer %d, its conversation with %d", owner, to.Conversation.CustomerID)
		}
		at, err := store.IdentitiesAt(tx, models.ChatIdentity, to.Channel.Key, visitor)
		if err != nil {
			return err
		}
		if len(at) != 1 {
			return errLink
		}
		_, err = store.AddViewerOf(tx, at[0].ID, to.Conversation.ID, to.Channel.ID)
		return err
	})
	if err == nil && !ok {
		err = errCode
	}
	return to, err
}

// SendContinue sends a customer a link to go on with the conversation on another device, as a message of
// the thread.
func (b *Inbox) SendContinue(ctx context.Context, user models.User, address models.ID) (event models.ID, err error) {
	err = b.st.Write(ctx, func(tx *store.Tx) error {
		i, err := store.Identity(tx, address)
		if err != nil {
			return err
		}
		if i.Shared {
			return models.FieldError("identity", "Several people use this address, so no link to a conversation is sent there.")
		}
		way, err := b.codeWay(tx, i)
		if err != nil {
			return err
		}
		c, err := b.conversationFor(tx, i.CustomerID, i.ID, ReplyInput{})
		if err != nil {
			return err
		}
		url, err := b.continueURL(tx, c.ID, i.ID, tx.Now())
		if err != nil {
			return err
		}
		if url == "" {
			return models.FieldError("identity", "There is no chat to go on in. Connect a web chat in Settings first.")
		}
		event, err = b.reply(tx, user, ReplyInput{CustomerID: i.CustomerID, ChannelID: way.ChannelID, IdentityID: way.IdentityID,
			Text: "Here you can go on with our conversation, on any device:\n" + url + "\n\nThe link is good for seven days. It opens with a code that we send to this address."}, "")
		return err
	})
	return event, err
}
