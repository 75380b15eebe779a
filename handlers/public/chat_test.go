package public

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
	"github.com/gofiber/fiber/v2"

	"onethread/handlers/web"
	"onethread/models"
	"onethread/models/auth"
	"onethread/models/inbox"
	"onethread/models/outbox"
	"onethread/models/store"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	m.Run()
}

// plain is a Builder that signs with a prefix: what it refuses is tested where the real one lives.
type plain struct{ made *int }

func (p plain) Visitor() string { *p.made++; return fmt.Sprintf("%032x", *p.made) }
func (p plain) Token(ch models.Channel, visitor string) string {
	return "signed:" + ch.Key + ":" + visitor
}
func (p plain) Verify(ch models.Channel, token string) (string, bool) {
	return strings.CutPrefix(token, "signed:"+ch.Key+":")
}
func (p plain) hint(ch models.Channel, visitor string) []models.Hint {
	return []models.Hint{{Kind: models.ChatIdentity, Scope: ch.Key, Value: visitor, Evidence: models.Asserted}}
}
func (p plain) Message(ch models.Channel, visitor, id, text string, uploads []models.ID) (models.Inbound, error) {
	if text == "" && len(uploads) == 0 {
		return models.Inbound{}, models.FieldError("text", "Write something.")
	}
	m := &models.MessageIn{Text: text}
	for _, u := range uploads {
		m.Attachments = append(m.Attachments, models.FileIn{UploadID: u})
	}
	return models.Inbound{ChannelID: ch.ID, ExternalID: visitor + ":" + id, Hints: p.hint(ch, visitor), Payload: m}, nil
}
func (p plain) Contact(ch models.Channel, visitor, email, _, _ string) (models.Inbound, error) {
	hints := append(p.hint(ch, visitor), models.Hint{Kind: models.EmailIdentity, Value: email, Evidence: models.Typed})
	return models.Inbound{ChannelID: ch.ID, ExternalID: "contact:" + visitor + email, Hints: hints, Payload: &models.ContactIn{}}, nil
}
func (p plain) Read(ch models.Channel, visitor, id string) models.Inbound {
	return models.Inbound{ChannelID: ch.ID, ExternalID: "read:" + id, Hints: p.hint(ch, visitor), Payload: &models.DeliveryIn{ProviderID: id, State: models.DeliveryRead}}
}
func (p plain) Origins(ch models.Channel) []string { return strings.Fields(ch.Settings["origins"]) }
func (p plain) Identify(ch models.Channel, visitor string, raw []byte) (models.Inbound, error) {
	var email string
	if json.Unmarshal(raw, &email) != nil {
		return models.Inbound{}, models.Errorf(models.Unsigned, "Not signed.")
	}
	hints := append(p.hint(ch, visitor), models.Hint{Kind: models.EmailIdentity, Value: email, Evidence: models.Proved})
	return models.Inbound{ChannelID: ch.ID, ExternalID: "identify:" + visitor + email, Signed: true, Hints: hints, Payload: &models.ContactIn{}}, nil
}
func (p plain) Track(ch models.Channel, visitor string, _ []byte) ([]models.Inbound, error) {
	return []models.Inbound{{ChannelID: ch.ID, ExternalID: "track:" + visitor, Hints: p.hint(ch, visitor), Payload: &models.PageViewIn{URL: "https://shop.example/desk"}}}, nil
}

// sender confirms at once, as the web chat's does. Mails lie in the site's box.
type sender struct{ s *site }

func (x sender) Send(_ context.Context, out models.Outbound) (models.Receipt, error) {
	if strings.Contains(out.To, "@") {
		x.s.mu.Lock()
		defer x.s.mu.Unlock()
		x.s.mails = append(x.s.mails, out)
	}
	return models.Receipt{ProviderID: fmt.Sprint("chat-", out.EventID), State: models.DeliverySent}, nil
}

type site struct {
	t    *testing.T
	url  string
	st   *store.Store
	box  *inbox.Inbox
	chat *Chat
	ch   models.Channel
	mia  models.User

	mu    sync.Mutex
	mails []models.Outbound
}

func start(t *testing.T) *site {
	t.Helper()
	st, err := store.Open(t.Context(), t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	provider := models.Provider{Kind: "webchat", Address: models.ChatIdentity, Instant: true}
	s := &site{t: t, st: st, box: inbox.New(st, []models.Provider{provider, {Kind: "email", Address: models.EmailIdentity}})}
	s.ch = s.channel("k3y", "https://shop.example")
	if s.mia, err = auth.New(st, nil).CreateUser(t.Context(), "mia@example.com", "Mia Costa", models.Owner, "walnut desk in lisbon"); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.url = "http://" + l.Addr().String()
	s.chat = New(Deps{Store: st, Builder: plain{new(int)}, Ingest: s.box.Ingest, Keep: s.box.Upload, Inbox: s.box, Signals: &web.Signals{}, URL: s.url, Streams: ctx})
	app := s.app()
	worker := &outbox.Worker{Store: st, Senders: func(models.ID) (models.Sender, bool) { return sender{s}, true }, Paused: func(context.Context, models.ID, string) {}}
	done := make(chan error, 3)
	go func() { done <- s.chat.Run(ctx) }()
	go func() { done <- worker.Run(ctx) }()
	go func() { done <- app.Listener(l) }()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(app.ShutdownWithTimeout(10*time.Second), <-done, <-done, <-done, st.Close()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *site) app() *fiber.App {
	app := fiber.New(fiber.Config{DisableStartupMessage: true, Immutable: true, StreamRequestBody: true, DisablePreParseMultipartForm: true, BodyLimit: 64 << 10,
		ReadTimeout: 5 * time.Second, ErrorHandler: func(c *fiber.Ctx, err error) error {
			p, _ := web.Describe(c, err)
			return web.WriteProblem(c, p)
		}})
	for path, h := range map[string]fiber.Handler{"boot": s.chat.Boot, "messages": s.chat.Message, "contact": s.chat.Contact, "track": s.chat.Track, "read": s.chat.Read, "upload": s.chat.Upload, "code": s.chat.Code, "prove": s.chat.Prove} {
		app.Post("/c/chat/"+path, h)
	}
	app.Get("/c/confirm/:token", s.chat.ConfirmPage)
	app.Post("/c/confirm/:token", s.chat.Confirm)
	app.Get("/c/continue/:token", s.chat.ContinuePage)
	app.Post("/c/continue/:token", s.chat.ContinueCode)
	app.Post("/c/continue/:token/open", s.chat.Continue)
	app.Get("/c/chat/live", s.chat.Live())
	app.Get("/c/chat/frame", s.chat.Frame)
	app.Get("/c/chat/attachments/:token", s.chat.Attachment)
	return app
}

func (s *site) channel(key, origins string) models.Channel {
	s.t.Helper()
	ch := models.Channel{Type: "webchat", Name: "Site " + key, Key: key, Settings: map[string]string{"origins": origins}}
	err := s.st.Write(context.Background(), func(tx *store.Tx) (err error) {
		ch.ID, err = store.AddChannel(tx, ch, func(string) bool { return false })
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return ch
}

// post sends JSON as the widget does and returns status, headers and the answer.
func (s *site) post(path string, body any, headers ...string) (*http.Response, map[string]any) {
	s.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.send("POST", path, "text/plain", bytes.NewReader(raw), headers...)
}

func (s *site) send(method, path, contentType string, body io.Reader, headers ...string) (*http.Response, map[string]any) {
	s.t.Helper()
	req, err := http.NewRequest(method, s.url+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	out := map[string]any{"raw": string(text)}
	_ = json.Unmarshal(text, &out)
	return resp, out
}

func (s *site) boot(extra map[string]any) (token string, answer map[string]any) {
	s.t.Helper()
	call := map[string]any{"key": "k3y"}
	for k, v := range extra {
		call[k] = v
	}
	resp, answer := s.post("/c/chat/boot", call, "Origin", "https://shop.example")
	if resp.StatusCode != 200 {
		s.t.Fatalf("boot: %d %v", resp.StatusCode, answer)
	}
	return answer["token"].(string), answer
}

func (s *site) say(token, id, text string) *http.Response {
	s.t.Helper()
	resp, _ := s.post("/c/chat/messages", map[string]any{"key": "k3y", "token": token, "id": id, "text": text})
	return resp
}

func (s *site) reply(token, text string) models.ID {
	s.t.Helper()
	id, ok, err := s.chat.identity(s.t.Context(), s.ch, strings.TrimPrefix(token, "signed:k3y:"))
	if err != nil || !ok {
		s.t.Fatal("the visitor has no identity", err)
	}
	event, err := s.box.Reply(s.t.Context(), s.mia, inbox.ReplyInput{CustomerID: id.CustomerID, ChannelID: s.ch.ID, IdentityID: id.ID, Text: text})
	if err != nil {
		s.t.Fatal(err)
	}
	return event
}

// socket opens the live socket and says hello.
func (s *site) socket(token, after string) *websocket.Conn {
	s.t.Helper()
	conn, _, err := s.dial("/c/chat/live?after="+after, s.url)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = conn.Close() })
	if err := conn.WriteJSON(map[string]string{"t": "hi", "key": "k3y", "token": token}); err != nil {
		s.t.Fatal(err)
	}
	return conn
}

func (s *site) dial(path, origin string) (*websocket.Conn, *http.Response, error) {
	header := http.Header{}
	if origin != "" {
		header.Set("Origin", origin)
	}
	return websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(s.url, "http")+path, header)
}

// next reads frames until one of type kind comes.
func next(t *testing.T, conn *websocket.Conn, kind string) said {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	for {
		var f said
		if err := conn.ReadJSON(&f); err != nil {
			t.Fatalf("waiting for %q: %v", kind, err)
		}
		if f.T == kind {
			return f
		}
	}
}

// closed reads until the socket ends and returns its close code.
func closed(t *testing.T, conn *websocket.Conn) int {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	for {
		_, _, err := conn.ReadMessage()
		var e *websocket.CloseError
		if errors.As(err, &e) {
			return e.Code
		}
		if err != nil {
			t.Fatalf("the socket did not close, but: %v", err)
		}
	}
}

func form(t *testing.T, fields [][2]string, name string, body []byte) (contentType string, r io.Reader) {
	t.Helper()
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	for _, f := range fields {
		if err := w.WriteField(f[0], f[1]); err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), &out
}
