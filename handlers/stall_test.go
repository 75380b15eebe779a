package handlers

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/channels"
	"onethread/models/store"
)

// stall is a house with one provider's channel connected, and its provider's own way to call.
type stall struct {
	*till
	door providerDoor
	path string
}

// kinds are the providers that call us.
var kinds = []string{"shopify", "woocommerce", "twilio", "generic"}

func openStall(t *testing.T, kind string, settings ...string) *stall {
	t.Helper()
	s := &stall{till: openTill(t)}
	for _, d := range append(providerDoors(), providerDoor{kind: "generic", settings: map[string]string{"secret": providerSecret}}) {
		if d.kind == kind {
			s.door = d
		}
	}
	set := maps.Clone(s.door.settings)
	for i := 0; i < len(settings); i += 2 {
		set[settings[i]] = settings[i+1]
	}
	var err error
	s.channel, err = s.deps.Hooks.Channels.Add(t.Context(), kind, channels.Input{Settings: set})
	s.must(err)
	s.secret = providerSecret
	s.path = "/webhooks/" + kind + "/" + s.channel.ID.String() + s.door.path
	return s
}

// signed are the headers of a true call of the provider with this body and secret, at the address.
func (s *stall) signed(path, body, secret string) []string {
	if s.door.kind != "generic" {
		return append(s.door.headers, s.door.signature, base64.StdEncoding.EncodeToString(s.door.sign(home+path, body, secret)))
	}
	stamp, id := fmt.Sprint(time.Now().Add(time.Duration(s.ahead.Load())).Unix()), fmt.Sprintf("msg_%x", sha256.Sum256([]byte(body)))
	mac := base64.StdEncoding.EncodeToString(hmac256("", id+"."+stamp+"."+body, secret))
	return []string{"Content-Type", "application/json", "Webhook-Id", id, "Webhook-Timestamp", stamp, "Webhook-Signature", "v1," + mac}
}

// call makes a true call. What Twilio signs that is no form, it names by its hash in the address.
func (s *stall) call(body string) (int, string) {
	s.t.Helper()
	path, content := s.path, body
	if s.door.kind == "twilio" && !strings.HasPrefix(body, "MessageSid=") {
		sum := sha256.Sum256([]byte(body))
		path, content = path+"?bodySHA256="+hex.EncodeToString(sum[:]), ""
	}
	resp, answer := s.ask(s.t, "POST", path, body, s.signed(path, content, s.secret)...)
	return resp.StatusCode, answer
}

// good is a call that nothing is wrong with, the nth of them: an order, or a text message.
func (s *stall) good(n int) string {
	if s.door.kind == "twilio" {
		return fmt.Sprintf("MessageSid=SM%032d&AccountSid=AC%s&From=%%2B351912007031&To=%%2B12025550123&Body=Hello&NumMedia=0", n, providerSecret)
	}
	return s.order(order{id: fmt.Sprint(1000 + n), currency: "EUR", lines: 1, person: true})
}

// order is what varies in an order.
type order struct {
	id, currency string
	lines        int
	person       bool
}

// order writes an order as the provider's shop does. The ids of Shopify and WooCommerce are bare numbers.
func (s *stall) order(o order) string {
	lines := []map[string]any{}
	for i := range o.lines {
		lines = append(lines, map[string]any{"id": i, "title": fmt.Sprint("Desk ", i), "name": fmt.Sprint("Desk ", i), "quantity": 1, "price": "1.00", "total": "1.00", "subtotal": "1.00"})
	}
	var body any
	switch s.door.kind {
	case "shopify":
		b := map[string]any{"id": json.Number(o.id), "name": "#" + o.id, "currency": o.currency, "total_price": "538.00", "financial_status": "paid", "line_items": lines,
			"created_at": "2026-11-20T10:31:00Z", "updated_at": "2026-11-20T10:31:00Z", "customer": nil}
		if o.person {
			b["email"] = "ana@example.com"
		}
		body = b
	case "woocommerce":
		b := map[string]any{"id": json.Number(o.id), "number": o.id, "status": "processing", "currency": o.currency, "total": "538.00", "customer_id": 0, "line_items": lines,
			"date_created_gmt": "2026-11-20T10:31:00", "date_modified_gmt": "2026-11-20T10:31:00", "billing": map[string]string{}}
		if o.person {
			b["billing"] = map[string]string{"email": "ana@example.com"}
		}
		body = b
	default:
		who := []map[string]string{}
		if o.person {
			who = append(who, map[string]string{"kind": "email", "value": "ana@example.com", "evidence": "asserted"})
		}
		body = map[string]any{"external_id": "order " + o.id, "kind": "order", "identities": who,
			"order": map[string]any{"number": json.Number(o.id), "status": "paid", "currency": o.currency, "total": "538.00", "lines": lines, "updated_at": "2026-11-20T10:31:00Z"}}
	}
	raw, err := json.Marshal(body)
	s.must(err)
	return string(raw)
}

// orders asks the API for the orders of a number.
func (s *stall) orders(number string) (out []models.OrderData, raw string) {
	s.t.Helper()
	resp, raw := s.api("GET", "/orders?number="+number, "")
	var page struct{ Data []models.OrderData }
	if err := json.Unmarshal([]byte(raw), &page); err != nil || resp.StatusCode != 200 {
		s.t.Fatal(resp.StatusCode, err, raw)
	}
	return page.Data, raw
}

// next: the call after an odd one is taken, and there is one more event for it.
func (s *stall) next(n int, after string) {
	s.t.Helper()
	before := s.last()
	if status, answer := s.call(s.good(n)); status/100 != 2 || s.last() == before {
		s.t.Errorf("the good call after %s: %d %s", after, status, answer)
	}
}

// reason is why the newest event of the channel could not be read.
func (s *stall) reason() string {
	s.t.Helper()
	odd, err := store.Unreadables(s.deps.Store.Read(s.t.Context()), s.channel.ID, 1)
	s.must(err)
	if len(odd) == 0 {
		return ""
	}
	return string(odd[0].Data)
}
