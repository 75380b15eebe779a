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
	Spam         *bool // true closes it, false opens it
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
	} else if ch.SnoozedUntil != nil {
		want = models.StatusSnoozed
	}
	switch want {
	case models.StatusSnoozed:
		if ch.SnoozedUntil == nil && c.Status == models.StatusSnoozed {
			return nil
		}
		return snooze(tx, c, user, ch.SnoozedUntil)
	case models.StatusClosed:
		return closeIt(tx, c, user)
	case models.StatusOpen:
		return reopen(tx, c, user)
	}
	return models.FieldError("status", "%q is not a status; use open, snoozed or closed.", want)
}

func snooze(tx *store.Tx, c *models.Conversation, user models.ID, until *models.Time) error {
	if until == nil || *until <= tx.Now() {
		return models.FieldError("snoozed_until", "Say until when to snooze; the time must be in the future.")
	}
	c.Status, c.SnoozedUntil, c.ClosedAt, c.Spam = models.StatusSnoozed, *until, 0, false
	_, err := say(tx, *c, user, models.ConversationData{Action: "snoozed", Until: *until})
	return err
}

func closeIt(tx *store.Tx, c *models.Conversation, user models.ID) error {
	if c.Status == models.StatusClosed {
		return nil
	}
	c.Status, c.ClosedAt, c.SnoozedUntil, c.WaitingSince = models.StatusClosed, tx.Now(), 0, 0
	_, err := say(tx, *c, user, models.ConversationData{Action: "closed"})
	return err
}

func reopen(tx *store.Tx, c *models.Conversation, user models.ID) error {
	if c.Status == models.StatusOpen {
		return nil
	}
	c.Status, c.ClosedAt, c.SnoozedUntil, c.Spam = models.StatusOpen, 0, 0, false
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

// Read moves a user's read mark to the given event. back allows it to move backwards ("mark unread").
func (b *Inbox) Read(ctx context.Context, user, customer, event models.ID, back bool) error {
	last, err := store.LastEventID(b.st.Read(ctx))
	if err != nil {
		return err
	}
	event = min(event, last) // nobody has read what has not come yet
	mark, err := store.ReadMark(b.st.Read(ctx), user, customer)
	if err != nil || mark == event || (mark > event && !back) {
		return err
	}
	return b.st.Write(ctx, func(tx *store.Tx) error {
		if _, err := store.Customer(tx, customer); err != nil {
			return err
		}
		if err := store.MarkRead(tx, user, customer, event, back); err != nil {
			return err
		}
		_, err := store.AppendEvent(tx, models.Event{CustomerID: customer, Kind: models.KindRead, UserID: user}, map[string]models.ID{"user_id": user, "seq": event})
		return err
	})
}

// SaveDraft keeps what a member of staff has begun to write; an empty text drops it.
func (b *Inbox) SaveDraft(ctx context.Context, d store.Draft) error {
	if len(d.Text) > 200_000 {
		return models.FieldError("text", "The draft is longer than 200,000 bytes.")
	}
	if d.Kind != "reply" && d.Kind != "note" {
		return models.FieldError("kind", "A draft is a reply or a note.")
	}
	d.Text, d.Subject = Text(d.Text), line(d.Subject, 500)
	return b.st.Write(ctx, func(tx *store.Tx) error {
		if _, err := store.Customer(tx, d.CustomerID); err != nil {
			return err
		}
		return store.SaveDraft(tx, d)
	})
}
