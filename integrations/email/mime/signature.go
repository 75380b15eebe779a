package mime

import (
	"strings"
)

// maxSignature is how many lines may follow a mark that is not the standard's to be taken for a
// signature: below a rule that parts a long letter stands the rest of it.
const maxSignature = 15

// signatureAt tells whether a signature begins at line i.
func (r *reply) signatureAt(i int) bool {
	line := strings.TrimSpace(r.lines[i])
	switch {
	case line == "--": // RFC 3676 section 4.3, its blank lost on the way
		return true
	case line == "—", line == "---", len(line) >= 2 && strings.Trim(line, "_") == "":
		return r.rest(i+1) <= maxSignature
	case dashName().MatchString(line):
		return r.rest(i+1) == 0 && i > 0 && strings.TrimSpace(r.lines[i-1]) == ""
	}
	return false
}

// rest counts the lines with words that follow before the mail ends, a quote begins or a row of
// dashes stands.
func (r *reply) rest(i int) (lines int) {
	for ; i < len(r.lines) && lines <= maxSignature; i++ {
		line := strings.TrimSpace(r.lines[i])
		if line == "" {
			continue
		}
		if isQuoted(line) || isRule(line) || readIntroduction(r.lines[i:]).lines > 0 {
			break
		}
		lines++
	}
	return lines
}

var (
	// dashName is a name signed with a hyphen: "-Ana Lopez".
	dashName = lazily(`^-\p{Lu}\p{L}+( \p{Lu}\p{L}*\.?){0,3}$`)

	// closing begins the last lines of a letter.
	closing = lazily(`(?i)^\s*((best|kind|warm|many)?\s*(regards|wishes|thanks)|best|cheers|sincerely|yours|thank you|thx|(viele|liebe|beste|mit freundlichen|freundliche|herzliche)?\s*grü(ß|ss)en?|mfg|danke|cordialement|bien à vous|merci|saludos|un saludo|gracias|atentamente|atenciosamente|obrigad[oa]|abraços|cordiali saluti|saluti|grazie|met vriendelijke groet|groet(en|jes)?|(med )?vänlig(a|en)? hälsning(ar)?|hälsningar|mvh|(med )?(venlig|vennlig) hilsen|hilsen|pozdrawiam|s pozdravem|с уважением|спасибо)\b`)
)
