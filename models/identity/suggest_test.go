package identity

import (
	"testing"

	"onethread/models"
)

func TestMailbox(t *testing.T) {
	for email, want := range map[string]string{"ana.duarte@gmail.com": "anaduarte@gmail.com", "a.n.a+shop@googlemail.com": "ana@gmail.com", "ana.duarte+x@example.com": "ana.duarte@example.com",
		"+x@example.com": "+x@example.com", "ana@example.com": "ana@example.com", "nothing": ""} {
		if got := Mailbox(email); got != want {
			t.Errorf("%s: %s, want %s", email, got, want)
		}
	}
}

func TestSimilarNames(t *testing.T) {
	for _, c := range []struct {
		a, b string
		is   bool
	}{{"Ana Duarte", "ana  DUARTE", true}, {"Duarte, Ana", "Ana Duarte", true}, {"A. Duarte", "Ana Duarte", true}, {"João Sá", "Joao Sa", true}, {"Ana Duarte", "Leo Duarte", false},
		{"Ana Duarte", "Ana Alves", false}, {"Ana", "Ana Duarte", false}, {"", "", false}, {"Ana", "Ana", true}, {"…", "…", false}} {
		if got := Similar(c.a, c.b); got != c.is {
			t.Errorf("%q and %q: %v", c.a, c.b, got)
		}
	}
	if n := ClearlyDifferent([]string{"Ana Duarte", "A. Duarte", "Leo Alves", "", "ana duarte"}); n != 2 {
		t.Error(n)
	}
}

func TestHousehold(t *testing.T) {
	at := models.Postal{Line1: "Rua Augusta, 1 - 2.º", Postcode: "1100-048"}
	if a, b := Household("Ana Duarte", at), Household("DUARTE Ana", models.Postal{Line1: "rua augusta 1, 2º", Postcode: "1100 048"}); a == "" || a != b {
		t.Error(a, b)
	}
	for _, p := range []models.Postal{{}, {Line1: "Rua Augusta 1"}, {Postcode: "1100-048"}, {Line1: "1", Postcode: "1"}} {
		if got := Household("Ana Duarte", p); got != "" {
			t.Errorf("%+v: %q", p, got)
		}
	}
	if Household("Ana", at) != "" {
		t.Error("a first name alone is nobody in particular")
	}
}
