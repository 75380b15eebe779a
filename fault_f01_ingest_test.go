package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"onethread/integrations/email/mailtest"
)

// crashInIngest is fault F1: what was acknowledged is there, once, however often the program is killed.
func crashInIngest(t *testing.T, f *faultRun) {
	t.Run("copies", func(t *testing.T) { replay(t, f.bin) })
	killInIngest(t, f)
}

const (
	rounds    = 20
	customers = 40
)

// trusted lets the drivers speak for many addresses.
const trusted = "ONETHREAD_TRUSTED_PROXIES=127.0.0.1"

// replay makes every inbound call ten times at the same moment: each event is there once, and one
// copy alone was called new.
func replay(t *testing.T, bin string) {
	p := newProcess(t, bin, t.TempDir(), trusted)
	d := openDoors(t, p)
	p.start()
	var calls []call
	for i, kind := range signedKinds {
		for n := range 4 {
			calls = append(calls, d.signed(fmt.Sprintf("replay-%s-%d", kind, n), kind, i*4+n))
		}
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
	created := 0
	for _, s := range statuses {
		switch s {
		case http.StatusCreated:
			created++
		case http.StatusOK:
		default:
			d.t.Errorf("%s: status %d", c.key, s)
		}
	}
	if created != 1 {
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
		in := column(d.t, db, "SELECT trim(m.text, char(10)) FROM messages m JOIN events e ON e.id = m.event_id JOIN channels c ON c.id = e.channel_id WHERE c.type = 'email'")
		for _, key := range keys {
			if !slices.Contains(in, key) {
				return fmt.Errorf("%s is missing; %d mails are in", key, len(in))
			}
		}
		return nil
	})
}

// killInIngest kills the program twenty times while calls, chat and mail come in.
func killInIngest(t *testing.T, f *faultRun) {
	rng := seeded(t, 20261123)
	p := newProcess(t, f.bin, t.TempDir(), trusted)
	d := openDoors(t, p)
	var mails []string
	var left []call // made, and not acknowledged: the shop system calls again
	var slowest time.Duration
	for round := range rounds {
		slowest = max(slowest, p.start())
		left = d.round(rng, round, left, &mails)
		mustBeWhole(t, p.data, fmt.Sprintf("after kill %d", round+1))
	}
	t.Logf("slowest start after a kill: %v; %d calls were cut off", slowest.Round(time.Millisecond), len(left))
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
	d.compare()
	mustBeConsistent(t, p.data)
}

// round runs the drivers until the program is killed, between 50 ms and 1.5 s from now. It returns
// the calls whose answer was never seen.
func (d *doors) round(rng *rand.Rand, round int, left []call, mails *[]string) []call {
	ctx, end := context.WithCancel(context.Background())
	defer end()
	moment := time.Duration(50+rng.IntN(1450)) * time.Millisecond
	time.AfterFunc(moment, func() { d.kill(); end() })
	var mu sync.Mutex
	var cut []call
	unsure := func(c call) { mu.Lock(); cut = append(cut, c); mu.Unlock() }
	var wg sync.WaitGroup
	for w := range 6 {
		seed := rng.Uint64()
		wg.Go(func() { d.shop(ctx, rand.New(rand.NewPCG(seed, 0)), fmt.Sprintf("till-%d-%d", round, w), unsure) })
	}
	for w := range 2 {
		wg.Go(func() { d.chatter(ctx, round*1000+w*500, fmt.Sprintf("chat-%d-%d", round, w), unsure) })
	}
	wg.Go(func() { d.again(ctx, left, unsure) })
	for n := 0; ctx.Err() == nil; n++ {
		if d.mailbox == nil {
			<-ctx.Done()
			break
		}
		key := fmt.Sprintf("mail-%d-%d", round, n)
		d.mailbox.Deliver(mailtest.Shop, "INBOX", rawMail(key, rng.IntN(customers)))
		if err := d.book.ack(key); err != nil {
			d.t.Error(err)
		}
		*mails = append(*mails, key)
	}
	wg.Wait()
	return cut
}

// shop sends signed events one after the other, each once more when its answer was lost.
func (d *doors) shop(ctx context.Context, rng *rand.Rand, name string, unsure func(call)) {
	for n := 0; ctx.Err() == nil; n++ {
		c := d.signed(fmt.Sprintf("%s-%d", name, n), signedKinds[rng.IntN(len(signedKinds))], rng.IntN(customers))
		d.attempt(ctx, c, unsure)
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
func (d *doors) attempt(ctx context.Context, c call, unsure func(call)) {
	acked, status, answer := d.make(c)
	switch {
	case acked:
	case status == 0 || ctx.Err() != nil:
		unsure(c)
	default:
		d.t.Errorf("%s: %d %s", c.key, status, answer)
	}
}
