package twilio

import (
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"

	"onethread/models"
)

// hook takes Twilio's calls.
type hook struct{ *account }

// messageSID is the form of every message's id. Holding to it matters: the signature does not tell
// where one value ends and the next key begins, so a copied call could be cut up anew under another id.
var messageSID = regexp.MustCompile(`^(SM|MM)[0-9a-fA-F]{32}$`)

// Parse implements models.Hook: Path "sms" is a message of a customer, "status" what became of one
// of ours. A call for another account is Unsigned; a signed one that makes no sense is kept.
func (h hook) Parse(req models.HookRequest) ([]models.Inbound, error) {
	if err := h.verify(req); err != nil {
		return nil, err
	}
	f, err := readForm(req)
	switch {
	case err != nil || !f.has("AccountSid"):
		return h.unreadable(req, "", "Twilio's signed call is no form that names an account."), nil
	case f.get("AccountSid") != h.sid:
		return nil, models.Errorf(models.Unsigned, "The call is about another Twilio account than this channel's.")
	case !messageSID.MatchString(f.get("MessageSid")):
		return h.unreadable(req, "", "Twilio's signed call names no message."), nil
	case req.Path == pathSMS:
		return h.message(req, f), nil
	case req.Path == pathStatus:
		return h.report(req, f), nil
	}
	return h.unreadable(req, "", "Twilio called an address that this channel does not have. Paste its webhook addresses from Settings anew."), nil
}

func (h hook) message(req models.HookRequest, f form) []models.Inbound {
	t := text{sid: f.get("MessageSid"), from: f.get("From"), to: f.get("To"), body: f.get("Body"), optOut: f.get("OptOutType")}
	if reason := t.foreign(); reason != "" {
		return h.unreadable(req, t.sid, reason)
	}
	t.files, t.warning = h.announced(f)
	in := h.inbound(t)
	in.Raw, in.RawType = rawOf(req)
	return []models.Inbound{in}
}

func (h hook) unreadable(req models.HookRequest, id, reason string) []models.Inbound {
	raw, kind := rawOf(req)
	if id == "" {
		sum := sha256.Sum256([]byte(req.URL + "\n" + string(req.Body)))
		id = "unreadable-" + base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return []models.Inbound{{ChannelID: h.channel, ExternalID: id, Signed: true, Raw: raw, RawType: kind, Payload: &models.UnreadableIn{Reason: reason}}}
}

// rawOf is the call as it came: its body, or the parameters of a GET.
func rawOf(req models.HookRequest) ([]byte, string) {
	if _, query, ok := strings.Cut(req.URL, "?"); ok && len(req.Body) == 0 {
		return []byte(query), "application/x-www-form-urlencoded"
	}
	return req.Body, "application/x-www-form-urlencoded"
}
