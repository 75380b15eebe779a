package staff_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"onethread/models"
)

func TestSeveralConversationsOnTheScreen(t *testing.T) {
	s := openShop(t)
	ana := s.mailFrom("ana@example.com", "Ana Duarte", "Where is my desk?")
	mia := s.login(s.mia)
	path := "/customers/" + ana.CustomerID.String()
	mustNotContain(t, "a thread with one conversation", mia.see(path, "HX-Request", "true"), "conversation_id", "?conversation=")

	if status, body, _ := mia.ask("POST", path+"/conversations", "matter=", "HX-Request", "true"); status != 422 {
		t.Errorf("a conversation about nothing: %d %s", status, body)
	}
	status, _, head := mia.ask("POST", path+"/conversations", url.Values{"matter": {"The <broken> lamp"}}.Encode(), "HX-Request", "true")
	var to struct{ Path, Target string }
	if err := json.Unmarshal([]byte(head.Get("HX-Location")), &to); err != nil || status != 204 || !strings.HasPrefix(to.Path, path+"?conversation=") {
		t.Fatalf("%d %v %q", status, err, head.Get("HX-Location"))
	}
	lamp := strings.TrimPrefix(to.Path, path+"?conversation=")
	thread := mia.see(to.Path, "HX-Request", "true")
	mustContain(t, "the new one", thread, "The &lt;broken&gt; lamp", `name="conversation_id" value="`+lamp+`"`, `data-conversation="`+lamp+`"`, "In the conversation “A question”", "opened a conversation")
	mustContain(t, "the old one", mia.see(path+"?conversation="+ana.ConversationID.String(), "HX-Request", "true"), `value="`+ana.ConversationID.String()+`"`)
	mustContain(t, "somebody else's", mia.see(path+"?conversation=99999", "HX-Request", "true"), "Where is my desk?", `data-conversation=""`)

	note := mia.do(path+"/notes", url.Values{"way": {"note"}, "text": {"Insured"}, "conversation_id": {lamp}})
	mustContain(t, "the note", note, `data-about="`+lamp+`"`)
	mia.do("/conversations/"+lamp+"/close", nil)
	mustContain(t, "the one that is left", mia.see(path, "HX-Request", "true"), `data-conversation=""`, `data-status="open"`)
}

func TestSnoozeWithoutPreset(t *testing.T) {
	s := openShop(t)
	ana := s.mailFrom("ana@example.com", "Ana Duarte", "Where is my desk?")
	mia := s.login(s.mia)
	snooze, path := "/conversations/"+ana.ConversationID.String()+"/snooze", "/customers/"+ana.CustomerID.String()
	mia.do(snooze, url.Values{"for": {"order"}})
	mustContain(t, "thread", mia.see(path, "HX-Request", "true"), "Snoozed until their order moves", "snoozed this until an order moves")
	mia.do(snooze, url.Values{"for": {"reply"}})
	mustContain(t, "thread", mia.see(path, "HX-Request", "true"), "Snoozed until they reply")
	at := s.st.Now().Std().Add(72 * time.Hour).UTC()
	mia.do(snooze, url.Values{"at": {at.Format("2006-01-02T15:04")}})
	mustContain(t, "thread", mia.see(path, "HX-Request", "true"), "Snoozed to", at.Format("15:04"))
	for name, form := range map[string]url.Values{"rain": {"for": {"rain"}}, "no time": {"at": {"soon"}}, "the past": {"at": {"2001-01-01T10:00"}}, "nothing": {}} {
		if status, _, _ := mia.ask("POST", snooze, form.Encode(), "HX-Request", "true"); status != 422 {
			t.Errorf("%s: %d", name, status)
		}
	}
}

func TestShopSettings(t *testing.T) {
	s := openShop(t)
	owner, err := s.auth.CreateUser(t.Context(), "olga@casa.example", "Olga", models.Owner, password)
	if err != nil {
		t.Fatal(err)
	}
	olga := s.login(owner)
	mustContain(t, "shop", olga.see("/settings/shop"), `name="reopen_hours" type="number" min="0" max="8760" value="24"`)
	if status, _, _ := olga.ask("POST", "/settings/shop", url.Values{"country": {"pt"}, "reopen_hours": {"48"}, "bare_thanks": {"true"}}.Encode()); status != 303 {
		t.Errorf("saving: %d", status)
	}
	mustContain(t, "shop", olga.see("/settings/shop"), `value="PT"`, `value="48"`, "checked")
	for name, form := range map[string]url.Values{"a country": {"country": {"Portugal"}, "reopen_hours": {"1"}}, "hours": {"reopen_hours": {"-1"}}, "years": {"reopen_hours": {"99999"}}} {
		status, body, _ := olga.ask("POST", "/settings/shop", form.Encode())
		if status != 422 || !strings.Contains(body, "form-error") {
			t.Errorf("%s: %d", name, status)
		}
	}
	mustContain(t, "unchanged", olga.see("/settings/shop"), `value="PT"`, `value="48"`)
}
