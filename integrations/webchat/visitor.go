package webchat

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"onethread/models"
)

// tokenLife is how long a visitor's token stands unless the widget is seen again; every boot
// renews it.
const tokenLife = 400 * 24 * time.Hour

// Visitor makes a new visitor: a random 128-bit id (32 hexadecimal digits).
func (c *Chat) Visitor() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// Token signs a visitor's id for one channel: id.seconds.mac. It is what the browser keeps; it
// travels in bodies, headers and the first frame of a socket, never in a URL.
func (c *Chat) Token(ch models.Channel, visitor string) string {
	issued := strconv.FormatInt(c.now().Unix(), 36)
	return visitor + "." + issued + "." + c.sign(ch, visitor, issued)
}

// Verify returns the visitor behind a token. ok is false for tokens of another channel, altered,
// older than 400 days, or dated in the future.
func (c *Chat) Verify(ch models.Channel, token string) (visitor string, ok bool) {
	if len(token) > 200 {
		return "", false
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 || len(parts[0]) != 32 {
		return "", false
	}
	if subtle.ConstantTimeCompare([]byte(c.sign(ch, parts[0], parts[1])), []byte(parts[2])) != 1 {
		return "", false
	}
	seconds, err := strconv.ParseInt(parts[1], 36, 64)
	if err != nil {
		return "", false
	}
	age := c.now().Sub(time.Unix(seconds, 0))
	return parts[0], age > -time.Hour && age < tokenLife
}

func (c *Chat) sign(ch models.Channel, visitor, issued string) string {
	return base64.RawURLEncoding.EncodeToString(c.mac("webchat visitor", []byte(ch.Key+"|"+visitor+"|"+issued)))
}

// browser is the hint that every event of a visitor carries first. Our own signature vouches for
// the browser; it says nothing about the person.
func browser(ch models.Channel, visitor string) models.Hint {
	return models.Hint{Kind: models.ChatIdentity, Scope: ch.Key, Value: visitor, Evidence: models.Asserted, Reason: "the same browser in the chat"}
}
