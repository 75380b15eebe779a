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

// authenticated tells whether our own server found the From genuine.
func authenticated(m *mime.Mail, s settings) bool {
	results := authResults(m, s)
	return len(results) > 0 && strings.Contains(results[0], "dmarc=pass")
}

// authWarning is what staff should know about a sender that our own server did not believe.
func authWarning(m *mime.Mail, s settings) string {
	for _, r := range authResults(m, s) {
		if strings.Contains(r, "dmarc=fail") {
			return "Sender not verified: your mail server says that this mail may not really come from the address it names. Check by another way before you act on it."
		}
	}
	return ""
}
