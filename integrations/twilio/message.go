package twilio

import (
	"slices"
	"strings"

	"onethread/models"
)

// text is one message of a customer, from a webhook or from a list of messages. Both ways make the
// same Inbound of it, so that whichever comes second is known as a copy.
type text struct {
	sid, from, to, body string
	optOut              string // Twilio's own reading of the words (OptOutType), where it has one
	files               []models.FileIn
	warning             string
}

// foreign says why a message cannot be put into anybody's thread; empty = it can.
func (t text) foreign() string {
	if kind, _, ok := strings.Cut(t.from, ":"); ok {
		return "A " + kind + " message came to the address for text messages. Onethread does not read " + kind + " messages through Twilio yet; answer it in the Twilio Console."
	}
	if strings.TrimSpace(t.from) == "" {
		return "Twilio's signed call does not say who the message is from."
	}
	return ""
}

func (a *account) inbound(t text) models.Inbound {
	consent := consentOf(t.body, t.optOut, a.ourNumber(t.to))
	m := &models.MessageIn{Direction: models.In, Text: t.body, Attachments: t.files, Warning: t.warning, Consent: consent}
	// Twilio answers such words itself, so nobody waits for a reply. A bare "yes" is more often the
	// answer to what staff asked.
	if t.optOut != "" || consent != "" && !strings.EqualFold(strings.TrimSpace(t.body), "YES") {
		m.Automatic = "consent"
	}
	return models.Inbound{ChannelID: a.channel, ExternalID: t.sid, Signed: true, Hints: []models.Hint{a.sender(t)}, Payload: m}
}

func (a *account) ourNumber(to string) string {
	if e164.MatchString(to) {
		return to
	}
	return a.number
}

// SenderIdentity is the kind of identity of senders that are no phone number: short codes and names.
const SenderIdentity models.IdentityKind = "sms_sender"

// hiddenSenders is what carriers write in place of a number that is kept back.
var hiddenSenders = []string{"anonymous", "unknown", "restricted", "unavailable", "private", "withheld"}

// sender is who a message is from. A sender without a number is known within the account only; one
// that is kept back is somebody new each time, so that strangers never share a thread.
func (a *account) sender(t text) models.Hint {
	from := strings.TrimSpace(t.from)
	h := models.Hint{Kind: models.PhoneIdentity, Value: from, Evidence: models.Asserted, Reason: "From of an SMS"}
	if e164.MatchString(from) {
		return h
	}
	h.Kind, h.Scope = SenderIdentity, a.sid
	if slices.Contains(hiddenSenders, strings.ToLower(from)) {
		h.Value = from + " " + t.sid
	}
	return h
}
