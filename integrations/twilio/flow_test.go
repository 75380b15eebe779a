package twilio

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"onethread/integrations/twilio/twiliotest"
	"onethread/models"
)

// door stands for our webhook address: it parses what comes and hands it to a box. While broken it
// answers 503.
type door struct {
	*httptest.Server
	broken atomic.Bool
}

func openDoor(t *testing.T, fake *twiliotest.Fake, b *box) *door {
	d := &door{}
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if d.broken.Load() {
			http.Error(w, "starting", http.StatusServiceUnavailable)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		a := accountOf(t, fake.Settings(), func(h *models.Host) { h.URL = d.URL })
		_, path, _ := strings.Cut(r.URL.Path, "/twilio/4/")
		got, err := hook{a}.Parse(models.HookRequest{Method: r.Method, URL: d.URL + r.URL.RequestURI(), Path: path, Header: r.Header, Body: body, Now: time.Now()})
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		for _, in := range got {
			_, _ = b.deliver(r.Context(), in)
		}
		w.Header().Set("Content-Type", Provider.Answer.Type)
		io.WriteString(w, Provider.Answer.Body)
	}))
	t.Cleanup(d.Close)
	fake.SMSURL = d.URL + "/webhooks/twilio/4/sms"
	return d
}

// A conversation with the stand-in, over its own signed calls.
func TestThereAndBack(t *testing.T) {
	fake, b := twiliotest.Start(t), newBox()
	d := openDoor(t, fake, b)
	m, answer, err := fake.Receive(ana, "Is my desk ready? 🙂", twiliotest.File{Type: "image/jpeg", Body: []byte("jpeg")})
	if err != nil || answer.Status != 200 || answer.Type != "text/xml" || strings.Contains(answer.Body, "<Message") {
		t.Fatal(answer, err)
	}
	if in := b.got[0]; in.ExternalID != m.SID || message(t, in).Attachments[0].URL != fake.MediaURL(m, 0) {
		t.Errorf("%+v", in)
	}
	a := accountOf(t, fake.Settings(), func(h *models.Host) { h.URL = d.URL })
	r, err := a.Send(t.Context(), desk)
	if err != nil {
		t.Fatal(err)
	}
	for _, status := range []string{"delivered", "sent", "sending", "delivered"} { // out of order and twice
		if answer, err := fake.Status(r.ProviderID, status, 0); err != nil || answer.Status != 200 {
			t.Errorf("%s: %+v, %v", status, answer, err)
		}
	}
	var told []string
	for _, in := range b.got[1:] {
		told = append(told, in.Payload.(*models.DeliveryIn).State)
	}
	if !slices.Equal(told, []string{"delivered", "sent", "delivered"}) || b.got[1].ExternalID != b.got[3].ExternalID {
		t.Error(told)
	}
}

func TestStopEndsSending(t *testing.T) {
	fake, b := twiliotest.Start(t), newBox()
	openDoor(t, fake, b)
	if _, _, err := fake.Receive(ana, "stop"); err != nil || message(t, b.got[0]).Consent != models.OptedOutState {
		t.Fatal(b.got, err)
	}
	a := accountOf(t, fake.Settings())
	if _, err := a.Send(t.Context(), desk); !verdictOf(err).OptedOut {
		t.Error(err)
	}
	if _, _, err := fake.Receive(ana, "START"); err != nil || message(t, b.got[1]).Consent != models.OptedInState {
		t.Fatal(b.got, err)
	}
	if _, err := a.Send(t.Context(), desk); err != nil {
		t.Error(err)
	}
}

// The address that the live test advises makes Twilio try again while we restart; without it one
// 503 loses the call, and the poll finds the message.
func TestAdvisedAddressOutlivesARestart(t *testing.T) {
	fake, b := twiliotest.Start(t), newBox()
	d := openDoor(t, fake, b)
	d.broken.Store(true)
	if _, answer, err := fake.Receive(ana, "lost"); err != nil || answer.Status != 503 || answer.Tries != 1 {
		t.Error(answer, err)
	}
	fake.SMSURL += overrides
	tries := 0
	fake.Between = func() {
		if tries++; tries == 3 {
			d.broken.Store(false)
		}
	}
	if _, answer, err := fake.Receive(ana, "kept"); err != nil || answer.Status != 200 || answer.Tries != 4 {
		t.Error(answer, err)
	}
	round(t, b.receiver(t, fake.Settings()), b)
	if got := b.texts(); !slices.Equal(got, []string{"kept", "lost", "kept"}) || b.got[0].ExternalID != b.got[2].ExternalID {
		t.Error(got)
	}
}

func TestForgedCallIsRefused(t *testing.T) {
	fake, b := twiliotest.Start(t), newBox()
	openDoor(t, fake, b)
	form := fake.Inbound(fake.Store(ana, "hello"))
	other := twiliotest.Start(t)
	other.Token = "anothertoken"
	if answer, err := other.Announce(fake.SMSURL, form); err != nil || answer.Status != 401 || len(b.got) != 0 {
		t.Error(answer, err, b.got)
	}
}
