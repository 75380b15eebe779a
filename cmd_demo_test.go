package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"onethread/handlers/browser"
	"onethread/models"
	"onethread/models/demo"
	"onethread/models/store"
)

// startSample runs the quiet sample shop on free ports. stop ends it and waits.
func startSample(t *testing.T) (s *sample, st *store.Store, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s, err := openSample(ctx, Env{Addr: "127.0.0.1:0", LogLevel: slog.LevelWarn})
	if err != nil {
		t.Fatal(err)
	}
	st = s.program.Store
	done := make(chan error, 1)
	go func() { done <- s.run(ctx, true, 1) }()
	ended := false
	stop = func() error {
		cancel()
		if ended {
			return nil
		}
		ended = true
		select {
		case err := <-done:
			return err
		case <-time.After(10 * time.Second):
			return fmt.Errorf("the sample shop did not stop within ten seconds")
		}
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	eventually(t, "readiness", func() error {
		res, err := http.Get(s.env.URL + "/readyz")
		if err != nil {
			return err
		}
		defer res.Body.Close()
		return unless(res.StatusCode == http.StatusOK, res.Status)
	})
	return s, st, stop
}

// unless is nil when a condition holds, else an error with what stands instead.
func unless(holds bool, instead any) error {
	if holds {
		return nil
	}
	return fmt.Errorf("there is %v", instead)
}

// everyKind are the events that a thread can show (models.KindVoicemail: a call's outcome so far).
var everyKind = []models.Kind{models.KindMessage, models.KindNote, models.KindOrder, models.KindPayment, models.KindFulfilment, models.KindRefund,
	models.KindReturn, models.KindCart, models.KindVisit, models.KindCall, models.KindPageView, models.KindProductSaved, models.KindProductUnsaved,
	models.KindContact, models.KindConversation, models.KindMerge, models.KindUnmerge, models.KindUnreadable}

// TestDemo: the sample shop stands, shows every kind of event, contradicts itself nowhere, sends
// what its staff wrote, and leaves nothing behind.
func TestDemo(t *testing.T) {
	s, st, stop := startSample(t)
	q := st.Read(t.Context())
	events, err := store.FeedFull(q, 0, 5000)
	if err != nil {
		t.Fatal(err)
	}
	kinds, threads, states := map[models.Kind]int{}, map[models.ID]int{}, map[string]int{}
	for _, e := range events {
		kinds[e.Kind]++
		if !e.Kind.Hidden() && e.CustomerID != 0 {
			threads[e.CustomerID]++
		}
		if e.OccurredAt > models.At(time.Now().Add(time.Minute)) {
			t.Errorf("event %s lies in the future: %s", e.ID, e.OccurredAt)
		}
	}
	for _, k := range everyKind {
		if kinds[k] == 0 {
			t.Errorf("no event of the kind %q", k)
		}
	}
	if longest := slices.Max(slices.Collect(func(yield func(int) bool) {
		for _, n := range threads {
			if !yield(n) {
				return
			}
		}
	})); longest < 60 || len(threads) < 18 {
		t.Errorf("%d threads, the longest with %d events", len(threads), longest)
	}
	eventually(t, "an empty outbox", func() error {
		clear(states)
		all, err := store.FeedFull(q, 0, 5000)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range all {
			if e.Message != nil && e.Direction == models.Out {
				states[e.Message.State]++
			}
		}
		return unless(states[models.DeliveryQueued]+states[models.DeliverySending] == 0, states)
	})
	if states[models.DeliveryFailed] != 1 || states[models.DeliverySent] < 30 {
		t.Errorf("delivery states %v; one message is meant to fail", states)
	}
	eventually(t, "four live channels", func() error {
		all, err := store.Healths(q)
		sick := slices.ContainsFunc(all, func(h store.Health) bool { return h.State != "live" || h.Problem != "" })
		return errors.Join(err, unless(len(all) == 4 && !sick, all))
	})
	if err := store.Check(t.Context(), st); err != nil {
		t.Error(err)
	}
	page := get(t, s.site+"/desk")
	if want := fmt.Sprintf(`<script async src="%s/widget.js" data-channel="%s"></script>`, s.env.URL, s.shop.Chat.Key); !strings.Contains(page, want) {
		t.Errorf("the storefront lacks %s", want)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.site+"/enter/"+strings.Repeat("A", 43), nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(req) // which follows no redirect
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if len(res.Cookies()) > 0 {
		t.Error("an invented link logs in")
	}
	folder := s.env.Data
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v", url, res.StatusCode, err)
	}
	return string(b)
}

// customerOf finds a customer of the stories by email address.
func customerOf(t *testing.T, st *store.Store, email string) models.ID {
	t.Helper()
	found, err := store.IdentitiesAt(st.Read(t.Context()), models.EmailIdentity, "", email)
	if err != nil || len(found) == 0 {
		t.Fatalf("nobody has the address %s: %v", email, err)
	}
	return found[0].CustomerID
}

// TestDemoInTheBrowser: the printed link logs in once, Ana's thread is whole on desktop and phone,
// and what somebody does on the storefront stands in the inbox without a reload.
func TestDemoInTheBrowser(t *testing.T) {
	s, st, _ := startSample(t)
	b := browser.Start(t)
	desk := b.Page(t, 1440, 900)
	enter := s.site + "/enter/" + s.front.enter
	desk.Open(enter)
	desk.Wait("document.querySelector('#rows .row') && document.querySelector('#live-state')?.dataset.state === 'live'")
	other := b.Page(t, 390, 844)
	other.Open(enter)
	other.Wait("document.querySelector('#d-pass')")

	ana := "/customers/" + customerOf(t, st, "ana.duarte@example.com").String()
	for _, dark := range []bool{false, true} {
		name := map[bool]string{false: "light", true: "dark"}[dark]
		desk.Dark(dark)
		for _, page := range []struct{ name, path string }{{"ana", ana}, {"inbox", "/"},
			{"tomas", "/customers/" + customerOf(t, st, "tomas@ribeiro-interiores.example.com").String()},
			{"chloe", "/customers/" + customerOf(t, st, demo.Gone).String()},
			{"priya", "/customers/" + customerOf(t, st, "priya.nair@example.com").String()},
			{"jonas", "/customers/" + customerOf(t, st, "jonas.berg@example.com").String()},
			{"channels", "/settings/channels"}} {
			desk.Open(s.env.URL + page.path)
			desk.Wait("document.readyState === 'complete'")
			desk.Screenshot("demo-desktop-" + name + "-" + page.name)
		}
	}
	phone := desk.Tab(390, 844)
	for _, dark := range []bool{false, true} {
		phone.Dark(dark)
		name := map[bool]string{false: "light", true: "dark"}[dark]
		for _, page := range []struct{ name, path string }{{"inbox", "/"}, {"ana", ana}} {
			phone.Open(s.env.URL + page.path)
			phone.Wait("document.readyState === 'complete'")
			phone.Screenshot("demo-phone-" + name + "-" + page.name)
		}
	}

	desk.Open(s.env.URL + ana)
	desk.Wait("document.querySelector('#live-state')?.dataset.state === 'live'")
	seesPictures(desk)
	sendsText(desk)
	desk.Open(s.env.URL + "/settings/channels/" + s.shop.Phone.ID.String())
	desk.Screenshot("demo-desktop-number")
	phone.Open(s.env.URL + "/settings/channels/" + s.shop.Phone.ID.String())
	phone.Screenshot("demo-phone-number")
	desk.Open(s.env.URL + ana)
	desk.Wait("document.querySelector('#live-state')?.dataset.state === 'live'")
	site := b.Page(t, 1280, 800)
	site.Open(s.site + "/login?as=ana")
	site.Wait("document.querySelector('.who').innerText.includes('Ana Duarte')")
	site.Open(s.site + "/lamp")
	site.Wait("document.querySelector('[data-save]') && window.onethread?.on")
	site.Screenshot("demo-storefront-product")
	site.Click("[data-save]")
	desk.Wait("[...document.querySelectorAll('#entries .entry')].some(e => /Saved .Farol table lamp/.test(e.textContent))")
	site.Open(s.site + "/")
	site.Screenshot("demo-storefront")
	for _, p := range []*browser.Page{desk, phone, site} {
		for _, e := range p.Errors() {
			t.Errorf("console: %s", e)
		}
	}
}

// sendsText answers by SMS: the composer counts what the carrier will, and the message arrives.
func sendsText(p *browser.Page) {
	p.Eval("document.querySelector('#ways input[data-kind=phone]').click()", nil)
	p.Type("#words-field", strings.Repeat("The desk waits for you at the counter. ", 5))
	p.Wait("document.querySelector('#count').textContent === '194 characters, 2 SMS'")
	p.Screenshot("demo-desktop-sms")
	p.Eval("(e => { e.value = 'Olá 🙂'; e.dispatchEvent(new Event('input', {bubbles: true})) })(document.querySelector('#words-field'))", nil) // keys are typed one UTF-16 unit at a time
	p.Wait("document.querySelector('#count').textContent === '5 characters, 1 SMS'")
	p.Click("#send")
	p.Wait("[...document.querySelectorAll('#entries .out')].some(e => e.innerText.includes('Olá 🙂') && e.querySelector('.receipt')?.dataset.state === 'delivered')")
	p.Screenshot("demo-desktop-sms-delivered")
}

// seesPictures opens the HTML mail at the thread's beginning: its inline picture shows at once, its
// remote one, which lies on the storefront, after a click.
func seesPictures(p *browser.Page) {
	const mail = "document.querySelector('#entries details.original')"
	const drawn = "[..." + mail + ".querySelector('iframe').contentDocument.images].filter(i => i.naturalWidth > 1).length"
	p.Wait("(document.querySelector('#scroll').scrollTop = 0, " + mail + ")")
	p.Eval(mail+".open = true, "+mail+".scrollIntoView(), 0", nil)
	p.Wait(drawn + " === 1")
	p.Eval(mail+".querySelector('[data-images]').click()", nil)
	p.Wait(mail + ".querySelector('iframe').contentDocument && " + drawn + " === 2")
	p.Screenshot("demo-desktop-pictures")
}

// TestScreenshot renews docs/screenshot.png when asked to:
//
//	ONETHREAD_SCREENSHOT=1 go test -run TestScreenshot .
func TestScreenshot(t *testing.T) {
	if os.Getenv("ONETHREAD_SCREENSHOT") == "" {
		t.Skip("set ONETHREAD_SCREENSHOT=1 to renew docs/screenshot.png")
	}
	s, st, _ := startSample(t)
	p := browser.Start(t).Page(t, 1440, 900)
	p.Open(s.site + "/enter/" + s.front.enter)
	p.Wait("document.querySelector('#rows .row')")
	p.Open(s.env.URL + "/customers/" + customerOf(t, st, "ana.duarte@example.com").String())
	p.Wait("document.querySelector('#live-state')?.dataset.state === 'live' && document.querySelectorAll('#entries .entry').length > 10")
	dir := t.TempDir()
	t.Setenv("ONETHREAD_SHOTS", dir)
	p.Screenshot("screenshot")
	png, err := os.ReadFile(filepath.Join(dir, "screenshot.png"))
	if err != nil {
		t.Fatal(err)
	}
	if len(png) > 300_000 {
		t.Errorf("the picture has %d bytes; 300,000 are allowed", len(png))
	}
	if err := os.MkdirAll("docs", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("docs", "screenshot.png"), png, 0o644); err != nil {
		t.Fatal(err)
	}
}
