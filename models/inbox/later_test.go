package inbox

import (
	"context"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/outbox"
	"onethread/models/store"
)

// post is a provider that takes everything.
type post struct{ sent chan models.Outbound }

func (p post) Send(_ context.Context, out models.Outbound) (models.Receipt, error) {
	p.sent <- out
	return models.Receipt{ProviderID: out.Key}, nil
}

// worker runs an outbox worker until the test ends, and gives what it sends.
func (w *world) worker() chan models.Outbound {
	w.Helper()
	p := post{make(chan models.Outbound, 10)}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	worker := &outbox.Worker{Store: w.st, Senders: func(models.ID) (models.Sender, bool) { return p, true }}
	go func() { done <- worker.Run(ctx) }()
	w.Cleanup(func() {
		stop()
		w.must(<-done)
	})
	return p.sent
}

func (w *world) state(event models.ID) models.Message {
	w.Helper()
	m, err := store.Message(w.st.Read(w.Context()), event)
	w.must(err)
	return m
}

// await waits until a message has a delivery state.
func (w *world) await(event models.ID, state string) {
	w.Helper()
	deadline := time.After(10 * time.Second)
	for {
		bell := w.st.Bell.Wait()
		if w.state(event).State == state {
			return
		}
		select {
		case <-bell:
		case <-deadline:
			w.Fatalf("still %s, not %s", w.state(event).State, state)
		}
	}
}

// TestGoesOutLater: a message with a time waits for it, is no answer before it has left, and answers what
// came before it was written; what came since still waits.
func TestGoesOutLater(t *testing.T) {
	w := newWorld(t)
	ana := w.email("m1", "ana@example.com", "Desk", "Is it in stock?")
	asked := w.st.Now()
	w.pass(time.Minute)
	for name, at := range map[string]models.Time{"past": w.st.Now().Add(-time.Second), "now": w.st.Now(), "far": w.st.Now().Add(367 * 24 * time.Hour)} {
		if _, err := w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana.CustomerID, Text: "x", SendAt: at}); !models.IsCode(err, models.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	sent := w.worker()
	due := w.st.Now().Add(20 * time.Hour)
	later, err := w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana.CustomerID, Text: "Tomorrow it is.", SendAt: due})
	w.must(err)
	if c := w.conversation(ana.ConversationID); c.WaitingSince != asked || c.FirstReplyAt != 0 || c.LastEventID != later {
		t.Errorf("an answer that has not left counts: %+v", c)
	}
	w.pass(time.Hour)
	w.email("m2", "ana@example.com", "Desk", "Hello?", "m1")
	again := w.st.Now()
	// An answer in between refers to nothing that nobody has.
	between, err := w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana.CustomerID, Text: "A moment."})
	w.must(err)
	for _, ref := range w.content(between).References {
		if ref == w.state(later).MessageID {
			t.Error("it refers to a mail that has not left")
		}
	}
	if err := w.Undo(t.Context(), w.mia, between); err != nil || w.conversation(ana.ConversationID).WaitingSince != asked {
		t.Errorf("called back, it still counts as the answer: %v", err)
	}
	if c := w.conversation(ana.ConversationID); c.FirstReplyAt != 0 {
		t.Error("a message that was called back is the first reply")
	}
	select {
	case out := <-sent:
		t.Fatalf("%q left before its time", out.Text)
	default:
	}
	w.pass(24 * time.Hour)
	w.st.Bell.Ring()
	if out := <-sent; out.Text != "Tomorrow it is." {
		t.Errorf("%q", out.Text)
	}
	w.await(later, models.DeliverySent)
	if c := w.conversation(ana.ConversationID); c.WaitingSince != again || c.FirstReplyAt != w.st.Now() {
		t.Errorf("sent: waiting since %v, want %v; first reply %v", c.WaitingSince, again, c.FirstReplyAt)
	}
}

// TestSendNowAndCancel: it can be sent earlier or called back by who wrote it, and by owners and admins.
func TestSendNowAndCancel(t *testing.T) {
	w := newWorld(t)
	ana := w.email("m1", "ana@example.com", "Desk", "Is it in stock?")
	leo, boss := models.User{Email: "leo@casa.example", Name: "Leo", Role: models.Agent, Theme: "auto"}, models.User{Email: "o@casa.example", Name: "Olga", Role: models.Owner, Theme: "auto"}
	w.must(w.st.Write(t.Context(), func(tx *store.Tx) error {
		if err := store.InsertUser(tx, &leo); err != nil {
			return err
		}
		return store.InsertUser(tx, &boss)
	}))
	sent := w.worker()
	write := func() models.ID {
		id, err := w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana.CustomerID, Text: "Later", SendAt: w.st.Now().Add(time.Hour)})
		w.must(err)
		return id
	}
	first := write()
	for name, do := range map[string]func(context.Context, models.User, models.ID) error{"now": w.SendNow, "cancel": w.Cancel, "undo": w.Undo} {
		if err := do(t.Context(), leo, first); !models.IsCode(err, models.Forbidden) {
			t.Errorf("a colleague may %s: %v", name, err)
		}
		if err := do(t.Context(), boss, ana.EventID); !models.IsCode(err, models.NotFound) {
			t.Errorf("%s of what a customer wrote: %v", name, err)
		}
	}
	w.must(w.SendNow(t.Context(), boss, first))
	<-sent
	w.await(first, models.DeliverySent)
	if at := w.state(first).SendAt; at != w.st.Now() {
		t.Errorf("it says that it left %v", at)
	}
	for _, do := range []func(context.Context, models.User, models.ID) error{w.SendNow, w.Cancel} {
		if err := do(t.Context(), boss, first); !models.IsCode(err, models.Conflict) {
			t.Errorf("after it was sent: %v", err)
		}
	}
	second := write()
	w.must(w.Cancel(t.Context(), w.mia, second))
	w.await(second, models.DeliveryCanceled)
	w.pass(2 * time.Hour)
	w.st.Bell.Ring()
	third := write()
	w.must(w.SendNow(t.Context(), w.mia, third))
	if out := <-sent; out.EventID != third {
		t.Error("a cancelled message was sent")
	}
	w.await(third, models.DeliverySent)
}
