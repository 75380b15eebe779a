package twilio

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/twilio/twilio-go/client"

	"onethread/models"
)

// longestPause caps what Retry-After may ask for.
const longestPause = 6 * time.Hour

// failed turns the error of a call into what is to become of it, in words. Permanent, OptedOut,
// Paused and RetryAfter are told apart by Twilio's code, else by the status; what remains is
// unknown or passing, and tried again.
func (c *call) failed(err error, now time.Time) error {
	var said *client.TwilioRestError
	code, message := 0, ""
	if errors.As(err, &said) {
		code, message = said.Code, said.Message
	}
	status := c.answer.status
	switch {
	case code == codeAuth || code == codeSuspended || code == codeNotActive || code == codeSuspended2 || code == codeNotFound:
		return models.Paused(errors.New(wordsFor(code)))
	case status == http.StatusUnauthorized:
		return models.Paused(errors.New(wordsFor(codeAuth)))
	case status == http.StatusTooManyRequests || code == codeRate || code == codeQueueFull || code == codeQueueFull2:
		return models.RetryAfter(errors.New("Twilio asks to go more slowly. It is tried again."), retryAfter(c.answer.header, now))
	case code == codeOptedOut:
		return models.OptedOut(errors.New(wordsFor(code)))
	case status >= 500:
		return models.RetryAfter(fmt.Errorf("Twilio has a problem of its own (%d). It is tried again.", status), retryAfter(c.answer.header, now))
	case code != 0 && status >= 400 && status != http.StatusRequestTimeout:
		return models.Permanent(refusal(code, message))
	}
	return unclear(err, status)
}

// refusal is Twilio's final no, in our words where we have some.
func refusal(code int, message string) error {
	if _, ok := meanings[code]; ok {
		return errors.New(wordsFor(code))
	}
	return fmt.Errorf("Twilio refused it: %s (error %d; twilio.com/docs/api/errors/%d)", short(message), code, code)
}

// unclear is a call whose outcome nobody knows.
func unclear(err error, status int) error {
	var timeout net.Error
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err // without the address, which means nothing to people
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return errors.New("Twilio did not answer in time. It is tried again.")
	case status != 0:
		return fmt.Errorf("Twilio's answer (%d) makes no sense: %v. It is tried again; see that Twilio's address in Settings is right.", status, err)
	}
	return fmt.Errorf("Twilio cannot be reached: %w. It is tried again.", err)
}

// retryAfter reads a Retry-After header, in seconds or as a date (RFC 9110 section 10.2.3); 0 when
// there is none that makes sense.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	var d time.Duration
	if n, err := strconv.Atoi(text); err == nil {
		d = time.Duration(min(max(n, 0), int(longestPause/time.Second))) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		d = at.Sub(now)
	}
	return min(max(d, 0), longestPause)
}
