package corpus

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// scoreBehaviour scores what a help desk must make of a mail.
func scoreBehaviour(s set) ([]Measure, error) {
	var cases []deskCase
	if err := s.cases("behaviour", &cases); err != nil {
		return nil, err
	}
	var inputs []Input
	for _, c := range cases {
		inputs = append(inputs, Input{File: filepath.Join(s.folder, "behaviour", c.File)})
	}
	readings, err := s.lines(inputs)
	if err != nil {
		return nil, err
	}
	m := Measure{Set: "behaviour", What: "mails treated right", Gate: 1}
	for i, c := range cases {
		problem := c.judge(readings[i])
		m.add(problem == "", "%s: %s", c.ID, problem)
	}
	return []Measure{m}, nil
}

type deskCase struct {
	ID, File string
	Expect   struct {
		AutoReply    *bool `json:"auto_reply"`
		Bounce       *bool
		Attachments  *int
		Visible      *int    `json:"visible_attachments"`
		Pictures     *int    `json:"cid_images"`
		TextContains *string `json:"text_contains"`
		References   []string
		Subject      *string
		Note         string
	}
}

// judge says what is wrong. No mail may fail, and one that names a sender must keep him.
func (c deskCase) judge(r reading) string {
	e, pictures := c.Expect, inlinePictures(r.HTML)
	switch {
	case r.Error != "":
		return r.Error
	case e.AutoReply != nil && *e.AutoReply != (r.Automatic.Kind == "auto_reply"):
		return "automatic: " + r.Automatic.Kind
	case e.Bounce != nil && *e.Bounce != (r.Automatic.Kind == "bounce"):
		return "automatic: " + r.Automatic.Kind
	case e.Attachments != nil && differing(r.Attachments) != *e.Attachments:
		return "another number of attachments"
	case e.Pictures != nil && (pictures != *e.Pictures || len(r.Attachments)-pictures != *e.Visible):
		return "another number of pictures in the text"
	case e.TextContains != nil && !strings.Contains(squeeze(r.Text+" "+r.HTML), squeeze(*e.TextContains)):
		return "its words are missing"
	case e.References != nil && !slices.Equal(r.References, e.References):
		return "references: " + strings.Join(r.References, " ")
	case e.Subject != nil && r.Subject != *e.Subject:
		return "subject: " + r.Subject
	case e.Bounce == nil && (len(r.From) == 0 || !strings.Contains(r.From[0].Address, "@")):
		return "it has no sender"
	case strings.Contains(e.Note, "several ids in In-Reply-To") && len(r.InReplyTo) < 2:
		return "it answers several mails"
	case strings.Contains(e.Note, "Arabic") && !strings.ContainsFunc(r.From[0].Name, func(r rune) bool { return r >= 0x600 && r <= 0x6ff }):
		return "the sender's name: " + r.From[0].Name
	case strings.Contains(e.Note, "attachments only") && len(r.Attachments) == 0:
		return "its attachments are missing"
	}
	return ""
}

// differing counts files by name and content: one that a mail holds twice is shown once.
func differing(files []attachment) int {
	seen := map[attachment]bool{}
	for i, f := range files {
		if f.Name == "" {
			f.Name = fmt.Sprint(i) // the desk makes up names, each its own
		}
		seen[f] = true
	}
	return len(seen)
}

// inlinePictures counts the different parts that a page shows ("cid:", RFC 2392).
func inlinePictures(page string) int {
	seen := map[string]bool{}
	for i, piece := range strings.Split(page, "cid:") {
		if end := strings.IndexAny(piece, "\"' >)"); i > 0 && end > 0 {
			seen[piece[:end]] = true
		}
	}
	return len(seen)
}
