package twilio

import (
	"net/http"
	"net/url"

	"github.com/twilio/twilio-go/client"

	"onethread/models"
)

const signatureHeader = "X-Twilio-Signature"

var errUnsigned = models.Errorf(models.Unsigned, "The call is not signed with this account's auth token for this address. See that the auth token in Settings and ONETHREAD_URL are the ones that Twilio knows.")

// verify checks Twilio's signature: HMAC-SHA1 over the public address and the form's values, where a
// body that is no form is vouched for by its hash in the address
// (twilio.com/docs/usage/webhooks/webhooks-security). The library tries the address with and without
// its port and compares in constant time.
func (a *account) verify(req models.HookRequest) error {
	given := req.Header.Values(signatureHeader)
	if len(given) != 1 || given[0] == "" {
		return errUnsigned
	}
	for _, token := range a.tokens {
		if token == "" {
			continue // an empty key would let everybody sign
		}
		v := client.NewRequestValidator(token)
		if req.Method == http.MethodGet && v.Validate(req.URL, nil, given[0]) || req.Method == http.MethodPost && v.ValidateBody(req.URL, req.Body, given[0]) {
			return nil
		}
	}
	return errUnsigned
}

// form is a webhook's parameters. Only the first value of each is signed, so no other is ever read.
type form url.Values

// readForm takes the parameters from where the signature covers them: the address of a GET, else the
// body.
func readForm(req models.HookRequest) (form, error) {
	if req.Method != http.MethodGet {
		v, err := url.ParseQuery(string(req.Body))
		return form(v), err
	}
	u, err := url.Parse(req.URL)
	if err != nil {
		return nil, err
	}
	v, err := url.ParseQuery(u.RawQuery)
	return form(v), err
}

func (f form) get(key string) string { return url.Values(f).Get(key) }

func (f form) has(key string) bool { return url.Values(f).Has(key) }
