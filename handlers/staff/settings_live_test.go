package staff_test

import (
	"testing"

	"onethread/handlers/browser"
	"onethread/models"
	"onethread/models/inbox"
	"onethread/models/store"
)

// TestSettingsAreLive: state, progress and what waits change on open pages without a reload; what is being
// filled in stays, and so does the focus.
func TestSettingsAreLive(t *testing.T) {
	s := openShop(t)
	health := func(st models.Status) {
		s.must(s.st.Write(t.Context(), func(tx *store.Tx) error { return store.SetHealth(tx, s.mail, st) }))
	}
	health(models.Status{State: "live", Done: 10, Total: 300})
	b := browser.Start(t)
	list, one := b.Page(t, 1440, 900), b.Page(t, 1440, 900)
	logIn := func(p *browser.Page, path string) {
		p.Open(s.url + "/login?next=" + path)
		p.Type("#d-email", s.mia.Email)
		p.Type("#d-pass", password)
		p.Click(".door button")
		p.Wait("document.querySelector('progress')?.value === 10 && document.querySelector('progress').max === 300")
	}
	logIn(list, "/settings/channels")
	logIn(one, "/settings/channels/"+s.mail.String())
	one.Eval("document.querySelector('#f-name').value = 'Half written'", nil)
	list.Eval("document.querySelector('.channel-main').focus()", nil)

	health(models.Status{State: "live", Done: 150, Total: 300})
	for _, p := range []*browser.Page{list, one} {
		p.Wait("document.querySelector('progress').value === 150")
	}
	ana := s.mailFrom("ana@example.com", "Ana Duarte", "Hello")
	_, err := s.inbox.Reply(t.Context(), s.mia, inbox.ReplyInput{CustomerID: ana.CustomerID, ChannelID: s.mail, Text: "Yes"})
	s.must(err)
	health(models.Status{State: "refused", Problem: "The provider refused the password."})
	for _, p := range []*browser.Page{list, one} {
		p.Wait("!document.querySelector('progress') && document.querySelector('.health').dataset.state === 'refused' && document.body.innerText.includes('refused the password') && document.body.innerText.includes('1 message waits to be sent')")
		quiet(t, p)
	}
	var kept bool
	one.Eval("document.querySelector('#f-name').value === 'Half written'", &kept)
	if !kept {
		t.Error("what was being filled in is lost")
	}
	list.Eval("document.activeElement.matches('.channel-main')", &kept)
	if !kept {
		t.Error("the focus is lost")
	}
	list.Screenshot("settings-live")
}
