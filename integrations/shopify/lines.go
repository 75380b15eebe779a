package shopify

import (
	"fmt"
	"strconv"

	"onethread/integrations/shopdata"
	"onethread/models"
)

// The most lines and parcels of an order that are kept.
const maxLines, maxParcels = 500, 100

// lines reads the line items; of more than maxLines the last line says how many more there are.
func lines(money *shopdata.Purse, all []models.Tree) []models.OrderLine {
	keep := all
	if len(all) > maxLines {
		keep = all[:maxLines-1]
	}
	var out []models.OrderLine
	for i, l := range keep {
		quantity, err := strconv.ParseInt(l.At("quantity").Text(), 10, 32)
		if err != nil {
			quantity = 1
		}
		out = append(out, models.OrderLine{Title: title(l), SKU: l.At("sku").Line(100), Quantity: int(quantity), ProductID: id(l.At("product_id")),
			Price: money.Each(fmt.Sprintf("line_items[%d].price", i), l.At("price"), 1)})
	}
	if more := len(all) - len(keep); more > 0 {
		out = append(out, models.OrderLine{Title: fmt.Sprintf("… and %d more lines", more), Quantity: 1})
	}
	return out
}

// title is the product with its variant.
func title(l models.Tree) string {
	if name := l.At("name").Line(300); name != "" {
		return name
	}
	name, variant := l.At("title").Line(300), l.At("variant_title").Line(100)
	if variant != "" {
		name += " - " + variant
	}
	return shopdata.First(name, "Item")
}

// tracking reads the parcels of all fulfilments that were not called off. A fulfilment may have
// several numbers, with as many addresses beside them.
func tracking(fulfillments []models.Tree) []models.Tracking {
	var out []models.Tracking
	for _, f := range fulfillments {
		if f.At("status").Text() == "cancelled" {
			continue
		}
		numbers, urls := f.At("tracking_numbers").List(), f.At("tracking_urls").List()
		if len(numbers) == 0 {
			numbers, urls = []models.Tree{f.At("tracking_number")}, []models.Tree{f.At("tracking_url")}
		}
		for i, n := range numbers {
			p := models.Tracking{Carrier: f.At("tracking_company").Line(100), Number: n.Line(100),
				Status: shopdata.First(f.At("shipment_status").Line(40), f.At("status").Line(40))}
			if i < len(urls) && shopdata.WebURL(urls[i].Text()) {
				p.URL = urls[i].Text()
			}
			if (p.Number != "" || p.URL != "") && len(out) < maxParcels {
				out = append(out, p)
			}
		}
	}
	return out
}
