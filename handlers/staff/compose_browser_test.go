package staff_test

import (
	"fmt"
	"testing"

	"onethread/handlers/browser"
	"onethread/models"
)

// paste puts a picture into the composer as a screenshot is pasted.
const paste = `(async () => { const c = new OffscreenCanvas(8, 8); c.getContext('2d').fillRect(0, 0, 8, 8);
	const d = new DataTransfer(); d.items.add(new File([await c.convertToBlob()], 'image.png', {type: 'image/png'}));
	document.querySelector('#words-field').dispatchEvent(new ClipboardEvent('paste', {clipboardData: d, bubbles: true, cancelable: true})); return 0 })()`

// TestDraftOnTwoScreens: what is begun on one device stands whole on another; once it was sent there, it is
// nowhere left as a draft; called back, it is whole again.
func TestDraftOnTwoScreens(t *testing.T) {
	s := openShop(t)
	ana := s.mailFrom("ana@example.com", "Ana Duarte", "What does the desk look like?")
	path := "/customers/" + ana.CustomerID.String()
	b := browser.Start(t)
	here, there := b.Page(t, 1440, 900), b.Page(t, 1440, 900)
	s.enter(here, s.mia, path)
	here.Eval("document.querySelector('[name=subject]').value = ''", nil)
	here.Type("[name=subject]", "The desk")
	here.Click("[data-show=cc]")
	here.Type("[name=cc]", "leo@example.com")
	here.Type("#words-field", "Like this:")
	here.Eval(paste, nil)
	here.Wait("document.querySelector('#words-field').value === 'Like this:\\n[image: image.png]\\n' && document.querySelector('#attached [name=inline_id]:checked')")
	here.Wait("document.querySelector('#saved').textContent !== ''")

	s.enter(there, s.mia, path)
	there.Wait("document.querySelector('#attached img')?.naturalWidth === 8 && document.querySelector('#attached [name=inline_id]').checked")
	there.Wait("document.querySelector('#words-field').value.includes('[image: image.png]') && document.querySelector('[name=subject]').value === 'The desk' && document.querySelector('[name=cc]').value === 'leo@example.com'")
	there.Screenshot("draft-restored")
	there.Axe("a draft with a picture")
	there.Click("#send")
	there.Wait("document.querySelector('.out .thumb img')?.naturalWidth === 8 && document.querySelector('#words-field').value === '' && !document.querySelector('#attached li')")
	here.Wait("document.querySelector('#words-field').value === '' && !document.querySelector('#attached li')") // sent from the other screen
	there.Eval("document.activeElement.blur()", nil)
	there.Key("z")
	there.Wait("document.querySelector('#words-field').value.includes('Like this') && document.querySelector('[name=cc]').value === 'leo@example.com' && document.querySelector('#attached img')?.naturalWidth === 8")
	quiet(t, here, there)
}

// TestSendLaterInBrowser: from the menu, seen by a colleague, overtaken by the customer, and taken back to be
// changed, with its subject.
func TestSendLaterInBrowser(t *testing.T) {
	s := openShop(t)
	ana := s.mailFrom("ana@example.com", "Ana Duarte", "Is it back?")
	path := "/customers/" + ana.CustomerID.String()
	b := browser.Start(t)
	mia, leo := b.Page(t, 1440, 900), b.Page(t, 1440, 900)
	s.enter(mia, s.mia, path)
	s.enter(leo, s.leo, path)
	mia.Type("#words-field", "It comes tomorrow.")
	mia.Click(".later-menu summary")
	mia.Wait("document.querySelector('.later-menu').open")
	mia.Screenshot("later-menu")
	mia.Axe("the menu of later times")
	mia.Click("[data-later]")
	for _, p := range []*browser.Page{mia, leo} {
		p.Wait("document.querySelector('.entry.later .goes')?.innerText.includes('Goes out')")
	}
	leo.Wait("!document.querySelector('.goes button') && getComputedStyle(document.querySelector('.since')).display === 'none'")
	s.mailFrom("ana@example.com", "Ana Duarte", "Hello?")
	mia.Wait("getComputedStyle(document.querySelector('.since')).display === 'flex' && document.querySelector('.since').innerText.includes('Ana Duarte wrote since')")
	mia.Screenshot("later-overtaken")
	mia.Axe("a scheduled message")
	mia.Click("[data-edit]")
	mia.Wait("document.querySelector('#words-field').value === 'It comes tomorrow.' && document.querySelector('[name=subject]').value === 'Re: A question'")
	leo.Wait("document.querySelector('.out .receipt').dataset.state === 'canceled' && !document.querySelector('.goes')")
	quiet(t, mia, leo)
}

// TestKeysSwitchWays: 1 to 5 choose by place, the text stays, the files go with their mode.
func TestKeysSwitchWays(t *testing.T) {
	s := openShop(t)
	ana := s.mailFrom("ana@example.com", "Ana Duarte", "Is it back?")
	s.in(s.mail, "ana@example.com", "", &models.MessageIn{Text: "Me again", MessageID: "x@example.com", CC: "leo@example.com"})
	p := browser.Start(t).Page(t, 390, 844)
	s.enter(p, s.mia, "/customers/"+ana.CustomerID.String())
	p.Wait("document.querySelector('[name=cc]').value === 'leo@example.com'")
	p.Click("#alone")
	p.Wait("document.querySelector('[name=cc]').value === '' && document.querySelector('#alone').ariaPressed === 'true'")
	p.Click("#alone")
	p.Wait("document.querySelector('[name=cc]').value === 'leo@example.com'")
	p.Type("#words-field", "It is")
	for n, want := range []string{"email", "note", "email"} {
		p.Eval("document.activeElement.blur()", nil)
		p.Key(fmt.Sprint([]int{1, 2, 1}[n]))
		p.Wait(fmt.Sprintf("document.querySelector('.way input:checked').dataset.kind === %q && document.activeElement.id === 'words-field'", want))
	}
	p.Wait("document.querySelector('#words-field').value === 'It is'")
	p.Screenshot("composer-phone")
	p.Axe("composer on a phone")
	if over := p.Overflows(); len(over) > 0 {
		t.Errorf("outside the window: %q", over)
	}
	quiet(t, p)
}
