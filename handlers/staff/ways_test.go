package staff_test

import (
	"fmt"
	"strings"
	"testing"

	"onethread/handlers/browser"
	"onethread/models"
	"onethread/models/store"
)

// phone connects a number for text messages.
func (s *shop) phone() (id models.ID) {
	s.t.Helper()
	s.must(s.st.Write(s.t.Context(), func(tx *store.Tx) (err error) {
		id, err = store.AddChannel(tx, models.Channel{Type: "twilio", Name: "The shop's number", Key: "sms-key", Settings: map[string]string{}}, func(string) bool { return false })
		return err
	}))
	return id
}

// text is a text message of a customer, who is known by email too.
func (s *shop) text(channel models.ID, number, email, words, consent string) models.Ingested {
	s.t.Helper()
	s.sent++
	out, err := s.inbox.Ingest(s.t.Context(), models.Inbound{ChannelID: channel, ExternalID: fmt.Sprint("sms", s.sent), Signed: true, ReceivedAt: s.st.Now(), Payload: &models.MessageIn{Text: words, Consent: consent},
		Hints: []models.Hint{{Kind: models.PhoneIdentity, Value: number, Evidence: models.Asserted, Reason: "From of an SMS"}, {Kind: models.EmailIdentity, Value: email, Evidence: models.Asserted, Reason: "told by the shop"}}})
	s.must(err)
	return out
}

// TestSegmentsAreCountedAsTheCarrierCounts runs the built module where staff sees it: under the box.
// The alphabet and the sizes are those of 3GPP TS 23.038; no letter is cut in two between parts.
func TestSegmentsAreCountedAsTheCarrierCounts(t *testing.T) {
	s := openShop(t)
	ana := s.text(s.phone(), "+351912007031", "ana@example.com", "Is it in stock?", "")
	p := browser.Start(t).Page(t, 1440, 900)
	s.enter(p, s.mia, "/customers/"+ana.CustomerID.String())
	p.Wait("document.querySelector('.way input:checked')?.dataset.segments !== undefined")
	a, u := func(n int) string { return strings.Repeat("a", n) }, func(n int) string { return strings.Repeat("я", n) }
	for _, c := range []struct {
		what, text string
		want       string
	}{
		{"nothing", "", ""},
		{"blanks alone", "   ", ""},
		{"one letter", "a", "1 characters, 1 SMS"},
		{"160", a(160), "160 characters, 1 SMS"},
		{"161", a(161), "161 characters, 2 SMS"},
		{"306, two full parts", a(306), "306 characters, 2 SMS"},
		{"307", a(307), "307 characters, 3 SMS"},
		{"all of the alphabet", "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!¤¡ÄÖÑÜ§¿äöñüà" + a(117), "160 characters, 1 SMS"},
		{"an extension letter takes two", "€" + a(158), "159 characters, 1 SMS"},
		{"160 with one of two", "€" + a(159), "160 characters, 2 SMS"},
		{"80 of two", strings.Repeat("[", 80), "80 characters, 1 SMS"},
		{"81 of two", strings.Repeat("~", 81), "81 characters, 2 SMS"},
		{"none is cut: 76 of two in a part", strings.Repeat("^", 152), "152 characters, 2 SMS"},
		{"none is cut: one more", strings.Repeat("^", 153), "153 characters, 3 SMS"},
		{"ç is not of the alphabet", "ç" + a(69), "70 characters, 1 SMS"},
		{"a typographic quote", "’" + a(70), "71 characters, 2 SMS"},
		{"70 of another alphabet", u(70), "70 characters, 1 SMS"},
		{"71", u(71), "71 characters, 2 SMS"},
		{"134, two full parts", u(134), "134 characters, 2 SMS"},
		{"135", u(135), "135 characters, 3 SMS"},
		{"an emoji has two units", "🪑" + a(68), "69 characters, 1 SMS"},
		{"an emoji too many", "🪑" + a(69), "70 characters, 2 SMS"},
		{"35 emoji", strings.Repeat("🪑", 35), "35 characters, 1 SMS"},
		{"no emoji is cut", u(66) + "🪑" + u(66), "133 characters, 3 SMS"},
		{"an emoji that fits", u(65) + "🪑" + u(67), "133 characters, 2 SMS"},
		{"extension letters count one among emoji", "€" + strings.Repeat("🪑", 34), "35 characters, 1 SMS"},
		{"lines", "a\nb", "3 characters, 1 SMS"},
		{"as long as may be", a(1600), "1600 characters, 11 SMS"},
		{"one too many", a(1601), "1 characters too long"},
	} {
		var got string
		p.Eval(fmt.Sprintf("(() => { const a = document.querySelector('#words-field'); a.value = %q; a.dispatchEvent(new Event('input', {bubbles: true})); return document.querySelector('#count').textContent })()", c.text), &got)
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
	var over bool
	p.Eval("document.querySelector('#count').classList.contains('over')", &over)
	if !over {
		t.Error("what is too long does not look so")
	}
	p.Eval("document.querySelector('.note-way input').click()", nil)
	p.Wait("document.querySelector('#count').textContent === ''") // a note has no segments
	quiet(t, p)
}

// TestWhyAWayIsClosed: the reason stands in words below the ways when the closed way is tapped with a
// finger or reached by keyboard, and goes when another is chosen.
func TestWhyAWayIsClosed(t *testing.T) {
	s := openShop(t)
	number := s.phone()
	ana := s.mailFrom("ana@example.com", "Ana Duarte", "Is the desk in stock?")
	s.text(number, "+351912007031", "ana@example.com", "STOP", models.OptedOutState)
	const reason = "They opted out of messages here; writing START brings them back"
	b := browser.Start(t)
	for _, width := range []int64{1440, 390} {
		p := b.Page(t, width, 844)
		s.enter(p, s.mia, "/customers/"+ana.CustomerID.String())
		closed := "document.querySelector('.way:has(:disabled)')"
		p.Wait(closed + "?.title === '" + reason + "' && document.querySelector('#why').hidden")
		p.Click(".way:has(:disabled)")
		p.Wait("!document.querySelector('#why').hidden && document.querySelector('#why').innerText === '" + reason + "'")
		p.Screenshot(fmt.Sprint("why-", width))
		p.Dark(true)
		p.Screenshot(fmt.Sprint("why-dark-", width))
		p.Axe("a closed way in the dark")
		p.Dark(false)
		p.Axe("a closed way")
		if over := p.Overflows(); len(over) > 0 {
			t.Errorf("outside the window: %q", over)
		}
		p.Click("#words-field")
		p.Wait("document.querySelector('#why').hidden")
		p.Eval(closed+".focus()", nil) // where Tab leads: it is in the order
		p.Wait("document.activeElement === " + closed + " && " + closed + ".tabIndex === 0 && !document.querySelector('#why').hidden")
		p.Eval("document.querySelector('.note-way input').click()", nil)
		p.Wait("document.querySelector('#why').hidden")
		quiet(t, p)
	}
}
