package models

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Tree is a JSON value read tolerantly: shop systems write one field as text in one call and as a
// number, an object, a list or null in the next. What is not there, or is of another type, reads as
// empty. Numbers keep their digits, so that ids beyond 2^53 and amounts stay exact. Keys are
// compared exactly; the order they stand in changes nothing.
type Tree struct{ v any }

// ReadTree reads a body that must be one JSON object and nothing after it.
func ReadTree(body []byte) (Tree, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var object map[string]any
	if err := d.Decode(&object); err != nil {
		return Tree{}, err
	}
	if _, err := d.Token(); err != io.EOF || object == nil {
		return Tree{}, errors.New("the body is not one JSON object")
	}
	return Tree{object}, nil
}

// At follows keys down through objects.
func (t Tree) At(path ...string) Tree {
	for _, key := range path {
		object, _ := t.v.(map[string]any)
		t = Tree{object[key]}
	}
	return t
}

// Has tells whether an object has the key, with whatever value.
func (t Tree) Has(key string) bool {
	object, _ := t.v.(map[string]any)
	_, ok := object[key]
	return ok
}

// List gives the elements of an array, or the values of an object by rising key: PHP writes a list
// with gaps as an object.
func (t Tree) List() []Tree {
	var out []Tree
	switch v := t.v.(type) {
	case []any:
		for _, e := range v {
			out = append(out, Tree{e})
		}
	case map[string]any:
		for _, key := range slices.SortedFunc(maps.Keys(v), byNumber) {
			out = append(out, Tree{v[key]})
		}
	}
	return out
}

// byNumber puts "9" before "10".
func byNumber(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }

// Text is a string, or a number as it was written.
func (t Tree) Text() string {
	switch v := t.v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// Line is Text on one line, trimmed, at most max bytes of whole characters.
func (t Tree) Line(max int) string { return clip(t.Text(), max, "") }

// Lines is Text with its line breaks, trimmed, at most max bytes of whole characters.
func (t Tree) Lines(max int) string { return clip(t.Text(), max, "\n\t") }

// ID is Text as the id of something: at most 64 printable ASCII characters without blanks. "0"
// stands for nothing, as in WooCommerce's customer_id.
func (t Tree) ID() string {
	s := t.Text()
	if s == "0" || len(s) > 64 || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return ""
	}
	return s
}

// clip makes valid text of at most max bytes; control characters except those kept become blanks.
func clip(s string, max int, keep string) string {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if (r < ' ' || r == 0x7f) && !strings.ContainsRune(keep, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD")))
	if len(s) <= max {
		return s
	}
	for max > 0 && !utf8.RuneStart(s[max]) {
		max--
	}
	return strings.TrimSpace(s[:max])
}
