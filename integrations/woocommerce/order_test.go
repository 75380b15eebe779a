package woocommerce

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

func show(hints []models.Hint) []string {
	var out []string
	for _, h := range hints {
		out = append(out, fmt.Sprintf("%s %s %s %s %s", h.Kind, h.Scope, h.Value, h.Country, h.Evidence))
	}
	return out
}

func TestOrderIsReadWhole(t *testing.T) {
	got := parse(t, "order.updated", sample(t))
	o := orderOf(t, got)
	want := models.Order{ChannelID: 3, ExternalID: "9007199254740993", Number: "1042", Status: "on_hold", Currency: "EUR", Total: 54060, Subtotal: 45551, Shipping: 499, Tax: 9010, Discount: 1000,
		Refunded: 8500, Note: "Ring twice.\nThanks", ShipTo: "Ana Duarte, Rua Augusta 1, 2º, 1100-048 Lisboa, PT",
		Postal: models.Postal{Name: "Ana Duarte", Line1: "Rua Augusta 1", Line2: "2º", City: "Lisboa", Postcode: "1100-048", Country: "PT"}, URL: "https://Casa.example/wp-admin/post.php?post=9007199254740993&action=edit",
		PlacedAt: at("2026-11-20T10:30:00Z"), UpdatedAt: at("2026-11-20T10:31:00Z"),
		Lines: []models.OrderLine{{Title: "Salt & Pepper Mill", SKU: "MILL", Quantity: 3, Price: 667, ProductID: "11"}, {Title: "Linen × 1.5", Quantity: 1, Price: 40700, ProductID: "12"},
			{Title: "Gift wrap", Quantity: 1, Price: 1851}},
		Tracking: []models.Tracking{{Carrier: "dhl", Number: "340434", URL: "https://dhl.example/340434"}, {Carrier: "CTT", Number: "RR2"}}}
	if fmt.Sprintf("%+v", o) != fmt.Sprintf("%+v", want) {
		t.Errorf("got  %+v\nwant %+v", o, want)
	}
	in := got[0]
	if in.Name != "Ana Duarte" || !in.Signed || in.OccurredAt != o.UpdatedAt || in.ChannelID != 3 || string(in.Raw) != sample(t) {
		t.Errorf("%+v", in)
	}
	if prefix := "order:9007199254740993:2026-11-20T10:31:00Z:"; !strings.HasPrefix(in.ExternalID, prefix) || len(in.ExternalID) != len(prefix)+8 {
		t.Error(in.ExternalID)
	}
}

func TestRefundsAreEventsOfTheirOwn(t *testing.T) {
	got := parse(t, "order.updated", sample(t))
	if len(got) != 3 {
		t.Fatalf("%d events; a refund of nothing must not be one", len(got))
	}
	want := models.Refund{ChannelID: 3, OrderExternalID: "9007199254740993", OrderNumber: "1042", ExternalID: "77", Amount: 8410, Currency: "EUR", Status: "done", Reason: "scratch", OccurredAt: at("2026-11-20T10:31:00Z")}
	if r := got[1].Payload.(*models.RefundIn).Refund; r != want || got[1].ExternalID != "refund:77" || len(got[1].Hints) != 0 {
		t.Errorf("%+v", got[1])
	}
	if r := got[2].Payload.(*models.RefundIn).Refund; r.Amount != 90 {
		t.Errorf("one decimal: %+v", r)
	}
	if later := parse(t, "order.updated", with(t, "date_modified_gmt", "2026-11-21T10:31:00")); later[1].ExternalID != got[1].ExternalID {
		t.Error("a later version of the order makes another refund of it")
	}
}

func TestHintsClimbTheLadder(t *testing.T) {
	hints := func(body string) []string { return show(parse(t, "order.updated", body)[0].Hints) }
	if s := hints(sample(t)); !slices.Equal(s, []string{"woocommerce casa.example 7  proved", "email  Ana@Example.com  asserted", "phone  912007031 PT asserted"}) {
		t.Errorf("%q", s)
	}
	if s := hints(with(t, "customer_id", 0)); !slices.Equal(s, []string{"email  Ana@Example.com  asserted", "phone  912007031 PT typed"}) {
		t.Errorf("a guest: %q", s)
	}
	for _, billing := range []any{nil, []int{}, map[string]any{"email": "", "phone": "x", "country": "Portugal"}} {
		if s := hints(strings.Replace(with(t, "billing", billing), `"customer_id":7`, `"customer_id":null`, 1)); !slices.Equal(s, []string{"order casa.example 9007199254740993  proved"}) {
			t.Errorf("nobody: %q", s)
		}
	}
	for _, h := range parse(t, "order.updated", sample(t))[0].Hints {
		if h.Reason == "" {
			t.Errorf("%s has no reason", h.Value)
		}
	}
}

func TestAccountsBelongToTheirShop(t *testing.T) {
	for url, scope := range map[string]string{"https://Casa.example/": "casa.example", "https://casa.example/shop/": "casa.example/shop", "http://casa.example:8080/?x=1#y": "casa.example:8080"} {
		if s := newStore(models.Channel{Settings: map[string]string{"store_url": url}}); s.scope != scope {
			t.Errorf("%s: %q", url, s.scope)
		}
	}
}

func TestStatus(t *testing.T) {
	for state, want := range map[string]string{"pending": "pending", "processing": "processing", "on-hold": "on_hold", "completed": "completed", "cancelled": "cancelled", "refunded": "refunded", "failed": "failed",
		"trash": "deleted", "wc-completed": "completed", "awaiting-pickup": "awaiting_pickup", "Ünwörd!": "pending", "": "pending"} {
		if o := orderOf(t, parse(t, "order.updated", with(t, "status", state))); o.Status != want {
			t.Errorf("%s: %s", state, o.Status)
		}
	}
	for _, state := range []string{"checkout-draft", "auto-draft"} {
		if got := parse(t, "order.created", with(t, "status", state)); len(got) != 0 {
			t.Errorf("%s gave %+v", state, got)
		}
	}
}

func TestManyLines(t *testing.T) {
	for n, want := range map[int]int{0: 1, 499: 500, 500: 500, 2000: 500} { // and one fee
		lines := make([]any, n)
		for i := range lines {
			lines[i] = map[string]any{"name": fmt.Sprint("Thing ", i), "quantity": 1, "total": "1.00"}
		}
		o := orderOf(t, parse(t, "order.created", with(t, "line_items", lines)))
		if len(o.Lines) != want {
			t.Errorf("%d lines became %d", n, len(o.Lines))
		}
		if n > 499 && o.Lines[499].Title != fmt.Sprintf("… and %d more lines", n+1-499) {
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
		{"total", "540.605", "total"}, {"total", "12,00", "total"}, {"total", nil, "total"}, {"total", "", "total"}, {"total", []int{1}, "total"}, {"total_tax", "1.999", "total_tax"},
		{"discount_total", "ten", "discount_total"}, {"shipping_total", "4.9999", "shipping_total"}, {"currency", "euros", "currency"}, {"currency", nil, "currency"},
		{"line_items", []any{map[string]any{"total": "1e3"}}, "line_items[0].total"}, {"fee_lines", []any{map[string]any{"total": "x"}}, "fee_lines[0].total"}, {"refunds", []any{map[string]any{"id": 1, "total": "-1.001"}}, "refunds[0].total"},
	} {
		reason := reasonOf(t, parse(t, "order.updated", with(t, c.key, c.value)))
		if !strings.Contains(reason, c.words) || !strings.Contains(reason, "1042") || len(reason) > 300 {
			t.Errorf("%s=%v: %s", c.key, c.value, reason)
		}
	}
	if o := orderOf(t, parse(t, "order.updated", with(t, "currency", "XTS"))); o.Currency != "XTS" || o.Total != 54060 {
		t.Errorf("an unusual currency: %+v", o)
	}
	if o := orderOf(t, parse(t, "order.updated", with(t, "total", "540.6000"))); o.Total != 54060 {
		t.Errorf("four decimals: %+v", o)
	}
}

// TestVersions: the same version under another topic is the same event, as a retry is; another content
// of the same second is not.
func TestVersions(t *testing.T) {
	id := func(topic, body string) string { return parse(t, topic, body)[0].ExternalID }
	base := id("order.created", sample(t))
	if id("order.updated", sample(t)) != base || id("order.restored", with(t, "date_modified", "2026-11-20T23:00:00")) != base {
		t.Error("one version has two ids")
	}
	for key, value := range map[string]any{"status": "completed", "customer_note": "other", "date_modified_gmt": "2026-11-20T10:31:01", "customer_id": 8, "id": 9007199254740992, "total": "1.00"} {
		if id("order.created", with(t, key, value)) == base {
			t.Errorf("another %s has the same id", key)
		}
	}
}

// TestTrash: the order goes, and the product.deleted that WooCommerce sends along names no product.
func TestTrash(t *testing.T) {
	in := parse(t, "order.deleted", `{"id":19}`)
	if o := in[0].Payload.(*models.OrderIn); !o.Gone || o.Order.ExternalID != "19" || o.Order.UpdatedAt != models.At(now) || in[0].ExternalID != "order:19:deleted" {
		t.Errorf("%+v", in[0])
	}
	late := request("order.deleted", `{"id":19}`)
	late.Now = now.Add(24 * time.Hour)
	if got, err := open(t, settings).Parse(late); err != nil || got[0].ExternalID != in[0].ExternalID {
		t.Errorf("a day later it is another event: %+v, %v", got, err)
	}
	bogus := parse(t, "product.deleted", `{"id":19}`)
	if p := bogus[0].Payload.(*models.CatalogueIn); !p.Gone || p.Product.ExternalID != "19" || bogus[0].ExternalID != "product:19:deleted" {
		t.Errorf("%+v", bogus[0])
	}
}
