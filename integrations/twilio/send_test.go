package twilio

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"onethread/integrations/twilio/twiliotest"
	"onethread/models"
)

var desk = models.Outbound{EventID: 9, To: ana, Text: "Your desk is ready.", Attempt: 1}

func verdictOf(err error) models.SendError {
	var e *models.SendError
	if errors.As(err, &e) {
		return models.SendError{Permanent: e.Permanent, After: e.After, Pause: e.Pause, OptedOut: e.OptedOut}
	}
	return models.SendError{}
}

func TestSending(t *testing.T) {
	fake := twiliotest.Start(t)
	r, err := accountOf(t, fake.Settings()).Send(t.Context(), desk)
	sent := fake.Sent()
	if err != nil || len(sent) != 1 || r.ProviderID != sent[0].SID || r.State != models.DeliverySent {
		t.Fatal(r, sent, err)
	}
	if m := sent[0]; m.To != ana || m.From != fake.Number || m.Body != desk.Text || m.StatusCallback != public+"/webhooks/twilio/4/status" || m.Service != "" {
		t.Errorf("%+v", m)
	}
}

func TestSendingThroughAServiceWithAKeyAndPictures(t *testing.T) {
	fake := twiliotest.Start(t)
	out := desk
	out.Text, out.Attachments = "", []models.FileOut{{Name: "desk.png", URL: public + "/c/file/1"}, {Name: "oak.png", URL: public + "/c/file/2"}}
	s := with(fake.Settings(), "number", "", "messaging_service_sid", fake.Service)
	r, err := accountOf(t, s).Send(t.Context(), out)
	if err != nil || r.State != models.DeliverySent {
		t.Fatal(r, err)
	}
	if m := fake.Sent()[0]; m.Service != fake.Service || m.From != "" || !slices.Equal(m.MediaURL, []string{public + "/c/file/1", public + "/c/file/2"}) {
		t.Errorf("%+v", m)
	}
	key := "SK" + strings.Repeat("0d", 16)
	_, err = accountOf(t, with(fake.Settings(), "api_key_sid", key, "api_key_secret", "secretOfTheKey")).Send(t.Context(), desk)
	calls := fake.Calls()
	if last := calls[len(calls)-1]; last.User != key || !verdictOf(err).Pause || !strings.Contains(last.Path, fake.SID) {
		t.Errorf("the key is not used: %+v, %v", last, err)
	}
}

// TestWhatTwilioSays: every answer leads to what the outbox does with the message.
func TestWhatTwilioSays(t *testing.T) {
	html := "<!doctype html><title>Bad gateway</title>"
	for name, c := range map[string]struct {
		answer twiliotest.Behaviour
		want   models.SendError
		says   string
	}{
		"rate limit":          {twiliotest.TooFast(42 * time.Second), models.SendError{After: 42 * time.Second}, "more slowly"},
		"rate limit for ever": {twiliotest.TooFast(999 * time.Hour), models.SendError{After: 6 * time.Hour}, "more slowly"},
		"rate limit in HTML":  {twiliotest.Says(429, "text/html", html), models.SendError{}, "more slowly"},
		"queue full":          {twiliotest.Refuses(400, 21611), models.SendError{}, "more slowly"},
		"500":                 {twiliotest.Refuses(500, 20500), models.SendError{}, "problem of its own"},
		"503 in HTML":         {twiliotest.Says(503, "text/html", html), models.SendError{}, "problem of its own"},
		"wrong credentials":   {twiliotest.Refuses(401, 20003), models.SendError{Pause: true}, "credentials"},
		"401 in HTML":         {twiliotest.Says(401, "text/html", html), models.SendError{Pause: true}, "credentials"},
		"suspended":           {twiliotest.Refuses(403, 20005), models.SendError{Pause: true}, "suspended"},
		"unknown account":     {twiliotest.Refuses(404, 20404), models.SendError{Pause: true}, "Account SID"},
		"opted out":           {twiliotest.Refuses(400, 21610), models.SendError{Permanent: true, OptedOut: true}, "STOP"},
		"bad number":          {twiliotest.Refuses(400, 21211), models.SendError{Permanent: true}, "no valid phone number"},
		"landline":            {twiliotest.Refuses(400, 21614), models.SendError{Permanent: true}, "landline"},
		"no way":              {twiliotest.Refuses(400, 21612), models.SendError{Permanent: true}, "same country"},
		"country not allowed": {twiliotest.Refuses(400, 21408), models.SendError{Permanent: true}, "Geo permissions"},
		"not registered":      {twiliotest.Refuses(400, 30034), models.SendError{Permanent: true}, "A2P"},
		"unknown code":        {twiliotest.Refuses(400, 29999), models.SendError{Permanent: true}, "29999"},
		"HTML":                {twiliotest.Says(200, "text/html", html), models.SendError{}, "makes no sense"},
		"nothing":             {twiliotest.Says(200, "application/json", ""), models.SendError{}, "makes no sense"},
		"half an object":      {twiliotest.Says(201, "application/json", `{"sid": "SM`), models.SendError{}, "makes no sense"},
		"no sid":              {twiliotest.Says(201, "application/json", `{"status": "queued"}`), models.SendError{}, "makes no sense"},
		"another sid":         {twiliotest.Says(201, "application/json", `{"sid": "'; DROP TABLE"}`), models.SendError{}, "makes no sense"},
		"a list":              {twiliotest.Says(201, "application/json", `[]`), models.SendError{}, "makes no sense"},
		"a redirect":          {twiliotest.Says(302, "text/html", html), models.SendError{}, "makes no sense"},
		"404 in HTML":         {twiliotest.Says(404, "text/html", html), models.SendError{}, "makes no sense"},
		"endless":             {twiliotest.Says(201, "application/json", `{"body": "`+strings.Repeat("x", 2<<20)), models.SendError{}, "longer than"},
		"cut off":             {twiliotest.Cuts, models.SendError{}, "cannot be reached"},
		"failed at once":      {twiliotest.Says(201, "application/json", `{"sid": "`+sidA+`", "status": "failed", "error_code": 30006}`), models.SendError{Permanent: true}, "landline"},
	} {
		t.Run(name, func(t *testing.T) {
			fake := twiliotest.Start(t)
			fake.OnSend(c.answer)
			a := accountOf(t, fake.Settings())
			_, err := a.Send(t.Context(), desk)
			if err == nil || verdictOf(err) != c.want || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), fake.SID) {
				t.Errorf("%v → %+v, want %+v", err, verdictOf(err), c.want)
			}
			if _, err := a.Send(t.Context(), desk); err != nil {
				t.Error("the next one is not served:", err)
			}
		})
	}
}

// Twilio's own test numbers are refused as at Twilio.
func TestMagicNumbers(t *testing.T) {
	fake := twiliotest.Start(t)
	for to, want := range map[string]models.SendError{"+15005550001": {Permanent: true}, "+15005550004": {Permanent: true, OptedOut: true}, "+15005550009": {Permanent: true}} {
		out := desk
		out.To = to
		if _, err := accountOf(t, fake.Settings()).Send(t.Context(), out); verdictOf(err) != want {
			t.Errorf("%s: %v", to, err)
		}
	}
}

func TestSilentTwilioIsGivenUp(t *testing.T) {
	fake := twiliotest.Start(t)
	fake.OnSend(twiliotest.Hangs, twiliotest.Hangs)
	a := accountOf(t, fake.Settings())
	a.call = 50 * time.Millisecond
	if _, err := a.Send(t.Context(), desk); err == nil || !strings.Contains(err.Error(), "in time") || verdictOf(err) != (models.SendError{}) {
		t.Error(err)
	}
	a.call = time.Minute
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := a.Send(ctx, desk); err == nil || time.Since(began) > 20*time.Second {
		t.Error("the caller's deadline is not kept:", err, time.Since(began))
	}
}

func TestWhatCannotBeSentIsNotTried(t *testing.T) {
	fake := twiliotest.Start(t)
	for name, out := range map[string]models.Outbound{
		"too long": {To: ana, Text: strings.Repeat("ä", 1601)}, "empty": {To: ana, Text: " \n"}, "no address": {To: ana, Attachments: []models.FileOut{{Name: "desk.png"}}},
	} {
		if _, err := accountOf(t, fake.Settings()).Send(t.Context(), out); !verdictOf(err).Permanent {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(fake.Calls()); n != 0 {
		t.Errorf("%d calls", n)
	}
	if _, err := accountOf(t, fake.Settings()).Send(t.Context(), models.Outbound{To: ana, Text: strings.Repeat("ä", 1600)}); err != nil {
		t.Error("1600 characters:", err)
	}
}

// Twilio refuses a message whose callback lies on localhost; without one it goes.
func TestCallbackOnlyWhereItCanCome(t *testing.T) {
	at := func(url string) func(*models.Host) { return func(h *models.Host) { h.URL = url } }
	for url, want := range map[string]bool{"http://localhost:8080": false, "http://127.0.0.1:8080": false, "http://[::1]:8080": false, "http://shop.localhost": false, "https://inbox.example.com": true} {
		p, err := accountOf(t, plain(), at(url)).params(desk)
		if err != nil || (p.StatusCallback != nil) != want {
			t.Errorf("%s: %v, %v", url, p.StatusCallback, err)
		}
	}
	fake := twiliotest.Start(t)
	if p, err := accountOf(t, fake.Settings(), at("http://127.0.0.1:1")).params(desk); err != nil || p.StatusCallback == nil {
		t.Error("a test server can call back:", err)
	}
}

func TestPrivateAddressesNeedLeave(t *testing.T) {
	fake := twiliotest.Start(t)
	no := errors.New("the address lies in a private network")
	a := accountOf(t, fake.Settings(), func(h *models.Host) {
		h.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, no }
	})
	if _, err := a.Send(t.Context(), desk); !errors.Is(err, no) {
		t.Error(err)
	}
	if len(fake.Calls()) != 0 {
		t.Error("the channel's dialler was not used")
	}
}

func again(attempt int, since time.Time, taken ...string) models.Outbound {
	out := desk
	out.Attempt, out.Since = attempt, models.At(since)
	out.Taken = func(_ context.Context, id string) (bool, error) { return slices.Contains(taken, id), nil }
	return out
}

// TestNoDuplicates: whatever became of the first attempt, the customer gets the message once (F2).
func TestNoDuplicates(t *testing.T) {
	for name, first := range map[string]twiliotest.Behaviour{
		"accepted, answer lost": twiliotest.Drops,
		"never accepted":        twiliotest.Cuts,
		"500":                   twiliotest.Refuses(500, 20500),
	} {
		t.Run(name, func(t *testing.T) {
			fake := twiliotest.Start(t)
			fake.Store(ana, desk.Text) // the customer wrote the same words
			fake.OnSend(first)
			a, began := accountOf(t, fake.Settings()), time.Now()
			if _, err := a.Send(t.Context(), again(1, began)); err == nil {
				t.Fatal("the first attempt has an answer")
			}
			r, err := a.Send(t.Context(), again(2, began))
			if sent := fake.Sent(); err != nil || len(sent) != 1 || r.ProviderID != sent[0].SID {
				t.Error(r, sent, err)
			}
		})
	}
}

// The same words sent twice on purpose are two messages: what belongs to another is not taken for ours.
func TestSameWordsTwice(t *testing.T) {
	fake := twiliotest.Start(t)
	a, began := accountOf(t, fake.Settings()), time.Now()
	one, err := a.Send(t.Context(), again(1, began))
	if err != nil {
		t.Fatal(err)
	}
	two, err := a.Send(t.Context(), again(2, began, one.ProviderID))
	if err != nil || two.ProviderID == one.ProviderID || len(fake.Sent()) != 2 {
		t.Error(one, two, err)
	}
	found, err := a.Send(t.Context(), again(3, began, one.ProviderID))
	if err != nil || found.ProviderID != two.ProviderID || len(fake.Sent()) != 2 {
		t.Error(found, err)
	}
}

func TestWhatIsNoEarlierAttempt(t *testing.T) {
	fake := twiliotest.Start(t)
	a := accountOf(t, fake.Settings())
	if _, err := a.Send(t.Context(), desk); err != nil {
		t.Fatal(err)
	}
	other := again(2, time.Now())
	other.Text = "Your desk is ready!"
	if _, err := a.Send(t.Context(), other); err != nil || len(fake.Sent()) != 2 {
		t.Error("other words:", err)
	}
	if _, err := a.Send(t.Context(), again(2, time.Now().Add(10*time.Minute))); err != nil || len(fake.Sent()) != 3 {
		t.Error("ten minutes older:", err)
	}
	elsewhere := again(2, time.Now())
	elsewhere.To = "+351912007032"
	if _, err := a.Send(t.Context(), elsewhere); err != nil || len(fake.Sent()) != 4 {
		t.Error("another number:", err)
	}
}

// Our clock may be wrong by an hour: Twilio's Date header tells.
func TestClocksApart(t *testing.T) {
	for _, off := range []time.Duration{time.Hour, -time.Hour} {
		fake := twiliotest.Start(t)
		fake.OnSend(twiliotest.Drops)
		a := accountOf(t, fake.Settings(), func(h *models.Host) { h.Now = func() time.Time { return time.Now().Add(off) } })
		began := a.host.Now()
		if _, err := a.Send(t.Context(), again(1, began)); err == nil {
			t.Fatal("an answer")
		}
		if _, err := a.Send(t.Context(), again(2, began)); err != nil || len(fake.Sent()) != 1 {
			t.Errorf("off by %v: %d sent, %v", off, len(fake.Sent()), err)
		}
	}
}

// While the list cannot be had nothing is sent, and the message is not given up.
func TestNothingIsSentBlindly(t *testing.T) {
	for name, answer := range map[string]twiliotest.Behaviour{"500": twiliotest.Refuses(500, 20500), "garbage": twiliotest.Says(200, "text/html", "<p>"), "an empty object": twiliotest.Says(200, "application/json", "{}"),
		"a refusal": twiliotest.Refuses(400, 20001), "cut off": twiliotest.Cuts} {
		fake := twiliotest.Start(t)
		fake.OnList(answer)
		a := accountOf(t, fake.Settings())
		if _, err := a.Send(t.Context(), again(2, time.Now())); err == nil || verdictOf(err).Permanent || len(fake.Sent()) != 0 {
			t.Errorf("%s: %v, %d sent", name, err, len(fake.Sent()))
		}
		if _, err := a.Send(t.Context(), again(3, time.Now())); err != nil || len(fake.Sent()) != 1 {
			t.Errorf("%s, then: %v, %d sent", name, err, len(fake.Sent()))
		}
	}
	fake := twiliotest.Start(t)
	out := again(2, time.Now())
	out.Taken = func(context.Context, string) (bool, error) { return false, errors.New("the store is failing") }
	fake.OnSend(twiliotest.Drops)
	a := accountOf(t, fake.Settings())
	if _, err := a.Send(t.Context(), desk); err == nil {
		t.Fatal("an answer")
	}
	if _, err := a.Send(t.Context(), out); err == nil || len(fake.Sent()) != 1 {
		t.Error("sent although nobody could say whose the message is:", err)
	}
}

// An earlier attempt is found behind hundreds of newer messages, and its fate is told.
func TestFoundOnALaterPage(t *testing.T) {
	fake := twiliotest.Start(t)
	fake.OnSend(twiliotest.Drops)
	a, began := accountOf(t, fake.Settings()), time.Now()
	if _, err := a.Send(t.Context(), again(1, began)); err == nil {
		t.Fatal("an answer")
	}
	for range 120 {
		out := desk
		out.Text = "another"
		if _, err := a.Send(t.Context(), out); err != nil {
			t.Fatal(err)
		}
	}
	first := fake.Sent()[0].SID
	for status, want := range map[string]string{"delivered": models.DeliveryDelivered, "sending": models.DeliverySent} {
		fake.Move(first, status, 0)
		if r, err := a.Send(t.Context(), again(2, began)); err != nil || r.ProviderID != first || r.State != want {
			t.Errorf("%s: %+v, %v", status, r, err)
		}
	}
	fake.Move(first, "undelivered", 30005)
	if _, err := a.Send(t.Context(), again(2, began)); !verdictOf(err).Permanent || len(fake.Sent()) != 121 {
		t.Error("sent again although it failed for good:", err)
	}
}

func TestTrialAccountsAndLineEnds(t *testing.T) {
	for theirs, ours := range map[string]string{"Sent from your Twilio trial account - Hello": "Hello", "a\nb": "a\r\nb ", "Hello": "Hello", "": ""} {
		if !sameWords(theirs, ours) {
			t.Errorf("%q and %q", theirs, ours)
		}
	}
	if sameWords("Hello", "hello") || sameWords("Hello", "") {
		t.Error("other words are the same")
	}
}

func TestRetryAfterAsDate(t *testing.T) {
	h := http.Header{"Retry-After": {now.Add(90 * time.Second).Format(http.TimeFormat)}}
	if d := retryAfter(h, now); d != 90*time.Second {
		t.Error(d)
	}
	for _, text := range []string{"", "soon", "-5", now.Add(-time.Hour).Format(http.TimeFormat)} {
		if d := retryAfter(http.Header{"Retry-After": {text}}, now); d != 0 {
			t.Errorf("%q: %v", text, d)
		}
	}
}
