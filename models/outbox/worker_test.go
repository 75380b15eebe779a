package outbox

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/store"
)

// post is a sender whose answers the test decides, and a shop with one customer to send to.
type post struct {
	*testing.T
	st       *store.Store
	worker   *Worker
	channel  models.ID
	customer models.ID

	mu     sync.Mutex
	clock  time.Time
	answer func(models.Outbound) (models.Receipt, error)
	sent   []models.Outbound
	first  models.ID // the first message
}

func (p *post) Send(_ context.Context, out models.Outbound) (models.Receipt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent = append(p.sent, out)
	return p.answer(out)
}

func (p *post) now() time.Time { p.mu.Lock(); defer p.mu.Unlock(); return p.clock }

func (p *post) pass(d time.Duration) {
	p.mu.Lock()
	p.clock = p.clock.Add(d)
	p.mu.Unlock()
	p.st.Bell.Ring()
}

// newPost runs a worker; before says what has happened when it starts.
func newPost(t *testing.T, before ...func(*post)) *post {
	p := &post{T: t, clock: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)}
	p.answer = func(models.Outbound) (models.Receipt, error) { return models.Receipt{ProviderID: "p1"}, nil }
	var err error
	p.st, err = store.Open(t.Context(), t.TempDir(), store.Options{Now: p.now})
	p.must(err)
	p.must(p.st.Write(t.Context(), func(tx *store.Tx) error {
		if p.channel, err = store.AddChannel(tx, models.Channel{Type: "email", Name: "Mail", Key: "k"}, func(string) bool { return false }); err != nil {
			return err
		}
		p.customer, err = store.AddCustomer(tx, "Ana", "", "")
		return err
	}))
	p.worker = &Worker{Store: p.st, Senders: func(models.ID) (models.Sender, bool) { return p, true }}
	for _, do := range before {
		do(p)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.worker.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		p.must(<-done)
		if err := store.Check(context.Background(), p.st); err != nil {
			t.Error(err)
		}
		p.must(p.st.Close())
	})
	return p
}

func (p *post) must(err error) {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
}

// enqueue writes a message due after d.
func (p *post) enqueue(d time.Duration) models.ID {
	p.Helper()
	var id models.ID
	p.must(p.st.Write(p.Context(), func(tx *store.Tx) error {
		var err error
		id, err = store.AppendEvent(tx, models.Event{CustomerID: p.customer, ChannelID: p.channel, Kind: models.KindMessage, Direction: models.Out}, nil)
		if err != nil {
			return err
		}
		if err := store.AddMessage(tx, models.Message{EventID: id, Text: "hello", MessageID: "m" + id.String() + "@x", State: models.DeliveryQueued, ToAddress: "ana@example.com"}); err != nil {
			return err
		}
		return Enqueue(tx, id, p.channel, Content{FromName: "Mia"}, tx.Now().Add(d))
	}))
	if p.first == 0 {
		p.first = id
	}
	return id
}

// await waits until the message has the wanted state.
func (p *post) await(id models.ID, state string) models.Message {
	p.Helper()
	deadline := time.After(20 * time.Second)
	for {
		bell := p.st.Bell.Wait()
		m, err := store.Message(p.st.Read(p.Context()), id)
		p.must(err)
		if m.State == state {
			return m
		}
		select {
		case <-bell:
		case <-deadline:
			p.Fatalf("the message is %s, want %s", m.State, state)
		}
	}
}

// attempts waits until the sender was called n times and what came of it is recorded.
func (p *post) attempts(n int) {
	p.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		p.mu.Lock()
		got := len(p.sent)
		p.mu.Unlock()
		row, ok, err := store.OutboxOf(p.st.Read(p.Context()), p.first)
		if got == n && ok && err == nil && row.State != "sending" {
			return
		}
	}
	p.Fatalf("not %d attempts", n)
}

func TestSentOnceWhenDue(t *testing.T) {
	p := newPost(t)
	id := p.enqueue(5 * time.Second)
	p.pass(4 * time.Second)
	if m, err := store.Message(p.st.Read(t.Context()), id); err != nil || m.State != models.DeliveryQueued {
		t.Fatal("it left inside its undo window", m.State, err)
	}
	p.pass(2 * time.Second)
	if m := p.await(id, models.DeliverySent); m.ProviderID != "p1" {
		t.Error(m.ProviderID)
	}
	if p.sent[0].MessageID != "m"+id.String()+"@x" || p.sent[0].Attempt != 1 || p.sent[0].FromName != "Mia" {
		t.Errorf("%+v", p.sent[0])
	}
}

// TestCutOffRestsBeforeItGoesAgain: the provider may still be at what the killed program asked for.
func TestCutOffRestsBeforeItGoesAgain(t *testing.T) {
	p := newPost(t, func(p *post) {
		p.enqueue(0)
		p.must(p.st.Write(t.Context(), func(tx *store.Tx) error {
			_, ok, err := store.ClaimOutbox(tx, tx.Now().Add(lease), tx.Now().Add(backoff[0]), nil)
			if !ok {
				t.Error("nothing was due")
			}
			return err
		}))
	})
	p.await(p.enqueue(0), models.DeliverySent) // others need not wait
	p.pass(9 * time.Second)
	p.await(p.enqueue(0), models.DeliverySent)
	p.mu.Lock()
	for _, out := range p.sent {
		if out.EventID == p.first {
			t.Error("it went again at once")
		}
	}
	p.mu.Unlock()
	p.pass(2 * time.Second)
	p.await(p.first, models.DeliverySent)
}

func TestTemporaryFailureIsTriedAgainAlike(t *testing.T) {
	p := newPost(t)
	p.answer = func(out models.Outbound) (models.Receipt, error) {
		if out.Attempt < 3 {
			return models.Receipt{}, errors.New("451 come back later")
		}
		return models.Receipt{}, nil
	}
	id := p.enqueue(0)
	p.attempts(1)
	p.pass(40 * time.Second)
	p.attempts(2)
	p.pass(3 * time.Minute)
	p.await(id, models.DeliverySent)
	if len(p.sent) != 3 || p.sent[0].MessageID != p.sent[2].MessageID || p.sent[0].Key != p.sent[2].Key {
		t.Errorf("%+v", p.sent)
	}
}

func TestPermanentFailureIsShownAndCanBeRetried(t *testing.T) {
	p := newPost(t)
	p.answer = func(models.Outbound) (models.Receipt, error) {
		return models.Receipt{}, models.Permanent(errors.New("550 no such user"))
	}
	id := p.enqueue(0)
	if m := p.await(id, models.DeliveryFailed); !strings.Contains(m.Error, "550 no such user") {
		t.Error(m.Error)
	}
	p.mu.Lock()
	p.answer = func(models.Outbound) (models.Receipt, error) { return models.Receipt{}, nil }
	p.mu.Unlock()
	p.must(p.st.Write(t.Context(), func(tx *store.Tx) error {
		e, err := store.Event(tx, id)
		if err != nil {
			return err
		}
		return Requeue(tx, e)
	}))
	p.await(id, models.DeliverySent)
}

func TestGivesUpAfterADay(t *testing.T) {
	p := newPost(t)
	p.answer = func(models.Outbound) (models.Receipt, error) { return models.Receipt{}, errors.New("timeout") }
	id := p.enqueue(0)
	p.attempts(1)
	p.pass(25 * time.Hour)
	p.await(id, models.DeliveryFailed)
}

func TestRefusedChannelRestsUntilItsSettingsChange(t *testing.T) {
	p := newPost(t)
	p.answer = func(models.Outbound) (models.Receipt, error) {
		return models.Receipt{}, models.Paused(errors.New("535 bad password"))
	}
	id := p.enqueue(0)
	p.attempts(1)
	p.pass(10 * time.Minute)
	second := p.enqueue(0)
	if m, err := store.Message(p.st.Read(t.Context()), second); err != nil || m.State != models.DeliveryQueued || len(p.sent) != 1 {
		t.Fatal("a refused channel must rest", m.State, len(p.sent), err)
	}
	p.mu.Lock()
	p.answer = func(models.Outbound) (models.Receipt, error) { return models.Receipt{}, nil }
	p.mu.Unlock()
	p.worker.Resume(p.channel)
	p.await(id, models.DeliverySent)
	p.await(second, models.DeliverySent)
}

// TestTheDayBeginsWithTheFirstAttempt: neither the time before a message was due, nor refused credentials, nor the
// attempts before staff sent it again count against it.
func TestTheDayBeginsWithTheFirstAttempt(t *testing.T) {
	busy := func(models.Outbound) (models.Receipt, error) { return models.Receipt{}, errors.New("451 busy") }
	well := func(models.Outbound) (models.Receipt, error) { return models.Receipt{}, nil }
	answer := func(p *post, with func(models.Outbound) (models.Receipt, error)) {
		p.mu.Lock()
		p.answer = with
		p.mu.Unlock()
	}
	t.Run("scheduled", func(t *testing.T) {
		p := newPost(t, func(p *post) { p.answer = busy })
		id := p.enqueue(30 * time.Hour)
		p.pass(31 * time.Hour)
		p.attempts(1)
		answer(p, well)
		p.pass(time.Minute)
		p.await(id, models.DeliverySent)
	})
	t.Run("refused", func(t *testing.T) {
		p := newPost(t, func(p *post) {
			p.answer = func(models.Outbound) (models.Receipt, error) {
				return models.Receipt{}, models.Paused(errors.New("535 no"))
			}
		})
		id := p.enqueue(0)
		p.attempts(1)
		p.pass(30 * time.Hour)
		p.attempts(2)
		answer(p, busy)
		p.worker.Resume(p.channel)
		p.attempts(3)
		row, _, err := store.OutboxOf(p.st.Read(t.Context()), id)
		if p.must(err); row.Tries != 1 || row.State != "queued" {
			t.Errorf("the refusals burnt attempts: %+v", row)
		}
		answer(p, well)
		p.pass(time.Minute)
		p.await(id, models.DeliverySent)
	})
	t.Run("sent again by staff", func(t *testing.T) {
		p := newPost(t, func(p *post) { p.answer = busy })
		id := p.enqueue(0)
		p.attempts(1)
		p.pass(25 * time.Hour)
		p.await(id, models.DeliveryFailed)
		p.must(p.st.Write(t.Context(), func(tx *store.Tx) error {
			e, err := store.Event(tx, id)
			if err != nil {
				return err
			}
			return Requeue(tx, e)
		}))
		p.attempts(3)
		answer(p, well)
		p.pass(40 * time.Second) // the first wait again, not the hourly one
		p.await(id, models.DeliverySent)
	})
}

// TestDoubtIsRemembered: after a lost answer, and after a crash, every later attempt knows that the message may have
// been accepted; after a clear refusal none does.
func TestDoubtIsRemembered(t *testing.T) {
	p := newPost(t)
	outcomes := []error{errors.New("451 busy"), models.Doubtful(errors.New("the line broke")), errors.New("451 busy"), nil}
	p.answer = func(out models.Outbound) (models.Receipt, error) {
		err := outcomes[out.Attempt-1]
		return models.Receipt{Problem: map[bool]string{true: "perhaps twice"}[err == nil && out.Doubt]}, err
	}
	id := p.enqueue(0)
	for n := 1; n < len(outcomes); n++ {
		p.attempts(n)
		p.pass(15 * time.Minute)
	}
	m := p.await(id, models.DeliverySent)
	for i, want := range []bool{false, false, true, true} {
		if p.sent[i].Doubt != want {
			t.Errorf("attempt %d: doubt %v", i+1, p.sent[i].Doubt)
		}
	}
	p.must(p.st.Write(t.Context(), func(tx *store.Tx) error {
		e, err := store.Event(tx, id)
		if err != nil {
			return err
		}
		_, err = Record(tx, e, models.DeliveryDelivered, "", "")
		return err
	}))
	if d := p.await(id, models.DeliveryDelivered); m.Error != "perhaps twice" || d.Error != m.Error {
		t.Errorf("it says %q, and later %q", m.Error, d.Error)
	}

	crashed := newPost(t, func(p *post) {
		p.enqueue(0)
		p.must(p.st.Write(t.Context(), func(tx *store.Tx) error {
			_, _, err := store.ClaimOutbox(tx, tx.Now().Add(lease), tx.Now().Add(backoff[0]), nil)
			return err
		}))
	})
	crashed.await(crashed.enqueue(0), models.DeliverySent) // it has looked for what was cut off
	crashed.pass(11 * time.Second)
	crashed.await(crashed.first, models.DeliverySent)
	if !crashed.sent[1].Doubt || crashed.sent[0].Doubt {
		t.Error("after a crash it is taken for never handed over")
	}
}

// TestRefusalIsSaidUntilItWorks: a refusal to send is on record until a message goes out.
func TestRefusalIsSaidUntilItWorks(t *testing.T) {
	p := newPost(t, func(p *post) {
		p.worker.Paused = func(ctx context.Context, channel models.ID, problem string) {
			p.must(p.st.Write(ctx, func(tx *store.Tx) error { return store.SetSendProblem(tx, channel, problem) }))
		}
		p.answer = func(models.Outbound) (models.Receipt, error) {
			return models.Receipt{}, models.Paused(errors.New("535 no"))
		}
	})
	troubles := func(n int) {
		t.Helper()
		deadline := time.After(20 * time.Second)
		for {
			bell := p.st.Bell.Wait()
			found, err := store.Troubles(p.st.Read(t.Context()))
			if p.must(err); len(found) == n {
				if n == 1 && (!found[0].Sending || found[0].Reading || found[0].Name != "Mail") {
					t.Errorf("%+v", found)
				}
				return
			}
			select {
			case <-bell:
			case <-deadline:
				t.Fatalf("%+v", found)
			}
		}
	}
	id := p.enqueue(0)
	troubles(1)
	// The receiver's own news change nothing about it.
	p.must(p.st.Write(t.Context(), func(tx *store.Tx) error { return store.SetHealth(tx, p.channel, models.Status{State: "live"}) }))
	troubles(1)
	p.mu.Lock()
	p.answer = func(models.Outbound) (models.Receipt, error) { return models.Receipt{}, nil }
	p.mu.Unlock()
	p.pass(time.Hour)
	p.await(id, models.DeliverySent)
	troubles(0)
}

func TestCanceledNeverLeaves(t *testing.T) {
	p := newPost(t)
	id := p.enqueue(10 * time.Second)
	cancel := func() error {
		return p.st.Write(t.Context(), func(tx *store.Tx) error {
			e, err := store.Event(tx, id)
			if err != nil {
				return err
			}
			return Cancel(tx, e)
		})
	}
	p.must(cancel())
	p.pass(time.Hour)
	other := p.enqueue(0)
	p.await(other, models.DeliverySent)
	if len(p.sent) != 1 {
		t.Error("a canceled message left")
	}
	if err := cancel(); !models.IsCode(err, models.Conflict) {
		t.Error("canceling twice must say that it is too late", err)
	}
}

func TestStatesOnlyMoveForward(t *testing.T) {
	p := newPost(t)
	id := p.enqueue(0)
	p.await(id, models.DeliverySent)
	for state, want := range map[string]string{models.DeliveryQueued: models.DeliverySent, models.DeliverySent: models.DeliverySent} {
		p.must(p.st.Write(t.Context(), func(tx *store.Tx) error {
			e, err := store.Event(tx, id)
			if err != nil {
				return err
			}
			_, err = Record(tx, e, state, "", "")
			return err
		}))
		p.await(id, want)
	}
}
