package email

import (
	"context"
	"time"

	"github.com/emersion/go-imap/v2"

	"onethread/models"
)

// progress is how far the older mail of a folder has been brought in, in mails.
type progress struct{ done, left int }

// live is the status of a connection that works, with the progress over all folders.
func (r *receiver) live() models.Status {
	s := models.Status{State: "live"}
	for _, p := range r.progress {
		s.Done, s.Total = s.Done+p.done, s.Total+p.done+p.left
	}
	return s
}

// expect counts the older mail that is to be brought in from a folder, before any of it is: the total stands
// from the beginning.
func (r *run) expect() error {
	box, err := r.session.examine(r.folder)
	if err != nil {
		return err
	}
	place, below := r.place, imap.UID(0)
	switch {
	case place.Validity != box.UIDValidity:
		place.Done = 0
	case place.Floor > 1:
		below = place.Floor - 1
	default:
		r.progress[r.folder] = progress{done: place.Done}
		return nil
	}
	uids, err := r.session.search(1, below, r.since())
	r.progress[r.folder] = progress{done: place.Done, left: len(uids)}
	return err
}

// since is how far back older mail is brought in.
func (r *run) since() time.Time {
	if r.junk {
		return r.settings.since
	}
	return r.settings.since.AddDate(0, 0, -r.settings.backfill)
}

// tell reports the progress, not more often than every second.
func (r *run) tell(ctx context.Context) {
	if now := r.host.Now(); now.Sub(r.told) >= time.Second {
		r.told = now
		r.host.Status(ctx, r.live())
	}
}
