package corpus

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// scoreMime compares only what a case names.
func scoreMime(s set) ([]Measure, error) {
	var cases []struct {
		ID, File string
		Expect   map[string]json.RawMessage
	}
	if err := s.cases("mime", &cases); err != nil {
		return nil, err
	}
	var inputs []Input
	for _, c := range cases {
		inputs = append(inputs, Input{File: filepath.Join(s.folder, "mime", c.File)})
	}
	readings, err := s.lines(inputs)
	if err != nil {
		return nil, err
	}
	read := Measure{Set: "mime", What: "mails read", Gate: 1}
	fields := Measure{Set: "mime", What: "fields right", Gate: 0.99}
	ids := Measure{Set: "mime", What: "Message-ID, In-Reply-To, References", Gate: 1}
	for i, c := range cases {
		read.add(readings[i].Error == "", "%s: %s", c.ID, readings[i].Error)
		for key, want := range c.Expect {
			problem := compareField(readings[i], key, want)
			fields.add(problem == "", "%s %s: %s", c.ID, key, problem)
			if key == "message_id" || key == "in_reply_to" || key == "references" {
				ids.add(problem == "", "%s %s: %s", c.ID, key, problem)
			}
		}
	}
	return []Measure{read, fields, ids}, nil
}

// compareField returns "" where the field is right.
func compareField(r reading, key string, want json.RawMessage) string {
	switch key {
	case "subject":
		return same(squeeze(r.Subject), squeeze(text(want)))
	case "message_id":
		return same(r.MessageID, text(want))
	case "in_reply_to":
		return same(strings.Join(r.InReplyTo, " "), strings.Join(texts(want), " "))
	case "references":
		return same(strings.Join(r.References, " "), strings.Join(texts(want), " "))
	case "text":
		return same(bare(r.Text), bare(text(want)))
	case "html":
		return same(bare(r.HTML), bare(text(want)))
	case "from":
		return sameAddresses(r.From, want)
	case "to":
		return sameAddresses(r.To, want)
	case "to_first":
		return sameAddresses(r.To[:min(1, len(r.To))], append(append([]byte("["), want...), ']'))
	case "cc":
		return sameAddresses(r.CC, want)
	case "reply_to":
		return sameAddresses(r.ReplyTo, want)
	case "attachment_count":
		return same(fmt.Sprint(len(r.Attachments)), string(want))
	case "attachments":
		return sameFiles(r.Attachments, want)
	}
	return "unknown field"
}

func same(got, want string) string {
	if got == want {
		return ""
	}
	return fmt.Sprintf("\n got  %.300q\n want %.300q", got, want)
}

// text and texts give "" and nothing where the value is of another type: then it is not equal.
func text(j json.RawMessage) string {
	var s string
	if json.Unmarshal(j, &s) != nil {
		return ""
	}
	return s
}

func texts(j json.RawMessage) (list []string) {
	if json.Unmarshal(j, &list) != nil {
		return nil
	}
	return list
}

// sameAddresses does not compare a name that the case leaves open.
func sameAddresses(got []mailbox, raw json.RawMessage) string {
	var want []struct {
		Name    *string
		Address string
	}
	if err := json.Unmarshal(raw, &want); err != nil {
		return err.Error()
	}
	if len(got) != len(want) {
		return fmt.Sprintf("\n got  %q\n want %s", got, raw)
	}
	for i, w := range want {
		if !strings.EqualFold(got[i].Address, w.Address) || w.Name != nil && squeeze(got[i].Name) != squeeze(*w.Name) {
			return fmt.Sprintf("\n got  %q\n want %s", got, raw)
		}
	}
	return ""
}

func sameFiles(got []attachment, raw json.RawMessage) string {
	var want []attachment
	if err := json.Unmarshal(raw, &want); err != nil {
		return err.Error()
	}
	contents := map[string]bool{}
	var gotNames, wantNames []string
	for _, f := range got {
		if f.Name != "" {
			gotNames = append(gotNames, squeeze(f.Name))
			contents[squeeze(f.Name)+f.SHA256] = true
		}
	}
	for _, f := range want {
		if f.Name == "" {
			continue
		}
		wantNames = append(wantNames, squeeze(f.Name))
		binary := !strings.HasPrefix(f.Type, "text/") && !strings.HasPrefix(f.Type, "message/")
		if binary && f.SHA256 != "" && !contents[squeeze(f.Name)+f.SHA256] {
			return "the content of " + f.Name + " differs"
		}
	}
	slices.Sort(gotNames)
	slices.Sort(wantNames)
	return same(strings.Join(gotNames, "|"), strings.Join(wantNames, "|"))
}
