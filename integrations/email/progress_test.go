package email

import (
	"context"
	"fmt"
	"testing"
	"time"

	"onethread/integrations/email/mailtest"
	"onethread/models"
)

// TestProgress: the total of the older mail, over all folders, stands from the beginning and stays, also over
// a broken connection and a new start; what is done only rises.
func TestProgress(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	var many [][]byte
	for i := range 160 {
		many = append(many, letterOf(fmt.Sprint("old", i)))
	}
	s.DeliverMany(mailtest.Shop, many, time.Now().Add(-time.Hour).Unix())
	post := s.Open(t, mailtest.Shop)
	for i := range 20 {
		if err := post.Put("Sent", letterOf(fmt.Sprint("sent", i)), time.Now().Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	b := newBox(t)
	broken := false
	b.fail = func(models.Inbound) error {
		if len(b.mails) >= 70 && !broken {
			broken = true
			return fmt.Errorf("%w, for a while", errStore)
		}
		return nil
	}
	last := 0
	b.told = func(st models.Status) {
		if st.State == "live" && (st.Total != 180 || st.Done < last) {
			t.Errorf("%d of %d after %d of 180", st.Done, st.Total, last)
		}
		if st.State == "live" {
			last = st.Done
		}
	}
	stop := b.connect(s.Settings(mailtest.Shop), time.Now())
	b.awaitMails(80)
	s.Kick(mailtest.Shop)
	b.awaitMails(120)
	stop()
	b.connect(s.Settings(mailtest.Shop), time.Now())
	b.awaitMails(180)
	b.live()
	b.mu.Lock()
	defer b.mu.Unlock()
	if last != 180 {
		t.Errorf("in the end %d of 180", last)
	}
}

// TestProgressOfNothing: an empty mailbox has no progress to show.
func TestProgressOfNothing(t *testing.T) {
	r := &receiver{progress: map[string]progress{}}
	if s := r.live(); s.State != "live" || s.Done != 0 || s.Total != 0 {
		t.Errorf("%+v", s)
	}
	r.host.Now, r.host.Status = time.Now, func(context.Context, models.Status) { t.Error("told twice within a second") }
	r.told = time.Now()
	(&run{receiver: r}).tell(t.Context())
}
