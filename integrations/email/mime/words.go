package mime

import (
	"encoding/base64"
	"strings"
)

// word is one encoded word (RFC 2047): =?charset?B or Q?text?=.
type word struct {
	charset string
	bytes   []byte
}

// decodeWords makes a header value text: it decodes the encoded words, as tolerantly as mail programs do:
// also inside quotes, next to other text, and with raw 8-bit inside. Neighbouring words of one
// charset are joined before their charset is decoded, since senders cut characters in two.
func decodeWords(s string) string {
	if !strings.Contains(s, "=?") {
		return guess([]byte(s))
	}
	var out strings.Builder
	var held word
	flush := func() {
		if held.bytes != nil {
			out.WriteString(decodeCharset(held.bytes, held.charset))
			held = word{}
		}
	}
	for end := strings.LastIndex(s, "?="); s != ""; {
		at := strings.Index(s, "=?")
		if at < 0 || end < at { // nothing closes any more: looking again at each "=?" would be quadratic
			break
		}
		w, size := cutWord(s[at:])
		if size == 0 {
			flush()
			out.WriteString(guess([]byte(s[:at+2])))
			s, end = s[at+2:], end-at-2
			continue
		}
		if gap := s[:at]; held.bytes == nil || strings.TrimSpace(gap) != "" {
			flush()
			out.WriteString(guess([]byte(gap)))
		} // else: blanks between two encoded words mean nothing (RFC 2047 section 6.2)
		if !strings.EqualFold(held.charset, w.charset) {
			flush()
		}
		held = word{w.charset, append(held.bytes, w.bytes...)}
		if held.bytes == nil {
			held.bytes = []byte{}
		}
		s, end = s[at+size:], end-at-size
	}
	flush()
	out.WriteString(guess([]byte(s)))
	return out.String()
}

// cutWord reads the encoded word that s begins with; size 0 means that it is none.
func cutWord(s string) (w word, size int) {
	const maxCharset = 60
	q := strings.IndexByte(s[2:min(len(s), 2+maxCharset)], '?')
	if q < 0 || len(s) < 2+q+4 {
		return word{}, 0
	}
	charset, body := s[2:2+q], s[2+q+3:]
	if strings.ContainsAny(charset, " \t<>@") || s[2+q+2] != '?' {
		return word{}, 0
	}
	end := strings.Index(body, "?=")
	if end < 0 {
		return word{}, 0
	}
	w.charset, _, _ = strings.Cut(charset, "*") // RFC 2231 section 5: a language may follow
	switch s[2+q+1] {
	case 'b', 'B':
		w.bytes = decodeBase64([]byte(body[:end]))
	case 'q', 'Q':
		w.bytes = decodeQ(body[:end])
	default:
		return word{}, 0
	}
	return w, 2 + q + 3 + end + 2
}

// decodeQ decodes the Q encoding: quoted-printable with _ for blanks.
func decodeQ(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '_':
			out = append(out, ' ')
		case s[i] == '=' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			out = append(out, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
		default:
			out = append(out, s[i])
		}
	}
	return out
}

// decodeBase64 decodes base64 in whatever state: it skips what is none, takes words that were
// encoded one by one and then joined (padding in the middle), and cuts a bad tail.
func decodeBase64(b []byte) []byte {
	clean := make([]byte, 0, len(b))
	out := make([]byte, 0, len(b)*3/4+3)
	flush := func() {
		for len(clean)%4 == 1 {
			clean = clean[:len(clean)-1]
		}
		piece := make([]byte, base64.RawStdEncoding.DecodedLen(len(clean)))
		n, _ := base64.RawStdEncoding.Decode(piece, clean)
		out, clean = append(out, piece[:n]...), clean[:0]
	}
	for _, c := range b {
		switch {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '+', c == '/':
			clean = append(clean, c)
		case c == '=' && len(clean) > 0:
			flush()
		}
	}
	flush()
	return out
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c >= 'a':
		return c - 'a' + 10
	}
	return c - 'A' + 10
}
