package store

// Setting reads one of the shop's own settings; ok is false when it was never set.
func Setting(q Q, key string) (value string, ok bool, err error) {
	var rows []string
	err = raw(q.db(), "SELECT value FROM settings WHERE key = ?", key).Scan(&rows).Error
	if err != nil || len(rows) == 0 {
		return "", false, err
	}
	return rows[0], true, nil
}

// DropSetting forgets one of the shop's own settings.
func DropSetting(tx *Tx, key string) error {
	return exec(tx.g, "DELETE FROM settings WHERE key = ?", key).Error
}

// SetSetting writes one of the shop's own settings.
func SetSetting(tx *Tx, key, value string) error {
	return exec(tx.g, "INSERT INTO settings(key, value) VALUES (?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value", key, value).Error
}
