package demo

import (
	"context"
	"errors"
	"slices"
	"time"

	"onethread/models"
	"onethread/models/inbox"
	"onethread/models/store"
)

// reply answers on a channel, as staff do from the composer.
func (t *thread) reply(at time.Time, by models.User, on models.Channel, text string) {
	t.act(at, func(ctx context.Context, c models.ID) error {
		_, err := t.box.Reply(ctx, by, inbox.ReplyInput{CustomerID: c, ChannelID: on.ID, Text: text})
		return err
	})
}

// sends answers by email with files.
func (t *thread) sends(at time.Time, by models.User, text string, files ...models.FileIn) {
	t.act(at, func(ctx context.Context, c models.ID) error {
		in := inbox.ReplyInput{CustomerID: c, ChannelID: t.Mail.ID, Text: text}
		for _, f := range files {
			a, err := t.box.Upload(ctx, inbox.UserUploads(by.ID), f.Name, f.Type, reader(f))
			if err != nil {
				return err
			}
			in.Attachments = append(in.Attachments, a.ID)
		}
		_, err := t.box.Reply(ctx, by, in)
		return err
	})
}

func (t *thread) note(at time.Time, by models.User, text string) {
	t.act(at, func(ctx context.Context, c models.ID) error {
		_, err := t.box.Note(ctx, by, c, text, "", nil)
		return err
	})
}

// change applies a change to the customer's conversation: the open one, else the newest.
func (t *thread) change(at time.Time, by models.User, ch inbox.Change) {
	t.act(at, func(ctx context.Context, c models.ID) error {
		now, ok, err := store.CurrentConversation(t.st.Read(ctx), c)
		if err == nil && !ok {
			now, ok, err = store.LastClosed(t.st.Read(ctx), c, 1)
		}
		if err != nil || !ok {
			return errors.Join(err, errNoConversation(ok))
		}
		return t.box.Update(ctx, by, now.ID, ch)
	})
}

func errNoConversation(ok bool) error {
	if ok {
		return nil
	}
	return errors.New("there is no conversation to change")
}

func (t *thread) assign(at time.Time, by, to models.User) {
	t.change(at, by, inbox.Change{AssigneeID: &to.ID})
}

func (t *thread) label(at time.Time, by models.User, names ...string) {
	t.change(at, by, inbox.Change{Labels: &names})
}

func (t *thread) priority(at time.Time, by models.User, p string) {
	t.change(at, by, inbox.Change{Priority: &p})
}

func (t *thread) snooze(at time.Time, by models.User, until time.Time) {
	m := models.At(until)
	t.change(at, by, inbox.Change{SnoozedUntil: &m})
}

func (t *thread) close(at time.Time, by models.User) {
	status := models.StatusClosed
	t.change(at, by, inbox.Change{Status: &status})
}

// wakes lets the clock do what it does in a running server.
func (t *thread) wakes(at time.Time) { t.then(at, t.box.WakeDue) }

func (t *thread) draft(at time.Time, by models.User, kind, text string) {
	t.act(at, func(ctx context.Context, c models.ID) error {
		return t.box.SaveDraft(ctx, store.Draft{UserID: by.ID, CustomerID: c, Kind: kind, Text: text})
	})
}

// knows is what staff write into the customer's panel.
func (t *thread) knows(at time.Time, notes string) {
	t.act(at, func(ctx context.Context, c models.ID) error {
		return t.box.EditCustomer(ctx, t.Mia.ID, c, inbox.Edit{Notes: &notes})
	})
}

// read marks the thread read as it stands; without a name all of the staff have read it.
func (t *thread) read(at time.Time, by ...models.User) {
	if len(by) == 0 {
		by = []models.User{t.Mia, t.Leo, t.Sam}
	}
	t.act(at, func(ctx context.Context, c models.ID) error {
		newest, err := store.Thread(t.st.Read(ctx), store.ThreadFilter{CustomerID: c, Limit: 500})
		if err != nil || len(newest) == 0 {
			return err
		}
		last := slices.MaxFunc(newest, func(a, b store.Entry) int { return int(a.ID - b.ID) }).ID
		for _, u := range by {
			err = errors.Join(err, t.box.Read(ctx, u.ID, c, last, false))
		}
		return err
	})
}
