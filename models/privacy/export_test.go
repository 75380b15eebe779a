package privacy_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"onethread/models"
)

// exported unpacks a customer's export.
func (w *world) exported(customer models.ID) map[string]string {
	w.Helper()
	var b bytes.Buffer
	w.must(w.Export(w.Context(), customer, &b))
	r, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	w.must(err)
	out := map[string]string{}
	for _, f := range r.File {
		in, err := f.Open()
		w.must(err)
		text, err := io.ReadAll(in)
		w.must(err)
		out[f.Name] = string(text)
	}
	return out
}

// TestExportHoldsAllOfOnePerson: every word of hers is in the archive, none of Bo's, and what she was sent
// runs nothing.
func TestExportHoldsAllOfOnePerson(t *testing.T) {
	w := newWorld(t)
	zelda, bo, words := w.zelda()
	w.in(w.letter("z3", "zelda@example.com", "Zelda Quixote", `</p><script>alert(1)</script>`, file("../../etc/passwd", "rootzelda"), file("<img src=x onerror=alert(1)>.png", "namezelda"), file("", "nonamezelda")))
	all := w.exported(zelda.CustomerID)
	whole := ""
	for _, text := range all {
		whole += strings.ToLower(text)
	}
	for _, word := range append(words, "rootzelda", "nonamezelda", "pricelist", "jjdzeldastreet") {
		if strings.HasPrefix(word, "draft") { // staff's own, not said yet
			continue
		}
		if !strings.Contains(whole, strings.ToLower(word)) {
			t.Error("not in the export:", word)
		}
	}
	for _, word := range []string{"bobwords", "bo@example", "bofile", "boplace", "mia@casa"} {
		if strings.Contains(whole, word) {
			t.Error("somebody else's, and in the export:", word)
		}
	}
	page := all["thread.html"]
	if strings.Contains(page, "<script") || strings.Contains(page, "<img") || !strings.Contains(page, "&lt;script&gt;alert(1)") {
		t.Error("the page holds markup of a message")
	}
	for name := range all {
		if strings.Contains(name, "..") || strings.HasPrefix(name, "/") || strings.ContainsAny(name, "<>:\\\"|?*\x00") || strings.Count(name, "/") > 1 {
			t.Errorf("unsafe name %q", name)
		}
	}
	var data struct {
		Format    int
		Customer  struct{ Name string }
		Addresses []struct{ Kind, Value string }
		Orders    []models.OrderData
		Events    []struct {
			Kind, Text  string
			Attachments []struct{ File, SHA256 string }
		}
	}
	w.must(json.Unmarshal([]byte(all["data.json"]), &data))
	if data.Format != 1 || !strings.HasPrefix(data.Customer.Name, "Zelda") || len(data.Addresses) < 4 || len(data.Orders) != 1 || data.Orders[0].ShipTo == "" || len(data.Events) < 8 {
		t.Errorf("%+v", data)
	}
	files := 0
	for _, e := range data.Events {
		for _, a := range e.Attachments {
			files++
			if _, ok := all[a.File]; !ok {
				t.Error("data.json names a file that is not there:", a.File)
			}
		}
	}
	if files != 6 {
		t.Error("files:", files)
	}
	if _, ok := w.exported(bo.CustomerID)["data.json"]; !ok {
		t.Error("Bo has none")
	}
	w.must(second(w.Erase(t.Context(), w.mia.ID, zelda.CustomerID)))
	if err := w.Export(t.Context(), zelda.CustomerID, io.Discard); !models.IsCode(err, models.NotFound) {
		t.Error("an export of nobody:", err)
	}
}

// TestExportLeavesOthersOut: what somebody in copy wrote, and whose name a merge gives away.
func TestExportLeavesOthersOut(t *testing.T) {
	w := newWorld(t)
	mail := w.letter("a1", "ana@example.com", "Ana", "anawords")
	mail.Payload.(*models.MessageIn).CC = "cy@example.com"
	ana := w.in(mail)
	w.pass(time.Minute)
	answer := w.letter("c1", "cy@example.com", "Cy Young", "cywords", file("cy.txt", "cyfile"))
	answer.Payload.(*models.MessageIn).InReplyTo = []string{"a1"}
	if cy := w.in(answer); cy.CustomerID != ana.CustomerID {
		t.Fatal("who is in copy writes into the conversation")
	}
	bo := w.in(w.letter("b1", "bo@example.com", "Bob Marley", "bowords"))
	merge, err := w.Merge(t.Context(), w.mia.ID, bo.CustomerID, ana.CustomerID)
	w.must(err)
	w.must(w.Unmerge(t.Context(), w.mia.ID, merge))
	all := w.exported(ana.CustomerID)
	whole := ""
	for _, text := range all {
		whole += text
	}
	for _, word := range []string{"cywords", "cyfile", "Cy Young", "Marley", "bowords"} {
		if strings.Contains(whole, word) {
			t.Error("not Ana's, and in her export:", word)
		}
	}
	if !strings.Contains(whole, "anawords") || !strings.Contains(all["data.json"], "in copy, wrote this") {
		t.Error(all["data.json"])
	}
	none, err := w.NewCustomer(t.Context(), w.mia.ID, "Silent Sam", "", nil)
	w.must(err)
	if text := w.exported(none)["data.json"]; !json.Valid([]byte(text)) {
		t.Errorf("no events, no JSON: %s", text)
	}
}
