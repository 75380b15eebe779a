package handlers

import (
	"encoding/json"
	"fmt"
	"html"
	"io/fs"
	"mime"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"onethread/models"
	"onethread/models/attacktest"
	"onethread/models/inbox"
	"onethread/models/store"
)

// shelf puts a few customers with messages and orders into the till; word stands in some of them.
func (s *till) shelf(texts []string) {
	s.t.Helper()
	for i, text := range texts {
		in := models.Inbound{ChannelID: s.channel.ID, ExternalID: fmt.Sprint("shelf", i), Signed: true, Name: fmt.Sprint("Customer ", i), Payload: &models.MessageIn{Subject: "About", Text: text},
			Hints: []models.Hint{{Kind: models.EmailIdentity, Value: fmt.Sprintf("c%d@example.com", i), Evidence: models.Asserted}}}
		_, err := s.deps.Hooks.Ingest(s.t.Context(), in)
		s.must(err)
		in.ExternalID, in.Payload = fmt.Sprint("order", i), &models.OrderIn{Order: models.Order{ExternalID: fmt.Sprint(i), Number: fmt.Sprint(1000 + i), Status: "paid", Currency: "EUR", Total: 100, UpdatedAt: models.Time(1 + i),
			Lines: []models.OrderLine{{Title: text, Quantity: 1, Price: 100}}}}
		_, err = s.deps.Hooks.Ingest(s.t.Context(), in)
		s.must(err)
	}
}

var shelf = []string{"walnut desk 140", "a brass lamp, size S", "OR is a word, AND so is NOT", "select a union of drops from the table users where 1 1", "NEAR the desk", "sleep 0 0 20", "waitfor delay", "nothing of it", "50% off _all_ lamps"}

// oracle finds texts by the rules of search: every word whole, the last also as a beginning.
func oracle(query string) (hits []string) {
	split := func(s string) []string {
		return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
	}
	terms := split(query)
	terms = terms[:min(len(terms), 12)]
	if len(terms) == 0 {
		return nil
	}
	for i, text := range shelf {
		words := split("About " + text)
		all := true
		for n, term := range terms {
			last := n == len(terms)-1 && len([]rune(term)) >= 2
			all = all && slices.ContainsFunc(words, func(w string) bool { return w == term || (last && strings.HasPrefix(w, term)) })
		}
		if all {
			hits = append(hits, fmt.Sprintf("Customer %d", i))
		}
	}
	slices.Sort(hits)
	return hits
}

// TestQueriesAreWords: no attack in any query parameter is an error of ours, and search finds what its
// words say, nothing more.
func TestQueriesAreWords(t *testing.T) {
	attacktest.Each(t, attacktest.Words, []string{"sqli/patt-generic.json", "naughty/blns.json"}, func(t *testing.T, payloads []string) {
		s := openTill(t)
		s.shelf(shelf)
		for _, p := range append(payloads, "desk", "brass lamp", "des", "lamps", "or and not", "union of drops") {
			if strings.Contains(p, "://") || len(p) > 400 {
				p = p[:min(len(p), 400)]
			}
			s.searched(p)
			s.filtered(p)
		}
		_, body := s.api("GET", "/customers?limit=200", "")
		if n := strings.Count(body, `"name":"Customer`); n != len(shelf) {
			t.Errorf("%d of %d customers are left", n, len(shelf))
		}
	})
}

// searched compares what search answers with the oracle, where no quoted phrase narrows it.
func (s *till) searched(p string) {
	s.t.Helper()
	resp, body := s.api("GET", "/search?limit=100&q="+url.QueryEscape(p), "")
	var found struct{ Messages []struct{ Name string } }
	if resp.StatusCode != 200 || json.Unmarshal([]byte(body), &found) != nil {
		s.t.Errorf("search %q: %d %.200s", p, resp.StatusCode, body)
		return
	}
	var got []string
	for _, m := range found.Messages {
		got = append(got, m.Name)
	}
	slices.Sort(got)
	if want := oracle(p); !strings.Contains(p, `"`) && plainWords(p) && !slices.Equal(got, want) {
		s.t.Errorf("search %q finds %q, want %q", p, got, want)
	}
	resp, page := s.ask(s.t, "GET", "/search?q="+url.QueryEscape(p), "", "Cookie", s.cookie)
	if resp.StatusCode != 200 || strings.Contains(page, "SELECT ") && !strings.Contains(strings.ToUpper(html.UnescapeString(p)), "SELECT ") {
		s.t.Errorf("/search %q: %d", p, resp.StatusCode)
	}
}

// plainWords tells words that the oracle folds as the index does: it does not strip accents.
func plainWords(p string) bool {
	return !strings.ContainsFunc(p, func(r rune) bool { return r > unicode.MaxASCII })
}

// filtered puts the payload into every other parameter: refused or answered, never an error of ours.
func (s *till) filtered(p string) {
	s.t.Helper()
	e := url.QueryEscape(p)
	for _, path := range []string{"/customers?query=" + e, "/customers?cursor=" + e, "/customers?limit=" + e, "/conversations?status=" + e, "/conversations?assignee=" + e, "/conversations?channel=" + e, "/conversations?label=" + e,
		"/conversations?cursor=" + e, "/orders?number=" + e, "/orders?customer=" + e, "/orders?customer_id=" + e, "/orders?status=" + e, "/orders?channel=" + e, "/orders?cursor=" + e, "/suggestions?cursor=" + e,
		"/customers/1/thread?cursor=" + e, "/customers/1/thread?kind=" + e, "/customers/1/thread?kinds=" + e, "/events?after=" + e, "/events?kind=" + e, "/events?kinds=" + e, "/events?wait=0&limit=" + e,
		"/customers/" + url.PathEscape(p), "/orders/" + url.PathEscape(p), "/attachments/" + url.PathEscape(p), "/channels/" + url.PathEscape(p)} {
		resp, body := s.api("GET", path, "")
		if resp.StatusCode >= 500 || strings.Contains(body, "syntax error") {
			s.t.Errorf("%s: %d %.200s", path, resp.StatusCode, body)
		}
	}
	for _, path := range []string{"/?status=" + e, "/?label=" + e, "/?channel=" + e, "/?assignee=" + e, "/rows?cursor=" + e, "/rows?before=" + e, "/customers/1/events?before=" + e, "/search/results?q=" + e, "/messages/" + url.PathEscape(p) + "/body", "/settings/channels/new/" + url.PathEscape(p)} {
		if resp, body := s.ask(s.t, "GET", path, "", "Cookie", s.cookie); resp.StatusCode >= 500 {
			s.t.Errorf("%s: %d %.200s", path, resp.StatusCode, body)
		}
	}
}

// TestFileNamesStayNames: whatever an attachment is called, it is stored by its hash, nothing is
// written elsewhere, and the name offered for saving is one line without path or disguise.
func TestFileNamesStayNames(t *testing.T) {
	attacktest.Each(t, slices.Concat(attacktest.Names, attacktest.Markup), []string{"filenames/fuzzdb-invalid-filenames-linux.json", "filenames/fuzzdb-invalid-filenames-microsoft.json", "filenames/fuzzdb-file-ul-filter-bypass-x-platform-generic.json",
		"filenames/fuzzdb-invalid-filesystem-chars-osx.json", "naughty/blns.json", "naughty/fuzzdb-right-to-left.json", "naughty/fuzzdb-naughty-unicode.json", "naughty/fuzzdb-specialchars.json", "naughty/fuzzdb-corrupted.json", "crlf/fuzzdb.json", "crlf/patt.json"}, func(t *testing.T, payloads []string) {
		s := openTill(t)
		around := filepath.Dir(s.deps.Store.Dir())
		before := outside(t, around, s.deps.Store.Dir())
		for i, name := range payloads {
			in, err := s.deps.Hooks.Ingest(t.Context(), models.Inbound{ChannelID: s.channel.ID, ExternalID: fmt.Sprint("file", i), Hints: []models.Hint{{Kind: models.EmailIdentity, Value: "ana@example.com", Evidence: models.Asserted}},
				Payload: &models.MessageIn{Text: "see", Attachments: []models.FileIn{{Name: name, Type: name, ContentID: name, Body: fmt.Append(nil, "content ", i)}}}})
			s.must(err)
			files, err := store.AttachmentsOf(s.deps.Store.Read(t.Context()), []models.ID{in.EventID})
			s.must(err)
			if len(files) != 1 {
				t.Fatalf("%q: %d files", name, len(files))
			}
			s.offered(name, files[0])
		}
		if after := outside(t, around, s.deps.Store.Dir()); !slices.Equal(before, after) {
			t.Errorf("written outside the data folder: %q, before %q", after, before)
		}
		s.onlyHashes()
	})
}

// offered looks at the headers of a download and at the name in them.
func (s *till) offered(claimed string, a models.Attachment) {
	s.t.Helper()
	if odd := unsafeName(a.Name); odd != "" || a.Name != inbox.FileName(a.Name) {
		s.t.Errorf("%q is kept as %q: %s", claimed, a.Name, odd)
	}
	for _, path := range []string{"/attachments/" + a.Token, "/attachments/" + a.Token + "?inline=1"} {
		resp, _ := s.ask(s.t, "GET", path, "", "Cookie", s.cookie)
		disposition := resp.Header.Get("Content-Disposition")
		kind, params, err := mime.ParseMediaType(disposition)
		odd := unsafeName(params["filename"])
		if resp.StatusCode != 200 || err != nil || kind != "attachment" || odd != "" || params["filename"] == "" || strings.ContainsAny(params["filename"], `<>:"|?*`) {
			s.t.Errorf("%q: %d %q %v %s", claimed, resp.StatusCode, disposition, err, odd)
		}
		if resp.Header.Get("X-Content-Type-Options") != "nosniff" || resp.Header.Get("Content-Type") != "application/octet-stream" || resp.Header.Get("Set-Cookie") != "" || !strings.Contains(resp.Header.Get("Content-Security-Policy"), "sandbox") {
			s.t.Errorf("%q: %v", claimed, resp.Header)
		}
	}
}

func unsafeName(name string) string {
	switch {
	case strings.ContainsAny(name, `/\`), name == ".", name == "..", strings.HasPrefix(name, "."):
		return "a path"
	case strings.ContainsFunc(name, func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029'
	}):
		return "characters that are not seen"
	case len(name) > 200:
		return "too long"
	}
	return ""
}

// outside lists everything beside the data folder.
func outside(t *testing.T, around, data string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(around, func(path string, d fs.DirEntry, err error) error {
		if path == data {
			return fs.SkipDir
		}
		found = append(found, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// onlyHashes: below files/ stand folders of two digits and files of sixty-two.
func (s *till) onlyHashes() {
	s.t.Helper()
	dir := filepath.Join(s.deps.Store.Dir(), "files")
	s.must(fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		hex := strings.ReplaceAll(path, "/", "")
		if err == nil && path != "." && (strings.Trim(hex, "0123456789abcdef") != "" || (d.IsDir() && len(hex) != 2) || (!d.IsDir() && len(hex) != 64)) {
			s.t.Errorf("files/%s does not belong there", path)
		}
		return err
	}))
	entries, err := os.ReadDir(s.deps.Store.Dir())
	s.must(err)
	for _, e := range entries {
		if e.Name() != "files" && e.Name() != "secret.key" && !strings.HasPrefix(e.Name(), "onethread.db") {
			s.t.Errorf("%s does not belong into the data folder", e.Name())
		}
	}
}
