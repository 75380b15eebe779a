package email

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"onethread/models"
)

// box stands in for the inbox and the store behind a receiver: it drops doubles, keeps cursors
// and statuses, and lets a test wait for a condition.
type box struct {
	t       *testing.T
	mu      sync.Mutex
	mails   []models.Inbound
	seen    map[string]bool
	doubles int
	cursors map[string]string
	status  models.Status
	reports int
	told    func(models.Status) // runs under the lock
	change  chan struct{}
	fail    func(models.Inbound) error
	delay   time.Duration         // what a commit costs; waiting ones are committed together
	gone    map[models.Place]bool // what the receiver says is gone; nil = it is not asked to look
}

func newBox(t *testing.T) *box {
	return &box{t: t, seen: map[string]bool{}, cursors: map[string]string{}, change: make(chan struct{})}
}

func (b *box) changed() {
	close(b.change)
	b.change = make(chan struct{})
}

func (b *box) deliver(_ context.Context, in models.Inbound) (models.Ingested, error) {
	if b.delay > 0 {
		<-time.After(b.delay)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail != nil {
		if err := b.fail(in); err != nil {
			return models.Ingested{}, err
		}
	}
	if in.Cursor != nil {
		b.cursors[in.Cursor.Name] = in.Cursor.Value
	}
	defer b.changed()
	if in.Payload == nil {
		return models.Ingested{}, nil
	}
	if b.seen[in.ExternalID] {
		b.doubles++
		return models.Ingested{Duplicate: true}, nil
	}
	b.seen[in.ExternalID], b.mails = true, append(b.mails, in)
	return models.Ingested{EventID: models.ID(len(b.mails))}, nil
}

func (b *box) host() models.Host {
	host := b.plainHost()
	if b.gone == nil {
		return host
	}
	host.Places = func(_ context.Context, folder string, validity uint32) (uids []uint32, err error) {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, in := range b.mails {
			if p := *in.Place; p.Folder == folder && p.Validity == validity && !b.gone[p] {
				uids = append(uids, p.UID)
			}
		}
		slices.Sort(uids)
		return uids, nil
	}
	host.Gone = func(_ context.Context, folder string, validity uint32, uids []uint32) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, uid := range uids {
			b.gone[models.Place{Folder: folder, Validity: validity, UID: uid}] = true
		}
		b.changed()
		return nil
	}
	return host
}

func (b *box) plainHost() models.Host {
	return models.Host{
		URL: "http://localhost:8080", Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: time.Now,
		Dial: (&net.Dialer{}).DialContext,
		Cursor: func(_ context.Context, name string) (string, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			return b.cursors[name], nil
		},
		Status: func(_ context.Context, s models.Status) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.status, b.reports = s, b.reports+1
			if b.told != nil {
				b.told(s)
			}
			b.changed()
		},
	}
}

// await waits until ok is true of the box; ok runs under its lock.
func (b *box) await(what string, ok func() bool) {
	b.t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		b.mu.Lock()
		done, change := ok(), b.change
		b.mu.Unlock()
		if done {
			return
		}
		select {
		case <-change:
		case <-deadline:
			b.mu.Lock()
			defer b.mu.Unlock()
			b.t.Fatalf("gave up waiting for %s; %d mails, %d doubles, status %+v", what, len(b.mails), b.doubles, b.status)
		}
	}
}

func (b *box) awaitMails(n int) []models.Inbound {
	b.t.Helper()
	b.await("mails", func() bool { return len(b.mails) >= n })
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]models.Inbound(nil), b.mails...)
}

// live waits until the receiver waits for new mail.
func (b *box) live() {
	b.t.Helper()
	b.await("the receiver to be live", func() bool { return b.status.State == "live" && b.status.Done == b.status.Total })
}

// connect opens a channel over the settings and runs its receiver until stop is called or the
// test ends.
func (b *box) connect(settings map[string]string, created time.Time) (stop func()) {
	b.t.Helper()
	conn, err := Provider.Open(models.Channel{ID: 7, Type: "email", Settings: settings, CreatedAt: models.At(created)}, b.host())
	if err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.t.Context())
	done := make(chan struct{})
	go func() { defer close(done); conn.Receiver.Receive(ctx, b.deliver) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case <-done:
		case <-time.After(10 * time.Second):
			b.t.Error("Receive did not return when it was told to stop")
		}
	})
	b.t.Cleanup(stop)
	return stop
}

func letterOf(subject string) []byte {
	return []byte("From: Ana <ana@customer.test>\r\nTo: shop@example.test\r\nSubject: " + subject +
		"\r\nMessage-ID: <" + subject + "@customer.test>\r\nDate: " + time.Now().Format(time.RFC1123Z) + "\r\n\r\nHello, this is " + subject + "\r\n")
}

func message(t *testing.T, in models.Inbound) *models.MessageIn {
	t.Helper()
	m, ok := in.Payload.(*models.MessageIn)
	if !ok {
		t.Fatalf("want a message, got %#v", in.Payload)
	}
	return m
}

var errStore = errors.New("the disk is full")

// serveWeb serves pages on loopback until the test ends.
func serveWeb(t *testing.T, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}
