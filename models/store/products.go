package store

import "onethread/models"

// SaveProduct inserts a product, or replaces an older version of it.
func SaveProduct(tx *Tx, p models.Product) error {
	return exec(tx.g, `INSERT INTO products(channel_id, external_id, title, url, updated_at) VALUES (?,?,?,?,?)
		ON CONFLICT(channel_id, external_id) DO UPDATE SET title = excluded.title, url = excluded.url, updated_at = excluded.updated_at
		WHERE excluded.updated_at > products.updated_at`, p.ChannelID, p.ExternalID, p.Title, p.URL, p.UpdatedAt).Error
}

// DropProduct forgets a product that its store deleted; one that was never known is no error.
func DropProduct(tx *Tx, channel models.ID, externalID string) error {
	return exec(tx.g, "DELETE FROM products WHERE channel_id = ? AND external_id = ?", channel, externalID).Error
}

// ProductURLs finds the pages of a store's products by their ids.
func ProductURLs(q Q, channel models.ID, ids []string) (map[string]string, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []models.Product
	err := raw(q.db(), "SELECT * FROM products WHERE channel_id = ? AND external_id IN ? AND url <> ''", channel, ids).Scan(&rows).Error
	out := map[string]string{}
	for _, p := range rows {
		out[p.ExternalID] = p.URL
	}
	return out, err
}
