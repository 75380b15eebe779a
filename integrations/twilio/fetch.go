package twilio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"

	"onethread/models"
)

const (
	// maxFile bounds a file that a customer sent, in bytes. Twilio takes no more than 5 MB today, other
	// channels of its up to 16.
	maxFile = 25 << 20
	// maxHops is how many redirects are followed; Twilio's files are one away.
	maxHops = 3
)

// fetch implements models.Fetch. Twilio wants its password and leads to another host, which must not
// get it; every host on the way is dialled through the guarded dialler.
func (a *account) fetch(ctx context.Context, address string) (models.FileIn, error) {
	if !a.trusted(address) {
		return models.FileIn{}, models.Permanent(errors.New("The file lies outside Twilio, so it was not fetched."))
	}
	ctx, cancel := context.WithTimeout(ctx, a.file)
	defer cancel()
	at, err := url.Parse(address)
	if err != nil {
		return models.FileIn{}, models.Permanent(err)
	}
	home := at.Host
	for range maxHops + 1 {
		resp, err := a.get(ctx, at, at.Host == home)
		if err != nil {
			return models.FileIn{}, unclear(err, 0)
		}
		if resp.StatusCode < 300 || resp.StatusCode > 399 {
			defer resp.Body.Close()
			return a.take(resp)
		}
		resp.Body.Close()
		if at, err = resp.Location(); err != nil || at.Host == "" || at.Scheme != "https" && at.Scheme != a.base.Scheme {
			return models.FileIn{}, models.Permanent(errors.New("Twilio leads to an address for this file that cannot be used. It can be seen in the Twilio Console."))
		}
	}
	return models.FileIn{}, models.Permanent(errors.New("Twilio leads on and on for this file. It can be seen in the Twilio Console."))
}

func (a *account) get(ctx context.Context, at *url.URL, known bool) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, err
	}
	if known {
		req.SetBasicAuth(a.user, a.password)
	}
	return a.wire.RoundTrip(req)
}

// take reads the file out of the last answer.
func (a *account) take(resp *http.Response) (models.FileIn, error) {
	switch s := resp.StatusCode; {
	case s == http.StatusNotFound || s == http.StatusGone:
		return models.FileIn{}, models.Permanent(errors.New("The file is no longer at Twilio; it was deleted there. Ask the customer to send it again."))
	case s == http.StatusUnauthorized:
		return models.FileIn{}, errors.New("Twilio refused the credentials when the file was fetched. Check them in Settings; it is tried again.")
	case s == http.StatusForbidden, s == http.StatusTooManyRequests, s == http.StatusRequestTimeout, s >= 500:
		return models.FileIn{}, models.RetryAfter(fmt.Errorf("Twilio does not give the file now (%d). It is tried again.", s), retryAfter(resp.Header, a.host.Now()))
	case s != http.StatusOK:
		return models.FileIn{}, models.Permanent(fmt.Errorf("Twilio does not give the file (%d). Look for it in the Twilio Console.", s))
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxFile+1))
	if err != nil {
		return models.FileIn{}, unclear(err, 0)
	}
	if len(body) > maxFile {
		return models.FileIn{}, models.Permanent(errors.New("The file is larger than 25 MB. It can be seen in the Twilio Console."))
	}
	kind, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		kind = "application/octet-stream"
	}
	return models.FileIn{Type: kind, Body: body}, nil
}
