package auth

import (
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"onethread/models"
)

// The limits of a password: characters below, bytes above. The upper one is checked before
// hashing, so that a megabyte of password costs nothing (osTicket CVE-2023-30082).
const (
	MinPassword = 12
	MaxPassword = 256
)

// Argon2id at OWASP's floor: 19 MiB, two passes, one lane. They stand in every hash, so they
// can be raised later without breaking the hashes that exist.
const (
	argonMemory = 19 * 1024 // KiB
	argonTime   = 2
	argonLanes  = 1
	argonKey    = 32 // bytes
	argonSalt   = 16 // bytes
)

// hashing admits two computations at a time: 19 MiB each, whatever the number of logins tried.
var hashing = make(chan struct{}, 2)

//go:embed common.txt
var commonList string

// common holds the commonest passwords of the published leak lists that are long enough to
// pass the length rule, in lower case.
var common = sync.OnceValue(func() map[string]bool {
	set := make(map[string]bool)
	for _, word := range strings.Fields(commonList) {
		set[word] = true
	}
	return set
})

// CheckPassword tells why a new password will not do, or returns nil. There are no rules of
// composition (NIST SP 800-63B 5.1.1.2): length, and not one of the commonest. email and name
// are the account's own, which a password must not simply repeat.
func CheckPassword(password, email, name string) error {
	switch {
	case utf8.RuneCountInString(password) < MinPassword:
		return models.FieldError("password", "This password is too short. Use at least %d characters; a few random words are easy to remember.", MinPassword)
	case len(password) > MaxPassword:
		return models.FieldError("password", "This password is too long. Use at most %d characters.", MaxPassword)
	case !utf8.ValidString(password) || strings.ContainsRune(password, 0):
		return models.FieldError("password", "This password contains characters that cannot be stored. Choose another one.")
	case guessable(password, email, name):
		return models.FieldError("password", "This password is one of the first that anybody would guess. Choose another one.")
	}
	return nil
}

func guessable(password, email, name string) bool {
	p := strings.ToLower(strings.TrimSpace(password))
	if common()[p] || p == strings.ToLower(email) || p == strings.ToLower(name) {
		return true
	}
	// The same few characters over and over: aaaaaaaaaaaa, 121212121212.
	for n := 1; n <= 4; n++ {
		if len(p) >= n && strings.Trim(strings.ReplaceAll(p, p[:n], ""), p[:n]) == "" {
			return true
		}
	}
	return false
}

// HashPassword returns the PHC form of password's argon2id hash with a fresh salt.
func HashPassword(password string) string {
	salt := make([]byte, argonSalt)
	rand.Read(salt)
	key := derive(password, salt, argonTime, argonMemory, argonLanes, argonKey)
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonLanes, b64(salt), b64(key))
}

// verifyPassword tells whether password is the one behind hash. An empty or unreadable hash
// matches nothing, but takes as long as a real one.
func verifyPassword(hash, password string) bool {
	h, ok := parsePHC(hash)
	if !ok {
		h, _ = parsePHC(dummy())
	}
	if len(password) > MaxPassword {
		password, ok = "", false
	}
	key := derive(password, h.salt, h.time, h.memory, h.lanes, uint32(len(h.key)))
	return subtle.ConstantTimeCompare(key, h.key) == 1 && ok
}

// dummy is the hash that unknown users are checked against, so that an answer takes the same
// time whether the account exists or not.
var dummy = sync.OnceValue(func() string { return HashPassword(secret()) })

func derive(password string, salt []byte, time, memory uint32, lanes uint8, size uint32) []byte {
	hashing <- struct{}{}
	defer func() { <-hashing }()
	return argon2.IDKey([]byte(password), salt, time, memory, lanes, size)
}

type phc struct {
	memory, time uint32
	lanes        uint8
	salt, key    []byte
}

// parsePHC reads $argon2id$v=19$m=…,t=…,p=…$salt$key. Parameters beyond ours by far are
// refused: they could only come from a tampered database and would stall the server.
func parsePHC(s string) (phc, bool) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return phc{}, false
	}
	var h phc
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.time, &h.lanes); err != nil {
		return phc{}, false
	}
	var errSalt, errKey error
	h.salt, errSalt = base64.RawStdEncoding.DecodeString(parts[4])
	h.key, errKey = base64.RawStdEncoding.DecodeString(parts[5])
	sane := h.memory >= 8 && h.memory <= 1<<20 && h.time >= 1 && h.time <= 16 && h.lanes >= 1 && len(h.salt) >= 8 && len(h.key) >= 16
	return h, errSalt == nil && errKey == nil && sane
}
