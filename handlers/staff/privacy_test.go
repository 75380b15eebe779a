package staff_test

import (
	"archive/zip"
	"bytes"
	"net/url"
	"strings"
	"testing"
)

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
