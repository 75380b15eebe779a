package staff_test

import (
	"fmt"
	"strings"
	"testing"

	"onethread/handlers/browser"
	"onethread/models"
)

// enter logs a page in as a person would.
func (s *shop) enter(p *browser.Page, u models.User, path string) {
	s.t.Helper()
	p.Open(s.url + "/login?next=" + path)
	p.Type("#d-email", u.Email)
	p.Type("#d-pass", password)
	p.Click(".door button")
	p.Wait(fmt.Sprintf("location.pathname === %q && document.querySelector('#live-state')?.dataset.state === 'live'", path))
}

func quiet(t *testing.T, pages ...*browser.Page) {
	t.Helper()
	for _, p := range pages {
		for _, e := range p.Errors() {
			t.Errorf("console: %s", e)
		}
	}
}

// TestTwoBrowsersSeeOneThread: what happens is on both screens without a reload; an answer can be
// called back; a note is never in the customer's colours; a revoked session's screen ends.
func TestTwoBrowsersSeeOneThread(t *testing.T) {
	s := openShop(t)
	ana := s.mailFrom("ana@example.com", "Ana Duarte", "Is the walnut desk back in stock?")
	s.mailFrom("omar@example.com", "Omar Haddad", "Perfect, I will come by after five.")
	b := browser.Start(t)
	mia, leo := b.Page(t, 1440, 900), b.Page(t, 1440, 900)
	s.enter(mia, s.mia, "/")
	s.enter(leo, s.leo, "/")

	row := "#c" + ana.CustomerID.String()
	mia.Wait("document.querySelector('#rows .row').innerText.includes('Omar')")
	mia.Click(row + " a")
	mia.Wait("document.querySelector('main.thread .said')?.innerText.includes('walnut desk')")
	mia.Wait(fmt.Sprintf("document.querySelector(%q).dataset.unread === '0'", row)) // read after a second
	leo.Click(row + " a")
	mia.Wait("document.querySelector('#looking').innerText.includes('Leo')")

	s.order("ana@example.com", "1042")
	s.mailFrom("ana@example.com", "Ana Duarte", "I ordered it, thanks!")
	for _, p := range []*browser.Page{mia, leo} {
		p.Wait("document.querySelectorAll('#entries .card-box').length === 1 && [...document.querySelectorAll('.said')].some(e => e.innerText.includes('I ordered it'))")
		p.Wait("document.querySelector('#rows .row').innerText.includes('Ana')") // newest on top
		p.Wait("document.querySelector('#panel').innerText.includes('#1042') && document.querySelector('#ribbon').innerText.includes('Bought')")
	}

	mia.Key("r")
	mia.Wait("document.activeElement.id === 'words-field'")
	mia.Type("#words-field", "It leaves today.")
	leo.Wait("document.querySelector('#typing').innerText.includes('Mia')")
	mia.Key("\r", browser.Ctrl)
	mia.Wait("document.querySelector('.out .receipt')?.dataset.state === 'queued' && document.querySelector('.toast')")
	mia.Screenshot("live-sent")
	leo.Wait("document.querySelector('.out .said')?.innerText === 'It leaves today.'")
	mia.Click(".toast button")
	leo.Wait("document.querySelector('.out .receipt').dataset.state === 'canceled'")
	mia.Wait("document.querySelector('#words-field').value === 'It leaves today.' && document.querySelectorAll('.out').length === 1")

	mia.Eval("document.activeElement.blur()", nil)
	mia.Key("c")
	mia.Wait("document.querySelector('#composer').classList.contains('noting') && document.activeElement.id === 'words-field'")
	mia.Type("#words-field", "Promised by Friday")
	mia.Click("#send")
	leo.Wait("document.querySelector('.note-box .said')?.innerText === 'Promised by Friday'")

	mia.Eval("document.activeElement.blur()", nil)
	mia.Key("e")
	for _, p := range []*browser.Page{mia, leo} {
		p.Wait(fmt.Sprintf("!document.querySelector(%q)", row))
	}
	leo.Wait("document.querySelector('#head').dataset.status === 'closed'")
	leo.Screenshot("live-closed")
	leo.Axe("a live thread")
	quiet(t, mia, leo)

	s.must(s.auth.RevokeAll(t.Context(), s.leo.ID, 0))
	leo.Wait("location.pathname === '/login'")
}

// TestColdLoad holds the budgets: requests, bytes on the wire, nodes.
func TestColdLoad(t *testing.T) {
	s := openShop(t)
	var last models.Ingested
	for i := range 60 {
		last = s.mailFrom(fmt.Sprintf("c%d@example.com", i), fmt.Sprintf("Customer %d", i), "Where is my refund? The store took the return on Monday.")
	}
	for i := range 60 {
		s.mailFrom("c59@example.com", "", fmt.Sprintf("message %d", i))
	}
	p := browser.Start(t).Page(t, 1440, 900)
	s.enter(p, s.mia, "/customers/"+last.CustomerID.String())
	p.Eval("fetch(location.href, {cache: 'reload'}).then(r => r.text()).then(() => 0)", nil)
	var got struct{ Requests, Bytes, Nodes int }
	p.Eval(`(() => { const all = [performance.getEntriesByType("navigation")[0], ...performance.getEntriesByType("resource").filter(e => e.initiatorType !== "fetch")];
		return {Requests: all.length, Bytes: all.reduce((n, e) => n + (e.transferSize || e.encodedBodySize), 0), Nodes: document.querySelectorAll("*").length} })()`, &got)
	t.Logf("%+v", got)
	if got.Requests > 6 || got.Bytes > 60_000 || got.Nodes > 1500 {
		t.Errorf("requests %d (6), bytes %d (60,000), nodes %d (1,500)", got.Requests, got.Bytes, got.Nodes)
	}
	before := 0
	p.Eval("document.querySelectorAll('.entry').length", &before)
	p.Eval("document.querySelector('#scroll').scrollTop = 0", nil)
	p.Wait(fmt.Sprintf("document.querySelectorAll('.entry').length > %d", before))
	var top int
	p.Eval("document.querySelector('#scroll').scrollTop", &top)
	if top < 100 {
		t.Errorf("the place was not kept when earlier events came: scrollTop is %d", top)
	}
	quiet(t, p)
}

// TestPhone: list, thread and back on a small screen; nothing lies outside the window.
func TestPhone(t *testing.T) {
	s := openShop(t)
	ana := s.mailFrom("ana@example.com", strings.Repeat("Ana Duarte ", 8), "Is the walnut desk back in stock?")
	s.order("ana@example.com", "1042")
	p := browser.Start(t).Page(t, 390, 844)
	s.enter(p, s.mia, "/")
	p.Axe("phone list")
	p.Click("#c" + ana.CustomerID.String() + " a")
	p.Wait("document.querySelector('#entries .card-box') && getComputedStyle(document.querySelector('.list')).display === 'none'")
	p.Screenshot("phone-live")
	p.Axe("phone thread")
	if over := p.Overflows(); len(over) > 0 {
		t.Errorf("outside the window: %q", over)
	}
	p.Click(".head .who")
	p.Wait("document.querySelector('#panel.shown')")
	p.Wait("document.querySelector('#panel').getBoundingClientRect().left === 0")
	p.Screenshot("phone-panel")
	p.Click(".panel-close")
	p.Eval("history.back()", nil)
	p.Wait("location.pathname === '/' && document.querySelector('#live-state').dataset.state === 'live'")
	p.Eval("history.forward()", nil)
	p.Wait("location.pathname !== '/' && document.querySelector('#entries .card-box')")
	p.Click(".head .back")
	p.Wait("location.pathname === '/' && getComputedStyle(document.querySelector('.list')).display !== 'none'")
	quiet(t, p)
}
