package staff_test

import (
	"bytes"
	"mime/multipart"
	"net/url"
	"strings"
	"testing"
	"time"

	"onethread/models/store"
)

// give uploads a list and tells where its columns are asked for.
func (m *member) give(name, content string) string {
	m.s.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", name)
	m.s.must(err)
	_, err = part.Write([]byte(content))
	m.s.must(err)
	m.s.must(form.Close())
	status, body, header := m.ask("POST", "/settings/import", b.String(), "Content-Type", form.FormDataContentType(), "HX-Request", "true")
	if status != 204 || header.Get("HX-Redirect") == "" {
		m.s.t.Fatalf("giving a list: %d %.300s", status, body)
	}
	return header.Get("HX-Redirect")
}

// through waits until a run is through.
func (m *member) through(path string) string {
	m.s.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		page := m.see(path + "/progress")
		if !strings.Contains(page, "hx-trigger") {
			return page
		}
		if time.Now().After(deadline) {
			m.s.t.Fatal("the run does not end:", page)
		}
	}
}

func TestImportAsksTriesAndImports(t *testing.T) {
	s := openShop(t)
	ana := s.mailFrom("ana@example.com", "Ana Duarte", "Hello")
	mia := s.login(s.mia)
	const list = "Kunde;Mail;Tel;Bemerkung\r\n\"Zoe <b>\";zoe@example.com;;walnut\r\nAna;ana@example.com;+351912007031;\r\nNobody;none;12;\r\n"
	path := mia.give("kunden.csv", list)
	mustContain(t, "the columns", mia.see(path), "kunden.csv", "Bemerkung", "Zoe &lt;b&gt;", `<option value="email" selected>`)
	columns := url.Values{"column.0": {"name"}, "column.1": {"email"}, "column.2": {"phone"}, "column.3": {"notes"}}
	with := func(key, value string) url.Values {
		out := url.Values{key: {value}}
		for k, v := range columns {
			if _, ok := out[k]; !ok {
				out[k] = v
			}
		}
		return out
	}
	if status, body, _ := mia.ask("POST", path, with("column.1", "name").Encode()); status != 422 || !strings.Contains(body, "Two columns") {
		t.Errorf("two names: %d %.300s", status, body)
	}
	for _, bad := range []url.Values{with("column.9", "name"), with("x", "1")} {
		if status, _, _ := mia.ask("POST", path, bad.Encode()); status != 422 {
			t.Errorf("%v: %d", bad, status)
		}
	}
	mia.do(path, with("do", "try"))
	mustContain(t, "the columns as they were said to be", mia.see(path), `<option value="notes" selected>`)
	tried := mia.through(path)
	mustContain(t, "the dry run", tried, "This would happen", "New customers: <b>1</b>", "customers who are known: <b>1</b>", "Nothing to recognise anybody by, left out: <b>1</b>", "email none; phone 12")
	customers := func() int {
		rows, err := store.Lines(s.st.Read(t.Context()), "SELECT id FROM customers")
		s.must(err)
		return len(rows)
	}
	if customers() != 1 {
		t.Error("a dry run made customers")
	}
	mia.do(path, with("do", "import"))
	done := mia.through(path)
	mustContain(t, "the import", done, "Imported", "New customers: <b>1</b>")
	_, after, _ := strings.Cut(done, `<a class="button" href="`)
	report, _, _ := strings.Cut(after, `"`)
	mustContain(t, "the report", mia.see(report), "Line,Outcome", "2,new,", "4,invalid,")
	if customers() != 2 {
		t.Error("customers:", customers())
	}
	mustContain(t, "Ana's thread", mia.see("/customers/"+ana.CustomerID.String()), "351912007031")
	mustContain(t, "the page afterwards", mia.see(path), "Imported", "kunden.csv")
	mustNotContain(t, "the page afterwards", mia.see(path), `value="import"`)
	if kept, err := store.Lines(s.st.Read(t.Context()), "SELECT name FROM attachments WHERE name LIKE 'kunden%'"); err != nil || len(kept) != 0 {
		t.Error("the list is kept although it was imported:", kept, err)
	}
	again := mia.give("kunden.csv", list)
	mia.do(again, with("do", "import"))
	mustContain(t, "the same again", mia.through(again), "Imported before, unchanged: <b>2</b>")
	mustContain(t, "all customers", mia.see("/settings/import/customers.csv"), "ana@example.com", "'+351912007031", "walnut")
	if status, _, _ := s.login(s.leo).ask("GET", report, ""); status != 403 {
		t.Error("an agent reads the report:", status)
	}
}

func TestRulesAreSeenBeforeTheyAreSet(t *testing.T) {
	s := openShop(t)
	mia := s.login(s.mia)
	page := mia.do("/settings/privacy", url.Values{"page_days": {"30"}, "do": {"see"}})
	mustContain(t, "the preview", page, "Now this would remove", `value="set"`, `value="30"`)
	mustNotContain(t, "before it was set", mia.see("/settings/privacy"), `value="30"`)
	if status, body, _ := mia.ask("POST", "/settings/privacy", "page_days=-3&do=set"); status != 422 || !strings.Contains(body, "whole number") {
		t.Errorf("%d %.300s", status, body)
	}
	mia.do("/settings/privacy", url.Values{"page_days": {"30"}, "do": {"set"}})
	mustContain(t, "the rules", mia.see("/settings/privacy?saved=1"), `value="30"`, "The rules are set")
}
