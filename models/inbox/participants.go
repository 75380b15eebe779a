package inbox

import (
	"slices"
	"strings"

	"onethread/models"
	"onethread/models/identity"
	"onethread/models/store"
)

// participant finds the conversation that a mail belongs to although its sender is not the customer: the
// one it names, if the sender was in copy there. Its event stands with that conversation's
// customer, at the customer's own address; ok is false for all other messages.
func participant(tx *store.Tx, p *prepared, m *models.MessageIn, names []store.Referred) (who identity.Found, ok bool, err error) {
	if len(names) == 0 || m.Direction != models.In || m.Warning != "" || m.Spam || len(p.Hints) == 0 || p.Hints[0].Kind != models.EmailIdentity || p.Hints[0].Evidence == models.Typed {
		return who, false, nil
	}
	address, sound := identity.Normalise(models.EmailIdentity, p.Hints[0].Value, "")
	first := names[0]
	if !sound || first.ConversationID == 0 || first.AnchorID == 0 {
		return who, false, nil
	}
	if ok, err = store.IsParticipant(tx, first.ConversationID, address); err != nil || !ok {
		return who, false, err
	}
	at, err := store.Identity(tx, first.AnchorID)
	if err != nil || at.CustomerID != first.CustomerID || at.Kind != models.EmailIdentity {
		return who, false, err
	}
	mine, err := store.IdentitiesAt(tx, models.EmailIdentity, "", address)
	if err != nil || slices.ContainsFunc(mine, func(i models.Identity) bool { return i.CustomerID == first.CustomerID }) {
		return who, false, err // the customer themselves, from an address of theirs
	}
	p.guest = address
	m.CC = strings.Join(slices.DeleteFunc(append([]string{address}, normalised(m.CC)...), func(a string) bool { return a == at.Value }), ", ")
	return identity.Found{CustomerID: first.CustomerID, Anchor: first.AnchorID}, true, nil
}

// normalised takes a line of mail addresses apart, each once.
func normalised(line string) (out []string) {
	for _, text := range Addresses(line) {
		if a, ok := identity.Normalise(models.EmailIdentity, text, ""); ok && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	return out
}

// invite records who is in copy of a conversation's mail: they may write into it. The shop's own
// mailboxes are nobody's company.
func invite(tx *store.Tx, conversation models.ID, cc string) error {
	addresses := normalised(cc)
	if conversation == 0 || len(addresses) == 0 {
		return nil
	}
	ours, err := store.MailboxAddresses(tx)
	if err != nil {
		return err
	}
	return store.AddParticipants(tx, conversation, slices.DeleteFunc(addresses, func(a string) bool { return slices.Contains(ours, a) }))
}
