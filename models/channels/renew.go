package channels

import (
	"context"
	"sync"

	"onethread/models"
	"onethread/models/store"
)

// renewals lets one caller at a time renew the secrets of a channel. The zero value is ready to use.
type renewals struct {
	mu    sync.Mutex
	turns map[models.ID]chan struct{}
}

// turn waits for the caller's turn at a channel.
func (r *renewals) turn(ctx context.Context, id models.ID) (done func(), err error) {
	r.mu.Lock()
	if r.turns == nil {
		r.turns = map[models.ID]chan struct{}{}
	}
	turn := r.turns[id]
	if turn == nil {
		turn = make(chan struct{}, 1)
		r.turns[id] = turn
	}
	r.mu.Unlock()
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// renew is models.Host's Renew. A channel that is not stored yet has only the value it came with.
func (r *Registry) renew(ctx context.Context, c models.Channel, key string, renew func(string) (string, error)) error {
	if c.ID == 0 {
		_, err := renew(c.Settings[key])
		return err
	}
	done, err := r.renewing.turn(ctx, c.ID)
	if err != nil {
		return err
	}
	defer done()
	now, err := r.st.Channel(r.st.Read(ctx), c.ID)
	if err != nil {
		return err
	}
	was := now.Settings[key]
	next, err := renew(was)
	if err != nil || next == was || next == "" {
		return err
	}
	p, _ := r.Provider(c.Type)
	// The provider has taken the old one back: what it gave instead is kept even if the caller goes away.
	return r.st.Write(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		return store.RenewSecret(tx, c.ID, key, was, next, secrets(p))
	})
}
