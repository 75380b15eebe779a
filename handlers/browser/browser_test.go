package browser

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const sample = `<!doctype html><html lang="en"><title>T</title><main><h1>Hello</h1>
<label>Name <input id="who"></label><button id="go">Go</button><p id="out"></p></main>
<script>go.onclick = () => { out.textContent = who.value; console.error("broken " + who.value) }</script>`

func TestPageDrivesAndReports(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(sample))
	}))
	defer site.Close()
	p := Start(t).Page(t, 800, 600)
	p.Open(site.URL)
	p.Type("#who", "Ana")
	p.Click("#go")
	p.Wait("out.textContent === 'Ana'")
	if got := p.Text("h1"); got != "Hello" {
		t.Errorf("h1 reads %q", got)
	}
	for range 100 { // the console's messages come by a road of their own
		if len(p.Errors()) > 0 {
			break
		}
		p.Eval("new Promise(done => setTimeout(done, 20))", nil)
	}
	if got := p.Errors(); len(got) == 0 || !strings.Contains(got[0], "broken Ana") {
		t.Errorf("console errors: %q, want the one the page wrote", got)
	}
	p.Dark(true)
	p.Wait("matchMedia('(prefers-color-scheme: dark)').matches")
	p.Axe("sample")
	if over := p.Overflows(); len(over) != 0 {
		t.Errorf("outside the window: %q", over)
	}
}
