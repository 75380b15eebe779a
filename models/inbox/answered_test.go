package inbox

import (
	"strconv"
	"testing"

	"onethread/models"
	"onethread/models/store"
)

// TestAnswerProvesATypedAddress: a form names bea@, we answer there, and the answer to that comes from
// bea@: one person, one thread. Somebody who only claims the address gets nothing by it.
func TestAnswerProvesATypedAddress(t *testing.T) {
	w := newWorld(t)
	form := w.letter(w.mail, "form", "bea@example.com", "Do you have it in oak?")
	form.Hints[0] = typed(models.EmailIdentity, "bea@example.com")
	first := w.in(form)
	stranger := w.letter(w.mail, "early", "bea@example.com", "I guess an id")
	payload(stranger).InReplyTo = []string{"form@example.com"} // we have not written to the address yet
	if got := w.in(stranger); got.CustomerID == first.CustomerID {
		t.Error("a mail that answers nothing of ours proved the typed address")
	}

	cleo := w.letter(w.mail, "form-2", "cleo@example.com", "And in walnut?")
	cleo.Hints[0] = typed(models.EmailIdentity, "cleo@example.com")
	second := w.in(cleo)
	id := w.sendTo(second.CustomerID)
	answer := w.letter(w.mail, "answer", "cleo@example.com", "Thank you!")
	payload(answer).InReplyTo = []string{id}
	if got := w.in(answer); got.CustomerID != second.CustomerID || got.ConversationID != second.ConversationID {
		t.Errorf("the answer stands with customer %d in conversation %d, want %d and %d", got.CustomerID, got.ConversationID, second.CustomerID, second.ConversationID)
	}
}

// TestReplyTokenProvesTheMailbox: the From of a mail only asserts; the answer that comes to the address we
// gave to that mailbox alone proves it. A Message-ID travels with every copy and proves nothing more, nor
// does the token in the hand of another sender.
func TestReplyTokenProvesTheMailbox(t *testing.T) {
	w := newWorld(t)
	ana := w.email("m1", "ana@example.com", "Desk", "Is it in stock?")
	leo := w.email("l1", "leo@example.com", "Lamp", "And the lamp?")
	id := w.sendTo(ana.CustomerID)
	evidence := func(address string) models.Evidence {
		at, err := store.IdentitiesAt(w.st.Read(w.Context()), models.EmailIdentity, "", address)
		w.must(err)
		return at[0].Evidence
	}
	answer := func(key, from string) models.Inbound { return w.letter(w.mail, key, from, "Thank you!") }

	byID := answer("by-id", "ana@example.com")
	payload(byID).InReplyTo = []string{id}
	w.in(byID)
	if got := evidence("ana@example.com"); got != models.Asserted {
		t.Errorf("a Message-ID made the address %s", got)
	}
	stranger := answer("stranger", "leo@example.com")
	payload(stranger).ReplyTokens = []string{w.replyToken(ana.ConversationID)}
	if got := w.in(stranger); got.CustomerID != leo.CustomerID {
		t.Error("a token led into another's thread")
	}
	if got := evidence("leo@example.com"); got != models.Asserted {
		t.Errorf("another's token made the address %s", got)
	}
	warned := answer("warned", "ana@example.com")
	payload(warned).ReplyTokens, payload(warned).Warning = []string{w.replyToken(ana.ConversationID)}, "It may not be from them."
	w.in(warned)
	if got := evidence("ana@example.com"); got != models.Asserted {
		t.Errorf("a mail whose sender is doubted made the address %s", got)
	}
	byToken := answer("by-token", "ana@example.com")
	payload(byToken).ReplyTokens = []string{w.replyToken(ana.ConversationID)}
	got := w.in(byToken)
	if evidence("ana@example.com") != models.Proved || got.CustomerID != ana.CustomerID {
		t.Errorf("the token left the address %s", evidence("ana@example.com"))
	}
}

// TestLanguageIsLearnt: what a later contact tells of language and time zone stands where nothing was known.
func TestLanguageIsLearnt(t *testing.T) {
	w := newWorld(t)
	ana := w.email("m1", "ana@example.com", "Desk", "Is it in stock?")
	for n, c := range []struct{ said, zone, language, place string }{{"pt-PT", "Nowhere/Land", "pt-PT", ""}, {"de", "Europe/Lisbon", "pt-PT", "Europe/Lisbon"}, {"", "Europe/Rome", "pt-PT", "Europe/Lisbon"}} {
		in := w.letter(w.mail, "more-"+strconv.Itoa(n), "ana@example.com", "More")
		in.Language, in.TimeZone = c.said, c.zone
		w.in(in)
		got, err := store.Customer(w.st.Read(w.Context()), ana.CustomerID)
		w.must(err)
		if got.Language != c.language || got.TimeZone != c.place {
			t.Errorf("after %q, %q: %q, %q", c.said, c.zone, got.Language, got.TimeZone)
		}
	}
}

// TestDelayStandsInTheThread: a report of a delay stands with the message it is about and leaves it as it
// is; one that names another address does not.
func TestDelayStandsInTheThread(t *testing.T) {
	w := newWorld(t)
	ana := w.email("m1", "ana@example.com", "Desk", "Is it in stock?")
	id := w.sendTo(ana.CustomerID)
	report := func(key, about string) models.Inbound {
		in := w.letter(w.mail, key, about, "Delivery is delayed")
		in.Hints[0] = typed(models.EmailIdentity, about)
		payload(in).Automatic, payload(in).InReplyTo = "delayed", []string{id}
		return in
	}
	if got := w.in(report("delay", "ana@example.com")); got.CustomerID != ana.CustomerID {
		t.Errorf("the report stands with customer %d, want %d", got.CustomerID, ana.CustomerID)
	}
	if got := w.in(report("other", "eve@example.com")); got.CustomerID == ana.CustomerID {
		t.Error("a report about another address reached Ana's thread")
	}
	for _, e := range w.thread(ana.CustomerID) {
		if e.Message != nil && e.Message.State == models.DeliveryBounced {
			t.Error("a delay marked the message as bounced")
		}
	}
}

// sendTo answers a customer by mail and tells the answer's Message-ID.
func (w *world) sendTo(customer models.ID) string {
	w.Helper()
	id, err := w.Reply(w.Context(), w.mia, ReplyInput{CustomerID: customer, Text: "Yes, in oak too."})
	w.must(err)
	_, m := w.message(id)
	return m.MessageID
}
