// Package conformance holds the tests that every provider folder must pass, whatever
// protocol it speaks: settings that make sense, a stable duplicate id, forged calls refused,
// nonsense kept instead of lost, failures told apart, and a receiver that stops when told.
//
// A provider's own test fills a Case and calls Run; the parts it lacks stay nil.
package conformance

import (
	"context"
	"io"
	"log/slog"
	"net"
	"testing"
	"time"

	"onethread/models"
)

// Patience is how long a receiver may take to deliver what its source holds, and a sender to
// answer; Promptly how soon a receiver must return once its context has ended.
const (
	Patience = 20 * time.Second
	Promptly = 5 * time.Second
)

// Case describes one provider to the suite.
type Case struct {
	Provider models.Provider
	Settings map[string]string // complete settings that Validate accepts
	Wrong    map[string]string // field key → a value that Validate must refuse, naming that field
	Hook     *Hook
	Send     *Send
	Receive  *Receive
}

// Hook describes the webhook side. Every request carries its own Now.
type Hook struct {
	Open      func(t *testing.T) models.Hook
	Good      map[string]models.HookRequest // well signed, sensible
	Forged    map[string]models.HookRequest // no signature, a wrong one, a changed body, an old time
	Malformed map[string]models.HookRequest // well signed, but the body makes no sense
}

// Answer is what the provider behind a Sender does with the message.
type Answer string

// The four answers that a Sender must tell apart.
const (
	Accepts        Answer = "accepts the message"
	RefusesMessage Answer = "refuses this message for good"
	Busy           Answer = "asks to try again later"
	RefusesChannel Answer = "refuses the credentials"
)

// Send describes the sending side. An answer that the provider cannot give is left out of Answers.
type Send struct {
	Answers []Answer
	Open    func(t *testing.T, a Answer) models.Sender // a sender whose provider answers so
	Out     models.Outbound
}

// Receive describes the pulling side.
type Receive struct {
	// Open gives a receiver that starts from the beginning (its Host.Cursor returns "" at
	// first) over one and the same source, which holds exactly Items items.
	Open  func(t *testing.T) models.Receiver
	Items int
}

// Host returns a Host for tests: it logs nowhere, dials whatever it is asked to (loopback too),
// and remembers nothing between calls.
func Host() models.Host {
	return models.Host{
		URL:    "http://localhost:8080",
		Log:    slog.New(slog.NewTextHandler(io.Discard, nil)),
		Now:    time.Now,
		Dial:   (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		Cursor: func(context.Context, string) (string, error) { return "", nil },
		Status: func(context.Context, models.Status) {},
	}
}

// Run runs every part of the suite that the case describes.
func Run(t *testing.T, c Case) {
	t.Run("fields", func(t *testing.T) { fields(t, c.Provider) })
	t.Run("validate", func(t *testing.T) { validate(t, c) })
	if c.Hook != nil {
		t.Run("hook", func(t *testing.T) { hook(t, *c.Hook) })
	}
	if c.Send != nil {
		t.Run("send", func(t *testing.T) { send(t, *c.Send) })
	}
	if c.Receive != nil {
		t.Run("receive", func(t *testing.T) { receive(t, *c.Receive) })
	}
}
