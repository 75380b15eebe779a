package main

import (
	"testing"

	"onethread/handlers/browser"
)

// TestAddressFindsItsServers: who types the address of a known provider need not know its servers, what
// they typed themselves stays, and the form says what to know before the password.
func TestAddressFindsItsServers(t *testing.T) {
	s, _, _ := startSample(t)
	p := browser.Start(t).Page(t, 1280, 900)
	p.Open(s.site + "/enter/" + s.front.enter)
	p.Wait("document.querySelector('#rows .row')")
	p.Open(s.env.URL + "/settings/channels/new/email")
	p.Type("#f-smtp_host", "relay.casa.example")
	p.Type("#f-address", "shop@gmail.com")
	p.Eval("document.querySelector('#f-address').blur()", nil)
	p.Wait("document.querySelector('#f-imap_host').value === 'imap.gmail.com' && document.querySelector('#f-imap_port').value === '993'")
	p.Wait("document.querySelector('.found').textContent.includes('app password')")
	p.Screenshot("find-servers")
	p.Eval("document.querySelector('#f-address').value = ''", nil)
	p.Type("#f-address", "shop@icloud.com")
	p.Eval("document.querySelector('#f-address').blur()", nil)
	p.Wait("document.querySelector('#f-imap_host').value === 'imap.mail.me.com' && document.querySelector('#f-username').value === 'shop'")
	p.Wait("document.querySelector('#f-smtp_host').value === 'relay.casa.example'")
	for _, e := range p.Errors() {
		t.Errorf("console: %s", e)
	}
}
