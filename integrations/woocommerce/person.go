package woocommerce

import (
	"fmt"
	"regexp"
	"strings"

	"onethread/integrations/shopdata"
	"onethread/models"
)

// person reads a customer's record: it links the account with its addresses.
func (s store) person(req models.HookRequest, t models.Tree) []models.Inbound {
	cid := t.At("id").ID()
	if cid == "" || t.Has("line_items") || !t.Has("email") {
		return s.unreadable(req, "The signed body is not a customer: it has no id or no email field.")
	}
	b := hints{}
	b.add(s.account(cid, "account in a signed WooCommerce customer record"))
	b.email(t.At("email"), "email of the account in a signed WooCommerce customer record")
	b.phone(t.At("billing"), models.Asserted, "phone of the account in a signed WooCommerce customer record")
	in := s.inbound(req, "", &models.PersonIn{})
	in.Hints, in.Name, in.OccurredAt = b.list, shopdata.First(name(t), name(t.At("billing"))), changed(t)
	in.ExternalID = fmt.Sprintf("customer:%s:%s:%s", cid, shopdata.Stamp(in.OccurredAt), shopdata.Digest(in.Payload, append(b.list, models.Hint{Value: in.Name})))
	return []models.Inbound{in}
}

func (s store) account(cid, reason string) models.Hint {
	return models.Hint{Kind: "woocommerce", Scope: s.scope, Value: cid, Evidence: models.Proved, Reason: reason}
}

// hints collects addresses, the strongest first.
type hints struct{ list []models.Hint }

func (b *hints) add(h models.Hint) { b.list = append(b.list, h) }

func (b *hints) email(t models.Tree, reason string) {
	value := t.Line(320)
	if at := strings.IndexByte(value, '@'); at > 0 && at < len(value)-1 {
		b.add(models.Hint{Kind: models.EmailIdentity, Value: value, Evidence: models.Asserted, Reason: reason})
	}
}

var (
	phoneLike = regexp.MustCompile(`^[+(]*[0-9](?:[^0-9]*[0-9]){5,16}[^0-9]*$`)
	alpha2    = regexp.MustCompile(`^[A-Z]{2}$`)
)

// phone reads the phone of a billing address; its country tells where a national number is from.
func (b *hints) phone(billing models.Tree, e models.Evidence, reason string) {
	country := strings.ToUpper(billing.At("country").Text())
	if !alpha2.MatchString(country) {
		country = ""
	}
	if value := billing.At("phone").Line(40); phoneLike.MatchString(value) {
		b.add(models.Hint{Kind: models.PhoneIdentity, Value: value, Country: country, Evidence: e, Reason: reason})
	}
}

// hints says whose order it is: the account (customer_id 0 is a guest), the email, the phone, which
// counts as the person's own only when they were logged in. An order that names nobody gets an identity
// of its own, so that it has a thread, which staff can merge.
func (s store) hints(t models.Tree, oid string) []models.Hint {
	b := hints{}
	evidence, how := models.Typed, "typed at a WooCommerce guest checkout"
	if cid := t.At("customer_id").ID(); cid != "" {
		evidence, how = models.Asserted, "phone of a signed WooCommerce order, logged in"
		b.add(s.account(cid, "signed WooCommerce order, logged in"))
	}
	b.email(t.At("billing", "email"), "email of a signed WooCommerce order")
	b.phone(t.At("billing"), evidence, how)
	if len(b.list) == 0 {
		b.add(models.Hint{Kind: models.OrderIdentity, Scope: s.scope, Value: oid, Evidence: models.Proved, Reason: "signed WooCommerce order that names nobody"})
	}
	return b.list
}

// buyer is who pays, else who receives.
func buyer(t models.Tree) string {
	pays, receives := t.At("billing"), t.At("shipping")
	return shopdata.First(name(pays), pays.At("company").Line(100), name(receives), receives.At("company").Line(100))
}

func name(t models.Tree) string {
	return strings.TrimSpace(t.At("first_name").Line(100) + " " + t.At("last_name").Line(100))
}

// postal is an address in its parts.
func postal(a models.Tree) models.Postal {
	return models.Postal{Name: strings.TrimSpace(a.At("first_name").Line(100) + " " + a.At("last_name").Line(100)), Line1: a.At("address_1").Line(200), Line2: a.At("address_2").Line(200),
		City: a.At("city").Line(100), Region: a.At("state").Line(100), Postcode: a.At("postcode").Line(20), Country: a.At("country").Line(60)}
}

// address is who and where on one line.
func address(a models.Tree) string {
	city := strings.TrimSpace(a.At("postcode").Line(20) + " " + a.At("city").Line(100))
	var parts []string
	for _, p := range []string{name(a), a.At("company").Line(100), a.At("address_1").Line(200), a.At("address_2").Line(200), city, a.At("state").Line(60), a.At("country").Line(60)} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ", ")
}
