package webchat

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"onethread/models"
)

var currencyCode = regexp.MustCompile(`^[A-Z]{3}$`)

// minor turns a price as pages write it ("449.00", 449, 134.1) into minor units; what is no price
// becomes 0, for a page view must not fail over it.
func minor(price models.Loose, currency string) int64 {
	if currency == "" {
		return 0
	}
	n, err := models.ParseAmount(string(price), currency)
	if err != nil {
		return 0
	}
	return n
}

// cut shortens s to at most n bytes of whole characters, and makes it valid text on one line.
func cut(s string, n int) string {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "�")))
	for len(s) > n {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s
}
