package mime

import (
	"net/mail"
	"strings"
)

// Address is one mailbox of a From, To, Cc or Reply-To field.
type Address struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

// maxAddresses bounds one field; a mail to more people than this is no letter to a shop.
const (
	maxAddresses    = 1000
	maxAddressField = 320 << 10 // bytes: that many of the longest addresses (RFC 5321 section 4.5.3.1)
)

// ParseAddresses reads an address list (RFC 5322 section 3.4) in whatever state: comments as
// names, groups, semicolons, names that hold "@" or encoded commas, a missing ">".
func ParseAddresses(field string) (list []Address) {
	for _, token := range splitAddresses(field[:min(len(field), maxAddressField)]) {
		a := readAddress(token)
		if whole := strings.HasPrefix(token, "=?") && strings.HasSuffix(token, "?="); whole || a.Address == "" && strings.Contains(token, "=?") {
			// The whole mailbox stands inside an encoded word (seen from old Outlook gateways).
			for _, inner := range splitAddresses(decodeWords(token)) {
				if b := readAddress(inner); b.Address != "" {
					list = append(list, b)
				}
			}
			continue
		}
		if a.Address != "" || a.Name != "" {
			list = append(list, a)
		}
		if len(list) >= maxAddresses {
			break
		}
	}
	return list
}

// splitAddresses cuts a list at its commas and semicolons, outside quotes, comments and angle
// brackets. "Group:" prefixes fall away. One pass.
func splitAddresses(s string) (tokens []string) {
	lastQuote, lastAngle, lastSemi := strings.LastIndexByte(s, '"'), strings.LastIndexByte(s, '>'), strings.LastIndexByte(s, ';')
	start, depth := 0, 0
	quoted, angle, named := false, false, true // named: nothing of an address since start
	emit := func(end int) {
		if t := strings.TrimSpace(s[start:end]); t != "" && len(tokens) < maxAddresses {
			tokens = append(tokens, t)
		}
		start, named = end+1, true
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && (quoted || depth > 0):
			i++
		case c == '"' && depth == 0:
			quoted = !quoted && lastQuote > i // an odd quote is only a character
		case quoted:
		case c == '(':
			depth++
		case c == ')' && depth > 0:
			depth--
		case depth > 0:
		case c == '<':
			angle, named = lastAngle > i, false
		case c == '>':
			angle = false
		case angle:
		case c == '@':
			named = false
		case c == ',' || c == ';':
			emit(i)
		case c == ':' && named && lastSemi > i: // "Friends: a@b, c@d;", not a colon inside a name
			start = i + 1
		}
	}
	if start < len(s) {
		emit(len(s))
	}
	return tokens
}

// readAddress reads one mailbox.
func readAddress(token string) Address {
	plain, comment := CutComments(token)
	name, addr := plain, ""
	if open := lastAngle(plain); open >= 0 {
		name, addr = plain[:open], plain[open+1:]
		if end := strings.IndexByte(addr, '>'); end >= 0 {
			addr = addr[:end]
		}
	} else if strings.Contains(plain, "@") {
		name, addr = bareAddress(plain)
	}
	a := Address{Name: cleanName(name), Address: cleanAddress(addr)}
	if a.Name == "" && a.Address != "" {
		a.Name = cleanName(comment)
	}
	return a
}

// lastAngle finds the "<" that opens the address: names may hold one inside quotes.
func lastAngle(s string) int {
	open := strings.LastIndexByte(s, '<')
	if open < 0 {
		return -1
	}
	if q := strings.LastIndexByte(s, '"'); q > open && !strings.Contains(s[open:q], "@") {
		return -1
	}
	return open
}

// bareAddress takes an address without angle brackets: the last word with an "@", the rest is
// the name.
func bareAddress(s string) (name, addr string) {
	if strings.HasPrefix(strings.TrimSpace(s), `"`) && strings.Contains(s, `"@`) {
		return "", s // a quoted local part
	}
	words := strings.Fields(s)
	at := -1
	for i, w := range words {
		if strings.Contains(w, "@") {
			at = i
		}
	}
	if words[at] == "@" { // "joe @ example.org": the blanks mean nothing (RFC 5322, obs-addr-spec)
		return "", strings.Join(words, "")
	}
	return strings.Join(append(words[:at:at], words[at+1:]...), " "), words[at]
}

// CutComments takes out the comments in parentheses; the text of the last one often is the name.
func CutComments(s string) (rest, comment string) {
	if !strings.Contains(s, "(") {
		return s, ""
	}
	var out, note strings.Builder
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '\\' && i+1 < len(s) && depth > 0:
			i++
			note.WriteByte(s[i])
			continue
		case c == '"' && depth == 0:
			quoted = !quoted
		case quoted:
		case c == '(':
			if depth++; depth == 1 {
				note.Reset()
				continue
			}
		case c == ')' && depth > 0:
			if depth--; depth == 0 {
				continue
			}
		}
		if depth > 0 {
			note.WriteByte(c)
		} else {
			out.WriteByte(c)
		}
	}
	if depth > 0 && strings.TrimSpace(out.String()) == "" {
		return note.String(), ""
	}
	return out.String(), note.String()
}

// cleanName unquotes and decodes a display name.
func cleanName(s string) string {
	s = strings.TrimSpace(s)
	if strings.ContainsAny(s, `"\`) {
		var out strings.Builder
		for i := 0; i < len(s); i++ {
			if s[i] == '\\' && i+1 < len(s) {
				i++
			} else if s[i] == '"' {
				continue
			}
			out.WriteByte(s[i])
		}
		s = out.String()
	}
	s = strings.Join(strings.Fields(OneLine(decodeWords(s))), " ")
	if len(s) > 1 && s[0] == '\'' && s[len(s)-1] == '\'' { // Outlook's 'name'
		s = strings.TrimSpace(s[1 : len(s)-1])
	}
	return s
}

// cleanAddress takes off what clients put round an address; a source route (RFC 5322,
// obs-route) is dropped.
func cleanAddress(s string) string {
	s = strings.TrimSpace(decodeWords(s))
	if strings.HasPrefix(s, "@") {
		if _, after, ok := strings.Cut(s, ":"); ok {
			s = after
		}
	}
	if !strings.HasPrefix(s, `"`) {
		s = strings.Join(strings.Fields(s), "")
		s = strings.Trim(s, "<>\"',;")
	}
	if len(s) > 7 && strings.EqualFold(s[:7], "mailto:") {
		s = s[7:]
	}
	return OneLine(s)
}

// OneLine replaces control characters, so that a decoded word cannot smuggle a line break in.
func OneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
}

// ValidAddress tells whether mail can be sent to an address.
func ValidAddress(address string) bool {
	if len(address) > 320 {
		return false
	}
	a, err := mail.ParseAddress("<" + address + ">")
	return err == nil && a.Address != ""
}

// Line writes addresses as people read them: "Ana <ana@customer.test>, bob@customer.test".
func Line(list []Address) string {
	parts := make([]string, len(list))
	for i, a := range list {
		if parts[i] = a.Address; a.Name != "" {
			parts[i] = a.Name + " <" + a.Address + ">"
		}
	}
	return strings.Join(parts, ", ")
}
