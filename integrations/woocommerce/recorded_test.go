package woocommerce

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"onethread/integrations/conformance"
	"onethread/models"
)

// recorded gives a delivery as a real store made it, to a channel that knows its secret.
func recorded(t *testing.T, name string) []models.Inbound {
	t.Helper()
	dir := conformance.Shared(t, "fixtures/channels/woocommerce/webhooks")
	var meta struct {
		Secret  string      `json:"secret"`
		Headers [][2]string `json:"headers"`
	}
	head, err := os.ReadFile(filepath.Join(dir, name+".headers.json"))
	if err == nil {
		err = json.Unmarshal(head, &meta)
	}
	if err != nil {
		t.Fatal(err)
	}
	req := models.HookRequest{Now: now, Header: map[string][]string{}}
	if req.Body, err = os.ReadFile(filepath.Join(dir, name+".body")); err != nil {
		t.Fatal(err)
	}
	for _, h := range meta.Headers {
		req.Header.Add(h[0], h[1])
	}
	hook := open(t, map[string]string{"store_url": "http://127.0.0.1:18080/", "secret": meta.Secret})
	got, err := hook.Parse(req)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	req.Body = append(req.Body, ' ')
	if _, err := hook.Parse(req); !models.IsCode(err, models.Unsigned) {
		t.Errorf("%s: one byte more verifies too", name)
	}
	return got
}

// TestRecordedDeliveries: what every captured call is, the numbers read from the bodies by eye.
func TestRecordedDeliveries(t *testing.T) {
	const (
		fifteen = `order 15 #15 completed GBP 24619 subtotal 26800 shipping 499 tax 0 discount 2680 refunded 0 [{Walnut Side Table TBL-WAL-1 1 13410 11} {Linen Shirt - M SHIRT-M 2 5355 12}] ` +
			`"Please leave with neighbour at no. 14 — thanks!" "" 2026-11-23T16:51:50.000Z 2026-11-23T16:51:51.000Z "Amelia Hart" [woocommerce 127.0.0.1:18080 2  proved email  amelia.hart@example.com  asserted phone  +44 7700 900123 GB asserted]`
		nineteen = `order 19 #19 on_hold EUR 54060 subtotal 45050 shipping 0 tax 9010 discount 0 refunded 0 [{Walnut Side Table TBL-WAL-1 3 14900 11} {Gift wrap  1 350 }] ` +
			`"" "" 2026-11-23T16:56:19.000Z 2026-11-23T16:56:19.000Z "O Ng" [email  Accounts@NG.example  asserted phone  07700900456 GB typed]`
		table  = `product 11 "Walnut Side Table" http://127.0.0.1:18080/product/walnut-side-table/ 2026-11-23T16:51:52.000Z gone false`
		amelia = `person "Amelia Hart" [woocommerce 127.0.0.1:18080 2  proved email  amelia.hart@example.com  asserted phone  +44 7700 900123 GB asserted]`
	)
	for name, want := range map[string]string{"001_ping": "", "013_product_created": table, "016_customer_created": amelia, "017_customer_updated": amelia, "019_order_created": fifteen, "020_order_updated": fifteen,
		"021_product_updated": table, "034_order_created": nineteen, "035_order_updated": nineteen, "040_order_deleted": "order 19 gone", "042_customer_deleted": ""} {
		var got string
		for _, in := range recorded(t, name) {
			got += describe(in)
		}
		if got != want {
			t.Errorf("%s:\n%s\n%s", name, got, want)
		}
	}
	for created, updated := range map[string]string{"019_order_created": "020_order_updated", "034_order_created": "035_order_updated", "016_customer_created": "017_customer_updated", "013_product_created": "021_product_updated"} {
		if a, b := recorded(t, created)[0].ExternalID, recorded(t, updated)[0].ExternalID; a != b {
			t.Errorf("one version, two ids: %s, %s", a, b)
		}
	}
}

func describe(in models.Inbound) string {
	switch p := in.Payload.(type) {
	case *models.OrderIn:
		o := p.Order
		if p.Gone {
			return fmt.Sprintf("order %s gone", o.ExternalID)
		}
		var lines []string
		for _, l := range o.Lines {
			lines = append(lines, fmt.Sprintf("{%s %s %d %d %s}", l.Title, l.SKU, l.Quantity, l.Price, l.ProductID))
		}
		return fmt.Sprintf("order %s #%s %s %s %d subtotal %d shipping %d tax %d discount %d refunded %d %s %q %q %s %s %q %s", o.ExternalID, o.Number, o.Status, o.Currency, o.Total, o.Subtotal, o.Shipping, o.Tax,
			o.Discount, o.Refunded, lines, o.Note, o.ShipTo, o.PlacedAt, o.UpdatedAt, in.Name, show(in.Hints))
	case *models.CatalogueIn:
		return fmt.Sprintf("product %s %q %s %s gone %v", p.Product.ExternalID, p.Product.Title, p.Product.URL, p.Product.UpdatedAt, p.Gone)
	case *models.PersonIn:
		return fmt.Sprintf("person %q %s", in.Name, show(in.Hints))
	}
	return fmt.Sprintf("%T %+v", in.Payload, in.Payload)
}

// TestRecordedREST: what the store's own API says of orders, customers and products reads the same way.
func TestRecordedREST(t *testing.T) {
	dir := conformance.Shared(t, "fixtures/channels/woocommerce/rest")
	read := map[string]int{}
	for file, topic := range map[string]string{"order_18.json": "order.updated", "orders_trash.json": "order.updated", "orders_search.json": "order.updated", "customers.json": "customer.updated", "products.json": "product.updated"} {
		b, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(strings.TrimSpace(string(b)), "[") {
			b = []byte("[" + string(b) + "]")
		}
		var all []json.RawMessage
		if err := json.Unmarshal(b, &all); err != nil {
			t.Fatal(err)
		}
		for _, one := range all {
			for _, in := range parse(t, topic, string(one)) {
				read[fmt.Sprintf("%s %T", file, in.Payload)]++
				if o, ok := in.Payload.(*models.OrderIn); ok && file == "orders_trash.json" && o.Order.Status != "deleted" {
					t.Errorf("an order in the trash is %s", o.Order.Status)
				}
			}
		}
	}
	want := map[string]int{"order_18.json *models.OrderIn": 1, "orders_trash.json *models.OrderIn": 1, "orders_search.json *models.OrderIn": 1, "customers.json *models.PersonIn": 1, "products.json *models.CatalogueIn": 2}
	if fmt.Sprint(read) != fmt.Sprint(want) {
		t.Errorf("%v", read)
	}
}
