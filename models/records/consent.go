package records

import (
	"context"

	"onethread/models"
	"onethread/models/store"
)

// Consent is what somebody said about messages, as staff heard it.
type Consent struct {
	IdentityID models.ID // the address it is about
	ChannelID  models.ID
	Purpose    string // models.PurposeService or PurposeMarketing
	State      string // models.OptedInState, OptedOutState
	Proof      string // where it can be seen or heard: a form, a receipt, a call
}

// SayConsent appends to a customer's ledger of consent what they told staff. A yes needs its proof.
func SayConsent(ctx context.Context, st *store.Store, user, customer models.ID, c Consent) error {
	c.Proof = text(c.Proof, longestValue)
	switch {
	case c.Purpose != models.PurposeService && c.Purpose != models.PurposeMarketing:
		return models.FieldError("purpose", "%q is no purpose; use service or marketing.", c.Purpose)
	case c.State != models.OptedInState && c.State != models.OptedOutState:
		return models.FieldError("state", "%q is no answer; use opted_in or opted_out.", c.State)
	case c.State == models.OptedInState && c.Proof == "":
		return models.FieldError("proof", "Say where the consent can be seen: a signed form, a receipt, a call with its day.")
	}
	return st.Write(ctx, func(tx *store.Tx) error {
		living, err := store.Living(tx, customer)
		if err != nil {
			return err
		}
		i, err := store.Identity(tx, c.IdentityID)
		if err != nil || i.CustomerID != living.ID {
			return models.FieldError("identity_id", "This customer has no such address.")
		}
		ch, err := st.Channel(tx, c.ChannelID)
		if err != nil {
			return models.FieldError("channel_id", "There is no such channel.")
		}
		event, err := store.AppendEvent(tx, models.Event{CustomerID: living.ID, ChannelID: ch.ID, AnchorID: i.ID, Kind: models.KindConsent, UserID: user},
			models.ConsentData{State: c.State, Source: "staff", Purpose: c.Purpose, Proof: c.Proof})
		if err != nil {
			return err
		}
		return store.AddConsent(tx, store.Consent{IdentityID: i.ID, ChannelID: ch.ID, State: c.State, Purpose: c.Purpose, Source: "staff", Proof: c.Proof, UserID: user}, event)
	})
}
