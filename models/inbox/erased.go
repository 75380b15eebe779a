package inbox

import (
	"cmp"
	"context"
	"time"

	"onethread/models"
	"onethread/models/identity"
	"onethread/models/orders"
	"onethread/models/store"
)

// comesBack keeps out what an erasure took away (docs/security.md, "Erasing a customer"): copies of inbound
// events that were erased, and what an erased person sent before that, wherever it lay meanwhile. A later
// version of an order of theirs changes its figures alone. What the person writes afterwards is let in,
// and begins a new customer.
func (b *Inbox) comesBack(tx *store.Tx, p prepared) (bool, error) {
	if p.Payload == nil {
		return false, nil
	}
	if any, err := store.AnyErased(tx); err != nil || !any {
		return false, err
	}
	if done, err := bareOrder(tx, p); err != nil || done {
		return done, err
	}
	kind, err := store.ChannelType(tx, p.ChannelID)
	if err != nil {
		return false, err
	}
	v := tx.Vault()
	own := [][]byte{v.ReceiptMAC(p.ChannelID.String(), p.ExternalID)}
	if p.Anywhere {
		own = append(own, v.ReceiptMAC(kind, p.ExternalID))
	}
	switch in := p.Payload.(type) {
	case *models.MessageIn:
		if in.MessageID != "" {
			own = append(own, v.MessageMAC(in.MessageID))
		}
	case *models.DeliveryIn:
		if in.ProviderID != "" {
			own = append(own, v.MessageMAC(in.ProviderID))
		}
	}
	found, err := store.ErasedAmong(tx, own)
	if err != nil || len(found) > 0 {
		return len(found) > 0, err
	}
	return b.fromBefore(tx, p)
}

// bareOrder takes what a store tells of an order whose customer was erased: its figures, and no event.
func bareOrder(tx *store.Tx, p prepared) (bool, error) {
	var number string
	switch in := p.Payload.(type) {
	case *models.OrderIn:
		number = in.Order.ExternalID
	case *models.RefundIn:
		number = cmp.Or(in.Refund.OrderExternalID, in.Refund.OrderNumber)
	default:
		return false, nil
	}
	stored, ok, err := orders.Stored(tx, models.Order{ChannelID: p.ChannelID, ExternalID: number})
	if err != nil || !ok {
		return false, err
	}
	if gone, err := store.IsErased(tx, stored.CustomerID); err != nil || !gone {
		return false, err
	}
	switch in := p.Payload.(type) {
	case *models.OrderIn:
		o := in.Order
		o.ChannelID = p.ChannelID
		err = orders.Figures(tx, stored, o, in.Gone)
	case *models.RefundIn:
		r := in.Refund
		r.ChannelID, r.OrderExternalID, r.OrderNumber, r.Reason, r.OccurredAt = p.ChannelID, number, stored.Number, "", p.when(tx.Now())
		err = orders.Wait(tx, r)
	}
	return true, err
}

// fromBefore tells what came from an address of somebody erased and is older than that.
func (b *Inbox) fromBefore(tx *store.Tx, p prepared) (bool, error) {
	where, err := country(tx, p.Hints)
	if err != nil {
		return false, err
	}
	var macs [][]byte
	known := false
	for _, h := range p.Hints {
		normal, ok := identity.Normalise(h.Kind, h.Value, cmp.Or(h.Country, where))
		if !ok {
			continue
		}
		macs = append(macs, tx.Vault().AddressMAC(h.Kind, h.Scope, normal))
		at, err := store.IdentitiesAt(tx, h.Kind, h.Scope, normal)
		if err != nil {
			return false, err
		}
		known = known || len(at) > 0 && at[0].Evidence != models.Typed
	}
	found, err := store.ErasedAmong(tx, macs)
	if err != nil || len(found) == 0 {
		return false, err
	}
	if _, record := p.Payload.(*models.PersonIn); record { // the store keeps them; that is no word of theirs
		return !known, nil
	}
	if at, ok := found[string(macs[0])]; ok && p.before(at) {
		return true, nil
	}
	for _, at := range found {
		if p.before(at) && !known {
			return true, nil
		}
	}
	return false, nil
}

// onTheWay is how long a mail may have been under way: one that was written before an erasure and came
// after it is new, one that is much older was put into the mailbox again.
const onTheWay = 7 * 24 * time.Hour

// before tells whether an inbound event is older than an erasure.
func (p prepared) before(erased models.Time) bool {
	said := p.OccurredAt
	if o, ok := p.Payload.(*models.OrderIn); ok {
		said = cmp.Or(o.Order.PlacedAt, said)
	}
	switch {
	case p.ReceivedAt != 0 && p.ReceivedAt <= erased:
		return true
	case p.ReceivedAt != 0:
		return said > 0 && said < erased.Add(-onTheWay)
	}
	return said > 0 && said <= erased
}

// leaveOut takes away the files of an inbound event that was not let in.
func (b *Inbox) leaveOut(ctx context.Context, p prepared) error {
	var sums []string
	if sum := p.raw.File(); sum != "" {
		sums = append(sums, sum)
	}
	for _, f := range p.files {
		if f.SHA256 != "" {
			sums = append(sums, f.SHA256)
		}
	}
	return b.st.DropUnnamed(ctx, sums)
}
