package inbox

import (
	"cmp"
	"context"
	"slices"

	"onethread/models"
	"onethread/models/store"
)

// Way is one way to reach a customer: an address over a channel.
type Way struct {
	ChannelID   models.ID
	ChannelType string
	ChannelName string
	IdentityID  models.ID
	Kind        models.IdentityKind
	Address     string // in the form its kind has
	OK          bool
	Problem     string // why not, as a key of the catalogue: "reach.paused", "reach.bounced"
	Preset      bool
	Reason      string // why this one is preselected, as a key: "reach.latest", "reach.best", "reach.only"
	LastAt      models.Time

	instant bool
	domain  string // for Message-IDs
}

// Reach lists the ways to reach a customer, the preselected one marked: the channel of the latest
// message if it can deliver now, else the best verified alternative (docs/model.md, "Where the
// answer goes").
func (b *Inbox) Reach(ctx context.Context, customer models.ID) ([]Way, error) {
	return b.reach(b.st.Read(ctx), customer)
}

func (b *Inbox) reach(q store.Q, customer models.ID) ([]Way, error) {
	channels, err := b.st.Channels(q)
	if err != nil {
		return nil, err
	}
	identities, err := store.IdentitiesOf(q, customer)
	if err != nil {
		return nil, err
	}
	used, err := store.LastUse(q, customer)
	if err != nil {
		return nil, err
	}
	var ways []Way
	for _, i := range identities {
		for _, c := range channels {
			if w, ok := b.wayTo(i, c); ok {
				u := used[[2]models.ID{c.ID, i.ID}]
				w.LastAt = u.At
				if u.Bounced {
					w.OK, w.Problem = false, "reach.bounced"
				}
				ways = append(ways, w)
			}
		}
	}
	preset(ways)
	return ways, nil
}

// wayTo makes a way of an identity over a channel, if that channel can send to it at all.
func (b *Inbox) wayTo(i models.Identity, c models.Channel) (Way, bool) {
	p := b.providers[c.Type]
	if p.Address == "" || p.Address != i.Kind || (i.Kind == models.ChatIdentity && i.Scope != c.Key) {
		return Way{}, false
	}
	w := Way{ChannelID: c.ID, ChannelType: c.Type, ChannelName: c.Name, IdentityID: i.ID, Kind: i.Kind, Address: i.Value, OK: !c.Paused,
		instant: p.Instant, domain: cmp.Or(domainOf(c.Settings["address"]), "onethread.invalid")}
	if c.Paused {
		w.Problem = "reach.paused"
	}
	return w, true
}

// preset sorts the ways, latest used first, and marks the one to begin with.
func preset(ways []Way) {
	slices.SortStableFunc(ways, func(a, b Way) int { return cmp.Compare(b.LastAt, a.LastAt) })
	for i := range ways {
		if !ways[i].OK {
			continue
		}
		ways[i].Preset = true
		switch {
		case len(ways) == 1:
			ways[i].Reason = "reach.only"
		case i == 0 && ways[i].LastAt != 0:
			ways[i].Reason = "reach.latest"
		default:
			ways[i].Reason = "reach.best"
		}
		return
	}
}

// way picks the way a reply asked for.
func (b *Inbox) way(q store.Q, customer models.ID, in ReplyInput) (Way, error) {
	ways, err := b.reach(q, customer)
	if err != nil {
		return Way{}, err
	}
	for _, w := range ways {
		asked := (in.ChannelID == 0 && in.IdentityID == 0 && w.Preset) ||
			((in.ChannelID != 0 || in.IdentityID != 0) && (in.ChannelID == 0 || w.ChannelID == in.ChannelID) && (in.IdentityID == 0 || w.IdentityID == in.IdentityID))
		if !asked {
			continue
		}
		if !w.OK && w.Problem == "reach.paused" {
			return Way{}, models.FieldError("channel_id", "The channel %q is paused. Resume it in Settings, or answer on another channel.", w.ChannelName)
		}
		return w, nil
	}
	if in.IdentityID != 0 {
		return Way{}, models.FieldError("to", "This customer cannot be reached at that address over that channel.")
	}
	return Way{}, models.FieldError("channel_id", "This customer has no address for that channel. Choose another, or add an address.")
}
