package privacy

import (
	"context"

	"onethread/models"
	"onethread/models/store"
)

// EraseRecord is Erase up to the thread and the traces.
func (p *Privacy) EraseRecord(ctx context.Context, user, customer models.ID) (store.Erasure, error) {
	return p.erase(ctx, user, customer)
}

// Tidy ends an erasure.
func (p *Privacy) Tidy(ctx context.Context) error { return p.tidy(ctx, nil) }
