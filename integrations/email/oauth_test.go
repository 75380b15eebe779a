package email

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"onethread/integrations/email/mailtest"
	"onethread/models"
)

// renewing gives a box's host the stored refresh token of one channel; fail says that the disk is full.
type renewing struct {
	mu     sync.Mutex
	stored string
	fail   error
}

func (r *renewing) host(b *box) models.Host {
	h := b.host()
	h.Renew = func(_ context.Context, _ string, renew func(string) (string, error)) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		next, err := renew(r.stored)
		if err != nil {
			return err
		}
		if r.fail != nil {
			return r.fail
		}
		r.stored = next
		return nil
	}
	return h
}

func openOAuth(t *testing.T, s *mailtest.Stack, h models.Host, set map[string]string) models.Connection {
	t.Helper()
	settings := s.OAuthSettings(mailtest.Shop)
	maps.Copy(settings, set)
	conn, err := Provider.Open(models.Channel{ID: 7, Type: "email", Settings: settings, CreatedAt: models.At(time.Now().Add(-time.Minute))}, h)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestOAuthEndToEnd: mail arrives and leaves by access token at real servers, tokens that ran out or are refused
// are renewed unseen, and a permission taken back is said in words that tell what to do.
func TestOAuthEndToEnd(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	b, kept := newBox(t), &renewing{stored: s.OAuth.Grant(mailtest.Shop)}
	conn := openOAuth(t, s, kept.host(b), map[string]string{"poll_seconds": "1"})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); conn.Receiver.Receive(ctx, b.deliver) }()
	defer func() { cancel(); <-done }()
	b.live()
	s.Deliver(mailtest.Shop, "INBOX", letterOf("first"))
	b.awaitMails(1)
	if _, err := conn.Sender.Send(t.Context(), reply()); err != nil {
		t.Fatal(err)
	}
	s.Await(mailtest.Alice, "INBOX", 1)

	s.OAuth.Expire()
	s.Kick(mailtest.Shop)
	s.Deliver(mailtest.Shop, "INBOX", letterOf("second"))
	b.awaitMails(2)
	s.OAuth.Expire()
	if _, err := conn.Sender.Send(t.Context(), reply()); err != nil {
		t.Fatal("a refused token is replaced once, without a word:", err)
	}
	expectProblem(t, conn.Check(t.Context()), "", "")
	if _, wrong := s.OAuth.Renewed(); len(wrong) > 0 {
		t.Errorf("a refresh token was used twice or not kept: %v", wrong)
	}

	s.OAuth.Revoke()
	s.Kick(mailtest.Shop)
	b.await("the refusal", func() bool { return b.status.State == "refused" && strings.Contains(b.status.Problem, "Connect again") })
	_, err := conn.Sender.Send(t.Context(), reply())
	var e *models.SendError
	if !errors.As(err, &e) || !e.Pause || !strings.Contains(err.Error(), "Connect again") {
		t.Errorf("sending with a permission that was taken back: %v", err)
	}
	expectProblem(t, conn.Check(t.Context()), "OAuth 2", "Google no longer lets Onethread")
}

// TestOAuthTogether: reading, sending and checking ask at the same moment, and one renewal serves all.
func TestOAuthTogether(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	b, kept := newBox(t), &renewing{stored: s.OAuth.Grant(mailtest.Shop)}
	h := kept.host(b)
	settings, err := readSettings(s.OAuthSettings(mailtest.Shop))
	if err != nil {
		t.Fatal(err)
	}
	shared := newTokens(settings.oauth, h)
	all := func(of func(i int) *tokens, refusedOne string) {
		t.Helper()
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				if token, err := of(i).get(t.Context(), refusedOne); err != nil || token == "" || token == refusedOne {
					t.Errorf("%q %v", token, err)
				}
			})
		}
		wg.Wait()
	}
	all(func(int) *tokens { return shared }, "")
	all(func(int) *tokens { return shared }, shared.access)
	if n, _ := s.OAuth.Renewed(); n != 2 {
		t.Errorf("%d renewals for two needs", n)
	}
	all(func(int) *tokens { return newTokens(settings.oauth, h) }, "") // a check has the channel open by itself
	if _, wrong := s.OAuth.Renewed(); len(wrong) > 0 {
		t.Errorf("a refresh token was used twice: %v", wrong)
	}
	// What cannot be stored is not lost: it is used and stored with the next.
	kept.fail = errStore
	one := newTokens(settings.oauth, h)
	all(func(int) *tokens { return one }, "")
	kept.fail = nil
	all(func(int) *tokens { return one }, "")
	if _, wrong := s.OAuth.Renewed(); len(wrong) > 0 || one.unkept != "" {
		t.Errorf("after a full disk: %v, unkept %q", wrong, one.unkept)
	}
	// A token near its end is replaced before it.
	now := time.Now()
	h.Now = func() time.Time { return now }
	s.OAuth.Live(10 * time.Minute)
	timed := newTokens(settings.oauth, h)
	before, _ := timed.get(t.Context(), "")
	now = now.Add(8 * time.Minute)
	if same, _ := timed.get(t.Context(), ""); same != before {
		t.Error("renewed although it is still good")
	}
	now = now.Add(90 * time.Second)
	if next, err := timed.get(t.Context(), ""); err != nil || next == before {
		t.Errorf("not renewed before its end: %v", err)
	}
}

// TestOAuthMechanisms: both mechanisms open real servers, and a bad token is a refusal at both.
func TestOAuthMechanisms(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	b, kept := newBox(t), &renewing{stored: s.OAuth.Grant(mailtest.Shop)}
	h := kept.host(b)
	settings, err := readSettings(s.OAuthSettings(mailtest.Shop))
	if err != nil {
		t.Fatal(err)
	}
	good, err := newTokens(settings.oauth, h).get(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, mechanism := range []string{"XOAUTH2", "OAUTHBEARER"} {
		for token, want := range map[string]bool{good: true, "access-none": false} {
			imap, err := dialIMAP(t.Context(), settings.imap, 5*time.Second, h)
			if err != nil {
				t.Fatal(err)
			}
			err = imap.client.Authenticate(saslBearer{&bearer{mechanism, settings.imap, token}})
			if want != (err == nil) || !want && !errors.As(err, new(refused)) {
				t.Errorf("IMAP %s %q: %v", mechanism, token, err)
			}
			imap.close()
			smtp, err := dialSMTP(t.Context(), settings.smtp, 5*time.Second, h)
			if err != nil {
				t.Fatal(err)
			}
			err = smtp.client.Auth(smtpBearer{&bearer{mechanism, settings.smtp, token}})
			if want != (err == nil) {
				t.Errorf("SMTP %s %q: %v", mechanism, token, err)
			}
			smtp.close()
		}
	}
	if _, err := bearerFor(settings.imap, good, func(m string) bool { return m == "PLAIN" }); err == nil || !strings.Contains(err.Error(), "offers no login by OAuth 2") {
		t.Errorf("a server without either: %v", err)
	}
	if b, err := bearerFor(settings.imap, good, func(m string) bool { return m == "OAUTHBEARER" }); err != nil || b.mechanism != "OAUTHBEARER" {
		t.Errorf("%+v %v", b, err)
	}
}

// TestTokenEndpointsLie: whatever answers in the token endpoint's place, nothing but a sound token is used, nothing
// is sent on to elsewhere, and the words say what is wrong.
func TestTokenEndpointsLie(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	stolen := 0
	elsewhere := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { stolen++ })
	trap := serveWeb(t, elsewhere)
	say := func(status int, body string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(status)
			fmt.Fprint(w, body)
			return true
		}
	}
	for name, c := range map[string]struct {
		answer  func(http.ResponseWriter, *http.Request) bool
		refused bool
		words   string
	}{
		"redirect": {func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, trap, http.StatusTemporaryRedirect)
			return true
		}, false, "could not give an access token"},
		"huge":                {say(200, `{"access_token":"`+strings.Repeat("a", 1<<20)+`"}`), false, "no access token"},
		"long token":          {say(200, `{"access_token":"`+strings.Repeat("a", maxToken+1)+`"}`), false, "no access token"},
		"garbage":             {say(200, "<html>Sign in</html>"), false, "no access token"},
		"empty":               {say(200, "{}"), false, "no access token"},
		"token with an end":   {say(200, `{"access_token":"a\u0001auth=Bearer b","expires_in":3600}`), false, "no access token"},
		"refresh with spaces": {say(200, `{"access_token":"a","refresh_token":"b c"}`), false, "no access token"},
		"another kind":        {say(200, `{"access_token":"a","token_type":"mac"}`), false, "no access token"},
		"taken back":          {say(400, `{"error":"invalid_grant"}`), true, "Connect again"},
		"wrong secret":        {say(401, `{"error":"invalid_client","error_description":"AADSTS7000222: expired\r\nX: y"}`), true, "does not know this client id and secret"},
		"wrong scope":         {say(400, `{"error":"invalid_scope"}`), true, "Mail accounts"},
		"busy":                {say(503, `down`), false, "503"},
		"throttled":           {say(429, `{"error":"slow_down"}`), false, "slow_down"},
	} {
		s.OAuth.Breaks(c.answer)
		settings, err := readSettings(s.OAuthSettings(mailtest.Shop))
		if err != nil {
			t.Fatal(err)
		}
		settings.oauth.refresh = "r"
		_, err = newTokens(settings.oauth, newBox(t).host()).get(t.Context(), "")
		text := explain(err, settings.imap, "IMAP")
		if err == nil || errors.As(err, new(refused)) != c.refused || !strings.Contains(text, c.words) || strings.ContainsAny(text, "\r\n") || len(text) > 700 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if stolen > 0 {
		t.Error("a redirect was followed with the client's secret")
	}
	s.OAuth.Breaks(nil)
	for name, bad := range map[string]map[string]string{
		"oauth_client_id": {"oauth_client_id": ""}, "oauth_token_url": {"oauth_token_url": "https://user@token.example/"}, "oauth_authorize_url": {"oauth_authorize_url": "javascript:alert(1)"},
		"oauth_tenant": {"oauth_tenant": "a/../b?c"}, "oauth_refresh_token": {"oauth_refresh_token": "a\x01b"}, "login": {"login": "perhaps"},
	} {
		settings := s.OAuthSettings(mailtest.Shop)
		maps.Copy(settings, bad)
		var e *models.Error
		if _, err := readSettings(settings); !errors.As(err, &e) || e.Field != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	open := s.OAuthSettings(mailtest.Shop)
	delete(open, "allow_private")
	if _, err := readSettings(open); err == nil {
		t.Error("credentials may go unencrypted to anywhere")
	}
}

// TestWhereTheOwnerIsSent: the request is the provider's own form of RFC 6749 with PKCE.
func TestWhereTheOwnerIsSent(t *testing.T) {
	base := map[string]string{"address": "shop@casa.example", "imap_host": "i", "smtp_host": "s", "oauth_client_id": "abc"}
	for login, want := range map[string]string{
		"google":    "https://accounts.google.com/o/oauth2/v2/auth https://mail.google.com/ offline",
		"microsoft": "https://login.microsoftonline.com/casa.onmicrosoft.com/oauth2/v2.0/authorize https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access ",
	} {
		settings := maps.Clone(base)
		settings["login"], settings["oauth_tenant"] = login, "casa.onmicrosoft.com"
		address, err := askConsent(settings, models.Asking{Return: "https://desk.casa.example/settings/consent", State: "s.t", Verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"})
		if err != nil {
			t.Fatal(err)
		}
		u, _ := url.Parse(address)
		q := u.Query()
		if got := u.Scheme + "://" + u.Host + u.Path + " " + q.Get("scope") + " " + q.Get("access_type"); got != want {
			t.Errorf("%s: %s", login, got)
		}
		// The challenge of RFC 7636, appendix B.
		if q.Get("code_challenge") != "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" || q.Get("code_challenge_method") != "S256" || q.Get("state") != "s.t" ||
			q.Get("redirect_uri") != "https://desk.casa.example/settings/consent" || q.Get("login_hint") != "shop@casa.example" || q.Get("client_id") != "abc" {
			t.Errorf("%s: %s", login, address)
		}
	}
}
