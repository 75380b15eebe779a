// Package browser drives a headless Chromium for tests: screen tests and the stories of
// package main. All use of chromedp stands in this one file, because its API has changed
// between minor versions before. The server never imports it.
package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// Patience is how long Wait and Open wait for the page before the test fails. Generous:
// the machine that runs the tests may be busy with other packages.
const Patience = 40 * time.Second

// Browser is one Chromium process. It ends with the test.
type Browser struct{ ctx context.Context }

// Page is one tab.
type Page struct {
	t   testing.TB
	ctx context.Context

	mu     sync.Mutex
	errors []string
}

// Start starts Chromium with the given flags besides the usual ones, or skips the test where none is
// installed.
func Start(t testing.TB, flags ...chromedp.ExecAllocatorOption) *Browser {
	t.Helper()
	path := find()
	if path == "" {
		t.Skip("no Chromium here: install it (apt-get install chromium) to run the browser tests")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU)
	opts = append(opts, flags...)
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, cancel := chromedp.NewContext(alloc)
	if err := chromedp.Do(ctx); err != nil {
		cancel()
		stop()
		t.Fatalf("Chromium did not start: %v", err)
	}
	t.Cleanup(func() { cancel(); stop() })
	return &Browser{ctx: ctx}
}

func find() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// Page opens an empty tab of its own private window (own cookies and storage) of the given
// size in CSS pixels; below 600 wide it behaves as a phone with touch.
func (b *Browser) Page(t testing.TB, width, height int64) *Page {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	return newPage(t, ctx, width, height)
}

// Tab opens a further tab in the same window as p, sharing its cookies.
func (p *Page) Tab(width, height int64) *Page {
	p.t.Helper()
	ctx, cancel := chromedp.NewContext(p.ctx)
	p.t.Cleanup(cancel)
	return newPage(p.t, ctx, width, height)
}

func newPage(t testing.TB, ctx context.Context, width, height int64) *Page {
	t.Helper()
	p := &Page{t: t, ctx: ctx}
	var opts []chromedp.EmulateViewportOption
	if width < 600 {
		opts = append(opts, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulateScale(2))
	}
	p.do("open a tab", chromedp.EmulateViewport(width, height, opts...))
	go p.collect(chromedp.Console(ctx))
	return p
}

func (p *Page) collect(messages iter.Seq2[chromedp.ConsoleMessage, error]) {
	for m, err := range messages {
		if err != nil {
			return
		}
		if m.Type == chromedp.ConsoleError || m.Type == chromedp.ConsoleException {
			p.mu.Lock()
			p.errors = append(p.errors, m.String())
			p.mu.Unlock()
		}
	}
}

// Errors gives the console errors and uncaught exceptions seen so far, CSP violations included.
func (p *Page) Errors() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.errors...)
}

// Open navigates and waits for the load event.
func (p *Page) Open(url string) {
	p.t.Helper()
	p.do("open "+url, chromedp.Navigate(url))
}

// Eval evaluates an expression (promises are awaited) and decodes its JSON value into out;
// a nil out ignores the value.
func (p *Page) Eval(expression string, out any) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, Patience)
	defer cancel()
	raw, err := chromedp.Run(ctx, chromedp.Evaluate[json.RawMessage](expression, chromedp.EvalAwaitPromise))
	if err != nil && !strings.Contains(err.Error(), "undefined") {
		p.t.Fatalf("evaluate %.120s: %v", expression, err)
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal(raw, out); err != nil {
		p.t.Fatalf("evaluate %.120s: %s is not a %T: %v", expression, raw, out, err)
	}
}

// Text gives the rendered text of the first element that matches a CSS selector.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	var s string
	p.Eval(fmt.Sprintf("document.querySelector(%q)?.innerText ?? ''", selector), &s)
	return s
}

// Wait waits until the expression is true, through navigations too, and fails with what the
// page shows otherwise.
func (p *Page) Wait(expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, Patience)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	var last error
	for {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if err == nil && ok {
			return
		}
		if err != nil && ctx.Err() == nil {
			last = err // the page may be between two documents
		}
		select {
		case <-ctx.Done():
			p.t.Fatalf("waited in vain for %s (%v)\nconsole: %q\npage: %.3000s", expression, last, p.Errors(), p.Text("body"))
		case <-again.C:
		}
	}
}

// Click clicks the first visible element that matches, as a person would. When the page replaces
// that element at this very moment, its successor is clicked.
func (p *Page) Click(selector string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, Patience)
	defer cancel()
	for {
		err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS(selector)))
		if err == nil {
			return
		}
		if ctx.Err() != nil || !strings.Contains(err.Error(), "Could not find node") {
			p.t.Fatalf("click %s: %v\nconsole: %q", selector, err, p.Errors())
		}
	}
}

// Type focuses an element and types into it.
func (p *Page) Type(selector, text string) {
	p.t.Helper()
	p.do("type into "+selector, chromedp.SendKeys(chromedp.CSS(selector), text))
}

// Key presses keys on whatever has the focus.
func (p *Page) Key(keys string, modifiers ...chromedp.KeyOption) {
	p.t.Helper()
	p.do("press "+keys, chromedp.KeyEvent(keys, modifiers...))
}

// Ctrl is a modifier for Key.
var Ctrl = chromedp.KeyModifiers(chromedp.ModifierCtrl)

// Upload puts files into a file input.
func (p *Page) Upload(selector string, files ...string) {
	p.t.Helper()
	p.do("upload", chromedp.SetUploadFiles(chromedp.CSS(selector), files))
}

// Frame attaches to the first cross-origin frame whose URL contains part, as a Page of its own.
func (p *Page) Frame(part string) *Page {
	p.t.Helper()
	deadline := time.Now().Add(Patience)
	for time.Now().Before(deadline) {
		infos, err := chromedp.Targets(p.ctx)
		if err != nil {
			p.t.Fatalf("list targets: %v", err)
		}
		for _, info := range infos {
			if info.Type == "iframe" && strings.Contains(info.URL, part) {
				return p.attach(info.TargetID)
			}
		}
		p.Eval("new Promise(done => setTimeout(done, 20))", nil)
	}
	p.t.Fatalf("no frame with %q in its address", part)
	return nil
}

func (p *Page) attach(id target.ID) *Page {
	p.t.Helper()
	ctx, cancel := chromedp.NewContext(p.ctx, chromedp.WithTargetID(id))
	p.t.Cleanup(cancel)
	f := &Page{t: p.t, ctx: ctx}
	f.do("attach to the frame")
	return f
}

func (p *Page) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, Patience)
	defer cancel()
	if err := chromedp.Do(p.ctx); err != nil { // the tab must live as long as the page, not as this step
		p.t.Fatalf("%s: %v", what, err)
	}
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatalf("%s: %v\nconsole: %q", what, err, p.Errors())
	}
}
