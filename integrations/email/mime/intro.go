package mime

import (
	"strings"
)

// introduction is the line that a mail program writes above a quote ("On … wrote:").
type introduction struct {
	lines  int    // how many it runs over; 0 means that there is none
	before string // words of the answer that stand before it on its first line
	sure   bool   // it is one even if nothing after it is marked as quoted
}

// readIntroduction looks for an introduction that begins on the first line. Mail programs wrap
// it over up to four.
//
// The first line may be the last of the answer ("Thanks", then "On … wrote:" without a blank
// line): where a later one opens an introduction by itself, this one is none.
func readIntroduction(lines []string) introduction {
	in := introRun(lines)
	if in.lines > 1 && !opensIntro(lines[0]) {
		for k := 1; k < in.lines; k++ {
			if opensIntro(lines[k]) && introRun(lines[k:]).lines > 0 {
				return introduction{}
			}
		}
	}
	return in
}

// maxIntro bounds an introduction, in bytes.
const maxIntro = 400

func introRun(lines []string) introduction {
	if !mayOpen(lines[0]) {
		return introduction{}
	}
	joined, taken := "", 0
	for n := 0; n < len(lines) && taken < 4; n++ {
		line := strings.Trim(lines[n], " \t*_")
		switch {
		case line == "" && n > 0 && n+1 < len(lines) && strings.HasPrefix(strings.TrimSpace(lines[n+1]), "<") && saysDate(joined):
			continue // some senders put the address into a paragraph of its own
		case line == "" || len(joined)+len(line) > maxIntro:
			return introduction{}
		case line[0] == '>' && !closesAddress(joined, line):
			return introduction{}
		}
		if taken++; taken == 1 {
			joined = line
		} else {
			joined += " " + line
		}
		if in := judgeIntro(joined); in.lines > 0 {
			in.lines = n + 1
			return in
		}
	}
	return introduction{}
}

// mayOpen is a cheap look at the first line: an introduction begins with a date, with an
// address, or with a word that opens one.
func mayOpen(line string) bool {
	return len(line) > 4 && len(line) <= maxIntro && (strings.ContainsAny(line, "0123456789@<") || strings.HasPrefix(line, "--") || opensIntro(line))
}

// closesAddress knows the line "> wrote:", the end of an address that was wrapped at its last
// character.
func closesAddress(joined, line string) bool {
	return len(line) < 60 && strings.Count(joined, "<") > strings.Count(joined, ">") && strings.HasSuffix(line, ":")
}

// judgeIntro judges a joined line.
func judgeIntro(s string) introduction {
	dashed := strings.HasPrefix(s, "--") && strings.HasSuffix(s, "--")
	if s = strings.TrimSpace(strings.Trim(s, "-")); s == "" {
		return introduction{}
	}
	at := strings.IndexByte(s, '@')
	colon := strings.HasSuffix(s, ":") || strings.HasSuffix(s, "：")
	digits := strings.ContainsAny(s, "0123456789")
	opens := opensIntro(s)
	switch {
	case s[0] >= '0' && s[0] <= '9' && gmailDate().MatchString(s):
		return introduction{lines: 1, sure: true}
	case !dashed && (at < 0 && !digits && !strings.Contains(s, "<") || !colon && at < 0 && !strings.Contains(s, "<")):
	case endsWrote(s):
		switch { // dashed is Zoho's "---- On … Ana wrote ----"
		case dashed || opens || saysAddress(s):
			return introduction{lines: 1, sure: true, before: wordsBefore(s, opens)}
		case saysDate(s):
			return introduction{lines: 1, before: wordsBefore(s, opens)}
		}
	case colon && digits && (opens || at > 0 && saysDate(s)) && wroteWithin(s): // "Am 3. Mai schrieb Ana:", "Ana <ana@x> kirjoitti 3.5.2011 12.46:"
		return introduction{lines: 1, sure: true}
	case colon && at > 0 && strings.ContainsAny(s[:at], "0123456789") && !strings.ContainsAny(s[:1], "-*•"): // "2013/11/3 Ana <ana@x>:"
		return introduction{lines: 1, sure: true}
	case opens && at > 0 && s[0] >= '0' && s[0] <= '9' && strings.HasSuffix(s, ">"): // the same without a colon
		return introduction{lines: 1}
	}
	return introduction{}
}

// saysAddress: with the address of a person, a sentence that ends in "wrote" is no one's own.
func saysAddress(s string) bool { return strings.ContainsAny(s, "@<") }

// saysDate knows a year or a time of day.
func saysDate(s string) bool { return dateWords().MatchString(s) }

var (
	dateWords = lazily(`\b(19|20)\d\d\b|\b\d{1,2}[:.]\d\d\b|\d[年月]`)
	// gmailDate is how Gmail began an introduction for some years, in every language the same.
	gmailDate = lazily(`^\d{4}-\d\d-\d\d \d{1,2}:\d\d GMT[+-]\d\d:\d\d \S`)
	// midway finds an introduction that follows words on one line.
	midway = lazily(`\s(On|Am|Le|El|Il|Em|Op|Den)\s+(\p{L}{2,12}[.,]{0,2}\s+){0,3}\d{1,4}\b`)
)

// wordsBefore cuts the words off that stand before an introduction on its line.
func wordsBefore(s string, opens bool) string {
	if opens {
		return ""
	}
	if at := midway().FindStringIndex(s); at != nil {
		return s[:at[0]]
	}
	return ""
}

// opensIntro knows the first words of introductions: a date, or "On" in some language.
func opensIntro(s string) bool {
	first, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(s)), " ")
	first = strings.Trim(first, ",.:;*_>-")
	return strings.ContainsAny(first, "0123456789") && !strings.Contains(first, "@") || introWords[first]
}

var introWords = func() map[string]bool {
	words := map[string]bool{}
	for w := range strings.FieldsSeq(`on am le el em il op den på w dnia dne dňa v at ons tor fre lör sön man tir mån
		mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday
		montag dienstag mittwoch donnerstag freitag samstag sonntag
		вт пн ср чт пт сб вс понедельник вторник среда четверг пятница суббота воскресенье понеділок вівторок середа четвер субота неділя`) {
		words[w] = true
	}
	return words
}()
