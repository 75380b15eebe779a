package auth

import (
	"net/netip"
	"strings"
	"sync"
	"time"

	"onethread/models"
)

// The login throttle: five tries are free, then each further failure of the same pair of
// account and address doubles the wait, from 2 s up to 15 min. A stranger elsewhere cannot
// lock anybody out, because the address is part of the pair. Over all pairs 20 tries a second
// are admitted, which bounds the hashing.
const (
	freeTries    = 5
	longestWait  = 15 * time.Minute
	forgetAfter  = 24 * time.Hour
	globalPerSec = 20
	mostPairs    = 50_000
)

type tries struct {
	failed int
	last   time.Time
}

// Throttle slows down guessing. It lives in memory: a restart forgets, which costs an attacker
// more than it gives.
type Throttle struct {
	mu     sync.Mutex
	now    func() time.Time
	pairs  map[string]tries
	second time.Time
	count  int
}

// NewThrottle makes an empty Throttle on the given clock.
func NewThrottle(now func() time.Time) *Throttle {
	return &Throttle{now: now, pairs: make(map[string]tries)}
}

// Admit returns a RateLimited error when this account must not be tried from this address yet.
func (t *Throttle) Admit(account, ip string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if wait := t.wait(t.pairs[pair(account, ip)], now); wait > 0 {
		return tooMany(wait)
	}
	if now.Sub(t.second) >= time.Second || now.Before(t.second) {
		t.second, t.count = now, 0
	}
	if t.count++; t.count > globalPerSec {
		return tooMany(time.Second)
	}
	return nil
}

func (t *Throttle) wait(p tries, now time.Time) time.Duration {
	if p.failed < freeTries {
		return 0
	}
	wait := min(time.Second<<min(p.failed-freeTries+1, 20), longestWait)
	return min(p.last.Add(wait).Sub(now), longestWait) // a clock set back must not lock for years
}

// Failed counts a failure, Succeeded forgets the pair's failures.
func (t *Throttle) Failed(account, ip string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if len(t.pairs) >= mostPairs {
		t.sweep(now)
	}
	key := pair(account, ip)
	p := t.pairs[key]
	if now.Sub(p.last) > forgetAfter {
		p.failed = 0
	}
	t.pairs[key] = tries{failed: p.failed + 1, last: now}
}

// Succeeded forgets the failures of a pair.
func (t *Throttle) Succeeded(account, ip string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.pairs, pair(account, ip))
}

// sweep makes room: first what is old, then, under a flood of invented accounts, anything.
func (t *Throttle) sweep(now time.Time) {
	for key, p := range t.pairs {
		if now.Sub(p.last) > longestWait {
			delete(t.pairs, key)
		}
	}
	for key := range t.pairs {
		if len(t.pairs) < mostPairs*9/10 {
			return
		}
		delete(t.pairs, key)
	}
}

// pair names an account and an address. Of IPv6 the /64 counts: one subscriber holds all of it.
func pair(account, ip string) string {
	return strings.ToLower(account) + "\x00" + Network(ip)
}

// Network returns what of an address counts as one party: the whole of IPv4, the /64 of IPv6.
func Network(ip string) string {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return ip
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	prefix, _ := addr.Prefix(64)
	return prefix.String()
}

func tooMany(wait time.Duration) error {
	wait = wait.Round(time.Second)
	e := models.Errorf(models.RateLimited, "Too many attempts. Wait %s and try again.", max(wait, time.Second))
	e.After = max(wait, time.Second)
	return e
}
