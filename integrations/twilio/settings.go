package twilio

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"onethread/models"
)

// realAPI is where Twilio itself answers.
const realAPI = "https://api.twilio.com"

// settings are the channel's fields, read and checked.
type settings struct {
	sid            string   // of the account
	tokens         []string // that a webhook may be signed with: the auth token, then the previous one
	user, password string   // for REST calls: the account's, or an API key's
	number         string   // E.164; empty = the messaging service chooses
	service        string
	base           *url.URL
	poll           time.Duration
}

var (
	accountSID = regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`)
	keySID     = regexp.MustCompile(`^SK[0-9a-fA-F]{32}$`)
	serviceSID = regexp.MustCompile(`^MG[0-9a-fA-F]{32}$`)
	e164       = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	alpha2     = regexp.MustCompile(`^[A-Za-z]{2}$`)
	credential = regexp.MustCompile(`^[a-zA-Z0-9]+$`) // twilio-go refuses others (errors 21222 and 21224)
)

// settingReader collects the first problem, so that reading stays one line per setting.
type settingReader struct {
	values map[string]string
	err    error
}

func (r *settingReader) text(key string) string { return strings.TrimSpace(r.values[key]) }

func (r *settingReader) fail(key, format string, args ...any) {
	if r.err == nil {
		r.err = models.FieldError(key, format, args...)
	}
}

// like returns a setting that is empty or has the given form.
func (r *settingReader) like(key string, form *regexp.Regexp, problem string) string {
	v := r.text(key)
	if v != "" && !form.MatchString(v) {
		r.fail(key, "%s", problem)
	}
	return v
}

func readSettings(values map[string]string) (settings, error) {
	r := &settingReader{values: values}
	const secretForm = "This holds characters that no Twilio credential has. Copy it anew from the Twilio Console."
	s := settings{
		sid:     r.like("account_sid", accountSID, "An Account SID is AC and 32 more letters and digits. It stands on the first page of the Twilio Console."),
		number:  r.like("number", e164, "Write the number with its country code, such as +12025550123, without spaces."),
		service: r.like("messaging_service_sid", serviceSID, "A messaging service SID is MG and 32 more letters and digits."),
	}
	r.like("country", alpha2, "Write the country as two letters, such as US or PT.")
	if s.sid == "" {
		r.fail("account_sid", "The Account SID is missing. It stands on the first page of the Twilio Console.")
	}
	if s.number == "" && s.service == "" {
		r.fail("number", "Put your Twilio number here, with its country code. It may stay empty only with a messaging service.")
	}
	token, old := r.like("auth_token", credential, secretForm), r.like("old_auth_token", credential, secretForm)
	if token == "" {
		r.fail("auth_token", "The auth token is missing. It stands under the Account SID in the Twilio Console.")
	}
	s.tokens = []string{token, old}
	s.user, s.password = s.sid, token
	r.apiKey(&s, secretForm)
	s.base = r.base()
	s.poll = r.minutes("poll_minutes", 5)
	return s, r.err
}

// apiKey takes the API key where there is one; half a key is a mistake.
func (r *settingReader) apiKey(s *settings, secretForm string) {
	key := r.like("api_key_sid", keySID, "An API key SID is SK and 32 more letters and digits.")
	secret := r.like("api_key_secret", credential, secretForm)
	switch {
	case key == "" && secret != "":
		r.fail("api_key_sid", "The API key secret has no API key SID beside it. Fill in both, or neither.")
	case key != "" && secret == "":
		r.fail("api_key_secret", "The API key SID has no secret beside it. Fill in both, or neither.")
	case key != "":
		s.user, s.password = key, secret
	}
}

func (r *settingReader) base() *url.URL {
	text := strings.TrimRight(r.text("base_url"), "/")
	if text == "" {
		text = realAPI
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "http" && u.Scheme != "https" {
		r.fail("base_url", "%q is no web address. It should look like %s.", text, realAPI)
		return &url.URL{Scheme: "https", Host: "api.twilio.com"}
	}
	if u.Scheme == "http" && r.text("allow_private") != "true" {
		r.fail("base_url", "Without https anybody on the way can read the credentials. http only works on your own network, with allow_private=true.")
	}
	return u
}

func (r *settingReader) minutes(key string, standard int) time.Duration {
	n := standard
	if v := r.text(key); v != "" {
		var err error
		if n, err = strconv.Atoi(v); err != nil || n < 1 || n > 24*60 {
			r.fail(key, "%q does not fit here. Put a whole number of minutes from 1 to 1440.", v)
		}
	}
	return time.Duration(n) * time.Minute
}

// real tells Twilio itself from a test server in its place.
func (s settings) real() bool { return s.base.String() == realAPI }
