package inbox

import (
	"strings"
	"testing"

	"onethread/models"
	"onethread/models/store"
)

// TestOnlyOurOwnMessageIDsSpeakForStaff: a mail that claims to be ours by the form of its
// Message-ID is believed only if the id was minted here; else nothing of it reaches the thread of
// the customer that it was written to.
func TestOnlyOurOwnMessageIDsSpeakForStaff(t *testing.T) {
	w := newWorld(t)
	ana := w.email("m1", "ana@example.com", "Desk", "in stock?")
	reply, err := w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana.CustomerID, Text: "Yes, two left."})
	w.must(err)
	known, err := store.Message(w.st.Read(t.Context()), reply)
	w.must(err)
	claims := func(external, id string) models.Ingested {
		return w.in(models.Inbound{ChannelID: w.mail, ExternalID: external, Name: "Ana", Hints: []models.Hint{asserted(models.EmailIdentity, "ana@example.com")},
			Payload: &models.MessageIn{Direction: models.Out, Text: "Pay to this account: " + external, MessageID: id, InReplyTo: []string{"m1"}, ReplyTokens: []string{w.replyToken(ana.ConversationID)}}})
	}
	if copied := claims("our own copy", known.MessageID); copied.EventID != reply || !copied.Duplicate {
		t.Errorf("a copy of what we sent: %+v", copied)
	}
	minted := w.newMessageID("casa.example")
	if restored := claims("sent before a restore", minted); restored.CustomerID != ana.CustomerID {
		t.Errorf("a message that we minted and no longer know: %+v", restored)
	}
	local, domain, _ := strings.Cut(known.MessageID, "@")
	parts := strings.Split(local, ".")
	for name, id := range map[string]string{
		"no mac of ours":     "m." + parts[1] + ".aaaaaaaaaaaaaaaaaaaaaaaaaa@" + domain,
		"another's mac":      "m." + store.Token() + "." + parts[2] + "@" + domain,
		"mac cut":            "m." + parts[1] + "." + parts[2][:16] + "@" + domain,
		"empty mac":          "m." + parts[1] + ".@" + domain,
		"no base32":          "m." + parts[1] + ".!!!!!!!!!!!!!!!!!!!!!!!!!!@" + domain,
		"nothing but points": "m..@" + domain,
	} {
		out := claims(name, id)
		e, err := store.Event(w.st.Read(t.Context()), out.EventID)
		w.must(err)
		m, err := store.Message(w.st.Read(t.Context()), out.EventID)
		w.must(err)
		if out.CustomerID == ana.CustomerID || out.ConversationID == ana.ConversationID || e.Direction != models.In || m.Warning == "" || m.State != "" {
			t.Errorf("%s: customer %v, direction %s, warning %q, state %q", name, out.CustomerID, e.Direction, m.Warning, m.State)
		}
		if again := claims(name+" again", id); again.EventID == out.EventID {
			t.Errorf("%s: the second was taken for a copy of what we sent", name)
		}
	}
	if upper := strings.ToUpper(local[1:]); w.forged("m" + upper + "@" + domain) {
		t.Error("an id that a server wrote in capitals is still ours")
	}
	if own := claims("from a mail program", "CAF+xyz@mail.casa.example"); own.CustomerID != ana.CustomerID {
		t.Errorf("what staff sent from their mail program: %+v", own)
	}
}

// TestBrowsersAloneAreNoCustomers: who only looked around is kept but not listed, until they speak
// or leave an address.
func TestBrowsersAloneAreNoCustomers(t *testing.T) {
	w := newWorld(t)
	look := func(visitor, id string, p models.Payload) models.ID {
		return w.in(models.Inbound{ChannelID: w.chat, ExternalID: visitor + id, Payload: p,
			Hints: []models.Hint{{Kind: models.ChatIdentity, Scope: "webchat-key", Value: visitor, Evidence: models.Proved}}}).CustomerID
	}
	views := map[string]models.ID{}
	for _, visitor := range []string{"looks", "speaks", "leaves an address", "is named"} {
		views[visitor] = look(visitor, "1", &models.PageViewIn{URL: "https://casa.example/desks", Title: "Desks"})
		look(visitor, "2", &models.ProductIn{Saved: true, Title: "Walnut desk"})
		look(visitor, "3", &models.CartIn{Status: "updated", Currency: "EUR", Total: 100})
	}
	listed := func() map[models.ID]bool {
		rows, err := store.Customers(w.st.Read(t.Context()), 0, 0, 50)
		w.must(err)
		out := map[models.ID]bool{}
		for _, r := range rows {
			out[r.ID] = true
		}
		return out
	}
	if got := listed(); len(got) != 0 {
		t.Errorf("listed before anybody said anything: %v", got)
	}
	w.chatFrom("speaks", "4", "hello")
	w.chatFrom("leaves an address", "4", "", typed(models.EmailIdentity, "zoe@example.com"))
	name := "Rui"
	w.must(w.EditCustomer(t.Context(), w.mia.ID, views["is named"], Edit{Name: &name}))
	ana := w.email("m1", "ana@example.com", "Desk", "in stock?")
	got := listed()
	for who, want := range map[models.ID]bool{views["looks"]: false, views["speaks"]: true, views["leaves an address"]: true, views["is named"]: true, ana.CustomerID: true} {
		if got[who] != want {
			t.Errorf("customer %v listed: %v, want %v", who, got[who], want)
		}
	}
	if n := len(w.thread(views["looks"])); n != 3 {
		t.Errorf("%d of 3 events are kept", n)
	}
	if hits, err := store.SearchCustomers(w.st.Read(t.Context()), `"loo"`, "", 10); err != nil || len(hits) != 0 {
		t.Errorf("search finds a browser's id: %v %v", hits, err)
	}
}
