package handlers

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"onethread/handlers/api"
)

// hookEndings are what the addresses to copy end with: Twilio's override of its retries must be copied
// with the rest.
var hookEndings = map[string]string{"shopify": "", "woocommerce": "", "twilio": "/sms#rc=4&rp=all", "generic": ""}

// connected adds a channel by its form, as the owner does, without the secrets that are made here.
func connected(t *testing.T, kind string) (s *stall, page string) {
	t.Helper()
	s = openStall(t, kind)
	csrf := s.csrf()
	form := url.Values{"name": {"The shop's " + kind}, "_csrf": {csrf}}
	for k, v := range s.door.settings {
		form.Set("set."+k, v)
	}
	s.secret = "pasted from the provider 0123456"
	switch kind {
	case "shopify":
		form.Set("set.secret", s.secret)
	case "twilio":
		s.secret = strings.Repeat("fedcba98", 4)
		form.Set("set.auth_token", s.secret)
	default:
		form.Del("set.secret") // it is made here
	}
	resp, page := s.ask(t, "POST", "/settings/channels/new/"+kind, form.Encode(), "Cookie", s.cookie)
	if resp.StatusCode != http.StatusOK {
		t.Fatal(resp.StatusCode, page)
	}
	all, err := s.deps.Store.Channels(s.deps.Store.Read(t.Context()))
	s.must(err)
	s.channel = all[len(all)-1]
	s.path = "/webhooks/" + kind + "/" + s.channel.ID.String() + s.door.path
	if made := s.channel.Settings["secret"]; made != "" {
		s.secret = made // or the one that was pasted
	}
	return s, page
}

func (s *till) csrf() string {
	s.t.Helper()
	_, cookie, _ := strings.Cut(s.cookie, "=")
	session, _, err := s.auth.Session(s.t.Context(), cookie)
	s.must(err)
	return session.CSRF
}

// copies tells whether a page offers exactly this to copy.
func copies(page, value string) bool {
	value = strings.ReplaceAll(value, "&", "&amp;")
	return strings.Contains(page, `<code>`+value+`</code>`) && strings.Contains(page, `data-copy="`+value+`"`)
}

// TestChannelPagesTellWhatToCopy: the exact webhook address of each provider, on the answer to
// connecting and later, and when its provider last called: on the list, the page and in the API.
func TestChannelPagesTellWhatToCopy(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			s, fresh := connected(t, kind)
			at := "/settings/channels/" + s.channel.ID.String()
			address := home + "/webhooks/" + kind + "/" + s.channel.ID.String() + hookEndings[kind]
			page := func(path string) string {
				resp, body := s.ask(t, "GET", path, "", "Cookie", s.cookie)
				if resp.StatusCode != http.StatusOK {
					t.Fatal(path, resp.StatusCode)
				}
				return body
			}
			if later := page(at); !copies(fresh, address) || !copies(later, address) {
				t.Errorf("the page does not offer %s to copy", address)
			} else if !strings.Contains(later, "no webhook has arrived yet") || strings.Contains(later, "last webhook") {
				t.Error("the page tells of a webhook before there was one")
			}
			if got := s.view(); got["called_at"] != nil || !slices.Contains(got["webhooks"].([]any), any(address)) {
				t.Errorf("before the first call: %v", got)
			}
			if status, answer := s.call(s.good(1)); status != 200 {
				t.Fatal(status, answer)
			}
			for _, path := range []string{at, "/settings/channels"} {
				if body := page(path); !strings.Contains(body, "last webhook") || path == at && strings.Contains(body, "no webhook has arrived yet") {
					t.Errorf("%s does not tell of the call", path)
				}
			}
			s.calledNow()
			s.ahead.Add(int64(time.Minute))
			if resp, body := s.ask(t, "POST", s.path, s.good(2)); resp.StatusCode != 401 {
				t.Errorf("unsigned: %d %s", resp.StatusCode, body)
			}
			s.ahead.Store(0)
			s.calledNow()
		})
	}
}

// view is the channel as the API shows it.
func (s *stall) view() (out map[string]any) {
	s.t.Helper()
	resp, body := s.api("GET", "/channels/"+s.channel.ID.String(), "")
	if err := json.Unmarshal([]byte(body), &out); err != nil || resp.StatusCode != http.StatusOK {
		s.t.Fatal(resp.StatusCode, err, body)
	}
	return out
}

// calledNow: the API tells of a call within the last ten seconds, by RFC 3339.
func (s *stall) calledNow() {
	s.t.Helper()
	said, _ := s.view()["called_at"].(string)
	at, err := time.Parse(time.RFC3339, said)
	if age := time.Since(at); err != nil || age < -time.Second || age > 10*time.Second {
		s.t.Errorf("called_at is %q: %v, %v ago", said, err, age)
	}
}

// TestSecretsMadeHere are shown when the channel is connected and whenever they are asked for later,
// by who may; renewed, the new one and the one before sign calls. What the owner pasted is never shown.
func TestSecretsMadeHere(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			s, fresh := connected(t, kind)
			at := "/settings/channels/" + s.channel.ID.String()
			ask := func(form url.Values) (int, string) {
				form.Set("_csrf", s.csrf())
				resp, body := s.ask(t, "POST", at+"/secret", form.Encode(), "Cookie", s.cookie, "HX-Request", "true")
				return resp.StatusCode, body
			}
			_, later := s.ask(t, "GET", at, "", "Cookie", s.cookie)
			made := kind == "woocommerce" || kind == "generic"
			if strings.Contains(later, s.secret) || strings.Contains(fresh, s.secret) != made || strings.Contains(later, `hx-post="`+at+`/secret"`) != made {
				t.Errorf("made here: %v; the answer shows it: %v, the page later: %v", made, strings.Contains(fresh, s.secret), strings.Contains(later, s.secret))
			}
			if strings.Contains(fresh+later, "shown once") {
				t.Error("the page says that the secret is shown once")
			}
			if !made {
				for _, key := range []string{"secret", "auth_token", "old_secret"} {
					if status, body := ask(url.Values{"key": {key}}); status != 422 || strings.Contains(body, s.secret) {
						t.Errorf("what was pasted as %s: %d %s", key, status, body)
					}
				}
				return
			}
			if status, body := ask(url.Values{"key": {"secret"}}); status != 200 || !copies(body, s.secret) {
				t.Errorf("asked for: %d %s", status, body)
			}
			if status, body := ask(url.Values{"key": {"old_secret"}}); status != 422 {
				t.Errorf("the one before: %d %s", status, body)
			}
			before := s.secret
			status, body := ask(url.Values{"key": {"secret"}, "new": {"1"}})
			c, err := s.deps.Store.Channel(s.deps.Store.Read(t.Context()), s.channel.ID)
			s.must(err)
			if status != 200 || c.Settings["secret"] == before || !copies(body, c.Settings["secret"]) {
				t.Fatalf("renewed: %d %s", status, body)
			}
			for n, secret := range []string{before, c.Settings["secret"]} {
				s.secret = secret
				s.next(n, "renewing the secret")
			}
			s.ask(t, "POST", at+"/secret", url.Values{"key": {"secret"}, "new": {"1"}, "_csrf": {s.csrf()}}.Encode(), "Cookie", s.cookie)
			s.secret = before
			if status, _ := s.call(s.good(9)); status != 401 {
				t.Errorf("signed with the one before the one before: %d", status)
			}
		})
	}
}

// TestChannelsAreDescribed: what the API says of a channel stands in openapi.json, field by field.
func TestChannelsAreDescribed(t *testing.T) {
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct{ Format string }
			}
		}
	}
	if err := json.Unmarshal(api.Description, &doc); err != nil {
		t.Fatal(err)
	}
	told, s := doc.Components.Schemas["Channel"].Properties, openStall(t, "woocommerce")
	for field := range s.view() {
		if _, ok := told[field]; !ok {
			t.Errorf("openapi.json does not tell of a channel's %s", field)
		}
	}
	if told["called_at"].Format != "date-time" {
		t.Errorf("called_at is told as %+v", told["called_at"])
	}
}
