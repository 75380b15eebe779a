package twilio

import (
	"encoding/json"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"onethread/integrations/conformance"
	"onethread/integrations/twilio/twiliotest"
	"onethread/models"
)

const (
	public = "https://inbox.example.com"
	token  = "0123456789abcdef0123456789abcdef"
	hookAt = public + "/webhooks/twilio/4/sms"
)

var (
	now   = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	ana   = "+351912007031"
	sidA  = "SMa1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"
	acctA = "AC00000000000000000000000000000000"
)

// accountOf opens a channel with the given settings over the conformance host.
func accountOf(t *testing.T, settings map[string]string, change ...func(*models.Host)) *account {
	t.Helper()
	h := conformance.Host()
	h.URL = public
	for _, c := range change {
		c(&h)
	}
	a, err := newAccount(models.Channel{ID: 4, Settings: settings}, h)
	if err != nil {
		t.Fatal(err)
	}
	a.again, a.call = 10*time.Millisecond, 5*time.Second
	return a
}

// plain are settings that lead to Twilio itself, for what never leaves the machine.
func plain() map[string]string {
	return map[string]string{"account_sid": acctA, "auth_token": token, "number": "+12028831111"}
}

func with(settings map[string]string, pairs ...string) map[string]string {
	out := maps.Clone(settings)
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = pairs[i+1]
	}
	return out
}

// textForm is a customer's message as Twilio announces it.
func textForm(body string, pairs ...string) url.Values {
	f := url.Values{"MessageSid": {sidA}, "AccountSid": {acctA}, "From": {ana}, "To": {"+12028831111"}, "Body": {body}, "NumMedia": {"0"}}
	for i := 0; i < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return f
}

// signed is a signed call with a form.
func signed(path string, f url.Values) models.HookRequest {
	at := public + "/webhooks/twilio/4/" + path
	return models.HookRequest{Method: "POST", URL: at, Path: path, Body: []byte(f.Encode()), Now: now,
		Header: map[string][]string{signatureHeader: {twiliotest.Sign(token, at, f)}}}
}

func fixture(t *testing.T, parts ...string) []byte {
	t.Helper()
	path := filepath.Join(append([]string{twiliotest.Shared(t), "fixtures", "channels", "twilio"}, parts...)...)
	b, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		t.Skipf("%s is missing: set ONETHREAD_SHARED to the folder with the shared fixtures", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// recorded is a shared fixture's call, as its meta file describes it.
type recorded struct {
	Token   string            `json:"auth_token"`
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
	Params  map[string]string `json:"params"`
}

func call4(t *testing.T, name, path string) (recorded, models.HookRequest) {
	t.Helper()
	var r recorded
	if err := json.Unmarshal(fixture(t, name+".meta.json"), &r); err != nil {
		t.Fatal(err)
	}
	req := models.HookRequest{Method: r.Method, URL: r.URL, Path: path, Body: []byte(strings.TrimSuffix(string(fixture(t, name+".form")), "\n")), Now: now, Header: map[string][]string{}}
	for k, v := range r.Headers {
		req.Header.Set(k, v)
	}
	return r, req
}

func openHook(t *testing.T) models.Hook { return hook{accountOf(t, plain())} }

func TestConformance(t *testing.T) {
	unsigned := signed("sms", textForm("hello"))
	unsigned.Header = map[string][]string{}
	changed := signed("sms", textForm("hello"))
	changed.Body = []byte(strings.Replace(string(changed.Body), "hello", "hallo", 1))
	noSID := textForm("hello")
	noSID.Del("MessageSid")
	nobody := textForm("hello")
	nobody.Del("From")
	fake := twiliotest.Start(t)
	for range 7 {
		fake.Store(ana, "hello")
	}
	conformance.Run(t, conformance.Case{
		Provider: Provider, Settings: plain(),
		Wrong: map[string]string{"account_sid": "AC12", "auth_token": "with-dashes", "number": "0912 007 031", "api_key_sid": "SK1", "api_key_secret": "abc/def",
			"messaging_service_sid": "MG", "country": "USA", "base_url": "ftp://x", "poll_minutes": "0", "old_auth_token": "a b"},
		Hook: &conformance.Hook{
			Open: openHook,
			Good: map[string]models.HookRequest{"message": signed("sms", textForm("hello")), "report": signed("status", reportForm("delivered", ""))},
			Forged: map[string]models.HookRequest{"unsigned": unsigned, "changed body": changed,
				"other account": signed("sms", textForm("hello", "AccountSid", "AC11111111111111111111111111111111"))},
			Malformed: map[string]models.HookRequest{"no message id": signed("sms", noSID), "no sender": signed("sms", nobody), "empty": signed("sms", url.Values{}),
				"unknown state": signed("status", reportForm("vanished", "")), "unknown path": signed("voice", textForm("hello")),
				"WhatsApp": signed("sms", textForm("hello", "From", "whatsapp:+351912007031")), "a name cut up anew": signed("sms", textForm("hello", "MessageSid", sidA+"To"))},
		},
		Send: &conformance.Send{
			Answers: []conformance.Answer{conformance.Accepts, conformance.RefusesMessage, conformance.Busy, conformance.RefusesChannel},
			Open:    sendingTo, Out: models.Outbound{To: ana, Text: "Your desk is ready.", Attempt: 1},
		},
		Receive: &conformance.Receive{Items: 7, Open: func(t *testing.T) models.Receiver { return &receiver{account: accountOf(t, fake.Settings())} }},
	})
}

func sendingTo(t *testing.T, answer conformance.Answer) models.Sender {
	fake := twiliotest.Start(t)
	settings := fake.Settings()
	switch answer {
	case conformance.RefusesMessage:
		fake.OnSend(twiliotest.Refuses(400, 21211))
	case conformance.Busy:
		fake.OnSend(twiliotest.TooFast(time.Minute))
	case conformance.RefusesChannel:
		settings["auth_token"] = "anothertoken"
	}
	return accountOf(t, settings)
}

func reportForm(status, code string) url.Values {
	f := url.Values{"MessageSid": {sidA}, "SmsSid": {sidA}, "MessageStatus": {status}, "AccountSid": {acctA}, "To": {ana}}
	if code != "" {
		f.Set("ErrorCode", code)
	}
	return f
}

func TestSettingsNameWhatIsMissing(t *testing.T) {
	for field, s := range map[string]map[string]string{
		"account_sid": with(plain(), "account_sid", ""), "auth_token": with(plain(), "auth_token", ""), "number": with(plain(), "number", ""),
		"api_key_secret": with(plain(), "api_key_sid", "SK00000000000000000000000000000000"), "api_key_sid": with(plain(), "api_key_secret", "abc"),
		"base_url": with(plain(), "base_url", "http://twilio.test"),
	} {
		e, ok := Provider.Validate(s).(*models.Error)
		if !ok || e.Field != field {
			t.Errorf("%v: %v, want field %s", s, e, field)
		}
	}
	if err := Provider.Validate(with(plain(), "number", "", "messaging_service_sid", "MG00000000000000000000000000000000")); err != nil {
		t.Error("a messaging service needs no number:", err)
	}
	if err := Provider.Validate(with(plain(), "base_url", "http://twilio.test", "allow_private", "true")); err != nil {
		t.Error("a test server may speak plain http:", err)
	}
}
