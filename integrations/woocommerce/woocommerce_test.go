package woocommerce

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
	secret    = "a-webhook-secret-of-casa"
	oldSecret = "the-previous-one-of-casa"
)

var (
	now      = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	settings = map[string]string{"store_url": "https://Casa.example/", "secret": secret, "old_secret": oldSecret}
)

func sign(body, key string) []byte {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(body))
	return mac.Sum(nil)
}

// request is a delivery as WooCommerce makes it.
func request(topic, body string) models.HookRequest { return requestBy(topic, body, secret) }

func requestBy(topic, body, key string) models.HookRequest {
	h := http.Header{}
	h.Set("X-WC-Webhook-Topic", topic)
	h.Set("X-WC-Webhook-Delivery-ID", "10c30c01406f1d7c2292984baa2162ae")
	h.Set(signature, base64.StdEncoding.EncodeToString(sign(body, key)))
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

// forged are the attacks on a signature that apply to WooCommerce's scheme.
func forged(t *testing.T, body string) map[string]models.HookRequest {
	good := request("order.created", body)
	sig := good.Header.Get(signature)
	set := func(values ...string) models.HookRequest {
		r := good
		r.Header = good.Header.Clone()
		r.Header.Del(signature)
		for _, v := range values {
			r.Header.Add(signature, v)
		}
		return r
	}
	changed, spaced, almost := good, good, set()
	changed.Body = []byte(strings.Replace(body, "540.60", "540.61", 1))
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(body)); err != nil || compact.String() == body {
		t.Fatal("the re-encoded body must differ", err)
	}
	spaced.Body = compact.Bytes()
	almost.Body = []byte("webhook_id=1&order=2")
	pinged := set("AAAA")
	pinged.Body = []byte("webhook_id=1")
	return map[string]models.HookRequest{
		"no signature": set(), "empty signature": set(""), "wrong secret": requestBy("order.created", body, "a-webhook-secret-of-another"), "short": set(sig[:20]),
		"upper-case hex": set(strings.ToUpper(hex.EncodeToString(sign(body, secret)))), "lower-case hex": set(hex.EncodeToString(sign(body, secret))), "upper-case base64": set(strings.ToUpper(sig)),
		"doubled": set(sig, sig), "good and bad": set(sig, "AAAA"), "one byte changed": changed, "encoded anew": spaced, "signed by nothing": requestBy("order.created", body, ""),
		"almost a ping": almost, "a badly signed ping": pinged,
	}
}

func TestConformance(t *testing.T) {
	body := sample(t)
	conformance.Run(t, conformance.Case{
		Provider: Provider, Settings: settings, Wrong: map[string]string{"store_url": "casa.example", "secret": "short"},
		Hook: &conformance.Hook{
			Open: func(t *testing.T) models.Hook { return open(t, settings) },
			Good: map[string]models.HookRequest{
				"order": request("order.created", body), "previous secret": requestBy("order.updated", body, oldSecret), "restored": request("order.restored", body),
				"deleted": request("order.deleted", `{"id":19}`), "customer": request("customer.updated", `{"id":2,"email":"a@example.com"}`),
				"product": request("product.updated", `{"id":11,"name":"Table"}`), "product gone": request("product.deleted", `{"id":19}`),
			},
			Forged: forged(t, body),
			Malformed: map[string]models.HookRequest{
				"not JSON": request("order.created", `{"id":`), "a list": request("order.created", `[1]`), "empty": request("order.created", ""), "no topic": request("", body),
				"not an order": request("order.created", `{"id":1}`), "an order as its deletion": request("order.deleted", body), "an order as a customer": request("customer.updated", body),
				"an order as a product": request("product.updated", body), "an order as a product's deletion": request("product.deleted", body),
				"no clock": request("order.created", strings.NewReplacer("date_modified_gmt", "x", "date_created_gmt", "y").Replace(body)), "no id": request("order.created", with(t, "id", 0)),
			},
		},
	})
}

// TestEmptySecretFailsClosed: a channel without a secret refuses even what is signed with nothing.
func TestEmptySecretFailsClosed(t *testing.T) {
	hook := open(t, map[string]string{"store_url": "https://casa.example"})
	for _, key := range []string{"", secret} {
		if got, err := hook.Parse(requestBy("order.created", sample(t), key)); !models.IsCode(err, models.Unsigned) || got != nil {
			t.Errorf("signed with %q: %v, %v", key, got, err)
		}
	}
}

func TestPingIsAnsweredAndStoresNothing(t *testing.T) {
	got, err := open(t, settings).Parse(models.HookRequest{Method: "POST", Header: http.Header{}, Body: []byte("webhook_id=1"), Now: now})
	if err != nil || len(got) != 0 {
		t.Error(got, err)
	}
	for _, body := range []string{"", "webhook_id=", "webhook_id=1\n", " webhook_id=1", "webhook_id=1&x", `{"webhook_id":1}`, "webhook_id=" + strings.Repeat("1", 21)} {
		if _, err := open(t, settings).Parse(models.HookRequest{Header: http.Header{}, Body: []byte(body), Now: now}); !models.IsCode(err, models.Unsigned) {
			t.Errorf("%q: %v", body, err)
		}
	}
}

func TestCheckSaysWhatKeepsCallsAway(t *testing.T) {
	for public, words := range map[string]string{"https://inbox.example.com": "", "http://inbox.example.com:8080": "", "https://inbox.example.com:443": "", "http://inbox.example.com:3000": "ports",
		"http://192.168.1.4": "private", "http://localhost:8080": "private", "http://100.64.1.1": "private", "ftp://inbox.example.com": "ONETHREAD_URL"} {
		steps := newStore(models.Channel{Settings: settings}).check(public)(t.Context())
		if steps[0].OK != (words == "") || !strings.Contains(steps[0].Problem, words) || !steps[1].OK {
			t.Errorf("%s: %+v", public, steps)
		}
	}
	if steps := newStore(models.Channel{}).check("https://inbox.example.com")(t.Context()); steps[1].OK {
		t.Error("no secret, yet all is well")
	}
}
