package identity

import (
	"testing"

	"onethread/models"
)

func TestNormalise(t *testing.T) {
	for _, c := range []struct {
		kind           models.IdentityKind
		value, country string
		want           string
		ok             bool
	}{
		{models.EmailIdentity, " Ana@Example.COM ", "", "ana@example.com", true},
		{models.EmailIdentity, "ana.b+tag@gmail.com", "", "ana.b+tag@gmail.com", true},
		{models.EmailIdentity, "jo@bücher.example", "", "jo@xn--bcher-kva.example", true},
		{models.EmailIdentity, "аna@example.com", "", "аna@example.com", true}, // Cyrillic а: another address
		{models.EmailIdentity, "ana@example", "", "", false},
		{models.EmailIdentity, "ana b@example.com", "", "", false},
		{models.EmailIdentity, "ana@@example.com", "", "", false},
		{models.EmailIdentity, "@example.com", "", "", false},
		{models.EmailIdentity, "a..b@example.com", "", "", false},
		{models.EmailIdentity, "a\nb@example.com", "", "", false},
		{models.PhoneIdentity, "+351 912 007 031", "", "+351912007031", true},
		{models.PhoneIdentity, "912 007 031", "PT", "+351912007031", true},
		{models.PhoneIdentity, "912 007 031", "", "", false},
		{models.PhoneIdentity, "call me", "PT", "", false},
		{models.PhoneIdentity, "112", "PT", "", false},
		{"shopify", " 8209 ", "", "8209", true},
		{"shopify", "", "", "", false},
	} {
		got, ok := Normalise(c.kind, c.value, c.country)
		if ok != c.ok || (ok && got != c.want) {
			t.Errorf("Normalise(%s, %q, %q) = %q, %v", c.kind, c.value, c.country, got, ok)
		}
		if again, still := Normalise(c.kind, got, c.country); ok && (!still || again != got) {
			t.Errorf("Normalise is not stable: %q → %q", got, again)
		}
	}
}

func FuzzNormalise(f *testing.F) {
	f.Add("ana@example.com", "PT")
	f.Add("+351912007031", "")
	f.Fuzz(func(t *testing.T, value, country string) {
		for _, kind := range []models.IdentityKind{models.EmailIdentity, models.PhoneIdentity, "account"} {
			if got, ok := Normalise(kind, value, country); ok {
				if again, still := Normalise(kind, got, country); !still || again != got {
					t.Errorf("%s %q → %q → %q", kind, value, got, again)
				}
			}
		}
	})
}
