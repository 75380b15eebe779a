package public

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"sync"
	"time"

	"onethread/models"
	"onethread/models/store"
)

// hub wakes the sockets of the visitors whom an event concerns. One loop reads the feed for all
// of them: ten thousand idle visitors cost nothing while others talk.
type hub struct {
	mu        sync.Mutex
	listeners map[models.ID]map[*listener]bool // by chat identity
}

// listener is one socket. It holds channels, never the connection.
type listener struct {
	wake     chan struct{} // something new may be there
	typing   chan string   // a member of staff writes
	identity models.ID
	customer models.ID
}

func newHub() *hub { return &hub{listeners: make(map[models.ID]map[*listener]bool)} }

func newListener() *listener {
	return &listener{wake: make(chan struct{}, 1), typing: make(chan string, 1)}
}

// join files a listener under its visitor's identity, known since their first event.
func (b *hub) join(l *listener, id models.Identity) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l.customer = id.CustomerID
	if l.identity == id.ID {
		return
	}
	l.identity = id.ID
	if b.listeners[id.ID] == nil {
		b.listeners[id.ID] = make(map[*listener]bool)
	}
	b.listeners[id.ID][l] = true
}

// customerOf tells whose thread the visitor's words go to now.
func (b *hub) customerOf(l *listener) models.ID {
	b.mu.Lock()
	defer b.mu.Unlock()
	return l.customer
}

// of lists the visitors' identities that stand with one of the customers.
func (b *hub) of(customers ...models.ID) (out []models.ID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, set := range b.listeners {
		for l := range set {
			if l.customer != 0 && slices.Contains(customers, l.customer) {
				out = append(out, id)
				break
			}
		}
	}
	return out
}

// refile files listeners under the customers who own their identities now.
func (b *hub) refile(owners map[models.ID]models.ID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, customer := range owners {
		for l := range b.listeners[id] {
			l.customer = customer
		}
	}
}

func (b *hub) leave(l *listener) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.listeners[l.identity], l)
	if len(b.listeners[l.identity]) == 0 {
		delete(b.listeners, l.identity)
	}
}

func (b *hub) wake(identity models.ID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for l := range b.listeners[identity] {
		l.nudge()
	}
}

// wakeAll lets every socket look again, after a channel's settings changed.
func (b *hub) wakeAll() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, set := range b.listeners {
		for l := range set {
			l.nudge()
		}
	}
}

func (l *listener) nudge() {
	select {
	case l.wake <- struct{}{}:
	default: // it is awake already
	}
}

func (b *hub) staffTypes(customer models.ID, name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, set := range b.listeners {
		for l := range set {
			if l.customer != customer {
				continue
			}
			select {
			case l.typing <- name:
			default:
			}
		}
	}
}

// Run follows the feed and wakes visitors' sockets until ctx ends.
func (h *Chat) Run(ctx context.Context) error {
	signals, stop := h.Signals.Listen()
	defer stop()
	after, err := store.LastEventID(h.Store.Read(ctx))
	if err != nil {
		return err
	}
	for {
		bell := h.Store.Bell.Wait()
		next, err := h.dispatch(ctx, after)
		if err != nil && ctx.Err() == nil {
			slog.Error("the chat cannot read the feed", "err", err)
			bell = h.later(ctx)
		}
		if next > after {
			after = next
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-bell:
		case s := <-signals:
			if s.Kind == "typing" && s.UserID != 0 {
				h.hub.staffTypes(s.CustomerID, s.Name)
			}
		}
	}
}

// later is a bell that rings by itself after a moment, for when reading failed.
func (h *Chat) later(ctx context.Context) <-chan struct{} {
	wait, cancel := context.WithTimeout(ctx, time.Second)
	context.AfterFunc(wait, cancel)
	return wait.Done()
}

func (h *Chat) dispatch(ctx context.Context, after models.ID) (models.ID, error) {
	events, err := store.Feed(h.Store.Read(ctx), after, 500)
	if err != nil {
		return after, err
	}
	for _, e := range events {
		after = e.ID
		switch e.Kind {
		case models.KindMessage, models.KindDelivery, models.KindFile:
			h.hub.wake(e.AnchorID)
		case models.KindChannel:
			h.hub.wakeAll()
		case models.KindMerge, models.KindUnmerge, models.KindContact:
			if err := h.refile(ctx, e); err != nil {
				return after - 1, err // read again: a socket filed wrongly would stay so
			}
		}
	}
	return after, nil
}

// refile finds out anew whose thread the sockets belong to whose customer was merged, parted, or had
// an address moved: what is typed must show where their words go now.
func (h *Chat) refile(ctx context.Context, e models.Event) error {
	var d struct {
		FromID models.ID `json:"from_id"`
	}
	_ = json.Unmarshal([]byte(e.Data), &d) // without it the event's own customer is the only one concerned
	concerned := h.hub.of(e.CustomerID, d.FromID)
	if len(concerned) == 0 {
		return nil
	}
	owners, err := store.OwnersOf(h.Store.Read(ctx), concerned)
	if err == nil {
		h.hub.refile(owners)
	}
	return err
}
