package store

import (
	"fmt"

	"onethread/models"
)

// OrderByExternalID finds an order by its store's id; ok is false when it is not there.
func OrderByExternalID(q Q, channel models.ID, externalID string) (o models.Order, ok bool, err error) {
	var rows []models.Order
	err = raw(q.db(), "SELECT * FROM orders WHERE channel_id = ? AND external_id = ?", channel, externalID).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return models.Order{}, false, err
	}
	return rows[0], true, nil
}

// SaveOrder inserts the order, or replaces the stored version when o.ID is set, with its lines,
// tracking and search row.
func SaveOrder(tx *Tx, o models.Order) (models.ID, error) {
	var err error
	if o.ID == 0 {
		o.ID, err = insert(tx, `INSERT INTO orders(channel_id, customer_id, anchor_identity_id, external_id, number, status, currency, total, subtotal,
			shipping, tax, discount, refunded, note, ship_to, buyer, ship_parts, ship_key, url, placed_at, updated_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) RETURNING id`,
			o.ChannelID, o.CustomerID, o.AnchorID, o.ExternalID, o.Number, o.Status, o.Currency, o.Total, o.Subtotal,
			o.Shipping, o.Tax, o.Discount, o.Refunded, o.Note, o.ShipTo, o.Buyer, o.ShipParts, o.ShipKey, o.URL, o.PlacedAt, o.UpdatedAt)
	} else {
		err = exec(tx.g, `UPDATE orders SET number=?, status=?, currency=?, total=?, subtotal=?, shipping=?, tax=?, discount=?, note=?, ship_to=?, buyer=?, ship_parts=?, ship_key=?,
			url=?, placed_at=?, updated_at=? WHERE id=?`, o.Number, o.Status, o.Currency, o.Total, o.Subtotal, o.Shipping, o.Tax, o.Discount,
			o.Note, o.ShipTo, o.Buyer, o.ShipParts, o.ShipKey, o.URL, o.PlacedAt, o.UpdatedAt, o.ID).Error
	}
	if err != nil {
		return 0, err
	}
	return o.ID, saveOrderParts(tx, o)
}

func saveOrderParts(tx *Tx, o models.Order) error {
	for _, sql := range []string{"DELETE FROM order_lines WHERE order_id = ?", "DELETE FROM tracking WHERE order_id = ?"} {
		if err := exec(tx.g, sql, o.ID).Error; err != nil {
			return err
		}
	}
	for i, l := range o.Lines {
		err := exec(tx.g, "INSERT INTO order_lines(order_id, position, title, sku, quantity, price, product_id, url) VALUES (?,?,?,?,?,?,?,?)",
			o.ID, i, l.Title, l.SKU, l.Quantity, l.Price, l.ProductID, l.URL).Error
		if err != nil {
			return err
		}
	}
	for _, t := range o.Tracking {
		err := exec(tx.g, "INSERT INTO tracking(order_id, carrier, number, url, status) VALUES (?,?,?,?,?)", o.ID, t.Carrier, t.Number, t.URL, t.Status).Error
		if err != nil {
			return err
		}
	}
	tx.unindexed.orders = append(tx.unindexed.orders, o.ID)
	return nil
}

// SetOrderEvent remembers the event that first showed an order.
func SetOrderEvent(tx *Tx, order, event models.ID) error {
	return exec(tx.g, "UPDATE orders SET event_id = ? WHERE id = ?", event, order).Error
}

// Order finds an order with its lines, tracking and refunds.
func Order(q Q, id models.ID) (models.Order, error) {
	var o models.Order
	if err := raw(q.db(), "SELECT * FROM orders WHERE id = ?", id).Take(&o).Error; err != nil {
		return o, notFound(err, "order")
	}
	full, err := withParts(q, []models.Order{o})
	if err != nil {
		return o, err
	}
	return full[0], nil
}

// OrderFilter narrows Orders; zero fields do not.
type OrderFilter struct {
	CustomerID models.ID
	Status     string
	Number     string
	Before     models.Time // keyset: placed before this, or at it with a smaller id
	BeforeID   models.ID
	Limit      int
}

// Orders lists orders, newest first, with their lines, tracking and refunds.
func Orders(q Q, f OrderFilter) ([]models.Order, error) {
	if f.Before == 0 {
		f.Before, f.BeforeID = 1<<62, 1<<62
	}
	where, args := "(placed_at, id) < (?, ?)", []any{f.Before, f.BeforeID}
	for _, c := range []struct {
		column string
		value  any
		set    bool
	}{{"customer_id", f.CustomerID, f.CustomerID != 0}, {"status", f.Status, f.Status != ""}, {"number", f.Number, f.Number != ""}} {
		if c.set {
			where += fmt.Sprintf(" AND %s = ?", c.column)
			args = append(args, c.value)
		}
	}
	var rows []models.Order
	err := raw(q.db(), "SELECT * FROM orders WHERE "+where+" ORDER BY placed_at DESC, id DESC LIMIT ?", append(args, f.Limit)...).Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	return withParts(q, rows)
}

func withParts(q Q, orders []models.Order) ([]models.Order, error) {
	if len(orders) == 0 {
		return orders, nil
	}
	at := map[models.ID]int{}
	ids := make([]models.ID, len(orders))
	for i, o := range orders {
		at[o.ID], ids[i] = i, o.ID
	}
	var lines []models.OrderLine
	if err := raw(q.db(), "SELECT * FROM order_lines WHERE order_id IN ? ORDER BY order_id, position", ids).Scan(&lines).Error; err != nil {
		return nil, err
	}
	for _, l := range lines {
		o := &orders[at[l.OrderID]]
		o.Lines = append(o.Lines, l)
	}
	var parcels []models.Tracking
	if err := raw(q.db(), "SELECT * FROM tracking WHERE order_id IN ? ORDER BY id", ids).Scan(&parcels).Error; err != nil {
		return nil, err
	}
	for _, t := range parcels {
		o := &orders[at[t.OrderID]]
		o.Tracking = append(o.Tracking, t)
	}
	var refunds []struct {
		models.Refund
		OrderID models.ID
	}
	err := raw(q.db(), "SELECT r.*, o.id AS order_id FROM refunds r JOIN orders o ON o.channel_id = r.channel_id AND o.external_id = r.order_external_id WHERE o.id IN ? ORDER BY r.occurred_at, r.id", ids).Scan(&refunds).Error
	for _, r := range refunds {
		o := &orders[at[r.OrderID]]
		o.Refunds = append(o.Refunds, r.Refund)
	}
	return orders, err
}

// Spend is what a customer bought, in one currency: paid or later, less what was refunded.
type Spend struct {
	Currency string
	Orders   int
	Net      int64 // minor units
}

// SpendOf sums a customer's orders by currency, largest first.
func SpendOf(q Q, customer models.ID) ([]Spend, error) {
	var out []Spend
	err := raw(q.db(), `SELECT currency, count(*) AS orders, sum(CASE WHEN status IN ('pending','cancelled','failed','authorized','deleted') THEN 0 ELSE total - refunded END) AS net
		FROM orders WHERE customer_id = ? GROUP BY currency ORDER BY net DESC`, customer).Scan(&out).Error
	return out, err
}

// SharersOfHousehold lists customers with an order under the same name to the same place, up to a limit.
func SharersOfHousehold(q Q, key string, not models.ID, limit int) ([]models.ID, error) {
	var out []models.ID
	err := raw(q.db(), "SELECT DISTINCT customer_id FROM orders WHERE ship_key = ? AND ship_key <> '' AND customer_id <> ? LIMIT ?", key, not, limit).Scan(&out).Error
	return out, err
}
