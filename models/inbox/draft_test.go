package inbox

import (
	"strings"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/store"
)

func (w *world) draft(customer models.ID) (store.Draft, bool) {
	w.Helper()
	d, ok, err := store.DraftOf(w.st.Read(w.Context()), w.mia.ID, customer, "reply")
	w.must(err)
	return d, ok
}

// TestDraftIsWhole: a draft keeps everything, its files outlive the sweep, and those of others stay out. What
// is called back comes back whole, before what was begun meanwhile.
func TestDraftIsWhole(t *testing.T) {
	w := newWorld(t)
	ana := w.email("m1", "ana@example.com", "Desk", "Is it in stock?")
	file, cc := w.upload("plan.txt", "two by one").ID, "leo@example.com"
	theirs, err := w.Upload(t.Context(), UserUploads(99), "theirs.txt", "", strings.NewReader("secret"))
	w.must(err)
	w.must(w.SaveDraft(t.Context(), store.Draft{UserID: w.mia.ID, CustomerID: ana.CustomerID, Kind: "reply", Subject: "The desk", CC: &cc, Text: "It is", Way: "1-1", ClientID: "c1",
		Files: []store.DraftFile{{ID: file, Inline: true}, {ID: theirs.ID}, {ID: 12345}}}))
	w.pass(72 * time.Hour)
	w.must(w.Sweep(t.Context()))
	about, err := store.AboutCustomer(w.st.Read(t.Context()), ana.CustomerID, w.mia.ID, 0, 1)
	w.must(err)
	if d := about.Drafts[0]; d.Subject != "The desk" || *d.CC != cc || d.Text != "It is" || d.Way != "1-1" || d.ClientID != "c1" ||
		len(d.Files) != 1 || d.Files[0].ID != file || !d.Files[0].Inline || d.Files[0].Name != "plan.txt" || d.Files[0].Size != 10 {
		t.Errorf("%+v", d)
	}
	sent, err := w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana.CustomerID, Subject: "The desk", CC: cc, Text: "It is", Attachments: []models.ID{file}, ClientID: "c1"})
	w.must(err)
	if _, ok := w.draft(ana.CustomerID); ok {
		t.Error("the draft outlived its message")
	}
	w.must(w.SaveDraft(t.Context(), store.Draft{UserID: w.mia.ID, CustomerID: ana.CustomerID, Kind: "reply", Text: "By the way", ClientID: "c2"}))
	w.must(w.Undo(t.Context(), w.mia, sent))
	d, ok := w.draft(ana.CustomerID)
	if !ok || d.Text != "It is\n\nBy the way" || d.Subject != "The desk" || *d.CC != cc || len(d.Files) != 1 || d.Files[0].ID == file || d.ClientID != "" {
		t.Errorf("given back: %+v", d)
	}
	if _, err := w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana.CustomerID, Text: d.Text, Attachments: []models.ID{d.Files[0].ID}, ClientID: "c3"}); err != nil {
		t.Error(err)
	}
	w.pass(72 * time.Hour)
	w.must(w.Sweep(t.Context())) // nothing holds theirs
	if _, err := store.UploadOf(w.st.Read(t.Context()), theirs.ID, UserUploads(99)); !models.IsCode(err, models.NotFound) {
		t.Errorf("a forgotten upload is still there: %v", err)
	}
}

// TestLateDraft: what is saved after its message was sent, or is older than what is kept, changes nothing; a
// message of another program takes no draft away.
func TestLateDraft(t *testing.T) {
	w := newWorld(t)
	ana := w.email("m1", "ana@example.com", "Desk", "Is it in stock?")
	save := func(text, client string, at models.Time) {
		w.must(w.SaveDraft(t.Context(), store.Draft{UserID: w.mia.ID, CustomerID: ana.CustomerID, Kind: "reply", Text: text, ClientID: client, UpdatedAt: at}))
	}
	save("It i", "c1", 0)
	first, err := w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana.CustomerID, Text: "It is", ClientID: "c1"})
	w.must(err)
	save("It is", "c1", 0)
	if d, ok := w.draft(ana.CustomerID); ok {
		t.Errorf("a sent draft is back: %q", d.Text)
	}
	if again, err := w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana.CustomerID, Text: "It is", ClientID: "c1"}); err != nil || again != first {
		t.Errorf("the same again: %v %v", again, err)
	}
	if _, err := w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana.CustomerID, Text: "It is, and more", ClientID: "c1"}); !models.IsCode(err, models.Conflict) {
		t.Errorf("other words under the same id are dropped in silence: %v", err)
	}
	save("Next", "c2", 0)
	save("Older", "c2", w.st.Now().Add(-time.Minute))
	if d, _ := w.draft(ana.CustomerID); d.Text != "Next" {
		t.Errorf("an older copy won: %q", d.Text)
	}
	_, err = w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana.CustomerID, Text: "By a program"})
	w.must(err)
	if d, ok := w.draft(ana.CustomerID); !ok || d.Text != "Next" {
		t.Error("another message took the draft away")
	}
}

// From a real hole: a browser that still showed a merged customer saved its draft and its read mark there.
func TestDraftAndMarkFollowMerges(t *testing.T) {
	w := newWorld(t)
	ana := w.email("m1", "ana@example.com", "Desk", "Hello")
	other := w.email("m2", "ana@work.example", "Desk", "Hello again")
	_, err := w.Merge(t.Context(), w.mia.ID, other.CustomerID, ana.CustomerID)
	w.must(err)
	w.must(w.SaveDraft(t.Context(), store.Draft{UserID: w.mia.ID, CustomerID: other.CustomerID, Kind: "reply", Text: "It is"}))
	w.must(w.Read(t.Context(), w.mia.ID, other.CustomerID, other.EventID, false))
	if d, ok := w.draft(ana.CustomerID); !ok || d.Text != "It is" {
		t.Error("the draft is on the merged record")
	}
	if mark, err := store.ReadMark(w.st.Read(t.Context()), w.mia.ID, ana.CustomerID); err != nil || mark != other.EventID {
		t.Errorf("the mark is %v, %v", mark, err)
	}
	if err := store.Check(t.Context(), w.st); err != nil {
		t.Error(err)
	}
}

// What was never there is NotFound, and so is calling back what customers wrote.
func TestNothingToDraftReadOrCallBack(t *testing.T) {
	w := newWorld(t)
	ana := w.email("a1", "ana@example.com", "Desk", "one")
	draft := store.Draft{UserID: w.mia.ID, CustomerID: 987654321, Kind: "reply", Text: "On its way"}
	for what, err := range map[string]error{"a draft": w.SaveDraft(t.Context(), draft), "reading": w.Inbox.Read(t.Context(), w.mia.ID, 987654321, ana.EventID, false),
		"calling back what a customer wrote": w.Undo(t.Context(), w.mia, ana.EventID), "sending it again": w.Retry(t.Context(), ana.EventID), "calling back nothing": w.Undo(t.Context(), w.mia, 987654321)} {
		if !models.IsCode(err, models.NotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
