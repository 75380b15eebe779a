package email

import (
	"regexp"
	"strconv"
	"strings"

	"onethread/integrations/email/mime"
)

// spamFields are what filters write into a mail that they take for spam. A "yes" is believed whoever wrote
// it, for nobody gains by calling their own mail spam; a "no" says nothing, for every spammer would.
var spamFields = []struct {
	name string
	yes  *regexp.Regexp
}{
	{"X-Spam-Flag", regexp.MustCompile(`(?i)^\s*(yes|true)`)}, // SpamAssassin, amavis, Rspamd, iCloud
	{"X-Spam-Status", regexp.MustCompile(`(?i)^\s*yes\b`)},    // SpamAssassin
	{"X-Spam", regexp.MustCompile(`(?i)^\s*(yes|spam)\b`)},    // Rspamd's milter
	{"X-Rspamd-Action", regexp.MustCompile(`(?i)^\s*(add header|rewrite subject|reject)`)},
	{"X-Spamd-Result", regexp.MustCompile(`(?i)^\s*\w+:\s*true\b`)}, // Rspamd: "default: True [15.20 / 15.00]"
	{"X-Barracuda-Spam-Flag", regexp.MustCompile(`(?i)^\s*yes`)},
	{"X-Proofpoint-Spam-Details", regexp.MustCompile(`(?i)\brule=spam\b`)},
	{"X-VR-SPAMSTATE", regexp.MustCompile(`(?i)^\s*spam\b`)},                        // OVH
	{"X-Forefront-Antispam-Report", regexp.MustCompile(`(?i)(^|;)\s*SFV:SP[MB]\b`)}, // Microsoft: filtered, or by a blocked sender
}

// spamScores hold Microsoft's spam confidence level: 5 and above goes to Junk (learn.microsoft.com,
// "Spam confidence level (SCL) in EOP").
var (
	forefrontLevel = regexp.MustCompile(`(?i)(?:^|;)\s*SCL:\s*(-?\d{1,3})`)
	spamLevel      = 5
)

// takenForSpam tells whether a filter on the way marked the mail as spam.
func takenForSpam(m *mime.Mail) bool {
	for _, f := range spamFields {
		for _, value := range m.Header.All(f.name) {
			if f.yes.MatchString(value) {
				return true
			}
		}
	}
	levels := m.Header.All("X-MS-Exchange-Organization-SCL")
	for _, value := range m.Header.All("X-Forefront-Antispam-Report") {
		if match := forefrontLevel.FindStringSubmatch(value); match != nil {
			levels = append(levels, match[1])
		}
	}
	for _, level := range levels {
		if n, err := strconv.Atoi(strings.TrimSpace(level)); err == nil && n >= spamLevel {
			return true
		}
	}
	return false
}
