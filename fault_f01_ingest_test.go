package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"onethread/integrations/email/mailtest"
	"onethread/models"
)

// crashInIngest is fault F1: what was acknowledged is there, once, however often the program is killed.
func crashInIngest(t *testing.T, f *faultRun) {
	t.Run("copies", func(t *testing.T) { replay(t, f.bin) })
	killInIngest(t, f)
}

const customers = 40

// trusted lets the drivers speak for many addresses.
const trusted = "ONETHREAD_TRUSTED_PROXIES=127.0.0.1"

// replay makes every inbound call ten times at the same moment: each event is there once, and one
// copy alone was called new.
func replay(t *testing.T, bin string) {
	p := newProcess(t, bin, t.TempDir(), trusted)
	d := openDoors(t, p)
	p.start()
	calls := []call{d.text("replay-sms", 1)}
	for i, kind := range signedKinds {
		for n := range 4 {
			calls = append(calls, d.signed(fmt.Sprintf("replay-%s-%d", kind, n), kind, i*4+n))
		}
	}
	for i, store := range d.stores {
		created, _ := d.buys(store, fmt.Sprintf("replay-%s", store.Type), i)
		calls = append(calls, created)
	}
	for n := range 6 {
		v, ok := d.boot(n)
		if !ok {
			t.Fatal("the chat does not answer")
		}
		// Five visitors of one address may begin in an hour, and copies of a first message count
		// until it is there: so a greeting goes ahead.
		if acked, status, answer := d.make(d.says(v, fmt.Sprintf("replay-greeting-%d", n))); !acked {
			t.Fatalf("%d %s", status, answer)
		}
		calls = append(calls, d.says(v, fmt.Sprintf("replay-chat-%d", n)))
	}
	for _, c := range calls {
		d.tenTimes(c)
	}
	if d.mailbox != nil {
		d.replayMail()
	}
	p.stop()
	d.compare()
	mustBeConsistent(t, p.data)
}

func (d *doors) tenTimes(c call) {
	d.t.Helper()
	var wg sync.WaitGroup
	statuses := make([]int, 10)
	for i := range statuses {
		wg.Go(func() { _, statuses[i], _ = d.make(c) })
	}
	wg.Wait()
	created, door := 0, strings.Contains(c.url, "/webhooks/") // which answers 200 in any case
	for _, s := range statuses {
		switch s {
		case http.StatusCreated:
			created++
		case http.StatusOK:
		default:
			d.t.Errorf("%s: status %d", c.key, s)
		}
	}
	if created != 1 && !door {
		d.t.Errorf("%s: %d copies were called new: %v", c.key, created, statuses)
	}
}

// replayMail delivers mails ten times each and, by a new UIDVALIDITY, has the whole folder read again.
func (d *doors) replayMail() {
	for n := range 3 {
		key := fmt.Sprintf("replay-mail-%d", n)
		for raw, copies := rawMail(key, n), 0; copies < 10; copies++ {
			d.mailbox.Deliver(mailtest.Shop, "INBOX", raw)
		}
		if err := d.book.ack(key); err != nil {
			d.t.Error(err)
		}
	}
	d.awaitMails("replay-mail-2")
	d.mailbox.SetUIDValidity(mailtest.Shop, "INBOX", 4711)
	d.mailbox.Kick(mailtest.Shop)
	last := "replay-mail-last"
	d.mailbox.Deliver(mailtest.Shop, "INBOX", rawMail(last, 3))
	if err := d.book.ack(last); err != nil {
		d.t.Error(err)
	}
	d.awaitMails(last)
}

// awaitMails waits until these mails came in.
func (d *doors) awaitMails(keys ...string) {
	d.t.Helper()
	db := database(d.t, d.data)
	defer db.Close()
	eventually(d.t, "mail", func() error {
		const query = "SELECT trim(m.text, char(10)) FROM messages m JOIN events e ON e.id = m.event_id JOIN channels c ON c.id = e.channel_id WHERE c.type = 'email'"
		in := map[string]bool{}
		for _, key := range column(d.t, db, query) {
			in[key] = true
		}
		for _, key := range keys {
			if !in[key] {
				return fmt.Errorf("%s is missing; %d mails are in", key, len(in))
			}
		}
		return nil
	})
}

// killInIngest kills the program again and again while mail, SMS, orders, chat and calls come in.
func killInIngest(t *testing.T, f *faultRun) {
	rng := seeded(t, 20261123)
	p := newProcess(t, f.bin, t.TempDir(), trusted)
	d := openDoors(t, p)
	var mails []string
	var left []call // made, and not acknowledged: the provider calls again
	var starts []time.Duration
	end := time.Now().Add(time.Duration(f.size(10, 215)) * time.Second)
	for round := 0; round < f.size(6, 200) && time.Now().Before(end); round++ {
		starts = append(starts, p.start())
		after := time.Duration(50+rng.IntN(f.size(950, 1950))) * time.Millisecond
		left = d.round(rng, round, after, left, &mails)
		mustBeWhole(t, p.data, fmt.Sprintf("after kill %d", round+1))
	}
	cut := len(left)
	p.start()
	for _, c := range left {
		if acked, status, answer := d.make(c); !acked {
			t.Errorf("%s: %d %s", c.key, status, answer)
		}
	}
	if d.mailbox != nil {
		d.awaitMails(mails...)
	}
	p.stop()
	lost, doubled := d.compare()
	mustBeConsistent(t, p.data)
	slices.Sort(starts)
	ready := starts[(len(starts)*95-1)/100]
	f.note(t, "%d kills, %d acknowledged (%d of them mails), lost %d, doubled %d; %d cut off and made again; ready p95 %d ms", len(starts), len(d.book.keys), len(mails), lost, doubled, cut, ready.Milliseconds())
	if ready > 2*time.Second {
		t.Errorf("ready p95 %v, promised are 2 s", ready)
	}
	if len(d.book.keys) < f.size(500, 20_000) {
		t.Errorf("only %d were acknowledged: the drivers are too slow to prove anything", len(d.book.keys))
	}
}

// round runs the drivers until the program is killed. It returns the calls whose answer was never seen.
func (d *doors) round(rng *rand.Rand, round int, after time.Duration, left []call, mails *[]string) []call {
	ctx, end := context.WithCancel(context.Background())
	defer end()
	time.AfterFunc(after, func() { d.kill(); end() })
	var mu sync.Mutex
	var cut []call
	unsure := func(c call) { mu.Lock(); cut = append(cut, c); mu.Unlock() }
	var wg sync.WaitGroup
	drive := func(driver func(*rand.Rand)) {
		own := rand.New(rand.NewPCG(rng.Uint64(), 0))
		wg.Go(func() { driver(own) })
	}
	for w := range 2 {
		drive(func(rng *rand.Rand) { d.shop(ctx, rng, fmt.Sprintf("till-%d-%d", round, w), unsure) })
		drive(func(rng *rand.Rand) { d.selling(ctx, rng, d.stores[w], fmt.Sprintf("sale-%d-%d", round, w), unsure) })
	}
	drive(func(rng *rand.Rand) { d.texting(ctx, rng, fmt.Sprintf("sms-%d", round), unsure) })
	drive(func(*rand.Rand) { d.chatter(ctx, round*1000, fmt.Sprintf("chat-%d", round), unsure) })
	drive(func(*rand.Rand) { d.socketChatter(ctx, round*1000+500, fmt.Sprintf("socket-%d", round), unsure) })
	wg.Go(func() { d.again(ctx, left, unsure) })
	if d.mailbox != nil {
		drive(func(rng *rand.Rand) { d.mailing(ctx, rng, fmt.Sprintf("mail-%d", round), mails) })
	}
	wg.Wait()
	return cut
}

// shop sends signed events one after the other.
func (d *doors) shop(ctx context.Context, rng *rand.Rand, name string, unsure func(call)) {
	for n := 0; ctx.Err() == nil; n++ {
		d.attempt(ctx, d.signed(fmt.Sprintf("%s-%d", name, n), signedKinds[rng.IntN(len(signedKinds))], rng.IntN(customers)), unsure)
	}
}

// selling sends the signed calls of a store, the second version of an order only when the first was
// acknowledged: else a call made again would rightly change nothing.
func (d *doors) selling(ctx context.Context, rng *rand.Rand, store models.Channel, name string, unsure func(call)) {
	for n := 0; ctx.Err() == nil; n++ {
		created, sent := d.buys(store, fmt.Sprintf("%s-%d", name, n), rng.IntN(customers))
		if d.attempt(ctx, created, unsure) {
			d.attempt(ctx, sent, unsure)
		}
	}
}

// texting announces text messages.
func (d *doors) texting(ctx context.Context, rng *rand.Rand, name string, unsure func(call)) {
	for n := 0; ctx.Err() == nil; n++ {
		d.attempt(ctx, d.text(fmt.Sprintf("%s-%d", name, n), rng.IntN(customers)), unsure)
	}
}

// mailing puts mails into the mailbox. One that lies there is promised: it must be fetched.
func (d *doors) mailing(ctx context.Context, rng *rand.Rand, name string, mails *[]string) {
	for n := 0; ctx.Err() == nil; n++ {
		key := fmt.Sprintf("%s-%d", name, n)
		if err := errors.Join(d.postbox.Append(rawMail(key, rng.IntN(customers))), d.book.ack(key)); err != nil {
			d.t.Error(err)
			return
		}
		*mails = append(*mails, key)
	}
}

// chatter writes as one visitor after the other, fifteen messages each.
func (d *doors) chatter(ctx context.Context, first int, name string, unsure func(call)) {
	for n := 0; ctx.Err() == nil; n++ {
		v, ok := d.boot(first + n)
		for i := 0; ok && i < 15 && ctx.Err() == nil; i++ {
			d.attempt(ctx, d.says(v, fmt.Sprintf("%s-%d-%d", name, n, i)), unsure)
		}
	}
}

// again makes calls that were cut off before, as a provider does.
func (d *doors) again(ctx context.Context, left []call, unsure func(call)) {
	for _, c := range left {
		d.attempt(ctx, c, unsure)
	}
}

// attempt makes a call; one without an answer is kept for later. Any other refusal is an error.
func (d *doors) attempt(ctx context.Context, c call, unsure func(call)) (acked bool) {
	acked, status, answer := d.make(c)
	switch {
	case acked:
	case status == 0 || ctx.Err() != nil:
		unsure(c)
	default:
		d.t.Errorf("%s: %d %s", c.key, status, answer)
	}
	return acked
}
