package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"onethread/models/benchdata"
)

// pages measures the running program on the large shop, one connection after the other in a closed
// loop: what a person waits for, loopback and client included.
func (b *bench) pages(t *testing.T) {
	p := newProcess(t, b.bin, b.shop)
	p.start()
	db := database(t, b.shop)
	recent := column(t, db, "SELECT customer_id FROM conversations WHERE status = 'open' ORDER BY last_at DESC LIMIT 500")
	db.Close()
	each := func(pattern string) []string {
		out := make([]string, len(recent))
		for i, id := range recent {
			out[i] = strings.ReplaceAll(pattern, "ID", id)
		}
		return out
	}
	for _, work := range []struct {
		name, bar, peer string
		paths           []string
	}{
		{"control: /healthz", "", "", []string{"/healthz"}},
		{"inbox page, open", "< 2 ms", "142–213 ms", []string{"/"}},
		{"inbox page, mine", "< 2 ms", "", []string{"/?view=mine"}},
		{"inbox page, waiting", "< 2 ms", "", []string{"/?view=waiting"}},
		{"inbox page, snoozed", "< 2 ms", "", []string{"/?view=snoozed"}},
		{"inbox page, closed", "< 2 ms", "", []string{"/?view=closed"}},
		{"thread (swapped in)", "< 2 ms", "2.7 + 3.7 ms", each("/customers/ID#fragment")},
		{"thread with list, whole page", "", "", each("/customers/ID")},
		{"API inbox, open", "< 2 ms", "142–213 ms", []string{"/api/v1/conversations"}},
		{"API inbox, all", "< 2 ms", "793 ms", []string{"/api/v1/conversations?status=all"}},
		{"API inbox, one channel", "< 2 ms", "", []string{"/api/v1/conversations?channel=webchat"}},
		{"API inbox, a rare label", "< 2 ms", "", []string{"/api/v1/conversations?status=all&label=" + benchdata.RareLabel}},
		{"API inbox, a label", "< 2 ms", "", []string{"/api/v1/conversations?label=vip"}},
		{"API inbox, a label, all", "< 2 ms", "", []string{"/api/v1/conversations?status=all&label=vip"}},
		{"API inbox, a channel type that none has", "< 2 ms", "", []string{"/api/v1/conversations?status=all&channel=counter"}},
		{"API inbox, nobody's", "< 2 ms", "", []string{"/api/v1/conversations?assignee=none"}},
		{"API thread", "< 2 ms", "2.7 + 3.7 ms", each("/api/v1/customers/ID/thread")},
		{"API orders", "", "", []string{"/api/v1/orders"}},
		{"API orders, a status that none has", "", "", []string{"/api/v1/orders?status=failed"}},
		{"search, rare word", "< 5 ms", "3.1 ms", []string{"/api/v1/search?q=" + benchdata.Rare}},
		{"search, 5 % word", "< 10 ms", "6–19 ms", []string{"/api/v1/search?q=" + benchdata.Frequent}},
		{"search, 20 % word", "< 10 ms", "49.5 ms", []string{"/api/v1/search?q=" + benchdata.VeryFrequent}},
		{"search, two words", "< 10 ms", "", []string{"/api/v1/search?q=" + benchdata.Frequent + "+" + benchdata.VeryFrequent}},
		{"search, two letters", "< 10 ms", "", []string{"/api/v1/search?q=re", "/api/v1/search?q=or", "/api/v1/search?q=zq"}},
		{"search, three letters", "< 10 ms", "", []string{"/api/v1/search?q=ref", "/api/v1/search?q=ord", "/api/v1/search?q=bra"}},
		{"search, a name", "< 10 ms", "", []string{"/api/v1/search?q=Brasa", "/api/v1/search?q=casa"}},
		{"API customers, two letters that begin few names", "", "", []string{"/api/v1/customers?query=zq", "/api/v1/customers?query=fu"}},
	} {
		t.Run(work.name, func(t *testing.T) { b.row(work.name, b.closedLoop(p, work.paths, 1).String(), work.bar, work.peer) })
	}
	for _, work := range []struct {
		name, peer string
		paths      []string
	}{{"inbox page", "", []string{"/"}}, {"thread (swapped in)", "", each("/customers/ID#fragment")}, {"API inbox, open", "7.2 s (all)", []string{"/api/v1/conversations"}}} {
		name := work.name + ", 16 connections"
		t.Run(name, func(t *testing.T) { b.row(name, b.closedLoop(p, work.paths, 16).String(), "", work.peer) })
	}
	b.row("memory after this load (PSS)", fmt.Sprintf("%.1f MB", float64(p.pss())/1e6), "", "")
	p.stop()
}

// small measures the inbox of a shop a tenth as large: its time must not depend on the size.
func (b *bench) small(t *testing.T) {
	small := &bench{T: t, bin: b.bin}
	small.shop = small.madeShop(benchdata.Size{Customers: 10_000, Events: 100_000, Seed: 1})
	small.letIn()
	p := newProcess(t, b.bin, small.shop)
	p.start()
	b.row("inbox page, open, 10k customers", small.closedLoop(p, []string{"/"}, 1).String(), "< 2 ms", "18.6 ms")
	b.row("API inbox, all, 10k customers", small.closedLoop(p, []string{"/api/v1/conversations?status=all"}, 1).String(), "< 2 ms", "120 ms")
	p.stop()
}

// loop is what a closed loop showed.
type loop struct {
	p50, p99, cpu time.Duration
	perSecond     float64
}

func (l loop) String() string {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return fmt.Sprintf("%.2f ms p50, %.2f p99 (CPU %.2f ms, %.0f/s)", ms(l.p50), ms(l.p99), ms(l.cpu), l.perSecond)
}

// closedLoop asks for the paths in turn over so many connections, three times for a second and a
// half, and gives the run whose median is the middle one.
func (b *bench) closedLoop(p *process, paths []string, connections int) loop {
	b.Helper()
	b.run(p, paths, connections, 300*time.Millisecond) // caches and pools
	var runs []loop
	for range 3 {
		runs = append(runs, b.run(p, paths, connections, 1500*time.Millisecond))
	}
	slices.SortFunc(runs, func(x, y loop) int { return int(x.p50 - y.p50) })
	return runs[1]
}

func (b *bench) run(p *process, paths []string, connections int, d time.Duration) loop {
	b.Helper()
	client := &fasthttp.HostClient{Addr: strings.TrimPrefix(p.url, "http://"), MaxConns: connections}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var all []time.Duration
	var wg sync.WaitGroup
	before, began := p.cpu(), time.Now()
	for c := range connections {
		wg.Go(func() {
			mine := b.ask(client, p.url, paths, c, began.Add(d))
			mu.Lock()
			all = append(all, mine...)
			mu.Unlock()
		})
	}
	wg.Wait()
	took := time.Since(began)
	slices.Sort(all)
	n := len(all)
	return loop{p50: all[n/2], p99: all[n*99/100], cpu: (p.cpu() - before) / time.Duration(n), perSecond: float64(n) / took.Seconds()}
}

func (b *bench) ask(client *fasthttp.HostClient, base string, paths []string, first int, until time.Time) (took []time.Duration) {
	var req fasthttp.Request
	var resp fasthttp.Response
	req.Header.SetCookie("ot", b.cookie)
	req.Header.Set("Authorization", "Bearer "+b.token)
	req.Header.Set("Accept", "text/html")
	for n := first; len(took) == 0 || time.Now().Before(until); n++ {
		path, fragment := strings.CutSuffix(paths[n%len(paths)], "#fragment")
		req.SetRequestURI(base + path)
		req.Header.Del("HX-Request")
		if fragment {
			req.Header.Set("HX-Request", "true")
		}
		began := time.Now()
		if err := client.Do(&req, &resp); err != nil || resp.StatusCode() != 200 {
			b.Errorf("%s: %v %d %.200s", path, err, resp.StatusCode(), resp.Body())
			return append(took, time.Since(began))
		}
		took = append(took, time.Since(began))
	}
	return took
}
