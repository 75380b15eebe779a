package shopify

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"onethread/models"
)

// purse reads amounts of one currency and remembers the first that is none.
type purse struct{ currency, fault string }

func newPurse(code models.Tree) *purse {
	p := &purse{currency: strings.ToUpper(code.Line(20))}
	if !models.ValidCurrency(p.currency) {
		p.fault = fmt.Sprintf("its currency is %q, which is not an ISO 4217 code such as EUR", code.Line(20))
	}
	return p
}

// exact reads an amount that must fit the currency's decimals; empty is zero.
func (p *purse) exact(field string, t models.Tree) int64 {
	if t.Text() == "" || p.fault != "" {
		return 0
	}
	n, err := models.ParseAmount(t.Text(), p.currency)
	p.blame(field, t, err)
	return n
}

// unit reads the price of one piece, which may be rounded.
func (p *purse) unit(field string, t models.Tree) int64 {
	if t.Text() == "" || p.fault != "" {
		return 0
	}
	n, err := models.UnitPrice(t.Text(), 1, p.currency)
	p.blame(field, t, err)
	return n
}

func (p *purse) blame(field string, t models.Tree, err error) {
	if err != nil && p.fault == "" {
		p.fault = fmt.Sprintf("its %s is %q, which is not an amount of %s", field, t.Line(40), p.currency)
	}
}

// first is the first of the values that says something.
func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// id reads an object's id, which Shopify writes as a number or as gid://shopify/Order/450789469.
func id(t models.Tree) string {
	s := t.ID()
	return s[strings.LastIndexByte(s, '/')+1:]
}

// moment reads RFC 3339; anything else is not set.
func moment(s string) models.Time {
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || at.UnixMilli() <= 0 {
		return 0
	}
	return models.At(at)
}

// stamp writes a clock into an external id: in UTC, for one moment is written in many zones.
func stamp(t models.Time) string {
	if t == 0 {
		return "-"
	}
	return t.Std().Format(time.RFC3339)
}

func webURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && len(s) <= 2000
}
