package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"onethread/integrations/twilio/twiliotest"
	"onethread/models"
)

// emailOf and phoneOf are customer n's addresses; the stores' orders say that they are one person's.
func emailOf(n int) string { return fmt.Sprintf("customer%d@example.com", n) }
func phoneOf(n int) string { return fmt.Sprintf("+351912%06d", n) }

// text makes Twilio's call for an SMS whose words are its key.
func (d *doors) text(key string, from int) call {
	set := d.sms.Settings
	form := url.Values{"MessageSid": {fmt.Sprintf("SM%032x", d.made.Add(1))}, "AccountSid": {set["account_sid"]}, "From": {phoneOf(from)}, "To": {set["number"]},
		"Body": {key}, "NumMedia": {"0"}, "NumSegments": {"1"}, "SmsStatus": {"received"}, "ApiVersion": {"2010-04-01"}}
	address := d.url + "/webhooks/twilio/" + d.sms.ID.String() + "/sms"
	return call{key: key, url: address, body: []byte(form.Encode()), header: map[string]string{"Content-Type": "application/x-www-form-urlencoded",
		"X-Twilio-Signature": twiliotest.Sign(set["auth_token"], address, form)}}
}

// sale is an order at a store, as one of its versions.
type sale struct {
	id      int64
	number  string // what people call it
	buyer   int
	total   string // EUR
	at      time.Time
	refunds []giveBack
}

type giveBack struct {
	id     int64
	amount string
	at     time.Time
}

// buys makes the two deliveries of an order that is paid and then sent. Their keys are what
// storedKeys makes of a store's order: number/status.
func (d *doors) buys(store models.Channel, number string, buyer int) (created, sent call) {
	s := sale{id: 9_000_000_000_000_000_000 + d.made.Add(1), number: number, buyer: buyer, total: "12.50", at: time.Now()}
	if store.Type == "shopify" {
		return d.shopify(store, "orders/create", s.shopify("paid", "")).as(number + "/paid"), d.shopify(store, "orders/updated", s.shopify("paid", "fulfilled")).as(number + "/fulfilled")
	}
	return d.woo(store, "order.created", s.woo("processing")).as(number + "/processing"), d.woo(store, "order.updated", s.woo("completed")).as(number + "/completed")
}

func (c call) as(key string) call { c.key = key; return c }

// shopify is the order as Shopify tells it (REST resource Order), of a customer who is logged in.
func (s sale) shopify(paid, sent string) map[string]any {
	at := s.at.UTC().Format(time.RFC3339)
	body := map[string]any{"id": s.id, "name": "#" + s.number, "created_at": at, "processed_at": at, "updated_at": at, "currency": "EUR", "total_price": s.total,
		"subtotal_price": s.total, "financial_status": paid, "fulfillment_status": nil, "email": emailOf(s.buyer),
		"customer":   map[string]any{"id": 7_000_000 + s.buyer, "email": emailOf(s.buyer), "first_name": "Customer", "last_name": fmt.Sprint(s.buyer), "state": "enabled", "phone": phoneOf(s.buyer)},
		"line_items": []any{map[string]any{"id": 1, "name": "Clay vase", "quantity": 1, "price": s.total}}}
	if sent != "" {
		body["fulfillment_status"] = sent
	}
	var refunds []any
	for _, r := range s.refunds {
		refunds = append(refunds, r.shopify(s.id))
	}
	body["refunds"] = refunds
	return body
}

func (r giveBack) shopify(order int64) map[string]any {
	return map[string]any{"id": r.id, "order_id": order, "processed_at": r.at.UTC().Format(time.RFC3339), "note": "scratch",
		"transactions": []any{map[string]any{"id": 1, "kind": "refund", "status": "success", "amount": r.amount, "currency": "EUR"}}}
}

// woo is the order as WooCommerce tells it (REST API v3, Orders), of a customer who is logged in.
func (s sale) woo(status string) map[string]any {
	at := s.at.UTC().Format("2006-01-02T15:04:05")
	refunds := []any{}
	for _, r := range s.refunds {
		refunds = append(refunds, map[string]any{"id": r.id, "reason": "scratch", "total": "-" + r.amount})
	}
	return map[string]any{"id": s.id, "number": s.number, "status": status, "currency": "EUR", "date_created_gmt": at, "date_modified_gmt": at, "total": s.total,
		"customer_id": 500 + s.buyer, "billing": map[string]any{"first_name": "Customer", "last_name": fmt.Sprint(s.buyer), "email": emailOf(s.buyer), "phone": phoneOf(s.buyer), "country": "PT"},
		"line_items": []any{map[string]any{"id": 1, "name": "Clay vase", "quantity": 1, "total": s.total, "subtotal": s.total}}, "refunds": refunds}
}

// shopify makes a delivery of a Shopify store.
func (d *doors) shopify(store models.Channel, topic string, body any) call {
	raw, signature := d.sealed(store, body)
	return call{url: d.url + "/webhooks/shopify/" + store.ID.String(), body: raw, header: map[string]string{"Content-Type": "application/json", "X-Shopify-Topic": topic,
		"X-Shopify-Shop-Domain": store.Settings["shop_domain"], "X-Shopify-Triggered-At": time.Now().UTC().Format(time.RFC3339Nano), "X-Shopify-Hmac-Sha256": signature}}
}

// woo makes a delivery of a WooCommerce store.
func (d *doors) woo(store models.Channel, topic string, body any) call {
	raw, signature := d.sealed(store, body)
	return call{url: d.url + "/webhooks/woocommerce/" + store.ID.String(), body: raw, header: map[string]string{"Content-Type": "application/json",
		"X-WC-Webhook-Source": store.Settings["store_url"] + "/", "X-WC-Webhook-Topic": topic, "X-WC-Webhook-Signature": signature}}
}

// sealed is a body and its signature, which both kinds of store make alike.
func (d *doors) sealed(store models.Channel, body any) (raw []byte, signature string) {
	raw, err := json.Marshal(body)
	if err != nil {
		d.t.Error(err)
	}
	mac := hmac.New(sha256.New, []byte(store.Settings["secret"]))
	mac.Write(raw)
	return raw, base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
