package twilio

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"onethread/models"
)

// parsed gives the one event of a call.
func parsed(t *testing.T, a *account, req models.HookRequest) models.Inbound {
	t.Helper()
	got, err := hook{a}.Parse(req)
	if err != nil || len(got) != 1 {
		t.Fatalf("%d events, %v", len(got), err)
	}
	return got[0]
}

func message(t *testing.T, in models.Inbound) *models.MessageIn {
	t.Helper()
	m, ok := in.Payload.(*models.MessageIn)
	if !ok {
		t.Fatalf("%T: %+v", in.Payload, in.Payload)
	}
	return m
}

// TestRecordedMessages reads calls as Twilio makes them.
func TestRecordedMessages(t *testing.T) {
	for name, want := range map[string]models.MessageIn{
		"sms_inbound":              {},
		"sms_inbound_unicode_long": {},
		"sms_optout_stop":          {Consent: models.OptedOutState, Automatic: "consent"},
		"sms_optin_start":          {Consent: models.OptedInState, Automatic: "consent"},
	} {
		r, req := call4(t, name, "sms")
		in := parsed(t, accountOf(t, with(plain(), "auth_token", r.Token)), req)
		m := message(t, in)
		if m.Text != r.Params["Body"] || m.Text == "" || m.Consent != want.Consent || m.Automatic != want.Automatic || m.Warning != "" || len(m.Attachments) != 0 {
			t.Errorf("%s: %+v", name, m)
		}
		h := in.Hints[0]
		if in.ExternalID != r.Params["MessageSid"] || h.Kind != models.PhoneIdentity || h.Value != r.Params["From"] || h.Evidence != models.Asserted || h.Reason != "From of an SMS" || string(in.Raw) != string(req.Body) {
			t.Errorf("%s: %+v", name, in)
		}
	}
}

func TestRecordedPictures(t *testing.T) {
	r, req := call4(t, "mms_inbound_2_media", "sms")
	m := message(t, parsed(t, accountOf(t, plain()), req))
	if len(m.Attachments) != 2 || m.Attachments[0].Name != "picture-1.jpg" || m.Attachments[1].Name != "contact-2.vcf" || m.Attachments[0].URL != r.Params["MediaUrl0"] || m.Attachments[1].Type != "text/x-vcard" || m.Warning != "" {
		t.Errorf("%+v", m)
	}
}

func TestRecordedWhatsAppIsKept(t *testing.T) {
	for _, name := range []string{"whatsapp_inbound_text", "whatsapp_inbound_button"} {
		r, req := call4(t, name, "sms")
		in := parsed(t, accountOf(t, plain()), req)
		u, ok := in.Payload.(*models.UnreadableIn)
		if !ok || !strings.Contains(u.Reason, "whatsapp") || in.ExternalID != r.Params["MessageSid"] || len(in.Raw) == 0 {
			t.Errorf("%s: %+v", name, in)
		}
	}
}

func TestRecordedReports(t *testing.T) {
	for name, want := range map[string]models.DeliveryIn{
		"status_sent":              {State: models.DeliverySent},
		"status_delivered":         {State: models.DeliveryDelivered},
		"status_undelivered_30003": {State: models.DeliveryFailed, Error: "The phone is switched off or out of reach. Try again later, or write on another channel. (Twilio 30003)"},
		"status_failed_21610":      {State: models.DeliveryFailed, OptedOut: true, Error: wordsFor(21610)},
	} {
		r, req := call4(t, name, "status")
		in := parsed(t, accountOf(t, plain()), req)
		want.ProviderID = r.Params["MessageSid"]
		if d, ok := in.Payload.(*models.DeliveryIn); !ok || !reflect.DeepEqual(*d, want) {
			t.Errorf("%s: %+v, want %+v", name, in.Payload, want)
		}
		if id := want.ProviderID + ":" + r.Params["MessageStatus"]; !strings.HasPrefix(in.ExternalID, id) {
			t.Errorf("%s: %s", name, in.ExternalID)
		}
	}
}

func TestReportsBeforeSentTellNothing(t *testing.T) {
	for _, status := range []string{"accepted", "scheduled", "queued", "sending"} {
		if got, err := openHook(t).Parse(signed("status", reportForm(status, ""))); err != nil || len(got) != 0 {
			t.Errorf("%s: %+v, %v", status, got, err)
		}
	}
	for status, state := range map[string]string{"read": models.DeliveryRead, "canceled": models.DeliveryCanceled, "partially_delivered": models.DeliverySent} {
		if d := parsed(t, accountOf(t, plain()), signed("status", reportForm(status, ""))).Payload.(*models.DeliveryIn); d.State != state {
			t.Errorf("%s: %+v", status, d)
		}
	}
}

// Every code that leads staff somewhere says what to do next; one that we do not know says where to
// look it up.
func TestWordsSayWhatToDo(t *testing.T) {
	for code, text := range meanings {
		if strings.Count(text, ". ")+strings.Count(text, "; ") < 1 || !strings.HasSuffix(text, ".") {
			t.Errorf("%d: %q", code, text)
		}
	}
	for code, want := range map[string]string{"30003": "out of reach", "30034": "A2P 10DLC", "39999": "docs/api/errors/39999", "": "did not say why", "x": "did not say why"} {
		d := parsed(t, accountOf(t, plain()), signed("status", reportForm("undelivered", code))).Payload.(*models.DeliveryIn)
		if d.State != models.DeliveryFailed || !strings.Contains(d.Error, want) || d.OptedOut {
			t.Errorf("%s: %+v", code, d)
		}
	}
}

func TestConsent(t *testing.T) {
	tollFree := "+18005550199"
	for _, c := range []struct{ body, optOut, to, want string }{
		{"STOP", "", "", models.OptedOutState}, {" stop\n", "", "", models.OptedOutState}, {"StopAll", "", "", models.OptedOutState}, {"opt out", "", "", models.OptedOutState},
		{"Revoke", "", "", models.OptedOutState}, {"OPTOUT", "", "", models.OptedOutState}, {"end", "", "", models.OptedOutState}, {"quit", "", "", models.OptedOutState},
		{"cancel", "", "", models.OptedOutState}, {"unsubscribe", "", "", models.OptedOutState},
		{"start", "", "", models.OptedInState}, {"Unstop", "", "", models.OptedInState}, {"yes", "", "", models.OptedInState}, {"yes", "", tollFree, ""}, {"start", "", tollFree, models.OptedInState},
		{"Stop!", "", "", ""}, {"please stop texting me", "", "", ""}, {"stop stop", "", "", ""}, {"", "", "", ""}, {"HELP", "", "", ""}, {"Non", "", "", ""},
		{"arrêt", "STOP", "", models.OptedOutState}, {"hola", "start", "", models.OptedInState}, {"STOP", "HELP", "", ""},
		{strings.Repeat(" ", 2000) + "STOP", "", "", ""},
	} {
		if got := consentOf(c.body, c.optOut, c.to); got != c.want {
			t.Errorf("%q (%s) to %q: %q, want %q", c.body, c.optOut, c.to, got, c.want)
		}
	}
}

// What Twilio answers itself wants no answer; a bare "yes" may be one to a question of ours, and HELP
// is a question unless Twilio took it.
func TestOnlyCarrierWordsAreAutomatic(t *testing.T) {
	for _, c := range []struct{ body, optOut, automatic string }{{"STOP", "", "consent"}, {"START", "", "consent"}, {"Yes", "", ""}, {"YES", "START", "consent"}, {"HELP", "", ""}, {"HELP", "HELP", "consent"}, {"INFO", "", ""}} {
		f := textForm(c.body)
		if c.optOut != "" {
			f.Set("OptOutType", c.optOut)
		}
		if m := message(t, parsed(t, accountOf(t, plain()), signed("sms", f))); m.Automatic != c.automatic {
			t.Errorf("%s (%s): %q", c.body, c.optOut, m.Automatic)
		}
	}
}

func TestSendersWithoutNumber(t *testing.T) {
	for from, want := range map[string]models.Hint{
		"12345":      {Kind: SenderIdentity, Scope: acctA, Value: "12345"},
		"MYBANK":     {Kind: SenderIdentity, Scope: acctA, Value: "MYBANK"},
		"+1":         {Kind: SenderIdentity, Scope: acctA, Value: "+1"},
		"Anonymous":  {Kind: SenderIdentity, Scope: acctA, Value: "Anonymous " + sidA},
		" " + ana:    {Kind: models.PhoneIdentity, Value: ana},
		"+447700900": {Kind: models.PhoneIdentity, Value: "+447700900"},
	} {
		in := parsed(t, accountOf(t, plain()), signed("sms", textForm("hello", "From", from)))
		want.Evidence, want.Reason = models.Asserted, "From of an SMS"
		if message(t, in); in.Hints[0] != want {
			t.Errorf("%q: %+v", from, in.Hints[0])
		}
	}
}

const mediaAt = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1"

func TestHostileMedia(t *testing.T) {
	for name, c := range map[string]struct {
		pairs   []string
		files   int
		warning string
	}{
		"none announced":       {[]string{"NumMedia", "0"}, 0, ""},
		"a huge number":        {[]string{"NumMedia", "99999999", "MediaUrl0", mediaAt}, 1, "announced 99999999"},
		"no number":            {[]string{"NumMedia", "abc"}, 0, "announced abc"},
		"a negative number":    {[]string{"NumMedia", "-1"}, 0, "announced -1"},
		"a long number":        {[]string{"NumMedia", strings.Repeat("9", 5000)}, 0, "announced 999"},
		"another host":         {[]string{"NumMedia", "1", "MediaUrl0", "https://evil.example/x"}, 0, "outside Twilio"},
		"a look-alike":         {[]string{"NumMedia", "1", "MediaUrl0", "https://api.twilio.com.evil.example/x"}, 0, "outside Twilio"},
		"a name in the middle": {[]string{"NumMedia", "1", "MediaUrl0", "https://nottwilio.com/x"}, 0, "outside Twilio"},
		"credentials":          {[]string{"NumMedia", "1", "MediaUrl0", "https://a:b@api.twilio.com/x"}, 0, "outside Twilio"},
		"plain http":           {[]string{"NumMedia", "1", "MediaUrl0", "http://api.twilio.com/x"}, 0, "outside Twilio"},
		"a port":               {[]string{"NumMedia", "1", "MediaUrl0", "https://api.twilio.com:8443/x"}, 0, "outside Twilio"},
		"a file":               {[]string{"NumMedia", "1", "MediaUrl0", "file:///etc/passwd"}, 0, "outside Twilio"},
		"another of theirs":    {[]string{"NumMedia", "1", "MediaUrl0", "https://mms.twilio.com/x"}, 1, ""},
	} {
		m := message(t, parsed(t, accountOf(t, plain()), signed("sms", textForm("look", c.pairs...))))
		if len(m.Attachments) != c.files || (c.warning == "") != (m.Warning == "") || !strings.Contains(m.Warning, c.warning) || len(m.Warning) > 400 {
			t.Errorf("%s: %d files, %q", name, len(m.Attachments), m.Warning)
		}
	}
}

func TestAtMostTenFiles(t *testing.T) {
	f := textForm("look", "NumMedia", "12")
	for n := range 12 {
		f.Set(fmt.Sprint("MediaUrl", n), mediaAt)
	}
	m := message(t, parsed(t, accountOf(t, plain()), signed("sms", f)))
	if len(m.Attachments) != 10 || m.Warning == "" || m.Attachments[9].Name != "file-10" {
		t.Errorf("%d files, %q", len(m.Attachments), m.Warning)
	}
}

func TestFits(t *testing.T) {
	of := func(kind string, size int64, n int) (out []models.Attachment) {
		for range n {
			out = append(out, models.Attachment{Name: "desk", Type: kind, Size: size})
		}
		return out
	}
	for _, c := range []struct {
		files []models.Attachment
		ok    bool
	}{
		{nil, true}, {of("image/png", 5<<20, 10), true}, {of("image/png", 1, 11), false}, {of("image/jpeg", 5<<20+1, 1), false},
		{of("application/pdf", 500<<10, 1), true}, {of("application/pdf", 500<<10+1, 1), false}, {of("image/webp", 1<<20, 1), false},
	} {
		err := Provider.Fits(c.files)
		if e, ok := err.(*models.Error); (err == nil) != c.ok || err != nil && (!ok || e.Field != "attachment_ids") {
			t.Errorf("%d of %+v: %v", len(c.files), c.files[:min(1, len(c.files))], err)
		}
	}
}

// FuzzParse: whatever a signed body holds, it becomes events that Ingest can take, the same ones
// each time.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{textForm("hello").Encode(), reportForm("failed", "21610").Encode(), "", "%zz", "MessageSid=SM1&MessageSid=SM2",
		textForm("x", "NumMedia", "99999999", "MediaUrl0", "https://[::1]:x/").Encode(), textForm("\x00\xff", "From", "whatsapp:").Encode()} {
		f.Add(seed, "sms")
		f.Add(seed, "status")
	}
	f.Fuzz(func(t *testing.T, body, path string) { fuzzOne(t, body, path) })
}
