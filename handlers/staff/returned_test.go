package staff_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"net/url"
	"strings"
	"testing"

	"onethread/handlers/browser"
	"onethread/models"
	"onethread/models/inbox"
	"onethread/models/outbox"
	"onethread/models/store"
)

// byMailAndChat is a customer who is known by mail and by chat, and wrote by mail last.
func (s *shop) byMailAndChat() models.Ingested {
	s.t.Helper()
	_, err := s.inbox.Ingest(s.t.Context(), models.Inbound{ChannelID: s.chat, ExternalID: "chat-1", Signed: true, Payload: &models.MessageIn{Text: "Hello?"}, Hints: []models.Hint{
		{Kind: models.ChatIdentity, Scope: "webchat-key", Value: "visitor-1", Evidence: models.Proved, Reason: "this browser"},
		{Kind: models.EmailIdentity, Value: "ana@example.com", Evidence: models.Proved, Reason: "signed in"}}})
	s.must(err)
	return s.mailFrom("ana@example.com", "Ana Duarte", "Is the desk in stock?")
}

// sentMail answers by mail as if the mail server had taken it.
func (s *shop) sentMail(customer models.ID, cc string) (event models.ID, id string) {
	s.t.Helper()
	event, err := s.inbox.Reply(s.t.Context(), s.mia, inbox.ReplyInput{CustomerID: customer, ChannelID: s.mail, Text: "It leaves today.", CC: cc})
	s.must(err)
	s.must(s.st.Write(s.t.Context(), func(tx *store.Tx) error {
		e, err := store.Event(tx, event)
		if err != nil {
			return err
		}
		m, err := store.Message(tx, event)
		if err != nil {
			return err
		}
		row, _, err := store.OutboxOf(tx, event)
		if err == nil {
			err = store.FinishOutbox(tx, row.ID, "done", "")
		}
		id = m.MessageID
		if err == nil {
			_, err = outbox.Record(tx, e, models.DeliverySent, "", id)
		}
		return err
	}))
	return event, id
}

func (s *shop) bounce(id, why string, to ...string) {
	s.t.Helper()
	s.sent++
	_, err := s.inbox.Ingest(s.t.Context(), models.Inbound{ChannelID: s.mail, ExternalID: fmt.Sprint("bounce", s.sent), Raw: []byte("Subject: Undelivered\r\n\r\nback"), RawType: "message/rfc822",
		Payload: &models.DeliveryIn{ProviderID: id, State: models.DeliveryBounced, Error: why, Recipients: to}})
	s.must(err)
}

// TestWhatCameBackIsTold: the message says why, offers the other way and another try, and has the report;
// the address can still be chosen, with a warning before the send.
func TestWhatCameBackIsTold(t *testing.T) {
	s := openShop(t)
	ana := s.byMailAndChat()
	event, id := s.sentMail(ana.CustomerID, "leo@example.com")
	mia, path := s.login(s.mia), "/customers/"+ana.CustomerID.String()
	mustNotContain(t, "before", mia.see(path, "HX-Request", "true"), "doubt", "data-instead", "came back")

	s.bounce(id, "the mailbox is full", "leo@example.com")
	page := mia.see(path, "HX-Request", "true")
	mustContain(t, "a copy's bounce", page, "It did not reach leo@example.com, who was in copy: the mailbox is full", `data-state="sent"`)
	mustNotContain(t, "a copy's bounce", page, "doubt", "data-instead", "/retry", "bubble failed")

	s.bounce(id, "there is no such mailbox <b>", "ana@example.com")
	page = mia.see(path, "HX-Request", "true")
	mustContain(t, "a bounce", page, "It came back: there is no such mailbox &lt;b&gt;", "Answer by Web chat instead", "/messages/"+event.String()+"/retry",
		"The last mail to ana@example.com came back: there is no such mailbox &lt;b&gt;. Send anyway?")
	for _, radio := range strings.Split(page, `<input type="radio"`)[1:] {
		radio, _, _ = strings.Cut(radio, ">")
		if strings.Contains(radio, `data-kind="email"`) && (strings.Contains(radio, "disabled") || strings.Contains(radio, "checked")) {
			t.Errorf("the way by mail: %s", radio)
		}
		if strings.Contains(radio, `data-kind="chat"`) && !strings.Contains(radio, "checked") {
			t.Errorf("the other way is not preselected: %s", radio)
		}
	}
	report := between(t, page[strings.Index(page, "Download what came back")-400:], `href="/messages/`, `"`)
	if status, body, h := mia.ask("GET", "/messages/"+report, ""); status != 200 || !strings.Contains(body, "back") || !strings.Contains(h.Get("Content-Disposition"), "attachment") {
		t.Errorf("the report: %d %q", status, body)
	}
	mail := fmt.Sprintf("%d-", s.mail)
	way := mail + between(t, page, `value="`+mail, `"`)
	mustContain(t, "sent all the same", mia.do(path+"/messages", url.Values{"way": {way}, "text": {"Once more"}, "client_id": {"c-9"}}), "Once more", "Queued")
	retried := mia.do("/messages/"+event.String()+"/retry", nil)
	mustContain(t, "retried", retried, "Queued")
	mustNotContain(t, "retried", retried, "It did not reach", "came back:")
}

// TestOnlyWayInDoubt: when the one address there is returned a mail, the composer begins with a note and says why.
func TestOnlyWayInDoubt(t *testing.T) {
	s := openShop(t)
	omar := s.mailFrom("omar@example.com", "Omar Haddad", "Hello")
	_, id := s.sentMail(omar.CustomerID, "")
	s.bounce(id, "no such mailbox", "omar@example.com")
	page := s.login(s.mia).see("/customers/"+omar.CustomerID.String(), "HX-Request", "true")
	mustContain(t, "thread", page, "composer noting", "The last message failed: choose where to send all the same")
	mustNotContain(t, "thread", page, "data-instead", " disabled")
}

// TestWhoWroteAndWhatItQuotes: somebody in copy bears their own name; a quote leads to the other's thread.
func TestWhoWroteAndWhatItQuotes(t *testing.T) {
	s := openShop(t)
	ana := s.in(s.mail, "ana@example.com", "Ana Duarte", &models.MessageIn{Subject: "Desk", Text: "My husband is in copy.", MessageID: "m1@example.com", CC: "bob@example.com"})
	bob := s.in(s.mail, "bob@example.com", "Bob <Builder>", &models.MessageIn{Subject: "Re: Desk", Text: "Ten o'clock is fine.", MessageID: "m2@example.com", InReplyTo: []string{"m1@example.com"}, CC: "ana@example.com"})
	eve := s.in(s.mail, "eve@example.com", "Eve", &models.MessageIn{Subject: "Re: Desk", Text: "Me too!", MessageID: "m3@example.com", InReplyTo: []string{"m1@example.com"}})
	if bob.CustomerID != ana.CustomerID || eve.CustomerID == ana.CustomerID {
		t.Fatal("filed wrongly", ana, bob, eve)
	}
	mia := s.login(s.mia)
	page := mia.see("/customers/"+ana.CustomerID.String(), "HX-Request", "true")
	entry := page[strings.Index(page, `id="e`+bob.EventID.String()+`"`):]
	entry, _, _ = strings.Cut(entry, "</article>")
	mustContain(t, "Bob's mail", entry, "<b>Bob &lt;Builder&gt;</b>", "bob@example.com", "in copy")
	mustNotContain(t, "Bob's mail", entry, "<b>Ana Duarte</b>")
	mustContain(t, "Eve's thread", mia.see("/customers/"+eve.CustomerID.String(), "HX-Request", "true"), "Quotes Ana Duarte’s conversation", `href="/customers/`+ana.CustomerID.String()+`#e`+ana.EventID.String()+`"`)
	mustNotContain(t, "Ana's thread", page, "Quotes ")
	_, err := s.inbox.Merge(t.Context(), s.mia.ID, eve.CustomerID, ana.CustomerID)
	s.must(err)
	mustNotContain(t, "one thread", mia.see("/customers/"+ana.CustomerID.String(), "HX-Request", "true"), "Quotes ")
}

// TestOriginalsOfEverything: what could not be read, what a mail program sent, what has no mail of its own.
func TestOriginalsOfEverything(t *testing.T) {
	s := openShop(t)
	ana := s.mailFrom("ana@example.com", "Ana Duarte", "Hello")
	sent := s.in(s.mail, "ana@example.com", "", &models.MessageIn{Direction: models.Out, Subject: "Re", Text: "From my phone", MessageID: "phone@casa.example"})
	broken := s.in(s.mail, "ana@example.com", "", &models.UnreadableIn{Reason: "no head"})
	_, err := s.inbox.Ingest(t.Context(), models.Inbound{ChannelID: s.mail, ExternalID: "odd", Raw: []byte("odd bytes"), RawType: "message/rfc822", Payload: &models.UnreadableIn{Reason: "nothing of it"}})
	s.must(err)
	written, err := s.inbox.Reply(t.Context(), s.mia, inbox.ReplyInput{CustomerID: ana.CustomerID, ChannelID: s.mail, HTML: "<p>By a <b>program</b></p>"})
	s.must(err)
	order := s.order("ana@example.com", "1042")

	mia, leo := s.login(s.mia), s.login(s.leo)
	page := leo.see("/customers/"+ana.CustomerID.String(), "HX-Request", "true")
	for _, id := range []models.ID{ana.EventID, sent.EventID, broken.EventID} {
		path := "/messages/" + id.String() + "/original"
		mustContain(t, "thread", page, path)
		if status, _, h := leo.ask("GET", path, ""); status != 200 || !strings.HasSuffix(h.Get("Content-Disposition"), ".eml") || h.Get("Content-Type") != "application/octet-stream" {
			t.Errorf("%s: %d %v", path, status, h)
		}
	}
	for _, id := range []models.ID{written, order.EventID} {
		path := "/messages/" + id.String() + "/original"
		mustNotContain(t, "thread", page, path)
		if status, _, _ := leo.ask("GET", path, ""); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
	settings := mia.see("/settings/channels/" + s.mail.String())
	mustContain(t, "settings", settings, "nothing of it", "no head")
	odd := "/messages/" + between(t, settings[strings.Index(settings, "nothing of it"):], `href="/messages/`, `"`)
	if status, body, _ := mia.ask("GET", odd, ""); status != 200 || body != "odd bytes" {
		t.Errorf("odd mail: %d %q", status, body)
	}
	if status, _, _ := leo.ask("GET", odd, ""); status != 404 {
		t.Errorf("odd mail, for who may not see the settings: %d", status)
	}
}

// TestSpamByButton: the head's menu takes a conversation for spam, and its button brings it back.
func TestSpamByButton(t *testing.T) {
	s := openShop(t)
	ana := s.mailFrom("ana@example.com", "Ana Duarte", "Cheap desks!")
	mia, path := s.login(s.mia), "/customers/"+ana.CustomerID.String()
	page := mia.see(path, "HX-Request", "true")
	spam := "/conversations/" + ana.ConversationID.String() + "/spam"
	mustContain(t, "head", page, `hx-post="`+spam+`"`, "This is spam")
	mia.do(spam, nil)
	page = mia.see(path, "HX-Request", "true")
	mustContain(t, "head of spam", page, "/not-spam", "Not spam")
	mustNotContain(t, "head of spam", page, `hx-post="`+spam+`"`, "do-close")
	mustContain(t, "list of spam", mia.see("/?view=spam"), "Ana Duarte")
	mustNotContain(t, "open list", mia.see("/"), "Cheap desks!")
	mia.do("/conversations/"+ana.ConversationID.String()+"/not-spam", nil)
	mustContain(t, "head", mia.see(path, "HX-Request", "true"), `hx-post="`+spam+`"`, "do-close")
}

// TestMailOnOpenScreens: what becomes of mail is on open screens without a reload; the words of one that
// came back go into the composer for the other way.
func TestMailOnOpenScreens(t *testing.T) {
	s := openShop(t)
	s.byMailAndChat()
	place := models.Place{Folder: "INBOX", Validity: 7, UID: 3}
	in := models.Inbound{ChannelID: s.mail, ExternalID: "placed", ReceivedAt: s.st.Now(), Place: &place, Payload: &models.MessageIn{Text: "Kept here.", MessageID: "placed@example.com"},
		Hints: []models.Hint{{Kind: models.EmailIdentity, Value: "ana@example.com", Evidence: models.Asserted, Reason: "From of an email"}}}
	ana, err := s.inbox.Ingest(t.Context(), in)
	s.must(err)
	_, id := s.sentMail(ana.CustomerID, "")
	p := browser.Start(t).Page(t, 1440, 900)
	s.enter(p, s.mia, "/customers/"+ana.CustomerID.String())

	s.must(s.st.Write(t.Context(), func(tx *store.Tx) error { return store.MailGone(tx, s.mail, "INBOX", 7, []uint32{3}) }))
	bubble := fmt.Sprintf("document.querySelector('#e%d').innerText", ana.EventID)
	p.Wait(bubble + ".includes('Not in the mailbox’s folder “INBOX” any more')")
	again := in
	place.UID = 4
	_, err = s.inbox.Ingest(t.Context(), again)
	s.must(err)
	p.Wait("!" + bubble + ".includes('any more')")

	s.bounce(id, "there is no such mailbox", "ana@example.com")
	p.Wait("document.querySelector('[data-instead]')?.innerText.toLowerCase().includes('chat')")
	p.Click(".way:has([data-kind=email])")
	p.Wait("[...document.querySelectorAll('.doubt')].some(d => d.offsetHeight > 0 && d.innerText.includes('Send anyway?'))")
	p.Screenshot("bounced")
	p.Click("[data-instead]")
	p.Wait("document.querySelector('.way input:checked').dataset.kind === 'chat' && document.querySelector('#words-field').value === 'It leaves today.' && document.activeElement.id === 'words-field'")
	p.Wait("[...document.querySelectorAll('.doubt')].every(d => d.offsetHeight === 0)")
	p.Axe("a message that came back")

	p.Eval("document.activeElement.blur()", nil)
	p.Key("!")
	p.Wait("document.querySelector('#head').innerText.includes('Not spam')")
	p.Key("!")
	p.Wait("document.querySelector('#do-close')")
	quiet(t, p)
}

// TestPicturesAreShown: pictures of notes, and those inside a mail that are worth it; never the dots and logos
// of signatures, never remote ones. A PDF says that it is one.
func TestPicturesAreShown(t *testing.T) {
	s := openShop(t)
	drawn := func(name string, w, h int, inline bool) models.FileIn {
		var b bytes.Buffer
		s.must(png.Encode(&b, image.NewRGBA(image.Rect(0, 0, w, h))))
		f := models.FileIn{Name: name, Type: "image/png", Body: b.Bytes(), Inline: inline}
		if inline {
			f.ContentID = name
		}
		return f
	}
	evil := models.FileIn{Name: "evil.svg", Type: "image/svg+xml", ContentID: "evil", Inline: true, Body: []byte("<svg onload=alert(1)></svg>" + strings.Repeat(" ", 20_000))}
	ana := s.in(s.mail, "ana@example.com", "Ana Duarte", &models.MessageIn{Text: "Look!", HTML: `<p>Look!</p><img src="cid:scratch.png"><img src="https://tracker.example/a.png">`, Attachments: []models.FileIn{
		drawn("scratch.png", 400, 300, true), drawn("dot.png", 1, 1, true), drawn("logo.png", 300, 50, true), evil, {Name: "bill.pdf", Type: "application/pdf", Body: []byte("%PDF-1.4 x")}}})
	photo := drawn("shelf.png", 40, 40, false)
	up, err := s.inbox.Upload(t.Context(), inbox.UserUploads(s.mia.ID), photo.Name, photo.Type, bytes.NewReader(photo.Body))
	s.must(err)
	_, err = s.inbox.Note(t.Context(), s.mia, inbox.NoteInput{CustomerID: ana.CustomerID, Text: "The shelf", Attachments: []models.ID{up.ID}})
	s.must(err)
	page := s.login(s.mia).see("/customers/"+ana.CustomerID.String(), "HX-Request", "true")
	mustContain(t, "thread", page, `alt="scratch.png"`, `alt="shelf.png"`, "bill.pdf", "PDF · ")
	mustNotContain(t, "thread", page, "dot.png", "logo.png", "evil.svg", "tracker.example")
	note := page[strings.Index(page, "note-box"):]
	mustContain(t, "note", note, `class="thumb"`)
}
