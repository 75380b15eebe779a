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
	Problem     string // why not, as a key of the catalogue: "reach.paused", "reach.opted_out"
	Doubt       string // what speaks against it, though it can be chosen, as a key: "reach.bounced", "reach.failed"; "reach.soft" is a warning only
	Why         string // what the provider said then; may be empty
	Preset      bool
	Reason      string // why this one is preselected, as a key: "reach.latest", "reach.best", "reach.only", "reach.away", "reach.waits"
	LastAt      models.Time
	Away        bool   // a chat whose visitor has left: the answer waits in the widget
	MaxText     int    // most characters; 0 = no limit of its own
	Segments    bool   // words are counted in SMS segments
	CC          string // who else was on the customer's last mail, for an answer to all

	Signature string // the channel's, for who has none of their own; mail alone has one
	Shop      string // how the channel calls the shop

	instant  bool
	verified bool   // known by better evidence than typing
	shared   bool   // used by several people
	domain   string // for Message-IDs
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
	said, err := consents(q, customer)
	if err != nil {
		return nil, err
	}
	var ways []Way
	for _, i := range identities {
		for _, c := range channels {
			if w, ok := b.wayTo(i, c); ok {
				ways = append(ways, b.condition(w, i, used[[2]models.ID{c.ID, i.ID}], said[[2]models.ID{c.ID, i.ID}]))
			}
		}
	}
	preset(ways)
	return ways, nil
}

// consents tells by channel and identity what somebody last said to messages there.
func consents(q store.Q, customer models.ID) (map[[2]models.ID]string, error) {
	list, err := store.ConsentsOf(q, customer)
	out := map[[2]models.ID]string{}
	for _, c := range list {
		if c.Purpose != models.PurposeService {
			continue // answers are no advertisements
		}
		out[[2]models.ID{c.ChannelID, c.IdentityID}] = c.State
	}
	return out, err
}

// condition tells whether a way can deliver now, from how it was last used.
func (b *Inbox) condition(w Way, i models.Identity, u store.Use, consent string) Way {
	w.LastAt, w.CC, w.verified = u.At, u.CC, i.Evidence != models.Typed
	w.shared = i.Shared
	w.Away = i.Kind == models.ChatIdentity && b.Online != nil && !b.Online(i.ID)
	switch {
	case !w.OK:
	case consent == models.OptedOutState:
		w.OK, w.Problem = false, "reach.opted_out"
	case u.Trouble != "":
		w.Doubt, w.Why = "reach.failed", u.Error
		if u.Soft {
			w.Doubt = "reach.soft"
		} else if u.Trouble == models.DeliveryBounced {
			w.Doubt = "reach.bounced"
		}
	}
	return w
}

// shaky ways are never chosen for anybody: the last message failed there, for good as it seems.
func (w Way) shaky() bool { return w.Doubt != "" && w.Doubt != "reach.soft" }

// wayTo makes a way of an identity over a channel, if that channel can send to it at all.
func (b *Inbox) wayTo(i models.Identity, c models.Channel) (Way, bool) {
	p := b.providers[c.Type]
	if p.Address == "" || p.Address != i.Kind || (i.Kind == models.ChatIdentity && i.Scope != c.Key) {
		return Way{}, false
	}
	w := Way{ChannelID: c.ID, ChannelType: c.Type, ChannelName: c.Name, IdentityID: i.ID, Kind: i.Kind, Address: i.Value, OK: !c.Paused,
		MaxText: p.MaxText, Segments: p.Segments, instant: p.Instant, domain: cmp.Or(domainOf(c.Settings["address"]), "onethread.invalid")}
	if i.Kind == models.EmailIdentity {
		w.Signature, w.Shop = c.Settings["signature"], c.Settings["name"]
	}
	if c.Paused {
		w.Problem = "reach.paused"
	}
	return w, true
}

// preset sorts the ways, latest used first, and marks the one to begin with: the channel of the
// latest message if it can deliver now, else the best verified alternative, else one that was typed,
// else the chat whose visitor has left.
func preset(ways []Way) {
	slices.SortStableFunc(ways, func(a, b Way) int { return cmp.Compare(b.LastAt, a.LastAt) })
	best := -1
	for i, w := range ways {
		latest := best == 0 && ways[0].LastAt != 0 && !ways[0].Away
		if w.OK && !w.shaky() && !latest && (best < 0 || w.suits() > ways[best].suits()) {
			best = i
		}
	}
	if best < 0 {
		return
	}
	ways[best].Preset, ways[best].Reason = true, reason(ways, best)
}

// suits ranks ways that can deliver: there now, verified, typed, away.
func (w Way) suits() int {
	switch {
	case w.Away:
		return 0
	case !w.verified:
		return 1
	}
	return 2
}

func reason(ways []Way, best int) string {
	switch {
	case ways[best].Away:
		return "reach.waits"
	case len(ways) == 1:
		return "reach.only"
	case ways[0].Away && best > 0:
		return "reach.away"
	case best == 0 && ways[0].LastAt != 0:
		return "reach.latest"
	}
	return "reach.best"
}

// way picks the way a reply asked for. chosen says what the writer chose it instead of; nil = it was the
// preselected one.
func (b *Inbox) way(q store.Q, customer models.ID, in ReplyInput) (w Way, chosen any, err error) {
	ways, err := b.reach(q, customer)
	if err != nil {
		return Way{}, nil, err
	}
	for _, w := range ways {
		asked := (in.ChannelID == 0 && in.IdentityID == 0 && w.Preset) ||
			((in.ChannelID != 0 || in.IdentityID != 0) && (in.ChannelID == 0 || w.ChannelID == in.ChannelID) && (in.IdentityID == 0 || w.IdentityID == in.IdentityID))
		if asked {
			return w, choice(ways, w, in.Preset), refusal(w)
		}
	}
	if i := slices.IndexFunc(ways, Way.shaky); i >= 0 && in.ChannelID == 0 && in.IdentityID == 0 {
		return Way{}, nil, models.FieldError("channel_id", "The last message to %s failed: %s. Name the channel to send there all the same.", ways[i].Address, cmp.Or(ways[i].Why, "its provider gave no reason"))
	}
	if in.IdentityID != 0 {
		return Way{}, nil, models.FieldError("to", "This customer cannot be reached at that address over that channel.")
	}
	return Way{}, nil, models.FieldError("channel_id", "This customer has no address for that channel. Choose another, or add an address.")
}

// choice is what a message's event says when its writer left the preselected way for another. What the
// screen had preselected counts, if it is a way at all, else what is preselected now.
func choice(ways []Way, chosen Way, shown string) any {
	at := slices.IndexFunc(ways, func(w Way) bool { return w.ref() == shown })
	if at < 0 {
		at = slices.IndexFunc(ways, func(w Way) bool { return w.Preset })
	}
	if at < 0 || ways[at].ref() == chosen.ref() {
		return nil
	}
	return models.MessageData{Preset: ways[at].data(), Chosen: chosen.data()}
}

// ref names a way: "CHANNEL-IDENTITY".
func (w Way) ref() string { return w.ChannelID.String() + "-" + w.IdentityID.String() }

func (w Way) data() *models.WayData {
	return &models.WayData{ChannelID: w.ChannelID.String(), Channel: w.ChannelType, IdentityID: w.IdentityID.String()}
}

// refusal is why a message cannot be sent by a way at all. An address that failed before may be
// tried again.
func refusal(w Way) error {
	switch w.Problem {
	case "reach.paused":
		return models.FieldError("channel_id", "The channel %q is paused. Resume it in Settings, or answer on another channel.", w.ChannelName)
	case "reach.opted_out":
		return models.FieldError("channel_id", "%s has opted out of messages from %q. Answer on another channel; writing START to it brings them back.", w.Address, w.ChannelName)
	}
	return nil
}
