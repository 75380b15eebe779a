package woocommerce

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

func TestCustomerLinksAddresses(t *testing.T) {
	in := parse(t, "customer.updated", `{"id":2,"email":"amelia@example.com","first_name":"","last_name":"","date_modified_gmt":null,"date_created_gmt":"2026-11-20 10:31:00","billing":{"first_name":"Amelia","last_name":"Hart","phone":"07700 900123","country":"gb"}}`)
	if _, ok := in[0].Payload.(*models.PersonIn); !ok || in[0].Name != "Amelia Hart" || !strings.HasPrefix(in[0].ExternalID, "customer:2:2026-11-20T10:31:00Z:") {
		t.Errorf("%+v", in[0])
	}
	if s := fmt.Sprint(show(in[0].Hints)); s != "[woocommerce casa.example 2  proved email  amelia@example.com  asserted phone  07700 900123 GB asserted]" {
		t.Error(s)
	}
}

func TestProductHasItsPage(t *testing.T) {
	for body, want := range map[string]string{
		`{"id":11,"name":"Salt &amp; Pepper","permalink":"https://casa.example/p/mill/","status":"publish","date_modified_gmt":"2026-11-20T10:31:00"}`: "https://casa.example/p/mill/",
		`{"id":11,"name":"Salt &amp; Pepper","permalink":"https://casa.example/?p=11","status":"draft"}`:                                               "",
		`{"id":11,"name":"Salt &amp; Pepper","permalink":"javascript:alert(1)","status":"publish"}`:                                                    "",
	} {
		p := parse(t, "product.updated", body)[0].Payload.(*models.CatalogueIn)
		if p.Gone || p.Product.URL != want || p.Product.ExternalID != "11" || p.Product.Title != "Salt & Pepper" {
			t.Errorf("%+v", p)
		}
	}
}

func TestWhatTellsNothingIsAcknowledged(t *testing.T) {
	for topic, body := range map[string]string{"coupon.created": `{"id":1}`, "customer.deleted": `{"id":2}`, "action.woocommerce_add_to_cart": `{"action":"woocommerce_add_to_cart","arg":"x"}`, "coupon.updated": "not JSON"} {
		if got := parse(t, topic, body); len(got) != 0 {
			t.Errorf("%s gave %+v", topic, got)
		}
	}
}

// TestKeyOrderChangesNothing: a JSON object has no order.
func TestKeyOrderChangesNothing(t *testing.T) {
	want := clean(parse(t, "order.updated", sample(t)))
	for seed := range uint64(100) {
		body := string(conformance.Shuffle(t, []byte(sample(t)), seed))
		if got := clean(parse(t, "order.updated", body)); !reflect.DeepEqual(got, want) {
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
		f.Add(uint8(i), `{"id":1,"email":null,"name":{},"line_items":{"1":{"quantity":-1,"total":-1e9}},"refunds":""}`)
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
