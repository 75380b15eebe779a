package inbox

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/store"
)

func (w *world) upload(name, content string) models.Attachment {
	w.Helper()
	a, err := w.Upload(w.Context(), UserUploads(w.mia.ID), name, "text/plain", strings.NewReader(content))
	w.must(err)
	return a
}

func (w *world) stored(a models.Attachment) bool {
	w.Helper()
	f, err := w.st.Files.Open(a.SHA256)
	if err == nil {
		w.must(f.Close())
	}
	return err == nil
}

// age makes everything in a folder look last written at the given moment.
func (w *world) age(dir string, at time.Time) {
	w.Helper()
	w.must(filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error { return errors.Join(err, os.Chtimes(path, at, at)) }))
}

// TestSweep: what no message carried within a day goes, with its content; what was sent, what
// another message names, what was uploaded again a moment ago and what is young stays.
func TestSweep(t *testing.T) {
	w := newWorld(t)
	w.clock = time.Now() // the files carry the machine's time
	ana := w.email("m1", "ana@example.com", "Desk", "in stock?")
	forgotten, sent, twin, again := w.upload("a.txt", "forgotten"), w.upload("b.txt", "sent"), w.upload("c.txt", "sent"), w.upload("d.txt", "uploaded again")
	_, err := w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana.CustomerID, Text: "here", Attachments: []models.ID{sent.ID}})
	w.must(err)
	files := filepath.Join(w.st.Dir(), "files")
	broken, slow := filepath.Join(files, "tmp-broken"), filepath.Join(files, "tmp-slow")
	left, kept := filepath.Join(w.st.Dir(), "tmp-1234"), filepath.Join(w.st.Dir(), "backup-20261120")
	w.must(errors.Join(os.WriteFile(broken, []byte("x"), 0o600), os.MkdirAll(left, 0o700), os.MkdirAll(kept, 0o700)))

	w.must(w.Sweep(t.Context()))
	for _, a := range []models.Attachment{forgotten, sent, again} {
		if !w.stored(a) {
			t.Errorf("%s went before its time", a.Name)
		}
	}
	w.pass(25 * time.Hour)
	w.age(w.st.Dir(), w.clock.Add(-25*time.Hour))
	w.must(os.WriteFile(slow, []byte("x"), 0o600)) // its upload is still running
	now := w.clock
	w.must(os.Chtimes(slow, now, now))
	fresh := w.upload("e.txt", "uploaded again")
	path := filepath.Join(files, fresh.SHA256[:2], fresh.SHA256[2:])
	w.must(os.Chtimes(path, now, now))
	young := w.upload("f.txt", "young")

	w.must(w.Sweep(t.Context()))
	if w.stored(forgotten) {
		t.Error("the content of a forgotten upload is still there")
	}
	for _, a := range []models.Attachment{sent, again, young} {
		if !w.stored(a) {
			t.Errorf("%s is gone", a.Name)
		}
	}
	for _, a := range []models.Attachment{forgotten, twin, again} {
		if _, err := store.UploadOf(w.st.Read(t.Context()), a.ID, UserUploads(w.mia.ID)); !models.IsCode(err, models.NotFound) {
			t.Errorf("the row of %s is still there: %v", a.Name, err)
		}
	}
	if _, err := store.UploadOf(w.st.Read(t.Context()), fresh.ID, UserUploads(w.mia.ID)); err != nil {
		t.Errorf("an upload of a moment ago: %v", err)
	}
	for path, want := range map[string]bool{broken: false, slow: true, left: false, kept: true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s is there: %v, want %v", filepath.Base(path), err == nil, want)
		}
	}
}

// TestSweepKeepsOriginals: a large original is stored by its hash like an upload of the same bytes.
func TestSweepKeepsOriginals(t *testing.T) {
	w := newWorld(t)
	w.clock = time.Now()
	raw := strings.Repeat("a large mail\n", 30_000)
	in := w.in(models.Inbound{ChannelID: w.mail, ExternalID: "large", Hints: []models.Hint{asserted(models.EmailIdentity, "ana@example.com")}, Raw: []byte(raw), RawType: "message/rfc822",
		Payload: &models.MessageIn{Text: "large"}})
	w.upload("large.eml", raw)
	w.pass(25 * time.Hour)
	w.age(filepath.Join(w.st.Dir(), "files"), w.clock.Add(-25*time.Hour))
	w.must(w.Sweep(t.Context()))
	_, body, err := w.st.RawOf(w.st.Read(t.Context()), in.EventID)
	w.must(err)
	w.must(body.Close())
}
