package staff_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"onethread/models"
	"onethread/models/inbox"
)

// TestMergesOfAChain: the panel lists every merge below a customer, each can be undone, and a line whose
// merge was undone offers nothing any more. Notes of a merged record are shown and stay its own.
func TestMergesOfAChain(t *testing.T) {
	s := openShop(t)
	a, b, c := s.mailFrom("a@example.com", "Ana", "one"), s.mailFrom("b@example.com", "Bea", "two"), s.mailFrom("c@example.com", "Cleo", "three")
	notes, language := "allergic to walnut", "pt"
	s.must(s.inbox.EditCustomer(t.Context(), s.mia.ID, c.CustomerID, inbox.Edit{Notes: &notes, Language: &language}))
	first, err := s.inbox.Merge(t.Context(), s.mia.ID, c.CustomerID, b.CustomerID)
	s.must(err)
	second, err := s.inbox.Merge(t.Context(), s.mia.ID, b.CustomerID, a.CustomerID)
	s.must(err)
	ivo, err := s.auth.CreateUser(t.Context(), "ivo@casa.example", "Ivo", models.Viewer, password)
	s.must(err)
	mia, viewer := s.login(s.mia), s.login(ivo)
	path := "/customers/" + a.CustomerID.String()
	undo := func(id models.ID) string { return `hx-post="/merges/` + id.String() + `/undo"` }
	page := mia.see(path, "HX-Request", "true")
	for _, id := range []models.ID{first, second} {
		if n := strings.Count(page, undo(id)); n != 2 {
			t.Errorf("merge %d can be undone in %d places, want its line and the panel", id, n)
		}
	}
	mustContain(t, "panel", page, "allergic to walnut", "Kept with Cleo", "<dd>pt</dd>")
	mustNotContain(t, "a viewer's page", viewer.see(path, "HX-Request", "true"), "/undo\"")
	mia.do("/merges/"+first.String()+"/undo", url.Values{})
	page = mia.see(path, "HX-Request", "true")
	mustNotContain(t, "after the undoing", page, undo(first), "allergic to walnut")
	mustContain(t, "after the undoing", page, undo(second), "Taken apart from Cleo")
	mustContain(t, "who was parted", mia.see("/customers/"+c.CustomerID.String(), "HX-Request", "true"), "allergic to walnut", "Taken apart from Ana")
}

// TestMergeOnScreen: search, compare both sides, swap, merge, and the way back.
func TestMergeOnScreen(t *testing.T) {
	s := openShop(t)
	ana, bea := s.mailFrom("ana@example.com", "Ana Duarte", "Where is my desk?"), s.mailFrom("bea@example.com", "Bea <b>", "And my lamp?")
	s.order("bea@example.com", "1042")
	mia := s.login(s.mia)
	a, b := ana.CustomerID.String(), bea.CustomerID.String()
	path := "/customers/" + a
	mustContain(t, "the thread", mia.see(path, "HX-Request", "true"), `hx-get="`+path+`/merge"`, "data-entries=")
	mustContain(t, "the search", mia.see(path+"/merge"), `hx-get="`+path+`/others"`)
	found := mia.see(path + "/others?q=exam")
	mustContain(t, "what is found", found, path+"/merge?with="+b, "Bea &lt;b&gt;")
	mustNotContain(t, "what is found", found, "with="+a+`"`)
	preview := mia.see(path + "/merge?with=" + b)
	mustContain(t, "the preview", preview, "Where is my desk?", "And my lamp?", "bea@example.com", "Confirmed by the carrier", "€538.00", "Open conversations of both", `name="into" value="`+a+`"`, "into="+b)
	mustContain(t, "the swapped preview", mia.see(path+"/merge?with="+b+"&into="+b), `name="into" value="`+b+`"`, `name="with" value="`+b+`"`, "Everything of Ana Duarte will stand in the thread of Bea &lt;b&gt;")
	for _, wrong := range []url.Values{{"with": {a}, "into": {a}}, {"with": {"987654321"}}, {"with": {b}, "into": {"987654321"}}, {}} {
		if status, body, _ := mia.ask("POST", path+"/merge", wrong.Encode()); status < 400 || status >= 500 {
			t.Errorf("%v: %d %s", wrong, status, body)
		}
	}
	done := mia.do(path+"/merge", url.Values{"with": {b}, "into": {b}})
	undo := between(t, done, `data-undo="`, `"`)
	if status, _, header := mia.ask("GET", path, ""); status != 302 || header.Get("Location") != "/customers/"+b {
		t.Error("the old link leads to", status, header.Get("Location"))
	}
	if status, body, _ := mia.ask("POST", path+"/merge", url.Values{"with": {b}, "into": {b}}.Encode()); status != 409 || !strings.Contains(body, "merged already") {
		t.Error("merging twice:", status, body)
	}
	if status, body, _ := mia.ask("GET", path+"/merge?with="+b, ""); status != 409 || !strings.Contains(body, "one customer already") {
		t.Error("comparing what is one:", status, body)
	}
	mia.do(undo, nil)
	mustContain(t, "after the undoing", mia.see(path, "HX-Request", "true"), "Where is my desk?", "Taken apart from Bea")
}

// TestSuggestionIsCompared: the panel opens the same preview, with what speaks for it; accepting takes a direction.
func TestSuggestionIsCompared(t *testing.T) {
	s := openShop(t)
	ana := s.mailFrom("ana@example.com", "Ana", "hi")
	out, err := s.inbox.Ingest(t.Context(), models.Inbound{ChannelID: s.chat, ExternalID: "c1", Payload: &models.MessageIn{Text: "It is me"}, Hints: []models.Hint{
		{Kind: models.ChatIdentity, Scope: "webchat-key", Value: "v1", Evidence: models.Proved}, {Kind: models.EmailIdentity, Value: "ana@example.com", Evidence: models.Typed, Reason: "typed into the chat"}}})
	s.must(err)
	mia := s.login(s.mia)
	preview := mia.see("/customers/" + ana.CustomerID.String() + "/merge?with=" + out.CustomerID.String())
	mustContain(t, "the preview", preview, "typed into the chat", "/accept", "/reject", "It is me")
	accept := "/suggestions/" + between(t, preview, `/suggestions/`, `/accept`) + "/accept"
	if status, _, _ := mia.ask("POST", accept, "into=987654321"); status != 422 {
		t.Error("into somebody else:", status)
	}
	mia.do(accept, url.Values{"into": {out.CustomerID.String()}})
	mustContain(t, "the one that stayed", mia.see("/customers/"+out.CustomerID.String(), "HX-Request", "true"), "ana@example.com", "It is me")
}

// TestMoveOnScreen: a run of entries goes to a new customer and comes back; both threads say so.
func TestMoveOnScreen(t *testing.T) {
	s := openShop(t)
	one, two := s.mailFrom("ana@example.com", "Ana", "mine"), s.mailFrom("ana@example.com", "Ana", "his")
	other := s.mailFrom("leo@example.com", "Leo Alves", "hello")
	mia := s.login(s.mia)
	path := "/customers/" + one.CustomerID.String()
	ids := one.EventID.String() + "," + two.EventID.String()
	mustContain(t, "the question", mia.see(path+"/move?events="+ids), "Whose 2 entries are these?", "events="+ids)
	mustContain(t, "what is found", mia.see(path+"/others?q=Leo&events="+ids), `{"to":"`+other.CustomerID.String()+`","events":"`+ids+`"}`, "New customer “Leo”")
	for _, wrong := range []url.Values{{"events": {ids}}, {"events": {ids}, "to": {"987654321"}}, {"events": {"x"}, "name": {"n"}}, {"name": {"n"}}, {"events": {other.EventID.String()}, "name": {"n"}}} {
		if status, body, _ := mia.ask("POST", path+"/move", wrong.Encode()); status < 400 || status >= 500 {
			t.Errorf("%v: %d %s", wrong, status, body)
		}
	}
	done := mia.do(path+"/move", url.Values{"events": {ids}, "to": {other.CustomerID.String()}})
	mustContain(t, "the answer", done, "2 entries moved to Leo Alves", "data-undo")
	left, came := mia.see(path, "HX-Request", "true"), mia.see("/customers/"+other.CustomerID.String(), "HX-Request", "true")
	mustContain(t, "the thread they left", left, "2 entries moved to Leo Alves", "Take back")
	mustNotContain(t, "the thread they left", left, ">his</p>")
	mustContain(t, "the thread they came to", came, "2 entries moved here from Ana", ">his</p>", "Take back")
	back := "/events/" + between(t, came, `hx-post="/events/`, `"`)
	mia.do(back, nil)
	left, came = mia.see(path, "HX-Request", "true"), mia.see("/customers/"+other.CustomerID.String(), "HX-Request", "true")
	mustContain(t, "the thread they returned to", left, ">his</p>", ">mine</p>", "2 entries came back from Leo Alves")
	mustContain(t, "the thread they left again", came, "2 entries went back to Ana")
	mustNotContain(t, "after it was taken back", left+came, "Take back")
	if status, _, _ := mia.ask("POST", back, ""); status != 409 {
		t.Error("taking it back twice:", status)
	}
}

// TestAddressesOnScreen: why an address is theirs, and everything that staff may do about it.
func TestAddressesOnScreen(t *testing.T) {
	s := openShop(t)
	ana, leo := s.mailFrom("ana@exmaple.com", "Ana", "hello"), s.mailFrom("leo@example.com", "Leo Alves", "hello")
	mia := s.login(s.mia)
	path := "/customers/" + ana.CustomerID.String()
	address := "/identities/" + between(t, mia.see(path, "HX-Request", "true"), `hx-get="/identities/`, `"`)
	why := mia.see(address)
	mustContain(t, "why", why, "From of an email", "#e"+ana.EventID.String(), address+"/remove", address+"/move", address+"/correct", address+"/share")
	mustNotContain(t, "why", why, address+"/verify")
	ivo, err := s.auth.CreateUser(t.Context(), "ivo@casa.example", "Ivo", models.Viewer, password)
	s.must(err)
	mustNotContain(t, "why, for a viewer", s.login(ivo).see(address), "hx-post")
	if status, body, _ := mia.ask("POST", path+"/addresses", url.Values{"kind": {"email"}, "value": {"leo@example.com"}}.Encode()); status != 409 || !strings.Contains(body, "Another customer has this address") {
		t.Error("somebody else's address:", status, body)
	}
	mia.do(path+"/addresses", url.Values{"kind": {"phone"}, "value": {"+351912007031"}})
	mia.do(address+"/correct", url.Values{"value": {"ana@example.com"}})
	page := mia.see(path, "HX-Request", "true")
	mustContain(t, "the thread", page, "Known as &#43;351912007031", "Mia Torres corrected ana@exmaple.com to ana@example.com", "ana@example.com</span>")
	mustNotContain(t, "the panel", page, "ana@exmaple.com</span>")
	address = "/identities/" + between(t, page, `hx-get="/identities/`, `"`)
	mia.do(address+"/share", nil)
	mustContain(t, "the shared address", mia.see(address), "used by several people", address+"/unshare")
	mia.do(address+"/unshare", nil)
	mustContain(t, "whose it is", mia.see(address+"/move"), "Whose address is this?")
	done := mia.do(address+"/move", url.Values{"to": {leo.CustomerID.String()}})
	mustContain(t, "the thread it came to", mia.see("/customers/"+leo.CustomerID.String(), "HX-Request", "true"), "here from Ana", "Take back")
	mia.do(between(t, done, `data-undo="`, `"`), nil)
	mia.do(address+"/remove", nil)
	page = mia.see(path, "HX-Request", "true")
	mustContain(t, "the thread", page, "Mia Torres removed &#43;351912007031", address+"/restore")
	mia.do(address+"/restore", nil)
	mustNotContain(t, "the thread", mia.see(path, "HX-Request", "true"), address+"/restore")
}

// TestSeveralPeopleAtOneAddress: three names on its orders propose that it is shared; what comes from a shared
// one offers "someone else?", and those who share it first.
func TestSeveralPeopleAtOneAddress(t *testing.T) {
	s := openShop(t)
	mia := s.login(s.mia)
	office := s.mailFrom("office@example.com", "", "hello")
	path := "/customers/" + office.CustomerID.String()
	for n, buyer := range []string{"Ana Duarte", "A. Duarte", "Leo Alves", "Omar Haddad"} {
		if page := mia.see(path, "HX-Request", "true"); strings.Contains(page, "Used by several people?") != (n == 4) {
			t.Errorf("after %d names: asked is %v", n, n != 4)
		}
		s.in(s.till, "office@example.com", buyer, &models.OrderIn{Order: models.Order{ExternalID: buyer, Number: fmt.Sprint(n), Status: "paid", Currency: "EUR", Total: 100, PlacedAt: s.st.Now(), UpdatedAt: s.st.Now()}})
	}
	page := mia.see(path, "HX-Request", "true")
	mustContain(t, "the panel", page, "Used by several people?", "Leo Alves")
	mustNotContain(t, "the entries", page, "Someone else?")
	share := "/identities/" + between(t, page, `hx-post="/identities/`, `"`)
	mia.do(share, nil)
	leo := s.mailFrom("leo@example.com", "Leo Alves", "hi")
	if _, err := s.inbox.AddIdentity(t.Context(), s.mia.ID, leo.CustomerID, models.Hint{Kind: models.EmailIdentity, Value: "office@example.com", Evidence: models.Asserted}); err != nil {
		t.Fatal(err)
	}
	page = mia.see(path, "HX-Request", "true")
	mustNotContain(t, "the panel", page, "Used by several people?")
	mustContain(t, "the entry", page, "Someone else?", path+"/move?events="+office.EventID.String())
	mustContain(t, "the question", mia.see(path+"/move?events="+office.EventID.String()), "They share this address", "Leo Alves")
}

// TestSuggestionList: the work list with its evidence, and its count in the rail for those who may decide.
func TestSuggestionList(t *testing.T) {
	s := openShop(t)
	ana := s.mailFrom("ana.duarte@gmail.com", "Ana Duarte", "one")
	s.mailFrom("anaduarte@gmail.com", "A. Duarte", "two")
	mia := s.login(s.mia)
	mustContain(t, "the rail", mia.see("/"), `href="/suggestions"`, "1 suggestion")
	list := mia.see("/suggestions")
	mustContain(t, "the list", list, "Ana Duarte", "A. Duarte", "the same mailbox", "similar names", "/customers/"+ana.CustomerID.String()+"/merge?with=")
	ivo, err := s.auth.CreateUser(t.Context(), "ivo@casa.example", "Ivo", models.Viewer, password)
	s.must(err)
	viewer := s.login(ivo)
	mustNotContain(t, "a viewer's rail", viewer.see("/"), "/suggestions")
	if status, _, _ := viewer.ask("GET", "/suggestions", ""); status != 403 {
		t.Error("a viewer may see the list:", status)
	}
	mia.do("/suggestions/"+between(t, list, `hx-post="/suggestions/`, `/reject`)+"/reject", nil)
	mustContain(t, "the list", mia.see("/suggestions"), "Nobody is known twice")
	mustNotContain(t, "the rail", mia.see("/"), "1 suggestion")
}
