// Package twilio speaks Twilio's messaging API: text messages in by signed webhook (and by a poll
// for what no webhook brought), out by the REST API, with pictures and delivery reports.
package twilio

import (
	"context"
	"net/http"
	"time"

	"onethread/models"
)

// Provider is the SMS integration.
var Provider = models.Provider{
	Kind:     "twilio",
	Name:     "SMS (Twilio)",
	Address:  models.PhoneIdentity,
	MaxText:  maxText,
	Segments: true,
	Hooks:    []string{pathSMS + overrides}, // where reports go stands in each message
	// An answer with a <Message> in it would be sent to the customer; this one says nothing.
	Answer:   models.HookAnswer{Type: "text/xml", Body: `<?xml version="1.0" encoding="UTF-8"?><Response></Response>`},
	Fields:   fields,
	Fits:     fits,
	Validate: func(s map[string]string) error { _, err := readSettings(s); return err },
	Open:     open,
}

// The sub-paths of a channel's webhook address.
const (
	pathSMS    = "sms"
	pathStatus = "status"
)

// maxText is the longest body that Twilio takes, in characters (error 21617).
const maxText = 1600

var fields = []models.Field{
	{Key: "account_sid", Label: "Account SID", Type: "text", Required: true, Help: "Begins with AC. It stands on the first page of the Twilio Console."},
	{Key: "auth_token", Label: "Auth token", Type: "password", Required: true, Secret: true, Help: "Stands under the Account SID. Twilio signs its calls with it."},
	{Key: "number", Label: "Phone number", Type: "text", Help: "Your Twilio number with its country code, such as +12025550123."},
	{Key: "old_auth_token", Label: "Previous auth token", Type: "password", Secret: true, Advanced: true, Help: "While you change the token, calls signed with this one are accepted too."},
	{Key: "api_key_sid", Label: "API key SID", Type: "text", Advanced: true, Help: "Begins with SK. With an API key, messages are sent under it instead of the auth token."},
	{Key: "api_key_secret", Label: "API key secret", Type: "password", Secret: true, Advanced: true},
	{Key: "messaging_service_sid", Label: "Messaging service SID", Type: "text", Advanced: true, Help: "Begins with MG. Only if you send through a messaging service."},
	{Key: "country", Label: "Country", Type: "text", Advanced: true, Help: "Two letters, such as US: numbers without a country code are read as of there."},
	{Key: "poll_minutes", Label: "Look for missed messages every … minutes", Type: "number", Default: "5", Advanced: true, Help: "Finds what Twilio could not deliver while this server was away."},
	{Key: "base_url", Label: "Twilio's address", Type: "url", Default: realAPI, Advanced: true, Help: "Only for a test server in Twilio's place."},
	{Key: "allow_private", Label: "Allow private addresses", Type: "bool", Default: "false", Advanced: true, Help: "Needed when the test server stands in your own network."},
}

// account is one opened channel: what its sender, receiver, hook and check share.
type account struct {
	settings
	host    models.Host
	channel models.ID
	created time.Time // when the channel was connected: older messages come in quietly
	wire    http.RoundTripper
	patience
}

// patience is how long this account waits for things; tests shorten it.
type patience struct {
	call  time.Duration // for one answer of Twilio's API
	file  time.Duration // for one file
	every time.Duration // between two polls
	again time.Duration // before the first repetition of a failed poll; doubles
	rest  time.Duration // between polls while the credentials are refused
}

func open(ch models.Channel, host models.Host) (models.Connection, error) {
	a, err := newAccount(ch, host)
	if err != nil {
		return models.Connection{}, err
	}
	return models.Connection{
		Sender:   a,
		Receiver: &receiver{account: a},
		Hook:     hook{a},
		Fetch:    a.fetch,
		Check:    func(ctx context.Context) []models.Check { return a.check(ctx) },
	}, nil
}

func newAccount(ch models.Channel, host models.Host) (*account, error) {
	s, err := readSettings(ch.Settings)
	if err != nil {
		return nil, err
	}
	a := &account{settings: s, host: host, channel: ch.ID, created: ch.CreatedAt.Std(),
		patience: patience{call: 30 * time.Second, file: 2 * time.Minute, every: s.poll, again: time.Second, rest: time.Hour},
		wire: &http.Transport{DialContext: host.Dial, TLSHandshakeTimeout: 10 * time.Second, MaxIdleConnsPerHost: 2,
			IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true}}
	if ch.CreatedAt == 0 {
		a.created = host.Now()
	}
	return a, nil
}
