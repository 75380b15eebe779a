package webchat

import (
	"encoding/json"
	"math/big"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/currency"
)

var (
	currencyCode = regexp.MustCompile(`^[A-Z]{3}$`)
	decimal      = regexp.MustCompile(`^-?[0-9]{1,12}(\.[0-9]{1,8})?$`)
)

// minor turns a price as pages write it ("449.00", 449, 134.1) into minor units of its currency
// (ISO 4217's number of decimals), half away from zero; what is no price becomes 0.
func minor(price text, code string) int64 {
	if !decimal.MatchString(string(price)) {
		return 0
	}
	unit, err := currency.ParseISO(code)
	if err != nil {
		return 0
	}
	decimals, _ := currency.Standard.Rounding(unit)
	r, _ := new(big.Rat).SetString(string(price))
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil)
	text := r.Mul(r, new(big.Rat).SetInt(scale)).FloatString(0)
	n, ok := new(big.Int).SetString(text, 10)
	if !ok || !n.IsInt64() {
		return 0
	}
	return n.Int64()
}

// text is a JSON string or number, taken as text: shops' ids and SKUs come as either.
type text string

func (t *text) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*t = text(s)
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return err
	}
	*t = text(n.String())
	return nil
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
