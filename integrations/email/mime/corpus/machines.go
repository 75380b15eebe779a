package corpus

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// scoreBounce scores what machines wrote, and that people's mail is not taken for it.
func scoreBounce(s set) ([]Measure, error) {
	var cases []struct {
		ID, File, Kind    string
		OriginalMessageID *string `json:"original_message_id"`
		Recipients        []string
	}
	if err := s.cases("bounce", &cases); err != nil {
		return nil, err
	}
	var inputs []Input
	for _, c := range cases {
		inputs = append(inputs, Input{File: filepath.Join(s.folder, "bounce", c.File)})
	}
	readings, err := s.lines(inputs)
	if err != nil {
		return nil, err
	}
	kinds := Measure{Set: "bounce", What: "bounce, complaint, delivered, auto-reply or none", Gate: 0.97}
	ids := Measure{Set: "bounce", What: "original id, where it is in the text", Gate: 1}
	receivers := Measure{Set: "bounce", What: "receiver"}
	for i, c := range cases {
		a := readings[i].Automatic
		want := strings.NewReplacer("auto-reply", "auto_reply", "not-a-bounce", "none").Replace(c.Kind)
		kinds.add(a.Kind == want, "%s is %s, want %s", c.ID, a.Kind, want)
		raw, err := os.ReadFile(inputs[i].File)
		if err != nil {
			return nil, err
		}
		if c.OriginalMessageID != nil && bytes.Contains(raw, []byte(*c.OriginalMessageID)) {
			ids.add(a.OriginalMessageID == *c.OriginalMessageID, "%s: %s, want %s", c.ID, a.OriginalMessageID, *c.OriginalMessageID)
		}
		if len(c.Recipients) > 0 {
			receivers.add(slices.Contains(a.Recipients, strings.ToLower(c.Recipients[0])), "%s: %q, want %q", c.ID, a.Recipients, c.Recipients)
		}
	}
	people, err := scorePeople(s)
	return []Measure{kinds, ids, receivers, people}, err
}

// scorePeople counts the ordinary mails of the mime set that are taken for bounces. Mails that
// hold a delivery report are none.
func scorePeople(s set) (Measure, error) {
	people := Measure{Set: "bounce", What: "ordinary mail not taken for a bounce", Gate: 0.99}
	files, err := filepath.Glob(filepath.Join(s.folder, "mime", "*.eml"))
	if err != nil {
		return people, err
	}
	var inputs []Input
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return people, err
		}
		if !bytes.Contains(raw, []byte("delivery-status")) && !bytes.Contains(raw, []byte("Final-Recipient:")) {
			inputs = append(inputs, Input{File: file})
		}
	}
	readings, err := s.lines(inputs)
	for i, r := range readings {
		kind := r.Automatic.Kind
		people.add(kind != "bounce" && kind != "complaint" && kind != "delivered", "%s is %s", filepath.Base(inputs[i].File), kind)
	}
	return people, err
}
