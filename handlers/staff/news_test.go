package staff

import (
	"context"
	"sync"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/store"
)

// said files a message of a customer, as the single door does, and gives its event.
func said(t *testing.T, st *store.Store, customer *models.ID, conversation *models.ID, text string) (event models.ID) {
	t.Helper()
	err := st.Write(t.Context(), func(tx *store.Tx) error {
		var err error
		if *customer == 0 {
			if *customer, err = store.AddCustomer(tx, "Ana", "staff", ""); err != nil {
				return err
			}
			if *conversation, err = store.AddConversation(tx, models.Conversation{CustomerID: *customer, OpenedAt: 1, LastAt: 1}); err != nil {
				return err
			}
		}
		event, err = store.AppendEvent(tx, models.Event{CustomerID: *customer, ConversationID: *conversation, Kind: models.KindMessage, Direction: models.In}, nil)
		if err != nil {
			return err
		}
		if err := store.AddMessage(tx, models.Message{EventID: event, Text: text}); err != nil {
			return err
		}
		return store.RepairConversation(tx, *conversation)
	})
	if err != nil {
		t.Fatal(err)
	}
	return event
}

// TestSharedRowIsNeverOlderThanItsEvent: a stream that looks between a commit and its bell holds the
// bell under which the row was read before, and must not be given that row for the new event.
func TestSharedRowIsNeverOlderThanItsEvent(t *testing.T) {
	st, err := store.Open(t.Context(), t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	s := &Screens{Store: st, Streams: context.Background()}
	defer s.news.enter(1)()
	var ana, conversation models.ID
	before := make(chan struct{}) // it has not rung yet
	for _, words := range []string{"one", "two", "three"} {
		event := said(t, st, &ana, &conversation, words)
		r, err := s.row(before, ana, event)
		if err != nil {
			t.Fatal(err)
		}
		row, err := r.of(st.Read(t.Context()), 1)
		if err != nil || row.Preview != words {
			t.Errorf("after %q the row shows %q, %v", words, row.Preview, err)
		}
		stranger, err := r.of(st.Read(t.Context()), 2) // who came after the reading
		if err != nil || stranger.Unread != row.Unread {
			t.Errorf("a newcomer sees %d unread, the others %d, %v", stranger.Unread, row.Unread, err)
		}
	}
}

// TestSharedReadsOnce: under one bell one reading serves all; under the next one it is read again.
func TestSharedReadsOnce(t *testing.T) {
	var n news
	var mu sync.Mutex
	reads := 0
	ask := func(bell chan struct{}, key any) {
		got, err := shared(&n, bell, key, func() (string, error) {
			mu.Lock()
			defer mu.Unlock()
			reads++
			return "read", nil
		})
		if got != "read" || err != nil {
			t.Errorf("%q %v", got, err)
		}
	}
	began, first, second := time.Now(), make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() { ask(first, feedFrom(1)) })
	}
	wg.Wait()
	if time.Since(began) > newsLast {
		t.Skip("this machine is too busy: the reading has become old meanwhile")
	}
	if reads != 1 {
		t.Errorf("fifty streams read %d times", reads)
	}
	ask(first, feedFrom(2))
	ask(second, feedFrom(1))
	if reads != 3 {
		t.Errorf("%d readings of three things", reads)
	}
}
