package inbox

import (
	"cmp"
	"slices"
	"time"

	"onethread/models"
	"onethread/models/identity"
	"onethread/models/store"
)

// answered raises the evidence of the address that a mail comes from when the mail answers ours: it names a
// conversation in which we wrote to that very address. An address that somebody merely typed (into a form,
// into the widget) becomes theirs by a Message-ID or a token, which are known to nobody who does not read its
// mailbox; one that a From has asserted is proved by the token of the address to answer to. An address that
// somebody else holds by better evidence stays theirs.
func answered(tx *store.Tx, p prepared, m *models.MessageIn, names []store.Referred) error {
	if len(names) == 0 || m.Direction != models.In || m.Warning != "" || m.Automatic != "" || m.Spam || len(p.Hints) == 0 || p.Hints[0].Kind != models.EmailIdentity || p.Hints[0].Evidence == models.Typed {
		return nil
	}
	at, err := identitiesAt(tx, p.Hints[0].Value)
	if err != nil {
		return err
	}
	owned := slices.ContainsFunc(at, func(i models.Identity) bool { return i.Evidence != models.Typed })
	for _, r := range names {
		for _, i := range at {
			switch {
			case i.CustomerID != r.CustomerID, r.ConversationID == 0, i.Evidence == models.Proved,
				i.Evidence == models.Typed && owned, i.Evidence != models.Typed && !r.Secret:
				continue
			}
			if wrote, err := store.WroteTo(tx, r.ConversationID, i.ID); err != nil || wrote {
				if err == nil {
					err = store.Strengthen(tx, i.ID, models.Proved, "answered a mail that we sent to it")
				}
				return err
			}
		}
	}
	return nil
}

// smsAnswerWithin is how long an SMS from a number that was only typed is taken for the answer to ours.
const smsAnswerWithin = 7 * 24 * time.Hour

// answeredSMS takes a number that somebody merely typed for theirs once an SMS comes from it that may
// answer ours: the carrier says whose it is, and nobody else is known to have it.
func answeredSMS(tx *store.Tx, p prepared, m *models.MessageIn) error {
	if m.Direction != models.In || len(p.Hints) == 0 || p.Hints[0].Kind != models.PhoneIdentity || p.Hints[0].Evidence == models.Typed {
		return nil
	}
	where, err := country(tx, p.Hints[:1])
	if err != nil {
		return err
	}
	number, sound := identity.Normalise(models.PhoneIdentity, p.Hints[0].Value, cmp.Or(p.Hints[0].Country, where))
	if !sound {
		return nil
	}
	at, err := store.IdentitiesAt(tx, models.PhoneIdentity, "", number)
	if err != nil {
		return err
	}
	var typed []models.ID
	for _, i := range at {
		if i.Evidence != models.Typed {
			return nil
		}
		typed = append(typed, i.ID)
	}
	last, err := store.LastWrittenTo(tx, typed, p.ChannelID, tx.Now().Add(-smsAnswerWithin))
	if err != nil || last == 0 {
		return err
	}
	return store.Strengthen(tx, last, models.Asserted, "answered an SMS that we sent to it")
}

// reported finds the thread of a machine's report that leaves a trace of its own, of a delay or about what a
// colleague's program sent: that of the message it is about, if it was written to the very address that
// the report names.
func reported(tx *store.Tx, p prepared, m *models.MessageIn, names []store.Referred) (who identity.Found, ok bool, err error) {
	if m.Automatic != "delayed" && m.Automatic != "bounce" || len(p.Hints) == 0 {
		return who, false, nil
	}
	at, err := identitiesAt(tx, p.Hints[0].Value)
	if err != nil {
		return who, false, err
	}
	for _, r := range names {
		for _, i := range at {
			if r.AnchorID != i.ID || r.ConversationID == 0 {
				continue
			}
			if ok, err = store.WroteTo(tx, r.ConversationID, i.ID); err != nil || ok {
				return identity.Found{CustomerID: r.CustomerID, Anchor: i.ID}, ok, err
			}
		}
	}
	return who, false, nil
}

func identitiesAt(tx *store.Tx, address string) ([]models.Identity, error) {
	address, sound := identity.Normalise(models.EmailIdentity, address, "")
	if !sound {
		return nil, nil
	}
	return store.IdentitiesAt(tx, models.EmailIdentity, "", address)
}
