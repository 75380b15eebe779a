package twilio

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	openapi "github.com/twilio/twilio-go/rest/api/v2010"

	"onethread/models"
)

// stepTime bounds each step of the live test.
const stepTime = 10 * time.Second

// check is the settings screen's live test: the credentials, the number and where its messages go,
// and whether Twilio can reach us. It sends nothing.
func (a *account) check(ctx context.Context) []models.Check {
	var out []models.Check
	step := func(name string, do func(context.Context) error) bool {
		ctx, cancel := context.WithTimeout(ctx, stepTime)
		defer cancel()
		began, c := time.Now(), models.Check{Step: name, OK: true}
		if err := do(ctx); err != nil {
			c.OK, c.Problem = false, err.Error()
		}
		c.Took = time.Since(began)
		out = append(out, c)
		return c.OK
	}
	if step("account", a.checkAccount) && a.number != "" {
		step("number", a.checkNumber)
	}
	step("public address", func(context.Context) error { return a.checkAddress() })
	return out
}

func (a *account) checkAccount(ctx context.Context) error {
	c := a.api(ctx)
	defer c.end()
	got, err := c.FetchAccount(a.sid)
	if err == nil && or(got.Sid) == "" {
		err = errGarbage
	}
	if err != nil {
		return c.failed(err, a.host.Now())
	}
	if s := or(got.Status); s != "" && s != "active" {
		return fmt.Errorf("Your Twilio account is %s. Look into the Twilio Console.", short(s))
	}
	return nil
}

func (a *account) checkNumber(ctx context.Context) error {
	c := a.api(ctx)
	defer c.end()
	got, err := c.PageIncomingPhoneNumber((&openapi.ListIncomingPhoneNumberParams{}).SetPhoneNumber(a.number).SetPageSize(pageSize), "", "")
	if err != nil {
		return c.failed(err, a.host.Now())
	}
	for _, n := range got.IncomingPhoneNumbers {
		if or(n.PhoneNumber) == a.number {
			return a.judgeNumber(n)
		}
	}
	return fmt.Errorf("This Twilio account has no number %s. Choose one of its numbers, or buy one in the Twilio Console under Phone Numbers.", a.number)
}

// overrides let Twilio try a webhook five times, whatever the failure, instead of twice
// (twilio.com/docs/usage/webhooks/webhooks-connection-overrides).
const overrides = "#rc=4&rp=all"

// judgeNumber tells whether messages to our number are announced to us. With a messaging service it
// is the service that says where they go.
func (a *account) judgeNumber(n openapi.ApiV2010IncomingPhoneNumber) error {
	if n.Capabilities != nil && !n.Capabilities.Sms {
		return fmt.Errorf("%s cannot send or receive text messages. Choose a number that can in the Twilio Console.", a.number)
	}
	set, _, _ := strings.Cut(or(n.SmsUrl), "#")
	byGET := or(n.SmsMethod) == "GET"
	if a.service != "" || set == a.hookURL(pathSMS) && or(n.SmsApplicationSid) == "" && !byGET {
		return nil
	}
	goes := "are announced nowhere"
	switch {
	case or(n.SmsApplicationSid) != "":
		goes = "go to a TwiML application"
	case set == a.hookURL(pathSMS):
		goes = "are announced by HTTP GET, which Onethread does not take"
	case set != "":
		goes = "are announced to " + short(set)
	}
	return fmt.Errorf("Messages to %s %s, so they come in only when Onethread asks for them, every %d minutes. In the Twilio Console, open Phone Numbers › %s › Messaging and put this under “A message comes in” (Webhook, HTTP POST): %s",
		a.number, goes, int(a.poll/time.Minute), a.number, a.hookURL(pathSMS)+overrides)
}

func (a *account) checkAddress() error {
	if !a.real() {
		return nil // a test server reaches us wherever we are
	}
	u, err := url.Parse(a.host.URL)
	if err != nil || !a.reachable() {
		return fmt.Errorf("Twilio cannot reach this server at %s. Set ONETHREAD_URL to its public https address; until then messages come in with the poll only, and what was sent stays “sent”.", a.host.URL)
	}
	if u.Scheme != "https" {
		return errors.New("Twilio reaches this server without encryption, so others on the way can read the messages. Put it behind https and set ONETHREAD_URL to that address.")
	}
	return nil
}
