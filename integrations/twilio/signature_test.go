package twilio

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"onethread/integrations/twilio/twiliotest"
	"onethread/models"
)

// TestTwiliosVectors holds the check of signatures to the vectors of Twilio's own library.
func TestTwiliosVectors(t *testing.T) {
	type vector struct {
		URL, Signature string
		RawBody        string            `json:"raw_body"`
		Params         map[string]string `json:"params"`
	}
	var all struct {
		Token string   `json:"auth_token"`
		Form  []vector `json:"form"`
		JSON  []vector `json:"json"`
	}
	if err := json.Unmarshal(fixture(t, "signature_vectors.json"), &all); err != nil {
		t.Fatal(err)
	}
	a := accountOf(t, with(plain(), "auth_token", all.Token))
	for _, v := range append(all.Form, all.JSON...) {
		body := v.RawBody
		if body == "" {
			f := url.Values{}
			for k, x := range v.Params {
				f.Set(k, x)
			}
			body = f.Encode()
		}
		req := models.HookRequest{Method: "POST", URL: v.URL, Body: []byte(body), Header: http.Header{signatureHeader: {v.Signature}}}
		if err := a.verify(req); err != nil {
			t.Errorf("%s: %v", v.URL, err)
		}
		req.Body = append(req.Body, "&x=y"...)
		if a.verify(req) == nil {
			t.Errorf("%s: a changed body passes", v.URL)
		}
	}
}

// TestForgeries are security.md's S24 for Twilio.
func TestForgeries(t *testing.T) {
	good := func() models.HookRequest { return signed("sms", textForm("hello")) }
	signature := good().Header.Get(signatureHeader)
	for name, change := range map[string]func(*models.HookRequest){
		"no signature":         func(r *models.HookRequest) { r.Header.Del(signatureHeader) },
		"empty signature":      func(r *models.HookRequest) { r.Header.Set(signatureHeader, "") },
		"short signature":      func(r *models.HookRequest) { r.Header.Set(signatureHeader, signature[:20]) },
		"upper-case signature": func(r *models.HookRequest) { r.Header.Set(signatureHeader, strings.ToUpper(signature)) },
		"signature twice":      func(r *models.HookRequest) { r.Header.Add(signatureHeader, signature) },
		"second signature":     func(r *models.HookRequest) { r.Header.Add(signatureHeader, "x") },
		"a parameter more":     func(r *models.HookRequest) { r.Body = append(r.Body, "&OptOutType=STOP"...) },
		"one byte less":        func(r *models.HookRequest) { r.Body = r.Body[:len(r.Body)-1] },
		"http for https":       func(r *models.HookRequest) { r.URL = strings.Replace(r.URL, "https", "http", 1) },
		"another port": func(r *models.HookRequest) {
			r.Header.Set(signatureHeader, twiliotest.Sign(token, strings.Replace(r.URL, ".com/", ".com:8443/", 1), textForm("hello")))
		},
		"the proxy's own host": func(r *models.HookRequest) { r.URL = strings.Replace(r.URL, "inbox.example.com", "app:8080", 1) },
		"another channel":      func(r *models.HookRequest) { r.URL = strings.Replace(r.URL, "/4/", "/5/", 1) },
		"a query more":         func(r *models.HookRequest) { r.URL += "?a=b" },
		"as JSON":              func(r *models.HookRequest) { r.Body = []byte(`{"Body":"hello"}`) },
		"as GET":               func(r *models.HookRequest) { r.Method = "GET" },
		"as PUT":               func(r *models.HookRequest) { r.Method = "PUT" },
		"signed with nothing": func(r *models.HookRequest) {
			r.Header.Set(signatureHeader, twiliotest.Sign("", r.URL, textForm("hello")))
		},
		"signed with the SID": func(r *models.HookRequest) {
			r.Header.Set(signatureHeader, twiliotest.Sign(acctA, r.URL, textForm("hello")))
		},
		"hash without the form": func(r *models.HookRequest) { r.URL += "?bodySHA256=00" },
	} {
		req := good()
		change(&req)
		if got, err := openHook(t).Parse(req); !models.IsCode(err, models.Unsigned) || len(got) > 0 {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestDefaultPortMakesNoDifference(t *testing.T) {
	f, at := textForm("hello"), strings.Replace(hookAt, ".com/", ".com:443/", 1)
	req := signed("sms", f)
	req.Header.Set(signatureHeader, twiliotest.Sign(token, at, f))
	if _, err := openHook(t).Parse(req); err != nil {
		t.Error("signed with :443, called without:", err)
	}
	req = signed("sms", f)
	req.URL = at
	if _, err := openHook(t).Parse(req); err != nil {
		t.Error("signed without port, called with :443:", err)
	}
}

// A key that is empty would let everybody sign: with no token at all nothing passes.
func TestNoTokenClosesTheRoute(t *testing.T) {
	a := accountOf(t, plain())
	a.tokens = []string{"", ""}
	f := textForm("hello")
	req := signed("sms", f)
	req.Header.Set(signatureHeader, twiliotest.Sign("", hookAt, f))
	if _, err := (hook{a}).Parse(req); !models.IsCode(err, models.Unsigned) {
		t.Error(err)
	}
}

func TestRotatedToken(t *testing.T) {
	h := hook{accountOf(t, with(plain(), "auth_token", "newtoken", "old_auth_token", token))}
	if _, err := h.Parse(signed("sms", textForm("hello"))); err != nil {
		t.Error("signed with the previous token:", err)
	}
}

// The signature covers the first value of a key only, so a second one may be anybody's.
func TestOnlyFirstValuesAreRead(t *testing.T) {
	req := signed("sms", textForm("hello"))
	req.Body = append(req.Body, "&From=%2B15550001111&Body=forged&MessageSid=SMffffffffffffffffffffffffffffffff&MediaUrl0="...)
	req.Body = req.Body[:len(req.Body)-len("&MediaUrl0=")]
	got, err := openHook(t).Parse(req)
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	if m := got[0].Payload.(*models.MessageIn); m.Text != "hello" || got[0].Hints[0].Value != ana || got[0].ExternalID != sidA {
		t.Errorf("%+v %+v", got[0], m)
	}
}

func TestSignedGet(t *testing.T) {
	at := hookAt + "?" + textForm("by address").Encode()
	req := models.HookRequest{Method: "GET", URL: at, Path: "sms", Now: now, Header: http.Header{signatureHeader: {twiliotest.Sign(token, at, nil)}}}
	got, err := openHook(t).Parse(req)
	if err != nil || got[0].Payload.(*models.MessageIn).Text != "by address" || len(got[0].Raw) == 0 {
		t.Fatal(got, err)
	}
	req.URL += "&Body=other"
	if _, err := openHook(t).Parse(req); !models.IsCode(err, models.Unsigned) {
		t.Error("a longer address passes:", err)
	}
}

func TestReplayIsTheSameEvent(t *testing.T) {
	first, err := openHook(t).Parse(signed("sms", textForm("hello")))
	if err != nil {
		t.Fatal(err)
	}
	later := signed("sms", textForm("hello"))
	later.Now = now.AddDate(0, 0, 1)
	later.Header.Set("I-Twilio-Idempotency-Token", "another")
	again, err := openHook(t).Parse(later)
	if err != nil || again[0].ExternalID != first[0].ExternalID {
		t.Error(again, err)
	}
}
