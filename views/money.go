package views

import (
	"strings"

	"onethread/models"
)

// symbols are written before the amount; other currencies are written as their code and a space.
var symbols = map[string]string{"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩",
	"BRL": "R$", "AUD": "A$", "CAD": "C$", "NZD": "NZ$"}

// Money writes minor units of a currency: "€1,284.50", "¥1,200", "SEK 90.00".
func Money(minor int64, currency string) string {
	return Price(models.FormatAmount(minor, currency), currency)
}

// Price writes a decimal amount as events carry it ("1284.50") with its currency. Empty stays
// empty; what is no number is shown as it came.
func Price(amount, currency string) string {
	if amount == "" {
		return ""
	}
	digits, negative := strings.CutPrefix(amount, "-")
	whole, rest, _ := strings.Cut(digits, ".")
	if strings.Trim(whole+rest, "0123456789") != "" {
		return amount
	}
	symbol, ok := symbols[currency]
	if !ok && currency != "" {
		symbol = currency + " "
	}
	out := symbol + grouped(whole)
	if rest != "" {
		out += "." + rest
	}
	if negative {
		return "−" + out
	}
	return out
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
