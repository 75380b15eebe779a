package inbox

import (
	"cmp"
	"slices"
	"strings"

	"onethread/models"
	"onethread/models/identity"
	"onethread/models/orders"
	"onethread/models/outbox"
	"onethread/models/store"
)

// delivery records what became of a message we sent. States only move forward; a report that comes
// before we know the message by that id waits for it.
func (b *Inbox) delivery(tx *store.Tx, p prepared, d *models.DeliveryIn) (models.Ingested, error) {
	e, changed, err := outbox.Report(tx, store.Report{ChannelID: p.ChannelID, ProviderID: d.ProviderID, State: d.State, Error: line(d.Error, 500), OptedOut: d.OptedOut,
		Soft: d.Soft, Recipients: strings.Join(normalised(strings.Join(d.Recipients, ",")), " ")})
	// Nothing new: the report stands for the message it is about.
	return models.Ingested{EventID: cmp.Or(changed, e.ID), CustomerID: e.CustomerID, ConversationID: e.ConversationID}, err
}

func (b *Inbox) order(tx *store.Tx, p prepared, in *models.OrderIn) (models.Ingested, error) {
	o := in.Order
	o.ChannelID = p.ChannelID
	identity.Ship(&o, p.Name)
	if in.Gone {
		stored, id, err := orders.Delete(tx, o.ChannelID, o.ExternalID, o.UpdatedAt)
		return models.Ingested{EventID: id, CustomerID: stored.CustomerID}, err
	}
	stored, ok, err := orders.Stored(tx, o)
	if err != nil {
		return models.Ingested{}, err
	}
	if ok {
		if stored, err = b.owned(tx, p, stored); err != nil {
			return models.Ingested{}, err
		}
		id, err := orders.Update(tx, stored, o)
		return models.Ingested{EventID: id, CustomerID: stored.CustomerID}, err
	}
	who, err := b.resolve(tx, p)
	if err != nil {
		return models.Ingested{}, err
	}
	o.CustomerID, o.AnchorID = who.CustomerID, who.Anchor
	id, err := orders.Create(tx, o, p.event(tx, who))
	if err == nil {
		err = identity.SuggestHousehold(tx, o)
	}
	return models.Ingested{EventID: id, CustomerID: who.CustomerID}, err
}

// owned gives a stored order that named nobody to whom its new version names.
func (b *Inbox) owned(tx *store.Tx, p prepared, stored models.Order) (models.Order, error) {
	if stored.AnchorID == 0 {
		return stored, nil
	}
	i, err := store.Identity(tx, stored.AnchorID)
	if err != nil || i.Kind != models.OrderIdentity || len(p.Hints) == 0 || p.Hints[0].Kind == models.OrderIdentity {
		return stored, err
	}
	p.Hints = append(slices.Clone(p.Hints), models.Hint{Kind: i.Kind, Scope: i.Scope, Value: i.Value, Evidence: models.Proved, Reason: "the order that names them now"})
	if _, err := b.resolve(tx, p); err != nil {
		return stored, err
	}
	return store.Order(tx, stored.ID)
}

// refund files a refund with its order's customer; one that comes before its order, with whom it
// says, or it waits for the order.
func (b *Inbox) refund(tx *store.Tx, p prepared, in *models.RefundIn) (models.Ingested, error) {
	r := in.Refund
	r.ChannelID = p.ChannelID
	r.OrderExternalID = cmp.Or(r.OrderExternalID, r.OrderNumber)
	r.OccurredAt = p.when(tx.Now())
	o, ok, err := store.OrderByExternalID(tx, r.ChannelID, r.OrderExternalID)
	if err != nil {
		return models.Ingested{}, err
	}
	who, home := identity.Found{CustomerID: o.CustomerID, Anchor: o.AnchorID}, o.HomeID
	switch {
	case ok:
		r.OrderNumber = o.Number
	case len(p.Hints) == 0:
		return models.Ingested{}, orders.Wait(tx, r)
	default:
		if who, err = b.resolve(tx, p); err != nil {
			return models.Ingested{}, err
		}
	}
	e := p.event(tx, who)
	e.HomeID = home
	id, err := orders.Refund(tx, r, e)
	return models.Ingested{EventID: id, CustomerID: who.CustomerID}, err
}

// person links what a store or a list of the shop's own knows of a customer. There is nothing to show.
func (b *Inbox) person(tx *store.Tx, p prepared, in *models.PersonIn) (models.Ingested, error) {
	who, err := b.resolve(tx, p)
	if err != nil || !in.Listed {
		return models.Ingested{CustomerID: who.CustomerID}, err
	}
	c, err := store.Customer(tx, who.CustomerID)
	if err != nil {
		return models.Ingested{}, err
	}
	before := c
	c.Language = cmp.Or(p.Language, c.Language)
	if notes := strings.TrimSpace(Text(in.Notes)); !strings.Contains(c.Notes, notes) {
		c.Notes = strings.TrimSpace(c.Notes + "\n" + notes)
	}
	if c != before {
		err = store.UpdateCustomer(tx, c)
	}
	return models.Ingested{CustomerID: c.ID}, err
}

// product keeps what the lines of later orders say of it.
func product(tx *store.Tx, p prepared, in *models.CatalogueIn) error {
	x := in.Product
	x.ChannelID, x.Title = p.ChannelID, line(x.Title, 500)
	if in.Gone {
		return store.DropProduct(tx, x.ChannelID, x.ExternalID)
	}
	return store.SaveProduct(tx, x)
}

// consent records what a message means to the carrier.
func consent(tx *store.Tx, e models.Event, m *models.MessageIn) error {
	if m.Consent == "" {
		return nil
	}
	_, err := outbox.Consent(tx, e, m.Consent, line(m.Text, 40))
	return err
}
