package twilio

import (
	"strings"
	"testing"

	"onethread/integrations/twilio/twiliotest"
	"onethread/models"
)

// steps tells a check in short: "account ok", or a step and its problem.
func steps(list []models.Check) string {
	var out []string
	for _, c := range list {
		if c.OK {
			out = append(out, c.Step+" ok")
		} else {
			out = append(out, c.Step+": "+c.Problem)
		}
	}
	return strings.Join(out, "\n")
}

func TestCheck(t *testing.T) {
	fake := twiliotest.Start(t)
	fake.SMSURL = public + "/webhooks/twilio/4/sms" + overrides
	want := func(a *account, parts ...string) {
		t.Helper()
		got := steps(a.check(t.Context()))
		for _, p := range parts {
			if !strings.Contains(got, p) {
				t.Errorf("no %q in\n%s", p, got)
			}
		}
	}
	want(accountOf(t, fake.Settings()), "account ok\nnumber ok\npublic address ok")
	want(accountOf(t, with(fake.Settings(), "auth_token", "wrong")), "account: Twilio does not accept the credentials", "public address ok")
	want(accountOf(t, with(fake.Settings(), "number", "+12025550123")), "account ok\nnumber: This Twilio account has no number +12025550123")
	fake.SMSMethod = "GET"
	want(accountOf(t, fake.Settings()), "by HTTP GET")
	fake.SMSURL, fake.SMSMethod = "", "POST"
	want(accountOf(t, fake.Settings()), "announced nowhere", "every 5 minutes", public+"/webhooks/twilio/4/sms#rc=4&rp=all")
	fake.SMSURL = "https://demo.twilio.com/welcome/sms/reply"
	want(accountOf(t, fake.Settings()), "announced to https://demo.twilio.com")
	want(accountOf(t, with(fake.Settings(), "messaging_service_sid", fake.Service)), "number ok")
	fake.Suspended = true
	want(accountOf(t, fake.Settings()), "account: Your Twilio account is suspended")
}

func TestPublicAddress(t *testing.T) {
	for url, want := range map[string]string{"https://inbox.example.com": "", "http://inbox.example.com": "without encryption", "http://localhost:8080": "cannot reach", "http://127.0.0.1": "cannot reach"} {
		err := accountOf(t, plain(), func(h *models.Host) { h.URL = url }).checkAddress()
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", url, err)
		}
	}
}
