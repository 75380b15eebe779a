package webchat

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
	"unicode/utf8"

	"onethread/models"
)

// Limits of what a visitor may say.
const (
	maxText  = 16_000 // bytes of one message
	maxFiles = 10     // on one message
)

// clientID is what browsers name their messages and events with.
var clientID = regexp.MustCompile(`^[A-Za-z0-9_-]{8,64}$`)

// Message builds a visitor's message. id is made by the browser, so that sending it again is no
// second message; uploads are the ids of files the same visitor uploaded before.
func (c *Chat) Message(ch models.Channel, visitor, id, text string, uploads []models.ID) (models.Inbound, error) {
	switch {
	case !clientID.MatchString(id):
		return models.Inbound{}, models.FieldError("id", "The message needs an id of 8 to 64 letters, digits, - or _.")
	case len(text) > maxText:
		return models.Inbound{}, models.FieldError("text", "This message is too long. Send it in two parts.")
	case !clean(text):
		return models.Inbound{}, models.FieldError("text", "This message holds characters that are no text.")
	case strings.TrimSpace(text) == "" && len(uploads) == 0:
		return models.Inbound{}, models.FieldError("text", "Write something, or attach a file.")
	case len(uploads) > maxFiles:
		return models.Inbound{}, models.FieldError("files", "At most %d files go with one message.", maxFiles)
	}
	in := &models.MessageIn{Text: text}
	for _, upload := range uploads {
		in.Attachments = append(in.Attachments, models.FileIn{UploadID: upload})
	}
	return models.Inbound{ChannelID: ch.ID, ExternalID: visitor + ":" + id, Hints: []models.Hint{browser(ch, visitor)}, Payload: in}, nil
}

// Contact builds what a visitor typed about themselves. Typing proves nothing: it only suggests
// to staff who this might be, and lets them answer there.
func (c *Chat) Contact(ch models.Channel, visitor, email, phone, name string) (models.Inbound, error) {
	email, phone, name = strings.TrimSpace(email), strings.TrimSpace(phone), strings.TrimSpace(name)
	if email == "" && phone == "" && name == "" {
		return models.Inbound{}, models.FieldError("email", "Leave an email address or a phone number, or skip it.")
	}
	if email != "" && !plausibleEmail(email) {
		return models.Inbound{}, models.FieldError("email", "This does not look like an email address. Write it like ana@example.com.")
	}
	if phone != "" && !plausiblePhone.MatchString(phone) {
		return models.Inbound{}, models.FieldError("phone", "This does not look like a phone number. Begin with + and the country, like +351 912 007 031.")
	}
	if !clean(name) || len(name) > 200 {
		return models.Inbound{}, models.FieldError("name", "This name is too long.")
	}
	in := models.Inbound{ChannelID: ch.ID, ExternalID: "contact:" + visitor + ":" + fingerprint(email, phone, name), Name: name,
		Hints: []models.Hint{browser(ch, visitor)}, Payload: &models.ContactIn{}}
	in.Hints = append(in.Hints, addresses(email, phone, models.Typed, "typed into the chat")...)
	return in, nil
}

// Read builds the visitor's read mark on one of our messages, named as Send named it.
func (c *Chat) Read(ch models.Channel, visitor, providerID string) models.Inbound {
	return models.Inbound{ChannelID: ch.ID, ExternalID: "read:" + providerID, Hints: []models.Hint{browser(ch, visitor)},
		Payload: &models.DeliveryIn{ProviderID: providerID, State: models.DeliveryRead}}
}

func addresses(email, phone string, e models.Evidence, reason string) (hints []models.Hint) {
	if email != "" {
		hints = append(hints, models.Hint{Kind: models.EmailIdentity, Value: email, Evidence: e, Reason: reason})
	}
	if phone != "" {
		hints = append(hints, models.Hint{Kind: models.PhoneIdentity, Value: phone, Evidence: e, Reason: reason})
	}
	return hints
}

var plausiblePhone = regexp.MustCompile(`^\+?[0-9][0-9 ()./-]{4,28}[0-9]$`)

// plausibleEmail is deliberately loose: it must not refuse anybody's real address, only what
// could be no single one.
func plausibleEmail(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	return ok && local != "" && strings.Contains(domain, ".") && !strings.Contains(domain, "@") && len(s) <= 254 &&
		!strings.ContainsAny(s, " \t\r\n\x00,;:<>\"") && utf8.ValidString(s)
}

// clean tells whether s is text: valid UTF-8 without NUL.
func clean(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

func fingerprint(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:12])
}
