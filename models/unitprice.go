package models

import (
	"math/big"
	"regexp"
)

// decimal bounds what is worth computing with: an exponent or a million digits would cost memory.
var decimal = regexp.MustCompile(`^-?[0-9]{1,18}(\.[0-9]{0,20})?$`)

// UnitPrice is what one piece of a line cost: total divided by quantity (less than 1 counts as 1), in
// minor units of currency, halves rounded away from zero. Only a line's unit price may be rounded;
// what an order costs is read by ParseAmount.
func UnitPrice(total string, quantity int, currency string) (int64, error) {
	if !decimal.MatchString(total) {
		return 0, Errorf(Invalid, "%.40q is not an amount such as 538.00.", total)
	}
	value, ok := new(big.Rat).SetString(total)
	if !ok {
		return 0, Errorf(Invalid, "%.40q is not an amount such as 538.00.", total)
	}
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(Exponent(currency))), nil)
	value.Mul(value, new(big.Rat).SetInt(scale))
	value.Quo(value, new(big.Rat).SetInt64(int64(max(quantity, 1))))
	half := big.NewRat(1, 2)
	if value.Sign() < 0 {
		half.Neg(half)
	}
	value.Add(value, half)
	minor := new(big.Int).Quo(value.Num(), value.Denom())
	if !minor.IsInt64() {
		return 0, Errorf(Invalid, "%.40q is too large for an amount.", total)
	}
	return minor.Int64(), nil
}
