package email

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"

	"onethread/integrations/email/mime"
)

// contentKey names a mail by what it says, not by where it lies: the same mail has the same
// key after the folder was made anew, and in another folder. Message-ID alone will not do
// (some senders reuse theirs), so date and body, without its white space, go in too.
func contentKey(raw []byte, m *mime.Mail) string {
	sum := sha256.New()
	if m == nil || m.MessageID == "" {
		sum.Write(raw)
		return "raw-" + hex.EncodeToString(sum.Sum(nil)[:20])
	}
	sum.Write([]byte(m.MessageID + "\x00" + m.Header.Get("Date") + "\x00"))
	writeSolid(sum, mime.Body(raw))
	return "mail-" + hex.EncodeToString(sum.Sum(nil)[:20])
}

// writeSolid hashes b without white space, in pieces.
func writeSolid(h hash.Hash, b []byte) {
	buf := make([]byte, 0, 4096)
	for _, c := range b {
		if c > ' ' {
			if buf = append(buf, c); len(buf) == cap(buf) {
				h.Write(buf)
				buf = buf[:0]
			}
		}
	}
	h.Write(buf)
}
