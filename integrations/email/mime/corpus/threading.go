package corpus

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// scoreThreading groups mails by what was printed of them, as RFC 5256 says, and compares the
// groups: the parser's ids and subjects must be good enough for that.
func scoreThreading(s set) ([]Measure, error) {
	var cases []struct {
		ID, Algorithm string
		Files         []string
		Groups        [][]int `json:"expect_groups"`
	}
	if err := s.cases("threading", &cases); err != nil {
		return nil, err
	}
	m := Measure{Set: "threading", What: "mails that belong together", Gate: 1}
	for _, c := range cases {
		var inputs []Input
		for _, f := range c.Files {
			inputs = append(inputs, Input{File: filepath.Join(s.folder, "threading", f)})
		}
		readings, err := s.lines(inputs)
		if err != nil {
			return nil, err
		}
		got, want := name(group(readings, c.Algorithm == "REFERENCES")), name(c.Groups)
		m.add(got == want, "%s: %s, want %s", c.ID, got, want)
	}
	return []Measure{m}, nil
}

// name writes groups in one order.
func name(groups [][]int) string {
	var names []string
	for _, g := range groups {
		slices.Sort(g)
		names = append(names, fmt.Sprint(g))
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// forest is the tree of messages of RFC 5256 section 3, REFERENCES. Messages that are only
// named have a node, too.
type forest struct{ parent map[string]string }

// group returns the threads by the mails' numbers, from 1.
func group(readings []reading, byReferences bool) [][]int {
	f := forest{map[string]string{}}
	ids := make([]string, len(readings))
	for i, r := range readings {
		ids[i] = r.MessageID
		if r.MessageID == "" || slices.Contains(ids[:i], r.MessageID) {
			ids[i] = fmt.Sprint("mail ", i) // without an id, or with another's: it gets one of its own
		}
		if byReferences {
			f.insert(ids[i], r)
		}
	}
	byRoot := map[string][]int{}
	for i := range readings {
		root := f.root(ids[i])
		byRoot[root] = append(byRoot[root], i)
	}
	return mergeSubjects(byRoot, readings)
}

// insert links the references of a mail to each other, unless they are linked already, and the
// mail to the last of them, whatever was thought of it before. No link makes a loop.
func (f forest) insert(id string, r reading) {
	refs := r.References
	if len(refs) == 0 && len(r.InReplyTo) > 0 {
		refs = r.InReplyTo[:1]
	}
	for k := 1; k < len(refs); k++ {
		if f.parent[refs[k]] == "" {
			f.link(refs[k], refs[k-1])
		}
	}
	delete(f.parent, id)
	if len(refs) > 0 {
		f.link(id, refs[len(refs)-1])
	}
}

func (f forest) link(child, parent string) {
	if child != parent && f.root(parent) != child {
		f.parent[child] = parent
	}
}

func (f forest) root(id string) string {
	for f.parent[id] != "" {
		id = f.parent[id]
	}
	return id
}

// mergeSubjects joins the threads whose first mails have one base subject.
func mergeSubjects(byRoot map[string][]int, readings []reading) (groups [][]int) {
	bySubject := map[string]int{}
	for _, members := range byRoot {
		subject := baseSubject(readings[members[0]].Subject)
		var numbers []int
		for _, i := range members {
			numbers = append(numbers, i+1)
		}
		if at, ok := bySubject[subject]; ok && subject != "" {
			groups[at] = append(groups[at], numbers...)
			continue
		}
		bySubject[subject] = len(groups)
		groups = append(groups, numbers)
	}
	return groups
}

var (
	subjectEnd   = regexp.MustCompile(`(?i)\s*\(fwd\)\s*$`)
	subjectStart = regexp.MustCompile(`(?i)^\s*(\[[^\[\]]*\]\s*)*(re|fwd?)\s*(\[[^\[\]]*\]\s*)?:\s*`)
	subjectBlob  = regexp.MustCompile(`^\[[^\[\]]*\]\s*(\S.*)$`)
	forwardWrap  = regexp.MustCompile(`(?i)^\[fwd:(.*)\]$`)
)

// baseSubject is that of RFC 5256 section 2.1.
func baseSubject(s string) string {
	for before := ""; before != s; {
		before = s
		s = strings.TrimSpace(subjectEnd.ReplaceAllString(squeeze(s), ""))
		s = subjectStart.ReplaceAllString(s, "")
		s = subjectBlob.ReplaceAllString(s, "$1")
		s = forwardWrap.ReplaceAllString(s, "$1")
	}
	return strings.ToLower(s)
}
