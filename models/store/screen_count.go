package store

import (
	"sync/atomic"

	"gorm.io/gorm"
)

// CountReads counts every read statement of this store from now on, for tests that hold screens
// to their number of statements. Call it once.
func (s *Store) CountReads() *atomic.Int64 {
	var n atomic.Int64
	count := func(*gorm.DB) { n.Add(1) }
	_ = s.r.Callback().Query().After("gorm:query").Register("count", count)
	_ = s.r.Callback().Row().After("gorm:row").Register("count", count)
	return &n
}

// Lines runs a query of one column for tests that look behind the commands.
func Lines(q Q, sql string, args ...any) ([]string, error) {
	var out []string
	err := raw(q.db(), sql, args...).Scan(&out).Error
	return out, err
}
