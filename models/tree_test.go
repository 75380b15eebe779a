package models

import (
	"net/http"
	"strings"
	"testing"
)

func TestTreeReadsWhatShopsWrite(t *testing.T) {
	tree, err := ReadTree([]byte(`{"id": 820982911946154508, "text": "9007199254740993", "zero": 0, "none": null, "amount": 134.10, "Id": 7,
		"gap": {"10": "last", "9": "first"}, "list": [1, {"a": "b"}], "odd": {"deep": true}, "note": " two\r\nlines\u0000 ", "long": "ação"}`))
	if err != nil {
		t.Fatal(err)
	}
	for got, want := range map[string]string{
		tree.At("id").ID(): "820982911946154508", tree.At("text").ID(): "9007199254740993", tree.At("zero").ID(): "", tree.At("none").Text(): "",
		tree.At("amount").Text(): "134.10", tree.At("gap").List()[0].Text(): "first", tree.At("list").List()[1].At("a").Text(): "b",
		tree.At("odd", "deep", "deeper").Text() + tree.At("list", "x").Text(): "", tree.At("note").Line(50): "two  lines",
		tree.At("note").Lines(50): "two \nlines", tree.At("long").Line(3): "aç", tree.At("long").Line(2): "a",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if !tree.Has("none") || tree.Has("absent") || tree.At("list").Has("a") {
		t.Error("Has does not tell what is there")
	}
}

func TestTreeRefusesWhatIsNoObject(t *testing.T) {
	for _, body := range []string{"", "null", "[]", "1", `{"a":1}{"b":2}`, `{"a":1} x`, `{"a":`, strings.Repeat(`{"a":`, 20000)} {
		if _, err := ReadTree([]byte(body)); err == nil {
			t.Errorf("%.20q is read", body)
		}
	}
}

func TestUnitPrice(t *testing.T) {
	for _, c := range []struct {
		total    string
		quantity int
		currency string
		want     int64
		ok       bool
	}{
		{"107.10", 2, "GBP", 5355, true}, {"10.00", 3, "EUR", 333, true}, {"20.00", 3, "EUR", 667, true}, {"0.05", 2, "EUR", 3, true},
		{"-0.05", 2, "EUR", -3, true}, {"53.5489", 1, "EUR", 5355, true}, {"53.545", 1, "EUR", 5355, true}, {"100", 0, "JPY", 100, true},
		{"1.2345", 1, "KWD", 1235, true}, {"1e9", 1, "EUR", 0, false}, {"", 1, "EUR", 0, false}, {"1/3", 1, "EUR", 0, false},
		{"999999999999999999", 1, "EUR", 0, false}, {strings.Repeat("9", 5000), 1, "EUR", 0, false}, {"0x10", 1, "EUR", 0, false},
	} {
		got, err := UnitPrice(c.total, c.quantity, c.currency)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("UnitPrice(%.20q, %d, %s) = %d, %v", c.total, c.quantity, c.currency, got, err)
		}
	}
}

// TestSignedBase64 uses the HMAC-SHA256 example of RFC 4231, section 4.3 (test case 2).
func TestSignedBase64(t *testing.T) {
	r := HookRequest{Body: []byte("what do ya want for nothing?"), Header: http.Header{}}
	r.Header.Set("X-Sig", "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=")
	if !r.SignedBase64("X-Sig", "Jefe") || !r.SignedBase64("X-Sig", "new", "Jefe") {
		t.Error("the RFC's own example does not verify")
	}
	if r.SignedBase64("X-Sig", "jefe") || r.SignedBase64("X-Sig") || r.SignedBase64("X-Sig", "") || r.SignedBase64("X-Other", "Jefe") {
		t.Error("a call without this secret verifies")
	}
	r.Header.Set("X-Sig", "X9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=")
	if r.SignedBase64("X-Sig", "Jefe") {
		t.Error("another signature verifies")
	}
}
