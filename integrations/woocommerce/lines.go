package woocommerce

import (
	"fmt"
	"html"
	"strconv"

	"onethread/integrations/shopdata"
	"onethread/models"
)

// The most lines and parcels of an order that are kept.
const maxLines, maxParcels = 500, 100

// lines reads items and fees with what was paid for one piece; of more than maxLines the last line says
// how many more there are. subtotal is their sum before discounts, 0 where the store does not tell it
// exactly.
func lines(money *shopdata.Purse, t models.Tree) (out []models.OrderLine, subtotal int64) {
	items, exact := t.At("line_items").List(), &shopdata.Purse{Currency: money.Currency}
	for i, l := range items {
		out = append(out, item(money, l, fmt.Sprintf("line_items[%d].total", i)))
		before := l.At("subtotal")
		if before.Text() == "" {
			before = l.At("total")
		}
		subtotal += exact.Exact("subtotal", before)
	}
	for i, f := range t.At("fee_lines").List() {
		out = append(out, models.OrderLine{Title: shopdata.First(title(f), "Fee"), Quantity: 1, Price: money.Each(fmt.Sprintf("fee_lines[%d].total", i), f.At("total"), 1)})
		subtotal += exact.Exact("total", f.At("total"))
	}
	if exact.Fault != "" {
		subtotal = 0
	}
	if more := len(out) - (maxLines - 1); len(out) > maxLines {
		out = append(out[:maxLines-1], models.OrderLine{Title: fmt.Sprintf("… and %d more lines", more), Quantity: 1})
	}
	return out, subtotal
}

// item is one product. A quantity that is not whole (fabric by the metre) stands in the title, beside
// the price of the whole line.
func item(money *shopdata.Purse, l models.Tree, field string) models.OrderLine {
	line := models.OrderLine{Title: shopdata.First(title(l), "Item"), SKU: l.At("sku").Line(100), ProductID: l.At("product_id").ID(), Quantity: 1}
	amount := l.At("quantity").Line(20)
	if n, err := strconv.ParseInt(amount, 10, 32); err == nil {
		line.Quantity = int(n)
	} else if amount != "" {
		line.Title += " × " + amount
	}
	line.Price = money.Each(field, l.At("total"), line.Quantity)
	return line
}

// title is a name as people read it: WordPress keeps names with HTML entities for some authors.
func title(l models.Tree) string { return html.UnescapeString(l.At("name").Line(300)) }

// tracking reads the parcels that the Shipment Tracking extension keeps in the order's meta data.
func tracking(meta []models.Tree) []models.Tracking {
	var out []models.Tracking
	for _, m := range meta {
		if m.At("key").Text() != "_wc_shipment_tracking_items" {
			continue
		}
		for _, p := range m.At("value").List() {
			one := models.Tracking{Carrier: shopdata.First(p.At("formatted_tracking_provider").Line(100), p.At("tracking_provider").Line(100), p.At("custom_tracking_provider").Line(100)),
				Number: p.At("tracking_number").Line(100)}
			for _, link := range []string{p.At("formatted_tracking_link").Text(), p.At("custom_tracking_link").Text()} {
				if one.URL == "" && shopdata.WebURL(link) {
					one.URL = link
				}
			}
			if (one.Number != "" || one.URL != "") && len(out) < maxParcels {
				out = append(out, one)
			}
		}
	}
	return out
}
