package identity

import (
	"cmp"
	"time"

	"onethread/models"
	"onethread/models/store"
)

// Claim is who an inbound event says it came from.
type Claim struct {
	Channel  models.ID
	Country  string // ISO 3166 alpha-2, for phones written without it
	Hints    []models.Hint
	Name     string
	NameBy   string // where the name comes from: "store" beats a channel's, "staff" beats all
	Language string
	TimeZone string
}

// Found is who it is.
type Found struct {
	CustomerID models.ID
	Anchor     models.ID // the identity it came from; zero when no hint was usable
	New        bool      // the customer was created for this event
}

// hint is a Hint made comparable, with the identities that stand at its address.
type hint struct {
	models.Hint
	normal string
	known  *models.Identity  // the owner, by better evidence than typing
	typed  []models.Identity // those for whom it was merely typed
}

// Resolve finds the customer by the evidence ladder (docs/model.md), creating one where nobody is
// known. Proved and asserted evidence links addresses and ties customers together; what was
// merely typed only suggests.
func Resolve(tx *store.Tx, c Claim) (Found, error) {
	hints, err := look(tx, c)
	if err != nil {
		return Found{}, err
	}
	found := Found{CustomerID: owner(hints, c.Channel)}
	if found.CustomerID == 0 {
		found.New = true
		if found.CustomerID, err = store.AddCustomer(tx, c.Name, c.NameBy, c.Language); err != nil {
			return found, err
		}
	}
	if found.CustomerID, err = tie(tx, found.CustomerID, hints); err != nil {
		return found, err
	}
	if c.Name != "" && !found.New {
		if err := store.NameCustomer(tx, found.CustomerID, c.Name, c.NameBy); err != nil {
			return found, err
		}
	}
	if c.Language+c.TimeZone != "" {
		if err := store.Learn(tx, found.CustomerID, c.Language, c.TimeZone); err != nil {
			return found, err
		}
	}
	return found, link(tx, c, &found)
}

// look makes the hints comparable; those that cannot be addresses match nobody and are left out.
func look(tx *store.Tx, c Claim) ([]hint, error) {
	var out []hint
	for _, h := range c.Hints {
		normal, ok := Normalise(h.Kind, h.Value, cmp.Or(h.Country, c.Country))
		if !ok {
			continue
		}
		at, err := store.IdentitiesAt(tx, h.Kind, h.Scope, normal)
		if err != nil {
			return nil, err
		}
		x := hint{Hint: h, normal: normal}
		if err := x.place(tx, at); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// activeWithin is how far back an owner of a shared address must have done something for what comes from
// it to be theirs; when none of them did, it is the first owner's.
const activeWithin = 14 * 24 * time.Hour

// place sorts the identities at an address into its owner and those who typed it. A shared
// address belongs to the owner active most recently.
func (h *hint) place(tx *store.Tx, at []models.Identity) error {
	var shared []models.ID
	for i := range at {
		switch {
		case at[i].Evidence == models.Typed:
			h.typed = append(h.typed, at[i])
			continue
		case at[i].Shared:
			shared = append(shared, at[i].ID)
		}
		if h.known == nil {
			h.known = &at[i]
		}
	}
	if len(shared) < 2 {
		return nil
	}
	recent, err := store.ActiveMostRecently(tx, shared, tx.Now().Add(-activeWithin))
	for i := range at {
		if at[i].ID == recent {
			h.known = &at[i]
		}
	}
	return err
}

// owner picks whose event it is: the owner of the first address known by better evidence than
// typing. When all hints are typed it joins the customer that the same value began on the same
// channel, never one known by better evidence. Zero: nobody yet.
func owner(hints []hint, channel models.ID) models.ID {
	typedOnly := true
	for _, h := range hints {
		if h.Evidence == models.Typed {
			continue
		}
		typedOnly = false
		if h.known != nil {
			return h.known.CustomerID
		}
	}
	if !typedOnly {
		return 0
	}
	for _, h := range hints {
		for _, t := range h.typed {
			if t.ChannelID == channel {
				return t.CustomerID
			}
		}
	}
	return 0
}

// tie merges the customers that the hints prove or assert to be one, or suggests it where a
// merge would be a guess. It returns the customer that stands for them.
func tie(tx *store.Tx, customer models.ID, hints []hint) (models.ID, error) {
	for _, h := range hints {
		if h.Evidence == models.Typed || h.known == nil || h.known.CustomerID == customer {
			continue
		}
		living, err := store.Living(tx, h.known.CustomerID)
		if err != nil {
			return 0, err
		}
		if living.ID == customer {
			continue
		}
		sure, err := surelyOne(tx, customer, living.ID, h)
		if err != nil {
			return 0, err
		}
		if !sure {
			if err := Suggest(tx, customer, living.ID, h.Hint, h.normal); err != nil {
				return 0, err
			}
			continue
		}
		from, into := max(customer, living.ID), min(customer, living.ID)
		if _, err := Merge(tx, from, into, h.Reason, 0); err != nil {
			return 0, err
		}
		customer = into
	}
	return customer, nil
}

// surelyOne is model.md's guard before an automatic merge: nothing shared, no refusal, and no kind
// of address that both hold (two different emails may be two people; two browsers may not).
func surelyOne(tx *store.Tx, a, b models.ID, h hint) (bool, error) {
	if h.known.Shared {
		return false, nil
	}
	refused, err := store.RefusedPair(tx, a, b)
	if err != nil || refused {
		return false, err
	}
	all, err := store.IdentitiesOf(tx, a, b)
	if err != nil {
		return false, err
	}
	type slot struct{ kind, scope string }
	holder := map[slot]models.ID{}
	for _, i := range all {
		// An order is nobody's address, and whoever logs in on a second browser is still one person.
		if i.Evidence == models.Typed || i.Kind == models.OrderIdentity || i.Kind == models.ChatIdentity {
			continue
		}
		s := slot{string(i.Kind), i.Scope}
		if who, ok := holder[s]; ok && who != i.CustomerID {
			return false, nil
		}
		holder[s] = i.CustomerID
	}
	return true, nil
}

// link gives the customer every address of the claim that nobody else owns, and finds the anchor.
func link(tx *store.Tx, c Claim, found *Found) error {
	hints, err := look(tx, c) // again: a merge may have moved what the first look saw
	if err != nil {
		return err
	}
	home := models.ID(0)
	for _, h := range hints {
		id, err := linkOne(tx, c.Channel, found.CustomerID, home, h)
		if err != nil {
			return err
		}
		if found.Anchor == 0 && id != 0 {
			found.Anchor = id
			if home, err = store.HomeOf(tx, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// linkOne returns the customer's own identity for the hint; zero when somebody else owns it. A new one
// is at home with the address that it came with.
func linkOne(tx *store.Tx, channel, customer, home models.ID, h hint) (models.ID, error) {
	own := h.ownedBy(customer)
	strong := h.Evidence != models.Typed
	if own != nil {
		if h.Evidence.Rank() <= own.Evidence.Rank() || (h.known != nil && h.known.ID != own.ID) {
			return own.ID, nil
		}
		return own.ID, store.Strengthen(tx, own.ID, h.Evidence, h.Reason)
	}
	if strong && h.known != nil {
		return 0, nil // tie has merged or suggested
	}
	if err := suggestOthers(tx, customer, h); err != nil {
		return 0, err
	}
	i := models.Identity{CustomerID: customer, HomeID: home, Kind: h.Kind, Scope: h.Scope, Value: h.normal,
		Display: h.Value, Evidence: h.Evidence, Reason: h.Reason, ChannelID: channel, Mailbox: mailboxOf(h.Kind, h.normal)}
	id, err := store.AddIdentity(tx, i)
	if err != nil {
		return id, err
	}
	return id, suggestMailbox(tx, customer, i)
}

func (h *hint) ownedBy(customer models.ID) *models.Identity {
	if h.known != nil && h.known.CustomerID == customer {
		return h.known
	}
	for i := range h.typed {
		if h.typed[i].CustomerID == customer {
			return &h.typed[i]
		}
	}
	return nil
}

// suggestOthers proposes to staff everyone else who stands at an address that this customer typed,
// or who typed the address that this customer now owns.
func suggestOthers(tx *store.Tx, customer models.ID, h hint) error {
	others := h.typed
	if h.known != nil {
		others = append([]models.Identity{*h.known}, others...)
	}
	for _, o := range others {
		if err := Suggest(tx, customer, o.CustomerID, h.Hint, h.normal); err != nil {
			return err
		}
	}
	return nil
}
