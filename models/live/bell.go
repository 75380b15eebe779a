// Package live is the doorbell: it says "there are new events" and carries no data.
// Readers keep their own place in the events table, so live and catch-up are the same code.
package live

import "sync"

// Bell wakes everyone who waits. The zero value is ready to use.
type Bell struct {
	mu sync.Mutex
	ch chan struct{}
}

// Wait returns a channel that is closed by the next Ring. Take it before reading the events
// table and block on it only when there was nothing to read: then no event can slip between.
func (b *Bell) Wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch == nil {
		b.ch = make(chan struct{})
	}
	return b.ch
}

// Ring wakes all waiters. Call it after the commit, never before.
func (b *Bell) Ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch != nil {
		close(b.ch)
		b.ch = nil
	}
}
