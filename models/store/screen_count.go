package store

import (
	"context"
	"sync/atomic"

	"gorm.io/gorm"
)

type countKey struct{}

// CountReads makes a context under which the read statements of this store are counted, for
// tests that hold screens to their number of statements.
func (s *Store) CountReads(ctx context.Context) (context.Context, *atomic.Int64) {
	var n atomic.Int64
	count := func(db *gorm.DB) {
		if n, ok := db.Statement.Context.Value(countKey{}).(*atomic.Int64); ok {
			n.Add(1)
		}
	}
	callbacks := s.r.Callback()
	if callbacks.Query().Get("count") == nil {
		_ = callbacks.Query().After("gorm:query").Register("count", count)
		_ = callbacks.Row().After("gorm:row").Register("count", count)
	}
	return context.WithValue(ctx, countKey{}, &n), &n
}
