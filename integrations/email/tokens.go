package email

import (
	"context"
	"net/url"
	"time"

	"onethread/models"
)

// tokens keeps the access token of a mailbox for all who need it at the same moment: reading, sending, saving
// copies, checking.
type tokens struct {
	oauth *oauth
	host  models.Host
	turn  chan struct{} // held while the fields below are used

	access string
	until  time.Time
	unkept string // a refresh token that could not be stored yet, in the place of replaces
	// replaces is the stored refresh token that unkept was given for.
	replaces string
}

func newTokens(o *oauth, host models.Host) *tokens {
	if o == nil {
		return nil
	}
	return &tokens{oauth: o, host: host, turn: make(chan struct{}, 1)}
}

// renewBefore is how long before its end a token is replaced; a short-lived one after nine tenths of its life.
const renewBefore = 2 * time.Minute

// get gives a token that is good. refused is one that a server has just refused although its time was not over:
// it is replaced, unless somebody else has done so already.
func (t *tokens) get(ctx context.Context, refused string) (string, error) {
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if t.access != "" && t.access != refused && t.host.Now().Before(t.until) && t.unkept == "" {
		return t.access, nil
	}
	err := t.renew(ctx)
	return t.access, err
}

func (t *tokens) renew(ctx context.Context) error {
	t.access = ""
	err := t.stored(ctx, func(now string) (string, error) {
		with := now
		if t.unkept != "" && now == t.replaces {
			with = t.unkept
		}
		if with == "" {
			return "", refused{models.Errorf(models.Forbidden, "This mailbox is not connected with %s yet. Press “Connect” in the channel's settings.", t.oauth.who)}
		}
		got, err := t.oauth.grant(ctx, t.host, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {with}})
		if err != nil {
			return "", err
		}
		t.access, t.until = got.Access, t.host.Now().Add(got.Lasts-min(renewBefore, got.Lasts/10))
		next := or(got.Refresh, with)
		if next != now {
			t.unkept, t.replaces = next, now
		}
		return next, nil
	})
	if err == nil {
		t.unkept = ""
	} else if t.access != "" { // a good token all the same; what could not be stored is stored with the next
		t.host.Log.Warn("email: a refresh token could not be stored; it is tried again", "error", err)
		err = nil
	}
	return err
}

// stored runs renew on the refresh token as it is stored, and stores what it returns.
func (t *tokens) stored(ctx context.Context, renew func(now string) (string, error)) error {
	if t.host.Renew != nil {
		return t.host.Renew(ctx, "oauth_refresh_token", renew)
	}
	next, err := renew(t.oauth.refresh)
	if err == nil {
		t.oauth.refresh = next
	}
	return err
}
