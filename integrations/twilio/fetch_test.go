package twilio

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"onethread/integrations/twilio/twiliotest"
	"onethread/models"
)

func TestFetchedFromTheOtherHost(t *testing.T) {
	fake := twiliotest.Start(t)
	m := fake.Store(ana, "look", twiliotest.File{Type: "image/png; x=y", Body: []byte("png")}, twiliotest.File{Type: "text/vcard", Body: []byte("BEGIN:VCARD")})
	a := accountOf(t, fake.Settings())
	for n, want := range []models.FileIn{{Type: "image/png", Body: []byte("png")}, {Type: "text/vcard", Body: []byte("BEGIN:VCARD")}} {
		f, err := a.fetch(t.Context(), fake.MediaURL(m, n))
		if err != nil || f.Type != want.Type || string(f.Body) != string(want.Body) {
			t.Errorf("%+v, %v", f, err)
		}
	}
	if fake.Leaks() != 0 {
		t.Error("the credentials went to the other host")
	}
}

func TestFilesThatCannotBeHad(t *testing.T) {
	fake := twiliotest.Start(t)
	m := fake.Store(ana, "look", twiliotest.File{Type: "image/png", Body: []byte("png")})
	at := fake.MediaURL(m, 0)
	refused := func(f func(*twiliotest.Fake), answer ...twiliotest.Behaviour) error {
		f(fake)
		fake.OnMedia(answer...)
		_, err := accountOf(t, fake.Settings()).fetch(t.Context(), at)
		fake.RedirectMedia("")
		return err
	}
	as := func(to string) func(*twiliotest.Fake) { return func(f *twiliotest.Fake) { f.RedirectMedia(to) } }
	nothing := func(*twiliotest.Fake) {}
	for name, c := range map[string]struct {
		err       error
		permanent bool
		says      string
	}{
		"500":           {refused(nothing, twiliotest.Refuses(500, 20500)), false, "tried again"},
		"rate limit":    {refused(nothing, twiliotest.TooFast(time.Minute)), false, "tried again"},
		"401":           {refused(nothing, twiliotest.Refuses(401, 20003)), false, "credentials"},
		"410":           {refused(nothing, twiliotest.Says(410, "text/plain", "")), true, "no longer at Twilio"},
		"a circle":      {refused(as(at)), true, "on and on"},
		"a file":        {refused(as("file:///etc/passwd")), true, "cannot be used"},
		"a script":      {refused(as("javascript:alert(1)")), true, "cannot be used"},
		"nowhere":       {refused(nothing, twiliotest.Says(302, "text/plain", "")), true, "cannot be used"},
		"cut off":       {refused(nothing, twiliotest.Cuts), false, "cannot be reached"},
		"an empty page": {refused(nothing, twiliotest.Says(204, "text/plain", "")), true, "204"},
	} {
		if c.err == nil || verdictOf(c.err).Permanent != c.permanent || !strings.Contains(c.err.Error(), c.says) {
			t.Errorf("%s: %v", name, c.err)
		}
	}
	fake.DeleteMedia(m.SID)
	if err := refused(nothing); !verdictOf(err).Permanent || !strings.Contains(err.Error(), "no longer at Twilio") {
		t.Error("404:", err)
	}
	before := len(fake.Calls())
	for _, foreign := range []string{"https://evil.example/x", "http://127.0.0.1:1/x", "file:///etc/passwd", "", "https://twilio.com.evil.example/"} {
		if _, err := accountOf(t, fake.Settings()).fetch(t.Context(), foreign); !verdictOf(err).Permanent {
			t.Errorf("%s: %v", foreign, err)
		}
	}
	if len(fake.Calls()) != before {
		t.Error("a foreign address was called")
	}
}

func TestHugeAndEndlessFiles(t *testing.T) {
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		chunk := make([]byte, 1<<20)
		for r.Context().Err() == nil {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}))
	t.Cleanup(endless.Close)
	fake := twiliotest.Start(t)
	m := fake.Store(ana, "look", twiliotest.File{Type: "image/png", Body: []byte("png")})
	fake.RedirectMedia(endless.URL)
	if _, err := accountOf(t, fake.Settings()).fetch(t.Context(), fake.MediaURL(m, 0)); !verdictOf(err).Permanent || !strings.Contains(err.Error(), "25 MB") {
		t.Error(err)
	}
}

// A redirect goes through the channel's dialler, which refuses what lies inside.
func TestRedirectToAPrivateAddress(t *testing.T) {
	fake := twiliotest.Start(t)
	m := fake.Store(ana, "look", twiliotest.File{Type: "image/png", Body: []byte("png")})
	fake.RedirectMedia("http://169.254.169.254/latest/meta-data")
	no := errors.New("the address lies in a private network")
	a := accountOf(t, fake.Settings(), func(h *models.Host) {
		h.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
			if strings.HasPrefix(addr, "169.254.") {
				return nil, no
			}
			return new(net.Dialer).DialContext(ctx, network, addr)
		}
	})
	if _, err := a.fetch(t.Context(), fake.MediaURL(m, 0)); !errors.Is(err, no) {
		t.Error(err)
	}
}

// Where the base address has https, no redirect leads back to http.
func TestNoWayBackToPlainHTTP(t *testing.T) {
	a := accountOf(t, plain())
	a.wire = roundTrip(func(r *http.Request) (*http.Response, error) {
		rec := httptest.NewRecorder()
		http.Redirect(rec, r, "http://media.twiliocdn.com/x", http.StatusFound)
		resp := rec.Result()
		resp.Request = r
		return resp, nil
	})
	if _, err := a.fetch(t.Context(), mediaAt); !verdictOf(err).Permanent || !strings.Contains(err.Error(), "cannot be used") {
		t.Error(err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
