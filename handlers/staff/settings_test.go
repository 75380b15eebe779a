package staff_test

import (
	"net/url"
	"strings"
	"testing"

	"onethread/models"
	"onethread/models/store"
)

func TestChannelsAreDrawnFromTheirFields(t *testing.T) {
	s := openShop(t)
	mia := s.login(s.mia)
	list := mia.see("/settings/channels")
	mustContain(t, "channels", list, "hello@casa.example", "Web chat", "Any shop")
	mustNotContain(t, "channels", list, "hush-hush")

	form := mia.see("/settings/channels/new/email")
	mustContain(t, "form", form, `name="set.address"`, `name="set.password" type="password"`, `name="set.tls"`)
	status, body, _ := mia.ask("POST", "/settings/channels/new/email", url.Values{"name": {"Second"}, "set.address": {"nonsense"}, "set.password": {"p"}}.Encode())
	if status != 422 || !strings.Contains(body, "This is no address.") || !strings.Contains(body, `aria-invalid="true"`) {
		t.Errorf("a wrong field: %d %s", status, body)
	}
	mustNotContain(t, "refused form", body, `value="p"`)
	body = mia.do("/settings/channels/new/email", url.Values{"name": {"Second"}, "set.address": {"two@casa.example"}, "set.password": {"hush-two"}, "has.tls": {"1"}})
	mustContain(t, "the answer", body, "Second")
	mustNotContain(t, "the answer", body, "hush-two")
	all, err := s.st.Channels(s.st.Read(t.Context()))
	s.must(err)
	made := all[len(all)-1]
	if made.Settings["tls"] != "false" || made.Settings["password"] != "hush-two" || made.Settings["token"] == "" {
		t.Errorf("stored: %v", made.Settings)
	}
	mustContain(t, "the answer", body, made.Settings["token"])
	path := "/settings/channels/" + made.ID.String()
	again := mia.see(path)
	mustNotContain(t, "the page later", again, made.Settings["token"], "hush-two")

	mustContain(t, "the page later", again, `hx-post="`+path+`/secret"`)
	mustContain(t, "the secret, asked for", mia.do(path+"/secret", url.Values{"key": {"token"}}), made.Settings["token"])
	if status, body, _ := mia.ask("POST", path+"/secret", url.Values{"key": {"password"}}.Encode()); status != 422 || strings.Contains(body, "hush-two") {
		t.Errorf("what the owner entered is never shown: %d %s", status, body)
	}
	renewed := mia.do(path+"/secret", url.Values{"key": {"token"}, "new": {"1"}})
	mustNotContain(t, "the new secret", renewed, made.Settings["token"])

	mia.do(path, url.Values{"name": {"Renamed"}, "set.address": {"two@casa.example"}, "set.password": {""}})
	kept, err := s.st.Channel(s.st.Read(t.Context()), made.ID)
	s.must(err)
	if kept.Name != "Renamed" || kept.Settings["password"] != "hush-two" {
		t.Errorf("after an edit without the secret: %+v", kept)
	}
	checked := mia.do(path+"/check", nil)
	mustContain(t, "check", checked, "DNS", "12 ms", "The server refused the password.", "Mend the step above")
	if status, _, _ := mia.ask("POST", path, url.Values{"name": {"x"}, "set.nonsense": {"1"}}.Encode()); status != 422 {
		t.Errorf("an unknown field: %d", status)
	}
	mia.do(path+"/remove", url.Values{"sure": {"yes"}})
	mustNotContain(t, "channels", mia.see("/settings/channels"), "Renamed")

	mustContain(t, "widget", mia.see("/settings/channels/"+s.chat.String()), "&lt;script async src=&#34;"+s.url+"/widget.js&#34; data-channel=&#34;webchat-key&#34;&gt;")
	mustContain(t, "till", mia.see("/settings/channels/"+s.till.String()), s.url+"/webhooks/generic/"+s.till.String())
}

func TestAgentsSeeNoSettings(t *testing.T) {
	s := openShop(t)
	leo := s.login(s.leo)
	for _, path := range []string{"/settings/channels", "/settings/channels/1", "/settings/users"} {
		if status, body, _ := leo.ask("GET", path, "", "Accept", "text/html"); status != 403 || strings.Contains(body, "hello@casa.example") {
			t.Errorf("%s: %d", path, status)
		}
	}
	mustNotContain(t, "inbox of an agent", leo.see("/"), "/settings/channels\"")
	mustContain(t, "account of an agent", leo.see("/account"), "/settings/tokens")
}

func TestTeam(t *testing.T) {
	s := openShop(t)
	mia := s.login(s.mia)
	body := mia.do("/settings/users", url.Values{"name": {"Rui"}, "email": {"rui@casa.example"}, "role": {"agent"}})
	mustContain(t, "the answer", body, s.url+"/invite/", "Rui", "invited")
	status, twice, _ := mia.ask("POST", "/settings/users", url.Values{"name": {"Rui"}, "email": {"rui@casa.example"}, "role": {"agent"}}.Encode())
	if status != 422 || !strings.Contains(twice, "form-error") {
		t.Errorf("the same address twice: %d", status)
	}
	before, _, ok := strings.Cut(mia.see("/settings/users"), `/invite" class`)
	if !ok {
		t.Fatal("nothing to invite Rui again with")
	}
	second := mia.do(before[strings.LastIndex(before, `"/`)+1:]+"/invite", nil)
	mustContain(t, "the second invitation", second, s.url+"/invite/")
	if first := between(t, body, "/invite/", `"`); strings.Contains(second, first) {
		t.Error("inviting again gave the old link")
	}
	leo := s.login(s.leo)
	mia.do("/settings/users/"+s.leo.ID.String()+"/disable", nil)
	if status, _, _ := leo.ask("GET", "/", ""); status != 401 {
		t.Errorf("a disabled user's session: %d", status)
	}
	mia.do("/settings/users/"+s.leo.ID.String()+"/enable", nil)
	mia.do("/settings/users/"+s.leo.ID.String()+"/role", url.Values{"role": {"viewer"}})
	u, err := store.UserByID(s.st.Read(t.Context()), s.leo.ID)
	s.must(err)
	if u.Role != models.Viewer {
		t.Errorf("role %s", u.Role)
	}
	if status, _, _ := mia.ask("POST", "/settings/users/"+s.mia.ID.String()+"/role", url.Values{"role": {"viewer"}}.Encode()); status < 400 {
		t.Error("the last owner gave up the shop")
	}
}

func TestTokensAreShownOnce(t *testing.T) {
	s := openShop(t)
	mia := s.login(s.mia)
	body := mia.do("/settings/tokens", url.Values{"name": {"till"}, "scope": {"write"}})
	secret := between(t, body, `data-copy="`, `"`)
	if !strings.HasPrefix(secret, "ot_") {
		t.Fatalf("token %q", secret)
	}
	if _, err := s.auth.Token(t.Context(), secret); err != nil {
		t.Errorf("the token does not work: %v", err)
	}
	page := mia.see("/settings/tokens")
	mustNotContain(t, "the page later", page, secret)
	mia.do("/settings/tokens/"+between(t, page, `action="/settings/tokens/`, `/revoke`)+"/revoke", nil)
	if _, err := s.auth.Token(t.Context(), secret); err == nil {
		t.Error("the revoked token works")
	}
}

func TestAccount(t *testing.T) {
	s := openShop(t)
	mia, other := s.login(s.mia), s.login(s.mia)
	mia.do("/account", url.Values{"name": {"Mia T."}, "theme": {"dark"}, "undo_seconds": {"30"}})
	mustContain(t, "account", mia.see("/account"), "Mia T.", `data-theme="dark"`)
	for name, form := range map[string]url.Values{"role": {"name": {"M"}, "theme": {"dark"}, "undo_seconds": {"5"}, "role": {"owner"}}, "undo": {"name": {"M"}, "theme": {"dark"}, "undo_seconds": {"3600"}}} {
		if status, _, _ := mia.ask("POST", "/account", form.Encode()); status != 422 {
			t.Errorf("%s: %d", name, status)
		}
	}
	status, body, _ := mia.ask("POST", "/account/password", url.Values{"username": {"x"}, "old": {"wrong wrong wrong"}, "password": {"brass lamp in porto"}}.Encode())
	if status < 400 || !strings.Contains(body, "form-error") {
		t.Errorf("a wrong current password: %d", status)
	}
	mia.do("/account/sessions/"+other.id.String()+"/revoke", nil)
	if status, _, _ := other.ask("GET", "/", ""); status != 401 {
		t.Errorf("the revoked session: %d", status)
	}
	third := s.login(s.mia)
	mia.do("/account/password", url.Values{"username": {"mia@casa.example"}, "old": {password}, "password": {"brass lamp in porto"}})
	if status, _, _ := third.ask("GET", "/", ""); status != 401 {
		t.Errorf("another session after the change: %d", status)
	}
	mia.see("/")
}
