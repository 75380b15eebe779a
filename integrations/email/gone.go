package email

import (
	"context"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
)

// Which mails have gone from the server is looked for from time to time, and soon after it announced that
// some went; not with each of the announcements, for whoever tidies up makes hundreds.
const (
	compareEvery = 10 * time.Minute
	expungeRest  = 30 * time.Second
)

// compareLot is how many known mails are compared at a time, so that a folder of any size fits into memory.
const compareLot = 1000

// compare looks in the open folder for the mails that we have from it, and records those that are gone. Only
// mails under the folder's present UIDVALIDITY are asked about: one that was numbered anew tells nothing of
// those from before.
func (r *run) compare(ctx context.Context) error {
	if r.host.Places == nil || r.host.Gone == nil {
		return nil
	}
	rest := compareEvery
	told := r.folder == r.settings.folder && r.session.expunged.Load()
	if told {
		rest = min(expungeRest, r.settings.poll)
	}
	now := r.host.Now()
	if last, ok := r.compared[r.folder]; ok && now.Sub(last) < rest {
		return nil
	}
	if told {
		r.session.expunged.Store(false)
	}
	r.compared[r.folder] = now
	known, err := r.host.Places(ctx, r.folder, r.place.Validity)
	if err != nil {
		r.host.Log.Warn("email: the known places could not be read", "channel", r.channel, "folder", r.folder, "error", err)
		return ctx.Err()
	}
	for lot := range slices.Chunk(known, compareLot) {
		there, err := r.session.search(imap.UID(lot[0]), imap.UID(lot[len(lot)-1]), time.Time{})
		if err != nil {
			return err
		}
		if gone := missing(lot, there); len(gone) > 0 {
			if err := r.host.Gone(ctx, r.folder, r.place.Validity, gone); err != nil {
				r.host.Log.Warn("email: mails that are gone could not be recorded", "channel", r.channel, "folder", r.folder, "error", err)
				return ctx.Err()
			}
		}
	}
	return nil
}

// missing lists the known UIDs that are not there. Both lists rise.
func missing(known []uint32, there []imap.UID) (gone []uint32) {
	for _, uid := range known {
		for len(there) > 0 && there[0] < imap.UID(uid) {
			there = there[1:]
		}
		if len(there) == 0 || there[0] != imap.UID(uid) {
			gone = append(gone, uid)
		}
	}
	return gone
}
