package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Dark asks the page for its dark (or light) colours, as the system setting would.
func (p *Page) Dark(dark bool) {
	p.t.Helper()
	value := "light"
	if dark {
		value = "dark"
	}
	p.do("set the colour scheme", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: value}}})
		return err
	}))
}

// Screenshot writes a PNG of the viewport into the folder named by ONETHREAD_SHOTS; without
// that variable it does nothing, so that tests may ask for pictures freely.
func (p *Page) Screenshot(name string) {
	p.t.Helper()
	dir := os.Getenv("ONETHREAD_SHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Fatalf("screenshot: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// axeScript keeps what axe calls serious or critical; "moderate" and "minor" are left to the eye.
const axeScript = `(async () => {
	const moving = document.getAnimations().filter(a => a.effect?.getTiming().iterations !== Infinity).map(a => a.finished.catch(() => 0));
	await Promise.race([Promise.all(moving), new Promise(done => setTimeout(done, 1000))]); // half-faded text has no contrast
	const found = await axe.run(document, {runOnly: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"], iframes: false});
	return found.violations.filter(v => v.impact === "serious" || v.impact === "critical")
		.map(v => v.id + ": " + v.help + " " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(" | "));
})()`

// Axe runs axe-core over the page and reports serious and critical violations as test
// errors. It needs node_modules (npm ci) and says so in the log where that is absent.
func (p *Page) Axe(state string) {
	p.t.Helper()
	source, err := os.ReadFile(filepath.Join(root(), "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		p.t.Logf("%s: axe-core not checked, run npm ci first", state)
		return
	}
	p.Eval(string(source)+"; 0", nil)
	var found []string
	p.Eval(axeScript, &found)
	if len(found) > 0 {
		p.t.Errorf("%s: accessibility:\n%s", state, strings.Join(found, "\n"))
	}
}

// Overflows lists elements whose right edge stands outside the window: on a phone such a
// button cannot be reached, while the document's own scroll width says nothing.
func (p *Page) Overflows() []string {
	p.t.Helper()
	var out []string
	p.Eval(`[...document.querySelectorAll("button,a,input,textarea,select,h1,h2,p")].filter(e => {
		const r = e.getBoundingClientRect();
		return r.width > 0 && e.checkVisibility({visibilityProperty: true}) && r.right > innerWidth + 1 && !e.closest("[data-scrolls]");
	}).map(e => e.outerHTML.slice(0, 120))`, &out)
	return out
}

// root is the folder of go.mod, found by walking up from the test's own folder.
func root() string {
	dir, err := os.Getwd()
	for err == nil {
		if _, statErr := os.Stat(filepath.Join(dir, "go.mod")); statErr == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			err = fmt.Errorf("no go.mod above %s", dir)
		}
		dir = parent
	}
	return "."
}
