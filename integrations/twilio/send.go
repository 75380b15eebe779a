package twilio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"unicode/utf8"

	openapi "github.com/twilio/twilio-go/rest/api/v2010"

	"onethread/models"
)

// Send implements models.Sender. Twilio takes no idempotency key, so a later attempt first looks
// whether an earlier one was accepted after all, and sends nothing while that cannot be told.
func (a *account) Send(ctx context.Context, out models.Outbound) (models.Receipt, error) {
	p, err := a.params(out)
	if err != nil {
		return models.Receipt{}, err
	}
	if out.Attempt > 1 && out.Since != 0 {
		found, err := a.earlier(ctx, out)
		if err != nil {
			return models.Receipt{}, fmt.Errorf("It cannot be told yet whether the message has already left: %w", keepTrying(err))
		}
		if found != nil {
			return receipt(found)
		}
	}
	c := a.api(ctx)
	defer c.end()
	m, err := c.CreateMessage(p)
	if err == nil && !messageSID.MatchString(or(m.Sid)) {
		err = errGarbage
	}
	if err != nil {
		return models.Receipt{}, c.failed(err, a.host.Now())
	}
	return receipt(m)
}

// keepTrying takes the finality out of an error: that the list cannot be had says nothing about the
// message. Refused credentials stay what they are.
func keepTrying(err error) error {
	var e *models.SendError
	if errors.As(err, &e) && e.Permanent {
		return e.Err
	}
	return err
}

// receipt is what an accepted message came to. "queued" and "accepted" are the provider's yes.
func receipt(m *openapi.ApiV2010Message) (models.Receipt, error) {
	r := models.Receipt{ProviderID: or(m.Sid), State: models.DeliverySent}
	switch state := states[or(m.Status)]; state {
	case models.DeliveryDelivered, models.DeliveryRead:
		r.State = state
	case models.DeliveryFailed:
		err := errors.New(wordsFor(or(m.ErrorCode)))
		if or(m.ErrorCode) == codeOptedOut {
			return r, models.OptedOut(err)
		}
		return r, models.Permanent(err)
	case models.DeliveryCanceled:
		return r, models.Permanent(errors.New("The message was called back at Twilio before it left. Send it again if it is still wanted."))
	}
	return r, nil
}

func (a *account) params(out models.Outbound) (*openapi.CreateMessageParams, error) {
	p := (&openapi.CreateMessageParams{}).SetTo(out.To)
	if utf8.RuneCountInString(out.Text) > maxText {
		return nil, models.Permanent(errors.New(wordsFor(21617)))
	}
	if strings.TrimSpace(out.Text) == "" && len(out.Attachments) == 0 {
		return nil, models.Permanent(errors.New("The message is empty. Write something and send it again."))
	}
	if out.Text != "" {
		p.SetBody(out.Text)
	}
	if a.number != "" {
		p.SetFrom(a.number)
	}
	if a.service != "" {
		p.SetMessagingServiceSid(a.service)
	}
	if a.reachable() {
		p.SetStatusCallback(a.hookURL(pathStatus))
	}
	if len(out.Attachments) == 0 {
		return p, nil
	}
	media, err := a.media(out.Attachments)
	return p.SetMediaUrl(media), err
}

// media lists the addresses from which Twilio fetches the files.
func (a *account) media(files []models.FileOut) ([]string, error) {
	var out []string
	for _, f := range files {
		if f.URL == "" || !a.reachable() {
			return nil, models.Permanent(fmt.Errorf("Twilio cannot fetch “%s” from here: this server's address is not reachable from outside. Set ONETHREAD_URL to its public https address, or send the file by email.", f.Name))
		}
		out = append(out, f.URL)
	}
	return out, nil
}

func (a *account) hookURL(path string) string {
	return fmt.Sprintf("%s/webhooks/twilio/%d/%s", a.host.URL, a.channel, path)
}

// reachable tells whether the provider can call us. Twilio refuses a callback address on localhost,
// and with it the whole message; a test server beside us does not.
func (a *account) reachable() bool {
	if !a.real() {
		return true
	}
	u, err := url.Parse(a.host.URL)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() != "localhost" && !strings.HasSuffix(u.Hostname(), ".localhost") && (ip == nil || !ip.IsLoopback() && !ip.IsUnspecified())
}

// decode reads an answer's JSON into v.
func decode(v any) func([]byte) error { return func(b []byte) error { return json.Unmarshal(b, v) } }
