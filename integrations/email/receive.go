package email

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"

	"onethread/models"
)

// receiver pulls the mail of a mailbox: of its inbox, and of the folder where the mail programs of staff
// put what they send.
type receiver struct {
	settings settings
	host     models.Host
	channel  models.ID
	compared map[string]comparison // with what is known of a folder
	progress map[string]progress   // of the older mail, by folder
	told     time.Time             // when it was last told
	rest     func(ctx context.Context, d time.Duration)
}

// Waits between attempts to connect. The longest, with its jitter, is a minute: that is how
// long mail may lie waiting once a network is back.
const (
	firstWait   = time.Second
	longestWait = 50 * time.Second
	refusedWait = time.Hour
	refusals    = 3 // in a row; asking more often gets accounts locked
)

// backfillRound is how many older mails are brought in before new mail is looked for again.
const backfillRound = 500

// Receive implements models.Receiver: it connects, brings in what is new, then older mail in
// rounds, waits for more, and connects again whatever happens.
func (r *receiver) Receive(ctx context.Context, deliver models.Deliver) error {
	pause, refusedSoFar := firstWait, 0
	for ctx.Err() == nil {
		if refusedSoFar < refusals { // else the hourly try must not look like the end of the trouble
			r.host.Status(ctx, models.Status{State: "connecting"})
		}
		began := r.host.Now()
		err := r.connection(ctx, deliver)
		if ctx.Err() != nil {
			break
		}
		status := models.Status{State: "waiting", Problem: explain(err, r.settings.imap, "IMAP")}
		if r.host.Now().Sub(began) > longestWait {
			pause = firstWait // it had worked for a while
		}
		if errors.As(err, new(refused)) {
			refusedSoFar++
		} else if !errors.As(err, new(unreached)) {
			refusedSoFar = 0
		}
		wait := time.Duration(float64(pause) * (0.8 + 0.4*rand.Float64()))
		if refusedSoFar >= refusals {
			status.State, wait = "refused", refusedWait
		}
		r.host.Log.Warn("email: connection ended", "channel", r.channel, "error", err, "retry_in", wait)
		r.host.Status(ctx, status)
		r.rest(ctx, wait)
		pause = min(2*pause, longestWait)
	}
	return nil
}

// unreached marks failures before the server could judge the credentials.
type unreached struct{ err error }

func (u unreached) Error() string { return u.err.Error() }
func (u unreached) Unwrap() error { return u.err }

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// connection is the life of one IMAP connection; it always ends with an error.
func (r *receiver) connection(ctx context.Context, deliver models.Deliver) error {
	s, err := openMailbox(ctx, r.settings.imap, r.settings.timeout, r.host)
	if err != nil {
		return err
	}
	defer s.close()
	runs, err := r.runs(ctx, s, deliver)
	if err != nil {
		return err
	}
	for {
		more := false
		for _, run := range runs {
			left, err := run.round(ctx)
			if err != nil {
				return err
			}
			more = more || left
		}
		if more {
			continue
		}
		r.host.Status(ctx, r.live())
		if len(runs) > 1 { // the server announces what is new in the folder that was opened last
			box, err := s.examine(r.settings.folder)
			if err != nil {
				return err
			}
			if box.UIDNext > runs[0].place.High+1 {
				continue // it came while we looked elsewhere, and will not be announced again
			}
		}
		if err := s.wait(ctx, min(r.settings.idle, r.settings.poll)); err != nil {
			return err
		}
	}
}

// runs are the folders to read over a connection: the inbox, and the ones with sent mail and with spam
// where they are and the settings want them.
func (r *receiver) runs(ctx context.Context, s *session, deliver models.Deliver) ([]*run, error) {
	folders := []*run{{receiver: r, session: s, deliver: deliver, folder: r.settings.folder}}
	if r.settings.readSent {
		name, err := s.sentFolder(r.settings.sentFolder)
		if err != nil {
			return nil, err
		}
		if name != "" && name != r.settings.folder {
			folders = append(folders, &run{receiver: r, session: s, deliver: deliver, folder: name, sent: true})
		}
	}
	if r.settings.readJunk {
		name, err := s.junkFolder()
		if err != nil {
			return nil, err
		}
		if name != "" && name != r.settings.folder {
			folders = append(folders, &run{receiver: r, session: s, deliver: deliver, folder: name, junk: true})
		}
	}
	for _, f := range folders {
		if err := f.load(ctx); err != nil {
			return nil, err
		}
		if err := f.expect(); err != nil {
			return nil, err
		}
	}
	return folders, nil
}

// cursorName is under which name the place is kept: one per folder.
func (r *run) cursorName() string { return "imap:" + r.folder }

// place is how far a folder has been read: High is the largest UID done (all below it are done
// or history), Floor the smallest one of the backfill. It holds for one UIDVALIDITY.
type place struct {
	Validity uint32   `json:"uidvalidity"`
	High     imap.UID `json:"high"`
	Floor    imap.UID `json:"floor"`
	Window   int64    `json:"window"` // how far back the finished backfill reached, in seconds since 1970
	Done     int      `json:"done"`   // older mails brought in
}

// run is the work on one folder over one connection.
type run struct {
	*receiver
	session *session
	deliver models.Deliver
	folder  string
	sent    bool // its mails are the shop's own
	junk    bool // its mails are what the server takes for spam
	place   place
}

func (r *run) load(ctx context.Context) error {
	value, err := r.host.Cursor(ctx, r.cursorName())
	if err != nil || value == "" {
		return err
	}
	if err := json.Unmarshal([]byte(value), &r.place); err != nil {
		r.host.Log.Warn("email: the stored place makes no sense, listing the folder again", "channel", r.channel, "error", err)
		r.place = place{}
	}
	return nil
}

// round looks once for new mail and brings in some older mail; more means that older mail is
// left. The folder is opened anew each time: its UIDVALIDITY may have changed, and EXISTS
// counts are never believed.
func (r *run) round(ctx context.Context) (more bool, err error) {
	box, err := r.session.examine(r.folder)
	if err != nil {
		return false, err
	}
	next := box.UIDNext
	if next == 0 { // an old server that does not tell
		if next, err = r.highest(); err != nil {
			return false, err
		}
	}
	if r.place.Validity != box.UIDValidity {
		// First contact, or the folder was made anew: everything in it is listed again below the
		// mark, and mails known by their content fall away as doubles.
		r.place = place{Validity: box.UIDValidity, High: next - 1, Floor: next}
		if err := r.save(ctx); err != nil {
			return false, err
		}
	}
	if next-1 > r.place.High {
		if err := r.catchUp(ctx); err != nil {
			return false, err
		}
		if r.place.High < next-1 { // the newest were deleted before we came: their numbers do not come again
			r.place.High = next - 1
			if err := r.save(ctx); err != nil {
				return false, err
			}
		}
	}
	if more, err = r.backfill(ctx); err != nil || more {
		return more, err
	}
	return false, r.compare(ctx, box.NumMessages)
}

func (r *run) highest() (imap.UID, error) {
	uids, err := r.session.search(1, 0, time.Time{})
	if err != nil || len(uids) == 0 {
		return 1, err
	}
	return uids[len(uids)-1] + 1, nil
}

// catchUp brings in what came since, oldest first.
func (r *run) catchUp(ctx context.Context) error {
	uids, err := r.session.search(r.place.High+1, 0, time.Time{})
	if err != nil {
		return err
	}
	return r.take(ctx, uids, func(uid imap.UID) { r.place.High = uid }, func(item) bool { return false })
}

// backfill brings in a round of older mail, newest first, inside the chosen window. Mail from
// before the channel was connected comes silently.
func (r *run) backfill(ctx context.Context) (more bool, err error) {
	since := r.since()
	if r.place.Floor <= 1 && r.place.Window <= since.Unix() {
		return false, nil
	}
	if r.place.Floor <= 1 { // the window was made longer: look again, what we have falls away as doubles
		r.place.Floor = r.place.High + 1
	}
	uids, err := r.session.search(1, r.place.Floor-1, since)
	if err != nil {
		return false, err
	}
	if len(uids) == 0 {
		r.place.Floor, r.place.Window = 1, since.Unix()
		r.progress[r.folder] = progress{done: r.place.Done}
		return false, r.save(ctx)
	}
	slices.Reverse(uids)
	round, done, all := uids[:min(len(uids), backfillRound)], r.place.Done, len(uids)
	r.progress[r.folder] = progress{done, all}
	r.tell(ctx)
	err = r.take(ctx, round, func(uid imap.UID) {
		n := slices.Index(round, uid) + 1
		r.place.Floor, r.place.Done, r.progress[r.folder] = uid, done+n, progress{done + n, all - n}
		r.tell(ctx)
	}, func(it item) bool { return it.arrived.Before(r.settings.since) })
	return len(round) < len(uids), err
}
