package staff_test

import (
	"net/url"
	"testing"

	"onethread/models"
)

func TestCustomersRecord(t *testing.T) {
	s := openShop(t)
	ana := s.mailFrom("ana@example.com", "Ana Duarte", "Hello")
	omar := s.mailFrom("omar@example.com", "Omar Haddad", "Hello")
	owner, err := s.auth.CreateUser(t.Context(), "olga@casa.example", "Olga", models.Owner, password)
	if err != nil {
		t.Fatal(err)
	}
	olga, mia := s.login(owner), s.login(s.mia)
	if status, _, _ := olga.ask("POST", "/settings/fields", url.Values{"name": {"Shoe <size>"}}.Encode()); status != 303 {
		t.Fatal(status)
	}
	if status, body, _ := olga.ask("POST", "/settings/fields", url.Values{"name": {"shoe <SIZE>"}}.Encode()); status != 422 {
		t.Errorf("the same field twice: %d %s", status, body)
	}
	field := between(t, olga.see("/settings/shop"), "/settings/fields/", "/remove")

	path := "/customers/" + ana.CustomerID.String()
	form := url.Values{"name": {"Ana Duarte"}, "company": {"Duarte Lda"}, "language": {"pt"}, "time_zone": {"Europe/Lisbon"}, "labels": {"vip, trade"}, "addresses": {"Rua Augusta 1, Lisbon\nTill 4"}, "field": {field}, "value": {"38 <b>"}}
	if status, body, _ := mia.ask("POST", path+"/record", form.Encode()); status != 303 {
		t.Fatalf("%d %s", status, body)
	}
	mustContain(t, "record", mia.see(path+"/record"), `value="Duarte Lda"`, `value="Europe/Lisbon"`, `value="trade, vip"`, "Rua Augusta 1, Lisbon\nTill 4</textarea>", "Shoe &lt;size&gt;", "38 &lt;b&gt;")
	mustContain(t, "panel", mia.see(path, "HX-Request", "true"), "Duarte Lda", "Their time", ">vip<", path+"/record")
	form.Set("time_zone", "Mars/Base")
	status, body, _ := mia.ask("POST", path+"/record", form.Encode())
	if status != 422 {
		t.Errorf("no time zone: %d", status)
	}
	mustContain(t, "record", body, "form-error", "Europe/Lisbon")

	form = url.Values{"company": {"Duarte Lda"}, "blocked": {"true"}}
	mia.ask("POST", "/customers/"+omar.CustomerID.String()+"/record", form.Encode())
	mustContain(t, "record", mia.see(path+"/record"), "Also there:", "/customers/"+omar.CustomerID.String())
	s.mailFrom("omar@example.com", "Omar Haddad", "Buy this now")
	mustNotContain(t, "inbox", mia.see("/"), "Buy this now")
	mustContain(t, "spam", mia.see("/?view=spam"), "Buy this now")

	identity, channel := between(t, mia.see(path+"/record"), `name="identity_id"><option value="`, `"`), s.mail.String()
	said := url.Values{"identity_id": {identity}, "channel_id": {channel}, "purpose": {"marketing"}, "state": {"opted_in"}, "proof": {"card <i>"}}
	if status, body, _ := mia.ask("POST", path+"/consents", said.Encode()); status != 303 {
		t.Fatalf("%d %s", status, body)
	}
	mustContain(t, "ledger", mia.see(path+"/record"), "Advertising", "card &lt;i&gt;")
	mustContain(t, "thread", mia.see(path, "HX-Request", "true"), "noted consent to advertising")
	said.Del("proof")
	if status, _, _ := mia.ask("POST", path+"/consents", said.Encode()); status != 422 {
		t.Errorf("a yes without proof: %d", status)
	}

	mia.ask("POST", "/identities/"+identity+"/block", "blocked=true")
	mustContain(t, "record", mia.see(path+"/record"), "Let in again")
	if status, _, _ := olga.ask("POST", "/settings/fields/"+field+"/remove", ""); status != 303 {
		t.Errorf("%d", status)
	}
	mustNotContain(t, "record", mia.see(path+"/record"), "Shoe")
}

func TestCustomersList(t *testing.T) {
	s := openShop(t)
	mia := s.login(s.mia)
	mustContain(t, "an empty list", mia.see("/customers"), "Nobody")
	s.mailFrom("ana@example.com", "Ana Duarte", "Hello")
	mustContain(t, "list", mia.see("/customers"), "Ana Duarte", "ana@example.com")
	mustContain(t, "search", mia.see("/customers?q=duarte"), "Ana Duarte")
	mustContain(t, "nobody", mia.see("/customers?q=zzz"), "zzz", `value="zzz"`)
	status, _, head := mia.ask("POST", "/customers", url.Values{"name": {"Lena"}, "email": {"lena@example.com"}, "phone": {"+351912007077"}}.Encode())
	if status != 303 {
		t.Fatal(status)
	}
	mustContain(t, "the new thread", mia.see(head.Get("Location")), "Lena", "lena@example.com", "351912007077")
	for what, form := range map[string]url.Values{"nothing": {}, "somebody's address": {"email": {"ana@example.com"}}, "no address": {"email": {"x"}}} {
		status, body, _ := mia.ask("POST", "/customers", form.Encode())
		if status != 422 {
			t.Errorf("%s: %d", what, status)
		}
		mustContain(t, what, body, "form-error")
	}
}
