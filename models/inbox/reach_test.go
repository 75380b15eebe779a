package inbox

import (
	"testing"

	"onethread/models"
	"onethread/models/store"
)

// a road is a way as preset sees it: what it is called, when it was last used, and what it is.
func road(name string, at models.Time, is ...string) Way {
	w := Way{Address: name, LastAt: at, OK: true, verified: true}
	for _, word := range is {
		switch word {
		case "typed":
			w.verified = false
		case "away":
			w.Away = true
		default:
			w.OK, w.Problem = false, "reach."+word
		}
	}
	return w
}

// TestWhereTheAnswerBegins: docs/model.md, "Where the answer goes", as a table.
func TestWhereTheAnswerBegins(t *testing.T) {
	for _, c := range []struct {
		what        string
		ways        []Way
		preset, why string
	}{
		{"nobody can be reached", nil, "", ""},
		{"all are closed", []Way{road("mail", 3, "bounced"), road("sms", 2, "opted_out"), road("chat", 1, "paused")}, "", ""},
		{"one, used", []Way{road("mail", 1)}, "mail", "reach.only"},
		{"one, never used", []Way{road("mail", 0)}, "mail", "reach.only"},
		{"one, typed", []Way{road("mail", 0, "typed")}, "mail", "reach.only"},
		{"one, a chat that was left", []Way{road("chat", 1, "away")}, "chat", "reach.waits"},
		{"the latest", []Way{road("mail", 1), road("sms", 2)}, "sms", "reach.latest"},
		{"the latest, in a chat that is open", []Way{road("chat", 9), road("mail", 1)}, "chat", "reach.latest"},
		{"the latest, though it was typed", []Way{road("mail", 1), road("sms", 2, "typed")}, "sms", "reach.latest"},
		{"the latest failed", []Way{road("mail", 2, "failed"), road("sms", 1)}, "sms", "reach.best"},
		{"the latest bounced; verified before typed", []Way{road("mail", 9, "bounced"), road("sms", 3, "typed"), road("other mail", 1)}, "other mail", "reach.best"},
		{"the latest opted out; typed before a chat that was left", []Way{road("sms", 9, "opted_out"), road("chat", 3, "away"), road("mail", 1, "typed")}, "mail", "reach.best"},
		{"of two as good the one used later", []Way{road("a", 9, "paused"), road("b", 1), road("c", 2)}, "c", "reach.best"},
		{"never used: verified before typed", []Way{road("typed", 0, "typed"), road("known", 0)}, "known", "reach.best"},
		{"never used: the first of two as good", []Way{road("first", 0), road("second", 0)}, "first", "reach.best"},
		{"the chat was left", []Way{road("mail", 1), road("chat", 2, "away")}, "mail", "reach.away"},
		{"the chat was left, and a typed address is there", []Way{road("mail", 0, "typed"), road("chat", 2, "away")}, "mail", "reach.away"},
		{"the chat was left, and nothing else can", []Way{road("mail", 1, "bounced"), road("chat", 2, "away")}, "chat", "reach.waits"},
		{"a chat was left long ago, another way was used since", []Way{road("chat", 1, "away"), road("mail", 2)}, "mail", "reach.latest"},
		{"two chats that were left", []Way{road("old", 1, "away"), road("new", 2, "away")}, "new", "reach.waits"},
	} {
		preset(c.ways)
		got, why, n := "", "", 0
		for i, w := range c.ways {
			if w.Preset {
				got, why, n = w.Address, w.Reason, n+1
			} else if w.Reason != "" {
				t.Errorf("%s: %s has a reason and is not chosen", c.what, w.Address)
			}
			if i > 0 && w.LastAt > c.ways[i-1].LastAt {
				t.Errorf("%s: %s stands behind one that was used before it", c.what, w.Address)
			}
		}
		if got != c.preset || why != c.why || n > 1 {
			t.Errorf("%s: %q because %s (%d), want %q because %s", c.what, got, why, n, c.preset, c.why)
		}
	}
	for _, c := range []struct {
		way  Way
		want int
	}{{road("known", 0), 2}, {road("typed", 0, "typed"), 1}, {road("left", 0, "away"), 0}, {road("left and typed", 0, "away", "typed"), 0}} {
		if got := c.way.suits(); got != c.want {
			t.Errorf("%s suits %d, want %d", c.way.Address, got, c.want)
		}
	}
}

// TestWhatClosesAWay: why a way cannot deliver, and what may still be tried by hand: an address that
// failed may, one that is paused or opted out may not.
func TestWhatClosesAWay(t *testing.T) {
	w := newWorld(t)
	w.Online = func(id models.ID) bool { return id == 1 }
	chat, mail := models.Identity{ID: 2, Kind: models.ChatIdentity}, models.Identity{ID: 3, Kind: models.EmailIdentity}
	for _, c := range []struct {
		what     string
		identity models.Identity
		paused   bool
		use      store.Use
		consent  string
		problem  string
		doubt    string
		refused  bool
		away     bool
	}{
		{what: "nothing", identity: mail},
		{what: "opted in", identity: mail, consent: models.OptedInState},
		{what: "a bounce", identity: mail, use: store.Use{Trouble: models.DeliveryBounced}, doubt: "reach.bounced"},
		{what: "a full mailbox", identity: mail, use: store.Use{Trouble: models.DeliveryBounced, Soft: true}, doubt: "reach.soft"},
		{what: "a failure", identity: mail, use: store.Use{Trouble: models.DeliveryFailed}, doubt: "reach.failed"},
		{what: "opting out", identity: mail, consent: models.OptedOutState, problem: "reach.opted_out", refused: true},
		{what: "opting out, after a failure", identity: mail, use: store.Use{Trouble: models.DeliveryFailed}, consent: models.OptedOutState, problem: "reach.opted_out", refused: true},
		{what: "a pause", identity: mail, paused: true, problem: "reach.paused", refused: true},
		{what: "a pause, whatever else", identity: mail, paused: true, use: store.Use{Trouble: models.DeliveryBounced}, consent: models.OptedOutState, problem: "reach.paused", refused: true},
		{what: "nothing, in a chat that was left", identity: chat, away: true},
		{what: "nothing, in an open chat", identity: models.Identity{ID: 1, Kind: models.ChatIdentity}},
	} {
		way := Way{OK: !c.paused, ChannelName: "Shop"}
		if c.paused {
			way.Problem = "reach.paused"
		}
		got := w.condition(way, c.identity, c.use, c.consent)
		if got.OK != (c.problem == "") || got.Problem != c.problem || got.Doubt != c.doubt || got.Away != c.away || (refusal(got) != nil) != c.refused {
			t.Errorf("%s: ok %v, %q, %q, away %v, %v", c.what, got.OK, got.Problem, got.Doubt, got.Away, refusal(got))
		}
	}
}
