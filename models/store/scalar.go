package store

import "gorm.io/gorm"

// scalar runs a query that gives one value, and takes NULL or no row as zero. GORM's Row() is not
// used for it: when the statement cannot be prepared (a cancelled context, say) it returns an
// empty sql.Row, whose Scan panics; nor are its errors translated.
func scalar[T any](g *gorm.DB) (T, error) {
	var zero T
	var rows []T
	if err := g.Scan(&rows).Error; err != nil || len(rows) == 0 {
		return zero, err
	}
	return rows[0], nil
}
