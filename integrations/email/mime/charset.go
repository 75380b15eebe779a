package mime

import (
	"encoding/base64"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// aliases are names that mail uses and the WHATWG table behind x/net/html/charset lacks.
var aliases = map[string]encoding.Encoding{
	"cp850": charmap.CodePage850, "ibm850": charmap.CodePage850,
	"cp437": charmap.CodePage437, "ibm437": charmap.CodePage437,
	"cp852": charmap.CodePage852, "cp858": charmap.CodePage858, "cp865": charmap.CodePage865,
	"cp949": korean.EUCKR, "ksc56011987": korean.EUCKR, "ksc5601": korean.EUCKR, "uhc": korean.EUCKR,
	"gb2312": simplifiedchinese.GB18030, "gbk": simplifiedchinese.GB18030, "gb231280": simplifiedchinese.GB18030,
	"cp936": simplifiedchinese.GB18030, "hzgb2312": simplifiedchinese.HZGB2312,
	"iso88598i": charmap.ISO8859_8I, "iso88598e": charmap.ISO8859_8E,
	"iso885911": charmap.Windows874, "tis620": charmap.Windows874,
}

// decodeCharset turns bytes of the named charset into UTF-8. An unknown or missing name means
// UTF-8 where the bytes are valid as such, else Windows-1252: nothing is ever refused.
func decodeCharset(b []byte, name string) string {
	name = strings.ToLower(strings.Trim(name, " \t\"'"))
	switch plain := strings.NewReplacer("-", "", "_", "", " ", "").Replace(name); plain {
	case "utf8", "", "usascii", "ascii", "ansix3.41968", "unknown8bit", "unknown", "xunknown":
		return guess(b)
	case "utf7", "unicode11utf7", "csutf7":
		return clean(decodeUTF7(b))
	default:
		if e, ok := aliases[plain]; ok {
			return decodeWith(b, e)
		}
		if e, _ := charset.Lookup(name); e != nil && e != encoding.Replacement {
			return decodeWith(b, e)
		}
	}
	return guess(b)
}

func decodeWith(b []byte, e encoding.Encoding) string {
	out, err := e.NewDecoder().Bytes(b)
	if err != nil {
		return guess(b)
	}
	return clean(string(out))
}

// guess reads bytes of no known charset.
func guess(b []byte) string {
	if utf8.Valid(b) {
		return clean(string(b))
	}
	if mostlyUTF8(b) {
		return clean(strings.ToValidUTF8(string(b), "\uFFFD"))
	}
	return decodeWith(b, charmap.Windows1252)
}

// mostlyUTF8 tells text that was cut or damaged in a few places from text of another charset.
func mostlyUTF8(b []byte) bool {
	good, bad := 0, 0
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			bad++
		} else if n > 1 {
			good++
		}
		b = b[n:]
	}
	return good > 8*bad
}

// clean takes out what no text column should hold: NUL bytes and invalid UTF-8.
func clean(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// decodeUTF7 decodes RFC 2152, which the WHATWG table leaves out on purpose and old mail uses.
func decodeUTF7(b []byte) string {
	var out strings.Builder
	for i := 0; i < len(b); i++ {
		if b[i] != '+' {
			out.WriteByte(b[i])
			continue
		}
		end := i + 1
		for end < len(b) && isBase64(b[end]) {
			end++
		}
		if end == i+1 { // "+-" is a plus
			out.WriteByte('+')
		} else {
			out.WriteString(decodeUTF16(b[i+1 : end]))
		}
		if end < len(b) && b[end] == '-' {
			end++
		}
		i = end - 1
	}
	return out.String()
}

func isBase64(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/'
}

func decodeUTF16(b64 []byte) string {
	raw := make([]byte, base64.RawStdEncoding.DecodedLen(len(b64)))
	n, _ := base64.RawStdEncoding.Decode(raw, b64)
	units := make([]uint16, n/2)
	for i := range units {
		units[i] = binary.BigEndian.Uint16(raw[2*i:])
	}
	return string(utf16.Decode(units))
}
