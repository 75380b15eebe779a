package inbox

import (
	"cmp"
	"context"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"strconv"
	"strings"

	"onethread/models"
	"onethread/models/store"
)

// place decides the conversation of a message (docs/model.md, "Email, decision order" 2): reply
// token, In-Reply-To, References newest first, the customer's current conversation, the re-open
// window, else a new one. A header can never lead out of the sender's own thread. The result
// has no id when the message belongs to no conversation.
func (b *Inbox) place(tx *store.Tx, e models.Event, p prepared, m *models.MessageIn) (models.Conversation, error) {
	opens := m.Automatic == "" && m.Direction == models.In
	c, ok, err := b.named(tx, e.CustomerID, m)
	if err != nil {
		return c, err
	}
	if !ok || (c.Status == models.StatusClosed && opens) {
		if c, ok, err = b.current(tx, e, opens); err != nil {
			return c, err
		}
	}
	if !ok {
		if !opens {
			return models.Conversation{}, nil
		}
		return b.open(tx, e, m.Subject)
	}
	if !opens {
		return c, nil
	}
	return c, rouse(tx, &c)
}

// named finds the conversation that the message names, within its sender's own thread.
func (b *Inbox) named(tx *store.Tx, customer models.ID, m *models.MessageIn) (models.Conversation, bool, error) {
	for _, token := range m.ReplyTokens {
		if id, ok := b.parseReplyToken(token); ok {
			if c, err := store.Conversation(tx, id); err == nil && c.CustomerID == customer {
				return c, true, nil
			}
		}
	}
	ids := append([]string{}, m.InReplyTo...)
	for i := len(m.References) - 1; i >= 0 && len(ids) < 50; i-- {
		ids = append(ids, m.References[i])
	}
	for _, id := range ids {
		event, err := store.EventByMessageID(tx, strings.TrimSpace(id))
		if err != nil {
			return models.Conversation{}, false, err
		}
		if event == 0 {
			continue
		}
		e, err := store.Event(tx, event)
		if err != nil {
			return models.Conversation{}, false, err
		}
		if e.CustomerID != customer || e.ConversationID == 0 {
			continue
		}
		c, err := store.Conversation(tx, e.ConversationID)
		return c, err == nil, err
	}
	return models.Conversation{}, false, nil
}

// current finds the customer's open or snoozed conversation, or one closed within the re-open
// window when the message may open.
func (b *Inbox) current(tx *store.Tx, e models.Event, opens bool) (models.Conversation, bool, error) {
	c, ok, err := store.CurrentConversation(tx, e.CustomerID)
	if err != nil || ok || !opens {
		return c, ok, err
	}
	window, err := b.reopenWindow(tx)
	if err != nil {
		return c, false, err
	}
	return store.LastClosed(tx, e.CustomerID, e.OccurredAt.Add(-window))
}

// rouse opens a conversation that was snoozed or closed, because the customer wrote. The caller
// saves it.
func rouse(tx *store.Tx, c *models.Conversation) error {
	switch c.Status {
	case models.StatusSnoozed:
		return wake(tx, c)
	case models.StatusClosed:
		c.Status, c.ClosedAt = models.StatusOpen, 0
		_, err := say(tx, *c, 0, models.ConversationData{Action: "reopened"})
		return err
	}
	return nil
}

// open begins a conversation. Its first message tells of it; no further event is needed.
func (b *Inbox) open(tx *store.Tx, e models.Event, subject string) (models.Conversation, error) {
	c := models.Conversation{CustomerID: e.CustomerID, Status: models.StatusOpen, Subject: subject, OpenedAt: e.OccurredAt, LastAt: e.OccurredAt}
	var err error
	c.ID, err = store.AddConversation(tx, c)
	return c, err
}

// lower32 spells tokens in lower case: mail addresses lose their case on the way.
var lower32 = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// replyToken names a conversation in a plus-address, signed: {conversation}.{16 bytes of HMAC-SHA256}.
func (b *Inbox) replyToken(conversation models.ID) string {
	return fmt.Sprintf("%d.%s", conversation, lower32.EncodeToString(b.replyMAC(conversation)))
}

func (b *Inbox) replyMAC(conversation models.ID) []byte {
	return b.st.Vault.MAC("reply", []byte(conversation.String()))[:16]
}

func (b *Inbox) parseReplyToken(token string) (models.ID, bool) {
	head, mac, _ := strings.Cut(strings.ToLower(token), ".")
	n, err := strconv.ParseInt(head, 10, 64)
	if err != nil {
		return 0, false
	}
	got, err := lower32.DecodeString(mac)
	return models.ID(n), err == nil && subtle.ConstantTimeCompare(got, b.replyMAC(models.ID(n))) == 1
}

// newMessageID mints the Message-ID of an outbound message; it is the same on every attempt. The
// domain is the sending address's, so that it aligns with From.
func (b *Inbox) newMessageID(domain string) string {
	token := store.Token()
	mac := lower32.EncodeToString(b.st.Vault.MAC("message-id", []byte(token))[:16])
	return "m." + token + "." + mac + "@" + domain
}

// mintedForm tells a Message-ID in the form of newMessageID: m.{token}.{mac}@domain.
func mintedForm(id string) (token, mac string, ok bool) {
	local, _, at := strings.Cut(id, "@")
	parts := strings.Split(local, ".")
	if !at || len(parts) != 3 || parts[0] != "m" {
		return "", "", false
	}
	return parts[1], parts[2], true
}

// forged tells whether a Message-ID has our form without having been minted here. Case is not
// looked at: some servers change it.
func (b *Inbox) forged(id string) bool {
	token, mac, ok := mintedForm(id)
	if !ok {
		return false
	}
	got, err := lower32.DecodeString(strings.ToLower(mac))
	want := b.st.Vault.MAC("message-id", []byte(strings.ToLower(token)))[:16]
	return err != nil || subtle.ConstantTimeCompare(got, want) != 1
}

// disbelieve takes a mail that says it is ours, by a Message-ID that is not, for what it is: a
// stranger's. Whom it was written to proves nothing either, so it goes to the address it claims
// to come from, the shop's own, and never into a customer's thread.
func (b *Inbox) disbelieve(ctx context.Context, p *prepared, m *models.MessageIn) error {
	if m.Direction != models.Out || !b.forged(m.MessageID) {
		return nil
	}
	channel, err := b.st.Channel(b.st.Read(ctx), p.ChannelID)
	if err != nil {
		return err
	}
	m.Direction, m.ReplyTokens = models.In, nil
	m.Warning = "This mail says that it was sent from here, but it was not: somebody imitates your address. Do not act on it."
	p.Name = ""
	p.Hints = []models.Hint{{Kind: models.EmailIdentity, Value: cmp.Or(channel.Settings["address"], "unknown@sender.invalid"), Evidence: models.Typed, Reason: "From of an email that imitates ours"}}
	return nil
}
