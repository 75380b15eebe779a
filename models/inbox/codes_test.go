package inbox

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/outbox"
	"onethread/models/store"
)

// secret reads the newest sealed message as the worker does.
func (w *world) secret(customer models.ID) outbox.Secret {
	w.Helper()
	var last models.ID
	for _, e := range w.thread(customer) {
		if e.Kind == models.KindCode {
			last = max(last, e.ID)
		}
	}
	row, ok, err := store.OutboxOf(w.st.Read(w.Context()), last)
	w.must(err)
	var c outbox.Content
	if !ok || json.Unmarshal([]byte(row.Content), &c) != nil {
		w.Fatal("no code was sent", row)
	}
	plain, err := w.st.Vault.Open(c.Sealed, "outbox|secret|"+last.String())
	w.must(err)
	var s outbox.Secret
	w.must(json.Unmarshal(plain, &s))
	return s
}

func (w *world) codes(customer models.ID) (n int) {
	for _, e := range w.thread(customer) {
		if e.Kind == models.KindCode {
			n++
		}
	}
	return n
}

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

func (w *world) code(customer models.ID) string { return sixDigits.FindString(w.secret(customer).Text) }

func other(code string) string {
	if code[0] == '9' {
		return "1" + code[1:]
	}
	return string(code[0]+1) + code[1:]
}

func (w *world) channel() models.Channel {
	w.Helper()
	c, err := w.st.Channel(w.st.Read(w.Context()), w.chat)
	w.must(err)
	return c
}

func (w *world) proves(visitor, code string) (bool, error) {
	w.Helper()
	return w.ConfirmChatCode(w.Context(), w.channel(), w.browser(visitor), code)
}

// Ana chats on her phone; on another browser she leaves her address and answers the code: one customer, and
// the second browser shows the open chat, and what is said on the first from then on. Her mail it does not show.
func TestCodeJoinsABrowser(t *testing.T) {
	w := newWorld(t)
	w.email("m1", "ana@example.com", "Desk", "my secret mail")
	first := w.chatFrom("phone", "c1", "Is the desk in stock?", models.Hint{Kind: models.EmailIdentity, Value: "ana@example.com", Evidence: models.Proved})
	w.answer("phone", "Two are left.")
	second := w.chatFrom("laptop", "c2", "Me again")
	w.contact("laptop", typed(models.EmailIdentity, "ana@example.com"))
	w.must(w.SendChatCode(t.Context(), w.browser("laptop").ID))
	code := w.code(second.CustomerID)
	if _, err := w.proves("laptop", other(code)); err == nil {
		t.Fatal("a wrong code counts")
	}
	if got := w.chatOf("laptop"); len(got) != 1 {
		t.Fatal("it sees something before it has proved anything", got)
	}
	shown, err := w.proves("laptop", code[:3]+" "+code[3:])
	w.must(err)
	if at := w.browser("laptop").CustomerID; !shown || at != first.CustomerID {
		t.Fatal("the browser is not hers", shown, at)
	}
	w.chatFrom("phone", "c3", "Keep one, please.")
	w.answer("phone", "Kept.")
	if got := strings.Join(w.chatOf("laptop"), "|"); got != "in: Is the desk in stock?|out: Two are left.|in: Me again|in: Keep one, please.|out: Kept." {
		t.Error(got)
	}
	if got := strings.Join(w.chatOf("phone"), "|"); strings.Contains(got, "Me again") {
		t.Error("the first browser proved nothing:", got)
	}
	if _, err := w.proves("laptop", code); err == nil {
		t.Error("a code counts twice")
	}
}

func TestCodeIsKeptNowhere(t *testing.T) {
	w := newWorld(t)
	v := w.chatFrom("v1", "c1", "Hello?")
	w.contact("v1", typed(models.EmailIdentity, "ana@example.com"))
	w.must(w.SendChatCode(t.Context(), w.browser("v1").ID))
	code := w.code(v.CustomerID)
	var event models.ID
	for _, e := range w.thread(v.CustomerID) {
		if e.Kind != models.KindCode {
			continue
		}
		event = e.ID
		if said, _ := json.Marshal(e); strings.Contains(string(said), code) {
			t.Error("the thread holds the code:", string(said))
		}
		if e.Message == nil || e.Message.Text != "" || e.Message.ToAddress != "ana@example.com" || e.Message.State != models.DeliveryQueued {
			t.Errorf("%+v", e.Message)
		}
	}
	if hits, err := store.SearchMessages(w.st.Read(t.Context()), `"`+code+`"`, `"`+code+`"*`, 5); err != nil || len(hits) != 0 {
		t.Error("search finds the code", hits, err)
	}
	w.settle(event, models.DeliverySent)
	row, _, err := store.OutboxOf(w.st.Read(t.Context()), event)
	w.must(err)
	if strings.Contains(row.Content, "sealed") {
		t.Error("the outbox keeps it:", row.Content)
	}
	if w.Retry(t.Context(), event) == nil || w.Undo(t.Context(), models.User{ID: w.mia.ID, Role: models.Owner}, event) == nil {
		t.Error("a code was sent again, or called back")
	}
}

func TestCodesAreLimited(t *testing.T) {
	w := newWorld(t)
	v := w.chatFrom("v1", "c1", "Hello?")
	w.contact("v1", typed(models.EmailIdentity, "ana@example.com"))
	browser := w.browser("v1").ID
	w.must(w.SendChatCode(t.Context(), browser))
	code := w.code(v.CustomerID)
	for range codeTries {
		if _, err := w.proves("v1", other(code)); err == nil {
			t.Fatal("a wrong code counts")
		}
	}
	if _, err := w.proves("v1", code); err == nil {
		t.Error("the code still counts after five wrong answers")
	}
	w.must(w.SendChatCode(t.Context(), browser))
	late := w.code(v.CustomerID)
	w.pass(10*time.Minute + time.Second)
	if _, err := w.proves("v1", late); err == nil {
		t.Error("a code counts after ten minutes")
	}
	w.must(w.SendChatCode(t.Context(), browser))
	old := w.code(v.CustomerID)
	w.must(w.SendChatCode(t.Context(), browser))
	if w.code(v.CustomerID) != old {
		if _, err := w.proves("v1", old); err == nil {
			t.Error("an older code counts beside a newer one")
		}
	}
	// Another browser asks for the same address: the limit is the address's, and nobody is told.
	b := w.chatFrom("v2", "c1", "Hello?")
	w.contact("v2", typed(models.EmailIdentity, "Ana@example.com"))
	for range 4 {
		w.must(w.SendChatCode(t.Context(), w.browser("v2").ID))
	}
	if n := w.codes(v.CustomerID) + w.codes(b.CustomerID); n != codesPerHour {
		t.Errorf("%d codes went to one address in an hour, want %d", n, codesPerHour)
	}
	// A code belongs to the browser that asked for it.
	w.pass(time.Hour)
	w.must(w.SendChatCode(t.Context(), w.browser("v2").ID))
	if _, err := w.proves("v1", w.code(b.CustomerID)); err == nil {
		t.Error("another browser's code counts")
	}
}

func TestCodeTooLateToSend(t *testing.T) {
	w := newWorld(t)
	v := w.chatFrom("v1", "c1", "Hello?")
	w.contact("v1", typed(models.EmailIdentity, "ana@example.com"))
	w.must(w.SendChatCode(t.Context(), w.browser("v1").ID))
	w.code(v.CustomerID)
	w.pass(11 * time.Minute)
	sent := 0
	runOutbox(w, func(models.Outbound) { sent++ }, func() bool {
		for _, e := range w.thread(v.CustomerID) {
			if e.Kind == models.KindCode {
				return e.Message.State == models.DeliveryFailed
			}
		}
		return false
	})
	if sent != 0 {
		t.Error("a code was sent that had run out")
	}
}

// Staff ask whether an address is its owner's.
func TestVerifyByLink(t *testing.T) {
	w := newWorld(t)
	w.URL = "https://inbox.example"
	v := w.chatFrom("v1", "c1", "Hello?")
	w.contact("v1", typed(models.EmailIdentity, "ana@example.com"))
	address := w.mailOf(v.CustomerID)
	w.must(w.SendCode(t.Context(), w.mia, address.ID))
	text := w.secret(v.CustomerID).Text
	_, token, ok := strings.Cut(text, "https://inbox.example/c/confirm/")
	token, _, _ = strings.Cut(token, "\n")
	if !ok {
		t.Fatal(text)
	}
	masked, err := w.LookAtCode(t.Context(), token)
	w.must(err)
	if masked != "a•••@e•••.com" || w.mailOf(v.CustomerID).Evidence != models.Typed {
		t.Error(masked)
	}
	for _, bad := range []string{"", "x", token[:len(token)-1], token + "A", strings.ToUpper(token), w.sealLink(continueLink, "1", "2"), w.sealLink(confirmLink, "1"), w.sealLink(confirmLink, "-1", "000000")} {
		if err := w.ConfirmCode(t.Context(), bad); !models.IsCode(err, models.NotFound) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	w.must(w.ConfirmCode(t.Context(), token))
	if got := w.mailOf(v.CustomerID); got.Evidence != models.Proved {
		t.Error(got)
	}
	if w.ConfirmCode(t.Context(), token) == nil {
		t.Error("the link counts twice")
	}
}

// Whoever asks her, Ana keeps her address, and staff decide.
func TestVerifyTakesNothingAway(t *testing.T) {
	w := newWorld(t)
	w.URL = "https://inbox.example"
	ana := w.email("m1", "ana@example.com", "Desk", "hello")
	v := w.chatFrom("v1", "c1", "Hello?")
	w.contact("v1", typed(models.EmailIdentity, "ana@example.com"))
	w.must(w.SendCode(t.Context(), w.mia, w.mailOf(v.CustomerID).ID))
	_, token, _ := strings.Cut(w.secret(v.CustomerID).Text, "/c/confirm/")
	token, _, _ = strings.Cut(token, "\n")
	w.must(w.ConfirmCode(t.Context(), token))
	if got := w.mailOf(v.CustomerID); got.Evidence != models.Typed || w.browser("v1").CustomerID == ana.CustomerID {
		t.Error("the address, or the browser, changed hands", got)
	}
	if open, err := store.SuggestionsFor(w.st.Read(t.Context()), ana.CustomerID); err != nil || len(open) != 1 {
		t.Error("staff are asked", open, err)
	}
}

// mailOf is a customer's email.
func (w *world) mailOf(customer models.ID) models.Identity {
	w.Helper()
	all, err := store.IdentitiesOf(w.st.Read(w.Context()), customer)
	w.must(err)
	for _, i := range all {
		if i.Kind == models.EmailIdentity {
			return i
		}
	}
	w.Fatal("no address")
	return models.Identity{}
}
