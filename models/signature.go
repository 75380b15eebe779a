package models

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
)

// Once is a header that stands exactly once; a missing or doubled one is empty.
func (r HookRequest) Once(header string) string {
	if v := r.Header.Values(header); len(v) == 1 {
		return v[0]
	}
	return ""
}

// SignedBase64 tells whether the header holds, exactly once, the base64 of the raw body's
// HMAC-SHA256 under one of the secrets. The decoded bytes are compared, in constant time. An empty
// secret signs nothing: a channel without one refuses every call.
func (r HookRequest) SignedBase64(header string, secrets ...string) bool {
	got, err := base64.StdEncoding.Strict().DecodeString(r.Once(header))
	if err != nil || len(got) != sha256.Size {
		return false
	}
	good := false
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(r.Body)
		good = hmac.Equal(got, mac.Sum(nil)) || good
	}
	return good
}
