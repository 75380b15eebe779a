package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/benchdata"
)

// ingest measures the single door at synchronous=FULL on the large shop: mails of known customers,
// one in five of a new one, each durable before the next of its writer.
func (b *bench) ingest(t *testing.T) {
	db := database(t, b.shop)
	known := column(t, db, "SELECT value FROM identities WHERE kind = 'email' ORDER BY id DESC LIMIT 20000")
	channel := column(t, db, "SELECT id FROM channels WHERE type = 'email'")[0]
	db.Close()
	mailbox, err := models.ParseID(channel)
	if err != nil {
		t.Fatal(err)
	}
	prepare(t, b.shop, "http://localhost", func(ctx context.Context, p *Program) error {
		for _, writers := range []int{1, 8, 32} {
			bar := map[int]string{8: "≥ 1,500/s", 32: "≥ 1,500/s"}[writers]
			b.row(fmt.Sprintf("ingest, %d at a time", writers), b.ingestBy(t, p, writers, mailbox, known), bar, "15/s (mails)")
		}
		return nil
	})
}

// ingestBy has so many writers work for three seconds.
func (b *bench) ingestBy(t *testing.T, p *Program, writers int, mailbox models.ID, known []string) string {
	cpu, until, began := ownCPU(t), time.Now().Add(3*time.Second), time.Now()
	var mu sync.Mutex
	var all []time.Duration
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			mine := writeMails(t, p, until, uint64(writers*100+w), mailbox, known)
			mu.Lock()
			all = append(all, mine...)
			mu.Unlock()
		})
	}
	wg.Wait()
	rate := float64(len(all)) / time.Since(began).Seconds()
	slices.Sort(all)
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	cpu = (ownCPU(t) - cpu) / time.Duration(len(all))
	return fmt.Sprintf("%.0f/s, %.2f ms p50, %.2f p99 (CPU %.2f ms)", rate, ms(all[len(all)/2]), ms(all[len(all)*99/100]), ms(cpu))
}

const burstOf = 500

// burst sends many orders at once, as a shop system does that was held up: signed-in calls of the
// generic door over a hundred connections, each answered once it is on disk. The worst of three counts.
func (b *bench) burst(t *testing.T) {
	db := database(t, b.shop)
	till := column(t, db, "SELECT id FROM channels WHERE type = 'generic'")[0]
	db.Close()
	p := newProcess(t, b.bin, b.shop)
	p.start()
	client := &http.Client{Timeout: patience, Transport: &http.Transport{MaxConnsPerHost: 100, MaxIdleConnsPerHost: 100}}
	defer client.CloseIdleConnections()
	head := map[string]string{"Authorization": "Bearer " + b.writeToken, "Content-Type": "application/json"}
	var worst time.Duration
	var told string
	for run := range 3 {
		took, wg, before := make([]time.Duration, burstOf), sync.WaitGroup{}, p.cpu()
		began := time.Now()
		for n := range burstOf {
			wg.Go(func() {
				body := fmt.Sprintf(`{"external_id": "burst-%[1]d-%[2]d", "kind": "order", "identities": [{"kind": "email", "value": "burst%[2]d@casa.example", "evidence": "asserted"}],
					"order": {"number": "B%[1]d%[2]d", "status": "paid", "currency": "EUR", "total": "12.00", "updated_at": "2026-11-20T10:31:00Z", "lines": [{"title": "Clay vase", "quantity": 1, "price": "12.00"}]}}`, run, n)
				if status, answer := post(client, p.url+"/api/v1/ingest/"+till, []byte(body), head); status != http.StatusCreated {
					t.Errorf("%d %s", status, answer)
				}
				took[n] = time.Since(began)
			})
		}
		wg.Wait()
		slices.Sort(took)
		if last := took[burstOf-1]; last > worst {
			worst = last
			told = fmt.Sprintf("all within %d ms, half within %d (CPU %.2f ms each)", last.Milliseconds(), took[burstOf/2].Milliseconds(), float64((p.cpu()-before).Microseconds())/1000/burstOf)
		}
	}
	b.row(fmt.Sprintf("burst of %d orders over HTTP", burstOf), told, "≤ 1,000 ms, none refused", "")
	p.stop()
}

// ownCPU is the processor time of this test so far, the making of the mails included.
func ownCPU(t *testing.T) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func writeMails(t *testing.T, p *Program, until time.Time, seed uint64, mailbox models.ID, known []string) (took []time.Duration) {
	rng := rand.New(rand.NewPCG(seed, 3))
	words := benchdata.NewWords(rng)
	for n := 0; len(took) == 0 || time.Now().Before(until); n++ {
		from, id := known[rng.IntN(len(known))], fmt.Sprintf("bench-%d-%d@casa.example", seed, n)
		if n%5 == 0 {
			from = fmt.Sprintf("new-%d-%d@casa.example", seed, n)
		}
		text := words.Message()
		in := models.Inbound{ChannelID: mailbox, ExternalID: id, ReceivedAt: p.Store.Now(), Name: "A Customer", RawType: "message/rfc822", Raw: []byte("Subject: A question\r\n\r\n" + text),
			Hints:   []models.Hint{{Kind: models.EmailIdentity, Value: from, Evidence: models.Asserted, Reason: "From of an email"}},
			Payload: &models.MessageIn{Subject: "A question about " + text[:10], Text: text, MessageID: id}}
		began := time.Now()
		if _, err := p.Inbox.Ingest(t.Context(), in); err != nil {
			t.Errorf("ingest: %v", err)
			return append(took, time.Since(began))
		}
		took = append(took, time.Since(began))
	}
	return took
}
