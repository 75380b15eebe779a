package static

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/evanw/esbuild/pkg/api"
)

var update = flag.Bool("update", false, "write what was built to dist")

// widgetEntries are built when they exist; their sizes have budgets of their own.
var widgetEntries = []string{"src/widget/loader.ts", "src/widget/frame.ts", "src/widget/frame.css", "src/widget/continue.ts", "src/widget/page.css"}

// TestAssets builds everything from src and compares it byte by byte with what is committed
// and embedded, so that nobody runs yesterday's script. With -update it writes instead.
func TestAssets(t *testing.T) {
	if _, err := os.Stat("../node_modules/htmx.org"); err != nil {
		t.Skip("node_modules is absent: run npm ci to check the built files against their sources")
	}
	built := bundle(t)
	built["icons.svg"] = sprite(t)
	favicon, err := os.ReadFile("src/favicon.svg")
	if err != nil {
		t.Fatal(err)
	}
	built["favicon.svg"] = favicon
	for name, body := range built {
		to := filepath.Join("dist", filepath.FromSlash(name))
		if *update {
			if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(to, body, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if have, err := os.ReadFile(to); err != nil || !bytes.Equal(have, body) {
			t.Errorf("dist/%s is not what src gives: run go generate ./static", name)
		}
	}
	if !*update {
		for name := range assets {
			if _, ok := built[name]; !ok {
				t.Errorf("dist/%s has no source any more: delete it", name)
			}
		}
	}
}

func bundle(t *testing.T) map[string][]byte {
	t.Helper()
	entries := []string{"src/app.ts", "src/app.css"}
	for _, e := range widgetEntries {
		if _, err := os.Stat(e); err == nil {
			entries = append(entries, e)
		}
	}
	result := api.Build(api.BuildOptions{EntryPoints: entries, Outdir: "dist", Outbase: "src", Bundle: true,
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true, Target: api.ES2022,
		LegalComments: api.LegalCommentsNone, Format: api.FormatIIFE, External: []string{"/static/*"}})
	if len(result.Errors) > 0 {
		t.Fatalf("esbuild: %s", strings.Join(api.FormatMessages(result.Errors, api.FormatMessagesOptions{}), "\n"))
	}
	built := map[string][]byte{}
	root, _ := filepath.Abs("dist")
	for _, f := range result.OutputFiles {
		name, err := filepath.Rel(root, f.Path)
		if err != nil {
			t.Fatal(err)
		}
		built[filepath.ToSlash(name)] = f.Contents
	}
	return built
}

var inner = regexp.MustCompile(`(?s)<svg[^>]*>(.*)</svg>`)
var between = regexp.MustCompile(`>\s+<`)

// sprite cuts the icons that src/icons.txt names out of Lucide, and adds the product's mark.
func sprite(t *testing.T) []byte {
	t.Helper()
	names, err := os.ReadFile("src/icons.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	out.WriteString("<!-- Icons: Lucide, ISC licence, https://lucide.dev -->\n<svg xmlns=\"http://www.w3.org/2000/svg\">\n")
	for _, name := range strings.Fields(string(names)) {
		source := "../node_modules/lucide-static/icons/" + name + ".svg"
		if name == "logo" {
			source = "src/logo.svg"
		}
		raw, err := os.ReadFile(source)
		if err != nil {
			t.Fatalf("icon %q: %v", name, err)
		}
		body := inner.FindSubmatch(raw)
		if body == nil {
			t.Fatalf("icon %q: no svg in %s", name, source)
		}
		paths := between.ReplaceAll(bytes.TrimSpace(body[1]), []byte("><"))
		out.WriteString(`<symbol id="` + name + `" viewBox="0 0 24 24">`)
		out.Write(paths)
		out.WriteString("</symbol>\n")
	}
	out.WriteString("</svg>\n")
	return out.Bytes()
}

// TestIconsExist keeps a template from pointing at an icon that was never cut.
func TestIconsExist(t *testing.T) {
	icons, ok := Find("icons.svg")
	if !ok {
		t.Fatal("no sprite in dist")
	}
	used := regexp.MustCompile(`\{\{icon "([a-z0-9-]+)"\}\}`)
	pages, _ := filepath.Glob("../views/*/*.html")
	if len(pages) < 5 {
		t.Fatalf("found only %d templates to look through", len(pages))
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range used.FindAllSubmatch(text, -1) {
			if !bytes.Contains(icons.Body(), []byte(`id="`+string(m[1])+`"`)) {
				t.Errorf("%s uses the icon %q, which is not in the sprite", page, m[1])
			}
		}
	}
}

// TestWeight holds the budget of a cold inbox: script, style and icons together, compressed.
func TestWeight(t *testing.T) {
	total := 0
	for _, name := range []string{"app.js", "app.css", "icons.svg", "favicon.svg"} {
		a, ok := Find(name)
		if !ok {
			t.Fatalf("%s is not in dist", name)
		}
		if a.Gzip() == nil {
			t.Fatalf("%s is not compressed", name)
		}
		total += len(a.Gzip())
		t.Logf("%s: %d bytes, %d compressed", name, len(a.Body()), len(a.Gzip()))
	}
	if total > 45_000 {
		t.Errorf("the shell weighs %d bytes on the wire, the budget leaves 45,000 beside the document", total)
	}
}

func TestFindKnowsNothingElse(t *testing.T) {
	for _, name := range []string{"", ".", "..", "../static.go", "/etc/passwd", "dist/app.js", "app.js/", `..\static.go`} {
		if _, ok := Find(name); ok {
			t.Errorf("Find(%q) found something", name)
		}
	}
}

func TestStylesStayHome(t *testing.T) {
	css, _ := Find("app.css")
	for _, bad := range []string{"http://", "https://", "@import"} {
		if bytes.Contains(css.Body(), []byte(bad)) {
			t.Errorf("app.css contains %q: everything must come from this server", bad)
		}
	}
}
