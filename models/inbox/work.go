package inbox

import (
	"context"

	"onethread/models"
	"onethread/models/store"
)

// Change is what staff do to a conversation; nil fields stay as they are.
type Change struct {
	Status       *string
	AssigneeID   *models.ID // zero = nobody
	Labels       *[]string
	Priority     *string
	SnoozedUntil *models.Time
	SnoozedFor   *string // what wakes it besides: models.ForReply, models.ForOrder; no time is needed then
	Spam         *bool   // true closes it, false opens it
}

// Update applies a change to a conversation: assign, snooze, close, re-open, label, prioritise. Each
// real change is an event of its own.
func (b *Inbox) Update(ctx context.Context, user models.User, conversation models.ID, ch Change) error {
	return b.st.Write(ctx, func(tx *store.Tx) error {
		c, err := store.Conversation(tx, conversation)
		if err != nil {
			return err
		}
		for _, apply := range []func(*store.Tx, *models.Conversation, models.ID, Change) error{status, spam, assign, prioritise, label} {
			if err := apply(tx, &c, user.ID, ch); err != nil {
				return err
			}
		}
		return store.SaveConversation(tx, c)
	})
}

func status(tx *store.Tx, c *models.Conversation, user models.ID, ch Change) error {
	want := c.Status
	if ch.Status != nil {
		want = *ch.Status
	} else if ch.SnoozedUntil != nil || ch.SnoozedFor != nil {
		want = models.StatusSnoozed
	}
	switch want {
	case models.StatusSnoozed:
		if ch.SnoozedUntil == nil && ch.SnoozedFor == nil && c.Status == models.StatusSnoozed {
			return nil
		}
		return snooze(tx, c, user, ch)
	case models.StatusClosed:
		return closeIt(tx, c, user)
	case models.StatusOpen:
		return reopen(tx, c, user)
	}
	return models.FieldError("status", "%q is not a status; use open, snoozed or closed.", want)
}

func snooze(tx *store.Tx, c *models.Conversation, user models.ID, ch Change) error {
	until, reason := models.Time(0), ""
	if ch.SnoozedUntil != nil {
		until = *ch.SnoozedUntil
	}
	if ch.SnoozedFor != nil {
		reason = *ch.SnoozedFor
	}
	switch {
	case reason != "" && reason != models.ForReply && reason != models.ForOrder:
		return models.FieldError("snoozed_for", "%q is nothing to wait for; use reply or order.", reason)
	case until != 0 && until <= tx.Now(), until == 0 && reason == "":
		return models.FieldError("snoozed_until", "Say until when to snooze; the time must be in the future.")
	}
	c.Status, c.SnoozedUntil, c.SnoozedFor, c.ClosedAt, c.Spam = models.StatusSnoozed, until, reason, 0, false
	_, err := say(tx, *c, user, models.ConversationData{Action: "snoozed", Until: until, For: reason})
	return err
}

func closeIt(tx *store.Tx, c *models.Conversation, user models.ID) error {
	if c.Status == models.StatusClosed {
		return nil
	}
	c.Status, c.ClosedAt, c.SnoozedUntil, c.SnoozedFor, c.WaitingSince = models.StatusClosed, tx.Now(), 0, "", 0
	_, err := say(tx, *c, user, models.ConversationData{Action: "closed"})
	return err
}

func reopen(tx *store.Tx, c *models.Conversation, user models.ID) error {
	if c.Status == models.StatusOpen {
		return nil
	}
	c.Status, c.ClosedAt, c.SnoozedUntil, c.SnoozedFor, c.Spam = models.StatusOpen, 0, 0, "", false
	_, err := say(tx, *c, user, models.ConversationData{Action: "reopened"})
	return err
}

func assign(tx *store.Tx, c *models.Conversation, user models.ID, ch Change) error {
	if ch.AssigneeID == nil || *ch.AssigneeID == c.AssigneeID {
		return nil
	}
	data := models.ConversationData{Action: "unassigned"}
	if *ch.AssigneeID != 0 {
		u, err := store.UserByID(tx, *ch.AssigneeID)
		if err != nil || u.DisabledAt != 0 {
			return models.FieldError("assignee_id", "There is no such member of staff.")
		}
		data = models.ConversationData{Action: "assigned", Assignee: u.Name}
	}
	c.AssigneeID = *ch.AssigneeID
	_, err := say(tx, *c, user, data)
	return err
}

func prioritise(tx *store.Tx, c *models.Conversation, user models.ID, ch Change) error {
	if ch.Priority == nil || *ch.Priority == c.Priority {
		return nil
	}
	switch *ch.Priority {
	case models.PriorityNone, models.PriorityLow, models.PriorityHigh, models.PriorityUrgent:
	default:
		return models.FieldError("priority", "%q is not a priority; use low, high, urgent, or nothing.", *ch.Priority)
	}
	c.Priority = *ch.Priority
	_, err := say(tx, *c, user, models.ConversationData{Action: "priority", Priority: c.Priority})
	return err
}

func label(tx *store.Tx, c *models.Conversation, user models.ID, ch Change) error {
	if ch.Labels == nil {
		return nil
	}
	names := []string{}
	for _, name := range *ch.Labels {
		if name = line(name, 40); name != "" {
			names = append(names, name)
		}
	}
	if err := store.SetLabels(tx, c.ID, names); err != nil {
		return err
	}
	_, err := say(tx, *c, user, models.ConversationData{Action: "labelled", Labels: names})
	return err
}

// OpenConversation begins a further conversation with a customer, for a matter of its own. Staff who may
// be assigned take it.
func (b *Inbox) OpenConversation(ctx context.Context, user models.User, customer models.ID, subject string) (id models.ID, err error) {
	if subject = line(subject, 250); subject == "" {
		return 0, models.FieldError("subject", "Say in a few words what the new conversation is about.")
	}
	err = b.st.Write(ctx, func(tx *store.Tx) error {
		living, err := store.Living(tx, customer)
		if err != nil {
			return err
		}
		c := models.Conversation{CustomerID: living.ID, Status: models.StatusOpen, AssigneeID: user.ID, Subject: subject, OpenedAt: tx.Now(), LastAt: tx.Now()}
		if id, err = store.AddConversation(tx, c); err != nil {
			return err
		}
		c.ID = id
		_, err = say(tx, c, user.ID, models.ConversationData{Action: "opened", Subject: subject})
		return err
	})
	return id, err
}

// ownConversation reads a conversation that must be the customer's.
func ownConversation(q store.Q, customer, id models.ID) (models.Conversation, error) {
	c, err := store.Conversation(q, id)
	if err == nil && c.CustomerID != customer {
		err = models.FieldError("conversation_id", "This customer has no such conversation.")
	}
	return c, err
}
