package inbox

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/outbox"
	"onethread/models/store"
)

// sentTo answers a customer by mail, in copy to others, as if the mail server had taken it: the event, and
// the id that reports name.
func (w *world) sentTo(customer models.ID, cc string) (event models.ID, id string) {
	w.Helper()
	event, err := w.Reply(w.Context(), w.mia, ReplyInput{CustomerID: customer, ChannelID: w.mail, Text: "It leaves today.", CC: cc})
	w.must(err)
	e, m := w.message(event)
	w.must(w.st.Write(w.Context(), func(tx *store.Tx) error {
		row, _, err := store.OutboxOf(tx, event)
		if err == nil {
			err = store.FinishOutbox(tx, row.ID, "done", "")
		}
		if err == nil {
			_, err = outbox.Record(tx, e, models.DeliverySent, "", m.MessageID)
		}
		return err
	}))
	return event, m.MessageID
}

// report brings a delivery report in, and lets a minute pass.
func (w *world) report(d models.DeliveryIn) {
	w.Helper()
	w.in(models.Inbound{ChannelID: w.mail, ExternalID: fmt.Sprint("report-", w.st.Now(), d.ProviderID, d.State), Raw: []byte("report"), RawType: "message/rfc822", Payload: &d})
	w.pass(time.Minute)
}

// mailWay is the way to a customer by mail.
func (w *world) mailWay(customer models.ID) Way {
	w.Helper()
	ways, err := w.Reach(w.Context(), customer)
	w.must(err)
	for _, way := range ways {
		if way.Kind == models.EmailIdentity {
			return way
		}
	}
	w.Fatalf("no way by mail: %+v", ways)
	return Way{}
}

// TestABounceIsNoDeadEnd: an address that returned a mail is not chosen for anybody, but can be; it is as
// good as before once it writes, or a later mail arrives there.
func TestABounceIsNoDeadEnd(t *testing.T) {
	w := newWorld(t)
	ana := w.email("m1", "ana@example.com", "Desk", "Is it in stock?")
	w.pass(time.Minute)
	returned := func(soft bool) string {
		_, id := w.sentTo(ana.CustomerID, "")
		w.report(models.DeliveryIn{ProviderID: id, State: models.DeliveryBounced, Error: "there is no such mailbox", Soft: soft, Recipients: []string{"Ana@example.com"}})
		return id
	}
	first := returned(false)
	if way := w.mailWay(ana.CustomerID); !way.OK || way.Preset || way.Doubt != "reach.bounced" || way.Why != "there is no such mailbox" {
		t.Errorf("after a bounce: %+v", way)
	}
	if _, err := w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana.CustomerID, Text: "x"}); !models.IsCode(err, models.Invalid) || !strings.Contains(err.Error(), "no such mailbox") {
		t.Errorf("without naming the channel: %v", err)
	}
	w.sentTo(ana.CustomerID, "") // anyway
	if way := w.mailWay(ana.CustomerID); way.Doubt != "reach.bounced" {
		t.Errorf("a mail that only left proves nothing: %+v", way)
	}

	noise := w.letter(w.mail, "bounce-copy", "ana@example.com", "User unknown")
	noise.Hints[0], payload(noise).Automatic = typed(models.EmailIdentity, "ana@example.com"), "bounce"
	w.in(noise)
	older := w.letter(w.mail, "older", "ana@example.com", "Found in the mailbox only now.")
	older.OccurredAt, older.ReceivedAt = w.st.Now().Add(-time.Hour), w.st.Now().Add(-time.Hour)
	w.in(older)
	if way := w.mailWay(ana.CustomerID); way.Doubt != "reach.bounced" {
		t.Errorf("after a machine's mail about it, and one from before: %+v", way)
	}
	w.in(w.letter(w.mail, "m2", "ana@example.com", "My mailbox works again."))
	if way := w.mailWay(ana.CustomerID); way.Doubt != "" || !way.Preset {
		t.Errorf("after she wrote: %+v", way)
	}

	w.pass(time.Minute)
	returned(true)
	if way := w.mailWay(ana.CustomerID); !way.Preset || way.Doubt != "reach.soft" {
		t.Errorf("after a soft bounce: %+v", way)
	}
	_, later := w.sentTo(ana.CustomerID, "")
	w.report(models.DeliveryIn{ProviderID: later, State: models.DeliveryDelivered})
	if way := w.mailWay(ana.CustomerID); way.Doubt != "" || !way.Preset {
		t.Errorf("after a mail that arrived: %+v", way)
	}
	if first == later {
		t.Error("two mails under one id")
	}
}

// TestFailureIsLiftedByAcceptance: what the provider refused says nothing more once it took a later one.
func TestFailureIsLiftedByAcceptance(t *testing.T) {
	w := newWorld(t)
	ana := w.email("m1", "ana@example.com", "Desk", "Is it in stock?")
	event, err := w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana.CustomerID, Text: "Yes."})
	w.must(err)
	e, _ := w.message(event)
	w.must(w.st.Write(t.Context(), func(tx *store.Tx) error {
		row, _, err := store.OutboxOf(tx, event)
		if err == nil {
			err = store.FinishOutbox(tx, row.ID, "failed", "550 no")
		}
		if err == nil {
			_, err = outbox.Record(tx, e, models.DeliveryFailed, "550 no", "")
		}
		return err
	}))
	if way := w.mailWay(ana.CustomerID); !way.OK || way.Preset || way.Doubt != "reach.failed" || way.Why != "550 no" {
		t.Errorf("after a failure: %+v", way)
	}
	w.sentTo(ana.CustomerID, "")
	if way := w.mailWay(ana.CustomerID); way.Doubt != "" || !way.Preset {
		t.Errorf("after one that left: %+v", way)
	}
}

// TestABounceOfACopy: what came back from somebody in copy is told of them, and leaves the customer's
// address alone; what came back from both is told of both.
func TestABounceOfACopy(t *testing.T) {
	w := newWorld(t)
	ana := w.email("m1", "ana@example.com", "Desk", "Is it in stock?")
	w.pass(time.Minute)
	event, id := w.sentTo(ana.CustomerID, "leo@example.com, rui@example.com")
	bounce := func(to ...string) models.Message {
		w.report(models.DeliveryIn{ProviderID: id, State: models.DeliveryBounced, Error: "the mailbox is full", Soft: true, Recipients: to})
		_, m := w.message(event)
		return m
	}
	m := bounce("Leo@example.com")
	if lost := m.LostCopies(); m.State != models.DeliverySent || m.Error != "" || len(lost) != 1 || lost[0] != (models.LostCopy{Address: "leo@example.com", Error: "the mailbox is full"}) {
		t.Errorf("%+v, lost %+v", m, lost)
	}
	if way := w.mailWay(ana.CustomerID); way.Doubt != "" || !way.Preset {
		t.Errorf("Ana's address after Leo's bounce: %+v", way)
	}
	feed, err := store.Feed(w.st.Read(t.Context()), 0, 1000)
	w.must(err)
	if last := feed[len(feed)-1]; last.Kind != models.KindDelivery || last.RefID != event || !strings.Contains(last.Data, `"copy":"leo@example.com"`) {
		t.Errorf("the feed ends with %+v", last)
	}
	if again := bounce("leo@example.com"); len(again.LostCopies()) != 1 {
		t.Errorf("told twice: %+v", again.LostCopies())
	}
	if both := bounce("ana@example.com", "rui@example.com"); both.State != models.DeliveryBounced || len(both.LostCopies()) != 2 {
		t.Errorf("from both: %+v", both)
	}
}

// TestRetryOfWhatCameBack: a returned mail goes again as a new one, for everybody; what a mail program sent
// does not.
func TestRetryOfWhatCameBack(t *testing.T) {
	w := newWorld(t)
	ana := w.email("m1", "ana@example.com", "Desk", "Is it in stock?")
	event, id := w.sentTo(ana.CustomerID, "leo@example.com")
	if err := w.Retry(t.Context(), event); !models.IsCode(err, models.Conflict) {
		t.Errorf("a message that arrived, as far as is known: %v", err)
	}
	before, _, err := store.OutboxOf(w.st.Read(t.Context()), event)
	w.must(err)
	w.report(models.DeliveryIn{ProviderID: id, State: models.DeliveryBounced, Error: "no", Recipients: []string{"ana@example.com", "leo@example.com"}})
	w.must(w.Retry(t.Context(), event))
	_, m := w.message(event)
	after, _, err := store.OutboxOf(w.st.Read(t.Context()), event)
	w.must(err)
	if m.State != models.DeliveryQueued || m.Lost != "" || after.State != "queued" || after.Attempts != 0 || after.Key == before.Key {
		t.Errorf("%+v, outbox %+v", m, after)
	}

	out := w.letter(w.mail, "sent", "ana@example.com", "From my phone.")
	payload(out).Direction = models.Out
	phone := w.in(out)
	back := w.letter(w.mail, "back", "ana@example.com", "User unknown")
	back.Hints[0] = typed(models.EmailIdentity, "ana@example.com")
	payload(back).Automatic, payload(back).InReplyTo = "bounce", []string{"sent@example.com"}
	payload(back).Bounce = &models.DeliveryIn{State: models.DeliveryBounced, Error: "there is no such mailbox", Recipients: []string{"ana@example.com"}}
	w.in(back)
	if _, m := w.message(phone.EventID); m.State != models.DeliveryBounced || m.Error != "there is no such mailbox" {
		t.Errorf("what a mail program sent: %+v", m)
	}
	if err := w.Retry(t.Context(), phone.EventID); !models.IsCode(err, models.Conflict) {
		t.Errorf("retry of what a mail program sent: %v", err)
	}
}
