package inbox

import (
	"context"
	"time"

	"onethread/models"
	"onethread/models/outbox"
	"onethread/models/store"
)

// farthest is how far ahead a message may be scheduled.
const farthest = 366 * 24 * time.Hour

// inTime refuses a time that a message cannot go out at; zero is at once.
func inTime(at, now models.Time) error {
	switch {
	case at == 0:
		return nil
	case at <= now:
		return models.FieldError("send_at", "That time has passed. Choose a later one, or send it now.")
	case at.Sub(now) > farthest:
		return models.FieldError("send_at", "A message goes out at most a year from now. Choose an earlier time.")
	}
	return nil
}

// Undo calls back a message inside its undo window, or before the time it was to go out, and gives its
// words, its copies and its files back as a draft of who did it. It is for who wrote the message, and for
// owners and admins.
func (b *Inbox) Undo(ctx context.Context, user models.User, event models.ID) error {
	return b.st.Write(ctx, func(tx *store.Tx) error {
		e, err := recall(tx, user, event)
		if err != nil {
			return err
		}
		return giveBack(tx, user.ID, e)
	})
}

// Cancel is Undo that gives nothing back.
func (b *Inbox) Cancel(ctx context.Context, user models.User, event models.ID) error {
	return b.st.Write(ctx, func(tx *store.Tx) error {
		_, err := recall(tx, user, event)
		return err
	})
}

// SendNow sends a message now that was to go out later. It is for whom Undo is for.
func (b *Inbox) SendNow(ctx context.Context, user models.User, event models.ID) error {
	return b.st.Write(ctx, func(tx *store.Tx) error {
		e, err := recallable(tx, user, event)
		if err != nil {
			return err
		}
		return outbox.Hasten(tx, e)
	})
}

// recall takes a message back: it is no answer any more.
func recall(tx *store.Tx, user models.User, event models.ID) (models.Event, error) {
	e, err := recallable(tx, user, event)
	if err != nil {
		return e, err
	}
	if err := outbox.Cancel(tx, e); err != nil || e.ConversationID == 0 {
		return e, err
	}
	return e, store.ForgetAnswer(tx, e.ConversationID, e.OccurredAt)
}

func recallable(tx *store.Tx, user models.User, event models.ID) (models.Event, error) {
	e, err := ours(tx, event)
	if err != nil {
		return e, err
	}
	if !user.MayRecall(e.UserID) {
		return e, models.Errorf(models.Forbidden, "A colleague wrote this message; only they, an admin or the owner can call it back or send it earlier.")
	}
	return e, nil
}
