package privacy_test

import (
	"bytes"
	"compress/flate"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/inbox"
	"onethread/models/privacy"
	"onethread/models/store"
)

// world is a shop with a mailbox, a chat widget, a phone and a store, over a real data folder.
type world struct {
	*testing.T
	*inbox.Inbox
	*privacy.Privacy
	st                     *store.Store
	dir                    string
	clock                  time.Time
	mu                     sync.Mutex
	mail, chat, sms, store models.ID
	mia                    models.User
}

func newWorld(t *testing.T) *world {
	w := &world{T: t, dir: t.TempDir(), clock: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)}
	st, err := store.Open(t.Context(), w.dir, store.Options{Now: func() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.clock }})
	w.must(err)
	t.Cleanup(func() {
		if err := store.Check(context.Background(), st); err != nil {
			t.Error(err)
		}
		w.must(st.Close())
	})
	w.st, w.Privacy = st, privacy.New(st)
	w.Inbox = inbox.New(st, []models.Provider{{Kind: "email", Address: models.EmailIdentity}, {Kind: "webchat", Address: models.ChatIdentity, Instant: true}, {Kind: "twilio", Address: models.PhoneIdentity}, {Kind: "generic"}})
	w.must(st.Write(t.Context(), func(tx *store.Tx) error {
		for _, c := range []struct {
			kind string
			id   *models.ID
		}{{"email", &w.mail}, {"webchat", &w.chat}, {"twilio", &w.sms}, {"generic", &w.store}} {
			ch := models.Channel{Type: c.kind, Name: c.kind, Key: c.kind + "-key", Settings: map[string]string{"address": "shop@casa.example"}}
			if *c.id, err = store.AddChannel(tx, ch, func(string) bool { return false }); err != nil {
				return err
			}
		}
		w.mia = models.User{Email: "mia@casa.example", Name: "Mia", Role: models.Owner, Theme: "auto"}
		return store.InsertUser(tx, &w.mia)
	}))
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) pass(d time.Duration) { w.mu.Lock(); w.clock = w.clock.Add(d); w.mu.Unlock() }

func (w *world) in(in models.Inbound) models.Ingested {
	w.Helper()
	out, err := w.Ingest(w.Context(), in)
	w.must(err)
	return out
}

func hint(kind models.IdentityKind, value string, how models.Evidence) models.Hint {
	return models.Hint{Kind: kind, Value: value, Evidence: how, Reason: "told by the test"}
}

func asserted(kind models.IdentityKind, value string) models.Hint {
	return hint(kind, value, models.Asserted)
}

// letter is a mail as it lies in the mailbox; its original holds all of its words.
func (w *world) letter(id, from, name, text string, files ...models.FileIn) models.Inbound {
	raw := fmt.Sprintf("From: %s <%s>\r\nMessage-ID: <%s>\r\nSubject: About %s\r\n\r\n%s\r\n", name, from, id, id, text)
	for _, f := range files {
		raw += string(f.Body)
	}
	return models.Inbound{ChannelID: w.mail, ExternalID: "sum-" + id, Anywhere: true, OccurredAt: w.st.Now(), ReceivedAt: w.st.Now(), Name: name, Hints: []models.Hint{asserted(models.EmailIdentity, from)},
		Raw: []byte(raw), RawType: "message/rfc822", Payload: &models.MessageIn{Subject: "About " + id, Text: text, HTML: "<p>" + text + "</p>", MessageID: id, Attachments: files}}
}

func (w *world) text(id, from, words string) models.Inbound {
	return models.Inbound{ChannelID: w.sms, ExternalID: id, OccurredAt: w.st.Now(), Hints: []models.Hint{asserted(models.PhoneIdentity, from)}, Raw: []byte("From=" + from + "&Body=" + words), RawType: "application/x-www-form-urlencoded",
		Payload: &models.MessageIn{Text: words}}
}

func (w *world) chatted(visitor, id, words string, more ...models.Hint) models.Inbound {
	hints := append([]models.Hint{{Kind: models.ChatIdentity, Scope: "webchat-key", Value: visitor, Evidence: models.Proved, Reason: "this browser"}}, more...)
	return models.Inbound{ChannelID: w.chat, ExternalID: visitor + id, OccurredAt: w.st.Now(), Hints: hints, Payload: &models.MessageIn{Text: words}}
}

func (w *world) order(number, name, status string, hints ...models.Hint) models.Inbound {
	w.Helper()
	o := models.Order{ExternalID: number, Number: number, Status: status, Currency: "EUR", Total: 53800, UpdatedAt: w.st.Now(), PlacedAt: w.st.Now(), Note: "Ring at " + name, ShipTo: name + ", Rua das Flores 7",
		URL: "https://casa.example/admin/" + number, Lines: []models.OrderLine{{Title: "Walnut desk 140", Quantity: 1, Price: 53800}}, Tracking: []models.Tracking{{Carrier: "DHL", Number: "JJD" + name}}}
	return models.Inbound{ChannelID: w.store, ExternalID: "order:" + number + status, OccurredAt: w.st.Now(), Name: name, Hints: hints, Raw: []byte(`{"ship_to":"` + name + `"}`), RawType: "application/json", Payload: &models.OrderIn{Order: o}}
}

// found tells in which files of the data folder any of the words stands, whatever its case: as bytes,
// and in what was deflated.
func (w *world) found(words ...string) (out []string) {
	w.Helper()
	w.must(filepath.WalkDir(w.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, word := range words {
			if bytes.Contains(bytes.ToLower(b), []byte(strings.ToLower(word))) {
				out = append(out, word+" in "+filepath.Base(path))
			}
		}
		return nil
	}))
	raws, err := store.Lines(w.st.Read(w.Context()), "SELECT hex(body) FROM raws WHERE encoding = 'deflate'")
	w.must(err)
	for _, r := range raws {
		var b []byte
		_, err := fmt.Sscanf(r, "%x", &b)
		w.must(err)
		text, err := io.ReadAll(flate.NewReader(bytes.NewReader(b)))
		w.must(err)
		for _, word := range words {
			if bytes.Contains(bytes.ToLower(text), []byte(strings.ToLower(word))) {
				out = append(out, word+" in an original")
			}
		}
	}
	return out
}

func (w *world) lines(sql string, args ...any) []string {
	w.Helper()
	out, err := store.Lines(w.st.Read(w.Context()), sql, args...)
	w.must(err)
	return out
}
