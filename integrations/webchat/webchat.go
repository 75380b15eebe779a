// Package webchat is the chat on the shop's own site: it signs visitors' tokens and turns what
// the widget says into inbound events. Answers need no call: the widget reads them from the
// feed, so the Sender here only confirms.
package webchat

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"onethread/models"
)

// Kind is the channel type.
const Kind = "webchat"

// Provider describes web chat to the settings form, the command line and the loops.
var Provider = models.Provider{
	Kind:     Kind,
	Name:     "Web chat",
	Address:  models.ChatIdentity,
	Instant:  true,
	Fields:   fields,
	Validate: validate,
	Open:     open,
}

var fields = []models.Field{
	{Key: "title", Label: "Title", Type: "text", Default: "Chat with us", Help: "Stands at the top of the chat."},
	{Key: "color", Label: "Colour", Type: "text", Default: "#1f5f4a", Help: "Of the button and the chat's head, as #rrggbb."},
	{Key: "welcome", Label: "Welcome", Type: "textarea", Default: "Hello! How can we help?", Help: "What visitors read before they write."},
	{Key: "origins", Label: "Sites", Type: "textarea", Help: "Where the chat may appear, one address a line (https://www.example.com). Empty: on any site."},
	{Key: "ask_contact", Label: "Ask for email or phone", Type: "bool", Default: "true", Help: "After the first message, so that you can answer when the visitor has left. It can be skipped."},
	{Key: "follow_up", Label: "Answer by email when the visitor has left", Type: "select", Options: []string{"1", "2", "5", "10", "30", "off"}, Default: "2", Help: "After how many minutes an answer that was not seen goes by email, or by SMS, to the address that is known or was left in the chat; off: never."},
	{Key: "consent_required", Label: "Wait for consent", Type: "bool", Default: "false", Help: "No page view is recorded before the site calls onethread('consent', true)."},
	{Key: "secret", Label: "Identify secret", Type: "password", Secret: true, Generate: true, Help: "Your site signs who is logged in with it. Keep it on your server."},
	{Key: "old_secret", Label: "Previous identify secret", Type: "password", Secret: true, Advanced: true, Help: "Still accepted while you change over to a new one. Empty it afterwards."},
}

var hexColor = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

const minSecret = 16 // characters; what we generate has 43

func validate(s map[string]string) error {
	if c := s["color"]; c != "" && !hexColor.MatchString(c) {
		return models.FieldError("color", "%q is no colour. Write it as #rrggbb, for example #1f5f4a.", c)
	}
	if _, err := Origins(s["origins"]); err != nil {
		return err
	}
	for _, key := range []string{"secret", "old_secret"} {
		if n := len(s[key]); n > 0 && n < minSecret {
			return models.FieldError(key, "This secret is too short to be safe. Use at least %d characters, or let us make one.", minSecret)
		}
	}
	for key, most := range map[string]int{"title": 80, "welcome": 500} {
		if len([]rune(s[key])) > most {
			return models.FieldError(key, "This text is too long: at most %d characters.", most)
		}
	}
	return nil
}

// Origins reads the list of sites, one a line, into web origins (RFC 6454: scheme, host, port).
// An address with a path counts as its site. An empty list admits every site.
func Origins(list string) ([]string, error) {
	var out []string
	for line := range strings.Lines(list) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		u, err := url.Parse(line)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || strings.ContainsAny(u.Host, "*;,' \"") {
			return nil, models.FieldError("origins", "%q is no address of a site. Write it like https://www.example.com, one a line.", line)
		}
		out = append(out, u.Scheme+"://"+strings.ToLower(trimPort(u)))
	}
	return out, nil
}

// trimPort drops the default port, as browsers do in the Origin header.
func trimPort(u *url.URL) string {
	if (u.Scheme == "https" && u.Port() == "443") || (u.Scheme == "http" && u.Port() == "80") {
		return strings.TrimSuffix(u.Host, ":"+u.Port())
	}
	return u.Host
}

func open(models.Channel, models.Host) (models.Connection, error) {
	return models.Connection{Sender: sender{}}, nil
}

type sender struct{}

// Send confirms at once: the message already stands in the events that the widget reads. The
// provider id lets the visitor's read mark find it again.
func (sender) Send(ctx context.Context, out models.Outbound) (models.Receipt, error) {
	if err := ctx.Err(); err != nil {
		return models.Receipt{}, err
	}
	return models.Receipt{ProviderID: fmt.Sprintf("chat-%d", out.EventID), State: models.DeliverySent}, nil
}

// Chat builds inbound events from what the widget says, and signs visitors' tokens.
type Chat struct {
	mac func(purpose string, message []byte) []byte
	now func() time.Time
}

// New makes a Chat. mac is a keyed hash (HMAC-SHA256) under a key that only this server has;
// now is the clock, nil means time.Now.
func New(mac func(purpose string, message []byte) []byte, now func() time.Time) *Chat {
	if now == nil {
		now = time.Now
	}
	return &Chat{mac: mac, now: now}
}

// Origins lists the sites where a channel's chat may appear; none means any.
func (c *Chat) Origins(ch models.Channel) []string {
	sites, err := Origins(ch.Settings["origins"])
	if err != nil {
		return []string{"null"} // unreadable settings admit no site at all
	}
	return sites
}
