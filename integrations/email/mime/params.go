package mime

import (
	"slices"
	"strconv"
	"strings"
)

// content is a parsed Content-Type or Content-Disposition.
type content struct {
	value  string // "text/plain", "attachment": lower case
	params map[string]string
}

// parseContent reads "value; key=value; …" (RFC 2045 section 5.1, RFC 2231) tolerantly.
func parseContent(field string) content {
	value, rest, _ := strings.Cut(field, ";")
	c := content{value: strings.ToLower(strings.TrimSpace(value)), params: map[string]string{}}
	if key, _, ok := strings.Cut(c.value, "="); ok { // "charset=utf-8" without a type before it
		c.value, rest = "", field
		if strings.Contains(key, "/") { // "text/plain charset=utf-8": the semicolon is missing
			if kind, param, ok := strings.Cut(strings.TrimSpace(field), " "); ok {
				c.value, rest = strings.ToLower(kind), param
			}
		}
	}
	raw := map[string]string{}
	for rest != "" && len(raw) < 500 {
		var key, val string
		key, val, rest = cutParam(rest)
		if _, double := raw[key]; key != "" && !double {
			raw[key] = val
		}
	}
	for key, val := range raw {
		if !strings.Contains(key, "*") {
			c.params[key] = val
		}
	}
	joinContinuations(raw, c.params)
	return c
}

// cutParam reads the next key=value; a quoted value may hold semicolons.
func cutParam(s string) (key, value, rest string) {
	s = strings.TrimLeft(s, " \t;\r\n")
	end := strings.IndexAny(s, "=;")
	if end < 0 || s[end] == ';' {
		_, rest, _ = strings.Cut(s, ";")
		return "", "", rest
	}
	key, s = strings.ToLower(strings.TrimSpace(s[:end])), strings.TrimLeft(s[end+1:], " \t")
	if !strings.HasPrefix(s, `"`) {
		value, rest, _ = strings.Cut(s, ";")
		return key, strings.TrimSpace(value), rest
	}
	var out strings.Builder
	i := 1
	for ; i < len(s) && s[i] != '"'; i++ {
		if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\') {
			i++
		}
		out.WriteByte(s[i])
	}
	_, rest, _ = strings.Cut(s[min(i+1, len(s)):], ";")
	return key, out.String(), rest
}

// joinContinuations puts name*0, name*1*, … and name* together (RFC 2231 sections 3 and 4).
func joinContinuations(raw, params map[string]string) {
	type piece struct {
		number  int
		value   string
		encoded bool
	}
	pieces := map[string][]piece{}
	for key, value := range raw {
		name, tail, ok := strings.Cut(key, "*")
		if !ok {
			continue
		}
		encoded := tail == "" || strings.HasSuffix(tail, "*")
		n, _ := strconv.Atoi(strings.TrimSuffix(tail, "*"))
		pieces[name] = append(pieces[name], piece{n, value, encoded})
	}
	for name, list := range pieces {
		slices.SortFunc(list, func(a, b piece) int { return a.number - b.number })
		var all []byte
		charset := ""
		for i, p := range list {
			value := p.value
			if i == 0 && p.encoded {
				charset, value = cutCharset(value)
			}
			if p.encoded {
				all = append(all, percentDecode(value)...)
			} else {
				all = append(all, value...)
			}
		}
		params[name] = decodeCharset(all, charset)
	}
}

// cutCharset splits charset'language'value.
func cutCharset(s string) (charset, value string) {
	if parts := strings.SplitN(s, "'", 3); len(parts) == 3 {
		return parts[0], parts[2]
	}
	return "", s
}

func percentDecode(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			out = append(out, unhex(s[i+1])<<4|unhex(s[i+2]))
			i += 2
		} else {
			out = append(out, s[i])
		}
	}
	return out
}
