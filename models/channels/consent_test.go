package channels

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/store"
)

// office is a registry over a real database with two channels that are connected at their provider's site.
type office struct {
	*testing.T
	*Registry
	mu       sync.Mutex
	clock    time.Time
	settled  []string // codes that were exchanged
	one, two models.ID
}

func openOffice(t *testing.T) *office {
	t.Helper()
	o := &office{T: t, clock: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)}
	st, err := store.Open(t.Context(), t.TempDir(), store.Options{Now: func() time.Time { o.mu.Lock(); defer o.mu.Unlock(); return o.clock }})
	o.must(err)
	t.Cleanup(func() {
		o.must(store.Check(context.Background(), st))
		o.must(st.Close())
	})
	provider := models.Provider{Kind: "post", Name: "Post", Fields: []models.Field{{Key: "login", Default: "site"}, {Key: "token", Secret: true, Required: true, If: "login=never"}},
		Open: func(models.Channel, models.Host) (models.Connection, error) { return models.Connection{}, nil },
		Consent: &models.Consent{Needed: func(s map[string]string) string { return map[string]string{"site": "Acme"}[s["login"]] },
			Ask: func(_ map[string]string, a models.Asking) (string, error) {
				return "https://acme.example/?" + url.Values{"state": {a.State}, "back": {a.Return}}.Encode(), nil
			},
			Settle: func(_ context.Context, _ models.Channel, _ models.Host, a models.Asking, code string) (map[string]string, error) {
				if code == "bad" {
					return nil, models.Errorf(models.Invalid, "Acme says no.")
				}
				o.settled = append(o.settled, code)
				return map[string]string{"token": "token-" + code}, nil
			}}}
	dial := func(bool) func(context.Context, string, string) (net.Conn, error) { return nil }
	o.Registry = New(st, []models.Provider{provider}, nil, "https://desk.example", dial, nil)
	for _, id := range []*models.ID{&o.one, &o.two} {
		c, err := o.Add(t.Context(), "post", Input{})
		o.must(err)
		*id = c.ID
	}
	return o
}

func (o *office) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

// state begins a way to the provider's site and tells what would come back.
func (o *office) state(channel, session models.ID) string {
	o.Helper()
	address, err := o.Ask(o.Context(), channel, session)
	o.must(err)
	u, err := url.Parse(address)
	o.must(err)
	if u.Query().Get("back") != "https://desk.example/settings/consent" {
		o.Errorf("it comes back to %s", u.Query().Get("back"))
	}
	return u.Query().Get("state")
}

func (o *office) token(channel models.ID) string {
	o.Helper()
	c, err := o.st.Channel(o.st.Read(o.Context()), channel)
	o.must(err)
	return c.Settings["token"]
}

// TestTheWayBackCountsOnce: for the channel and the session it began with, and soon; nothing else changes a channel.
func TestTheWayBackCountsOnce(t *testing.T) {
	o := openOffice(t)
	const mine, foreign = 11, 12
	good, other := o.state(o.one, mine), o.state(o.two, mine)
	nonce, mac, _ := strings.Cut(good, ".")
	otherNonce, otherMAC, _ := strings.Cut(other, ".")
	for name, state := range map[string]string{"none": "", "half": nonce, "unsigned": nonce + ".", "altered": nonce + "." + strings.Repeat("0", len(mac)), "another's signature": nonce + "." + otherMAC,
		"another's random part": otherNonce + "." + mac, "of nobody": strings.Repeat("a", 64) + "." + mac, "huge": strings.Repeat("x.", 1<<16)} {
		if id, err := o.Settle(t.Context(), mine, Returned{State: state, Code: "evil"}); !models.IsCode(err, models.Conflict) || id != 0 {
			t.Errorf("%s: %v %v", name, id, err)
		}
	}
	if id, err := o.Settle(t.Context(), foreign, Returned{State: good, Code: "evil"}); !models.IsCode(err, models.Conflict) || id != 0 {
		t.Errorf("in another session: %v %v", id, err)
	}
	if o.token(o.one) != "" || len(o.settled) > 0 {
		t.Fatalf("a forged way back was taken: %v", o.settled)
	}
	id, err := o.Settle(t.Context(), mine, Returned{State: good, Code: "c1"})
	if err != nil || id != o.one || o.token(o.one) != "token-c1" || o.token(o.two) != "" {
		t.Fatalf("the genuine one: %v %v", id, err)
	}
	if _, err := o.Settle(t.Context(), mine, Returned{State: good, Code: "c2"}); !models.IsCode(err, models.Conflict) || o.token(o.one) != "token-c1" {
		t.Errorf("a second time: %v", err)
	}
	o.mu.Lock()
	o.clock = o.clock.Add(askFor)
	o.mu.Unlock()
	if _, err := o.Settle(t.Context(), mine, Returned{State: other, Code: "late"}); !models.IsCode(err, models.Conflict) || o.token(o.two) != "" {
		t.Errorf("too late: %v", err)
	}
	for range mostAsk {
		o.state(o.one, mine)
	}
	if _, err := o.Ask(t.Context(), o.one, mine); !models.IsCode(err, models.RateLimited) {
		t.Errorf("without end: %v", err)
	}
}

// TestTheOwnerSaysNo: the words say who refused and what to do; nobody else's words are shown.
func TestTheOwnerSaysNo(t *testing.T) {
	o := openOffice(t)
	for _, c := range []struct {
		back  Returned
		words string
	}{
		{Returned{Error: "access_denied"}, "Acme says that you did not allow it"}, {Returned{Error: "invalid_scope"}, "(invalid_scope)"},
		{Returned{Error: "Call +1 900 now"}, "without saying why"}, {Returned{}, "without saying why"}, {Returned{Code: "bad"}, "Acme says no."},
	} {
		c.back.State = o.state(o.one, 1)
		id, err := o.Settle(t.Context(), 1, c.back)
		if id != o.one || !models.IsCode(err, models.Invalid) || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%+v: %v %v", c.back, id, err)
		}
	}
	_, err := o.Edit(t.Context(), o.one, Input{Settings: map[string]string{"login": "password"}})
	o.must(err)
	if _, err := o.Ask(t.Context(), o.one, 1); !models.IsCode(err, models.Conflict) {
		t.Errorf("a channel that needs none: %v", err)
	}
}

// TestRenewedSecretsStay: one renews at a time, each what the one before it stored; an edit beside it neither loses
// the new secret nor is lost; and the channel is not opened anew for it.
func TestRenewedSecretsStay(t *testing.T) {
	o := openOffice(t)
	_, err := o.Edit(t.Context(), o.one, Input{Settings: map[string]string{"token": "0"}})
	o.must(err)
	c, err := o.st.Channel(o.st.Read(t.Context()), o.one)
	o.must(err)
	renew := o.host(c).Renew
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if err := renew(t.Context(), "token", func(now string) (string, error) { return now + "+", nil }); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			name := "Renamed"
			if _, err := o.Edit(t.Context(), o.one, Input{Name: &name}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := o.token(o.one); got != "0"+strings.Repeat("+", 20) {
		t.Errorf("%q", got)
	}
	before, err := store.ChannelsVersion(o.st.Read(t.Context()))
	o.must(err)
	o.must(renew(t.Context(), "token", func(string) (string, error) { return "next", nil }))
	if after, _ := store.ChannelsVersion(o.st.Read(t.Context())); after != before {
		t.Error("the channel is opened anew")
	}
	gone, leave := context.WithCancel(t.Context())
	o.must(renew(gone, "token", func(string) (string, error) { leave(); return "kept", nil }))
	if o.token(o.one) != "kept" {
		t.Error("a secret that was exchanged is lost because the caller went away")
	}
	no := errors.New("no")
	if err := renew(t.Context(), "token", func(string) (string, error) { return "", no }); !errors.Is(err, no) || o.token(o.one) != "kept" {
		t.Errorf("%v", err)
	}
	// The owner connected anew while the old one was being renewed: what they did counts.
	o.must(renew(t.Context(), "token", func(string) (string, error) {
		_, err := o.Edit(t.Context(), o.one, Input{Settings: map[string]string{"token": "by hand"}})
		return "old line's", err
	}))
	if o.token(o.one) != "by hand" {
		t.Errorf("%q", o.token(o.one))
	}
}
