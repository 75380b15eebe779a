package mailtest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// OAuth is an authorization server for the mailboxes: it asks nobody, takes each code and refresh token once, and
// Dovecot asks it about access tokens. Its client is ClientID with the secret Password.
type OAuth struct {
	URL string

	mu      sync.Mutex
	codes   map[string]code
	refresh map[string]string // refresh token → mailbox
	access  map[string]string // access token → mailbox
	life    time.Duration
	renewed int
	wrong   []string
	broken  func(w http.ResponseWriter, r *http.Request) bool // answers in its own way and reports true; nil = never
}

type code struct{ mailbox, challenge, back string }

// ClientID is the one client that the server knows.
const ClientID = "onethread-test-client"

func startOAuth(port int) (*OAuth, *http.Server, error) {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, nil, err
	}
	o := &OAuth{URL: "http://" + l.Addr().String(), codes: map[string]code{}, refresh: map[string]string{}, access: map[string]string{}, life: time.Hour}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /authorize", o.authorize)
	mux.HandleFunc("POST /token", o.token)
	mux.HandleFunc("GET /introspect", o.introspect)
	server := &http.Server{Handler: mux}
	go server.Serve(l)
	return o, server, nil
}

// Grant gives a refresh token for a mailbox, as if its owner had agreed.
func (o *OAuth) Grant(mailbox string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	token := "refresh-" + secret()
	o.refresh[token] = mailbox
	return token
}

// Expire makes every access token bad, though none is told.
func (o *OAuth) Expire() { o.mu.Lock(); defer o.mu.Unlock(); clear(o.access) }

// Revoke takes back everything, as an owner does in the account's settings.
func (o *OAuth) Revoke() { o.mu.Lock(); defer o.mu.Unlock(); clear(o.access); clear(o.refresh) }

// Live sets how long the access tokens from now on are good.
func (o *OAuth) Live(d time.Duration) { o.mu.Lock(); defer o.mu.Unlock(); o.life = d }

// Breaks sets what answers in the token endpoint's place; nil mends it.
func (o *OAuth) Breaks(with func(w http.ResponseWriter, r *http.Request) bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.broken = with
}

// Renewed is how often a refresh token was used, and what was asked wrongly.
func (o *OAuth) Renewed() (times int, wrong []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.renewed, o.wrong
}

// OAuthSettings are those of a mailbox that is opened with the authorization server.
func (s *Stack) OAuthSettings(address string) map[string]string {
	settings := s.Settings(address)
	delete(settings, "password")
	maps.Copy(settings, map[string]string{"login": "google", "oauth_client_id": ClientID, "oauth_client_secret": Password,
		"oauth_authorize_url": s.OAuth.URL + "/authorize", "oauth_token_url": s.OAuth.URL + "/token"})
	return settings
}

func secret() string {
	b := make([]byte, 16)
	rand.Read(b)
	return hex.EncodeToString(b)
}

// authorize sends the browser back at once: the owner of the mailbox in login_hint agrees.
func (o *OAuth) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("client_id") != ClientID || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("scope") == "" {
		http.Error(w, "a bad authorization request: "+r.URL.RawQuery, http.StatusBadRequest)
		return
	}
	o.mu.Lock()
	c := "code-" + secret()
	o.codes[c] = code{q.Get("login_hint"), q.Get("code_challenge"), back.String()}
	o.mu.Unlock()
	back.RawQuery = url.Values{"code": {c}, "state": {q.Get("state")}}.Encode()
	http.Redirect(w, r, back.String(), http.StatusFound)
}

func (o *OAuth) token(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.broken != nil && o.broken(w, r) {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	mailbox, problem := o.grantee(r)
	if problem != "" {
		o.wrong = append(o.wrong, problem)
		w.WriteHeader(http.StatusBadRequest)
		json.NewEncoder(w).Encode(map[string]string{"error": problem, "error_description": "Token has been expired or revoked."})
		return
	}
	access, refresh := "access-"+secret(), "refresh-"+secret()
	o.access[access], o.refresh[refresh] = mailbox, mailbox
	json.NewEncoder(w).Encode(map[string]any{"access_token": access, "refresh_token": refresh, "expires_in": int(o.life.Seconds()), "token_type": "Bearer"})
}

// grantee is whose mailbox a token request may open. Codes and refresh tokens are good once.
func (o *OAuth) grantee(r *http.Request) (mailbox, problem string) {
	if r.FormValue("client_id") != ClientID || r.FormValue("client_secret") != Password {
		return "", "invalid_client"
	}
	switch r.FormValue("grant_type") {
	case "authorization_code":
		c, ok := o.codes[r.FormValue("code")]
		delete(o.codes, r.FormValue("code"))
		sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		if !ok || base64.RawURLEncoding.EncodeToString(sum[:]) != c.challenge || r.FormValue("redirect_uri") != c.back {
			return "", "invalid_grant"
		}
		return c.mailbox, ""
	case "refresh_token":
		o.renewed++
		mailbox, ok := o.refresh[r.FormValue("refresh_token")]
		delete(o.refresh, r.FormValue("refresh_token"))
		if !ok {
			return "", "invalid_grant"
		}
		return mailbox, ""
	}
	return "", "unsupported_grant_type"
}

// introspect is what Dovecot asks.
func (o *OAuth) introspect(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	mailbox, ok := o.access[r.URL.Query().Get("token")]
	o.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if !ok {
		w.WriteHeader(http.StatusUnauthorized)
	}
	json.NewEncoder(w).Encode(map[string]any{"active": ok, "email": mailbox})
}
