package outbox

import (
	"context"
	"time"

	"onethread/models"
	"onethread/models/store"
)

// Notice sends a mail to a member of staff (an invitation, a password reset) through the oldest
// connected mailbox. It belongs to no thread and is tried once: whoever asked for it asks again.
// Without a connected mailbox it is Unavailable.
func (w *Worker) Notice(ctx context.Context, to, name, subject, text string) error {
	all, err := w.Store.Channels(w.Store.Read(ctx))
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.Type != "email" {
			continue
		}
		sender, ok := w.Senders(c.ID)
		if !ok {
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		_, err := sender.Send(ctx, models.Outbound{To: to, ToName: name, Subject: subject, Text: text, Automatic: true,
			MessageID: "n." + store.Token() + "@" + domain(c.Settings["address"]), Attempt: 1})
		return err
	}
	return models.Errorf(models.Unavailable, "No mailbox is connected, so no mail can be sent. Connect one in Settings, or reset the password on the server: onethread user reset-password --email %s", to)
}

func domain(address string) string {
	for i := len(address) - 1; i >= 0; i-- {
		if address[i] == '@' {
			return address[i+1:]
		}
	}
	return "onethread.invalid"
}
