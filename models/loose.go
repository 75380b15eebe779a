package models

import "encoding/json"

// Loose is a JSON string or number taken as text: shop systems write amounts and ids as either
// ("538.00" or 538.0), and ids beyond 2^53 must not pass through a float.
type Loose string

// UnmarshalJSON keeps a number's digits as they were written.
func (l *Loose) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*l = Loose(s)
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return err
	}
	*l = Loose(n.String())
	return nil
}
