// Package shopdata holds what reading a shop system's JSON takes, whichever shop it is: exact amounts,
// clocks and digests for external ids.
package shopdata

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"onethread/models"
)

// Purse reads amounts of one currency, in minor units, and remembers the first that is none in Fault:
// words that go on "the order cannot be read: …".
type Purse struct{ Currency, Fault string }

// NewPurse begins with a currency's code. One that is not of ISO 4217's form is a fault.
func NewPurse(code models.Tree) *Purse {
	p := &Purse{Currency: strings.ToUpper(code.Line(20))}
	if !models.ValidCurrency(p.Currency) {
		p.Fault = fmt.Sprintf("its currency is %q, which is not an ISO 4217 code such as EUR", code.Line(20))
	}
	return p
}

// Exact reads an amount that must fit the currency's decimals; empty is zero.
func (p *Purse) Exact(field string, t models.Tree) int64 {
	return p.read(field, t, func() (int64, error) { return models.ParseAmount(t.Text(), p.Currency) })
}

// Each reads what one of several pieces cost that cost t together; it may be rounded.
func (p *Purse) Each(field string, t models.Tree, quantity int) int64 {
	return p.read(field, t, func() (int64, error) { return models.UnitPrice(t.Text(), quantity, p.Currency) })
}

func (p *Purse) read(field string, t models.Tree, parse func() (int64, error)) int64 {
	if t.Text() == "" || p.Fault != "" {
		return 0
	}
	n, err := parse()
	if err != nil {
		p.Fault = fmt.Sprintf("its %s is %q, which is not an amount of %s", field, t.Line(40), p.Currency)
	}
	return n
}

// First is the first of the values that says something.
func First(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// Stamp writes a clock into an external id: in UTC, for one moment is written in many zones.
func Stamp(t models.Time) string {
	if t == 0 {
		return "-"
	}
	return t.Std().Format(time.RFC3339)
}

// WebURL tells an http or https address of a sensible length.
func WebURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && len(s) <= 2000
}

// Digest tells two versions of one second apart (some stores' clocks have no finer), and knows a copy
// by whatever topic it came: eight hexadecimal digits over what was read.
func Digest(payload models.Payload, hints []models.Hint) string {
	seen := fmt.Appendf(nil, "%T", payload)
	for _, h := range hints {
		seen = fmt.Appendf(seen, "|%q %q %q %s", h.Kind, h.Value, h.Country, h.Evidence)
	}
	b, _ := json.Marshal(payload) // structs of text and numbers: cannot fail
	sum := sha256.Sum256(append(seen, b...))
	return hex.EncodeToString(sum[:4])
}

// UnreadableID is the external id of a body that makes no sense.
func UnreadableID(body []byte) string {
	sum := sha256.Sum256(body)
	return "unreadable:" + hex.EncodeToString(sum[:16])
}
