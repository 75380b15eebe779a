package email

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"net/url"
	"strings"

	"onethread/models"
)

// oauth is how a mailbox is opened by its owner's consent (RFC 6749) in place of a password.
type oauth struct {
	who                    string // "Google", for people
	clientID, clientSecret string
	refresh                string // the refresh token; empty = not connected yet
	authorizeURL, tokenURL string
	scope                  string
	roots                  *x509.CertPool
	allowPlain             bool // http too: on private addresses only
	askExtra               url.Values
}

// consentPreset is what is known of a provider that takes no passwords, or need not. {tenant} stands for the
// organisation at Microsoft.
type consentPreset struct {
	who, authorize, token, scope string
	extra                        string // query of the address that the owner is sent to
}

// consentPresets are the providers, by the value of the setting "login". Google: developers.google.com/identity/protocols/oauth2/web-server
// (access_type and prompt make it give a refresh token every time). Microsoft: learn.microsoft.com/exchange,
// "Authenticate an IMAP, POP or SMTP connection using OAuth".
var consentPresets = map[string]consentPreset{
	"google": {"Google", "https://accounts.google.com/o/oauth2/v2/auth", "https://oauth2.googleapis.com/token", "https://mail.google.com/", "access_type=offline&prompt=consent"},
	"microsoft": {"Microsoft", "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize", "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
		"https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access", "prompt=select_account"},
}

// consent reads the settings of a mailbox that is opened so; nil = it has a password.
func (r *settingReader) consent(roots *x509.CertPool) *oauth {
	login := r.choice("login")
	preset, ok := consentPresets[login]
	if !ok {
		return nil
	}
	tenant := r.text("oauth_tenant")
	if strings.Trim(tenant, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-") != "" {
		r.fail("oauth_tenant", "%q is no tenant. It is the directory (tenant) id of your Entra overview page, or common.", tenant)
	}
	fill := strings.NewReplacer("{tenant}", tenant)
	o := &oauth{who: preset.who, clientID: r.text("oauth_client_id"), clientSecret: r.values["oauth_client_secret"], refresh: r.values["oauth_refresh_token"],
		scope: or(r.text("oauth_scope"), preset.scope), roots: roots, allowPlain: r.text("allow_private") == "true"}
	o.askExtra, _ = url.ParseQuery(preset.extra)
	o.authorizeURL = r.endpoint("oauth_authorize_url", fill.Replace(preset.authorize))
	o.tokenURL = r.endpoint("oauth_token_url", fill.Replace(preset.token))
	if o.clientID == "" {
		r.fail("oauth_client_id", "The client id is missing. %s gives you one; the page “Mail accounts” of the documentation shows where, step by step.", o.who)
	}
	for _, key := range []string{"oauth_client_id", "oauth_client_secret", "oauth_refresh_token"} {
		if v := r.values[key]; len(v) > maxToken || !soundSecret(strings.TrimSpace(v)) {
			r.fail(key, "This is none: it has odd characters in it. Copy it again.")
		}
	}
	return o
}

// endpoint is an address that credentials are sent to: encrypted, unless it stands in the shop's own network.
func (r *settingReader) endpoint(key, preset string) string {
	address := or(r.text(key), preset)
	u, err := url.Parse(address)
	plain := err == nil && u.Scheme == "http" && r.text("allow_private") == "true"
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || u.Scheme != "https" && !plain {
		r.fail(key, "%q is no address for this. It should begin with https:// and name a server.", address)
	}
	return address
}

// soundSecret tells what can stand in a form field and a SASL answer: visible ASCII.
func soundSecret(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// consentNeeded is models.Consent's Needed.
func consentNeeded(settings map[string]string) string { return consentPresets[settings["login"]].who }

// askConsent is models.Consent's Ask: the authorization request with PKCE (RFC 7636).
func askConsent(settings map[string]string, a models.Asking) (string, error) {
	s, err := readSettings(settings)
	if err != nil {
		return "", err
	}
	u, err := url.Parse(s.oauth.authorizeURL)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(a.Verifier))
	q := u.Query()
	for k, v := range s.oauth.askExtra {
		q[k] = v
	}
	for k, v := range map[string]string{"response_type": "code", "client_id": s.oauth.clientID, "redirect_uri": a.Return, "scope": s.oauth.scope, "state": a.State,
		"code_challenge": base64.RawURLEncoding.EncodeToString(sum[:]), "code_challenge_method": "S256", "login_hint": s.imap.username} {
		q.Set(k, v)
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// settleConsent is models.Consent's Settle: the code becomes a refresh token.
func settleConsent(ctx context.Context, c models.Channel, host models.Host, a models.Asking, code string) (map[string]string, error) {
	s, err := readSettings(c.Settings)
	if err != nil {
		return nil, err
	}
	got, err := s.oauth.grant(ctx, host, url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {a.Return}, "code_verifier": {a.Verifier}})
	if err != nil {
		return nil, models.Errorf(models.Invalid, "%s", explain(err, s.imap, "sign-in"))
	}
	if got.Refresh == "" {
		return nil, models.Errorf(models.Invalid, "%s gave no lasting permission (no refresh token). Take Onethread off the list of connected apps in your account there, and connect again.", s.oauth.who)
	}
	return map[string]string{"oauth_refresh_token": got.Refresh}, nil
}
