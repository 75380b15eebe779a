package twilio

import (
	"net/http"
	"net/url"
	"testing"

	"onethread/integrations/twilio/twiliotest"
	"onethread/models"
)

func fuzzOne(t *testing.T, body, path string) {
	form, _ := url.ParseQuery(body)
	req := models.HookRequest{Method: "POST", URL: hookAt, Path: path, Body: []byte(body), Now: now, Header: http.Header{signatureHeader: {twiliotest.Sign(token, hookAt, form)}}}
	h := openHook(t)
	got, err := h.Parse(req)
	if err != nil {
		if !models.IsCode(err, models.Unsigned) || len(got) > 0 {
			t.Fatal(got, err)
		}
		return
	}
	again, err := h.Parse(req)
	if err != nil || len(again) != len(got) || len(got) > 1 {
		t.Fatal(again, err)
	}
	for i, in := range got {
		if in.ExternalID == "" || in.ExternalID != again[i].ExternalID || in.Payload == nil || string(in.Raw) != body {
			t.Fatalf("%+v", in)
		}
		if m, ok := in.Payload.(*models.MessageIn); ok && (len(in.Hints) != 1 || in.Hints[0].Value == "" || len(m.Attachments) > maxFiles || len(m.Warning) > 500) {
			t.Fatalf("%+v %+v", in, m)
		}
	}
}
