package views

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"strconv"
	"strings"
)

//go:embed locales/*.json
var locales embed.FS

// Words is the catalogue of one language: key → text. "{0}", "{1}" … stand for arguments.
type Words struct {
	Lang string // BCP 47
	text map[string]string
}

func loadWords() (map[string]*Words, error) {
	entries, err := locales.ReadDir("locales")
	if err != nil {
		return nil, err
	}
	all := map[string]*Words{}
	for _, e := range entries {
		lang := strings.TrimSuffix(e.Name(), path.Ext(e.Name()))
		raw, err := locales.ReadFile("locales/" + e.Name())
		if err != nil {
			return nil, err
		}
		w := &Words{Lang: lang}
		if err := json.Unmarshal(raw, &w.text); err != nil {
			return nil, fmt.Errorf("catalogue %s: %w", e.Name(), err)
		}
		all[lang] = w
	}
	if all["en"] == nil {
		return nil, fmt.Errorf("the English catalogue is missing")
	}
	return all, nil
}

// T gives the text of a key with its arguments put in. An unknown key is shown in brackets,
// where a tester sees it; TestCatalogue keeps that from happening.
func (w *Words) T(key string, args ...any) string {
	s, ok := w.text[key]
	if !ok {
		return "[" + key + "]"
	}
	return fill(s, args)
}

// N is T for a counted thing: key.one for exactly one, key.other else. {0} is the count.
func (w *Words) N(key string, n int, args ...any) string {
	form := ".other"
	if n == 1 {
		form = ".one"
	}
	return w.T(key+form, append([]any{n}, args...)...)
}

// K is the text of prefix+word for words out of a closed list (states, kinds, roles) that a
// provider may nevertheless extend: a word the catalogue lacks is shown itself, made readable.
func (w *Words) K(prefix, word string) string {
	if s, ok := w.text[prefix+word]; ok {
		return s
	}
	if word == "" {
		return ""
	}
	plain := strings.ReplaceAll(word, "_", " ")
	return strings.ToUpper(plain[:1]) + plain[1:]
}

// Or is the text of a key, or fallback when the catalogue lacks it: providers bring English
// labels of their own, which a catalogue may translate.
func (w *Words) Or(key, fallback string) string {
	if s, ok := w.text[key]; ok {
		return s
	}
	return fallback
}

func fill(s string, args []any) string {
	if len(args) == 0 || !strings.Contains(s, "{") {
		return s
	}
	pairs := make([]string, 0, 2*len(args))
	for i, a := range args {
		pairs = append(pairs, "{"+strconv.Itoa(i)+"}", fmt.Sprint(a))
	}
	return strings.NewReplacer(pairs...).Replace(s)
}
