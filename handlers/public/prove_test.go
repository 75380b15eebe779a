package public

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/inbox"
	"onethread/models/store"
)

// mailbox connects one, and lets Ana have written to it.
func (s *site) mailbox() (ana models.Ingested) {
	s.t.Helper()
	ch := models.Channel{Type: "email", Name: "Support", Key: "m41l", Settings: map[string]string{"address": "shop@casa.example"}}
	err := s.st.Write(context.Background(), func(tx *store.Tx) (err error) {
		ch.ID, err = store.AddChannel(tx, ch, func(string) bool { return false })
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	ana, err = s.box.Ingest(s.t.Context(), models.Inbound{ChannelID: ch.ID, ExternalID: "m1", Hints: []models.Hint{{Kind: models.EmailIdentity, Value: "ana@example.com", Evidence: models.Asserted}},
		Payload: &models.MessageIn{Subject: "Desk", Text: "my secret mail", MessageID: "m1@example.com"}})
	if err != nil {
		s.t.Fatal(err)
	}
	return ana
}

// mail waits for the nth mail that was sent (from 1).
func (s *site) mail(n int) models.Outbound {
	s.t.Helper()
	var out models.Outbound
	await(s.t, s, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.mails) >= n {
			out = s.mails[n-1]
		}
		return len(s.mails) >= n
	})
	return out
}

var digits = regexp.MustCompile(`\b\d{6}\b`)

// visitor is a new browser that has written and left an address.
func (s *site) visitor(n int, email string) (token string) {
	s.t.Helper()
	token, _ = s.boot(nil)
	if resp := s.say(token, fmt.Sprintf("id-%06d", n), "hello"); resp.StatusCode != 201 {
		s.t.Fatal(resp.StatusCode)
	}
	if resp, a := s.post("/c/chat/contact", map[string]any{"key": "k3y", "token": token, "email": email}); resp.StatusCode != 200 {
		s.t.Fatal(resp.StatusCode, a)
	}
	return token
}

// unhurried lifts the limits that a test itself would run into.
func (s *site) unhurried() {
	for _, l := range []*int{&s.chat.limits.perVisitor.Most, &s.chat.limits.perIP.Most, &s.chat.limits.fresh.Most, &s.chat.limits.boots.Most, &s.chat.limits.codes.Most, &s.chat.limits.answers.Most} {
		*l = 100_000
	}
}

// TestCodesTellNothing: an address that the shop knows, one that it does not, one that cannot be reached and
// one that got too many codes are answered alike, in words and in time.
func TestCodesTellNothing(t *testing.T) {
	s := start(t)
	s.mailbox()
	s.unhurried()
	took := map[string][]time.Duration{}
	answers := map[string]bool{}
	for i := range 16 {
		for _, email := range []string{"ana@example.com", "nobody@example.org"} {
			token := s.visitor(i, email)
			for _, path := range []string{"code", "prove"} {
				began := time.Now()
				resp, a := s.post("/c/chat/"+path, map[string]any{"key": "k3y", "token": token, "code": "000000"})
				took[path+" "+email] = append(took[path+" "+email], time.Since(began))
				for _, volatile := range []string{"request_id", "raw", "instance"} {
					delete(a, volatile)
				}
				var words []string
				for _, k := range slices.Sorted(maps.Keys(a)) {
					words = append(words, fmt.Sprint(k, "=", a[k]))
				}
				answers[fmt.Sprint(path, " ", resp.StatusCode, " ", words)] = true
			}
		}
	}
	if len(answers) != 2 {
		t.Error("the answers differ:", slices.Sorted(maps.Keys(answers)))
	}
	for _, path := range []string{"code", "prove"} {
		a, b := median(took[path+" ana@example.com"]), median(took[path+" nobody@example.org"])
		if max(a, b) > 3*min(a, b)+15*time.Millisecond {
			t.Errorf("%s: %s for a known address, %s for an unknown one", path, a, b)
		}
	}
}

func median(all []time.Duration) time.Duration {
	slices.SortFunc(all, cmp.Compare[time.Duration])
	return all[len(all)/2]
}

// TestCodesAreCountedByNetwork: what a caller says of where they come from changes nothing.
func TestCodesAreCountedByNetwork(t *testing.T) {
	s := start(t)
	s.mailbox()
	s.chat.limits.fresh.Most, s.chat.limits.perIP.Most = 100, 1000
	statuses := map[int]int{}
	for i := range 12 {
		token := s.visitor(i, fmt.Sprintf("v%d@example.com", i))
		resp, _ := s.post("/c/chat/code", map[string]any{"key": "k3y", "token": token}, "X-Forwarded-For", fmt.Sprintf("198.51.100.%d", i), "X-Real-Ip", fmt.Sprintf("198.51.100.%d", i), "Forwarded", "for=198.51.100.7")
		statuses[resp.StatusCode]++
	}
	if statuses[200] != 10 || statuses[429] != 2 {
		t.Error(statuses)
	}
}

func TestCodeBruteForce(t *testing.T) {
	s := start(t)
	s.mailbox()
	token := s.visitor(1, "ana@example.com")
	ask := func(path, code string, headers ...string) int {
		resp, _ := s.post("/c/chat/"+path, map[string]any{"key": "k3y", "token": token, "code": code}, headers...)
		return resp.StatusCode
	}
	if ask("prove", "000000") != 422 {
		t.Error("a code that nobody asked for")
	}
	if ask("code", "") != 200 {
		t.Fatal("no code")
	}
	code := digits.FindString(s.mail(1).Text)
	for i := range 5 {
		if got := ask("prove", fmt.Sprintf("%06d", (i+1)%1_000_000), "X-Forwarded-For", fmt.Sprint("192.0.2.", i)); got != 422 && fmt.Sprintf("%06d", i+1) != code {
			t.Error(got)
		}
	}
	if got := ask("prove", code); got != 422 {
		t.Error("the right code after five wrong ones:", got)
	}
	last := 0
	for i := range 40 {
		last = ask("prove", fmt.Sprintf("%06d", 500+i))
	}
	if last != 429 {
		t.Error("guessing goes on:", last)
	}
	for _, bad := range []string{"", strings.Repeat("1", 10_000), "١٢٣٤٥٦", "' OR 1=1", "\x00"} {
		if got := ask("prove", bad); got != 429 && got != 422 {
			t.Errorf("%.20q: %d", bad, got)
		}
	}
}

// TestTypedVictimSeesNothing: a browser that typed Ana's address sees nothing of hers in the chat, its files,
// or its boot, before or after she got its codes.
func TestTypedVictimSeesNothing(t *testing.T) {
	s := start(t)
	ana := s.mailbox()
	token := s.visitor(1, "ana@example.com")
	s.post("/c/chat/code", map[string]any{"key": "k3y", "token": token})
	code := s.mail(1)
	if !code.Secret || code.To != "ana@example.com" || strings.Contains(code.Subject, digits.FindString(code.Text)) || strings.Contains(code.Text+code.Subject, "secret mail") {
		t.Errorf("%+v", code)
	}
	conn := s.socket(token, "0")
	if got := next(t, conn, "messages"); len(got.List) != 1 || got.List[0].Text != "hello" {
		t.Errorf("%+v", got.List)
	}
	if who := customerOf(t, s, token); who == ana.CustomerID {
		t.Error("typing joined them")
	}
	if _, boot := s.boot(map[string]any{"token": token}); strings.Contains(boot["raw"].(string), "ana@") {
		t.Error("boot tells an address")
	}
}

// TestEarlierConversation: with the code the chat of the other device is shown, live.
func TestEarlierConversation(t *testing.T) {
	s := start(t)
	s.mailbox()
	phone, _ := s.boot(map[string]any{"identity": "ana@example.com"}) // the shop says who she is
	s.say(phone, "id-phone1", "Is the desk in stock?")
	laptop := s.visitor(2, "ana@example.com")
	s.post("/c/chat/code", map[string]any{"key": "k3y", "token": laptop})
	resp, got := s.post("/c/chat/prove", map[string]any{"key": "k3y", "token": laptop, "code": digits.FindString(s.mail(1).Text)})
	if resp.StatusCode != 200 || got["shown"] != true {
		t.Fatal(resp.StatusCode, got)
	}
	conn := s.socket(laptop, "0")
	if list := next(t, conn, "messages").List; len(list) != 2 || list[0].Text != "Is the desk in stock?" || !list[0].Me || strings.Contains(list[0].ID, "id-phone1") {
		t.Fatalf("%+v", list)
	}
	s.say(phone, "id-phone2", "Hello?")
	if list := next(t, conn, "messages").List; len(list) != 1 || list[0].Text != "Hello?" {
		t.Errorf("%+v", list)
	}
	s.reply(phone, "Two are left.")
	if list := next(t, conn, "messages").List; len(list) != 1 || list[0].Text != "Two are left." {
		t.Errorf("%+v", list)
	}
}

// TestContinuePages: looking sends and shows nothing; forms come from the page itself; the page goes to
// nobody else.
func TestContinuePages(t *testing.T) {
	s := start(t)
	s.mailbox()
	s.box.URL = s.url
	token := s.visitor(1, "bo@example.com")
	event := s.reply(token, "Yes, two are left.")
	await(t, s, func() bool {
		m, err := store.Message(s.st.Read(t.Context()), event)
		return err == nil && m.State == models.DeliverySent
	})
	if err := s.box.Follow(t.Context(), s.st.Now().Add(3*time.Minute)); err != nil {
		t.Fatal(err)
	}
	_, link, ok := strings.Cut(s.mail(1).Text, s.url)
	link = strings.TrimSpace(link)
	if !ok || !strings.HasPrefix(link, "/c/continue/") {
		t.Fatal(s.mail(1).Text)
	}
	for range 3 {
		resp, a := s.send("GET", link, "", nil)
		page := a["raw"].(string)
		if resp.StatusCode != 200 || strings.Contains(page, "two are left") || strings.Contains(page, "bo@example") || strings.Contains(page, "data-token") || !strings.Contains(page, "b•••@e•••.com") {
			t.Errorf("%d %s", resp.StatusCode, page)
		}
		if csp := resp.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "http") || strings.Contains(csp, "unsafe") || !strings.Contains(csp, "frame-ancestors 'none'") ||
			resp.Header.Get("Referrer-Policy") != "no-referrer" || !strings.Contains(resp.Header.Get("X-Robots-Tag"), "noindex") || resp.Header.Get("Cache-Control") != "no-store" {
			t.Error(resp.Header)
		}
	}
	form := func(path string, values url.Values, headers ...string) (int, string) {
		resp, a := s.send("POST", path, "application/x-www-form-urlencoded", strings.NewReader(values.Encode()), headers...)
		return resp.StatusCode, a["raw"].(string)
	}
	if got, _ := form(link, nil, "Origin", "https://evil.example"); got != 403 {
		t.Error("another site has codes sent:", got)
	}
	if got, page := form(link, nil, "Origin", s.url); got != 200 || !strings.Contains(page, `autocomplete="one-time-code"`) {
		t.Fatal(got, page)
	}
	code := digits.FindString(s.mail(2).Text)
	if got, page := form(link+"/open", url.Values{"code": {"x"}}, "Origin", s.url); got != 422 || strings.Contains(page, "two are left") || !strings.Contains(page, `role="alert"`) {
		t.Error(got, page)
	}
	got, page := form(link+"/open", url.Values{"code": {code}}, "Origin", s.url)
	if got != 200 || !strings.Contains(page, "two are left") || !strings.Contains(page, "data-token=") || strings.Contains(page, "secret mail") {
		t.Fatal(got, page)
	}
	if got, _ := form(link+"/open", url.Values{"code": {code}}, "Origin", s.url); got != 422 {
		t.Error("a code opens twice:", got)
	}
	for _, bad := range []string{"/c/continue/x", link[:len(link)-3], link + "x", strings.Replace(link, "continue", "confirm", 1)} {
		if resp, _ := s.send("GET", bad, "", nil); resp.StatusCode != 404 {
			t.Errorf("%s: %d", bad, resp.StatusCode)
		}
	}
}

// TestMailComesBackLive: what answers the mail that followed a visitor is in their open chat at once.
func TestMailComesBackLive(t *testing.T) {
	s := start(t)
	s.mailbox()
	token := s.visitor(1, "bo@example.com")
	event := s.reply(token, "Yes.")
	await(t, s, func() bool {
		m, err := store.Message(s.st.Read(t.Context()), event)
		return err == nil && m.State == models.DeliverySent
	})
	if err := s.box.Follow(t.Context(), s.st.Now().Add(3*time.Minute)); err != nil {
		t.Fatal(err)
	}
	mail := s.mail(1)
	conn := s.socket(token, "0")
	if list := next(t, conn, "messages").List; len(list) != 2 {
		t.Fatalf("%+v", list)
	}
	ch, err := s.st.ChannelByKey(s.st.Read(t.Context()), "m41l")
	if err != nil {
		t.Fatal(err)
	}
	in, err := s.box.Ingest(t.Context(), models.Inbound{ChannelID: ch.ID, ExternalID: "r1", Hints: []models.Hint{{Kind: models.EmailIdentity, Value: "bo@example.com", Evidence: models.Asserted}},
		Payload: &models.MessageIn{Text: "Wonderful.\n\n> Yes.", ReplyText: "Wonderful.", MessageID: "r1", InReplyTo: []string{mail.MessageID}}})
	if err != nil {
		t.Fatal(err)
	}
	if list := next(t, conn, "messages").List; len(list) != 1 || list[0].Text != "Wonderful." || !list[0].Me || list[0].ID != "" {
		t.Errorf("%+v", list)
	}
	if _, err := s.box.Reply(t.Context(), s.mia, inbox.ReplyInput{CustomerID: in.CustomerID, ChannelID: ch.ID, Text: "Kept."}); err != nil {
		t.Fatal(err)
	}
	if list := next(t, conn, "messages").List; len(list) != 1 || list[0].Text != "Kept." || list[0].Me || !list[0].Read {
		t.Errorf("%+v", list)
	}
}

// TestPageWords: every word that the linked pages use is there, and none is left over.
func TestPageWords(t *testing.T) {
	used := map[string]bool{}
	for _, name := range []string{"continue.go", "page.go", "pages/page.html"} {
		for _, m := range regexp.MustCompile(`Say[ (]"([a-z.]+)"`).FindAllStringSubmatch(readFile(t, name), -1) {
			used[m[1]] = true
			if pageCatalog[m[1]] == "" {
				t.Errorf("%s uses %q", name, m[1])
			}
		}
	}
	for key := range pageCatalog {
		if !used[key] {
			t.Errorf("nothing uses %q", key)
		}
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
