package inbox

import (
	"context"
	"errors"
	"time"

	"onethread/models"
	"onethread/models/identity"
	"onethread/models/store"
)

// Ingest is the single door in: every inbound event of every channel passes it, in one
// transaction: claim the duplicate key, find the customer, append the event, move the
// conversation, move the receiver's cursor. When it returns nil everything is on disk. A copy
// seen before answers with the first copy's ids and Duplicate. An Inbound without Payload only
// moves the cursor.
func (b *Inbox) Ingest(ctx context.Context, in models.Inbound) (models.Ingested, error) {
	if err := check(in); err != nil {
		return models.Ingested{}, err
	}
	p, err := b.prepare(ctx, in)
	if err != nil {
		return models.Ingested{}, err
	}
	var out models.Ingested
	erased := false
	err = b.st.Write(ctx, func(tx *store.Tx) error {
		var err error
		if erased, err = b.comesBack(tx, p); err == nil && !erased {
			out, err = b.ingest(tx, p)
		}
		if err != nil {
			return err
		}
		return store.SetCursor(tx, in.ChannelID, in.Cursor)
	})
	if err == nil && erased {
		return models.Ingested{Duplicate: true, Erased: true}, b.leaveOut(ctx, p)
	}
	if err == nil && out.Duplicate { // its files are those of the first copy, unless that has lost them
		err = b.leaveOut(ctx, p)
	}
	return out, err
}

func check(in models.Inbound) error {
	switch {
	case in.Payload == nil && in.Cursor == nil:
		return models.FieldError("kind", "The event has no content.")
	case in.Payload != nil && in.ExternalID == "":
		return models.FieldError("external_id", "An event needs an external_id: it is how copies of it are recognised.")
	case len(in.ExternalID) > 500:
		return models.FieldError("external_id", "The external_id is longer than 500 bytes.")
	}
	return nil
}

func (b *Inbox) ingest(tx *store.Tx, p prepared) (models.Ingested, error) {
	if p.Payload == nil {
		return models.Ingested{}, nil
	}
	receipt, event, seen, err := store.ClaimReceipt(tx, p.ChannelID, p.ExternalID)
	if err == nil && p.Place != nil {
		err = store.PlaceMail(tx, p.ChannelID, receipt, event, *p.Place)
	}
	if err != nil {
		return models.Ingested{}, err
	}
	if seen {
		return firstCopy(tx, event)
	}
	if err := store.AddRaw(tx, receipt, p.raw); err != nil {
		return models.Ingested{}, err
	}
	other, err := copyElsewhere(tx, p)
	if err != nil {
		return models.Ingested{}, err
	}
	if other != 0 {
		out, err := firstCopy(tx, other)
		return out, errors.Join(err, store.SettleReceipt(tx, receipt, other))
	}
	out, err := b.applyAndWake(tx, p)
	if err == nil {
		err = store.ProofsBy(tx, out.EventID, 0)
	}
	if err != nil {
		return out, err
	}
	if out.EventID == 0 && out.CustomerID != 0 {
		return out, store.OwnReceipt(tx, receipt, out.CustomerID)
	}
	return out, store.SettleReceipt(tx, receipt, out.EventID)
}

func firstCopy(tx *store.Tx, event models.ID) (models.Ingested, error) {
	out := models.Ingested{EventID: event, Duplicate: true}
	if event == 0 {
		return out, nil
	}
	e, err := store.Event(tx, event)
	out.CustomerID, out.ConversationID = e.CustomerID, e.ConversationID
	return out, err
}

// apply files the event by what it carries.
func (b *Inbox) apply(tx *store.Tx, p prepared) (models.Ingested, error) {
	switch payload := p.Payload.(type) {
	case *models.DeliveryIn:
		return b.delivery(tx, p, payload)
	case *models.OrderIn:
		return b.order(tx, p, payload)
	case *models.RefundIn:
		return b.refund(tx, p, payload)
	case *models.PersonIn:
		return b.person(tx, p, payload)
	case *models.CatalogueIn:
		return models.Ingested{}, product(tx, p, payload)
	case *models.UnreadableIn:
		if len(p.Hints) == 0 {
			return b.append(tx, p, identity.Found{}, payload)
		}
	}
	if m, ok := p.Payload.(*models.MessageIn); ok {
		return b.message(tx, p, m)
	}
	who, err := b.resolve(tx, p)
	if err != nil {
		return models.Ingested{}, err
	}
	return b.append(tx, p, who, p.data())
}

// resolve finds the customer of an event.
func (b *Inbox) resolve(tx *store.Tx, p prepared) (identity.Found, error) {
	where, err := country(tx, p.Hints)
	if err != nil {
		return identity.Found{}, err
	}
	by := "channel"
	switch payload := p.Payload.(type) {
	case *models.OrderIn:
		by = "store"
	case *models.PersonIn:
		if by = "store"; payload.Listed {
			by = "list"
		}
	}
	return identity.Resolve(tx, identity.Claim{Channel: p.ChannelID, Country: where, Hints: p.Hints, Name: p.Name, NameBy: by, Language: p.Language, TimeZone: p.TimeZone})
}

// append files an event that neither opens nor moves a conversation.
func (b *Inbox) append(tx *store.Tx, p prepared, who identity.Found, data any) (models.Ingested, error) {
	e := p.event(tx, who)
	id, err := store.AppendEvent(tx, e, data)
	if err != nil {
		return models.Ingested{}, err
	}
	return models.Ingested{EventID: id, CustomerID: who.CustomerID}, leftAddress(tx, e)
}

// event begins the event of an inbound, its time clamped (docs/model.md, "Always true" 8).
func (p prepared) event(tx *store.Tx, who identity.Found) models.Event {
	e := models.Event{CustomerID: who.CustomerID, ChannelID: p.ChannelID, AnchorID: who.Anchor, Kind: p.Payload.EventKind(), Silent: p.Silent,
		OccurredAt: p.when(tx.Now())}
	switch payload := p.Payload.(type) {
	case *models.MessageIn:
		e.Direction = payload.Direction
	case *models.CallIn:
		e.Direction = payload.Direction
	}
	return e
}

// when believes a claimed time within reason: never later than its receipt plus ten minutes; an
// email's Date (ReceivedAt is set) only within seven days before the server had it.
func (p prepared) when(now models.Time) models.Time {
	received := now
	if p.ReceivedAt != 0 && p.ReceivedAt <= now.Add(10*time.Minute) {
		received = p.ReceivedAt
	}
	switch {
	case p.OccurredAt <= 0, p.OccurredAt > received.Add(10*time.Minute):
		return received
	case p.ReceivedAt != 0 && p.OccurredAt < received.Add(-7*24*time.Hour):
		return received
	}
	return p.OccurredAt
}
