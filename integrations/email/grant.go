package email

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"onethread/integrations/email/mime"
	"onethread/models"
)

// Bounds of a token endpoint's answer: its size and a token's, in bytes, and how long it may take.
const (
	maxGrant  = 64 << 10
	maxToken  = 8 << 10
	grantTime = 15 * time.Second
)

// granted is what a token endpoint gives (RFC 6749 section 5.1).
type granted struct {
	Access  string
	Refresh string        // empty = the one until now stays good
	Lasts   time.Duration // how long Access is good
}

// Without a word about it a token is taken to last shortly, and never longer than a day.
const (
	grantUnsaid  = 5 * time.Minute
	grantLongest = 24 * time.Hour
)

// grant asks the token endpoint. A refused error means that no repetition helps: the owner has to do something.
func (o *oauth) grant(ctx context.Context, host models.Host, form url.Values) (granted, error) {
	form.Set("client_id", o.clientID)
	if o.clientSecret != "" {
		form.Set("client_secret", o.clientSecret)
	}
	ctx, cancel := context.WithTimeout(ctx, grantTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, o.tokenURL, strings.NewReader(form.Encode()))
	if err != nil {
		return granted{}, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	resp, err := o.web(host).Do(req)
	if err != nil {
		return granted{}, o.unreached(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxGrant+1))
	if err != nil {
		return granted{}, o.unreached(err)
	}
	if resp.StatusCode != http.StatusOK {
		return granted{}, o.denied(resp.Status, body)
	}
	got, ok := readGrant(body)
	if !ok {
		return granted{}, models.Errorf(models.Unavailable, "%s answered with something that is no access token. If it happens again, check the token address in the settings.", o.host())
	}
	return got, nil
}

// web follows no redirect: what is sent is for one server alone.
func (o *oauth) web(host models.Host) *http.Client {
	return &http.Client{Timeout: grantTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DialContext: host.Dial, DisableKeepAlives: true, MaxResponseHeaderBytes: maxGrant,
			TLSClientConfig: &tls.Config{RootCAs: o.roots, MinVersion: tls.VersionTLS12}}}
}

func (o *oauth) host() string {
	u, err := url.Parse(o.tokenURL)
	if err != nil {
		return o.who
	}
	return u.Hostname()
}

// unreached says in words why the endpoint could not be asked. The address with its query stays out of them.
func (o *oauth) unreached(err error) error {
	var at *url.Error
	if errors.As(err, &at) {
		err = at.Err
	}
	return models.Errorf(models.Unavailable, "%s", explain(err, server{host: o.host(), port: 443, security: "tls"}, "sign-in"))
}

// readGrant reads the tokens; ok is false where there is none that can be used.
func readGrant(body []byte) (g granted, ok bool) {
	var in struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		Lasts   any    `json:"expires_in"` // a number, though some write a string
		Type    string `json:"token_type"`
	}
	if len(body) > maxGrant || json.Unmarshal(body, &in) != nil || in.Access == "" || len(in.Access) > maxToken || len(in.Refresh) > maxToken ||
		!soundSecret(in.Access) || !soundSecret(in.Refresh) || in.Type != "" && !strings.EqualFold(in.Type, "bearer") {
		return g, false
	}
	g = granted{Access: in.Access, Refresh: in.Refresh, Lasts: grantUnsaid}
	switch n := in.Lasts.(type) {
	case float64:
		g.Lasts = time.Duration(min(max(n, 1), grantLongest.Seconds())) * time.Second
	case string:
		if d, err := time.ParseDuration(n + "s"); err == nil {
			g.Lasts = min(max(d, time.Second), grantLongest)
		}
	}
	return g, true
}

// denied reads an error of the endpoint (RFC 6749 section 5.2).
func (o *oauth) denied(status string, body []byte) error {
	var in struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	_ = json.Unmarshal(body[:min(len(body), maxGrant)], &in) // no JSON: no error code
	said := clipText(mime.OneLine(or(in.Description, in.Error)), 300)
	if said == "" {
		said = "HTTP " + clipText(mime.OneLine(status), 100)
	}
	said = strings.TrimSuffix(said, ".")
	switch in.Error {
	case "invalid_grant", "interaction_required", "consent_required":
		return refused{models.Errorf(models.Forbidden, "%s no longer lets Onethread into this mailbox: the permission was taken back, has run out, or the password was changed. Connect again in the channel's settings. (%s)", o.who, said)}
	case "invalid_client", "unauthorized_client":
		return refused{models.Errorf(models.Forbidden, "%s does not know this client id and secret, or the secret has run out. Put the right ones into the channel's settings. (%s)", o.who, said)}
	case "invalid_scope", "access_denied":
		return refused{models.Errorf(models.Forbidden, "%s does not let this client read and send mail. Give it the permissions that the documentation's page “Mail accounts” names, and connect again. (%s)", o.who, said)}
	}
	return models.Errorf(models.Unavailable, "%s could not give an access token now: %s. It will be tried again.", o.host(), said)
}
