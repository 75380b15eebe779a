// Package generic is the signed door for any shop system: one JSON event a call, signed with the
// channel's secret by the Standard Webhooks scheme (standardwebhooks.com), or sent with an API token.
package generic

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"onethread/models"
)

// Provider is the generic door.
var Provider = models.Provider{
	Kind: "generic", Name: "Any shop system", Hooks: []string{""},
	Fields: []models.Field{
		{Key: "secret", Label: "Signing secret", Type: "password", Secret: true, Generate: true,
			Help: "Your shop system signs its calls with it (Standard Webhooks). Made for you; the channel's page shows it again whenever you need it."},
		{Key: "old_secret", Label: "Previous signing secret", Type: "password", Secret: true, Advanced: true,
			Help: "While you change the secret, calls signed with this one are accepted too."},
		{Key: "currency", Label: "Currency", Type: "text", Default: "EUR", Help: "ISO 4217, for events that name none."},
	},
	Validate: validate,
	Open: func(c models.Channel, h models.Host) (models.Connection, error) {
		return models.Connection{Hook: hook{channel: c.ID, settings: c.Settings}}, nil
	},
}

func validate(s map[string]string) error {
	if len(s["secret"]) < 24 {
		return models.FieldError("secret", "The signing secret must have at least 24 characters.")
	}
	if c := s["currency"]; c != "" && !models.ValidCurrency(c) {
		return models.FieldError("currency", "%q is not an ISO 4217 code such as EUR.", c)
	}
	return nil
}

type hook struct {
	channel  models.ID
	settings map[string]string
}

// tolerance is how far a signed call's clock may be off (Standard Webhooks).
const tolerance = 5 * time.Minute

// Parse checks the signature over the raw body, unless an API token vouches for the caller, and
// reads the event. A signed body that is not JSON becomes an UnreadableIn; fields that make no
// sense are FieldErrors, for the caller to mend.
func (h hook) Parse(req models.HookRequest) ([]models.Inbound, error) {
	if !req.Token {
		if err := h.verify(req); err != nil {
			return nil, err
		}
	}
	if !json.Valid(req.Body) || !isObject(req.Body) {
		if req.Token {
			return nil, models.FieldError("", "The body is not a JSON object.")
		}
		return []models.Inbound{h.unreadable(req)}, nil
	}
	return h.read(req)
}

func isObject(body []byte) bool { return strings.HasPrefix(strings.TrimSpace(string(body)), "{") }

func (h hook) unreadable(req models.HookRequest) models.Inbound {
	sum := sha256.Sum256(req.Body)
	return models.Inbound{ChannelID: h.channel, ExternalID: "unreadable-" + base64.RawURLEncoding.EncodeToString(sum[:]), Raw: req.Body,
		RawType: "application/json", Payload: &models.UnreadableIn{Reason: "The signed body is not a JSON object."}}
}

var errUnsigned = models.Errorf(models.Unsigned, "The call is not signed with this channel's secret, or its clock is more than five minutes off. See the channel's page in Settings.")

func (h hook) verify(req models.HookRequest) error {
	id, stamp := one(req.Header, "Webhook-Id"), one(req.Header, "Webhook-Timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || id == "" {
		return errUnsigned
	}
	if d := req.Now.Sub(time.Unix(seconds, 0)); d > tolerance || d < -tolerance {
		return errUnsigned
	}
	content := append([]byte(id+"."+stamp+"."), req.Body...)
	for _, secret := range []string{h.settings["secret"], h.settings["old_secret"]} {
		if secret != "" && signedWith(secret, content, one(req.Header, "Webhook-Signature")) {
			return nil
		}
	}
	return errUnsigned
}

// one returns a header that stands exactly once; a doubled one counts as missing.
func one(h http.Header, name string) string {
	if v := h.Values(name); len(v) == 1 {
		return v[0]
	}
	return ""
}

// signedWith looks for a good v1 signature in the header's blank-separated list.
func signedWith(secret string, content []byte, header string) bool {
	mac := hmac.New(sha256.New, Key(secret))
	mac.Write(content)
	want := mac.Sum(nil)
	for i, part := range strings.Fields(header) {
		version, sig, _ := strings.Cut(part, ",")
		got, err := base64.StdEncoding.DecodeString(sig)
		if i < 10 && version == "v1" && err == nil && hmac.Equal(got, want) {
			return true
		}
	}
	return false
}

// Key is the HMAC key that a secret stands for: the base64 after "whsec_" where it has that form
// (Standard Webhooks), else its own bytes.
func Key(secret string) []byte {
	if text, ok := strings.CutPrefix(secret, "whsec_"); ok {
		if key, err := base64.StdEncoding.DecodeString(text); err == nil {
			return key
		}
	}
	return []byte(secret)
}
