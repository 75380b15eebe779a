package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"
)

// anyOrder is fault F10: stores call several times, late, and in any order; what is stored in the end
// is what one call each, in order, would have left.
func anyOrder(t *testing.T, f *faultRun) {
	p := newProcess(t, f.bin, t.TempDir(), trusted)
	d := openDoors(t, p)
	p.start()
	a := &stores{doors: d, rng: seeded(t, 20261124)}
	for _, c := range slices.Concat(a.history("sorted", 0)[:3]...) {
		a.deliver([]call{c})
	}
	schedules := f.size(40, 200)
	const atOnce = 20 // schedules that are mixed with one another
	for n := 1; n <= schedules; n += atOnce {
		a.play(n, n+atOnce)
	}
	p.stop()
	wrong := a.compare(schedules)
	mustBeConsistent(t, p.data)
	slices.Sort(a.took)
	p99 := a.took[len(a.took)*99/100]
	f.note(t, "%d schedules of 3 orders in 2 stores over HTTP, %d calls by 8 connections, %d ended otherwise than sorted; ack p99 %d ms", schedules, len(a.took), wrong, p99.Milliseconds())
	if p99 > 500*time.Millisecond {
		t.Errorf("p99 of the acknowledgements is %v; 500 ms are promised", p99)
	}
	if f.full { // go test ./... plays some of these by itself
		a.throughTheDoor(t, f)
	}
}

// stores calls and notes how long the answers took.
type stores struct {
	*doors
	rng  *rand.Rand
	mu   sync.Mutex
	took []time.Duration
}

// history is what two stores tell of three orders, in order: the calls that matter, and those that
// come again when all is over, after newer ones. The stores number alike: both have an order named so.
func (d *stores) history(number string, buyer int) (parts [][]call) {
	shop, woo := d.stores[0], d.stores[1]
	begin := time.Now().Add(-48 * time.Hour).Truncate(time.Second)
	at := func(minute int) time.Time { return begin.Add(time.Duration(minute) * time.Minute) }
	id := 8_000_000_000_000_000_000 + d.made.Add(100)
	desk := func(minute int, refunds ...giveBack) sale {
		return sale{id: id, number: number, buyer: buyer, total: "538.00", at: at(minute), refunds: refunds}
	}
	r1, r2 := giveBack{id + 1, "5.00", at(3)}, giveBack{id + 2, "7.00", at(6)}
	smaller := desk(7, r1, r2)
	smaller.total = "500.00"
	first := []call{
		d.shopify(shop, "orders/create", desk(0).shopify("pending", "")),
		d.shopify(shop, "orders/paid", desk(1).shopify("paid", "")),
		d.shopify(shop, "orders/updated", desk(1).shopify("paid", "partial")), // the same second
		d.shopify(shop, "refunds/create", r1.shopify(id)),
		d.shopify(shop, "orders/updated", desk(3, r1).shopify("partially_refunded", "")),
		d.shopify(shop, "refunds/create", r2.shopify(id)),
		d.shopify(shop, "orders/fulfilled", smaller.shopify("partially_refunded", "fulfilled")),
	}
	lamp := func(minute int, refunds ...giveBack) sale {
		return sale{id: id + 10, number: number, buyer: buyer, total: "12.00", at: at(minute), refunds: refunds}
	}
	back := giveBack{id + 11, "4.00", at(5)}
	second := []call{d.woo(woo, "order.created", lamp(0).woo("pending")), d.woo(woo, "order.updated", lamp(1).woo("processing")), d.woo(woo, "order.updated", lamp(1).woo("completed")),
		d.woo(woo, "order.updated", lamp(5, back).woo("completed"))}
	vase := sale{id: id + 20, number: number + "-x", buyer: buyer, total: "9.00", at: at(0)}
	sent := vase
	sent.at = at(2)
	gone := d.shopify(shop, "orders/delete", map[string]any{"id": vase.id})
	gone.header["X-Shopify-Triggered-At"] = at(4).UTC().Format(time.RFC3339Nano)
	third := []call{d.shopify(shop, "orders/create", vase.shopify("paid", "")), d.shopify(shop, "orders/updated", sent.shopify("paid", "fulfilled")), gone}
	// Versions that were never told before, each older than what is known by then.
	stale := []call{d.shopify(shop, "orders/updated", desk(2).shopify("paid", "")), d.woo(woo, "order.updated", lamp(3).woo("on-hold"))}
	late := vase
	late.at = at(3)
	return [][]call{first, second, third, append(stale, d.shopify(shop, "orders/updated", late.shopify("refunded", "")))}
}

// play delivers several schedules through one another: each call one to five times, in any order; then
// each stale one eight times.
func (d *stores) play(from, to int) {
	var calls, stale []call
	for n := from; n < to; n++ {
		h := d.history(fmt.Sprint("n", n), n%customers)
		for _, c := range slices.Concat(h[:3]...) {
			for range 1 + d.rng.IntN(5) {
				calls = append(calls, c)
			}
		}
		for _, c := range h[3] {
			stale = append(stale, slices.Repeat([]call{c}, 8)...)
		}
	}
	for _, list := range [][]call{calls, stale} {
		d.rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		d.deliver(list)
	}
}

// deliver makes calls, eight at a time; all must be acknowledged.
func (d *stores) deliver(calls []call) {
	next := make(chan call)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for c := range next {
				began := time.Now()
				status, answer := post(d.client, c.url, c.body, c.header)
				d.mu.Lock()
				d.took = append(d.took, time.Since(began))
				d.mu.Unlock()
				if status != http.StatusOK {
					d.t.Errorf("%d %s", status, answer)
				}
			}
		})
	}
	for _, c := range calls {
		next <- c
	}
	close(next)
	wg.Wait()
}

// orderStates tells all that people see of each order, its number aside, behind its number.
const orderStates = `SELECT json_array(o.number, c.type || ' ' || CASE WHEN o.number LIKE '%-x' THEN 'x' ELSE '' END || ' ' || o.status || ' ' || o.total || ' ' || o.subtotal || ' refunded ' || o.refunded || ' ' || o.currency
	|| ' lines ' || (SELECT group_concat(l.title || l.quantity || 'x' || l.price) FROM order_lines l WHERE l.order_id = o.id)
	|| ' refunds ' || coalesce((SELECT group_concat(amount || status || reason || (event_id IS NOT NULL)) FROM (SELECT * FROM refunds r WHERE r.channel_id = o.channel_id AND r.order_external_id = o.external_id ORDER BY r.external_id)), '-')
	|| ' shown ' || (SELECT count FROM shown s WHERE s.channel_id = o.channel_id AND s.number = o.number AND s.what = 'created')
	|| ' refunds shown ' || coalesce((SELECT count FROM shown s WHERE s.channel_id = o.channel_id AND s.number = o.number AND s.what = 'refund'), 0))
	FROM orders o JOIN channels c ON c.id = o.channel_id`

// shownTable counts the events that show each order and its refunds.
const shownTable = `CREATE TEMP TABLE shown AS SELECT channel_id, coalesce(json_extract(data, '$.order.number'), json_extract(data, '$.order_number')) AS number,
	coalesce(json_extract(data, '$.change'), kind) AS what, count(*) AS count FROM events WHERE kind IN ('order','payment','fulfilment','refund') GROUP BY 1, 2, 3;
	CREATE INDEX temp.shown_order ON shown(number)`

// compare holds every schedule's end against that of the sorted one, and returns how many differ.
func (d *stores) compare(schedules int) (wrong int) {
	d.t.Helper()
	db := database(d.t, d.data)
	defer db.Close()
	if _, err := db.Exec(shownTable); err != nil {
		d.t.Fatal(err)
	}
	ends := map[string][]string{}
	for _, row := range column(d.t, db, orderStates) {
		var pair [2]string
		if err := json.Unmarshal([]byte(row), &pair); err != nil {
			d.t.Fatal(err)
		}
		number := regexp.MustCompile(`-x$`).ReplaceAllString(pair[0], "")
		ends[number] = append(ends[number], pair[1])
	}
	want := ends["sorted"]
	slices.Sort(want)
	d.t.Logf("sorted, the orders end as\n%q", want)
	if len(want) != 3 || len(ends) != schedules+1 {
		d.t.Errorf("%d numbers are there, %d were told; the sorted one has %d orders", len(ends), schedules+1, len(want))
	}
	for number, got := range ends {
		if slices.Sort(got); !slices.Equal(got, want) {
			if wrong++; wrong < 5 {
				d.t.Errorf("%s ends as\n%q", number, got)
			}
		}
	}
	if got := column(d.t, db, "SELECT id FROM events WHERE kind = 'unreadable'"); len(got) > 0 {
		d.t.Errorf("unreadable events: %v", got)
	}
	return wrong
}

// throughTheDoor plays schedules straight into the single door: many more than HTTP lets through.
func (d *stores) throughTheDoor(t *testing.T, f *faultRun) {
	cmd := exec.Command("go", "test", "-count=1", "-v", "-run", "TestAnyScheduleOfDeliveriesEndsAlike", "./models/inbox")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	said := regexp.MustCompile(`(\d+) schedules`).FindString(string(out))
	if err != nil || said == "" {
		t.Errorf("models/inbox: %v\n%s", err, tail(string(out), 2000))
	}
	f.note(t, "%s straight into the single door", said)
}
