// Package search turns what people type into a query and finds customers, messages and orders.
package search

import (
	"strings"
	"unicode"

	"onethread/models/store"
)

// Result is what a search found, each kind newest or best first.
type Result struct {
	Customers []store.CustomerHit
	Messages  []store.MessageHit
	Orders    []store.OrderHit
}

// Find searches names and addresses, the words of messages, and orders (number, titles, SKU,
// tracking number, destination). limit (1–100) is per kind. Words are looked up whole, the last
// one also as a beginning; "quoted words" as a phrase. An empty query finds nothing.
func Find(q store.Q, text string, limit int) (Result, error) {
	var r Result
	limit = min(max(limit, 1), 100)
	words := Words(text)
	if len(words) == 0 {
		return r, nil
	}
	var err error
	if r.Customers, err = Customers(q, text, limit); err != nil {
		return r, err
	}
	if r.Messages, err = store.SearchMessages(q, fts(words, false), fts(words, true), limit); err != nil {
		return r, err
	}
	r.Orders, err = store.SearchOrders(q, fts(words, true), limit)
	return r, err
}

// Customers searches names and addresses alone. An empty query finds nobody.
func Customers(q store.Q, text string, limit int) ([]store.CustomerHit, error) {
	if len(Words(text)) == 0 {
		return nil, nil
	}
	return store.SearchCustomers(q, trigram(text), strings.TrimSpace(text), min(max(limit, 1), 100))
}

// maxWords bounds a query: more words than this narrow nothing further.
const maxWords = 12

// Words cuts a query into terms: runs of letters and digits, or quoted phrases of them. Nothing
// of FTS5's own syntax survives.
func Words(text string) []string {
	var out []string
	parts := strings.Split(text, `"`)
	for i, part := range parts {
		terms := strings.FieldsFunc(part, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
		if i%2 == 1 && i < len(parts)-1 && len(terms) > 1 { // the last quote was closed
			terms = []string{strings.Join(terms, " ")}
		}
		out = append(out, terms...)
	}
	return out[:min(len(out), maxWords)]
}

// fts quotes every term, so that FTS5 sees words and never operators; the last may be a beginning.
func fts(words []string, prefix bool) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = `"` + w + `"`
	}
	if last := len(words) - 1; prefix && len([]rune(words[last])) >= 2 {
		quoted[last] += "*"
	}
	return strings.Join(quoted, " ")
}

// odd are characters that FTS5 does not take even in quotes: its own quote, and the end of its text.
var odd = strings.NewReplacer(`"`, " ", "\x00", " ")

// trigram makes the query for names and addresses: every blank-separated part, anywhere in them.
// Empty when a part is too short for it.
func trigram(text string) string {
	var quoted []string
	for _, part := range strings.Fields(odd.Replace(strings.ToValidUTF8(text, " "))) {
		if len([]rune(part)) < 3 {
			return ""
		}
		quoted = append(quoted, `"`+part+`"`)
	}
	return strings.Join(quoted[:min(len(quoted), maxWords)], " ")
}
