package orders

import (
	"cmp"
	"encoding/json"

	"onethread/models"
)

// progress orders the states of an order's life, for versions with the same clock: WooCommerce's has
// whole seconds, and an order may be paid and completed within one.
var progress = map[string]int{"pending": 1, "on_hold": 2, "authorized": 3, "failed": 4, "partially_paid": 5, "processing": 6, "paid": 7,
	"partially_fulfilled": 8, "shipped": 9, "fulfilled": 10, "delivered": 11, "completed": 12, "partially_refunded": 13, "refunded": 14,
	"cancelled": 15, deleted: 16}

// later tells whether a is a later version of an order than b: by the store's own clock; at the same
// moment the one further along; and where that is the same too, always the same one of the two,
// whichever came first.
func later(a, b models.Order) bool {
	if a.UpdatedAt != b.UpdatedAt {
		return a.UpdatedAt > b.UpdatedAt
	}
	if c := cmp.Compare(progress[a.Status], progress[b.Status]); c != 0 {
		return c > 0
	}
	return says(a) > says(b)
}

// says is what a version says, for comparison.
func says(o models.Order) string {
	d := o.Data()
	d.ID, d.CustomerID, d.Refunded, d.Refunds, d.PlacedAt = "", "", "", nil, 0 // ours, and what other events bring
	for i := range d.Lines {
		d.Lines[i].URL = ""
	}
	b, err := json.Marshal(d)
	if err != nil {
		return ""
	}
	return string(b)
}
