package woocommerce

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

// each reads what one of several pieces cost; it may be rounded.
func (p *purse) each(field string, total models.Tree, quantity int) int64 {
	if total.Text() == "" || p.fault != "" {
		return 0
	}
	n, err := models.UnitPrice(total.Text(), quantity, p.currency)
	p.blame(field, total, err)
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

// moment reads a clock of a *_gmt field, which is UTC and does not say so; anything else is not set.
func moment(t models.Tree) models.Time {
	for _, layout := range []string{"2006-01-02T15:04:05", time.RFC3339, time.DateTime} {
		if at, err := time.Parse(layout, t.Text()); err == nil && at.Unix() > 0 {
			return models.At(at)
		}
	}
	return 0
}

// changed is an object's own clock: one that was never changed has only its beginning.
func changed(t models.Tree) models.Time {
	if at := moment(t.At("date_modified_gmt")); at != 0 {
		return at
	}
	return moment(t.At("date_created_gmt"))
}

// stamp writes a clock into an external id.
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
