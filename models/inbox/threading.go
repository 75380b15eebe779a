package inbox

import (
	"cmp"
	"context"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"onethread/models"
	"onethread/models/identity"
	"onethread/models/store"
)

// conversationOf decides the conversation of a message: what comes from whom staff blocked is kept with
// their spam, whatever else it says.
func (b *Inbox) conversationOf(tx *store.Tx, e models.Event, p *prepared, m *models.MessageIn, names []store.Referred, who identity.Found) (models.Conversation, error) {
	if m.Direction == models.In && !who.New {
		blocked, err := store.Blocked(tx, who.CustomerID, who.Anchor)
		if err != nil {
			return models.Conversation{}, err
		}
		if blocked {
			return spamOf(tx, e, m.Subject)
		}
	}
	var err error
	if p.thanks, err = onlyThanks(tx, m); err != nil {
		return models.Conversation{}, err
	}
	return b.place(tx, e, m, names, p.thanks)
}

// place decides the conversation of a message (docs/model.md, "Email, decision order" 2): what it
// names, in that order, the customer's current conversation, the re-open window, else a new one. A
// header can never lead out of the sender's own thread. The result has no id when the message
// belongs to no conversation.
func (b *Inbox) place(tx *store.Tx, e models.Event, m *models.MessageIn, names []store.Referred, thanks bool) (models.Conversation, error) {
	opens := m.Automatic == "" && m.Direction == models.In
	c, ok, err := own(tx, e.CustomerID, names)
	if err == nil && thanks {
		return b.thanked(tx, e, m, c, ok)
	}
	if err != nil {
		return c, err
	}
	if !ok || (c.Status == models.StatusClosed && opens) {
		if c, ok, err = b.current(tx, e, opens && !m.Spam); err != nil {
			return c, err
		}
	}
	switch {
	case ok && opens:
		return c, rouse(tx, &c)
	case ok, !opens:
		return c, nil
	case m.Spam:
		return spamOf(tx, e, m.Subject)
	}
	return b.open(tx, e, m.Subject)
}

// own is the conversation of the customer that is named first.
func own(tx *store.Tx, customer models.ID, names []store.Referred) (c models.Conversation, ok bool, err error) {
	for _, r := range names {
		if r.CustomerID == customer && r.ConversationID != 0 {
			c, err = store.Conversation(tx, r.ConversationID)
			return c, err == nil, err
		}
	}
	return c, false, nil
}

// stranger is the message of another customer that is named first, if the sender names none of their
// own before it.
func stranger(customer models.ID, names []store.Referred) models.ID {
	if len(names) == 0 || names[0].CustomerID == customer {
		return 0
	}
	return names[0].EventID
}

// mostNames bounds how many Message-IDs of one mail are looked up.
const mostNames = 50

// named lists what a message names, the likeliest first: reply tokens, In-Reply-To, References newest
// first, markers in the text it quotes.
func (b *Inbox) named(tx *store.Tx, m *models.MessageIn) ([]store.Referred, error) {
	out, err := b.tokens(tx, m.ReplyTokens)
	if err != nil {
		return nil, err
	}
	for i := range out {
		out[i].Secret = true
	}
	references := slices.Clone(m.References)
	slices.Reverse(references)
	ids := slices.Concat(m.InReplyTo, references)
	ids = ids[:min(len(ids), mostNames)]
	for i := range ids {
		ids[i] = strings.TrimSpace(ids[i])
	}
	found, err := store.ReferredBy(tx, ids)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if i := slices.IndexFunc(found, func(r store.Referred) bool { return r.MessageID == id }); i >= 0 {
			out = append(out, found[i])
		}
	}
	marked, err := b.tokens(tx, m.Markers)
	return append(out, marked...), err
}

// tokens finds the conversations that genuine reply tokens name.
func (b *Inbox) tokens(tx *store.Tx, tokens []string) (out []store.Referred, err error) {
	for _, token := range tokens[:min(len(tokens), mostNames)] {
		id, ok := b.parseReplyToken(token)
		if !ok {
			continue
		}
		c, err := store.Conversation(tx, id)
		if models.IsCode(err, models.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, store.Referred{EventID: c.LastEventID, CustomerID: c.CustomerID, ConversationID: c.ID})
	}
	return out, nil
}

// current finds the customer's open or snoozed conversation, or one closed within the re-open
// window when the message may open.
func (b *Inbox) current(tx *store.Tx, e models.Event, opens bool) (models.Conversation, bool, error) {
	c, ok, err := store.CurrentAt(tx, e.CustomerID, e.AnchorID)
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
		c.Status, c.ClosedAt, c.Spam = models.StatusOpen, 0, false
		_, err := say(tx, *c, 0, models.ConversationData{Action: "reopened"})
		return err
	}
	return nil
}

// open begins a conversation. Its first message tells of it; no further event is needed.
func (b *Inbox) open(tx *store.Tx, e models.Event, subject string) (models.Conversation, error) {
	c := models.Conversation{CustomerID: e.CustomerID, Status: models.StatusOpen, Subject: subject, OpenedAt: e.OccurredAt, LastAt: e.OccurredAt}
	var err error
	if c.HomeID, err = store.HomeOf(tx, e.AnchorID); err != nil {
		return c, err
	}
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
