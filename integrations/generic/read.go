package generic

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"onethread/models"
)

// event is the body of a call. Fields we do not know are passed over: shop systems add their own.
type event struct {
	ExternalID string      `json:"external_id"`
	OccurredAt models.Time `json:"occurred_at"`
	Kind       models.Kind `json:"kind"`
	Identities []struct {
		Kind     models.IdentityKind `json:"kind"`
		Value    string              `json:"value"`
		Scope    string              `json:"scope"`
		Evidence models.Evidence     `json:"evidence"`
	} `json:"identities"`
	Customer struct {
		Name     string `json:"name"`
		Language string `json:"language"`
	} `json:"customer"`

	Message  *message           `json:"message"`
	Order    *order             `json:"order"`
	Refund   *refund            `json:"refund"`
	Return   *returned          `json:"return"`
	Cart     *cart              `json:"cart"`
	Visit    *models.VisitIn    `json:"visit"`
	Call     *models.CallIn     `json:"call"`
	PageView *models.PageViewIn `json:"page_view"`
	Saved    *product           `json:"product_saved"`
	Unsaved  *product           `json:"product_unsaved"`
	Product  *product           `json:"product"`
}

type message struct {
	Direction models.Direction `json:"direction"`
	Subject   string           `json:"subject"`
	Text      string           `json:"text"`
	HTML      string           `json:"html"`
}

func (h hook) read(req models.HookRequest) ([]models.Inbound, error) {
	var e event
	if err := json.Unmarshal(req.Body, &e); err != nil {
		return nil, jsonError(err)
	}
	if e.ExternalID == "" {
		return nil, models.FieldError("external_id", "external_id is missing: it is how copies of an event are recognised.")
	}
	in := models.Inbound{ChannelID: h.channel, ExternalID: e.ExternalID, OccurredAt: e.OccurredAt, Signed: !req.Token,
		Name: e.Customer.Name, Language: e.Customer.Language, Raw: req.Body, RawType: "application/json"}
	var err error
	if in.Hints, err = e.hints(req.Token); err != nil {
		return nil, err
	}
	return h.payload(in, e)
}

// jsonError names the field of the wrong type.
func jsonError(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return models.FieldError(wrong.Field, "%s must not be a %s.", wrong.Field, wrong.Value)
	}
	return models.FieldError("", "%s.", strings.TrimPrefix(err.Error(), "json: "))
}

var kindWord = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// hints reads who it is about. "proved" counts only in a signed call.
func (e event) hints(token bool) ([]models.Hint, error) {
	if len(e.Identities) == 0 {
		return nil, models.FieldError("identities", "identities is empty: say who the event is about.")
	}
	if len(e.Identities) > 20 {
		return nil, models.FieldError("identities", "identities holds more than 20 addresses.")
	}
	var out []models.Hint
	for i, id := range e.Identities {
		field := fmt.Sprintf("identities[%d].", i)
		if !kindWord.MatchString(string(id.Kind)) {
			return nil, models.FieldError(field+"kind", "%q is not a kind of address, such as email, phone or the name of your shop system.", id.Kind)
		}
		if strings.TrimSpace(id.Value) == "" || len(id.Value) > 320 {
			return nil, models.FieldError(field+"value", "The value must have 1 to 320 characters.")
		}
		if id.Evidence == "" {
			id.Evidence = models.Typed
		}
		if id.Evidence.Rank() == 0 {
			return nil, models.FieldError(field+"evidence", "%q is not evidence; use proved, asserted or typed.", id.Evidence)
		}
		if token && id.Evidence == models.Proved {
			id.Evidence = models.Asserted
		}
		out = append(out, models.Hint{Kind: id.Kind, Scope: id.Scope, Value: id.Value, Evidence: id.Evidence, Reason: e.reason(id.Evidence, token)})
	}
	return out, nil
}

// reason is what "why is this the same person?" shows.
func (e event) reason(evidence models.Evidence, token bool) string {
	how := "signed"
	if token {
		how = "sent with a token"
	}
	if evidence == models.Typed {
		return fmt.Sprintf("typed, in a %s of the shop system", e.Kind)
	}
	return fmt.Sprintf("%s of the shop system, %s", e.Kind, how)
}

// payload reads what kind says the event carries.
func (h hook) payload(in models.Inbound, e event) ([]models.Inbound, error) {
	missing := models.FieldError(string(e.Kind), "The event says kind %q but has no %q object.", e.Kind, e.Kind)
	var err error
	switch e.Kind {
	case models.KindMessage:
		in.Payload, err = e.Message.read()
	case models.KindOrder:
		if e.Order == nil {
			return nil, missing
		}
		return e.Order.read(in, h.settings["currency"])
	case models.KindRefund:
		in.Payload, err = e.Refund.read(in, h.settings["currency"])
	case models.KindReturn:
		in.Payload, err = e.Return.read(h.settings["currency"])
	case models.KindCart:
		in.Payload, err = e.Cart.read(h.settings["currency"])
	case models.KindVisit:
		in.Payload = e.Visit
	case models.KindCall:
		in.Payload, err = readCall(e.Call)
	case models.KindPageView:
		in.Payload, err = readPage(e.PageView)
	case models.KindProductSaved, models.KindProductUnsaved:
		in.Payload, err = e.product().read(e.Kind == models.KindProductSaved, h.settings["currency"])
	default:
		return nil, models.FieldError("kind", "%q is not a kind of event; use message, order, refund, return, cart, visit, call, page_view, product_saved or product_unsaved.", e.Kind)
	}
	if err != nil {
		return nil, err
	}
	if isNil(in.Payload) {
		return nil, missing
	}
	return []models.Inbound{in}, nil
}

func isNil(p models.Payload) bool {
	switch v := p.(type) {
	case nil:
		return true
	case *models.VisitIn:
		return v == nil
	case *models.CallIn:
		return v == nil
	case *models.PageViewIn:
		return v == nil
	}
	return false
}

func (e event) product() *product {
	for _, p := range []*product{e.Saved, e.Unsaved, e.Product} {
		if p != nil {
			return p
		}
	}
	return nil
}

func (m *message) read() (models.Payload, error) {
	if m == nil {
		return nil, nil
	}
	if m.Direction != "" && m.Direction != models.In && m.Direction != models.Out {
		return nil, models.FieldError("message.direction", "direction must be in or out.")
	}
	if strings.TrimSpace(m.Text) == "" && strings.TrimSpace(m.HTML) == "" && strings.TrimSpace(m.Subject) == "" {
		return nil, models.FieldError("message.text", "The message is empty.")
	}
	return &models.MessageIn{Direction: m.Direction, Subject: m.Subject, Text: m.Text, HTML: m.HTML}, nil
}

func readCall(c *models.CallIn) (models.Payload, error) {
	if c == nil {
		return nil, nil
	}
	if c.Direction == "" {
		c.Direction = models.In
	}
	if c.Direction != models.In && c.Direction != models.Out {
		return nil, models.FieldError("call.direction", "direction must be in or out.")
	}
	if c.Duration < 0 {
		return nil, models.FieldError("call.duration_seconds", "duration_seconds must not be negative.")
	}
	if c.Recording != "" && !webURL(c.Recording) {
		return nil, models.FieldError("call.recording_url", "recording_url must be an http or https address.")
	}
	return c, nil
}

func readPage(p *models.PageViewIn) (models.Payload, error) {
	if p == nil {
		return nil, nil
	}
	if !webURL(p.URL) {
		return nil, models.FieldError("page_view.url", "url must be an http or https address.")
	}
	return p, nil
}

func webURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && len(s) <= 2000
}
