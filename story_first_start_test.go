package main

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"onethread/handlers/browser"
	"onethread/integrations/email/mailtest"
)

// TestFirstStart tells how an owner begins: the one-time link that the program prints, a mailbox
// connected on the settings screen with a check that names the problem first, a colleague invited,
// and a forgotten password set anew by mail. The set-up link then leads nowhere.
func TestFirstStart(t *testing.T) {
	if testing.Short() {
		t.Skip("a story with real servers and a real browser takes a while")
	}
	stack := mailtest.Start(t)
	b := browser.Start(t)
	s := blank(t)
	s.start()
	link := regexp.MustCompile(`http\S+/setup/\S+`).FindString(s.out.String())
	if link == "" {
		t.Fatalf("no set-up link was printed:\n%s", s.out)
	}

	owner := b.Page(t, 1280, 900)
	owner.Open(link)
	owner.Axe("set-up")
	owner.Type("#d-name", "Mia Costa")
	owner.Type("#d-email", mailtest.Alice)
	owner.Type("#d-pass", storyPassword)
	owner.Click(".door button")
	owner.Wait("document.querySelector('#live-state')?.dataset.state === 'live'")
	if answer, err := http.Get(link); err != nil || answer.StatusCode != 404 {
		t.Errorf("the set-up link must lead nowhere once there is an owner: %v %v", answer.StatusCode, err)
	}

	// A mailbox, with the wrong password first.
	owner.Open(s.url + "/settings/channels/new/email")
	settings := stack.Settings(mailtest.Shop)
	settings["password"] = "not the password"
	owner.Eval(fillForm(settings), nil)
	owner.Click("form.box .button.primary")
	owner.Wait("document.querySelectorAll('[hx-post$=\"/check\"]').length === 1")
	check := func(want string) {
		owner.Click("[hx-post$=\"/check\"]")
		owner.Wait(fmt.Sprintf("document.querySelector('#checks')?.innerText.toLowerCase().includes(%q)", want))
	}
	check("password")
	owner.Eval(fillForm(map[string]string{"password": mailtest.Password}), nil)
	owner.Eval("window.before = true", nil)
	owner.Click("form.box .button.primary")
	owner.Wait("!window.before && document.querySelectorAll('.form-saved').length > 0")
	check("all is well")
	owner.Screenshot("first-start-channel")
	owner.Axe("channel")

	// A colleague, invited by a link.
	owner.Open(s.url + "/settings/users")
	owner.Eval(`(() => { const f = document.querySelector('form[action="/settings/users"]'); f.elements.email.value = '`+mailtest.Bob+`'; f.elements.name.value = 'Leo'; f.requestSubmit() })()`, nil)
	owner.Wait("document.body.innerText.includes('/invite/')")
	var invite string
	owner.Eval("document.body.innerText.match(/http\\S+\\/invite\\/\\S+/)[0]", &invite)
	leo := b.Page(t, 390, 844)
	leo.Open(invite)
	leo.Type("#d-pass", "another long password 7")
	leo.Click(".door button")
	leo.Wait("document.querySelector('#live-state')?.dataset.state === 'live'")
	if over := leo.Overflows(); len(over) > 0 {
		t.Errorf("on a phone something stands outside the window: %v", over)
	}

	// A forgotten password, set anew by mail; the old sessions end.
	guest := b.Page(t, 1280, 900)
	guest.Open(s.url + "/forgot")
	guest.Type("#d-email", mailtest.Alice)
	guest.Click(".door button")
	mail := strings.NewReplacer("=\r\n", "", "=\n", "", "=3D", "=").Replace(string(stack.Await(mailtest.Alice, "INBOX", 1)[0]))
	reset := regexp.MustCompile(regexp.QuoteMeta(s.url) + `/reset/[A-Za-z0-9_-]+`).FindString(mail)
	if reset == "" {
		t.Fatalf("the mail holds no reset link:\n%s", mail)
	}
	guest.Open(reset)
	guest.Type("#d-pass", "quite another password 8")
	guest.Click(".door button")
	guest.Wait("document.querySelector('#live-state')?.dataset.state === 'live'")
	owner.Wait("location.pathname === '/login' || document.querySelector('#live-state')?.dataset.state !== 'live'")
}

// fillForm fills a channel's settings form, the folded part too.
func fillForm(settings map[string]string) string {
	var b strings.Builder
	b.WriteString("(() => { const f = document.querySelector('form.box'); f.querySelectorAll('details').forEach(d => d.open = true);")
	for k, v := range settings {
		fmt.Fprintf(&b, "{ const e = f.elements['set.%s']; if (e.type === 'checkbox') e.checked = %q === 'true'; else e.value = %q }", k, v, v)
	}
	b.WriteString("})()")
	return b.String()
}
