package generic

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"onethread/integrations/conformance"
	"onethread/models"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

var now = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)

func request(body string, at time.Time, key string) models.HookRequest {
	stamp := fmt.Sprint(at.Unix())
	mac := hmac.New(sha256.New, Key(key))
	fmt.Fprintf(mac, "msg_1.%s.%s", stamp, body)
	return models.HookRequest{Method: "POST", Body: []byte(body), Now: now, Header: http.Header{"Webhook-Id": {"msg_1"}, "Webhook-Timestamp": {stamp},
		"Webhook-Signature": {"v1,AAAA v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))}}}
}

const sample = `{"external_id": "till-0007", "occurred_at": "2026-11-20T10:31:00Z", "kind": "order",
 "identities": [{"kind": "email", "value": "ana@example.com", "evidence": "asserted"}, {"kind": "phone", "value": "+351912007031", "evidence": "proved"}],
 "customer": {"name": "Ana Duarte"},
 "order": {"number": "1042", "status": "paid", "currency": "EUR", "total": "538.00", "updated_at": "2026-11-20T10:31:00Z",
  "lines": [{"title": "Walnut desk 140", "quantity": 1, "price": 449, "sku": "WD140"}], "tracking": [{"carrier": "DHL", "number": "00340434", "url": "javascript:alert(1)"}],
  "refunds": [{"external_id": "r1", "amount": "10.50"}]}}`

func openHook(t *testing.T) models.Hook {
	c, err := Provider.Open(models.Channel{ID: 3, Settings: map[string]string{"secret": secret, "old_secret": "the-previous-secret-of-the-till", "currency": "EUR"}}, conformance.Host())
	if err != nil {
		t.Fatal(err)
	}
	return c.Hook
}

// TestKnownSignature holds the scheme to the example of the Standard Webhooks specification.
func TestKnownSignature(t *testing.T) {
	if !signedWith(secret, []byte(`msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}`), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=") {
		t.Error("the specification's own example does not verify")
	}
}

func TestConformance(t *testing.T) {
	unsigned := request(sample, now, secret)
	unsigned.Header = http.Header{}
	doubled := request(sample, now, secret)
	doubled.Header.Add("Webhook-Signature", doubled.Header.Get("Webhook-Signature"))
	changed := request(sample, now, secret)
	changed.Body = []byte(strings.Replace(sample, "538.00", "538.01", 1))
	conformance.Run(t, conformance.Case{
		Provider: Provider, Settings: map[string]string{"secret": secret, "currency": "EUR"}, Wrong: map[string]string{"secret": "short", "currency": "euro"},
		Hook: &conformance.Hook{
			Open:      openHook,
			Good:      map[string]models.HookRequest{"order": request(sample, now, secret), "old secret": request(sample, now, "the-previous-secret-of-the-till")},
			Forged:    map[string]models.HookRequest{"unsigned": unsigned, "wrong secret": request(sample, now, "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), "changed body": changed, "a day old": request(sample, now.Add(-24*time.Hour), secret), "doubled header": doubled},
			Malformed: map[string]models.HookRequest{"not JSON": request(`{"external_id":`, now, secret), "a list": request(`[1,2]`, now, secret), "empty": request("", now, secret)},
		},
	})
}

func TestOrderIsReadWhole(t *testing.T) {
	got, err := openHook(t).Parse(request(sample, now, secret))
	if err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	o := got[0].Payload.(*models.OrderIn).Order
	if o.Number != "1042" || o.Total != 53800 || o.Lines[0].Price != 44900 || o.Tracking[0].URL != "" || got[0].Hints[1].Evidence != models.Proved || got[0].Name != "Ana Duarte" {
		t.Errorf("%+v", o)
	}
	if r := got[1].Payload.(*models.RefundIn).Refund; r.Amount != 1050 || r.OrderNumber != "1042" {
		t.Errorf("%+v", r)
	}
}

func TestTokenMakesProvedAsserted(t *testing.T) {
	got, err := openHook(t).Parse(models.HookRequest{Body: []byte(sample), Token: true, Now: now})
	if err != nil || got[0].Hints[1].Evidence != models.Asserted {
		t.Fatal(got, err)
	}
}

func TestFieldAtFault(t *testing.T) {
	for body, field := range map[string]string{
		`{"kind":"visit","identities":[{"kind":"email","value":"a@b.c"}],"visit":{}}`:                                                                "external_id",
		`{"external_id":"1","kind":"visit","visit":{}}`:                                                                                              "identities",
		`{"external_id":"1","kind":"visit","identities":[{"kind":"email","value":""}],"visit":{}}`:                                                   "identities[0].value",
		`{"external_id":"1","kind":"visit","identities":[{"kind":"email","value":"a@b.c","evidence":"sure"}],"visit":{}}`:                            "identities[0].evidence",
		`{"external_id":"1","kind":"dance","identities":[{"kind":"email","value":"a@b.c"}]}`:                                                         "kind",
		`{"external_id":"1","kind":"order","identities":[{"kind":"email","value":"a@b.c"}]}`:                                                         "order",
		`{"external_id":"1","kind":"visit","identities":[{"kind":"email","value":"a@b.c"}]}`:                                                         "visit",
		`{"external_id":"1","kind":"order","identities":[{"kind":"email","value":"a@b.c"}],"order":{"number":1,"total":"1.005"}}`:                    "order.total",
		`{"external_id":"1","kind":"order","identities":[{"kind":"email","value":"a@b.c"}],"order":{"number":1,"total":"1","currency":"euros"}}`:     "order.currency",
		`{"external_id":"1","kind":"order","identities":[{"kind":"email","value":"a@b.c"}],"order":{"number":1,"total":"1","lines":[{"title":""}]}}`: "order.lines[0].title",
		`{"external_id":7,"kind":"order"}`: "external_id",
		`{"external_id":"1","kind":"page_view","identities":[{"kind":"email","value":"a@b.c"}],"page_view":{"url":"javascript:alert(1)"}}`: "page_view.url",
	} {
		_, err := openHook(t).Parse(request(body, now, secret))
		e, ok := err.(*models.Error)
		if !ok || e.Code != models.Invalid || e.Field != field {
			t.Errorf("%s\n→ %v, want field %s", body, err, field)
		}
	}
}
