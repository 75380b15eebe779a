package models

import (
	"math"
	"strconv"
	"strings"
)

// exponents are the ISO 4217 currencies whose minor unit is not a hundredth (ISO 4217:2015, table A.1).
var exponents = map[string]int{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0, "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3, "CLF": 4, "UYW": 4,
}

// Exponent is how many decimals a currency's amounts are written with.
func Exponent(currency string) int {
	if e, ok := exponents[currency]; ok {
		return e
	}
	return 2
}

// ParseAmount reads a decimal amount such as "538.00" or "-84.1" into minor units, exactly. More
// decimals than the currency has are accepted only when they are zero.
func ParseAmount(text, currency string) (int64, error) {
	bad := Errorf(Invalid, "%q is not an amount such as 538.00.", text)
	s, negative := strings.CutPrefix(strings.TrimSpace(text), "-")
	whole, frac, _ := strings.Cut(s, ".")
	exp := Exponent(currency)
	for len(frac) < exp {
		frac += "0"
	}
	if strings.Trim(frac[exp:], "0") != "" {
		return 0, Errorf(Invalid, "%q has more decimals than %s has.", text, currency)
	}
	digits := whole + frac[:exp]
	if whole == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, bad
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n == math.MinInt64 {
		return 0, bad
	}
	if negative {
		n = -n
	}
	return n, nil
}

// FormatAmount writes minor units as a decimal amount: FormatAmount(53800, "EUR") = "538.00".
func FormatAmount(minor int64, currency string) string {
	sign := ""
	if minor < 0 {
		sign, minor = "-", -minor
	}
	exp := Exponent(currency)
	digits := strconv.FormatInt(minor, 10)
	for len(digits) <= exp {
		digits = "0" + digits
	}
	if exp == 0 {
		return sign + digits
	}
	return sign + digits[:len(digits)-exp] + "." + digits[len(digits)-exp:]
}

// ValidCurrency tells whether code has the form of an ISO 4217 code (three capital letters).
func ValidCurrency(code string) bool {
	return len(code) == 3 && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}
