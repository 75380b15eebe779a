// Package views draws every page and fragment that staff see: html/template files beside
// the Go structs they are filled from. Every visible word comes from the catalogue.
package views

import (
	"embed"
	"fmt"
	"html/template"
	"io"
)

//go:embed pages/*.html pieces/*.html
var files embed.FS

// Views holds the parsed templates, one set per language.
type Views struct {
	words map[string]*Words
	sets  map[string]*template.Template
}

// Load parses every template and catalogue. An error here must stop the start: a page that
// cannot be parsed would otherwise fail only when somebody opens it.
func Load() (*Views, error) {
	words, err := loadWords()
	if err != nil {
		return nil, err
	}
	v := &Views{words: words, sets: map[string]*template.Template{}}
	for lang, w := range words {
		set, err := template.New("").Funcs(funcs(w)).ParseFS(files, "pages/*.html", "pieces/*.html")
		if err != nil {
			return nil, fmt.Errorf("parse the templates: %w", err)
		}
		fold(set, w)
		if err := remember(set, w); err != nil {
			return nil, fmt.Errorf("parse the templates: %w", err)
		}
		for _, name := range Names {
			if set.Lookup(name) == nil {
				return nil, fmt.Errorf("the template %q is missing", name)
			}
		}
		v.sets[lang] = set
	}
	return v, nil
}

// Render draws a template by name with the words of a language (BCP 47; one without a
// catalogue falls back to English). A failed rendering may have written part of the page:
// callers render into a buffer.
func (v *Views) Render(w io.Writer, lang, name string, data any) error {
	set, ok := v.sets[lang]
	if !ok {
		set = v.sets["en"]
	}
	return set.ExecuteTemplate(w, name, data)
}

// Words gives the catalogue of a language, or the English one.
func (v *Views) Words(lang string) *Words {
	if w, ok := v.words[lang]; ok {
		return w
	}
	return v.words["en"]
}

// Names lists the templates that handlers may ask for; Load refuses to start without one.
var Names = []string{
	"inbox", "thread", "row", "rows", "entry", "entries", "panel", "composer", "ways", "head", "ribbon",
	"search", "search_results", "customer_orders", "pick", "others", "merge_preview", "sheet_done", "why", "suggestions",
	"channels", "channel_form", "channel_checks", "users", "tokens", "account", "erase", "privacy", "imports", "import_list", "import_job",
	"setup", "login", "forgot", "reset", "invite", "told",
	"error", "error_fragment",
}
