package email

import (
	"strings"

	"golang.org/x/net/publicsuffix"

	"onethread/integrations/email/mime"
)

// authResults are the Authentication-Results (RFC 8601) that our own server wrote: their
// authserv-id shares its domain with the IMAP host or with the host that took the mail in.
// Anybody else's are a claim of the sender.
func authResults(m *mime.Mail, s settings) (results []string) {
	own := []string{s.imap.host, receivedBy(m)}
	for _, value := range m.Header.All("Authentication-Results") {
		value, _ = mime.CutComments(value)
		id, rest, _ := strings.Cut(value, ";")
		words := strings.Fields(strings.ToLower(id))
		if len(words) == 0 {
			continue
		}
		for _, host := range own {
			if sameOrganisation(words[0], strings.ToLower(host)) {
				results = append(results, strings.ToLower(rest))
				break
			}
		}
	}
	return results
}

// receivedBy is the host that wrote the topmost Received field (RFC 5321 section 4.4).
func receivedBy(m *mime.Mail) string {
	words := strings.Fields(m.Header.Get("Received"))
	for i, w := range words {
		if w == "by" && i+1 < len(words) {
			return strings.Trim(words[i+1], "();,")
		}
	}
	return ""
}

// sameOrganisation tells whether two host names belong to one registered domain.
func sameOrganisation(a, b string) bool {
	if a == b {
		return a != ""
	}
	one, err1 := publicsuffix.EffectiveTLDPlusOne(a)
	two, err2 := publicsuffix.EffectiveTLDPlusOne(b)
	return err1 == nil && err2 == nil && one == two
}

// verdict is one statement of Authentication-Results: the method, what came of it, and what it was about.
type verdict struct {
	method, result string
	about          map[string]string // header.from, header.d, …
}

// verdicts takes an Authentication-Results field apart, without its server's name.
func verdicts(results string) (list []verdict) {
	for statement := range strings.SplitSeq(masked(results), ";") {
		words := strings.Fields(strings.ReplaceAll(strings.ReplaceAll(statement, " =", "="), "= ", "="))
		if len(words) == 0 || len(list) >= 50 {
			continue
		}
		v := verdict{about: map[string]string{}}
		v.method, v.result, _ = strings.Cut(words[0], "=")
		v.method, _, _ = strings.Cut(v.method, "/") // a version of the method may follow
		for _, w := range words[1:] {
			if key, value, ok := strings.Cut(w, "="); ok {
				v.about[key] = strings.Trim(value, `"`)
			}
		}
		list = append(list, v)
	}
	return list
}

// masked blanks what parts statements and words where it stands in quotes: senders may put it there.
func masked(s string) string {
	quoted, escaped := false, false
	return strings.Map(func(r rune) rune {
		switch {
		case escaped:
			escaped, r = false, '_'
		case quoted && r == '\\':
			escaped, r = true, '_'
		case r == '"':
			quoted = !quoted
		case quoted && (r == ';' || r == '=' || r <= ' '):
			r = '_'
		}
		return r
	}, s)
}

// authenticated tells whether our own server found the From genuine: by DMARC, or by a DKIM signature of
// the From's own domain where DMARC did not say otherwise. Only its topmost field counts: what stands
// below may have come with the mail. A mail of several authors is nobody's.
func authenticated(m *mime.Mail, s settings) bool {
	results := authResults(m, s)
	if len(results) == 0 || len(m.From) != 1 || len(m.Header.All("From")) != 1 {
		return false
	}
	_, from, _ := strings.Cut(strings.ToLower(m.From[0].Address), "@")
	genuine := false
	for _, v := range verdicts(results[0]) {
		switch {
		case v.method == "dmarc" && v.result == "pass":
			about := v.about["header.from"]
			_, domain, named := strings.Cut(about, "@")
			if !named {
				domain = about
			}
			genuine = genuine || about == "" || sameOrganisation(domain, from)
		case v.method == "dmarc" && v.result == "fail":
			return false
		case v.method == "dkim" && v.result == "pass":
			genuine = genuine || sameOrganisation(signer(v), from)
		}
	}
	return genuine
}

// signer is the domain that a DKIM signature speaks for (RFC 8601 section 2.7.1).
func signer(v verdict) string {
	if d := v.about["header.d"]; d != "" {
		return d
	}
	i := v.about["header.i"]
	return i[strings.LastIndexByte(i, '@')+1:]
}

// authWarning is what staff should know about a sender that our own server did not believe.
func authWarning(m *mime.Mail, s settings) string {
	for _, r := range authResults(m, s) {
		for _, v := range verdicts(r) {
			if v.method == "dmarc" && v.result == "fail" {
				return "Sender not verified: your mail server says that this mail may not really come from the address it names. Check by another way before you act on it."
			}
		}
	}
	return ""
}
