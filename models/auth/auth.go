// Package auth answers two questions: who is this, and may they do that? It holds passwords,
// sessions, API tokens, one-time links and the one table of roles and permissions.
//
// Nothing here keeps a secret in the clear: cookies, tokens and links are 256 random bits of
// which the database sees only the SHA-256, passwords are argon2id in PHC form.
package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"sync"
	"time"

	"onethread/models/store"
)

// Auth holds what the package's operations share: the store, the clock and the throttle.
type Auth struct {
	st       *store.Store
	now      func() time.Time
	throttle *Throttle
	touching sync.Map // uses of sessions and tokens that are just being written down
}

// New makes an Auth over st. now is the clock; nil means time.Now.
func New(st *store.Store, now func() time.Time) *Auth {
	if now == nil {
		now = time.Now
	}
	return &Auth{st: st, now: now, throttle: NewThrottle(now)}
}

// secret returns 256 random bits as 43 characters that are safe in cookies, headers and URLs.
func secret() string {
	var b [32]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// digest is what the database keeps of a secret.
func digest(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
