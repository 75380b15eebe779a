package twilio

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"onethread/integrations/twilio/twiliotest"
	"onethread/models"
)

// box is an inbox with a memory: what was delivered, the cursor, and the channel's state.
type box struct {
	mu     sync.Mutex
	got    []models.Inbound
	cursor string
	states []models.Status
	refuse int
	moved  chan struct{}
}

func newBox() *box { return &box{moved: make(chan struct{}, 1000)} }

func (b *box) host(h *models.Host) {
	h.Cursor = func(context.Context, string) (string, error) {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.cursor, nil
	}
	h.Status = func(_ context.Context, s models.Status) {
		b.mu.Lock()
		b.states = append(b.states, s)
		b.mu.Unlock()
		b.moved <- struct{}{}
	}
}

func (b *box) deliver(_ context.Context, in models.Inbound) (models.Ingested, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refuse > 0 {
		b.refuse--
		return models.Ingested{}, errors.New("the store is failing")
	}
	if in.Cursor != nil {
		b.cursor = in.Cursor.Value
	}
	if in.Payload != nil {
		b.got = append(b.got, in)
	}
	return models.Ingested{}, nil
}

func (b *box) texts() (out []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, in := range b.got {
		if m, ok := in.Payload.(*models.MessageIn); ok {
			out = append(out, m.Text)
		}
	}
	return out
}

// state waits until the channel shows a state.
func (b *box) state(t *testing.T, want string) models.Status {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		b.mu.Lock()
		if n := len(b.states); n > 0 && b.states[n-1].State == want {
			defer b.mu.Unlock()
			return b.states[n-1]
		}
		b.mu.Unlock()
		select {
		case <-b.moved:
		case <-deadline:
			t.Fatalf("never %s: %+v", want, b.states)
		}
	}
}

func (b *box) receiver(t *testing.T, settings map[string]string, change ...func(*models.Host)) *receiver {
	return &receiver{account: accountOf(t, settings, append(change, b.host)...)}
}

func round(t *testing.T, r *receiver, b *box) {
	t.Helper()
	if err := r.round(t.Context(), b.deliver); err != nil {
		t.Fatal(err)
	}
}

// What a poll finds is what its webhook would have brought, so the second of them is a copy.
func TestPollAndWebhookMakeTheSame(t *testing.T) {
	fake := twiliotest.Start(t)
	picture := twiliotest.File{Type: "image/png", Body: []byte("png")}
	for _, m := range []twiliotest.Message{fake.Store(ana, "hello"), fake.Store(ana, "Stop"), fake.Store("12345", "code 1"), fake.Store(ana, "", picture, twiliotest.File{Type: "text/vcard"}),
		fake.Store("whatsapp:+351912007031", "hi")} {
		b := newBox()
		r := b.receiver(t, fake.Settings())
		f, at := fake.Inbound(m), hookAt
		pushed := parsed(t, r.account, models.HookRequest{Method: "POST", URL: at, Path: "sms", Body: []byte(f.Encode()), Header: map[string][]string{signatureHeader: {fake.Sign(at, f)}}})
		round(t, r, b)
		i := slices.IndexFunc(b.got, func(in models.Inbound) bool { return in.ExternalID == m.SID })
		if i < 0 {
			t.Fatalf("%q was not found", m.Body)
		}
		pulled := b.got[i]
		if d := pulled.OccurredAt.Std().Sub(m.Created); d > time.Second || d < -time.Second || len(pulled.Raw) == 0 {
			t.Errorf("%q came at %v", m.Body, d)
		}
		for _, in := range []*models.Inbound{&pulled, &pushed} {
			in.Raw, in.RawType, in.Cursor, in.OccurredAt, in.Silent = nil, "", nil, 0, false
		}
		if !reflect.DeepEqual(pulled, pushed) {
			t.Errorf("pulled %+v %+v\npushed %+v %+v", pulled, pulled.Payload, pushed, pushed.Payload)
		}
	}
}

func TestPollGoesOnWhereItStopped(t *testing.T) {
	fake := twiliotest.Start(t)
	for n := range 120 {
		fake.Store(ana, fmt.Sprint(n))
	}
	b := newBox()
	r := b.receiver(t, fake.Settings())
	b.refuse = 3
	for range 3 {
		if err := r.round(t.Context(), b.deliver); err == nil {
			t.Fatal("a failing store goes unnoticed")
		}
	}
	round(t, r, b)
	if got := b.texts(); len(got) != 120 || got[0] != "0" || got[119] != "119" {
		t.Fatalf("%d messages, in order %v", len(got), got)
	}
	fake.Store(ana, "new")
	round(t, r, b)
	if got := b.texts(); len(got) != 121 || got[120] != "new" {
		t.Errorf("%d messages after the next poll", len(got))
	}
	calls := len(fake.Calls())
	round(t, r, b)
	if n := len(fake.Calls()) - calls; n != 3 || len(b.texts()) != 121 {
		t.Errorf("a quiet poll costs %d calls and brings %d messages", n, len(b.texts())-121)
	}
	restarted := b.receiver(t, fake.Settings())
	fake.Store(ana, "while away")
	round(t, restarted, b)
	if got := b.texts(); got[len(got)-1] != "while away" || b.got[0].ExternalID == "" {
		t.Errorf("after a restart: %v", got[len(got)-1])
	}
}

// After a week away everything of that week comes in, oldest first, day by day.
func TestLongAbsence(t *testing.T) {
	fake, day := twiliotest.Start(t), 24*time.Hour
	clock := time.Now().Add(-8 * day)
	fake.Now = func() time.Time { return clock }
	at := func(h *models.Host) { h.Now = fake.Now }
	b := newBox()
	round(t, b.receiver(t, fake.Settings(), at), b)
	if b.cursor == "" {
		t.Fatal("a quiet account leaves no place to go on from")
	}
	var want []string
	for n := range 7 {
		clock = clock.Add(day)
		fake.Store(ana, fmt.Sprint("day ", n))
		want = append(want, fmt.Sprint("day ", n))
	}
	round(t, b.receiver(t, fake.Settings(), at), b)
	if got := b.texts(); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

// What came before the channel was connected comes in quietly, and no older than a day.
func TestFirstPoll(t *testing.T) {
	fake := twiliotest.Start(t)
	begin := time.Now()
	for _, ago := range []time.Duration{30 * time.Hour, 20 * time.Hour, 0} {
		fake.Now = func() time.Time { return begin.Add(-ago) }
		fake.Store(ana, ago.String())
	}
	b := newBox()
	r := b.receiver(t, fake.Settings())
	r.created = begin.Add(-time.Hour)
	round(t, r, b)
	if got := b.texts(); !slices.Equal(got, []string{"20h0m0s", "0s"}) || !b.got[0].Silent || b.got[1].Silent {
		t.Errorf("%v, silent %v", got, b.got)
	}
}

func TestOnlyOurMessagesArePolled(t *testing.T) {
	fake := twiliotest.Start(t)
	fake.Store(ana, "to our number")
	if _, err := accountOf(t, fake.Settings()).Send(t.Context(), desk); err != nil {
		t.Fatal(err)
	}
	b := newBox()
	round(t, b.receiver(t, with(fake.Settings(), "number", "+12028832222")), b)
	round(t, b.receiver(t, with(fake.Settings(), "number", "", "messaging_service_sid", fake.Service)), b)
	if len(b.texts()) != 0 {
		t.Errorf("another number's messages: %v", b.texts())
	}
	round(t, b.receiver(t, fake.Settings()), b)
	if got := b.texts(); !slices.Equal(got, []string{"to our number"}) {
		t.Error(got)
	}
}

func TestFilesThatAreGone(t *testing.T) {
	fake := twiliotest.Start(t)
	m := fake.Store(ana, "look", twiliotest.File{Type: "image/png"})
	fake.DeleteMedia(m.SID)
	b := newBox()
	round(t, b.receiver(t, fake.Settings()), b)
	if got := message(t, b.got[0]); len(got.Attachments) != 0 || !strings.Contains(got.Warning, "no longer") {
		t.Errorf("%+v", got)
	}
}

// run starts a receiver until the test ends, and tells that it has stopped.
func run(t *testing.T, r *receiver, b *box) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = r.Receive(ctx, b.deliver) }()
	t.Cleanup(func() {
		cancel()
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			t.Error("the receiver does not stop")
		}
	})
}

func TestReceiverTellsItsHealth(t *testing.T) {
	fake := twiliotest.Start(t)
	fake.OnList(twiliotest.Says(200, "text/html", "<h1>?"), twiliotest.Refuses(500, 20500), twiliotest.Says(200, "application/json", `{"messages": [{"sid": 7}]}`))
	b := newBox()
	r := b.receiver(t, fake.Settings())
	fake.Store(ana, "hello")
	run(t, r, b)
	b.state(t, "live")
	waited := 0
	for _, s := range b.states {
		if s.State == "waiting" && s.Problem != "" {
			waited++
		}
	}
	if waited != 3 || !slices.Equal(b.texts(), []string{"hello"}) {
		t.Errorf("%+v %v", b.states, b.texts())
	}
}

// Credentials that are refused three times are not tried every few minutes for ever: that gets
// accounts locked.
func TestReceiverRestsWhenRefused(t *testing.T) {
	fake := twiliotest.Start(t)
	b := newBox()
	run(t, b.receiver(t, with(fake.Settings(), "auth_token", "wrong")), b)
	if s := b.state(t, "refused"); !strings.Contains(s.Problem, "credentials") || len(fake.Calls()) != refusals {
		t.Errorf("%+v after %d calls", s, len(fake.Calls()))
	}
}

// A next page that points elsewhere is still asked for at our own base address.
func TestNextPageStaysAtHome(t *testing.T) {
	fake, elsewhere := twiliotest.Start(t), twiliotest.Start(t)
	for _, uri := range []string{elsewhere.URL() + "/x.json", "//" + strings.TrimPrefix(elsewhere.URL(), "http://") + "/x.json", "@evil.example/x.json"} {
		fake.OnList(twiliotest.Says(200, "application/json", `{"messages": [], "next_page_uri": "`+uri+`"}`))
		if err := newBox().receiver(t, fake.Settings()).round(t.Context(), newBox().deliver); err == nil {
			t.Error("a page that does not exist was read:", uri)
		}
	}
	if n := len(elsewhere.Calls()); n != 0 {
		t.Errorf("%d calls went elsewhere", n)
	}
}

func TestEndlessList(t *testing.T) {
	fake := twiliotest.Start(t)
	again := "/2010-04-01/Accounts/" + fake.SID + "/Messages.json?" + url.Values{"PageToken": {"PA1"}}.Encode()
	for range maxPages + 1 {
		fake.OnList(twiliotest.Says(200, "application/json", `{"messages": [], "next_page_uri": "`+again+`"}`))
	}
	b := newBox()
	if err := b.receiver(t, fake.Settings()).round(t.Context(), b.deliver); !errors.Is(err, errEndless) {
		t.Error(err)
	}
}
