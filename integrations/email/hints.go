package email

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed hints.txt
var hintTable string

// hint is what a provider wants before another program may log in.
type hint struct {
	hosts       []string // endings of its servers' names
	words, page string
}

// hints reads hints.txt once.
var hints = sync.OnceValue(func() (out []hint) {
	for line := range strings.Lines(hintTable) {
		cells := strings.Split(line, "|")
		if strings.HasPrefix(line, "#") || len(cells) != 3 {
			continue
		}
		out = append(out, hint{strings.Fields(cells[0]), strings.TrimSpace(cells[1]), strings.TrimSpace(cells[2])})
	}
	return out
})

// hintFor finds a server's provider; empty when nothing is known of it.
func hintFor(host string) hint {
	host = "." + strings.ToLower(strings.TrimSuffix(host, "."))
	for _, h := range hints() {
		if slices.ContainsFunc(h.hosts, func(end string) bool { return strings.HasSuffix(host, "."+end) }) {
			return h
		}
	}
	return hint{}
}

// advice is the hint as one text, for where no link can be made of the page.
func (h hint) advice() string {
	if h.page == "" {
		return h.words
	}
	return h.words + " (" + h.page + ")"
}
