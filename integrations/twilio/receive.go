package twilio

import (
	"context"
	"errors"
	"time"

	"onethread/models"
)

// receiver looks for messages that no webhook brought: Twilio tries a webhook for seconds only, so
// what comes while this server is away is found by asking.
type receiver struct {
	*account
	seen map[string]time.Time // ids delivered by this receiver, with their time
	deep time.Time            // when the long overlap was last read
}

// refusals in a row after which the credentials are believed to be wrong.
const refusals = 3

// Receive implements models.Receiver: it polls at once and then every few minutes, until ctx ends.
func (r *receiver) Receive(ctx context.Context, deliver models.Deliver) error {
	r.host.Status(ctx, models.Status{State: "connecting"})
	failures, refused := 0, 0
	for ctx.Err() == nil {
		err := r.round(ctx, deliver)
		if ctx.Err() != nil {
			break
		}
		if err == nil {
			failures, refused = 0, 0
			r.host.Status(ctx, models.Status{State: "live"})
			sleep(ctx, r.every)
			continue
		}
		status := models.Status{State: "waiting", Problem: err.Error()}
		pause := min(r.again<<min(failures, 20), r.every)
		failures++
		var said *models.SendError
		if errors.As(err, &said) {
			pause = max(pause, said.After)
		}
		if said != nil && said.Pause {
			refused++
		} else {
			refused = 0
		}
		if refused >= refusals {
			status.State, pause = "refused", r.rest
		}
		r.host.Log.Warn("twilio: looking for missed messages failed", "channel", r.channel, "error", err, "retry_in", pause)
		r.host.Status(ctx, status)
		sleep(ctx, pause)
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
