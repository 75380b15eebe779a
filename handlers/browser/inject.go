package browser

import (
	"context"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Flag is a switch of Chromium's command line for Start.
func Flag(name string, value any) chromedp.ExecAllocatorOption { return chromedp.Flag(name, value) }

// BeforeScripts runs a script of the test in every document and frame that is opened from now on,
// before those of the page.
func (p *Page) BeforeScripts(source string) {
	p.t.Helper()
	p.do("prepare documents", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: source})
		return err
	}))
}
