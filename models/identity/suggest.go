package identity

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"onethread/models"
	"onethread/models/store"
)

// How much each clue speaks for two customers being one person; the sum ranks the suggestions.
const (
	weightKnown     = 70 // known by better evidence than typing, but something stands against merging
	weightHousehold = 60
	weightMailbox   = 50
	weightTyped     = 40
	weightName      = 20
)

// tooMany owners of one mailbox or household make it a relay or an office: nobody is suggested then.
const tooMany = 6

// Suggest proposes "same person?", or adds to what was proposed; a refusal is remembered.
func Suggest(tx *store.Tx, a, b models.ID, h models.Hint, value string) error {
	weight := weightKnown
	if h.Evidence == models.Typed {
		weight = weightTyped
	}
	return suggest(tx, a, b, models.Clue{Kind: string(h.Kind), Value: value, Reason: h.Reason, Weight: weight})
}

// suggest adds a clue, and where the two have similar names that too: alone it says nothing.
func suggest(tx *store.Tx, a, b models.ID, c models.Clue) error {
	if fresh, err := store.AddSuggestion(tx, a, b, c); err != nil || !fresh || c.Kind == "household" {
		return err
	}
	one, err := store.Customer(tx, a)
	if err != nil {
		return err
	}
	other, err := store.Customer(tx, b)
	if err != nil || !Similar(one.Name, other.Name) {
		return err
	}
	_, err = store.AddSuggestion(tx, a, b, models.Clue{Kind: "name", Value: one.Name + " / " + other.Name, Reason: "similar names", Weight: weightName})
	return err
}

// Mailbox is what an email address, already normalised, has in common with its variants: no plus-tag,
// and at Gmail no dots. It only suggests: other providers may give both to different people.
func Mailbox(email string) string {
	local, domain, ok := strings.Cut(email, "@")
	if !ok {
		return ""
	}
	if base, _, tagged := strings.Cut(local, "+"); tagged && base != "" {
		local = base
	}
	if domain == "gmail.com" || domain == "googlemail.com" {
		local, domain = strings.ReplaceAll(local, ".", ""), "gmail.com"
	}
	return local + "@" + domain
}

func suggestMailbox(tx *store.Tx, customer models.ID, i models.Identity) error {
	if i.Mailbox == "" {
		return nil
	}
	others, err := store.SharersOfMailbox(tx, i.Mailbox, customer, tooMany)
	if err != nil || len(others) >= tooMany {
		return err
	}
	for _, o := range others {
		at, err := store.IdentitiesAt(tx, i.Kind, i.Scope, i.Value)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(at, func(x models.Identity) bool { return x.CustomerID == o }) {
			continue // the very address: that is told already
		}
		if err := suggest(tx, customer, o, models.Clue{Kind: "mailbox", Value: i.Value, Reason: "the same mailbox, but for dots or what follows a plus", Weight: weightMailbox}); err != nil {
			return err
		}
	}
	return nil
}

// Household is a name with a postal address made comparable; empty where too little of either is known.
func Household(name string, p models.Postal) string {
	words, street, code := nameWords(name), letters(p.Line1), letters(p.Postcode)
	if len(words) < 2 || len(street) < 4 || code == "" {
		return ""
	}
	slices.Sort(words)
	return strings.Join(words, " ") + "|" + code + "|" + street
}

// Ship keeps what an order says of where it goes, and to whom.
func Ship(o *models.Order, name string) {
	o.Buyer = name
	if o.Postal != (models.Postal{}) {
		if o.Postal.Name != "" {
			name = o.Postal.Name
		}
		parts, err := json.Marshal(o.Postal)
		if err == nil { // strings always can be
			o.ShipParts = string(parts)
		}
		o.ShipKey = Household(name, o.Postal)
	}
}

// SuggestHousehold proposes whoever else ordered under the same name to the same place.
func SuggestHousehold(tx *store.Tx, o models.Order) error {
	if o.ShipKey == "" {
		return nil
	}
	others, err := store.SharersOfHousehold(tx, o.ShipKey, o.CustomerID, tooMany)
	if err != nil || len(others) >= tooMany {
		return err
	}
	for _, c := range others {
		clue := models.Clue{Kind: "household", Value: o.ShipTo, Reason: "the same name and postal address", Weight: weightHousehold}
		if err := suggest(tx, o.CustomerID, c, clue); err != nil {
			return err
		}
	}
	return nil
}

// letters are a text's letters and digits in lower case, without accents.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKD.String(s))
}

func nameWords(name string) (out []string) {
	for _, w := range strings.FieldsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || r == '.' || r == ',' || r == '-' }) {
		if w = letters(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}

// Similar tells names that may be one person's: the same words in any order, or the same surname with
// first names of which one begins the other ("A. Duarte", "Ana Duarte").
func Similar(a, b string) bool {
	x, y := nameWords(a), nameWords(b)
	if len(x) == 0 || len(y) == 0 {
		return false
	}
	last := func(w []string) string { return w[len(w)-1] }
	if len(x) > 1 && len(y) > 1 && last(x) == last(y) && (strings.HasPrefix(x[0], y[0]) || strings.HasPrefix(y[0], x[0])) {
		return true
	}
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

// ClearlyDifferent counts the names that no other of them resembles: so many people seem to use them.
func ClearlyDifferent(names []string) int {
	var people []string
	for _, n := range names {
		if nameWords(n) != nil && !slices.ContainsFunc(people, func(p string) bool { return Similar(p, n) }) {
			people = append(people, n)
		}
	}
	return len(people)
}

func mailboxOf(kind models.IdentityKind, normal string) string {
	if kind != models.EmailIdentity {
		return ""
	}
	return Mailbox(normal)
}
