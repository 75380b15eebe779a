package shopify

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"onethread/models"
)

func at(s string) models.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return models.At(t)
}

func orderOf(t testing.TB, in []models.Inbound) models.Order {
	t.Helper()
	if len(in) == 0 {
		t.Fatal("nothing was read")
	}
	o, ok := in[0].Payload.(*models.OrderIn)
	if !ok {
		t.Fatalf("not an order: %+v", in[0].Payload)
	}
	return o.Order
}

// reasonOf is why a body could not be read.
func reasonOf(t testing.TB, in []models.Inbound) string {
	t.Helper()
	if len(in) != 1 {
		t.Fatalf("%d events", len(in))
	}
	u, ok := in[0].Payload.(*models.UnreadableIn)
	if !ok || len(in[0].Raw) == 0 {
		t.Fatalf("not kept as unreadable: %+v", in[0])
	}
	return u.Reason
}

func TestOrderIsReadWhole(t *testing.T) {
	got := parse(t, "orders/updated", sample(t))
	o := orderOf(t, got)
	want := models.Order{ChannelID: 3, ExternalID: "9820982911946154508", Number: "1042", Status: "partially_fulfilled", Currency: "EUR", Total: 53800, Subtotal: 53050,
		Shipping: 1750, Discount: 1000, Refunded: 2000, Note: "Ring twice.\nThanks", ShipTo: "Ana Duarte, Rua Augusta 1, 1100-048 Lisboa, Portugal",
		Postal: models.Postal{Name: "Ana Duarte", Line1: "Rua Augusta 1", City: "Lisboa", Postcode: "1100-048", Country: "PT"},
		URL:    "https://casa.myshopify.com/admin/orders/9820982911946154508", PlacedAt: at("2026-11-20T09:30:00Z"), UpdatedAt: at("2026-11-20T10:31:00Z"),
		Lines:    []models.OrderLine{{Title: "Walnut desk 140", SKU: "WD140", Quantity: 1, Price: 44900, ProductID: "8012345678901234567"}, {Title: "Oil - Matt", Quantity: 2, Price: 4075}},
		Tracking: []models.Tracking{{Carrier: "DHL", Number: "00340434", URL: "https://dhl.example/00340434", Status: "in_transit"}, {Carrier: "DHL", Number: "00340435", Status: "in_transit"}}}
	if fmt.Sprintf("%+v", o) != fmt.Sprintf("%+v", want) {
		t.Errorf("got  %+v\nwant %+v", o, want)
	}
	in := got[0]
	if in.Name != "Ana Duarte" || in.Language != "pt-PT" || !in.Signed || in.OccurredAt != o.UpdatedAt || in.ChannelID != 3 || string(in.Raw) != sample(t) {
		t.Errorf("%+v", in)
	}
	if !strings.HasPrefix(in.ExternalID, "order:9820982911946154508:2026-11-20T10:31:00Z:") || len(in.ExternalID) != len("order:9820982911946154508:2026-11-20T10:31:00Z:")+8 {
		t.Error(in.ExternalID)
	}
}

func TestHintsClimbTheLadder(t *testing.T) {
	got := parse(t, "orders/updated", sample(t))[0].Hints
	want := []string{"shopify casa.myshopify.com 7115310001234567890  proved", "email  ana@example.com  asserted", "phone  +351912007031  asserted", "phone  912 007 032 PT typed"}
	if s := show(got); !slices.Equal(s, want) {
		t.Errorf("%q", s)
	}
	for _, h := range got {
		if h.Reason == "" {
			t.Errorf("%s has no reason", h.Value)
		}
	}
	guest := with(t, "customer", map[string]any{"id": 5, "state": "disabled", "phone": "+351912007031", "email": nil})
	if s := show(parse(t, "orders/updated", guest)[0].Hints); !slices.Contains(s, "phone  +351912007031  typed") || !slices.Contains(s, "email  Ana@Example.com  asserted") {
		t.Errorf("%q", s)
	}
}

func show(hints []models.Hint) []string {
	var out []string
	for _, h := range hints {
		out = append(out, fmt.Sprintf("%s %s %s %s %s", h.Kind, h.Scope, h.Value, h.Country, h.Evidence))
	}
	return out
}

// TestOrderOfNobody: a till's order has no customer, no address and no email.
func TestOrderOfNobody(t *testing.T) {
	in := parse(t, "orders/create", `{"id":820982911946154508,"name":"#7","currency":"EUR","total_price":"0.00","updated_at":"2026-11-20T10:31:00Z","line_items":[],"customer":null,"email":"","phone":"call me","billing_address":null,"source_name":"pos"}`)
	if s := show(in[0].Hints); !slices.Equal(s, []string{"order casa.myshopify.com 820982911946154508  proved"}) {
		t.Errorf("%q", s)
	}
	if o := orderOf(t, in); len(o.Lines) != 0 || o.Total != 0 || o.Number != "7" {
		t.Errorf("%+v", o)
	}
}

func TestStatus(t *testing.T) {
	for _, c := range []struct{ cancelled, financial, fulfillment, want string }{
		{"2026-11-20T10:31:00Z", "paid", "fulfilled", "cancelled"}, {"", "refunded", "fulfilled", "refunded"}, {"", "voided", "", "cancelled"}, {"", "paid", "fulfilled", "fulfilled"},
		{"", "partially_refunded", "partial", "partially_fulfilled"}, {"", "partially_refunded", "", "partially_refunded"}, {"", "paid", "", "paid"}, {"", "partially_paid", "", "partially_paid"},
		{"", "authorized", "", "authorized"}, {"", "pending", "", "pending"}, {"", "", "", "pending"}, {"", "expired", "restocked", "pending"},
	} {
		tree, err := models.ReadTree(fmt.Appendf(nil, `{"cancelled_at":%q,"financial_status":%q,"fulfillment_status":%q}`, c.cancelled, c.financial, c.fulfillment))
		if got := status(tree); err != nil || got != c.want || !slices.Contains(models.OrderStates, got) {
			t.Errorf("%+v: %s, %v", c, got, err)
		}
	}
}

func TestManyLines(t *testing.T) {
	for n, want := range map[int]int{0: 0, 1: 1, 500: 500, 501: 500, 2000: 500} {
		lines := make([]any, n)
		for i := range lines {
			lines[i] = map[string]any{"name": fmt.Sprint("Thing ", i), "quantity": 1, "price": "1.00"}
		}
		o := orderOf(t, parse(t, "orders/create", with(t, "line_items", lines)))
		if len(o.Lines) != want {
			t.Errorf("%d lines became %d", n, len(o.Lines))
		}
		if n > 500 && o.Lines[499].Title != fmt.Sprintf("… and %d more lines", n-499) {
			t.Error(o.Lines[499].Title)
		}
	}
}

func TestMoneyIsExactOrTheBodyIsKept(t *testing.T) {
	for _, c := range []struct {
		key   string
		value any
		words string
	}{
		{"total_price", "538.005", "total_price"}, {"total_price", "12,00", "total_price"}, {"total_price", nil, "total_price"}, {"total_price", true, "total_price"}, {"total_price", strings.Repeat("9", 400), "total_price"},
		{"total_tax", "1.999", "total_tax"}, {"total_discounts", "ten", "total_discounts"}, {"currency", "euros", "currency"}, {"currency", nil, "currency"}, {"currency", 7, "currency"},
		{"line_items", []any{map[string]any{"price": "1e3"}}, "line_items[0].price"},
		{"refunds", []any{map[string]any{"id": 1, "transactions": []any{map[string]any{"kind": "refund", "status": "success", "amount": "x"}}}}, "refunds[0]"},
	} {
		reason := reasonOf(t, parse(t, "orders/updated", with(t, c.key, c.value)))
		if !strings.Contains(reason, c.words) || !strings.Contains(reason, "1042") || len(reason) > 300 {
			t.Errorf("%s=%v: %s", c.key, c.value, reason)
		}
	}
	if o := orderOf(t, parse(t, "orders/updated", with(t, "currency", "XTS"))); o.Currency != "XTS" || o.Total != 53800 {
		t.Errorf("an unusual currency: %+v", o)
	}
	if o := orderOf(t, parse(t, "orders/updated", strings.Replace(with(t, "total_price", "538.0000"), "EUR", "KWD", -1))); o.Total != 538000 {
		t.Errorf("three decimals: %+v", o)
	}
}

// TestVersions: the same version under another topic or in another zone is the same event; another
// content of the same second is not.
func TestVersions(t *testing.T) {
	id := func(topic, body string) string { return parse(t, topic, body)[0].ExternalID }
	base := id("orders/create", sample(t))
	if id("orders/paid", sample(t)) != base || id("orders/fulfilled", with(t, "updated_at", "2026-11-20T10:31:00Z")) != base {
		t.Error("one version has two ids")
	}
	for key, value := range map[string]any{"note": "other", "updated_at": "2026-11-20T10:31:01Z", "financial_status": "refunded", "cancelled_at": "2026-11-20T10:31:00Z", "email": "eva@example.com", "id": "9820982911946154509"} {
		if id("orders/create", with(t, key, value)) == base {
			t.Errorf("another %s has the same id", key)
		}
	}
}

func TestDeletedOrder(t *testing.T) {
	in := parse(t, "orders/delete", `{"id":820982911946154508}`)
	if o := in[0].Payload.(*models.OrderIn); !o.Gone || o.Order.ExternalID != "820982911946154508" || o.Order.UpdatedAt != at("2026-11-20T11:00:00.123Z") || in[0].ExternalID != "order:820982911946154508:deleted" {
		t.Errorf("%+v", in[0])
	}
	late := request("orders/delete", `{"id":820982911946154508}`)
	late.Header.Set("X-Shopify-Triggered-At", "2099-01-01T00:00:00Z")
	if got, err := open(t, settings).Parse(late); err != nil || got[0].OccurredAt != models.At(now) {
		t.Errorf("a deletion from the future: %+v, %v", got, err)
	}
}
