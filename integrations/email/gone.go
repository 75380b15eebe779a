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

// comparison is when a folder was last compared, and how many mails the server has told of in it since.
type comparison struct {
	at   time.Time
	most uint32
}

// compare looks in the open folder, of so many mails, for those that we have from it, and records those that
// are gone. Only mails under the folder's present UIDVALIDITY are asked about: one that was numbered anew
// tells nothing of those from before. A folder that shrank while another was open is announced by nobody:
// the number is only a hint, for as many may have come.
func (r *run) compare(ctx context.Context, mails uint32) error {
	if r.host.Places == nil || r.host.Gone == nil {
		return nil
	}
	last, before := r.compared[r.folder]
	last.most = max(last.most, mails)
	r.compared[r.folder] = last
	told := r.folder == r.settings.folder && r.session.expunged.Load()
	rest := compareEvery
	if told || mails < last.most {
		rest = min(expungeRest, r.settings.poll)
	}
	now := r.host.Now()
	if before && now.Sub(last.at) < rest {
		return nil
	}
	if told {
		r.session.expunged.Store(false)
	}
	r.compared[r.folder] = comparison{now, mails}
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
