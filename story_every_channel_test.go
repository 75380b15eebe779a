package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"onethread/handlers/browser"
	"onethread/integrations/email/mailtest"
	"onethread/integrations/twilio/twiliotest"
)

const (
	anasPhone   = "+351912007031"
	storySecret = "the shop's own signing secret, long"
)

// TestEveryChannelOneThread tells the promise of the first page: Ana mails, texts, chats from a page
// of another origin, and buys in the Shopify and in the WooCommerce store. That is one row and one
// thread in the order it happened, on two browsers without a reload; the answers reach Postfix, Twilio
// (its official description, served by Prism) and the widget.
func TestEveryChannelOneThread(t *testing.T) {
	if testing.Short() {
		t.Skip("a story with real servers and a real browser takes half a minute")
	}
	fixtures := channelFixtures(t)
	carrier := twiliotest.Prism(t)
	stack := mailtest.Start(t)
	b := browser.Start(t)
	s := begin(t)
	s.connect("email", "Support", stack.Settings(mailtest.Shop))
	number := s.connect("twilio", "The shop's number", carrier.Settings())
	shopify := s.connect("shopify", "Shopify", map[string]string{"shop_domain": "casa.myshopify.com", "secret": storySecret})
	woo := s.connect("woocommerce", "WooCommerce", map[string]string{"store_url": "https://casa.example", "secret": storySecret})
	chat := s.connect("webchat", "Site", map[string]string{"secret": storySecret})
	s.start()
	site := s.siteOf(chat)
	mia, leo := b.Page(t, 1440, 900), b.Page(t, 1440, 900)
	staff := []*browser.Page{mia, leo}
	s.cli(storyPassword, "user", "add", "--email", "leo@casa.example", "--name", "Leo Reis", "--role", "agent", "--password-stdin")
	s.logIn(mia, "mia@casa.example")
	s.logIn(leo, "leo@casa.example")

	stack.SendMail(mailtest.Alice, mailtest.Shop, []byte("From: Ana Duarte <"+mailtest.Alice+">\r\nTo: "+mailtest.Shop+"\r\nSubject: Walnut desk\r\nMessage-ID: <first@example.test>\r\nDate: "+
		time.Now().Add(-time.Second).Format(time.RFC1123Z)+"\r\n\r\nIs the walnut desk back in stock?\r\n"))
	for _, p := range staff {
		p.Wait("[...document.querySelectorAll('#rows .row')].some(r => r.innerText.includes('walnut desk'))")
		p.Eval("[...document.querySelectorAll('#rows .row')].find(r => r.innerText.includes('walnut desk')).querySelector('a').click()", nil)
		p.Wait("document.querySelector('main.thread .said')?.innerText.includes('walnut desk')")
		p.Eval("window.neverLeft = true", nil) // a reload would forget it
	}
	ana := s.customerOf("walnut desk")

	// By SMS: a number that nobody knows yet, so a thread of its own, until the store says whose it is.
	if status, answer := s.text(number, carrier, "Hi, it is Ana. Did my mail arrive?"); status != 200 || !strings.Contains(answer, "<Response>") {
		t.Fatalf("the signed SMS: %d %s", status, answer)
	}
	mia.Wait("[...document.querySelectorAll('#rows .row')].some(r => r.innerText.includes('Did my mail arrive'))")
	if s.customerOf("Did my mail arrive") == ana {
		t.Error("nothing yet says that the number is hers")
	}

	// A WooCommerce order of a customer who was logged in holds both her mail and her number.
	nextSecond()
	s.wooOrder(woo, fixtures, "order.created")
	s.wooOrder(woo, fixtures, "order.created") // the store sends twice
	for _, p := range staff {
		p.Wait("[...document.querySelectorAll('#entries .said')].some(e => e.innerText.includes('Did my mail arrive'))")
		p.Wait("document.querySelectorAll('#entries .card-box').length === 1")
	}
	nextSecond()
	s.shopifyOrder(shopify, fixtures)
	for _, p := range staff {
		p.Wait("document.querySelectorAll('#entries .card-box').length === 2")
	}

	// By chat, from the shop's site, where the shop says who she is.
	visitor := b.Page(t, 1000, 800)
	visitor.Open(site)
	visitor.Wait("window.onethread && window.onethread.on")
	visitor.Eval("onethread('open')", nil)
	frame := visitor.Frame("/c/chat/frame")
	frame.Wait("document.getElementById('send')?.ariaLabel") // the script has taken over
	frame.Eval("(document.getElementById('box').value='It is me again, in the chat.', document.getElementById('form').requestSubmit())", nil)
	for _, p := range staff {
		p.Wait("[...document.querySelectorAll('#entries .said')].some(e => e.innerText.includes('in the chat'))")
		p.Wait("[...document.querySelectorAll('#rows .row')].filter(r => /Ana|in the chat|mail arrive/.test(r.innerText)).length === 1")
	}

	s.answerEverywhere(mia, leo, frame, stack, carrier)
	s.tellsEveryChannel(ana, staff)
	s.respectsStop(number, ana, carrier, staff)
	for _, p := range staff {
		stayed := false
		if p.Eval("window.neverLeft === true", &stayed); !stayed {
			t.Error("a screen was loaded anew")
		}
		for _, e := range p.Errors() {
			t.Errorf("console: %s", e)
		}
	}
	if took := s.stop(); took > 10*time.Second {
		t.Errorf("stopping took %s", took)
	}
}

// connect adds a channel on the command line and returns its id.
func (s *story) connect(kind, name string, settings map[string]string) string {
	s.Helper()
	args := []string{"channel", "add", kind, "--name", name}
	for k, v := range settings {
		args = append(args, "--set", k+"="+v)
	}
	return s.last(s.cli("", args...))
}

// nextSecond waits until a new second begins: the stores' clocks know only whole ones, and what they tell
// must not stand before what came a moment earlier.
func nextSecond() { <-time.After(time.Until(time.Now().Truncate(time.Second).Add(time.Second))) }

func (s *story) logIn(p *browser.Page, email string) {
	p.Open(s.url + "/login")
	p.Type("#d-email", email)
	p.Type("#d-pass", storyPassword)
	p.Click(".door button")
	p.Wait("document.querySelector('#live-state')?.dataset.state === 'live'")
}

// customerOf finds whose open row shows the words.
func (s *story) customerOf(words string) string {
	s.Helper()
	var page struct {
		Data []struct {
			CustomerID string `json:"customer_id"`
			Preview    struct{ Text string }
		}
	}
	s.api("GET", "/conversations?status=open", nil, 200, &page)
	for _, row := range page.Data {
		if strings.Contains(row.Preview.Text, words) {
			return row.CustomerID
		}
	}
	s.Fatalf("no row shows %q: %+v", words, page.Data)
	return ""
}

func channelFixtures(t *testing.T) string {
	dir := filepath.Join(twiliotest.Shared(t), "fixtures", "channels")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("%s is not there: the story needs recorded orders. Set ONETHREAD_SHARED to the folder that has fixtures/channels", dir)
	}
	return dir
}

// text is an SMS by Ana, announced as Twilio does.
func (s *story) text(channel string, carrier *twiliotest.Contract, words string) (int, string) {
	s.Helper()
	set := carrier.Settings()
	form := url.Values{"MessageSid": {fmt.Sprintf("SM%032x", time.Now().UnixNano())}, "AccountSid": {set["account_sid"]}, "From": {anasPhone}, "To": {set["number"]}, "Body": {words},
		"NumMedia": {"0"}, "NumSegments": {"1"}, "SmsStatus": {"received"}, "ApiVersion": {"2010-04-01"}}
	address := s.url + "/webhooks/twilio/" + channel + "/sms"
	return s.call(address, []byte(form.Encode()), map[string]string{"Content-Type": "application/x-www-form-urlencoded",
		"X-Twilio-Signature": twiliotest.Sign(set["auth_token"], address, form)})
}

// call posts a webhook.
func (s *story) call(address string, body []byte, header map[string]string) (int, string) {
	s.Helper()
	req, err := http.NewRequestWithContext(s.Context(), "POST", address, bytes.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		s.Fatal(err)
	}
	return answer.StatusCode, string(b)
}

// recorded reads a recorded body, ids and amounts as they were written, puts Ana in, and signs it anew.
func (s *story) recorded(path string, change func(order map[string]any)) (body []byte, signature string) {
	s.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		s.Fatal(err)
	}
	order := map[string]any{}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&order); err != nil {
		s.Fatal(err)
	}
	change(order)
	if body, err = json.Marshal(order); err != nil {
		s.Fatal(err)
	}
	mac := hmac.New(sha256.New, []byte(storySecret))
	mac.Write(body)
	return body, base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func (s *story) wooOrder(channel, fixtures, topic string) {
	s.Helper()
	body, signature := s.recorded(filepath.Join(fixtures, "woocommerce", "webhooks", "019_order_created.body"), func(o map[string]any) {
		billing := o["billing"].(map[string]any)
		billing["first_name"], billing["last_name"], billing["email"], billing["phone"], billing["country"] = "Ana", "Duarte", mailtest.Alice, "912 007 031", "PT"
		for _, k := range []string{"date_created_gmt", "date_modified_gmt"} {
			o[k] = time.Now().UTC().Format("2006-01-02T15:04:05")
		}
	})
	resource, event, _ := strings.Cut(topic, ".")
	status, answer := s.call(s.url+"/webhooks/woocommerce/"+channel, body, map[string]string{"Content-Type": "application/json", "X-WC-Webhook-Source": "https://casa.example/",
		"X-WC-Webhook-Topic": topic, "X-WC-Webhook-Resource": resource, "X-WC-Webhook-Event": event, "X-WC-Webhook-Signature": signature, "X-WC-Webhook-ID": "1",
		"X-WC-Webhook-Delivery-ID": fmt.Sprintf("%x", time.Now().UnixNano())})
	if status != 200 {
		s.Fatalf("the WooCommerce order: %d %s", status, answer)
	}
}

func (s *story) shopifyOrder(channel, fixtures string) {
	s.Helper()
	now := time.Now().UTC().Format(time.RFC3339)
	body, signature := s.recorded(filepath.Join(fixtures, "shopify", "webhooks", "orders_create.rest2026.body.json"), func(o map[string]any) {
		o["id"] = json.Number("820982911946154508")
		o["email"], o["contact_email"], o["created_at"], o["processed_at"], o["updated_at"] = mailtest.Alice, mailtest.Alice, now, now, now
		o["customer"] = map[string]any{"id": json.Number("115310627314723954"), "email": mailtest.Alice, "first_name": "Ana", "last_name": "Duarte", "state": "enabled", "phone": nil}
	})
	status, answer := s.call(s.url+"/webhooks/shopify/"+channel, body, map[string]string{"Content-Type": "application/json", "X-Shopify-Topic": "orders/create",
		"X-Shopify-Shop-Domain": "casa.myshopify.com", "X-Shopify-API-Version": "2026-07", "X-Shopify-Webhook-Id": "1", "X-Shopify-Hmac-Sha256": signature, "X-Shopify-Triggered-At": now})
	if status != 200 {
		s.Fatalf("the Shopify order: %d %s", status, answer)
	}
}

// answerEverywhere answers by chat, where she wrote last, then by SMS and by mail, switching by key.
func (s *story) answerEverywhere(mia, leo *browser.Page, frame *browser.Page, stack *mailtest.Stack, carrier *twiliotest.Contract) {
	s.Helper()
	send := func(kind, words string) {
		mia.Eval("document.activeElement.blur()", nil) // keys are letters while one writes
		nth := 0
		mia.Eval(fmt.Sprintf("[...document.querySelectorAll('#ways input:not(:disabled)')].findIndex(w => w.dataset.kind === %q) + 1", kind), &nth)
		mia.Key(strconv.Itoa(nth))
		mia.Wait(fmt.Sprintf("document.querySelector('#ways input:checked')?.dataset.kind === %q", kind))
		mia.Type("#words-field", words)
		if kind == "phone" {
			mia.Wait("document.querySelector('#count').textContent.includes('1 SMS')")
		}
		mia.Click("#send")
		mia.Wait("document.querySelector('#words-field').value === ''")
		leo.Wait(fmt.Sprintf("[...document.querySelectorAll('#entries .out .said')].some(e => e.innerText.includes(%q))", words))
	}
	mia.Wait("document.querySelector('#ways input:checked')?.dataset.kind === 'chat'")
	send("chat", "Yes, two are left.")
	frame.Wait("[...document.querySelectorAll('#list li.them')].some(e => e.innerText.includes('two are left'))")
	send("phone", "Your mail arrived too.")
	s.await("Twilio has the SMS", func() bool {
		return slices.ContainsFunc(carrier.Calls(), func(c string) bool {
			return strings.HasPrefix(c, "POST ") && strings.Contains(c, "/Messages.json") && strings.Contains(c, "Body=Your+mail+arrived+too.") && strings.Contains(c, "To="+url.QueryEscape(anasPhone))
		})
	})
	send("email", "And by mail: we keep one for you.")
	mail := unfolded(string(stack.Await(mailtest.Alice, "INBOX", 1)[0]))
	for _, want := range []string{"we keep one for you", "In-Reply-To: <first@example.test>"} {
		if !strings.Contains(mail, want) {
			s.Errorf("the mail lacks %q:\n%s", want, mail)
		}
	}
	leo.Wait("[...document.querySelectorAll('#entries .out .receipt')].filter(e => e.dataset.state === 'sent').length >= 2")
}

// respectsStop: who writes STOP is not written to again until they write START; both screens say so.
func (s *story) respectsStop(number, customer string, carrier *twiliotest.Contract, staff []*browser.Page) {
	s.Helper()
	for _, step := range []struct{ words, disabled string }{{"Stop", "true"}, {"START", "false"}} {
		if status, answer := s.text(number, carrier, step.words); status != 200 {
			s.Fatalf("%s: %d %s", step.words, status, answer)
		}
		for _, p := range staff {
			p.Wait("String(document.querySelector('#ways input[data-kind=phone]').disabled) === '" + step.disabled + "'")
			p.Wait(fmt.Sprintf("[...document.querySelectorAll('#entries .quiet-line')].some(e => e.innerText.includes('“%s”'))", step.words))
		}
		if step.disabled == "true" {
			s.api("POST", "/customers/"+customer+"/messages", map[string]any{"channel_id": number, "text": "One more thing"}, 422, nil)
		}
	}
}

// tellsEveryChannel checks that everything is there once, in the order it happened: through the API, and
// on the screens.
func (s *story) tellsEveryChannel(customer string, staff []*browser.Page) {
	s.Helper()
	var got []string
	for _, e := range s.thread(customer) {
		switch e.Kind {
		case "message":
			got = append(got, e.Channel.Type+" "+e.Direction)
		case "order":
			got = append(got, e.Channel.Type+" order")
		}
	}
	want := []string{"email in", "twilio in", "woocommerce order", "shopify order", "webchat in", "webchat out", "twilio out", "email out"}
	if !slices.Equal(got, want) {
		s.Errorf("the thread tells %v, want %v", got, want)
	}
	for _, p := range staff {
		var shown []string
		p.Eval(`[...document.querySelectorAll('#entries > .entry.message, #entries > .entry.card')].map(e => e.classList.contains('card') ? 'card' : e.classList.contains('out') ? 'out' : 'in')`, &shown)
		if want := []string{"in", "in", "card", "card", "in", "out", "out", "out"}; !slices.Equal(shown, want) {
			s.Errorf("a screen shows %v, want %v", shown, want)
		}
	}
	mine := 0
	for _, row := range s.rows() {
		if row.CustomerID == customer {
			mine++
		}
	}
	if mine != 1 {
		s.Errorf("%d rows of hers", mine)
	}
	orders := 0
	for _, e := range s.thread(customer) {
		if e.CustomerID != customer {
			s.Errorf("event %s belongs to %s", e.ID, e.CustomerID)
		}
		if e.Kind == "order" {
			orders++
		}
	}
	if orders != 2 {
		s.Errorf("%d orders", orders)
	}
}
