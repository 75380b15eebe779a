package models

import "testing"

func TestAmounts(t *testing.T) {
	for _, c := range []struct {
		text, currency string
		minor          int64
		ok             bool
	}{
		{"538.00", "EUR", 53800, true}, {"538", "EUR", 53800, true}, {"-84.1", "EUR", -8410, true}, {"0.05", "USD", 5, true},
		{"1200", "JPY", 1200, true}, {"1200.00", "JPY", 1200, true}, {"1200.5", "JPY", 0, false}, {"1.234", "KWD", 1234, true},
		{"134.1000", "EUR", 13410, true}, {"1.005", "EUR", 0, false}, {"", "EUR", 0, false}, {"1,5", "EUR", 0, false},
		{"--1", "EUR", 0, false}, {"1e5", "EUR", 0, false}, {"99999999999999999999", "EUR", 0, false}, {".5", "EUR", 0, false},
	} {
		n, err := ParseAmount(c.text, c.currency)
		if (err == nil) != c.ok || n != c.minor {
			t.Errorf("ParseAmount(%q, %s) = %d, %v", c.text, c.currency, n, err)
		}
		if c.ok {
			if again, err := ParseAmount(FormatAmount(n, c.currency), c.currency); err != nil || again != n {
				t.Errorf("%q does not survive formatting: %d, %v", c.text, again, err)
			}
		}
	}
}
