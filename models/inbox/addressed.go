package inbox

import (
	"onethread/models"
	"onethread/models/identity"
	"onethread/models/store"
)

// addressed finds whom a message that was sent elsewhere went to, where their address was only typed so far
// (into a form; or a bounce named it): the thread that it was typed in, of several the one that the message
// names. Writing to an address proves nothing of it. ok is false where somebody holds the address by better
// evidence, or nobody does.
func addressed(tx *store.Tx, p prepared, m *models.MessageIn, names []store.Referred) (who identity.Found, ok bool, err error) {
	if m.Direction != models.Out || len(p.Hints) != 1 || p.Hints[0].Kind != models.EmailIdentity {
		return who, false, nil
	}
	at, err := identitiesAt(tx, p.Hints[0].Value)
	if err != nil {
		return who, false, err
	}
	for _, i := range at {
		if i.Evidence != models.Typed {
			return identity.Found{}, false, nil
		}
		if !ok && i.ChannelID == p.ChannelID || namesCustomer(names, i.CustomerID) {
			who, ok = identity.Found{CustomerID: i.CustomerID, Anchor: i.ID}, true
		}
	}
	return who, ok, nil
}

func namesCustomer(names []store.Referred, customer models.ID) bool {
	for _, r := range names {
		if r.CustomerID == customer {
			return true
		}
	}
	return false
}
