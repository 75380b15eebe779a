package privacy_test

import (
	"slices"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/inbox"
	"onethread/models/privacy"
	"onethread/models/store"
)

const day = 24 * time.Hour

// TestRulesRemoveWhatIsOld: each rule takes what is old enough, leaves what is not, and no trace.
func TestRulesRemoveWhatIsOld(t *testing.T) {
	w := newWorld(t)
	visit := func(page string) {
		w.in(models.Inbound{ChannelID: w.chat, ExternalID: page, OccurredAt: w.st.Now(), Hints: []models.Hint{{Kind: models.ChatIdentity, Scope: "webchat-key", Value: "visitorvera", Evidence: models.Proved}}, Payload: &models.PageViewIn{URL: "https://casa.example/" + page}})
	}
	closed := models.StatusClosed
	visit("pageold")
	ana := w.in(w.letter("a1", "ana@example.com", "Ana", "oldwords here", file("oldfile.txt", "oldcontent")))
	_, err := w.Note(t.Context(), w.mia, inbox.NoteInput{CustomerID: ana.CustomerID, Text: "oldnote"})
	w.must(err)
	w.must(w.Update(t.Context(), w.mia, ana.ConversationID, inbox.Change{Status: &closed}))
	open := w.in(w.letter("o1", "olga@example.com", "Olga", "openwords"))
	w.in(models.Inbound{ChannelID: w.mail, ExternalID: "u1", Payload: &models.UnreadableIn{Reason: "broken"}, Raw: []byte("oddraw"), RawType: "message/rfc822"})
	spam := w.letter("s1", "spam@example.com", "Spammer", "spamwords")
	spam.Payload.(*models.MessageIn).Spam = true
	w.in(spam)
	silent := w.in(w.letter("q1", "quentin@example.com", "Quentin Quiet", "quietwords"))
	w.must(w.Update(t.Context(), w.mia, silent.ConversationID, inbox.Change{Status: &closed}))
	w.pass(100 * day)
	visit("pagenew")
	w.in(w.letter("a2", "ana@example.com", "Ana", "newwords"))
	w.in(models.Inbound{ChannelID: w.mail, ExternalID: "u2", Payload: &models.UnreadableIn{Reason: "broken"}, Raw: []byte("freshodd"), RawType: "message/rfc822"})

	rules := privacy.Rules{PageDays: 30, OddDays: 30, WordMonths: 2, SilentMonths: 3}
	count, err := w.Preview(t.Context(), rules)
	w.must(err)
	if count != (privacy.Counted{Pages: 1, Odd: 2, Words: 4, Silent: 2}) {
		t.Errorf("the preview: %+v", count)
	}
	w.must(w.Privacy.Sweep(t.Context()))
	if len(w.found("oldwords")) == 0 || len(w.found("pageold")) == 0 {
		t.Fatal("something was removed before a rule was set")
	}
	w.must(w.SetRules(t.Context(), rules))
	w.must(w.Privacy.Sweep(t.Context()))
	if left := w.found("pageold", "oldwords", "oldfile", "oldcontent", "oldnote", "oddraw", "spamwords", "Quentin", "quietwords"); len(left) > 0 {
		t.Errorf("still there: %q", left)
	}
	for _, word := range []string{"pagenew", "newwords", "openwords", "freshodd", "ana@example.com"} {
		if len(w.found(word)) == 0 {
			t.Error("gone, but it is not old:", word)
		}
	}
	m, err := store.Message(w.st.Read(t.Context()), ana.EventID)
	if err != nil || m.RedactedAt == 0 || m.Text != "" {
		t.Errorf("that a message was there stays: %+v %v", m, err)
	}
	if again := w.in(spam); again.CustomerID != 0 {
		t.Error("the same spam came back")
	}
	if e, err := store.Event(w.st.Read(t.Context()), open.EventID); err != nil || e.ID == 0 {
		t.Error("an open conversation is left alone:", err)
	}
	last := w.lines("SELECT max(id) FROM events")
	w.must(w.Privacy.Sweep(t.Context()))
	if !slices.Equal(last, w.lines("SELECT max(id) FROM events")) {
		t.Error("sweeping again did something")
	}
	for _, bad := range []privacy.Rules{{PageDays: -1}, {WordMonths: 1000}} {
		if err := w.SetRules(t.Context(), bad); !models.IsCode(err, models.Invalid) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

// TestOneMessageLosesItsWords: everywhere, and reading the mails again does not bring them back.
func TestOneMessageLosesItsWords(t *testing.T) {
	w := newWorld(t)
	card := w.in(w.letter("c1", "ana@example.com", "Ana", "cardnumber 4111", file("cardscan.txt", "scanned")))
	w.in(w.letter("c2", "ana@example.com", "Ana", "harmless"))
	w.must(w.Redact(t.Context(), w.mia.ID, card.EventID))
	if left := w.found("cardnumber", "cardscan", "scanned", "About c1"); len(left) > 0 {
		t.Errorf("still there: %q", left)
	}
	if len(w.found("harmless")) == 0 {
		t.Error("the next message lost its words too")
	}
	if told := w.lines("SELECT ref_id FROM events WHERE kind = 'erased'"); len(told) != 1 || told[0] != card.EventID.String() {
		t.Error("other screens are not told:", told)
	}
	if again := w.in(w.letter("c1", "ana@example.com", "Ana", "cardnumber 4111")); again.EventID != card.EventID {
		t.Error("the same mail came back as", again.EventID)
	}
	if left := w.found("cardnumber", "scanned"); len(left) > 0 {
		t.Errorf("the same mail brought it back: %q", left)
	}
	reply, err := w.Reply(t.Context(), w.mia, inbox.ReplyInput{CustomerID: card.CustomerID, Text: "wait"})
	w.must(err)
	if err := w.Redact(t.Context(), w.mia.ID, reply); !models.IsCode(err, models.Conflict) {
		t.Error("a message on its way:", err)
	}
}
