package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"onethread/handlers/browser"
	"onethread/integrations/email/mailtest"
)

// TestOneCustomerOneThread tells the product's first promise: Ana writes by email, buys something,
// and chats on the shop's site where she is logged in. That is one row and one thread, on two
// browsers at once; the answers reach her by mail and in the widget; and when the server is
// killed and started again in the middle, everything catches up by itself.
func TestOneCustomerOneThread(t *testing.T) {
	if testing.Short() {
		t.Skip("a story with real servers and a real browser takes half a minute")
	}
	stack := mailtest.Start(t)
	b := browser.Start(t)
	s := begin(t)

	s.connect("email", "Support", stack.Settings(mailtest.Shop))
	secret := storySecret
	chat := s.last(s.cli("", "channel", "add", "webchat", "--name", "Site", "--set", "secret="+secret))
	till := s.last(s.cli("", "channel", "add", "generic", "--name", "Till", "--set", "secret="+secret))
	s.start()
	site := s.siteOf(chat)
	mia, leo := b.Page(t, 1440, 900), b.Page(t, 1440, 900)
	for _, p := range []*browser.Page{mia, leo} {
		s.logIn(p, "mia@casa.example")
	}

	// By email, through the real Dovecot.
	stack.SendMail(mailtest.Alice, mailtest.Shop, []byte("From: Ana Duarte <"+mailtest.Alice+">\r\nTo: "+mailtest.Shop+"\r\nSubject: Walnut desk\r\nMessage-ID: <first@example.test>\r\nDate: "+
		time.Now().Format(time.RFC1123Z)+"\r\n\r\nIs the walnut desk back in stock?\r\n"))
	for _, p := range []*browser.Page{mia, leo} {
		p.Wait("document.querySelectorAll('#rows .row').length === 1 && document.querySelector('#rows .row').innerText.includes('walnut desk')")
		p.Click("#rows .row a")
		p.Wait("document.querySelector('main.thread .said')?.innerText.includes('walnut desk')")
	}
	ana := s.rows()[0].CustomerID

	// An order through the signed door; the call is made twice.
	for _, want := range []int{201, 200} {
		if got := s.signed(till, secret, order(mailtest.Alice)); got != want {
			t.Fatalf("the signed order: %d, want %d", got, want)
		}
	}
	if got := s.signed(till, "another secret than the right one", order(mailtest.Alice)); got != 401 {
		t.Errorf("a forged call: %d, want 401", got)
	}
	for _, p := range []*browser.Page{mia, leo} {
		p.Wait("document.querySelectorAll('#entries .card-box').length === 1 && document.querySelector('#panel').innerText.includes('#1042')")
	}

	// By chat, from a page on another origin, where the shop says who she is.
	visitor := b.Page(t, 1000, 800)
	visitor.Open(site)
	visitor.Wait("window.onethread && window.onethread.on")
	visitor.Eval("onethread('open')", nil)
	frame := visitor.Frame("/c/chat/frame")
	frame.Wait("document.getElementById('send')?.ariaLabel") // the script has taken over
	say := func(f *browser.Page, words string) {
		f.Eval(fmt.Sprintf("(document.getElementById('box').value=%q, document.getElementById('form').requestSubmit())", words), nil)
	}
	say(frame, "It is me again, in the chat.")
	for _, p := range []*browser.Page{mia, leo} {
		p.Wait("[...document.querySelectorAll('#entries .said')].some(e => e.innerText.includes('in the chat'))")
		p.Wait("document.querySelectorAll('#rows .row').length === 1")
	}

	// The answer by chat, where she wrote last: the composer has chosen it.
	mia.Wait("document.querySelector('#ways input:checked')?.dataset.kind === 'chat'")
	mia.Type("#words-field", "Yes, two are left.")
	mia.Click("#send")
	frame.Wait("[...document.querySelectorAll('#list li.them')].some(e => e.innerText.includes('two are left'))")
	leo.Wait("[...document.querySelectorAll('#entries .out .said')].some(e => e.innerText.includes('two are left'))")

	// Killed, and something happens meanwhile.
	s.kill()
	stack.SendMail(mailtest.Alice, mailtest.Shop, []byte("From: Ana Duarte <"+mailtest.Alice+">\r\nTo: "+mailtest.Shop+"\r\nSubject: Re: Walnut desk\r\nMessage-ID: <second@example.test>\r\nIn-Reply-To: <first@example.test>\r\nDate: "+
		time.Now().Format(time.RFC1123Z)+"\r\n\r\nWritten while you were away.\r\n"))
	say(frame, "Sent while the server was gone.")
	s.start()
	for _, p := range []*browser.Page{mia, leo} {
		p.Wait("document.querySelector('#live-state').dataset.state === 'live'")
		for _, words := range []string{"while you were away", "while the server was gone"} {
			p.Wait(fmt.Sprintf("[...document.querySelectorAll('#entries .said')].filter(e => e.innerText.includes(%q)).length === 1", words))
		}
	}

	// The answer by email reaches her mailbox through Postfix, as an answer to her mail.
	mia.Eval("document.querySelector('#ways input[data-kind=email]').click()", nil)
	mia.Type("#words-field", "And by mail: we keep one for you.")
	mia.Click("#send")
	mail := unfolded(string(stack.Await(mailtest.Alice, "INBOX", 1)[0]))
	for _, want := range []string{"we keep one for you", "Subject: Re: Walnut desk", "In-Reply-To: <second@example.test>", "<first@example.test>", "Message-ID: <m."} {
		if !strings.Contains(mail, want) {
			t.Errorf("the mail lacks %q:\n%s", want, mail)
		}
	}
	leo.Wait("[...document.querySelectorAll('#entries .out')].some(e => e.innerText.includes('keep one for you') && e.querySelector('.receipt')?.dataset.state === 'sent')")
	say(frame, "Thank you!")
	frame.Wait("[...document.querySelectorAll('#list li.me:not(.waiting)')].some(e => e.innerText.includes('Thank you'))")

	s.tellsOneThread(ana)
	for _, p := range []*browser.Page{mia, leo} {
		for _, e := range p.Errors() {
			if !strings.Contains(e, "WebSocket") && !strings.Contains(e, "ERR_CONNECTION") && !strings.Contains(e, "Failed to load resource") {
				t.Errorf("console: %s", e) // the killed server's own errors are expected
			}
		}
	}
	if took := s.stop(); took > 10*time.Second {
		t.Errorf("stopping took %s", took)
	}
	s.cli("", "doctor")
}

// unfolded joins folded header lines (RFC 5322, section 2.2.3).
func unfolded(mail string) string {
	return strings.NewReplacer("\r\n ", " ", "\n ", " ").Replace(mail)
}

// tellsOneThread checks the thread through the API: everything once, in the order it happened.
func (s *story) tellsOneThread(customer string) {
	s.Helper()
	var got []string
	for _, e := range s.thread(customer) {
		if e.Kind == "message" {
			got = append(got, e.Channel.Type+" "+e.Direction)
		} else if e.Kind == "order" {
			got = append(got, "order")
		}
	}
	// A mail's Date has whole seconds, so the second mail may stand before chat lines of its second.
	joined := strings.Join(got, ", ")
	if !strings.HasPrefix(joined, "email in, order, ") || strings.Index(joined, "webchat in") > strings.Index(joined, "webchat out") || !strings.HasSuffix(joined, "email out, webchat in") {
		s.Errorf("the thread is told otherwise than it happened: %s", joined)
	}
	for what, n := range map[string]int{"email in": 2, "order": 1, "webchat in": 3, "webchat out": 1, "email out": 1} {
		if c := strings.Count(joined, what); c != n {
			s.Errorf("%q stands %d times, want %d: %s", what, c, n, joined)
		}
	}
	if rows := s.rows(); len(rows) != 1 || rows[0].CustomerID != customer {
		s.Errorf("the inbox must show one row: %+v", rows)
	}
}

func order(email string) string {
	at := time.Now().UTC().Format(time.RFC3339)
	return fmt.Sprintf(`{"external_id":"till-0007","occurred_at":%q,"kind":"order","identities":[{"kind":"email","value":%q,"evidence":"asserted"}],
"customer":{"name":"Ana Duarte"},"order":{"number":"1042","status":"paid","currency":"EUR","total":"538.00","updated_at":%q,
"lines":[{"title":"Walnut desk 140","quantity":1,"price":"449.00","sku":"WD140"},{"title":"Brass lamp, S","quantity":1,"price":"89.00"}]}}`, at, email, at)
}

// signed makes a call of the generic door, signed by the Standard Webhooks scheme, and returns the status.
func (s *story) signed(channel, secret, body string) int {
	s.Helper()
	stamp := fmt.Sprint(time.Now().Unix())
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "msg_1.%s.%s", stamp, body)
	req, err := http.NewRequestWithContext(s.Context(), "POST", s.url+"/api/v1/ingest/"+channel, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	req.Header.Set("Webhook-Id", "msg_1")
	req.Header.Set("Webhook-Timestamp", stamp)
	req.Header.Set("Webhook-Signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	req.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode
}
