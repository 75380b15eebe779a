package outbox

import (
	"onethread/models"
	"onethread/models/store"
)

// Consent records in the append-only ledger, and in the thread, that an address opted out of
// messages on a channel, or came back. about is an event of that thread: its channel is the
// channel and its anchor the address. What only repeats the present state is not recorded, nor what
// was said before it, and nobody who never left comes back. It returns the event's id, zero when nothing changed.
func Consent(tx *store.Tx, about models.Event, state, source string) (models.ID, error) {
	if about.AnchorID == 0 {
		return 0, nil
	}
	now, said, err := store.ConsentOf(tx, about.AnchorID, about.ChannelID)
	if err != nil || now == state || about.OccurredAt < said || (now == "" && state == models.OptedInState) {
		return 0, err
	}
	id, err := store.AppendEvent(tx, models.Event{CustomerID: about.CustomerID, ChannelID: about.ChannelID, AnchorID: about.AnchorID, HomeID: about.HomeID, Kind: models.KindConsent, OccurredAt: about.OccurredAt},
		models.ConsentData{State: state, Source: source})
	if err != nil {
		return 0, err
	}
	return id, store.AddConsent(tx, store.Consent{IdentityID: about.AnchorID, ChannelID: about.ChannelID, State: state, Source: source}, id)
}

// now is an event as if it happened now: what a carrier says of a message is newer than the message.
func now(tx *store.Tx, e models.Event) models.Event {
	e.OccurredAt = tx.Now()
	return e
}
