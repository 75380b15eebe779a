package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"onethread/handlers/browser"
)

// weight counts what a browser with an empty cache fetches: for the inbox, and on a shop's page for
// the widget before anybody opens it.
func (b *bench) weight(t *testing.T) {
	p := newProcess(t, b.bin, b.shop)
	p.start()
	chromium := browser.Start(t)
	page := chromium.Page(t, 1440, 900)
	page.Weigh(p.url+"/robots.txt", p.url) // an address of the server, to set the cookie at; its /favicon.ico must not be counted below
	page.Eval(fmt.Sprintf(`document.cookie = "ot=%s; path=/"`, b.cookie), nil)
	b.weighed(t, "inbox, first load", page.Weigh(p.url+"/", p.url), "≤ 6 requests, ≤ 60 kB", "36 requests, 643 kB gzip")

	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><title>A shop</title><link rel="icon" href="data:,"><h1>Desks</h1><script async src="%s/widget.js" data-channel="webchat-key"></script>`, p.url)
	}))
	defer site.Close()
	shop := chromium.Page(t, 1440, 900)
	b.weighed(t, "widget before it is opened", shop.Weigh(site.URL, p.url), "≤ 3 requests, ≤ 5 kB", "14 requests, 254 kB gzip")
	p.stop()
}

func (b *bench) weighed(t *testing.T, name string, requests []browser.Request, bar, peer string) {
	total := int64(0)
	for _, r := range requests {
		t.Logf("%8d bytes  %-10s %s", r.Bytes, r.Type, r.URL)
		total += r.Bytes
	}
	b.row(name, fmt.Sprintf("%d requests, %.1f kB", len(requests), float64(total)/1000), bar, peer)
}
