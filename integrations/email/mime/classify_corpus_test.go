package mime

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"onethread/integrations/email/mailtest"
)

func caseBody(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestReplyCorpus scores the visible reply on the cases of six public libraries. Losing words
// is the serious fault, a left-over quote is cosmetic.
func TestReplyCorpus(t *testing.T) {
	folder := mailtest.Corpus(t, "reply")
	var cases []struct {
		ID, Kind, File string
		Accept         []struct {
			Reply   string
			NoSpace bool
		}
	}
	readJSON(t, filepath.Join(folder, "expected.json"), &cases)
	exact, lost := 0, 0
	for _, c := range cases {
		got := Report(caseBody(t, filepath.Join(folder, c.File)), c.Kind).ReplyText
		right, kept := false, false
		for _, a := range c.Accept {
			right = right || squeeze(got) == squeeze(a.Reply) || a.NoSpace && bare(got) == bare(a.Reply)
			kept = kept || len(missing(got, a.Reply)) == 0
		}
		if right {
			exact++
			continue
		}
		if !kept && c.Kind == "text" {
			lost++
			t.Logf("%s lost %.200q\n got %.300q", c.ID, missing(got, c.Accept[0].Reply), got)
		} else {
			t.Logf("%s %s\n got  %.300q\n want %.300q", c.ID, c.Kind, got, c.Accept[0].Reply)
		}
	}
	t.Logf("exact %d of %d, words lost in %d", exact, len(cases), lost)
	if exact < 145 || lost > 0 {
		t.Errorf("exact %d of %d, lost %d: worse than it was", exact, len(cases), lost)
	}
}

// missing gives the words of want that got lacks.
func missing(got, want string) (words []string) {
	have := strings.Fields(got)
	for _, w := range strings.Fields(want) {
		if i := slices.Index(have, w); i < 0 {
			words = append(words, w)
		} else {
			have = slices.Delete(have, i, i+1)
		}
	}
	return words
}

func TestForwardCorpus(t *testing.T) {
	folder := mailtest.Corpus(t, "forward")
	var cases []struct {
		ID, Kind, File string
		Subject        *string
		Expect         struct {
			Forwarded   bool
			FromName    *string `json:"from_name"`
			FromAddress *string `json:"from_address"`
			Subject     *string
			Body        *string
		}
	}
	readJSON(t, filepath.Join(folder, "expected.json"), &cases)
	found, sender, body, bodies := 0, 0, 0, 0
	for _, c := range cases {
		text := string(caseBody(t, filepath.Join(folder, c.File)))
		f := Report([]byte(text), c.Kind).Forwarded
		if c.Subject != nil {
			f = Report([]byte("Subject: "+*c.Subject+"\nContent-Type: "+map[string]string{"text": "text/plain", "html": "text/html"}[c.Kind]+"; charset=utf-8\n\n"+text), "").Forwarded
		}
		if (f != nil) == c.Expect.Forwarded {
			found++
		} else {
			t.Logf("%s: forwarded is %v\n%.300q", c.ID, f != nil, text)
		}
		if f == nil {
			f = &Forwarded{}
		}
		if c.Expect.FromAddress == nil || strings.EqualFold(f.FromAddress, *c.Expect.FromAddress) {
			sender++
		} else {
			t.Logf("%s: from %q, want %q", c.ID, f.FromAddress, *c.Expect.FromAddress)
		}
		if c.Expect.Body != nil {
			bodies++
			if bare(f.Body) == bare(*c.Expect.Body) {
				body++
			}
		}
	}
	t.Logf("found %d, sender %d of %d; body %d of %d", found, sender, len(cases), body, bodies)
	if found < 139 || sender < 139 || body < 118 {
		t.Errorf("found %d, sender %d of %d: worse than it was", found, sender, len(cases))
	}
}

func TestBounceCorpus(t *testing.T) {
	folder := mailtest.Corpus(t, "bounce")
	var cases []struct {
		ID, File, Kind    string
		OriginalMessageID *string `json:"original_message_id"`
		Recipients        []string
	}
	readJSON(t, filepath.Join(folder, "expected.json"), &cases)
	kinds, ids, idsRight, rcpts, rcptsRight := 0, 0, 0, 0, 0
	for _, c := range cases {
		r := Report(caseBody(t, filepath.Join(folder, c.File)), "").Automatic
		want := strings.NewReplacer("auto-reply", "auto_reply", "not-a-bounce", "none").Replace(c.Kind)
		if r.Kind == want {
			kinds++
		} else {
			t.Logf("%s is %s, want %s", c.ID, r.Kind, c.Kind)
		}
		if c.OriginalMessageID != nil {
			ids++
			if r.OriginalMessageID == *c.OriginalMessageID {
				idsRight++
			}
		}
		if len(c.Recipients) > 0 {
			rcpts++
			if slices.Contains(r.Recipients, strings.ToLower(c.Recipients[0])) {
				rcptsRight++
			}
		}
	}
	t.Logf("kind %d of %d, original id %d of %d, recipient %d of %d", kinds, len(cases), idsRight, ids, rcptsRight, rcpts)
	if kinds < 341 || idsRight < 293 || rcptsRight < 317 {
		t.Errorf("kind %d of %d, original id %d of %d: worse than it was", kinds, len(cases), idsRight, ids)
	}
}
