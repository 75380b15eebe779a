package main

import (
	"context"
	"fmt"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"onethread/handlers/browser"
	"onethread/integrations/email/mailtest"
	"onethread/models"
	"onethread/models/channels"
	"onethread/models/inbox"
	"onethread/models/store"
)

// inProcess is the whole program on loopback, within reach of the test.
func inProcess(t *testing.T) (*Program, *story) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &story{T: t, data: t.TempDir(), addr: l.Addr().String(), url: "http://" + l.Addr().String()}
	p, err := open(t.Context(), Env{Data: s.data, URL: s.url})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return p, s
}

// TestVisitorLeavesAndGoesOn: a visitor writes in the chat, leaves an address and goes. The answer reaches
// them by mail; they answer that, and find it in the widget when they come back. The mail's link opens the
// conversation on another device, with a code that comes by mail as well.
func TestVisitorLeavesAndGoesOn(t *testing.T) {
	if testing.Short() {
		t.Skip("a story with real servers and a real browser takes half a minute")
	}
	stack, b := mailtest.Start(t), browser.Start(t)
	p, s := inProcess(t)
	mia, err := p.Auth.CreateUser(t.Context(), "mia@casa.example", "Mia Costa", models.Owner, storyPassword)
	mustDo(t, err)
	_, err = p.Channels.Add(t.Context(), "email", channels.Input{Settings: stack.Settings(mailtest.Shop)})
	mustDo(t, err)
	chat, err := p.Channels.Add(t.Context(), "webchat", channels.Input{})
	mustDo(t, err)
	site := shopSite(t, func() string {
		return `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>Walnut desk 140</title><h1>Walnut desk 140</h1><script async src="` + s.url + `/widget.js" data-channel="` + chat.Key + `"></script>`
	})

	visitor := b.Page(t, 1000, 800)
	visitor.Open(site)
	visitor.Wait("window.onethread && window.onethread.on")
	visitor.Eval("onethread('open')", nil)
	frame := visitor.Frame("/c/chat/frame")
	frame.Wait("document.getElementById('box')")
	frame.Eval("(document.getElementById('box').value='Is the walnut desk in stock?', document.getElementById('form').requestSubmit())", nil)
	frame.Wait("document.getElementById('address')")
	frame.Eval(fmt.Sprintf("(document.getElementById('address').value=%q, document.getElementById('contact').requestSubmit())", mailtest.Alice), nil)
	frame.Wait("document.getElementById('contact').innerText.includes('earlier conversation')")
	visitor.Screenshot("widget-earlier")
	visitor.Axe("the widget's page")
	var browsers []models.Identity
	s.await("the address is known", func() bool {
		browsers, err = store.IdentitiesOf(p.Store.Read(t.Context()), 1)
		return err == nil && len(browsers) == 2
	})
	visitor.Open("about:blank")
	s.await("the visitor has left", func() bool { return !p.Inbox.Online(browsers[0].ID) })

	answer := "Yes, two are left. Shall we keep one for you?"
	_, err = p.Inbox.Reply(t.Context(), mia, inbox.ReplyInput{CustomerID: 1, ChannelID: chat.ID, Text: answer})
	mustDo(t, err)
	s.await("the answer followed", func() bool {
		mustDo(t, p.Inbox.Follow(t.Context(), p.Store.Now().Add(3*time.Minute)))
		list, err := store.MailsOf(p.Store.Read(t.Context()), browsers[1].ID, 1, 5)
		return err == nil && len(list) == 1
	})
	mail := plainText(t, stack.Await(mailtest.Alice, "INBOX", 1)[0])
	for _, want := range []string{answer, "> Is the walnut desk in stock?", s.url + "/c/continue/"} {
		if !strings.Contains(mail, want) {
			t.Errorf("the mail lacks %q:\n%s", want, mail)
		}
	}
	id := regexp.MustCompile(`(?im)^Message-ID: <([^>]+)>`).FindStringSubmatch(unfolded(mail))
	if id == nil {
		t.Fatal(mail)
	}

	stack.SendMail(mailtest.Alice, mailtest.Shop, []byte("From: Ana Duarte <"+mailtest.Alice+">\r\nTo: "+mailtest.Shop+"\r\nSubject: Re: Our answer\r\nMessage-ID: <back@example.test>\r\nIn-Reply-To: <"+id[1]+">\r\nDate: "+
		time.Now().Format(time.RFC1123Z)+"\r\n\r\nYes please, keep one.\r\n\r\n> "+answer+"\r\n"))
	visitor.Open(site)
	visitor.Wait("window.onethread && window.onethread.on")
	visitor.Eval("onethread('open')", nil)
	frame = visitor.Frame("/c/chat/frame")
	frame.Wait("[...document.querySelectorAll('#list li.me')].some(e => e.innerText.includes('keep one.') && !e.innerText.includes('Shall we'))")
	visitor.Screenshot("widget-back")

	// On another device.
	link := regexp.MustCompile(regexp.QuoteMeta(s.url) + `/c/continue/[A-Za-z0-9_-]+`).FindString(mail)
	phone := b.Page(t, 390, 800)
	phone.Open(link)
	phone.Axe("the page of a link")
	phone.Screenshot("continue-link")
	phone.Dark(true)
	phone.Screenshot("continue-link-dark")
	phone.Click("main button")
	phone.Wait("document.getElementById('code')")
	phone.Screenshot("continue-code")
	code := regexp.MustCompile(`(\d{6}) is your code`).FindStringSubmatch(plainText(t, stack.Await(mailtest.Alice, "INBOX", 2)[1]))
	if code == nil {
		t.Fatal("the second mail holds no code")
	}
	phone.Type("#code", code[1])
	phone.Click("form button")
	inFrame := "document.querySelector('iframe.chat')?.contentDocument"
	phone.Wait("[..." + inFrame + "?.querySelectorAll('#list li') || []].some(e => e.innerText.includes('two are left'))")
	phone.Eval("(d => { d.getElementById('box').value = 'I am on the phone now.'; d.getElementById('form').requestSubmit() })("+inFrame+")", nil)
	phone.Wait("[..." + inFrame + ".querySelectorAll('#list li.me:not(.waiting)')].some(e => e.innerText.includes('on the phone'))")
	phone.Wait(inFrame + ".getElementById('close').hidden")
	phone.Screenshot("continue-chat")
	phone.Eval("location.reload()", nil)
	phone.Wait("[..." + inFrame + "?.querySelectorAll('#list li') || []].some(e => e.innerText.includes('on the phone'))")

	staff := b.Page(t, 1440, 900)
	s.logIn(staff, "mia@casa.example")
	staff.Open(s.url + "/customers/1")
	staff.Wait("[...document.querySelectorAll('#entries .said')].some(e => e.innerText.includes('on the phone'))")
	staff.Eval("document.querySelectorAll('.identities details').forEach(d => d.open = true)", nil)
	staff.Screenshot("staff-thread")
	staff.Dark(true)
	staff.Screenshot("staff-thread-dark")
	text := staff.Text("#entries")
	for _, want := range []string{"A code was sent to " + mailtest.Alice, "the visitor had left"} {
		if !strings.Contains(text, want) {
			t.Errorf("staff do not see %q", want)
		}
	}
	if strings.Contains(text, code[1]) {
		t.Error("staff see the code")
	}
	for _, page := range []*browser.Page{visitor, phone, staff} {
		for _, e := range page.Errors() {
			t.Errorf("console: %s", e)
		}
	}
}

// plainText is a mail with its quoted-printable lines joined.
func plainText(t *testing.T, raw []byte) string {
	t.Helper()
	return strings.NewReplacer("=\r\n", "", "=\n", "", "\r\n", "\n", "=3D", "=").Replace(string(raw))
}
