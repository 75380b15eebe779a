package web

import (
	"sync"
	"time"

	"onethread/models"
)

// Signal is something that matters only now and is never stored: somebody types, looks at a
// thread, comes online. A visitor's own signals have no UserID.
type Signal struct {
	Kind       string    `json:"kind"` // typing, viewing, online, offline
	CustomerID models.ID `json:"-"`
	UserID     models.ID `json:"-"`
	Name       string    `json:"name,omitempty"`
}

// Signals passes Signals among the open streams of this process. A listener that does not keep
// up misses some; nothing waits for it. The zero value is ready to use.
type Signals struct {
	mu        sync.Mutex
	listeners map[chan Signal]bool
	online    map[models.ID]int
	left      map[models.ID]time.Time // when the last widget of a chat identity was closed, for leftLasts
}

// leftLasts is how long it is remembered when a visitor left.
const leftLasts = time.Hour

// Listen returns a channel of all signals and a function that ends the listening.
func (s *Signals) Listen() (<-chan Signal, func()) {
	ch := make(chan Signal, 32)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listeners == nil {
		s.listeners = make(map[chan Signal]bool)
	}
	s.listeners[ch] = true
	return ch, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.listeners, ch)
	}
}

// Send hands a signal to every listener that has room for it.
func (s *Signals) Send(signal Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for ch := range s.listeners {
		select {
		case ch <- signal:
		default:
		}
	}
}

// Enter counts a chat identity's open widget, and returns what ends it.
func (s *Signals) Enter(identity models.ID) (leave func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.online == nil {
		s.online = make(map[models.ID]int)
	}
	s.online[identity]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.online[identity]--; s.online[identity] <= 0 {
			delete(s.online, identity)
			s.leave(identity, time.Now())
		}
	}
}

// leave notes when somebody left, and forgets who left long ago.
func (s *Signals) leave(identity models.ID, now time.Time) {
	if s.left == nil {
		s.left = make(map[models.ID]time.Time)
	}
	if s.left[identity] = now; len(s.left)&(len(s.left)-1) != 0 {
		return // forgetting at every doubling is enough
	}
	for id, at := range s.left {
		if now.Sub(at) > leftLasts {
			delete(s.left, id)
		}
	}
}

// Left tells when the visitor behind a chat identity closed their last widget; zero when that is not
// known, or longer ago than an hour.
func (s *Signals) Left(identity models.ID) models.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at, ok := s.left[identity]; ok {
		return models.At(at)
	}
	return 0
}

// Online tells whether the visitor behind a chat identity has the widget's socket open.
func (s *Signals) Online(identity models.ID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.online[identity] > 0
}
