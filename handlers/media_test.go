package handlers

import (
	"context"
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"time"

	"onethread/integrations/twilio/twiliotest"
	"onethread/models"
	"onethread/models/store"
)

const (
	evilPage = "<!doctype html><script>document.title = 'ran'</script>"
	evilSVG  = `<svg xmlns="http://www.w3.org/2000/svg" onload="document.title = 'ran'"><script>1</script></svg>`
	onePixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

// TestMediaThatLies: a customer's file that claims to be a picture and is a page or a drawing with
// scripts, fetched from Twilio: whoever asks for it, by whatever address, it is saved and never shown,
// under a policy that lets nothing run. A true picture is shown.
func TestMediaThatLies(t *testing.T) {
	pixel, err := base64.StdEncoding.DecodeString(onePixel)
	if err != nil {
		t.Fatal(err)
	}
	fake := twiliotest.Start(t)
	var settings []string
	for k, v := range fake.Settings() {
		settings = append(settings, k, v)
	}
	s := openStall(t, "twilio", settings...)
	s.secret = fake.Token
	files := []twiliotest.File{{Type: "image/png", Body: []byte(evilPage)}, {Type: "image/png", Body: []byte(evilSVG)}, {Type: "image/svg+xml", Body: []byte(evilSVG)},
		{Type: "image/jpeg; charset=x", Body: []byte("  \n" + evilPage)}, {Type: "text/html", Body: []byte(evilPage)}, {Type: "IMAGE/PNG", Body: []byte("\x00" + evilPage)},
		{Type: "image/gif", Body: []byte("GIF89a" + evilPage)}, {Type: "image/png", Body: pixel}}
	form := fake.Inbound(fake.Store("+351912007031", "look", files...))
	body := "MessageSid=" + url.QueryEscape(form.Get("MessageSid")) + "&" + form.Encode()
	if status, answer := s.call(body); status != 200 {
		t.Fatal(status, answer)
	}
	message := s.last()
	s.notYet(message, len(files))
	s.runs(t)
	kept := s.fetched(message, len(files))
	e, err := store.Event(s.deps.Store.Read(t.Context()), kept[0].EventID)
	s.must(err)
	_, thread := s.ask(t, "GET", "/customers/"+e.CustomerID.String(), "", "Cookie", s.cookie)
	for i, a := range kept {
		picture := i >= len(files)-2 // "GIF89a" and a page behind it is shown as the broken picture that it is: nosniff
		s.never(files[i].Type+" "+string(files[i].Body[:min(len(files[i].Body), 20)]), a, picture)
		if drawn := strings.Contains(thread, `src="/attachments/`+a.Token); drawn && !picture {
			t.Errorf("the thread draws %s as a picture", files[i].Type)
		}
	}
	after := fake.Inbound(fake.Store("+351912007031", "and this"))
	before := s.last()
	if status, answer := s.call("MessageSid=" + url.QueryEscape(after.Get("MessageSid")) + "&" + after.Encode()); status != 200 || s.last() == before {
		t.Errorf("the good call after files that lie: %d %s", status, answer)
	}
}

// notYet: while Twilio still has the files, they are not found by any address.
func (s *stall) notYet(event models.ID, n int) {
	s.t.Helper()
	waiting, err := store.AttachmentsOf(s.deps.Store.Read(s.t.Context()), []models.ID{event})
	s.must(err)
	if len(waiting) != n {
		s.t.Fatalf("%d files are waited for, not %d", len(waiting), n)
	}
	for path, header := range s.addresses(waiting[0].Token) {
		if resp, body := s.ask(s.t, "GET", path, "", header...); resp.StatusCode != 404 {
			s.t.Errorf("%s before it is here: %d %.200s", path, resp.StatusCode, body)
		}
	}
}

// addresses are all by which staff, programs and providers get a file, with what each call carries.
func (s *stall) addresses(token string) map[string][]string {
	link := s.deps.Store.FileLink(token, models.At(time.Now().Add(time.Hour)))
	return map[string][]string{"/attachments/" + token: {"Cookie", s.cookie}, "/attachments/" + token + "?inline=1": {"Cookie", s.cookie},
		"/api/v1/attachments/" + token: {"Authorization", "Bearer " + s.token}, "/c/files/" + link: nil}
}

// runs keeps the channel open and fetches its files, until the test ends.
func (s *stall) runs(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	box, registry := s.deps.API.Inbox, s.deps.Hooks.Channels
	box.Fetcher = registry.Fetch
	done := make(chan error, 2)
	go func() { done <- registry.Run(ctx) }()
	t.Cleanup(func() { stop(); <-done; <-done })
	defer func() { go func() { done <- box.RunFetches(ctx) }() }()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for late := time.Now().Add(30 * time.Second); time.Now().Before(late); <-look.C { // else the first look would find the channel closed, and rest
		if _, open := registry.Fetch(s.channel.ID); open {
			return
		}
	}
	t.Fatal("the channel is not opened")
}

// fetched waits until all files of the event are here.
func (s *stall) fetched(event models.ID, n int) []models.Attachment {
	s.t.Helper()
	late := time.After(30 * time.Second)
	for {
		bell := s.deps.Store.Bell.Wait()
		all, err := store.AttachmentsOf(s.deps.Store.Read(s.t.Context()), []models.ID{event})
		s.must(err)
		waiting := n - len(all)
		for _, a := range all {
			if a.State != "" {
				waiting++
			}
		}
		if waiting == 0 {
			return all
		}
		select {
		case <-bell:
		case <-late:
			s.t.Fatalf("%d files are still waited for: %+v", waiting, all)
		}
	}
}

// never: the file does not run, by none of its addresses.
func (s *stall) never(what string, a models.Attachment, picture bool) {
	s.t.Helper()
	for path, header := range s.addresses(a.Token) {
		resp, _ := s.ask(s.t, "GET", path, "", header...)
		kind, saved := resp.Header.Get("Content-Type"), strings.HasPrefix(resp.Header.Get("Content-Disposition"), "attachment")
		if resp.StatusCode != 200 || resp.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(resp.Header.Get("Content-Security-Policy"), "sandbox; default-src 'none'") {
			s.t.Errorf("%s at %s: %d %v", what, path, resp.StatusCode, resp.Header)
		}
		program, provider := strings.HasPrefix(path, "/api/"), strings.HasPrefix(path, "/c/files/") // always saved; told the true type, and saved all the same
		lies := !saved || !provider && kind != "application/octet-stream"
		if shown := !saved && strings.HasPrefix(kind, "image/"); (!picture || program) && lies || picture && !program && !shown {
			s.t.Errorf("%s at %s is %q, saved: %v", what, path, kind, saved)
		}
	}
	if resp, _ := s.ask(s.t, "GET", "/c/chat/attachments/"+a.Token, ""); resp.StatusCode != 404 {
		s.t.Errorf("%s for visitors: %d", what, resp.StatusCode)
	}
}
