package richtext

import (
	"strings"
	"testing"
)

func TestSanitise(t *testing.T) {
	inline := func(id string) string {
		if id == "logo@x" {
			return "/attachments/abc"
		}
		return ""
	}
	for _, c := range []struct{ in, must, mustNot string }{
		{`<p onclick="a()">Hi <b>you</b></p>`, `<p>Hi <b>you</b></p>`, "onclick"},
		{`<script>alert(1)</script>ok`, "ok", "alert"},
		{`<scr<script>ipt>alert(1)</scr</script>ipt>`, "", "<script"},
		{`<a href="javascript:alert(1)">x</a>`, "x", "javascript"},
		{`<a href="/logout">x</a>`, "x", "/logout"},
		{`<a href="https://a.example/">x</a>`, `target="_blank"`, ""},
		{`<img src="https://t.example/p.gif?u=1">`, `img?u=https%3A%2F%2Ft.example`, `src="https`},
		{`<img src="cid:logo@x">`, `src="/attachments/abc"`, "cid:"},
		{`<img src="cid:logo@x&quot; onerror=alert(1) y=&quot;">`, "", "onerror=alert"},
		{`<div style="position:fixed;inset:0;background:url(//e)">x</div>`, "x", "position"},
		{`<div style="background-color:#fff;color:red">x</div>`, "color: red", ""},
		{`<div id="a" class="b" name="c">x</div>`, "<div>x</div>", "class"},
		{`<img src="data:image/svg+xml;base64,AAAA">`, "", "svg"},
		{`<form action="https://e"><input type=image src="https://e"></form>x`, "x", "<form"},
		{`<style>b{background:url(//e)}</style>x`, "x", "url("},
	} {
		out := Sanitise(c.in, inline)
		if !strings.Contains(out.HTML, c.must) || (c.mustNot != "" && strings.Contains(out.HTML, c.mustNot)) {
			t.Errorf("%s\n→ %s", c.in, out.HTML)
		}
	}
	if !Sanitise(`<img src="http://t.example/p.gif">`, nil).HasRemote || Sanitise(`<img src="cid:x">`, nil).HasRemote {
		t.Error("HasRemote must tell remote images, and only those")
	}
}

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		`<p>Hello&nbsp;Ana,</p><p>two<br>lines</p>`:                         "Hello Ana,\n\ntwo\nlines",
		`<ul><li>one</li><li>two</li></ul>`:                                 "- one\n- two",
		`<table><tr><td>Qty</td><td>2</td></tr><tr><td>x</td></tr></table>`: "Qty 2\nx",
		`<a href="https://a.example/x">the shop</a>!`:                       "the shop <https://a.example/x>!",
		`<a href="https://a.example/">https://a.example/</a>`:               "https://a.example/",
		`<style>p{}</style><script>x()</script>words`:                       "words",
		`a <b>bold</b> word`:                                                "a bold word",
	} {
		if got := Text(in); got != want {
			t.Errorf("%s\n got %q\nwant %q", in, got, want)
		}
	}
}

func FuzzSanitiseIsStable(f *testing.F) {
	f.Add(`<a href=foo href=baz>x</a><img src=cid:a@b>`)
	f.Add(`<img src="https://t.example/p.gif?u=1&amp;v=2">`)
	f.Fuzz(func(t *testing.T, in string) {
		once := Sanitise(in, nil).HTML
		if low := strings.ToLower(once); strings.Contains(low, "<script") || strings.Contains(low, "<iframe") {
			t.Fatalf("%q → %q", in, once)
		}
		Text(in)
	})
}
