package shopify

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"onethread/integrations/conformance"
	"onethread/models"
)

const (
	domain    = "casa.myshopify.com"
	secret    = "shpss_0123456789abcdef"
	oldSecret = "shpss_fedcba9876543210"
)

var (
	now      = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	settings = map[string]string{"shop_domain": "Casa.myshopify.com", "secret": secret, "old_secret": oldSecret}
)

func sign(body, key string) []byte {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(body))
	return mac.Sum(nil)
}

// request is a delivery as Shopify makes it.
func request(topic, body string) models.HookRequest {
	return requestBy(topic, body, secret, "X-Shopify-", domain)
}

func requestBy(topic, body, key, prefix, shop string) models.HookRequest {
	h := http.Header{}
	h.Set(prefix+"Topic", topic)
	h.Set(prefix+"Shop-Domain", shop)
	h.Set(prefix+"Triggered-At", "2026-11-20T11:00:00.123456789Z")
	h.Set(prefix+"Hmac-Sha256", base64.StdEncoding.EncodeToString(sign(body, key)))
	return models.HookRequest{Method: "POST", Header: h, Body: []byte(body), Now: now}
}

func open(t testing.TB, s map[string]string) models.Hook {
	t.Helper()
	c, err := Provider.Open(models.Channel{ID: 3, Settings: s}, conformance.Host())
	if err != nil {
		t.Fatal(err)
	}
	return c.Hook
}

// parse reads a delivery that must be accepted.
func parse(t testing.TB, topic, body string) []models.Inbound {
	t.Helper()
	got, err := open(t, settings).Parse(request(topic, body))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func sample(t testing.TB) string {
	t.Helper()
	b, err := os.ReadFile("testdata/order.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// with changes one key of the sample order.
func with(t testing.TB, key string, value any) string {
	t.Helper()
	var o map[string]any
	d := json.NewDecoder(strings.NewReader(sample(t)))
	d.UseNumber()
	if err := d.Decode(&o); err != nil {
		t.Fatal(err)
	}
	o[key] = value
	b, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func edited(r models.HookRequest, change func(h http.Header)) models.HookRequest {
	r.Header = r.Header.Clone()
	change(r.Header)
	return r
}

// forged are the attacks on a signature that apply to Shopify's scheme.
func forged(t *testing.T, body string) map[string]models.HookRequest {
	const name = "X-Shopify-Hmac-Sha256"
	good := request("orders/create", body)
	sig := good.Header.Get(name)
	changed, spaced := good, good
	changed.Body = []byte(strings.Replace(body, "538.00", "538.01", 1))
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(body)); err != nil || compact.String() == body {
		t.Fatal("the re-encoded body must differ", err)
	}
	spaced.Body = compact.Bytes()
	set := func(value string) models.HookRequest {
		return edited(good, func(h http.Header) { h.Set(name, value) })
	}
	return map[string]models.HookRequest{
		"no signature": edited(good, func(h http.Header) { h.Del(name) }), "empty signature": set(""), "wrong secret": requestBy("orders/create", body, "shpss_another_secret", "X-Shopify-", domain),
		"short": set(sig[:20]), "upper-case hex": set(strings.ToUpper(hex.EncodeToString(sign(body, secret)))), "lower-case hex": set(hex.EncodeToString(sign(body, secret))),
		"upper-case base64": set(strings.ToUpper(sig)), "doubled": edited(good, func(h http.Header) { h.Add(name, sig) }), "one byte changed": changed, "encoded anew": spaced,
		"signed by nothing": requestBy("orders/create", body, "", "X-Shopify-", domain), "another shop": requestBy("orders/create", body, secret, "X-Shopify-", "other.myshopify.com"),
		"no shop": edited(good, func(h http.Header) { h.Del("X-Shopify-Shop-Domain") }), "two shops": edited(good, func(h http.Header) { h.Add("X-Shopify-Shop-Domain", "other.myshopify.com") }),
		"bad new header beside a good old one": edited(good, func(h http.Header) { h.Set("Shopify-Hmac-Sha256", strings.ToUpper(sig)) }),
	}
}

func TestConformance(t *testing.T) {
	body := sample(t)
	conformance.Run(t, conformance.Case{
		Provider: Provider, Settings: settings,
		Wrong: map[string]string{"shop_domain": "https://casa.myshopify.com/", "secret": "short", "base_url": "javascript:alert(1)"},
		Hook: &conformance.Hook{
			Open: func(t *testing.T) models.Hook { return open(t, settings) },
			Good: map[string]models.HookRequest{
				"order": request("orders/create", body), "previous secret": requestBy("orders/updated", body, oldSecret, "X-Shopify-", domain),
				"headers of 2026": requestBy("orders/paid", body, secret, "Shopify-", strings.ToUpper(domain)), "deleted": request("orders/delete", `{"id":820982911946154508}`),
				"refund":   request("refunds/create", `{"id":1,"order_id":2,"transactions":[{"kind":"refund","status":"success","amount":"1.00","currency":"EUR"}]}`),
				"customer": request("customers/update", `{"id":7,"email":"a@example.com"}`), "product": request("products/update", `{"id":7,"title":"Desk"}`),
				"product gone": request("products/delete", `{"id":7}`), "uninstalled": request("app/uninstalled", `{"id":1,"myshopify_domain":"casa.myshopify.com"}`),
			},
			Forged: forged(t, body),
			Malformed: map[string]models.HookRequest{
				"not JSON": request("orders/create", `{"id":`), "a list": request("orders/create", `[1]`), "empty": request("orders/create", ""), "no topic": request("", body),
				"not an order": request("orders/create", `{"id":1}`), "an order as its deletion": request("orders/delete", body), "an order as a customer": request("customers/update", body),
				"an order as a product": request("products/update", body), "an order as a product's deletion": request("products/delete", body), "an order as a farewell": request("app/uninstalled", body),
				"an order as a refund": request("refunds/create", body), "no clock": request("orders/create", with(t, "updated_at", nil)), "no id": request("orders/create", with(t, "id", []int{})),
			},
		},
	})
}

// TestEmptySecretFailsClosed: a channel without a secret refuses even what is signed with nothing.
func TestEmptySecretFailsClosed(t *testing.T) {
	hook := open(t, map[string]string{"shop_domain": domain})
	for _, key := range []string{"", secret} {
		if got, err := hook.Parse(requestBy("orders/create", sample(t), key, "X-Shopify-", domain)); !models.IsCode(err, models.Unsigned) || got != nil {
			t.Errorf("signed with %q: %v, %v", key, got, err)
		}
	}
}

func TestCheckSaysWhatKeepsCallsAway(t *testing.T) {
	for public, ok := range map[string]bool{"https://inbox.example.com": true, "http://inbox.example.com": false, "https://192.168.1.4": false, "https://localhost": false, "https://[::1]:8443": false} {
		steps := newShop(models.Channel{Settings: settings}).check(public)(t.Context())
		if steps[0].OK != ok || (steps[0].Problem == "") != ok || !steps[1].OK {
			t.Errorf("%s: %+v", public, steps)
		}
	}
	if steps := newShop(models.Channel{}).check("https://inbox.example.com")(t.Context()); steps[1].OK {
		t.Error("no secret, yet all is well")
	}
}
