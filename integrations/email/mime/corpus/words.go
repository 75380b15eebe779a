package corpus

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// scoreReply scores the words that an answer adds. Losing some is the serious fault, words of
// a quote left over are cosmetic.
func scoreReply(s set) ([]Measure, error) {
	var cases []struct {
		ID, Kind, File string
		Accept         []struct {
			Reply   string
			NoSpace bool
		}
	}
	if err := s.cases("reply", &cases); err != nil {
		return nil, err
	}
	var inputs []Input
	for _, c := range cases {
		inputs = append(inputs, Input{filepath.Join(s.folder, "reply", c.File), c.Kind})
	}
	readings, err := s.lines(inputs)
	if err != nil {
		return nil, err
	}
	exact := Measure{Set: "reply", What: "exactly the words of the answer", Gate: 0.9}
	kept := Measure{Set: "reply", What: "no word lost", Gate: 1 - 5.0/153}
	for i, c := range cases {
		got := readings[i].ReplyText
		right, whole := false, false
		for _, a := range c.Accept {
			right = right || squeeze(got) == squeeze(a.Reply) || a.NoSpace && bare(got) == bare(a.Reply)
			whole = whole || holds(got, a.Reply, a.NoSpace)
		}
		exact.add(right, "%s: got %.300q, want %.300q", c.ID, got, c.Accept[0].Reply)
		kept.add(whole, "%s: got %.300q, want %.300q", c.ID, got, c.Accept[0].Reply)
	}
	return []Measure{exact, kept}, nil
}

// holds tells whether all words of want are in got; without spaces, its letters in their order.
func holds(got, want string, noSpace bool) bool {
	if noSpace {
		rest := []rune(bare(want))
		for _, r := range got {
			if len(rest) > 0 && r == rest[0] {
				rest = rest[1:]
			}
		}
		return len(rest) == 0
	}
	have := map[string]int{}
	for _, w := range strings.Fields(got) {
		have[w]++
	}
	for _, w := range strings.Fields(want) {
		if have[w]--; have[w] < 0 {
			return false
		}
	}
	return true
}

// scoreForward scores whether a mail was handed on, and whose. Where a case has a subject, the
// body is read as a mail of that subject.
func scoreForward(s set) ([]Measure, error) {
	var cases []struct {
		ID, Kind, File string
		Subject        *string
		Expect         struct {
			Forwarded   bool
			FromName    *string `json:"from_name"`
			FromAddress *string `json:"from_address"`
			RawFrom     string  `json:"raw_from"`
			Subject     *string
			RawSubject  *string `json:"raw_subject"`
			Body        *string
		}
	}
	if err := s.cases("forward", &cases); err != nil {
		return nil, err
	}
	scratch, err := os.MkdirTemp("", "onethread-corpus-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch)
	var inputs []Input
	for _, c := range cases {
		in := Input{filepath.Join(s.folder, "forward", c.File), c.Kind}
		if c.Subject != nil {
			if in, err = asMail(in, *c.Subject, filepath.Join(scratch, c.ID)); err != nil {
				return nil, err
			}
		}
		inputs = append(inputs, in)
	}
	readings, err := s.lines(inputs)
	if err != nil {
		return nil, err
	}
	found := Measure{Set: "forward", What: "told from an answer", Gate: 0.95}
	sender := Measure{Set: "forward", What: "original sender and subject", Gate: 0.95}
	name := Measure{Set: "forward", What: "original sender's name"}
	body := Measure{Set: "forward", What: "original body"}
	for i, c := range cases {
		f := readings[i].Forwarded
		found.add((f != nil) == c.Expect.Forwarded, "%s", c.ID)
		if f == nil || !c.Expect.Forwarded {
			sender.add((f != nil) == c.Expect.Forwarded, "%s: not found, or found where none is", c.ID)
			continue
		}
		subject := c.Expect.Subject
		if subject == nil {
			subject = c.Expect.RawSubject
		}
		right := c.Expect.FromAddress == nil || strings.EqualFold(f.FromAddress, *c.Expect.FromAddress)
		right = right && (c.Expect.RawFrom == "" || f.FromAddress != "" && strings.Contains(strings.ToLower(c.Expect.RawFrom), f.FromAddress))
		right = right && (subject == nil || squeeze(f.Subject) == squeeze(*subject))
		sender.add(right, "%s: %q, %q", c.ID, f.FromAddress, f.Subject)
		if c.Expect.FromName != nil {
			name.add(squeeze(f.FromName) == squeeze(*c.Expect.FromName), "%s: %q, want %q", c.ID, f.FromName, *c.Expect.FromName)
		}
		if c.Expect.Body != nil {
			body.add(bare(f.Body) == bare(*c.Expect.Body), "%s: %.300q", c.ID, f.Body)
		}
	}
	return []Measure{found, sender, name, body}, nil
}

// asMail writes a body with a head above it.
func asMail(in Input, subject, file string) (Input, error) {
	body, err := os.ReadFile(in.File)
	if err != nil {
		return Input{}, err
	}
	kind := map[string]string{"text": "text/plain", "html": "text/html"}[in.Body]
	head := "Subject: " + subject + "\nContent-Type: " + kind + "; charset=utf-8\n\n"
	return Input{File: file}, os.WriteFile(file, slices.Concat([]byte(head), body), 0o600)
}
