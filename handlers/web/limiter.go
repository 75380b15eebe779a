package web

import (
	"sync"
	"time"

	"onethread/models"
)

// Limiter counts events per key in a sliding window: the last full window fades out while the
// present one fills. It lives in memory and forgets old keys by itself.
type Limiter struct {
	Most int // events admitted per Window and key
	Per  time.Duration
	Now  func() time.Time // nil = time.Now

	mu    sync.Mutex
	start time.Time
	this  map[string]int
	last  map[string]int
}

// mostKeys bounds the memory that invented keys can take.
const mostKeys = 100_000

// Allow counts n events of key and returns a RateLimited error when they would be too many.
func (l *Limiter) Allow(key string, n int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if l.Now != nil {
		now = l.Now()
	}
	l.turn(now)
	left := 1 - float64(now.Sub(l.start))/float64(l.Per)
	if used := float64(l.last[key])*left + float64(l.this[key]); used+float64(n) > float64(l.Most) {
		wait := l.Per - now.Sub(l.start)
		e := models.Errorf(models.RateLimited, "That was a bit much at once. Wait a moment and try again.")
		e.After = max(wait/4, time.Second)
		return e
	}
	if len(l.this) < mostKeys {
		l.this[key] += n
	}
	return nil
}

func (l *Limiter) turn(now time.Time) {
	passed := now.Sub(l.start)
	switch {
	case l.this == nil || passed >= 2*l.Per || passed < 0:
		l.last, l.this, l.start = nil, make(map[string]int), now
	case passed >= l.Per:
		l.last, l.this, l.start = l.this, make(map[string]int), l.start.Add(l.Per)
	}
}
