package channels

import (
	"context"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"time"

	"onethread/models"
	"onethread/models/store"
)

// ReturnPath is where an owner's browser comes back to from a provider's site, under the public URL.
const ReturnPath = "/settings/consent"

// How long an owner may take at the provider's site, and how many may be on their way at a time.
const (
	askFor  = 15 * time.Minute
	mostAsk = 100
)

// askings are the owners on their way, by the random part of their state. They live in memory: after a
// restart the button is pressed again. The zero value is ready to use.
type askings struct {
	mu      sync.Mutex
	waiting map[string]asking
}

type asking struct {
	channel  models.ID
	session  models.ID
	verifier string
	until    models.Time
}

// Returned is what a browser comes back with.
type Returned struct {
	State string
	Code  string
	Error string // an error code instead of a code (RFC 6749 section 4.1.2.1)
}

// Consent tells how a channel is connected at its provider's site, and who is asked there; ok is false
// where nobody is.
func (r *Registry) Consent(c models.Channel) (who string, ok bool) {
	p, _ := r.Provider(c.Type)
	if p.Consent == nil {
		return "", false
	}
	who = p.Consent.Needed(c.Settings)
	return who, who != ""
}

// ReturnURL is what owners enter at the provider as the address to come back to.
func (r *Registry) ReturnURL() string { return r.url + ReturnPath }

// Ask gives the address at the provider's site where a channel's owner agrees. The way back counts once,
// within a quarter of an hour, for this session and this channel.
func (r *Registry) Ask(ctx context.Context, id, session models.ID) (string, error) {
	c, p, err := r.asks(ctx, id)
	if err != nil {
		return "", err
	}
	nonce, verifier := store.Token()+store.Token(), store.Token()+store.Token()
	address, err := p.Consent.Ask(c.Settings, models.Asking{Return: r.ReturnURL(), State: nonce + "." + r.stateMAC(nonce, id, session), Verifier: verifier})
	if err != nil {
		return "", inSettings(err)
	}
	return address, r.asked.add(nonce, asking{id, session, verifier, r.st.Now().Add(askFor)}, r.st.Now())
}

func (r *Registry) asks(ctx context.Context, id models.ID) (models.Channel, models.Provider, error) {
	c, err := r.st.Channel(r.st.Read(ctx), id)
	if err != nil {
		return c, models.Provider{}, err
	}
	if _, ok := r.Consent(c); !ok {
		return c, models.Provider{}, models.Errorf(models.Conflict, "This channel logs in with a password. Choose another way to log in, save, and connect again.")
	}
	p, _ := r.Provider(c.Type)
	return c, p, nil
}

func (r *Registry) stateMAC(nonce string, channel, session models.ID) string {
	return hex.EncodeToString(r.st.Vault.MAC("consent", fmt.Appendf(nil, "%s|%d|%d", nonce, channel, session))[:16])
}

func (a *askings) add(nonce string, one asking, now models.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for k, w := range a.waiting {
		if w.until <= now {
			delete(a.waiting, k)
		}
	}
	if len(a.waiting) >= mostAsk {
		return models.Errorf(models.RateLimited, "Too many are being connected at this moment. Try again in a quarter of an hour.")
	}
	if a.waiting == nil {
		a.waiting = map[string]asking{}
	}
	a.waiting[nonce] = one
	return nil
}

// take ends a waiting that the state names, if it is genuine and this session's own.
func (r *Registry) take(state string, session models.ID) (asking, bool) {
	nonce, mac, _ := strings.Cut(state, ".")
	r.asked.mu.Lock()
	defer r.asked.mu.Unlock()
	one, ok := r.asked.waiting[nonce]
	if !ok || one.until <= r.st.Now() || subtle.ConstantTimeCompare([]byte(mac), []byte(r.stateMAC(nonce, one.channel, session))) != 1 {
		return asking{}, false
	}
	delete(r.asked.waiting, nonce)
	return one, true
}

// Settle ends the way that Ask began: the channel gets what the provider gave, and connects at once. The
// channel's id is zero when the state is not genuine.
func (r *Registry) Settle(ctx context.Context, session models.ID, back Returned) (models.ID, error) {
	one, ok := r.take(back.State, session)
	if !ok {
		return 0, models.Errorf(models.Conflict, "This way back was used already, took longer than a quarter of an hour, or began elsewhere. Open the channel in Settings and connect again.")
	}
	c, p, err := r.asks(ctx, one.channel)
	if err != nil {
		return one.channel, err
	}
	who, _ := r.Consent(c)
	switch {
	case back.Error == "access_denied":
		return one.channel, models.Errorf(models.Invalid, "%s says that you did not allow it. Connect again and allow everything that is asked for.", who)
	case back.Error != "" || back.Code == "":
		return one.channel, models.Errorf(models.Invalid, "%s did not connect this channel (%s). Check the client id and what it may do, and connect again.", who, errorCode(back.Error))
	}
	settings, err := p.Consent.Settle(ctx, c, r.host(c), models.Asking{Return: r.ReturnURL(), State: back.State, Verifier: one.verifier}, back.Code)
	if err == nil {
		_, err = r.Edit(ctx, one.channel, Input{Settings: settings})
	}
	return one.channel, inSettings(err)
}

// errorCode keeps of an error code what RFC 6749 lets one be made of; anything else may be anybody's words.
func errorCode(s string) string {
	if s == "" || len(s) > 60 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return "without saying why"
	}
	return s
}
