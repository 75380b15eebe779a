package conformance

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// Shuffle writes a JSON body again with the keys of every object in another order, drawn from seed:
// what a provider makes of a body must not depend on it.
func Shuffle(t testing.TB, body []byte, seed uint64) []byte {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return shuffled(v, rand.New(rand.NewPCG(seed, 0)))
}

func shuffled(v any, r *rand.Rand) []byte {
	switch v := v.(type) {
	case map[string]any:
		keys := slices.Sorted(maps.Keys(v))
		r.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
		out := []byte("{")
		for i, key := range keys {
			out = append(append(comma(out, i), shuffled(key, r)...), ':')
			out = append(out, shuffled(v[key], r)...)
		}
		return append(out, '}')
	case []any:
		out := []byte("[")
		for i, e := range v {
			out = append(comma(out, i), shuffled(e, r)...)
		}
		return append(out, ']')
	}
	b, _ := json.Marshal(v) // text, number, bool or null: cannot fail
	return b
}

func comma(out []byte, i int) []byte {
	if i > 0 {
		return append(out, ',')
	}
	return out
}
