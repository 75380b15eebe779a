package public

import (
	"embed"
	"encoding/json"
	"strings"
)

// The widget's own catalogue: boot sends one language of it whole, so it stands apart from the
// staff screens'.
//
//go:embed words/*.json
var wordFiles embed.FS

var catalogue = loadWords()

func loadWords() map[string]map[string]string {
	all := make(map[string]map[string]string)
	entries, err := wordFiles.ReadDir("words")
	if err != nil {
		panic(err) // embedded: it cannot be missing
	}
	for _, e := range entries {
		raw, err := wordFiles.ReadFile("words/" + e.Name())
		if err != nil {
			panic(err)
		}
		words := make(map[string]string)
		if err := json.Unmarshal(raw, &words); err != nil {
			panic("words/" + e.Name() + ": " + err.Error())
		}
		all[strings.TrimSuffix(e.Name(), ".json")] = words
	}
	return all
}

// wordsFor finds the catalogue of a language tag ("pt-BR" falls back to "pt", then to English).
func wordsFor(tag string) (words map[string]string, lang string) {
	tag = strings.ToLower(strings.ReplaceAll(tag, "_", "-"))
	base, _, _ := strings.Cut(tag, "-")
	for _, lang := range []string{tag, base} {
		if words, ok := catalogue[lang]; ok {
			return words, lang
		}
	}
	return catalogue["en"], "en"
}
