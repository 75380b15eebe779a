package benchdata

import (
	"math/rand/v2"
	"strings"
)

// Words writes texts whose words follow Zipf's law, as people's do, over a made-up vocabulary.
type Words struct {
	rng   *rand.Rand
	zipf  *rand.Zipf
	vocab []string
	buf   strings.Builder
}

const vocabulary = 20_000

// NewWords makes a writer; one source of chance gives one text.
func NewWords(rng *rand.Rand) *Words {
	w := &Words{rng: rng, zipf: rand.NewZipf(rng, 1.1, 8, vocabulary-1)}
	onset := []string{"b", "d", "f", "g", "k", "l", "m", "n", "p", "s", "t", "v", "z", "br", "st", "tr", "ch", "sh"}
	rest := []string{"a", "e", "i", "o", "u", "an", "er", "il", "on", "us", "ar", "en"}
	seen := map[string]bool{}
	for len(w.vocab) < vocabulary {
		word := ""
		for range 2 + rng.IntN(3) {
			word += onset[rng.IntN(len(onset))] + rest[rng.IntN(len(rest))]
		}
		if !seen[word] {
			seen[word] = true
			w.vocab = append(w.vocab, word)
		}
	}
	return w
}

func (w *Words) word() string { return w.vocab[w.zipf.Uint64()] }

// line writes n words.
func (w *Words) line(n int) string {
	w.buf.Reset()
	for i := range n {
		if i > 0 {
			w.buf.WriteByte(' ')
		}
		w.buf.WriteString(w.word())
	}
	return w.buf.String()
}

// Message writes 15 to 65 words, among them, by their shares, the words that searches look for.
func (w *Words) Message() string {
	text := w.line(15 + w.rng.IntN(51))
	for _, known := range []struct {
		word string
		in   int
	}{{Rare, 5000}, {Frequent, 20}, {VeryFrequent, 5}} {
		if w.rng.IntN(known.in) == 0 {
			cut := strings.IndexByte(text, ' ')
			text = text[:cut] + " " + known.word + text[cut:]
		}
	}
	return text
}

// name makes a person's name.
func (w *Words) name() string {
	title := func(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
	return title(w.vocab[w.rng.IntN(vocabulary)]) + " " + title(w.vocab[w.rng.IntN(vocabulary)])
}
