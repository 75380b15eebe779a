package shopify

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"onethread/integrations/conformance"
	"onethread/models"
)

// TestRefundIsOneEvent: inside the order and from refunds/create, before or after it.
func TestRefundIsOneEvent(t *testing.T) {
	inside := parse(t, "orders/updated", sample(t))
	if len(inside) != 2 {
		t.Fatalf("%d events; a refund of nothing must not be one", len(inside))
	}
	late := parse(t, "refunds/create", `{"id":509562969001,"order_id":9820982911946154508,"processed_at":"2026-11-20T10:31:00Z","note":"scratch","transactions":[
		{"kind":"refund","status":"success","amount":"20.00","currency":"EUR"},{"kind":"refund","status":"failure","amount":"5.00","currency":"EUR"}],"refund_line_items":[]}`)
	if len(late) != 1 || late[0].ExternalID != inside[1].ExternalID || late[0].ExternalID != "refund:509562969001:done" || len(late[0].Hints) != 0 {
		t.Fatalf("%+v", late)
	}
	a, b := inside[1].Payload.(*models.RefundIn).Refund, late[0].Payload.(*models.RefundIn).Refund
	if a.OrderNumber != "1042" || b.OrderNumber != "" {
		t.Error(a.OrderNumber, b.OrderNumber)
	}
	b.OrderNumber = "1042"
	want := models.Refund{ChannelID: 3, OrderExternalID: "9820982911946154508", OrderNumber: "1042", ExternalID: "509562969001", Amount: 2000, Currency: "EUR", Status: "done", Reason: "scratch", OccurredAt: at("2026-11-20T10:31:00Z")}
	if a != want || b != want {
		t.Errorf("%+v\n%+v", a, b)
	}
}

func TestRefundStates(t *testing.T) {
	for transactions, want := range map[string]string{
		`{"kind":"refund","status":"pending","amount":"3.00","currency":"EUR"}`: "pending 300", `{"kind":"refund","status":"error","amount":"3.00","currency":"EUR"}`: "failed 300",
		`{"kind":"refund","status":"success","amount":3,"currency":"JPY"},{"kind":"refund","status":"success","amount":"4","currency":"JPY"}`: "done 7",
		`{"kind":"capture","status":"success","amount":"3.00","currency":"EUR"}`:                                                              "nothing", ``: "nothing",
		`{"kind":"refund","status":"success","amount":"3.005","currency":"EUR"}`: "unreadable", `{"kind":"refund","status":"success","amount":"3.00"}`: "unreadable",
		`{"kind":"refund","status":"success","amount":"3.00","currency":"EUR"},{"kind":"refund","status":"success","amount":"3.00","currency":"USD"}`: "unreadable",
	} {
		got := "nothing"
		for _, in := range parse(t, "refunds/create", `{"id":1,"order_id":2,"transactions":[`+transactions+`]}`) {
			got = "unreadable"
			if r, ok := in.Payload.(*models.RefundIn); ok {
				got = fmt.Sprint(r.Refund.Status, " ", r.Refund.Amount)
			}
		}
		if got != want {
			t.Errorf("%s: %s, want %s", transactions, got, want)
		}
	}
}

func TestCustomerLinksAddresses(t *testing.T) {
	in := parse(t, "customers/update", `{"id":7115310001234567890,"email":"ana@example.com","first_name":"Ana","last_name":"Duarte","state":"enabled","phone":"912007031","updated_at":"2026-11-20T11:31:00+01:00","default_address":{"country_code":"PT"}}`)
	if _, ok := in[0].Payload.(*models.PersonIn); !ok || in[0].Name != "Ana Duarte" || !strings.HasPrefix(in[0].ExternalID, "customer:7115310001234567890:2026-11-20T10:31:00Z:") {
		t.Errorf("%+v", in[0])
	}
	if s := fmt.Sprint(show(in[0].Hints)); s != "[shopify casa.myshopify.com 7115310001234567890  proved email  ana@example.com  asserted phone  912007031 PT asserted]" {
		t.Error(s)
	}
}

func TestProductHasItsPage(t *testing.T) {
	for body, want := range map[string]string{
		`{"id":8012345678901234567,"title":"Desk","handle":"walnut desk","status":"active","published_at":"2026-01-01T00:00:00Z","updated_at":"2026-11-20T10:31:00Z"}`: "https://casa.myshopify.com/products/walnut%20desk",
		`{"id":8012345678901234567,"title":"Desk","handle":"desk","status":"draft","published_at":"2026-01-01T00:00:00Z"}`:                                             "",
		`{"id":8012345678901234567,"title":"Desk","handle":"desk","status":"active","published_at":null}`:                                                              "",
	} {
		p := parse(t, "products/update", body)[0].Payload.(*models.CatalogueIn)
		if p.Gone || p.Product.URL != want || p.Product.ExternalID != "8012345678901234567" || p.Product.Title != "Desk" {
			t.Errorf("%+v", p)
		}
	}
	if p := parse(t, "products/delete", `{"id":8012345678901234567}`)[0].Payload.(*models.CatalogueIn); !p.Gone || p.Product.ExternalID != "8012345678901234567" {
		t.Errorf("%+v", p)
	}
}

func TestPrivacyCallsReachStaff(t *testing.T) {
	const body = `{"shop_id":954889,"shop_domain":"casa.myshopify.com","customer":{"id":191167,"email":"john@example.com","phone":"555-625-1199"}}`
	for topic, words := range map[string]string{"customers/data_request": "Export it", "customers/redact": "erased", "shop/redact": "all data of this shop"} {
		reason := reasonOf(t, parse(t, topic, body))
		if !strings.Contains(reason, words) || (topic != "shop/redact" && !strings.Contains(reason, "john@example.com")) {
			t.Errorf("%s: %s", topic, reason)
		}
	}
}

func TestWhatTellsNothingIsAcknowledged(t *testing.T) {
	for topic, body := range map[string]string{"orders/edited": `{"order_edit":{"id":1,"order_id":2}}`, "fulfillments/create": `{"id":1,"order_id":2}`, "fulfillments/update": `{}`, "customers/delete": `{"id":7}`,
		"carts/create": `{}`, "inventory_levels/update": `not even JSON`, "Order": `{"topic":"Order","action":"update"}`} {
		if got := parse(t, topic, body); len(got) != 0 {
			t.Errorf("%s gave %+v", topic, got)
		}
	}
}

// TestKeyOrderChangesNothing: a JSON object has no order.
func TestKeyOrderChangesNothing(t *testing.T) {
	want := clean(parse(t, "orders/updated", sample(t)))
	for seed := range uint64(100) {
		body := string(conformance.Shuffle(t, []byte(sample(t)), seed))
		if got := clean(parse(t, "orders/updated", body)); !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d:\n%+v\n%+v", seed, got, want)
		}
	}
}

func clean(all []models.Inbound) []models.Inbound {
	for i := range all {
		all[i].Raw = nil
	}
	return all
}

// FuzzParse: whatever is signed is read, kept as unreadable or passed over, never refused and never a
// panic; and twice it gives the same.
func FuzzParse(f *testing.F) {
	names := slices.Sorted(maps.Keys(topics))
	for i := range names {
		f.Add(uint8(i), sample(f))
		f.Add(uint8(i), `{"id":1,"order_id":2,"email":null,"title":{},"shop_domain":"","transactions":[{"kind":"refund","amount":-1e9}]}`)
	}
	f.Fuzz(func(t *testing.T, i uint8, body string) {
		topic := names[int(i)%len(names)]
		first, second := parse(t, topic, body), parse(t, topic, body)
		if !reflect.DeepEqual(first, second) {
			t.Errorf("twice gave\n%+v\n%+v", first, second)
		}
		for _, in := range first {
			if in.ExternalID == "" || len(in.ExternalID) > 500 || in.Payload == nil || !in.Signed {
				t.Errorf("%+v", in)
			}
			if u, ok := in.Payload.(*models.UnreadableIn); ok && (!bytes.Equal(in.Raw, []byte(body)) || u.Reason == "") {
				t.Errorf("not kept whole: %+v", in)
			}
			if o, ok := in.Payload.(*models.OrderIn); ok && !o.Gone && (len(in.Hints) == 0 || len(o.Order.Lines) > maxLines || !models.ValidCurrency(o.Order.Currency)) {
				t.Errorf("%+v", in)
			}
		}
	})
}
