package twiliotest

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Sign is the X-Twilio-Signature of a form posted to a public address: Twilio's documented algorithm,
// written independently of its library.
func (f *Fake) Sign(public string, form url.Values) string { return Sign(f.Token, public, form) }

// Sign signs with any token.
func Sign(token, public string, form url.Values) string {
	mac := hmac.New(sha1.New, []byte(token))
	io.WriteString(mac, public)
	for _, k := range slices.Sorted(maps.Keys(form)) {
		io.WriteString(mac, k+form.Get(k))
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Answer is how a webhook was answered.
type Answer struct {
	Status int
	Type   string
	Body   string
	Took   time.Duration
	Tries  int
}

// Announce makes a signed call to a webhook address as Twilio does. The address may end in
// connection overrides: #rc=4&rp=all asks for four more tries after any failure; without them it is
// one more try, after a failed connection only.
func (f *Fake) Announce(address string, form url.Values) (Answer, error) {
	address, overrides, _ := strings.Cut(address, "#")
	o, _ := url.ParseQuery(overrides)
	tries, all := number(o.Get("rc"), 1)+1, o.Get("rp") == "all"
	var a Answer
	var err error
	for a.Tries = 1; ; a.Tries++ {
		err = f.post(address, form, &a)
		if a.Tries >= tries || err == nil && (a.Status < 500 || !all) {
			return a, err
		}
		if f.Between != nil {
			f.Between()
		}
	}
}

func (f *Fake) post(address string, form url.Values, a *Answer) error {
	req, err := http.NewRequest("POST", address, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	req.Header.Set("User-Agent", "TwilioProxy/1.1")
	req.Header.Set("X-Twilio-Signature", f.Sign(address, form))
	req.Header.Set("I-Twilio-Idempotency-Token", fmt.Sprintf("token-of-%s-%s", form.Get("MessageSid"), form.Get("MessageStatus")))
	began := time.Now()
	client := http.Client{Timeout: 15 * time.Second} // Twilio's limit
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	a.Status, a.Type, a.Body, a.Took = resp.StatusCode, resp.Header.Get("Content-Type"), string(body), time.Since(began)
	return err
}

// Store puts a customer's message into the account without announcing it: what a poll must find.
func (f *Fake) Store(from, body string, files ...File) Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := &Message{SID: f.sid("SM"), From: from, To: f.Number, Body: body, Direction: "inbound", Status: "received", Created: f.Now()}
	for _, file := range files {
		file.sid = f.sid("ME")
		m.Files = append(m.Files, file)
	}
	f.messages = append(f.messages, m)
	switch strings.ToUpper(strings.TrimSpace(body)) {
	case "STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT":
		f.blocked[from] = true
	case "START", "YES", "UNSTOP":
		delete(f.blocked, from)
	}
	return *m
}

// Inbound is the form with which a message is announced.
func (f *Fake) Inbound(m Message) url.Values {
	form := url.Values{"MessageSid": {m.SID}, "SmsMessageSid": {m.SID}, "SmsSid": {m.SID}, "AccountSid": {f.SID}, "From": {m.From}, "To": {m.To}, "Body": {m.Body},
		"NumMedia": {strconv.Itoa(len(m.Files))}, "NumSegments": {"1"}, "SmsStatus": {"received"}, "ApiVersion": {"2010-04-01"}}
	for n, file := range m.Files {
		form.Set(fmt.Sprint("MediaUrl", n), f.MediaURL(m, n))
		form.Set(fmt.Sprint("MediaContentType", n), file.Type)
	}
	return form
}

// Receive is a customer's message: stored, and announced at SMSURL where one is set.
func (f *Fake) Receive(from, body string, files ...File) (Message, Answer, error) {
	m := f.Store(from, body, files...)
	if f.SMSURL == "" {
		return m, Answer{}, nil
	}
	a, err := f.Announce(f.SMSURL, f.Inbound(m))
	return m, a, err
}

// Move moves a sent message to a state without announcing it. code is 0 without an error.
func (f *Fake) Move(sid, status string, code int) (m Message, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, have := range f.messages {
		if have.SID == sid {
			have.Status, have.Code = status, code
			return *have, true
		}
	}
	return m, false
}

// Status moves a sent message to a state and announces it where the message asks for that. Calls
// may come doubled and in any order, as Twilio's do.
func (f *Fake) Status(sid, status string, code int) (Answer, error) {
	m, ok := f.Move(sid, status, code)
	if !ok {
		return Answer{}, fmt.Errorf("no message %s was sent", sid)
	}
	if m.StatusCallback == "" {
		return Answer{}, nil
	}
	return f.Announce(m.StatusCallback, f.Report(m))
}

// Report is the form with which a message's state is announced.
func (f *Fake) Report(m Message) url.Values {
	form := url.Values{"MessageSid": {m.SID}, "SmsSid": {m.SID}, "MessageStatus": {m.Status}, "SmsStatus": {m.Status}, "AccountSid": {f.SID}, "From": {f.Number}, "To": {m.To},
		"ApiVersion": {"2010-04-01"}}
	if m.Code != 0 {
		form.Set("ErrorCode", strconv.Itoa(m.Code))
	}
	return form
}
