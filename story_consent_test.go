package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"onethread/handlers/browser"
	"onethread/integrations/email/mailtest"
)

// TestMailboxByConsent tells how an owner connects a mailbox without a password: the form with the address to come
// back to, the button, the provider's site and back; mail arrives, tokens run out unseen, and when the permission is
// taken back every screen says so until the owner connects again.
func TestMailboxByConsent(t *testing.T) {
	if testing.Short() {
		t.Skip("a story with real servers and a real browser takes a while")
	}
	stack := mailtest.Start(t)
	b := browser.Start(t)
	s := begin(t)
	s.start()
	owner := b.Page(t, 1280, 900)
	owner.Open(s.url + "/login")
	owner.Type("#d-email", "mia@casa.example")
	owner.Type("#d-pass", storyPassword)
	owner.Click(".door button")
	owner.Wait("document.querySelector('#live-state')?.dataset.state === 'live'")

	owner.Open(s.url + "/settings/channels/new/email")
	settings := stack.OAuthSettings(mailtest.Shop)
	settings["poll_seconds"] = "1"
	owner.Wait("document.querySelector('#f-oauth_client_id').closest('.field').hidden && !document.querySelector('#f-password').disabled")
	owner.Eval(fillForm(settings), nil)
	owner.Eval(`document.querySelector('#f-login').dispatchEvent(new Event('change', {bubbles: true}))`, nil)
	owner.Wait("document.querySelector('#f-password').disabled && !document.querySelector('#f-oauth_client_id').closest('.field').hidden && !document.querySelector('#consent').hidden")
	if text := owner.Text("#consent"); !strings.Contains(text, s.url+"/settings/consent") {
		t.Errorf("the address to come back to is not shown: %s", text)
	}
	owner.Screenshot("consent-form")
	owner.Click("form.box .button.primary")
	owner.Wait("document.querySelectorAll('#consent button[hx-post]').length === 1")
	owner.Axe("consent")
	owner.Click("#consent button[hx-post]")
	owner.Wait("location.search === '?agreed=1' && document.querySelector('#consent .form-saved') !== null")

	ask := func(subject string) {
		stack.SendMail("ana@customer.test", mailtest.Shop, []byte("From: Ana <ana@customer.test>\r\nTo: "+mailtest.Shop+"\r\nSubject: "+subject+"\r\nMessage-ID: <"+subject+"@customer.test>\r\n\r\nThis is the "+subject+".\r\n"))
		s.await(subject+" arrives", func() bool {
			rows := s.rows()
			return len(rows) == 1 && slices.ContainsFunc(s.thread(rows[0].CustomerID), func(e storyEvent) bool { return strings.Contains(e.BodyText, subject) })
		})
	}
	ask("first")
	stack.OAuth.Expire()
	stack.Kick(mailtest.Shop)
	ask("second")
	s.kill() // what the provider gave in exchange is on disk
	s.start()
	ask("third")
	if _, wrong := stack.OAuth.Renewed(); len(wrong) > 0 {
		t.Errorf("a refresh token was lost or used twice: %v", wrong)
	}

	inbox := b.Page(t, 1280, 900)
	inbox.Open(s.url + "/login")
	inbox.Type("#d-email", "mia@casa.example")
	inbox.Type("#d-pass", storyPassword)
	inbox.Click(".door button")
	inbox.Wait("document.querySelector('#live-state')?.dataset.state === 'live'")
	stack.OAuth.Revoke()
	stack.Kick(mailtest.Shop)
	inbox.Wait("!document.querySelector('#trouble').hidden && document.querySelector('#trouble').innerText.includes('receives no messages')")
	inbox.Screenshot("consent-trouble")
	inbox.Dark(true)
	inbox.Screenshot("consent-trouble-dark")
	phone := b.Page(t, 390, 844)
	phone.Open(s.url + "/login")
	phone.Type("#d-email", "mia@casa.example")
	phone.Type("#d-pass", storyPassword)
	phone.Click(".door button")
	phone.Wait("document.querySelector('#trouble a') !== null")
	phone.Screenshot("consent-phone")
	phone.Open(s.url + "/settings/channels/1")
	phone.Screenshot("consent-phone-settings")
	if over := phone.Overflows(); len(over) > 0 {
		t.Errorf("on a phone something stands outside the window: %v", over)
	}
	inbox.Click("#trouble a")
	inbox.Wait("document.querySelector('.channel-problem')?.innerText.includes('Connect again')")
	inbox.Screenshot("consent-refused")
	if over := inbox.Overflows(); len(over) > 0 {
		t.Errorf("something stands outside the window: %v", over)
	}
	owner.Open(s.url + "/settings/channels")
	owner.Wait("document.querySelector('.channel-problem')?.innerText.includes('Connect again')")

	inbox.Click("#consent button.primary")
	inbox.Wait("location.search === '?agreed=1'")
	ask("fourth")
	inbox.Open(s.url + "/")
	inbox.Wait("document.querySelector('#live-state')?.dataset.state === 'live' && document.querySelector('#trouble').hidden")

	// The owner of another browser cannot end a way that began elsewhere, and a way back counts once.
	address := s.url + "/settings/consent?state=" + strings.Repeat("a", 64) + "." + strings.Repeat("b", 32) + "&code=evil"
	inbox.Open(address)
	if text := inbox.Text("body"); !strings.Contains(text, "began elsewhere") {
		t.Errorf("a forged way back: %s", text)
	}
	if resp, err := http.Get(address); err != nil || resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("a way back of nobody: %v", err)
	}
	if out := s.cli("", "channel", "add", "email", "--name", "By hand", "--set", "oauth_refresh_token="+stack.OAuth.Grant(mailtest.Bob), "--set", "login=google", "--set", "oauth_client_id="+mailtest.ClientID,
		"--set", "oauth_client_secret="+mailtest.Password, "--set", "oauth_token_url="+stack.OAuth.URL+"/token", "--set", "address="+mailtest.Bob, "--set", "allow_private=true", "--set", "imap_host=localhost", "--set", "ca_pem="+stack.CAPEM,
		"--set", fmt.Sprint("imap_port=", stack.IMAPS), "--set", "smtp_host=localhost", "--set", fmt.Sprint("smtp_port=", stack.SMTPS)); !strings.Contains(out, s.url+"/settings/consent") {
		t.Errorf("the address to come back to is not told: %s", out)
	} else if checked := s.cli("", "channel", "check", s.last(out)); !strings.Contains(checked, "OAuth 2") || strings.Contains(checked, "FAIL") {
		t.Errorf("a channel with a refresh token by hand: %s", checked)
	}
}
