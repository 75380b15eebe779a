package conformance

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"onethread/models"
)

// receive checks the pulling side: everything arrives, the same items have the same ids when
// read again from the start, a failing store loses nothing, and an ended context stops it.
func receive(t *testing.T, r Receive) {
	t.Run("stable ids", func(t *testing.T) {
		first, second := drain(t, r, 0), drain(t, r, 0)
		if !slices.Equal(first, second) {
			t.Errorf("read again from the start the ids differ:\n%q\n%q", first, second)
		}
	})
	t.Run("a failing store loses nothing", func(t *testing.T) {
		if got := drain(t, r, 2); len(got) != r.Items {
			t.Errorf("%d items arrived, want %d", len(got), r.Items)
		}
	})
}

// drain receives until the source's items have all arrived, refusing the first `refuse`
// deliveries, then cancels and waits for Receive to return. It gives the distinct ids.
func drain(t *testing.T, r Receive, refuse int) []string {
	t.Helper()
	box := &inboxDouble{want: r.Items, refuse: refuse, full: make(chan struct{}), ids: map[string]bool{}}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- r.Open(t).Receive(ctx, box.deliver(t)) }()
	wait(t, box.full, Patience, "the items to arrive")
	cancel()
	stopped := make(chan struct{})
	go func() { defer close(stopped); <-done }()
	wait(t, stopped, Promptly, "Receive to return after its context ended")
	return box.seen()
}

func wait(t *testing.T, c <-chan struct{}, patience time.Duration, what string) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(patience):
		t.Fatalf("gave up after %v waiting for %s", patience, what)
	}
}

// inboxDouble counts what arrives. It may be called from several goroutines, as Ingest is.
type inboxDouble struct {
	mu     sync.Mutex
	want   int
	refuse int
	ids    map[string]bool
	full   chan struct{}
}

func (b *inboxDouble) deliver(t *testing.T) models.Deliver {
	return func(_ context.Context, in models.Inbound) (models.Ingested, error) {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.refuse > 0 {
			b.refuse--
			return models.Ingested{}, errors.New("the store is failing")
		}
		if in.Payload == nil && in.Cursor != nil { // only moves the cursor
			return models.Ingested{}, nil
		}
		sound(t, in)
		double := b.ids[in.ExternalID]
		b.ids[in.ExternalID] = true
		if !double && len(b.ids) == b.want {
			close(b.full)
		}
		return models.Ingested{EventID: models.ID(len(b.ids)), Duplicate: double}, nil
	}
}

func (b *inboxDouble) seen() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]string, 0, len(b.ids))
	for id := range b.ids {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}
