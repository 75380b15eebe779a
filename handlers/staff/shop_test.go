package staff_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"onethread/handlers"
	"onethread/handlers/guest"
	"onethread/handlers/public"
	"onethread/handlers/staff"
	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/auth"
	"onethread/models/channels"
	"onethread/models/inbox"
	"onethread/models/store"
	"onethread/views"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	m.Run()
}

// shop is a running house over a real database with a mailbox, a chat and a till.
type shop struct {
	t                *testing.T
	app              *fiber.App
	st               *store.Store
	auth             *auth.Auth
	inbox            *inbox.Inbox
	signals          *web.Signals
	url              string
	mail, chat, till models.ID
	mia, leo         models.User
	sent             int
}

const password = "walnut desk in lisbon"

var providers = []models.Provider{
	{Kind: "email", Name: "Email", Address: models.EmailIdentity, Fields: []models.Field{
		{Key: "address", Label: "Address", Type: "email", Required: true}, {Key: "password", Label: "Password", Type: "password", Secret: true, Required: true},
		{Key: "token", Label: "Token", Secret: true, Generate: true}, {Key: "tls", Label: "Encrypt", Type: "bool", Default: "true"}},
		Validate: func(s map[string]string) error {
			if !strings.Contains(s["address"], "@") {
				return models.FieldError("address", "This is no address.")
			}
			return nil
		},
		Open: func(models.Channel, models.Host) (models.Connection, error) {
			return models.Connection{Check: func(context.Context) []models.Check {
				return []models.Check{{Step: "DNS", OK: true, Took: 12 * time.Millisecond}, {Step: "login", Problem: "The server refused the password."}}
			}}, nil
		}},
	{Kind: "webchat", Name: "Web chat", Address: models.ChatIdentity, Instant: true, Open: func(models.Channel, models.Host) (models.Connection, error) { return models.Connection{}, nil }},
	{Kind: "twilio", Name: "SMS", Address: models.PhoneIdentity, MaxText: 1600, Segments: true, Open: func(models.Channel, models.Host) (models.Connection, error) { return models.Connection{}, nil }},
	{Kind: "generic", Name: "Any shop", Hooks: []string{""}, Open: func(models.Channel, models.Host) (models.Connection, error) { return models.Connection{}, nil }},
}

// openShop builds the shop and serves it on a loopback port.
func openShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{t: t, signals: &web.Signals{}}
	var err error
	s.st, err = store.Open(t.Context(), t.TempDir(), store.Options{})
	s.must(err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	s.must(err)
	s.url = "http://" + listener.Addr().String()
	s.auth, s.inbox = auth.New(s.st, nil), inbox.New(s.st, providers)
	v, err := views.Load()
	s.must(err)
	dial := func(bool) func(context.Context, string, string) (net.Conn, error) { return (&net.Dialer{}).DialContext }
	registry := channels.New(s.st, providers, s.inbox.Ingest, s.url, dial, nil)
	streams, end := context.WithCancel(context.Background())
	doors := guest.New(s.auth, v, s.url, nil)
	s.app = handlers.New(handlers.Deps{Store: s.st, Auth: s.auth, Views: v, Doors: doors, URL: s.url,
		Chat:  public.New(public.Deps{Store: s.st, Signals: s.signals, URL: s.url, Streams: streams}),
		Staff: staff.New(staff.Deps{Store: s.st, Inbox: s.inbox, Auth: s.auth, Channels: registry, Views: v, Signals: s.signals, URL: s.url, Streams: streams, Dial: dial(true)})})
	served := make(chan error, 1)
	go func() { served <- s.app.Listener(listener) }()
	t.Cleanup(func() {
		end()
		s.must(s.app.ShutdownWithTimeout(5 * time.Second))
		doors.Finish()
		if err := store.Check(context.Background(), s.st); err != nil {
			t.Error(err)
		}
		s.must(s.st.Close())
	})
	s.people()
	return s
}

func (s *shop) people() {
	s.t.Helper()
	var err error
	s.mia, err = s.auth.CreateUser(s.t.Context(), "mia@casa.example", "Mia Torres", models.Owner, password)
	s.must(err)
	s.leo, err = s.auth.CreateUser(s.t.Context(), "leo@casa.example", "Leo Alves", models.Agent, password)
	s.must(err)
	s.must(s.st.Write(s.t.Context(), func(tx *store.Tx) error {
		for _, c := range []struct {
			kind string
			id   *models.ID
		}{{"email", &s.mail}, {"webchat", &s.chat}, {"generic", &s.till}} {
			ch := models.Channel{Type: c.kind, Name: c.kind, Key: c.kind + "-key", Settings: map[string]string{"address": "hello@casa.example", "password": "hush-hush"}}
			if *c.id, err = store.AddChannel(tx, ch, func(k string) bool { return k == "password" }); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (s *shop) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// in ingests an event of a customer known by email.
func (s *shop) in(channel models.ID, email, name string, p models.Payload) models.Ingested {
	s.t.Helper()
	s.sent++
	out, err := s.inbox.Ingest(s.t.Context(), models.Inbound{ChannelID: channel, ExternalID: fmt.Sprint("x", s.sent), Signed: true, Name: name, ReceivedAt: s.st.Now(),
		Raw: []byte("Subject: raw\r\n\r\nraw"), RawType: "message/rfc822", Payload: p,
		Hints: []models.Hint{{Kind: models.EmailIdentity, Value: email, Evidence: models.Asserted, Reason: "From of an email"}}})
	s.must(err)
	return out
}

func (s *shop) mailFrom(email, name, text string) models.Ingested {
	s.t.Helper()
	s.sent++
	return s.in(s.mail, email, name, &models.MessageIn{Subject: "A question", Text: text, MessageID: fmt.Sprintf("m%d@example.com", s.sent)})
}

func (s *shop) order(email, number string) models.Ingested {
	s.t.Helper()
	return s.in(s.till, email, "", &models.OrderIn{Order: models.Order{ExternalID: number, Number: number, Status: "paid", Currency: "EUR", Total: 53800, PlacedAt: s.st.Now(), UpdatedAt: s.st.Now(),
		Lines: []models.OrderLine{{Title: "Walnut desk 140", Quantity: 1, Price: 44900}, {Title: "Brass lamp, S", Quantity: 1, Price: 8900}}}})
}

// member is a logged-in browser without a screen.
type member struct {
	s      *shop
	cookie string
	csrf   string
	id     models.ID
}

func (s *shop) login(u models.User) *member {
	s.t.Helper()
	cookie, _, err := s.auth.Login(s.t.Context(), u.Email, password, "192.0.2.1", "test")
	s.must(err)
	session, _, err := s.auth.Session(s.t.Context(), cookie)
	s.must(err)
	return &member{s: s, cookie: cookie, csrf: session.CSRF, id: session.ID}
}

// ask sends a request as this member; headers come in pairs.
func (m *member) ask(method, path, body string, headers ...string) (int, string, http.Header) {
	m.s.t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	req.Host = strings.TrimPrefix(m.s.url, "http://")
	req.Header.Set("Cookie", web.CookieName(m.s.url)+"="+m.cookie)
	if method == "POST" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		req.Header.Set("X-CSRF-Token", m.csrf)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := m.s.app.Test(req, -1)
	m.s.must(err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	m.s.must(err)
	return resp.StatusCode, string(text), resp.Header
}

// see gets a page, which must be there.
func (m *member) see(path string, headers ...string) string {
	m.s.t.Helper()
	status, body, _ := m.ask("GET", path, "", headers...)
	if status != 200 {
		m.s.t.Fatalf("GET %s: %d %.300s", path, status, body)
	}
	return body
}

// do posts a form, which must be accepted.
func (m *member) do(path string, form url.Values) string {
	m.s.t.Helper()
	status, body, _ := m.ask("POST", path, form.Encode())
	if status >= 400 {
		m.s.t.Fatalf("POST %s: %d %.300s", path, status, body)
	}
	return body
}

func mustContain(t *testing.T, what, body string, wanted ...string) {
	t.Helper()
	for _, w := range wanted {
		if !strings.Contains(body, w) {
			t.Errorf("%s lacks %q", what, w)
		}
	}
}

func mustNotContain(t *testing.T, what, body string, unwanted ...string) {
	t.Helper()
	for _, w := range unwanted {
		if strings.Contains(body, w) {
			t.Errorf("%s contains %q", what, w)
		}
	}
}

func unjson(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}
