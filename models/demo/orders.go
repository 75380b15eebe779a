package demo

import (
	"slices"
	"time"

	"onethread/models"
)

// Product is something the shop sells. Price is in cents.
type Product struct {
	SKU, Title, Path string
	Price            int64
	Words            string // what the storefront says about it
	Picture          string // its drawing, in the storefront's folder
}

// What the stories are about. The first three have a page on the storefront.
var (
	Desk   = Product{"WD140", "Walnut desk 140", "/desk", 44900, "A writing desk in oiled walnut, made in Paredes. 140 × 65 cm, two drawers, a groove at the back for cables.", "desk.svg"}
	Lamp   = Product{"LF01", "Farol table lamp", "/lamp", 8900, "A linen shade on a turned cork foot. Warm light, a cloth cable in brick red, and a switch that clicks as it should.", "lamp.svg"}
	Stool  = Product{"OT45", "Tripé oak stool", "/stool", 11900, "Three legs, so it never wobbles on old Lisbon floors. Solid oak, soaped by hand, 45 cm high.", "stool.svg"}
	sofa   = Product{"SA3", "Alfama sofa, three seats", "/", 129000, "", ""}
	chair  = Product{"CG02", "Graça dining chair", "/", 15900, "", ""}
	throw  = Product{"WS12", "Serra wool throw", "/", 7400, "", ""}
	mirror = Product{"ML60", "Lua mirror 60", "/", 18900, "", ""}
	rug    = Product{"CR20", "Cork rug 200 × 300", "/", 32000, "", ""}
	table  = Product{"RT90", "Ribeira side table", "/", 13900, "", ""}
	vase   = Product{"TV03", "Terra vase", "/", 3800, "", ""}
	shelf  = Product{"OS80", "Chiado shelf 80", "/", 21500, "", ""}
)

// Products are those the storefront shows.
var Products = []Product{Desk, Lamp, Stool}

func (p Product) times(n int) models.OrderLine {
	return models.OrderLine{Title: p.Title, SKU: p.SKU, Quantity: n, Price: p.Price}
}

func sum(lines []models.OrderLine) (total int64) {
	for _, l := range lines {
		total += int64(l.Quantity) * l.Price
	}
	return total
}

// order is an order as the shop system reports it, again and again, as it moves on.
type order struct {
	t       *thread
	o       models.Order
	version int
}

// buys begins an order. Shipping is in cents.
func (t *thread) buys(at time.Time, number, status, shipTo string, shipping int64, lines ...models.OrderLine) *order {
	o := &order{t: t, o: models.Order{ExternalID: number, Number: number, Status: status, Currency: "EUR", Subtotal: sum(lines), Shipping: shipping,
		Total: sum(lines) + shipping, ShipTo: shipTo, PlacedAt: models.At(at), Lines: lines}}
	o.report(at)
	return o
}

// becomes reports the order's next status, with a parcel if there is one.
func (o *order) becomes(at time.Time, status string, parcels ...models.Tracking) *order {
	o.o.Status = status
	o.o.Tracking = append(o.o.Tracking, parcels...)
	o.report(at)
	return o
}

func (o *order) report(at time.Time) {
	now := o.o
	now.UpdatedAt = models.At(at)
	now.Lines, now.Tracking = slices.Clone(o.o.Lines), slices.Clone(o.o.Tracking)
	o.version++
	o.t.in(at, o.t.Till, o.t.byStore(), o.t.next("order-"+o.o.Number), &models.OrderIn{Order: now}, "")
}

// dhl is a parcel. Its link stays on the sample shop's own site: nothing leads out.
func (t *thread) dhl(number string) models.Tracking {
	return models.Tracking{Carrier: "DHL", Number: number, URL: t.Site + "/parcel/" + number, Status: "in_transit"}
}
