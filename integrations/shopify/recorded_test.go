package shopify

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"onethread/integrations/conformance"
	"onethread/models"
)

// recorded gives a signed delivery as it stands in the fixtures, to a channel that knows its secret.
func recorded(t *testing.T, name string) []models.Inbound {
	t.Helper()
	dir := conformance.Shared(t, "fixtures/channels/shopify/webhooks")
	var meta struct {
		Secret  string            `json:"client_secret"`
		Headers map[string]string `json:"headers"`
	}
	readJSON(t, filepath.Join(dir, name+".headers.json"), &meta)
	body, err := os.ReadFile(filepath.Join(dir, name+".body.json"))
	if err != nil {
		t.Fatal(err)
	}
	req := models.HookRequest{Body: body, Now: now, Header: map[string][]string{}}
	for k, v := range meta.Headers {
		req.Header.Set(k, v)
	}
	hook := open(t, map[string]string{"shop_domain": "onethread-test.myshopify.com", "secret": meta.Secret})
	got, err := hook.Parse(req)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	req.Body = append(slices.Clone(body), ' ')
	if _, err := hook.Parse(req); !models.IsCode(err, models.Unsigned) {
		t.Errorf("%s: one byte more verifies too", name)
	}
	return got
}

func readJSON(t *testing.T, path string, v any) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestRecordedOrders: the numbers were read from the bodies by eye.
func TestRecordedOrders(t *testing.T) {
	for name, want := range map[string]string{
		"orders_create.rest2026":    `1073459969 1002 paid USD 19900 19900 0 0 0 "" 2025-04-02T16:30:59.000Z [{IPod Touch 8GB - Black IPOD2009BLACK 1 19900 921728736}] [] [order onethread-test.myshopify.com 1073459969  proved] ""`,
		"orders_fulfilled.rest2026": `1073459972 1002 fulfilled USD 19900 19900 0 0 0 "" 2025-04-02T16:31:05.000Z [{IPod Touch 8GB - Black IPOD2009BLACK 1 19900 921728736}] [] [shopify onethread-test.myshopify.com 1073339470  proved email  foo@example.com  asserted] ""`,
		"orders_paid.rest2026": `1073459963 1002 paid USD 27037 25592 1445 0 0 "" 2025-04-02T16:30:45.000Z [{Red Leather Coat  1 12999 } {Blue Suede Shoes  1 8595 } {Raspberry Beret  2 1999 }] [] ` +
			`[order onethread-test.myshopify.com 1073459963  proved] ""`,
		"orders_updated.rest2026": `450789469 1001 partially_refunded USD 59894 59700 1194 1000 20900 "Bob Norman, Chestnut Street 92, 40202 Louisville, Kentucky, United States" 2008-01-10T16:00:00.000Z ` +
			`[{IPod Nano - 8gb - green IPOD2008GREEN 1 19900 632910392} {IPod Nano - 8gb - red IPOD2008RED 1 19900 632910392} {IPod Nano - 8gb - black IPOD2008BLACK 1 19900 632910392}] ` +
			`[{USPS 1Z1234512345123456 https://tools.usps.com/go/TrackConfirmAction_input?qtc_tLabels1=1Z1234512345123456 failure}] ` +
			`[shopify onethread-test.myshopify.com 207119551  proved email  bob.norman@mail.example.com  asserted phone  +16136120707 US typed phone  +557734881234 US typed phone  +1(502)-459-2181 US typed] "Bob Norman"`,
	} {
		in := recorded(t, name)
		o := orderOf(t, in)
		var lines, parcels []string
		for _, l := range o.Lines {
			lines = append(lines, fmt.Sprintf("{%s %s %d %d %s}", l.Title, l.SKU, l.Quantity, l.Price, l.ProductID))
		}
		for _, p := range o.Tracking {
			parcels = append(parcels, fmt.Sprintf("{%s %s %s %s}", p.Carrier, p.Number, p.URL, p.Status))
		}
		got := fmt.Sprintf("%s %s %s %s %d %d %d %d %d %q %s %s %s %s %q", o.ExternalID, o.Number, o.Status, o.Currency, o.Total, o.Subtotal, o.Tax, o.Discount, o.Refunded, o.ShipTo, o.UpdatedAt,
			lines, parcels, show(in[0].Hints), in[0].Name)
		if got != want {
			t.Errorf("%s:\n%s\n%s", name, got, want)
		}
	}
	if r := recorded(t, "orders_updated.rest2026")[1].Payload.(*models.RefundIn).Refund; r.Amount != 20900 || r.ExternalID != "509562969" || r.Reason != "it broke during shipping" {
		t.Errorf("%+v", r)
	}
}

func TestRecordedPrivacyCalls(t *testing.T) {
	for _, name := range []string{"customers_data_request", "customers_redact"} {
		if reason := reasonOf(t, recorded(t, name)); !strings.Contains(reason, "john@example.com") {
			t.Error(reason)
		}
	}
}

// TestRecordedObjects: every order, customer, product and refund of Shopify's own REST examples is
// read as what it is, when it comes as a webhook.
func TestRecordedObjects(t *testing.T) {
	dir := conformance.Shared(t, "fixtures/channels/shopify")
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	topic := map[string]string{"order": "orders/updated", "customer": "customers/update", "product": "products/update", "refund": "refunds/create"}
	read := map[string]int{}
	for _, path := range paths {
		var file struct {
			Response map[string]json.RawMessage
			Order    json.RawMessage
		}
		b, err := os.ReadFile(path)
		if err != nil || json.Unmarshal(b, &file) != nil {
			continue // a list, or a file that is not about these
		}
		objects := file.Response
		if file.Order != nil {
			objects = map[string]json.RawMessage{"order": file.Order}
		}
		for kind, raw := range objects {
			kind = strings.TrimSuffix(kind, "s")
			var list []json.RawMessage
			if json.Unmarshal(raw, &list) != nil {
				list = []json.RawMessage{raw}
			}
			for _, one := range list {
				var has map[string]json.RawMessage
				if topic[kind] == "" || json.Unmarshal(one, &has) != nil || string(has["id"]) == "" || string(has["id"]) == "null" || (kind == "order" && has["updated_at"] == nil) {
					continue // a count, a calculation, or only chosen fields
				}
				for _, in := range parse(t, topic[kind], string(one)) {
					if u, ok := in.Payload.(*models.UnreadableIn); ok {
						t.Errorf("%s: %s: %s", filepath.Base(path), kind, u.Reason)
					}
					read[fmt.Sprintf("%T", in.Payload)]++
				}
			}
		}
	}
	t.Log(read)
	if read["*models.OrderIn"] < 5 || read["*models.RefundIn"] < 4 || read["*models.PersonIn"] < 4 {
		t.Errorf("too little was read: %v", read)
	}
}
