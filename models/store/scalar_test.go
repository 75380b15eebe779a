package store

import (
	"context"
	"errors"
	"testing"

	"onethread/models"
)

// TestCancelledReads: a loop whose context ends while it reads must get an error, not a panic.
func TestCancelledReads(t *testing.T) {
	s := openTest(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := LastEventID(s.Read(ctx))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("LastEventID: %v", err)
	}
	if _, err = NextDue(s.Read(ctx)); !errors.Is(err, context.Canceled) {
		t.Errorf("NextDue: %v", err)
	}
	if id, err := LastEventID(s.Read(t.Context())); id != 0 || err != nil {
		t.Errorf("an empty feed: %d %v", id, err)
	}
}

func TestFeedFromTheBeginning(t *testing.T) {
	s := openTest(t)
	err := s.Write(t.Context(), func(tx *Tx) error {
		_, err := AddChannel(tx, models.Channel{Type: "webchat", Name: "Site", Key: "k"}, func(string) bool { return false })
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if events, err := Feed(s.Read(t.Context()), 0, 10); err != nil || len(events) != 1 {
		t.Errorf("%d events after zero, %v", len(events), err)
	}
}
