package handlers

import (
	"bytes"
	"testing"

	"onethread/static"
)

// TestWidgetWeight holds the widget's budget (docs: before opening at most 5 kB in all, of which
// the loader 4 KB; the frame 14 KB), compressed as it is sent.
func TestWidgetWeight(t *testing.T) {
	size := func(names ...string) (total int) {
		for _, name := range names {
			a, ok := static.Find(name)
			if !ok || a.Gzip() == nil {
				t.Fatalf("%s is not among the built files", name)
			}
			total += len(a.Gzip())
		}
		return total
	}
	if n := size("widget/loader.js"); n > 4096 {
		t.Errorf("the loader weighs %d bytes", n)
	}
	if n := size("widget/frame.js", "widget/frame.css"); n > 14<<10 {
		t.Errorf("the frame weighs %d bytes", n)
	}
}

// TestWidgetBuildsNoMarkup: customers' words become text nodes. Nothing that parses markup or
// code from a string may be in the widget at all.
func TestWidgetBuildsNoMarkup(t *testing.T) {
	for _, name := range []string{"widget/loader.js", "widget/frame.js"} {
		a, _ := static.Find(name)
		for _, bad := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "srcdoc", "DOMParser", "createContextualFragment"} {
			if bytes.Contains(a.Body(), []byte(bad)) {
				t.Errorf("%s contains %s", name, bad)
			}
		}
		if name == "widget/frame.js" && (bytes.Contains(a.Body(), []byte("localStorage")) || bytes.Contains(a.Body(), []byte("sessionStorage"))) {
			t.Errorf("%s holds storage, which private windows forbid to frames", name)
		}
	}
}
