package staff_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"onethread/models"
)

func TestInboxAndThreadShowOneRowAndEverything(t *testing.T) {
	s := openShop(t)
	first := s.mailFrom("ana@example.com", "Ana Duarte", "Where is my desk? <script>alert(1)</script>")
	s.order("ana@example.com", "1042")
	s.mailFrom("omar@example.com", "Omar Haddad", "Another question")
	mia := s.login(s.mia)

	page := mia.see("/")
	mustContain(t, "inbox", page, "Ana Duarte", "Omar Haddad", "Where is my desk?", `data-unread="1"`)
	mustNotContain(t, "inbox", page, "<script>alert", "hush-hush", "style=")
	if n := strings.Count(page, `data-customer="`+first.CustomerID.String()+`"`); n != 1 {
		t.Errorf("Ana has %d rows", n)
	}

	path := "/customers/" + first.CustomerID.String()
	thread := mia.see(path, "HX-Request", "true")
	mustContain(t, "thread", thread, "Order #1042", "Walnut desk 140", "€538.00", "ana@example.com", "From of an email", "&lt;script&gt;alert(1)", "Bought #1042")
	mustNotContain(t, "thread", thread, "<html", "Omar Haddad", "<script>alert")
	whole := mia.see(path)
	mustContain(t, "whole page", whole, "<html", "Omar Haddad", "Order #1042", `aria-current="true"`)
}

func TestListsFilter(t *testing.T) {
	s := openShop(t)
	ana := s.mailFrom("ana@example.com", "Ana Duarte", "Hello")
	omar := s.mailFrom("omar@example.com", "Omar Haddad", "Hello")
	lena := s.mailFrom("lena@example.com", "Lena Fischer", "Hello")
	mia := s.login(s.mia)
	conversation := func(in models.Ingested, what string) string {
		return "/conversations/" + in.ConversationID.String() + "/" + what
	}
	mia.do(conversation(ana, "close"), nil)
	mia.do(conversation(omar, "assign"), url.Values{"user_id": {s.mia.ID.String()}})
	mia.do(conversation(lena, "snooze"), url.Values{"until": {fmt.Sprint(int64(s.st.Now()) + 3_600_000)}})
	for view, want := range map[string]string{"closed": "Ana Duarte", "mine": "Omar Haddad", "snoozed": "Lena Fischer", "open": "Omar Haddad"} {
		page := mia.see("/?view=" + view)
		for _, name := range []string{"Ana Duarte", "Omar Haddad", "Lena Fischer"} {
			if strings.Contains(page, name) != (name == want) {
				t.Errorf("view %s: %s is %v there", view, name, !(name == want))
			}
		}
	}
	mia.do(conversation(ana, "reopen"), nil)
	mustContain(t, "open list", mia.see("/"), "Ana Duarte")
	mia.do(conversation(ana, "labels"), url.Values{"name": {"vip <b>"}})
	mustContain(t, "open list", mia.see("/"), "vip &lt;b&gt;")
	mia.do(conversation(ana, "labels"), url.Values{"toggle": {"vip <b>"}})
	mustNotContain(t, "open list", mia.see("/"), "vip &lt;b&gt;")
}

// TestStatementsDoNotGrow holds the budget: 6 statements for the list, 8 for a thread, besides the
// two that find out whose session it is; with 50 rows as with one.
func TestStatementsDoNotGrow(t *testing.T) {
	s := openShop(t)
	n := s.st.CountReads()
	counts := map[string][]int64{}
	var ana models.Ingested
	for round := range 2 {
		for i := range []int{1, 49}[round] {
			ana = s.mailFrom("ana@example.com", "Ana Duarte", fmt.Sprint("message ", round, i))
			s.mailFrom(fmt.Sprintf("c%d-%d@example.com", round, i), "", "hello")
			s.order("ana@example.com", fmt.Sprintf("%d-%d", round, i))
		}
		mia := s.login(s.mia)
		for _, page := range []string{"session", "list", "thread"} {
			before := n.Load()
			switch page {
			case "session":
				mia.ask("GET", "/settings/channels/new/nothing", "")
			case "list":
				mia.see("/")
			case "thread":
				mia.see("/customers/"+ana.CustomerID.String(), "HX-Request", "true")
			}
			counts[page] = append(counts[page], n.Load()-before)
		}
	}
	for page, most := range map[string]int64{"list": 6, "thread": 8} {
		for round, got := range counts[page] {
			if got -= counts["session"][round]; got > most || got < 3 {
				t.Errorf("%s, round %d: %d statements, the budget is %d", page, round, got, most)
			}
		}
		if counts[page][0] != counts[page][1] {
			t.Errorf("%s: %d statements with one row, %d with fifty", page, counts[page][0], counts[page][1])
		}
	}
	t.Log(counts)
}

func TestSendUndoStaleAndNote(t *testing.T) {
	s := openShop(t)
	ana := s.mailFrom("ana@example.com", "Ana Duarte", "Where is my desk?")
	mia, leo := s.login(s.mia), s.login(s.leo)
	path := "/customers/" + ana.CustomerID.String()
	thread := mia.see(path, "HX-Request", "true")
	way := between(t, thread, `name="way" value="`, `"`)
	form := url.Values{"way": {way}, "text": {"It left today."}, "client_id": {"c-1"}, "last_id": {ana.EventID.String()}, "subject": {"Re: A question"}}
	entry := mia.do(path+"/messages", form)
	mustContain(t, "the new entry", entry, "It left today.", "Queued", "/undo", `data-client="c-1"`)
	if again := mia.do(path+"/messages", form); between(t, again, `data-id="`, `"`) != between(t, entry, `data-id="`, `"`) {
		t.Error("a retry with the same client id made a second message")
	}

	status, body, _ := leo.ask("POST", path+"/messages", url.Values{"way": {way}, "text": {"Me too"}, "client_id": {"c-2"}, "last_id": {ana.EventID.String()}}.Encode(), "HX-Request", "true")
	if status != 409 || !strings.Contains(body, "colleague") {
		t.Errorf("a stale answer: %d %s", status, body)
	}
	leo.do(path+"/messages", url.Values{"way": {way}, "text": {"Me too"}, "client_id": {"c-2"}, "last_id": {ana.EventID.String()}, "anyway": {"1"}})

	undone := mia.do("/messages/"+between(t, entry, `data-id="`, `"`)+"/undo", nil)
	mustContain(t, "the undone entry", undone, "Undone")
	mustContain(t, "the composer", mia.see(path, "HX-Request", "true"), ">It left today.</textarea>")

	note := mia.do(path+"/notes", url.Values{"way": {"note"}, "text": {"Promised by Friday"}, "client_id": {"c-3"}})
	mustContain(t, "the note", note, "note-box", "Promised by Friday")
	for name, form := range map[string]url.Values{"empty": {"way": {way}}, "no way": {"text": {"x"}}, "bad file": {"way": {way}, "text": {"x"}, "attachment_id": {"../1"}}, "more than the form has": {"way": {way}, "text": {"x"}, "user_id": {"1"}}} {
		if status, _, _ := mia.ask("POST", path+"/messages", form.Encode()); status != 422 {
			t.Errorf("%s: %d", name, status)
		}
	}
}

func TestDraftReadAndUnread(t *testing.T) {
	s := openShop(t)
	ana := s.mailFrom("ana@example.com", "Ana Duarte", "Hello")
	mia := s.login(s.mia)
	path := "/customers/" + ana.CustomerID.String()
	mia.do(path+"/draft", url.Values{"kind": {"note"}, "text": {"half a thought"}})
	mustContain(t, "thread", mia.see(path, "HX-Request", "true"), `data-note="half a thought"`)
	mustContain(t, "list", mia.see("/"), `class="draft"`)
	mia.do(path+"/read", url.Values{"last_id": {ana.EventID.String()}})
	mustContain(t, "read list", mia.see("/"), `data-unread="0"`)
	mia.do(path+"/unread", nil)
	mustContain(t, "unread list", mia.see("/"), `data-unread="1"`)
}

func TestWindowsOfAThread(t *testing.T) {
	s := openShop(t)
	var ana models.Ingested
	for i := range 120 {
		ana = s.mailFrom("ana@example.com", "Ana Duarte", fmt.Sprintf("message number %03d.", i))
	}
	mia := s.login(s.mia)
	body := mia.see("/customers/"+ana.CustomerID.String(), "HX-Request", "true")
	seen := 0
	for range 5 {
		seen += strings.Count(body, "message number ")
		i := strings.Index(body, `hx-get="/customers/`+ana.CustomerID.String()+`/events?`)
		if i < 0 {
			break
		}
		body = mia.see(strings.ReplaceAll(between(t, body[i:], `hx-get="`, `"`), "&amp;", "&"), "HX-Request", "true")
	}
	if seen != 120 {
		t.Errorf("saw %d of 120 messages", seen)
	}
}

func TestSearch(t *testing.T) {
	s := openShop(t)
	s.mailFrom("ana@example.com", "Ana Duarte", "Is the walnut desk back in stock?")
	s.order("ana@example.com", "1042")
	mia := s.login(s.mia)
	mustContain(t, "search", mia.see("/search?q=walnut"), "<mark>walnut</mark>", "Ana Duarte")
	mustContain(t, "search", mia.see("/search/results?q=1042"), "<mark>1042</mark>", "€538.00")
	mustContain(t, "search", mia.see("/search?q=%22+OR+1+*+NEAR("), "Nothing found")
	mustNotContain(t, "search", mia.see("/search?q=%3Cscript%3Ealert(1)%3C/script%3E"), "<script>alert")
}

func TestMergedCustomersLinkLeadsOn(t *testing.T) {
	s := openShop(t)
	a := s.mailFrom("ana@example.com", "Ana Duarte", "Hello")
	b := s.mailFrom("a.duarte@example.com", "A. Duarte", "Hello again")
	mia := s.login(s.mia)
	merge, err := s.inbox.Merge(t.Context(), s.mia.ID, b.CustomerID, a.CustomerID)
	s.must(err)
	status, _, h := mia.ask("GET", "/customers/"+b.CustomerID.String(), "")
	if status != 302 || h.Get("Location") != "/customers/"+a.CustomerID.String() {
		t.Errorf("the old link: %d %s", status, h.Get("Location"))
	}
	mustContain(t, "thread", mia.see("/customers/"+a.CustomerID.String(), "HX-Request", "true"), "Hello again", "Merged", "/merges/"+merge.String()+"/undo")
	mia.do("/merges/"+merge.String()+"/undo", nil)
	mustNotContain(t, "thread", mia.see("/customers/"+a.CustomerID.String(), "HX-Request", "true"), "Hello again")
}

func between(t *testing.T, s, from, to string) string {
	t.Helper()
	_, rest, ok := strings.Cut(s, from)
	if !ok {
		t.Fatalf("no %q in %.600s", from, s)
	}
	out, _, _ := strings.Cut(rest, to)
	return out
}
