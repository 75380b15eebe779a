package twilio

import (
	"strings"
	"testing"
	"time"

	"onethread/integrations/twilio/twiliotest"
	"onethread/models"
)

// TestContract sends everything we ask Twilio for through its official API description: a request
// that it refuses fails the test.
func TestContract(t *testing.T) {
	prism := twiliotest.Prism(t)
	a := accountOf(t, prism.Settings())
	a.call = time.Minute // a busy machine
	out := models.Outbound{EventID: 1, To: "+14155552345", Text: "Hello! 👍", Attempt: 1, Attachments: []models.FileOut{{Name: "desk.png", URL: public + "/c/file/1"}, {Name: "oak.png", URL: public + "/c/file/2"}}}
	r, err := a.Send(t.Context(), out)
	if err != nil || !messageSID.MatchString(r.ProviderID) || r.State != models.DeliverySent {
		t.Errorf("%+v, %v", r, err)
	}
	service := accountOf(t, with(prism.Settings(), "number", "", "messaging_service_sid", "MGaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"))
	service.call = a.call
	if r, err := service.Send(t.Context(), out); err != nil || r.ProviderID == "" {
		t.Error(r, err)
	}
	again := out
	again.Attempt, again.Since = 2, models.At(time.Now())
	if r, err := a.Send(t.Context(), again); err != nil || r.ProviderID == "" {
		t.Error("a second attempt:", r, err)
	}
	prism.Full()
	b := newBox()
	poll := b.receiver(t, prism.Settings())
	poll.account.call = a.call
	round(t, poll, b)
	if len(b.got) == 0 || len(message(t, b.got[0]).Attachments) == 0 {
		t.Errorf("the description's own message did not come in: %+v", b.got)
	}
	checks := a.check(t.Context())
	if len(checks) != 3 || !checks[0].OK || !checks[2].OK {
		t.Error(steps(checks))
	}
	var asked strings.Builder
	for _, c := range prism.Calls() {
		asked.WriteString(c + "\n")
	}
	for _, want := range []string{"POST /2010-04-01/Accounts/" + twiliotest.PrismSID + "/Messages.json", "StatusCallback=", "MediaUrl=", "DateSent%3E=", "/Media.json", "/IncomingPhoneNumbers.json", "PageToken="} {
		if !strings.Contains(asked.String(), want) {
			t.Errorf("%s was not asked for:\n%s", want, asked.String())
		}
	}
}
