package handlers

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/channels"
	"onethread/models/store"
)

const providerSecret = "0123456789abcdef0123456789abcdef"

// providerDoor is a provider's webhook as its provider calls it.
type providerDoor struct {
	kind, path, body, other string // other: the same call with one byte more or less
	settings                map[string]string
	signature               string // the header
	headers                 []string
	sign                    func(address, body, secret string) []byte
}

func hmac256(_, body, secret string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return mac.Sum(nil)
}

// twilioMAC is Twilio's algorithm: the public address, then each field's name and value by name.
func twilioMAC(address, body, secret string) []byte {
	form, _ := url.ParseQuery(body)
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write([]byte(address))
	for _, k := range slices.Sorted(maps.Keys(form)) {
		mac.Write([]byte(k + form.Get(k)))
	}
	return mac.Sum(nil)
}

func providerDoors() []providerDoor {
	account := "AC" + providerSecret
	shopify := `{"id":820982911946154508,"name":"#1042","order_number":1042,"email":"ana@example.com","currency":"EUR","total_price":"538.00","financial_status":"paid","created_at":"2026-11-20T10:31:00Z","updated_at":"2026-11-20T10:31:00Z","customer":null,"line_items":[]}`
	woo := `{"id":42,"number":"42","status":"processing","currency":"EUR","total":"538.00","customer_id":0,"date_created_gmt":"2026-11-20T10:31:00","date_modified_gmt":"2026-11-20T10:31:00","billing":{"email":"ana@example.com"},"line_items":[]}`
	sms := url.Values{"MessageSid": {"SM" + providerSecret}, "AccountSid": {account}, "From": {"+351912007031"}, "To": {"+12025550123"}, "Body": {"Hello"}, "NumMedia": {"0"}}.Encode()
	return []providerDoor{
		{kind: "shopify", body: shopify, other: strings.Replace(shopify, "538.00", "538.01", 1), settings: map[string]string{"shop_domain": "casa.myshopify.com", "secret": providerSecret},
			signature: "X-Shopify-Hmac-Sha256", sign: hmac256, headers: []string{"Content-Type", "application/json", "X-Shopify-Topic", "orders/create", "X-Shopify-Shop-Domain", "casa.myshopify.com"}},
		{kind: "woocommerce", body: woo, other: strings.Replace(woo, "538.00", "538.01", 1), settings: map[string]string{"store_url": "https://casa.example", "secret": providerSecret},
			signature: "X-WC-Webhook-Signature", sign: hmac256, headers: []string{"Content-Type", "application/json", "X-WC-Webhook-Topic", "order.created", "X-WC-Webhook-Resource", "order", "X-WC-Webhook-Event", "created", "X-WC-Webhook-Source", "https://casa.example/"}},
		{kind: "twilio", path: "/sms", body: sms, other: sms + "&Extra=1", settings: map[string]string{"account_sid": account, "auth_token": providerSecret, "number": "+12025550123"},
			signature: "X-Twilio-Signature", sign: twilioMAC, headers: []string{"Content-Type", "application/x-www-form-urlencoded"}},
	}
}

// TestProvidersCalls tries each provider's door over HTTP with every forgery there is: 401 and nothing
// stored but a counter; the true call before and after is taken, once; a paused channel asks for
// patience, a removed one is not there.
func TestProvidersCalls(t *testing.T) {
	h := build(t, nil)
	for _, d := range providerDoors() {
		t.Run(d.kind, func(t *testing.T) { h.tryDoor(t, d) })
	}
}

func (h testHouse) tryDoor(t *testing.T, d providerDoor) {
	registry := h.deps.Hooks.Channels
	c, err := registry.Add(t.Context(), d.kind, channels.Input{Settings: d.settings})
	if err != nil {
		t.Fatal(err)
	}
	path := "/webhooks/" + d.kind + "/" + c.ID.String() + d.path
	mac := func(address, body, secret string) string {
		return base64.StdEncoding.EncodeToString(d.sign(address, body, secret))
	}
	good := mac(home+path, d.body, providerSecret)
	call := func(body string, signatures ...string) (int, string) {
		req := httptest.NewRequest("POST", path, strings.NewReader(body))
		req.Host = "proxy.internal:8080"
		req.Header.Set("X-Forwarded-Host", "evil.example")
		req.Header.Set("X-Forwarded-Proto", "http")
		for i := 0; i < len(d.headers); i += 2 {
			req.Header.Set(d.headers[i], d.headers[i+1])
		}
		for _, s := range signatures {
			req.Header.Add(d.signature, s)
		}
		resp, err := h.Test(req, -1)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		answer, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(answer)
	}
	events := func() (n models.ID) {
		n, err := store.LastEventID(h.deps.Store.Read(t.Context()))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if status, answer := call(d.body, good); status != 200 {
		t.Fatalf("the true call: %d %s", status, answer)
	}
	after := events()
	for what, c := range map[string]struct {
		body       string
		signatures []string
	}{
		"no signature":          {d.body, nil},
		"an empty signature":    {d.body, []string{""}},
		"another secret":        {d.body, []string{mac(home+path, d.body, "another secret altogether, long")}},
		"signed with nothing":   {d.body, []string{mac(home+path, d.body, "")}},
		"a byte changed":        {d.other, []string{good}},
		"cut short":             {d.body, []string{good[:len(good)-4]}},
		"hexadecimal":           {d.body, []string{strings.ToUpper(hex.EncodeToString(d.sign(home+path, d.body, providerSecret)))}},
		"twice":                 {d.body, []string{good, good}},
		"a good and a bad one":  {d.body, []string{good, "AAAA"}},
		"two in one":            {d.body, []string{good + "," + good}},
		"encoded anew":          {strings.Replace(strings.Replace(d.body, ",", ", ", 1), "Hello", "Hello+", 1), []string{good}},
		"an address in between": {d.body, []string{mac("http://proxy.internal:8080"+path, d.body+" ", providerSecret)}},
	} {
		if status, answer := call(c.body, c.signatures...); status != 401 {
			t.Errorf("%s: %d %s", what, status, answer)
		}
	}
	if events() != after {
		t.Error("a forged call left something")
	}
	h.ahead.Add(int64(24 * time.Hour))
	if status, answer := call(d.body, good); status != 200 || events() != after {
		t.Errorf("the same call a day later: %d %s, event %d after %d", status, answer, events(), after)
	}
	h.ahead.Store(0)
	h.pauseAndRemove(t, registry, c, func() int { status, _ := call(d.body, good); return status })
}

func (h testHouse) pauseAndRemove(t *testing.T, registry *channels.Registry, c models.Channel, call func() int) {
	t.Helper()
	paused := true
	if _, err := registry.Edit(t.Context(), c.ID, channels.Input{Paused: &paused}); err != nil {
		t.Fatal(err)
	}
	if status := call(); status != 503 {
		t.Errorf("to a paused channel: %d", status)
	}
	if err := registry.Remove(t.Context(), c.ID); err != nil {
		t.Fatal(err)
	}
	if status := call(); status != 404 {
		t.Errorf("to a removed channel: %d", status)
	}
	healths, err := store.Healths(h.deps.Store.Read(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range healths {
		if x.ChannelID == c.ID {
			t.Errorf("a removed channel is still there: %s", fmt.Sprint(x))
		}
	}
}
