package inbox

import (
	"testing"

	"onethread/models"
	"onethread/models/store"
)

// TestWordsForAMergedRecord: what was begun, or read, for a record that was merged meanwhile counts
// for the customer who took it in; for one that never was it is NotFound, not a failure of ours.
func TestWordsForAMergedRecord(t *testing.T) {
	w := newWorld(t)
	ana, bo := w.email("a1", "ana@example.com", "Desk", "one"), w.email("b1", "bo@example.com", "Lamp", "two")
	_, err := w.Merge(t.Context(), w.mia.ID, bo.CustomerID, ana.CustomerID)
	w.must(err)
	draft := store.Draft{UserID: w.mia.ID, CustomerID: bo.CustomerID, Kind: "reply", Text: "On its way"}
	w.must(w.SaveDraft(t.Context(), draft))
	w.must(w.Inbox.Read(t.Context(), w.mia.ID, bo.CustomerID, bo.EventID, false))
	about, err := store.AboutCustomer(w.st.Read(t.Context()), ana.CustomerID, w.mia.ID, 5)
	w.must(err)
	if len(about.Drafts) != 1 || about.Drafts[0].Text != "On its way" {
		t.Errorf("drafts of the one who stands: %+v", about.Drafts)
	}
	if mark, err := store.ReadMark(w.st.Read(t.Context()), w.mia.ID, ana.CustomerID); err != nil || mark != bo.EventID {
		t.Errorf("read up to %d, %v", mark, err)
	}
	draft.CustomerID = 987654321
	for what, err := range map[string]error{"a draft": w.SaveDraft(t.Context(), draft), "reading": w.Inbox.Read(t.Context(), w.mia.ID, 987654321, bo.EventID, false),
		"calling back what a customer wrote": w.Undo(t.Context(), w.mia, ana.EventID), "sending it again": w.Retry(t.Context(), ana.EventID), "calling back nothing": w.Undo(t.Context(), w.mia, 987654321)} {
		if !models.IsCode(err, models.NotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
