package main

import (
	"bufio"
	"go/parser"
	gotoken "go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "onethread/"

// floors says who may import what of ours: the first rule whose folder matches counts. A folder
// ending in "/" stands for everything below it. "models" is the root package alone.
var floors = []struct {
	who  string
	from []string
}{
	{"models/live", nil},
	{"models/rules", []string{"models"}},
	{"models/richtext", nil},
	{"models/store", []string{"models", "models/live"}},
	{"models/identity", []string{"models", "models/store", "models/rules"}},
	{"models/lists", []string{"models", "models/store", "models/identity", "models/rules"}},
	{"models/outbox", []string{"models", "models/store", "models/rules"}},
	{"models/orders", []string{"models", "models/store", "models/rules"}},
	{"models/search", []string{"models", "models/store", "models/rules"}},
	{"models/records", []string{"models", "models/store", "models/rules"}},
	{"models/auth", []string{"models", "models/store", "models/rules"}},
	{"models/channels", []string{"models", "models/store", "models/rules"}},
	{"models/privacy", []string{"models", "models/store", "models/rules"}},
	{"models/inbox", []string{"models", "models/store", "models/identity", "models/outbox", "models/orders", "models/privacy", "models/rules", "models/richtext"}},
	{"models/demo", []string{"models", "models/store", "models/auth", "models/channels", "models/inbox"}},
	{"models", nil},
	{"static", nil},
	{"views", []string{"models", "models/auth", "static", "views/"}},
	{"handlers/", []string{"models", "models/", "views", "static", "handlers/"}},
	{"handlers", []string{"models", "models/", "views", "static", "handlers/"}},
	{"integrations/email/mime", nil},
	{"integrations/email", []string{"models", "integrations/email/mime"}},
	{"integrations/conformance", []string{"models"}},
	{"integrations/shopdata", []string{"models"}},
	{"integrations/shopify", []string{"models", "integrations/shopdata"}},
	{"integrations/woocommerce", []string{"models", "integrations/shopdata"}},
	{"integrations/", []string{"models"}},
	{"integrations", []string{"models", "integrations/"}},
	{"", []string{"models", "models/", "handlers", "handlers/", "views", "static", "integrations", "integrations/"}}, // main
}

// owners says who alone may know a library.
var owners = map[string][]string{
	"gorm.io/":                 {"models/store"},
	"modernc.org/sqlite":       {"models/store"},
	"github.com/gofiber/":      {"handlers", "handlers/", ""},
	"github.com/twilio/":       {"integrations/twilio"},
	"github.com/emersion/":     {"integrations/email", "integrations/email/"},
	"github.com/wneessen/":     {"integrations/email"},
	"github.com/chromedp/":     {"handlers/browser"},
	"github.com/evanw/esbuild": {},
	"github.com/microcosm-cc/": {"models/richtext"},
	"github.com/nyaruka/":      {"models/identity"},
	"html/template":            {"views", "handlers/", "models/demo"},
}

// parts says which packages of a library may be imported, by anybody and by tests: the root of
// twilio-go pulls in some 55 others and takes a minute of CPU to compile.
var parts = map[string][]string{
	"github.com/twilio/twilio-go": {"/client", "/rest/api/v2010"},
}

// badNames are words that say nothing about what a file or package holds.
var badNames = []string{"util", "utils", "helper", "helpers", "common", "manager", "service"}

// TestFloors holds the house to its floors: a wrong import fails it, and so does a folder that no
// rule knows, a file of more than 500 lines, or a name that says nothing.
func TestFloors(t *testing.T) {
	for _, path := range goFiles(t) {
		dir := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(path)), ".")
		if n := lines(t, path); n > 500 {
			t.Errorf("%s has %d lines; 500 is the limit", path, n)
		}
		for _, word := range strings.FieldsFunc(strings.TrimSuffix(path, ".go"), func(r rune) bool { return r == '/' || r == '_' }) {
			if slices.Contains(badNames, word) {
				t.Errorf("%s: the name %q says nothing", path, word)
			}
		}
		for _, imported := range imports(t, path) {
			for library, of := range parts {
				if part, ok := strings.CutPrefix(imported, library); ok && !slices.Contains(of, part) {
					t.Errorf("%s imports %s; of %s only %v may be", path, imported, library, of)
				}
			}
		}
		if strings.HasSuffix(path, "_test.go") || strings.HasSuffix(dir, "test") || dir == "handlers/browser" || dir == "models/benchdata" {
			continue // tests may look everywhere
		}
		if strings.HasPrefix(dir, "handlers") && mentions(t, path, "*store.Tx") {
			t.Errorf("%s writes to the store; handlers write only through a command", path)
		}
		for _, imported := range imports(t, path) {
			checkImport(t, path, dir, imported)
		}
	}
}

func checkImport(t *testing.T, path, dir, imported string) {
	t.Helper()
	for library, who := range owners {
		if strings.HasPrefix(imported, library) && !slices.ContainsFunc(who, func(w string) bool { return covers(w, dir) }) {
			t.Errorf("%s imports %s; only %v may", path, imported, who)
		}
	}
	inner, ours := strings.CutPrefix(imported, module)
	if !ours {
		return
	}
	for _, f := range floors {
		if !covers(f.who, dir) {
			continue
		}
		if !slices.ContainsFunc(f.from, func(w string) bool { return covers(w, inner) }) {
			t.Errorf("%s imports %s; %s may import only %v", path, inner, dir, f.from)
		}
		return
	}
	t.Errorf("%s: no floor is set for %q", path, dir)
}

// covers tells whether a rule's folder stands for dir.
func covers(rule, dir string) bool {
	if strings.HasSuffix(rule, "/") {
		return strings.HasPrefix(dir, rule)
	}
	return rule == dir
}

func goFiles(t *testing.T) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if d.IsDir() && (d.Name() == "node_modules" || (strings.HasPrefix(d.Name(), ".") && path != ".")) {
			return filepath.SkipDir
		}
		if err == nil && strings.HasSuffix(path, ".go") {
			out = append(out, path)
		}
		return err
	})
	if err != nil || len(out) < 50 {
		t.Fatal(len(out), err)
	}
	return out
}

func imports(t *testing.T, path string) []string {
	t.Helper()
	f, err := parser.ParseFile(gotoken.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, i := range f.Imports {
		name, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, name)
	}
	return out
}

func mentions(t *testing.T, path, word string) bool {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(string(b), word)
}

func lines(t *testing.T, path string) int {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n := 0
	for s := bufio.NewScanner(f); s.Scan(); n++ {
	}
	return n
}
