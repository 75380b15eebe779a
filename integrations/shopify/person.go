package shopify

import (
	"fmt"
	"regexp"
	"strings"

	"onethread/integrations/shopdata"
	"onethread/models"
)

// person reads a customer's record: it links the account with its addresses.
func (s shop) person(c call, t models.Tree) []models.Inbound {
	cid := id(t.At("id"))
	if cid == "" || t.Has("line_items") || !t.Has("email") {
		return s.unreadable(c, "The signed body is not a customer: it has no id or no email field.")
	}
	b := hints{}
	s.account(&b, t, "customer record")
	in := s.inbound(c, "", &models.PersonIn{})
	in.Hints, in.Name, in.OccurredAt = b.list, person(t), moment(t.At("updated_at").Text())
	in.ExternalID = fmt.Sprintf("customer:%s:%s:%s", cid, shopdata.Stamp(in.OccurredAt), shopdata.Digest(in.Payload, append(in.Hints, models.Hint{Value: in.Name})))
	return []models.Inbound{in}
}

// hints collects addresses once each, the strongest first.
type hints struct{ list []models.Hint }

func (b *hints) add(h models.Hint) {
	for _, x := range b.list {
		if x.Kind == h.Kind && strings.EqualFold(x.Value, h.Value) {
			return
		}
	}
	b.list = append(b.list, h)
}

func (b *hints) email(t models.Tree, reason string) {
	value := t.Line(320)
	if at := strings.IndexByte(value, '@'); at > 0 && at < len(value)-1 {
		b.add(models.Hint{Kind: models.EmailIdentity, Value: value, Evidence: models.Asserted, Reason: reason})
	}
}

var phoneLike = regexp.MustCompile(`^[+(]*[0-9](?:[^0-9]*[0-9]){5,16}[^0-9]*$`)

func (b *hints) phone(t models.Tree, country string, e models.Evidence, reason string) {
	if value := t.Line(40); phoneLike.MatchString(value) {
		b.add(models.Hint{Kind: models.PhoneIdentity, Value: value, Country: country, Evidence: e, Reason: reason})
	}
}

// account adds a store account and what it says of itself. Its phone counts as the person's own only
// when they have set a password (state enabled); else somebody typed it at a checkout.
func (s shop) account(b *hints, t models.Tree, in string) {
	if cid := id(t.At("id")); cid != "" {
		b.add(models.Hint{Kind: "shopify", Scope: s.domain, Value: cid, Evidence: models.Proved, Reason: "account in a signed Shopify " + in})
	}
	b.email(t.At("email"), "email of the account in a signed Shopify "+in)
	evidence, reason := models.Typed, "phone of an account without a password in a signed Shopify "+in
	if t.At("state").Text() == "enabled" {
		evidence, reason = models.Asserted, "phone of a logged-in account in a signed Shopify "+in
	}
	b.phone(t.At("phone"), country(t.At("default_address")), evidence, reason)
}

// hints says whose order it is: the account, the email, and phones as far as they may count. An order
// that names nobody (a till, a withheld customer) gets an identity of its own, so that it has a
// thread, which staff can merge.
func (s shop) hints(t models.Tree, oid string) []models.Hint {
	b := hints{}
	s.account(&b, t.At("customer"), "order")
	b.email(t.At("email"), "email of a signed Shopify order")
	b.email(t.At("contact_email"), "email of a signed Shopify order")
	where := shopdata.First(country(t.At("billing_address")), country(t.At("shipping_address")))
	b.phone(t.At("phone"), where, models.Typed, "typed at a Shopify checkout")
	b.phone(t.At("billing_address", "phone"), where, models.Typed, "typed as the billing phone of a Shopify order")
	if len(b.list) == 0 {
		b.phone(t.At("shipping_address", "phone"), where, models.Typed, "typed as the delivery phone of a Shopify order")
	}
	if len(b.list) == 0 {
		b.add(models.Hint{Kind: models.OrderIdentity, Scope: s.domain, Value: oid, Evidence: models.Proved, Reason: "signed Shopify order that names nobody"})
	}
	return b.list
}

// buyer is the name of the account, else of who pays, else of who receives.
func buyer(t models.Tree) string {
	return shopdata.First(person(t.At("customer")), person(t.At("billing_address")), t.At("billing_address", "company").Line(100),
		person(t.At("shipping_address")), t.At("shipping_address", "company").Line(100))
}

func person(t models.Tree) string {
	return shopdata.First(strings.TrimSpace(t.At("first_name").Line(100)+" "+t.At("last_name").Line(100)), t.At("name").Line(200))
}

var alpha2 = regexp.MustCompile(`^[A-Z]{2}$`)

// country is an address's ISO 3166 code, for phones written without it.
func country(address models.Tree) string {
	if code := strings.ToUpper(address.At("country_code").Text()); alpha2.MatchString(code) {
		return code
	}
	return ""
}
