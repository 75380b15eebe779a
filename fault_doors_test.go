package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"onethread/integrations/email/mailtest"
	"onethread/integrations/generic"
	"onethread/integrations/twilio/twiliotest"
	"onethread/models"
	"onethread/models/channels"
)

// doors are the ways in that the drivers use, on a running program.
type doors struct {
	*process
	client     *http.Client
	book       *ledger
	till, chat models.Channel
	sms        models.Channel
	stores     []models.Channel // one at Shopify, one with WooCommerce
	mailbox    *mailtest.Stack  // nil where Dovecot is not installed
	postbox    *mailtest.Postbox
	made       atomic.Int64 // ids given out
}

const storeSecret = "shpss_0123456789abcdef"

// openDoors connects a till, a chat, a number, two stores and, where its server is installed, a mailbox.
func openDoors(t testing.TB, p *process) *doors {
	t.Helper()
	d := &doors{process: p, client: newClient(), book: newLedger(t)}
	if mailServers() {
		d.mailbox = mailtest.Start(t)
		d.postbox = d.mailbox.Open(t, mailtest.Shop)
	} else {
		t.Log("Dovecot and Postfix are not installed, or this is not root: mail is left out")
	}
	carrier := twiliotest.Start(t) // what it is polled for, it does not have: all comes by webhook
	prepare(t, p.data, p.url, func(ctx context.Context, prog *Program) error {
		add := func(kind string, settings map[string]string) models.Channel {
			c, err := prog.Channels.Add(ctx, kind, channels.Input{Settings: settings})
			if err != nil {
				t.Fatal(kind, err)
			}
			return c
		}
		d.till, d.chat, d.sms = add("generic", nil), add("webchat", nil), add("twilio", carrier.Settings())
		d.stores = []models.Channel{add("shopify", map[string]string{"shop_domain": "casa.myshopify.com", "secret": storeSecret}),
			add("woocommerce", map[string]string{"store_url": "https://casa.example", "secret": storeSecret})}
		if d.mailbox != nil {
			add("email", d.mailbox.Settings(mailtest.Shop))
		}
		return nil
	})
	return d
}

func mailServers() bool {
	_, dovecot := exec.LookPath("dovecot")
	_, postfix := os.Stat("/usr/lib/postfix/sbin/master")
	return dovecot == nil && postfix == nil && os.Getuid() == 0
}

// call is one inbound call that can be made again, byte for byte.
type call struct {
	key    string // stands in the words of the event: what the ledger and the database are compared by
	url    string
	body   []byte
	header map[string]string
}

// signed makes a call of the generic door. Every kind of event carries its key where it is kept.
func (d *doors) signed(key, kind string, from int) call {
	payload := map[string]any{
		"message":   map[string]any{"text": key},
		"order":     map[string]any{"number": key, "status": "paid", "currency": "EUR", "total": "12.50", "updated_at": models.At(time.Now()).String(), "lines": []any{map[string]any{"title": "Clay vase", "quantity": 1, "price": "12.50"}}},
		"visit":     map[string]any{"note": key},
		"page_view": map[string]any{"url": "https://casa.example/" + key, "title": key},
		"cart":      map[string]any{"status": "updated", "currency": "EUR", "total": "12.50", "url": "https://casa.example/" + key},
		"call":      map[string]any{"direction": "in", "outcome": "answered", "transcript": key},
		"refund":    map[string]any{"order_number": "R-" + key, "external_id": key, "amount": "2.50", "currency": "EUR", "status": "done", "reason": key},
		"return":    map[string]any{"order_number": "R-" + key, "number": key, "status": "requested"},
	}[kind]
	body, err := json.Marshal(map[string]any{"external_id": key, "kind": kind, kind: payload, "occurred_at": models.At(time.Now()).String(),
		"identities": []any{map[string]any{"kind": "email", "value": emailOf(from), "evidence": "asserted"}}})
	if err != nil {
		d.t.Fatal(err)
	}
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	mac := hmac.New(sha256.New, generic.Key(d.till.Settings["secret"]))
	fmt.Fprintf(mac, "%s.%s.%s", key, stamp, body)
	return call{key: key, url: d.url + "/api/v1/ingest/" + d.till.ID.String(), body: body, header: map[string]string{"Content-Type": "application/json",
		"Webhook-Id": key, "Webhook-Timestamp": stamp, "Webhook-Signature": "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))}}
}

var signedKinds = []string{"message", "order", "visit", "page_view", "cart", "call", "refund", "return"}

// visitor is a browser in the chat, at an address of its own: the chat limits how much one may say.
type visitor struct{ token, ip string }

// boot makes a visitor; ok is false when nobody answered.
func (d *doors) boot(n int) (v visitor, ok bool) {
	v.ip = fmt.Sprintf("10.%d.%d.%d", n>>16&255, n>>8&255, n&255)
	body, _ := json.Marshal(map[string]string{"key": d.chat.Key})
	status, answer := post(d.client, d.url+"/c/chat/boot", body, map[string]string{"X-Forwarded-For": v.ip})
	var booted struct{ Token string }
	if status != http.StatusOK || json.Unmarshal(answer, &booted) != nil {
		return v, false
	}
	v.token = booted.Token
	return v, true
}

// says makes the call of one chat message.
func (d *doors) says(v visitor, key string) call {
	body, _ := json.Marshal(map[string]string{"key": d.chat.Key, "token": v.token, "id": key, "text": key})
	return call{key: key, url: d.url + "/c/chat/messages", body: body, header: map[string]string{"X-Forwarded-For": v.ip}}
}

// make makes a call and writes it into the ledger when it was acknowledged.
func (d *doors) make(c call) (acked bool, status int, answer []byte) {
	status, answer = post(d.client, c.url, c.body, c.header)
	if status == http.StatusOK || status == http.StatusCreated {
		if err := d.book.ack(c.key); err != nil {
			d.t.Error(err)
		}
		return true, status, answer
	}
	return false, status, answer
}

// rawMail is a mail whose words are its key.
func rawMail(key string, from int) []byte {
	return []byte(fmt.Sprintf("From: Customer %d <%s>\r\nTo: %s\r\nSubject: A question\r\nMessage-ID: <%s@example.com>\r\nDate: %s\r\n\r\n%s\r\n",
		from, emailOf(from), mailtest.Shop, key, time.Now().UTC().Format(time.RFC1123Z), key))
}
