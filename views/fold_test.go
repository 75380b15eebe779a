package views

import (
	"bytes"
	"html/template"
	"strings"
	"testing"
)

// TestFoldedPagesAreTheSame draws every page as it is and from templates that were not folded. (html/template
// escapes one letter that needs it in unquoted attributes alone, of which we have none.)
func TestFoldedPagesAreTheSame(t *testing.T) {
	v, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	words := v.Words("en")
	plain := template.Must(template.New("").Funcs(funcs(words)).ParseFS(files, "pages/*.html", "pieces/*.html"))
	if err := remember(plain, words); err != nil {
		t.Fatal(err)
	}
	for path, page := range galleryPages(words) {
		var folded, asItStands bytes.Buffer
		if err := v.Render(&folded, "en", page.name, page.data); err != nil {
			t.Fatal(path, err)
		}
		if err := plain.ExecuteTemplate(&asItStands, page.name, page.data); err != nil {
			t.Fatal(path, err)
		}
		want := strings.ReplaceAll(asItStands.String(), "&#43;", "+")
		if got := strings.ReplaceAll(folded.String(), "&#43;", "+"); got != want || len(got) < 500 {
			at := 0
			for at < min(len(got), len(want)) && got[at] == want[at] {
				at++
			}
			t.Errorf("%s differs at %d: %.200q, not folded %.200q", path, at, got[at:], want[at:])
		}
	}
}
