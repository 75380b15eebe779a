package inbox

import (
	"onethread/models"
	"onethread/models/store"
)

// spamOf is the conversation that a customer's spam is kept in: closed, and in no list but that of
// spam. Whoever has an open conversation is no spammer: their message is shown with a warning.
func spamOf(tx *store.Tx, e models.Event, subject string) (models.Conversation, error) {
	c, ok, err := store.SpamConversation(tx, e.CustomerID)
	if err != nil || ok {
		return c, err
	}
	c = models.Conversation{CustomerID: e.CustomerID, Status: models.StatusClosed, Spam: true, Subject: subject, OpenedAt: e.OccurredAt, ClosedAt: tx.Now(), LastAt: e.OccurredAt}
	if c.HomeID, err = store.HomeOf(tx, e.AnchorID); err != nil {
		return c, err
	}
	c.ID, err = store.AddConversation(tx, c)
	return c, err
}

// spam takes a conversation for spam, or no longer.
func spam(tx *store.Tx, c *models.Conversation, user models.ID, ch Change) error {
	if ch.Spam == nil || *ch.Spam == c.Spam {
		return nil
	}
	data := models.ConversationData{Action: "spam"}
	if c.Spam = *ch.Spam; c.Spam {
		c.Status, c.ClosedAt, c.SnoozedUntil, c.SnoozedFor, c.WaitingSince = models.StatusClosed, tx.Now(), 0, "", 0
	} else {
		c.Status, c.ClosedAt = models.StatusOpen, 0
		data.Action = "not_spam"
	}
	_, err := say(tx, *c, user, data)
	return err
}
