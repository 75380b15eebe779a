package mime

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"onethread/integrations/email/mailtest"
)

func readJSON(t testing.TB, path string, into any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

type mimeCase struct {
	ID, File string
	Expect   map[string]json.RawMessage
}

// tally counts the fields of one kind.
type tally struct{ right, all int }

// TestMimeCorpus scores the parser on mails and expectations of public projects: at least 99 %
// of all fields, every id, and no mail that fails.
func TestMimeCorpus(t *testing.T) {
	folder := mailtest.Corpus(t, "mime")
	var cases []mimeCase
	readJSON(t, filepath.Join(folder, "expected.json"), &cases)
	scores := map[string]*tally{}
	total := tally{}
	for _, c := range cases {
		raw, err := os.ReadFile(filepath.Join(folder, c.File))
		if err != nil {
			t.Fatal(err)
		}
		m, err := Parse(raw)
		if err != nil {
			t.Errorf("%s: %v", c.ID, err)
			continue
		}
		for key, want := range c.Expect {
			s := scores[key]
			if s == nil {
				s = &tally{}
				scores[key] = s
			}
			problem := compareField(m, key, want)
			s.all, total.all = s.all+1, total.all+1
			if problem == "" {
				s.right, total.right = s.right+1, total.right+1
			} else {
				t.Logf("%s %s: %s", c.ID, key, problem)
			}
		}
	}
	report(t, scores, total)
}

func report(t *testing.T, scores map[string]*tally, total tally) {
	var keys []string
	for key := range scores {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		s := scores[key]
		t.Logf("%-18s %4d of %4d  %6.2f %%", key, s.right, s.all, 100*float64(s.right)/float64(s.all))
		if slices.Contains([]string{"message_id", "in_reply_to", "references"}, key) && s.right < s.all {
			t.Errorf("%s must be right in every mail", key)
		}
	}
	share := 100 * float64(total.right) / float64(total.all)
	t.Logf("%-18s %4d of %4d  %6.2f %%", "all", total.right, total.all, share)
	if share < 99 {
		t.Errorf("%.2f %% of fields are right, the gate is 99 %%", share)
	}
}

// compareField follows the corpus' own scoring rules; "" means right.
func compareField(m *Mail, key string, want json.RawMessage) string {
	switch key {
	case "subject":
		return same(squeeze(m.Subject), squeeze(str(want)))
	case "message_id":
		return same(m.MessageID, str(want))
	case "in_reply_to":
		return same(strings.Join(m.InReplyTo, " "), strings.Join(strs(want), " "))
	case "references":
		return same(strings.Join(m.References, " "), strings.Join(strs(want), " "))
	case "text":
		return same(bare(m.Text), bare(str(want)))
	case "html":
		return same(bare(m.HTML), bare(str(want)))
	case "from":
		return sameAddresses(m.From, want)
	case "to":
		return sameAddresses(m.To, want)
	case "to_first":
		return sameAddresses(m.To[:min(1, len(m.To))], append(append([]byte("["), want...), ']'))
	case "cc":
		return sameAddresses(m.CC, want)
	case "reply_to":
		return sameAddresses(m.ReplyTo, want)
	case "attachment_count":
		return same(fmt.Sprint(len(m.Files)), string(want))
	case "attachments":
		return sameFiles(m.Files, want)
	}
	return "unknown field"
}

func same(got, want string) string {
	if got == want {
		return ""
	}
	return fmt.Sprintf("\n got  %.300q\n want %.300q", got, want)
}

func str(j json.RawMessage) (s string)    { json.Unmarshal(j, &s); return s }
func strs(j json.RawMessage) (s []string) { json.Unmarshal(j, &s); return s }
func squeeze(s string) string             { return strings.Join(strings.Fields(s), " ") }

func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

func sameAddresses(got []Address, raw json.RawMessage) string {
	var want []struct {
		Name    *string
		Address string
	}
	if err := json.Unmarshal(raw, &want); err != nil {
		return err.Error()
	}
	var gotLine, wantLine []string
	for i, w := range want {
		name := "-"
		if w.Name != nil {
			name = squeeze(*w.Name)
		}
		wantLine = append(wantLine, name+" "+strings.ToLower(w.Address))
		if i < len(got) && w.Name != nil {
			name = squeeze(got[i].Name)
		}
		if i < len(got) {
			gotLine = append(gotLine, name+" "+strings.ToLower(got[i].Address))
		}
	}
	if len(got) != len(want) {
		return fmt.Sprintf("\n got  %q\n want %q", got, wantLine)
	}
	return same(strings.Join(gotLine, ", "), strings.Join(wantLine, ", "))
}

func sameFiles(got []File, raw json.RawMessage) string {
	var want []struct{ Name, Type, SHA256 string }
	if err := json.Unmarshal(raw, &want); err != nil {
		return err.Error()
	}
	sums := map[string]string{}
	var gotNames, wantNames []string
	for _, f := range got {
		if f.Name != "" {
			gotNames = append(gotNames, squeeze(f.Name))
			sum := sha256.Sum256(f.Body)
			sums[squeeze(f.Name)+hex.EncodeToString(sum[:])] = f.Name
		}
	}
	for _, f := range want {
		if f.Name != "" {
			wantNames = append(wantNames, squeeze(f.Name))
			binary := !strings.HasPrefix(f.Type, "text/") && !strings.HasPrefix(f.Type, "message/")
			if _, ok := sums[squeeze(f.Name)+f.SHA256]; binary && f.SHA256 != "" && !ok {
				return "content of " + f.Name + " differs"
			}
		}
	}
	slices.Sort(gotNames)
	slices.Sort(wantNames)
	return same(strings.Join(gotNames, "|"), strings.Join(wantNames, "|"))
}
