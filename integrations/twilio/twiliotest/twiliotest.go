// Package twiliotest is a stand-in for Twilio in tests: a server with accounts, numbers, messages and
// files that remembers what it was told, fails as asked, and makes signed calls as Twilio does.
package twiliotest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// Fake is one account at a Twilio of its own. Its fields may be changed before the first call.
type Fake struct {
	SID, Token string           // the account's
	Number     string           // its one phone number, E.164
	Service    string           // its one messaging service
	SMSURL     string           // where messages to Number are announced; empty = nowhere, only a poll finds them
	SMSMethod  string           // what the number says of how to call it; POST unless changed
	Now        func() time.Time // its clock, which it tells in Date headers too
	Between    func()           // called between two tries of one call to a webhook; nil = they follow at once
	Suspended  bool

	api, cdn *httptest.Server
	t        testing.TB

	mu       sync.Mutex
	messages []*Message // oldest first
	blocked  map[string]bool
	script   map[string][]Behaviour // "send", "list" or "media" → what comes next
	calls    []Call
	leaks    int
	redirect string
	made     int
}

// Message is one message at the fake, in either direction.
type Message struct {
	SID, From, To, Body, Service string
	Direction                    string // inbound or outbound-api
	Status                       string
	Code                         int
	StatusCallback               string
	MediaURL                     []string // of what we sent: where Twilio would fetch the files
	Files                        []File   // of what came in
	Created                      time.Time
}

// File is a picture or the like that came with a message.
type File struct {
	Type string
	Body []byte
	sid  string
	gone bool
}

// Call is a call of the API that arrived, whatever became of it.
type Call struct{ Method, Path, User string }

// Start runs a fake until the test ends. It listens on loopback, so its channel needs allow_private.
func Start(t testing.TB) *Fake {
	f := &Fake{SID: "AC" + strings.Repeat("0a", 16), Token: "0123456789abcdef0123456789abcdef", Number: "+12028831111", Service: "MG" + strings.Repeat("0b", 16),
		SMSMethod: "POST", Now: time.Now, t: t, blocked: map[string]bool{}, script: map[string][]Behaviour{}}
	f.api = httptest.NewServer(http.HandlerFunc(f.serve))
	f.cdn = httptest.NewServer(http.HandlerFunc(f.content))
	t.Cleanup(f.cdn.Close)
	t.Cleanup(f.api.Close)
	return f
}

// URL is the fake's base address.
func (f *Fake) URL() string { return f.api.URL }

// Settings are a channel's settings that lead to the fake.
func (f *Fake) Settings() map[string]string {
	return map[string]string{"account_sid": f.SID, "auth_token": f.Token, "number": f.Number, "base_url": f.URL(), "allow_private": "true"}
}

// Calls lists every call of the API so far.
func (f *Fake) Calls() []Call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Call(nil), f.calls...)
}

func (f *Fake) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", f.Now().UTC().Format(http.TimeFormat))
	user, password, _ := r.BasicAuth()
	f.mu.Lock()
	f.calls = append(f.calls, Call{r.Method, r.URL.Path, user})
	b, ok := f.next(r)
	f.mu.Unlock()
	if ok && !b(f, w, r) {
		return
	}
	rest, ours := strings.CutPrefix(r.URL.Path, "/2010-04-01/Accounts/"+f.SID)
	switch {
	case password != f.Token || user != f.SID:
		refuse(w, 401, 20003, "Authenticate")
	case !ours:
		refuse(w, 404, 20404, "The requested resource "+r.URL.Path+" was not found")
	case f.Suspended:
		refuse(w, 403, 20005, "Account not active")
	default:
		f.route(w, r, rest)
	}
}

func (f *Fake) route(w http.ResponseWriter, r *http.Request, path string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	parts := strings.Split(strings.Trim(path, "/"), "/")
	switch {
	case path == ".json" && r.Method == "GET":
		reply(w, 200, map[string]any{"sid": f.SID, "status": "active", "friendly_name": "Test shop", "type": "Full"})
	case path == "/Messages.json" && r.Method == "POST":
		f.create(w, r)
	case path == "/Messages.json" && r.Method == "GET":
		f.list(w, r)
	case path == "/IncomingPhoneNumbers.json" && r.Method == "GET":
		f.numbers(w, r)
	case len(parts) == 3 && parts[2] == "Media.json" && r.Method == "GET":
		f.listMedia(w, parts[1])
	case len(parts) == 4 && parts[2] == "Media" && r.Method == "GET":
		f.media(w, r, parts[1], parts[3])
	default:
		refuse(w, 404, 20404, "The requested resource "+r.URL.Path+" was not found")
	}
}

func (f *Fake) numbers(w http.ResponseWriter, r *http.Request) {
	list := []any{}
	if want := r.URL.Query().Get("PhoneNumber"); want == "" || want == f.Number {
		list = append(list, map[string]any{"sid": "PN" + strings.Repeat("0c", 16), "phone_number": f.Number, "sms_url": f.SMSURL, "sms_method": f.SMSMethod,
			"capabilities": map[string]bool{"sms": true, "mms": true, "voice": true}})
	}
	reply(w, 200, map[string]any{"incoming_phone_numbers": list, "uri": r.URL.RequestURI(), "first_page_uri": r.URL.RequestURI(), "next_page_uri": nil})
}

// sid makes an id that the account has not had yet.
func (f *Fake) sid(prefix string) string {
	f.made++
	return fmt.Sprintf("%s%032x", prefix, f.made)
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// refuse answers as Twilio does when it says no.
func refuse(w http.ResponseWriter, status, code int, message string) {
	reply(w, status, map[string]any{"status": status, "code": code, "message": message, "more_info": fmt.Sprint("https://www.twilio.com/docs/errors/", code)})
}
