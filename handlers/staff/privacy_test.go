package staff_test

import (
	"archive/zip"
	"bytes"
	"net/url"
	"strings"
	"testing"
)

// TestRedactingAMessage: an owner takes out what one message says; the colleague who has the thread open sees
// it go, nobody but admins is offered it, and a message on its way is not touched.
func TestRedactingAMessage(t *testing.T) {
	s := openShop(t)
	ana := s.mailFrom("ana@example.com", "Ana Duarte", "My card is 4111 1111 1111 1111")
	leo, owner := s.login(s.leo), s.login(s.mia)
	path, message := "/customers/"+ana.CustomerID.String(), "/messages/"+ana.EventID.String()+"/redact"
	mustContain(t, "the owner's menu", owner.see(path), `data-do="redact"`, `data-redacts="`+ana.EventID.String()+`"`)
	mustNotContain(t, "an agent's menu", leo.see(path), `data-do="redact"`)
	mustContain(t, "the question", owner.see(message), "My card is 4111", "for good")
	socket, _, err := leo.dial("after="+ana.EventID.String()+"&customer="+ana.CustomerID.String(), s.url)
	s.must(err)
	defer socket.Close()
	mustContain(t, "the answer", owner.do(message, nil), "What it said was removed")
	until(t, socket, func(p pushed) bool { return strings.Contains(p.E, "This message was removed") })
	page := owner.see(path)
	mustContain(t, "the thread", page, "This message was removed.")
	mustNotContain(t, "the thread", page, "4111", "data-redacts")
	if status, _, _ := owner.ask("GET", "/messages/987654321/redact", ""); status != 404 {
		t.Errorf("a message that does not exist: %d", status)
	}
}

// TestErasingAsksAndTellsEverybody: the owner types the name, the thread is gone, and a colleague who has it
// open is led away from it.
func TestErasingAsksAndTellsEverybody(t *testing.T) {
	s := openShop(t)
	ana := s.mailFrom("ana@example.com", "Ana Duarte", "Where is my desk?")
	omar := s.mailFrom("omar@example.com", "Omar Haddad", "Hello")
	s.order("ana@example.com", "1042")
	leo, owner := s.login(s.leo), s.login(s.mia)
	path := "/customers/" + ana.CustomerID.String()
	mustContain(t, "the owner's panel", owner.see(path), path+"/erase", path+"/export")
	mustNotContain(t, "an agent's panel", leo.see(path), path+"/erase", path+"/export")
	mustContain(t, "the question", owner.see(path+"/erase"), "Ana Duarte", "What stays", "bare figures of 1 order")
	socket, _, err := leo.dial("after="+omar.EventID.String()+"&customer="+ana.CustomerID.String(), s.url)
	s.must(err)
	defer socket.Close()
	if status, body, _ := owner.ask("POST", path+"/erase", url.Values{"_csrf": {owner.csrf}, "word": {"Anna"}}.Encode()); status != 422 || !strings.Contains(body, "Nothing was erased") {
		t.Errorf("a wrong word: %d %.200s", status, body)
	}
	_, body, header := owner.ask("GET", path+"/export", "")
	if _, err := zip.NewReader(bytes.NewReader([]byte(body)), int64(len(body))); err != nil || header.Get("Content-Type") != "application/zip" || !strings.HasPrefix(header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the export: %v %v", err, header)
	}
	owner.do(path+"/erase", url.Values{"word": {" ana  duarte "}})
	until(t, socket, func(p pushed) bool { return p.T == "gone" && p.C == ana.CustomerID.String() })
	for _, page := range []string{path, path + "/erase", path + "/export"} {
		if status, body, _ := owner.ask("GET", page, ""); status != 404 || !strings.Contains(body, "erased on") {
			t.Errorf("%s afterwards: %d %.300s", page, status, body)
		}
	}
	mustNotContain(t, "the list", owner.see("/"), "Ana Duarte", "ana@example")
	mustContain(t, "the list", owner.see("/"), "Omar Haddad")
}
