package staff_test

import (
	"fmt"
	"testing"

	"onethread/handlers/browser"
)

// TestMergeAndMoveInTheBrowser: by keyboard and by finger, with the way back in the toast.
func TestMergeAndMoveInTheBrowser(t *testing.T) {
	s := openShop(t)
	ana := s.mailFrom("ana@example.com", "Ana Duarte", "Where is my desk?")
	second := s.mailFrom("ana@example.com", "Ana Duarte", "And I want a lamp")
	s.order("ana@example.com", "1042")
	bea := s.mailFrom("bea@example.com", "Bea Duarte", "Is my lamp there?")
	path := "/customers/" + ana.CustomerID.String()
	b := browser.Start(t)
	p := b.Page(t, 1440, 900)
	s.enter(p, s.mia, path)

	p.Click(".menu.more summary")
	p.Click(".menu.more [hx-get$=\"/merge\"]")
	p.Wait("document.querySelector('#sheet[open] input[name=q]') === document.activeElement")
	p.Type("#sheet input[name=q]", "bea")
	p.Wait("document.querySelector('#others .candidate')?.innerText.includes('Bea')")
	p.Click("#others .candidate")
	p.Wait("document.querySelector('#sheet .sides')")
	p.Screenshot("merge-preview")
	p.Axe("a merge preview")
	p.Click("#sheet .swap")
	p.Wait(fmt.Sprintf("document.querySelector('#sheet [name=into]').value === '%d'", bea.CustomerID))
	p.Click("#sheet .swap")
	p.Wait(fmt.Sprintf("document.querySelector('#sheet [name=into]').value === '%d'", ana.CustomerID))
	p.Click("#sheet .button.primary")
	p.Wait("!document.querySelector('#sheet[open]') && [...document.querySelectorAll('.said')].some(e => e.innerText === 'Is my lamp there?')")
	p.Click(".toast button")
	p.Wait("![...document.querySelectorAll('.said')].some(e => e.innerText === 'Is my lamp there?') && document.querySelector('#entries').innerText.includes('Taken apart')")

	p.Click(fmt.Sprintf("#e%d .entry-more", second.EventID))
	p.Wait("!document.querySelector('.entry-pop').hidden && document.querySelector('.entry-pop').contains(document.activeElement)")
	p.Click(".entry-pop [data-do=select]")
	p.Wait("!document.querySelector('#choosing').hidden && document.querySelectorAll('.entry-more[aria-pressed=true]').length === 1")
	p.Click("#entries .entry.card .entry-more")
	p.Wait("document.querySelectorAll('.entry-more[aria-pressed=true]').length === 2")
	p.Screenshot("choosing")
	p.Axe("choosing entries")
	p.Click("#choosing [data-do=move]")
	p.Wait("document.querySelector('#sheet[open] input[name=q]') === document.activeElement")
	p.Type("#sheet input[name=q]", "Leo the brother")
	p.Wait("document.querySelector('#others form button')?.innerText.includes('Leo the brother')")
	p.Click("#others form button")
	p.Wait("!document.querySelector('#sheet[open]') && document.querySelector('#entries').innerText.includes('moved to Leo the brother') && !document.querySelector('#entries .card-box')")
	p.Click("#entries .line button")
	p.Wait("document.querySelector('#entries .card-box') && document.querySelector('#entries').innerText.includes('came back from Leo')")
	quiet(t, p)

	phone := b.Page(t, 390, 844)
	s.enter(phone, s.leo, path)
	phone.Click(".menu.more summary")
	phone.Click(".menu.more [hx-get$=\"/merge\"]")
	phone.Wait("document.querySelector('#sheet[open] input[name=q]') === document.activeElement")
	phone.Type("#sheet input[name=q]", "bea")
	phone.Wait("document.querySelector('#others .candidate')")
	phone.Click("#others .candidate")
	phone.Wait("document.querySelector('#sheet .sides')")
	phone.Screenshot("phone-merge-preview")
	phone.Axe("a merge preview on a phone")
	if over := phone.Overflows(); len(over) > 0 {
		t.Errorf("outside the window: %q", over)
	}
	phone.Click("[data-shut]")
	phone.Click(fmt.Sprintf("#e%d .entry-more", second.EventID))
	phone.Wait("!document.querySelector('.entry-pop').hidden")
	phone.Screenshot("phone-entry-menu")
	quiet(t, phone)

	lena := s.mailFrom("bea+shop@example.com", "B. Duarte", "hello")
	desk := b.Page(t, 1440, 900)
	s.enter(desk, s.leo, "/customers/"+lena.CustomerID.String())
	desk.Click(".identities summary")
	desk.Wait("document.querySelector('.reasons .why-do')")
	desk.Screenshot("why")
	desk.Axe("why this is the same person")
	desk.Open(s.url + "/suggestions")
	desk.Wait("document.querySelector('.suggested .proofs')")
	desk.Screenshot("suggestions")
	desk.Axe("suggestions")
	desk.Click(".suggested .button.primary")
	desk.Wait("document.querySelector('#sheet[open] .sides')")
	desk.Click("#sheet .form-end .button.primary")
	desk.Wait("document.querySelector('.suggested .empty')")
	quiet(t, desk)
}

// TestRedactInTheBrowser: an owner takes out what a mail says, by the keyboard; and nothing on a phone is wider
// than it: the entry's menu, the bar of chosen entries, the list of customers, the record.
func TestRedactInTheBrowser(t *testing.T) {
	s := openShop(t)
	ana := s.mailFrom("ana@example.com", "Ana Duarte", "My card is 4111 1111 1111 1111")
	path := "/customers/" + ana.CustomerID.String()
	b := browser.Start(t)
	p := b.Page(t, 1440, 900)
	s.enter(p, s.mia, path)
	p.Click(fmt.Sprintf("#e%d .entry-more", ana.EventID))
	p.Wait("document.querySelector('.entry-pop [data-do=redact]')?.hidden === false")
	p.Eval("document.querySelector('.entry-pop [data-do=redact]').focus()", nil)
	p.Key("\r")
	p.Wait("document.querySelector('#sheet[open] blockquote')?.innerText.includes('4111')")
	p.Screenshot("redact")
	p.Axe("the question before words are taken out")
	p.Click("#sheet .button.bad")
	p.Wait(fmt.Sprintf("!document.querySelector('#sheet[open]') && document.querySelector('#e%d').innerText.includes('This message was removed')", ana.EventID))
	p.Click(fmt.Sprintf("#e%d .entry-more", ana.EventID))
	p.Wait("document.querySelector('.entry-pop')?.hidden === false && document.querySelector('.entry-pop [data-do=redact]').hidden")
	quiet(t, p)

	phone := b.Page(t, 390, 844)
	s.enter(phone, s.mia, path)
	fits := func(where string) {
		t.Helper()
		if over := phone.Overflows(); len(over) > 0 {
			t.Errorf("%s, outside the window: %q", where, over)
		}
	}
	phone.Click(fmt.Sprintf("#e%d .entry-more", ana.EventID))
	phone.Wait("document.querySelector('.entry-pop')?.hidden === false")
	fits("the menu of an entry")
	phone.Click(".entry-pop [data-do=select]")
	phone.Wait("!document.querySelector('#choosing').hidden")
	phone.Screenshot("phone-choosing")
	phone.Axe("choosing on a phone")
	fits("the bar of chosen entries")
	for _, page := range []string{"/customers", path + "/record", path + "/erase"} {
		phone.Open(s.url + page)
		phone.Wait("document.querySelector('main')")
		fits(page)
	}
	quiet(t, phone)
}
