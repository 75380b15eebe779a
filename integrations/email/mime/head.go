package mime

import "strings"

// headBlock tells whether the lines begin with the quoted head of another mail ("From: …
// Sent: … To: … Subject: …"). It must name a sender, begin with it or with a date, and hold
// something that only a mail has: a customer who writes "From: Berlin, To: Paris" means a
// journey.
func headBlock(lines []string) bool {
	first, value := cutLabel(lines[0])
	if first != fromLabel && first != dateLabel || value == "" && first == dateLabel {
		return false
	}
	seen, from, sure := map[label]bool{}, false, false
	for i, line := range lines[:min(len(lines), 12)] {
		l, value := cutLabel(line)
		switch {
		case l == noLabel && strings.TrimSpace(line) == "":
			if i > 1 && len(seen) >= 2 {
				return from && isHead(seen, sure)
			}
			continue
		case l == dateLabel && value != "" && !strings.ContainsAny(value, "0123456789"):
			l = otherLabel // "Date: whenever you like"
		}
		if l != noLabel && l != otherLabel && seen[l] {
			break // another head: this one is over
		}
		if l != noLabel {
			sure = sure || strings.Contains(value, "@") || l == dateLabel && len(seen) == 1 && saysDate(value)
			seen[l] = true
			from = from || l == fromLabel
		}
	}
	return from && isHead(seen, sure)
}

// isHead judges by the labels seen. It is sure when one of them holds an address, or a time
// right below the sender's line.
func isHead(seen map[label]bool, sure bool) bool {
	switch {
	case len(seen) >= 3:
		return sure || seen[subjectLabel]
	case len(seen) == 2:
		return sure && seen[dateLabel]
	}
	return false
}

// headBelow tells whether a sender's line with an address, or a whole head, stands below a row
// of dashes.
func (r *reply) headBelow(i int) bool {
	for n := 0; i < len(r.lines) && n < 3; i, n = i+1, n+1 {
		if strings.TrimSpace(r.lines[i]) != "" {
			l, value := cutLabel(r.lines[i])
			return l == fromLabel && strings.Contains(value, "@") || headBlock(r.lines[i:])
		}
	}
	return false
}

// headNear tells whether a head's first label stands at line i or, blank lines and a row of
// dashes apart, below it.
func (r *reply) headNear(i int) bool {
	for n := 0; i < len(r.lines) && n < 4; i, n = i+1, n+1 {
		line := strings.TrimSpace(r.lines[i])
		if line == "" || isRule(line) {
			continue
		}
		l, value := cutLabel(strings.TrimLeft(line, "> \t"))
		return l == fromLabel || (l == dateLabel || l == subjectLabel || l == toLabel) && value != ""
	}
	return false
}

// isRule knows a row of at least three dashes or other marks.
func isRule(line string) bool {
	return len(line) >= 3 && strings.Trim(line, "-=_*#~+─") == ""
}
