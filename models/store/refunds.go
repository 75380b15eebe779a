package store

import "onethread/models"

// SaveRefund stores a refund, or its newer state, and brings its order's refunded sum up to date.
// It reports whether anything changed.
func SaveRefund(tx *Tx, r models.Refund) (changed bool, err error) {
	res := exec(tx.g, `INSERT INTO refunds(channel_id, order_external_id, order_number, external_id, amount, currency, status, reason, occurred_at) VALUES (?,?,?,?,?,?,?,?,?)
		ON CONFLICT(channel_id, external_id) DO UPDATE SET status = excluded.status, amount = excluded.amount, reason = excluded.reason, occurred_at = excluded.occurred_at
		WHERE excluded.occurred_at > refunds.occurred_at
		OR (excluded.occurred_at = refunds.occurred_at AND refunds.status = 'pending' AND excluded.status <> 'pending')`,
		r.ChannelID, r.OrderExternalID, r.OrderNumber, r.ExternalID, r.Amount, r.Currency, r.Status, r.Reason, r.OccurredAt)
	if res.Error != nil || res.RowsAffected == 0 {
		return false, res.Error
	}
	return true, SumRefunds(tx, r.ChannelID, r.OrderExternalID)
}

// SumRefunds recomputes an order's refunded sum from its refunds in its own currency.
func SumRefunds(tx *Tx, channel models.ID, orderExternalID string) error {
	return exec(tx.g, `UPDATE orders SET refunded = coalesce((SELECT sum(r.amount) FROM refunds r WHERE r.channel_id = orders.channel_id
		AND r.order_external_id = orders.external_id AND r.currency = orders.currency AND r.status <> 'failed'), 0) WHERE channel_id = ? AND external_id = ?`,
		channel, orderExternalID).Error
}

// WaitingRefunds lists the refunds of an order that no event shows yet, oldest first: they came
// before it, and did not say whose they are.
func WaitingRefunds(q Q, channel models.ID, orderExternalID string) ([]models.Refund, error) {
	var out []models.Refund
	err := raw(q.db(), "SELECT * FROM refunds WHERE channel_id = ? AND order_external_id = ? AND event_id IS NULL ORDER BY occurred_at, id",
		channel, orderExternalID).Scan(&out).Error
	return out, err
}

// RefundEvent finds the event that shows a refund; zero while none does.
func RefundEvent(q Q, channel models.ID, externalID string) (models.ID, error) {
	return firstID(q, "SELECT coalesce(event_id, 0) FROM refunds WHERE channel_id = ? AND external_id = ?", channel, externalID)
}

// SetRefundEvent remembers the event that shows a refund.
func SetRefundEvent(tx *Tx, channel models.ID, externalID string, event models.ID) error {
	return exec(tx.g, "UPDATE refunds SET event_id = ? WHERE channel_id = ? AND external_id = ?", event, channel, externalID).Error
}

// MarkGone remembers when the store deleted an order. The latest time counts.
func MarkGone(tx *Tx, channel models.ID, orderExternalID string, at models.Time) error {
	return exec(tx.g, `INSERT INTO gone_orders(channel_id, external_id, gone_at) VALUES (?,?,?)
		ON CONFLICT(channel_id, external_id) DO UPDATE SET gone_at = max(gone_at, excluded.gone_at)`, channel, orderExternalID, at).Error
}

// GoneAt tells when the store deleted an order; zero when it did not.
func GoneAt(q Q, channel models.ID, orderExternalID string) (models.Time, error) {
	return scalar[models.Time](raw(q.db(), "SELECT max(gone_at) FROM gone_orders WHERE channel_id = ? AND external_id = ?", channel, orderExternalID))
}
