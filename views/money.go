package views

import (
	"strconv"
	"strings"

	"golang.org/x/text/currency"
)

// symbols are written before the amount; other currencies are written as their code and a space.
var symbols = map[string]string{"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩",
	"BRL": "R$", "AUD": "A$", "CAD": "C$", "NZD": "NZ$", "PLN": "zł ", "CHF": "CHF "}

// Money writes an amount of minor units: "€1,284.50", "¥1,200", "SEK 90.00". The number of
// decimals is ISO 4217's, as golang.org/x/text/currency tells it.
func Money(minor int64, code string) string {
	sign := ""
	if minor < 0 {
		sign, minor = "−", -minor
	}
	if minor < 0 { // the one amount that has no positive twin
		minor = 0
	}
	decimals := 2
	if unit, err := currency.ParseISO(code); err == nil {
		decimals, _ = currency.Standard.Rounding(unit)
	}
	digits := strconv.FormatInt(minor, 10)
	if len(digits) <= decimals {
		digits = strings.Repeat("0", decimals-len(digits)+1) + digits
	}
	whole, cents := digits[:len(digits)-decimals], digits[len(digits)-decimals:]
	out := sign + symbol(code) + grouped(whole)
	if decimals > 0 {
		out += "." + cents
	}
	return out
}

func symbol(code string) string {
	if s, ok := symbols[code]; ok {
		return s
	}
	if code == "" {
		return ""
	}
	return code + " "
}

func grouped(digits string) string {
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}
