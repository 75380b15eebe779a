package benchdata

import (
	"testing"
	"time"

	"onethread/models"
	"onethread/models/search"
	"onethread/models/store"
)

// A made shop must be one that the product could have made.
func TestMadeShopIsSound(t *testing.T) {
	dir := t.TempDir()
	if err := Make(t.Context(), dir, Size{Customers: 500, Events: 8000, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), dir, store.Options{Now: func() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := store.Check(t.Context(), st); err != nil {
		t.Error(err)
	}
	q := st.Read(t.Context())
	rows, err := store.Inbox(q, store.InboxFilter{Status: models.StatusOpen, Viewer: 1, Limit: 40})
	if err != nil || len(rows) != 40 || rows[0].Preview == "" || rows[0].ChannelTypes == "" {
		t.Errorf("%d rows, %v: %+v", len(rows), err, rows[:min(1, len(rows))])
	}
	last, err := store.LastEventID(q)
	if err != nil || last < 8000 {
		t.Errorf("%d events, %v", last, err)
	}
	for _, word := range []string{Frequent, VeryFrequent, rows[0].Preview[:4]} {
		if found, err := search.Find(q, word, 20); err != nil || len(found.Messages) == 0 {
			t.Errorf("%q is not found: %v", word, err)
		}
	}
	// The triggers stand again: what is written now is found.
	err = st.Write(t.Context(), func(tx *store.Tx) error {
		id, err := store.AppendEvent(tx, models.Event{CustomerID: rows[0].CustomerID, Kind: models.KindNote}, nil)
		if err != nil {
			return err
		}
		return store.AddMessage(tx, models.Message{EventID: id, Text: "zephyrine"})
	})
	if err != nil {
		t.Fatal(err)
	}
	if found, err := search.Find(q, "zephyrine", 20); err != nil || len(found.Messages) != 1 {
		t.Errorf("a new note is not found: %+v, %v", found, err)
	}
}
