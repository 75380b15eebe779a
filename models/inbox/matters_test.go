package inbox

import (
	"testing"
	"time"

	"onethread/models"
	"onethread/models/store"
)

// A second conversation is for a separate matter: answers and what is answered to them stay with theirs.
func TestSeveralConversations(t *testing.T) {
	w := newWorld(t)
	number := w.withSMS(nil)
	mail := w.email("m1", "ana@example.com", "Desk", "Is the desk in stock?")
	text := w.sms(number, "s1", "+351912007031", models.MessageIn{Text: "hello"})
	if _, err := w.Merge(t.Context(), w.mia.ID, text.CustomerID, mail.CustomerID); err != nil {
		t.Fatal(err)
	}
	w.change(text.ConversationID, models.StatusClosed)
	ana := mail.CustomerID

	w.pass(time.Minute)
	lamp, err := w.OpenConversation(t.Context(), w.mia, ana, "The broken lamp")
	w.must(err)
	if c := w.conversation(lamp); c.Status != models.StatusOpen || c.AssigneeID != w.mia.ID || c.CustomerID != ana {
		t.Errorf("%+v", c)
	}
	if rows := w.rows("open"); len(rows) != 1 {
		t.Errorf("%d rows for one customer with two conversations", len(rows))
	}
	ways, err := w.Reach(t.Context(), ana)
	w.must(err)
	send := func(kind models.IdentityKind, conversation models.ID) {
		t.Helper()
		for _, way := range ways {
			if way.Kind == kind {
				_, err := w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana, ChannelID: way.ChannelID, IdentityID: way.IdentityID, Conversation: conversation, Text: "About that"})
				w.must(err)
			}
		}
	}
	w.pass(time.Minute)
	send(models.PhoneIdentity, lamp)
	w.pass(time.Minute)
	send(models.EmailIdentity, mail.ConversationID)
	w.pass(time.Minute)
	if got := w.sms(number, "s2", "+351912007031", models.MessageIn{Text: "It fell down"}); got.ConversationID != lamp {
		t.Errorf("an answer by SMS went to conversation %d, want the one last spoken of there, %d", got.ConversationID, lamp)
	}
	if got := w.email("m2", "ana@example.com", "Re: Desk", "Yes please", "m1"); got.ConversationID != mail.ConversationID {
		t.Errorf("an answer by mail went to conversation %d, want %d", got.ConversationID, mail.ConversationID)
	}
	note, err := w.Note(t.Context(), w.mia, NoteInput{CustomerID: ana, Conversation: lamp, Text: "Glass, insured"})
	w.must(err)
	if e, _ := w.message(note); e.ConversationID != lamp {
		t.Errorf("the note stands in conversation %d", e.ConversationID)
	}

	omar := w.email("m3", "omar@example.com", "Chair", "Hello")
	if _, err := w.Note(t.Context(), w.mia, NoteInput{CustomerID: omar.CustomerID, Conversation: lamp, Text: "x"}); !models.IsCode(err, models.Invalid) {
		t.Errorf("another customer's conversation was taken: %v", err)
	}
	if _, err := w.OpenConversation(t.Context(), w.mia, ana, "  "); !models.IsCode(err, models.Invalid) {
		t.Errorf("a conversation about nothing was opened: %v", err)
	}
}

func TestSnoozedUntilSomethingHappens(t *testing.T) {
	for _, x := range []struct {
		reason       string
		order, reply bool // wakes it
	}{{models.ForReply, false, true}, {models.ForOrder, true, true}} {
		t.Run(x.reason, func(t *testing.T) {
			w := newWorld(t)
			snooze := func(id models.ID) {
				t.Helper()
				w.must(w.Update(t.Context(), w.mia, id, Change{SnoozedFor: &x.reason}))
				if c := w.conversation(id); c.Status != models.StatusSnoozed || c.SnoozedFor != x.reason || c.SnoozedUntil != 0 {
					t.Fatalf("%+v", c)
				}
			}
			awake := func(id models.ID) bool {
				c := w.conversation(id)
				if c.Status == models.StatusOpen && c.SnoozedFor != "" {
					t.Errorf("awake, and still waiting for %s", c.SnoozedFor)
				}
				return c.Status == models.StatusOpen
			}
			ana := w.email("m1", "ana@example.com", "Desk", "Where is it?")
			snooze(ana.ConversationID)
			w.pass(300 * 24 * time.Hour)
			w.must(w.WakeDue(t.Context()))
			if awake(ana.ConversationID) {
				t.Error("time alone woke it")
			}
			placed := w.clock
			w.order("o1", "1042", "paid", "538.00", placed, asserted(models.EmailIdentity, "ana@example.com"))
			if got := awake(ana.ConversationID); got != x.order {
				t.Errorf("an order woke it: %v", got)
			}
			snooze(ana.ConversationID)
			w.order("o2", "1042", "paid", "538.00", placed, asserted(models.EmailIdentity, "ana@example.com")) // nothing new
			if awake(ana.ConversationID) {
				t.Error("a repetition of the store's woke it")
			}
			w.order("o3", "1042", "fulfilled", "538.00", placed.Add(time.Hour), asserted(models.EmailIdentity, "ana@example.com"))
			if got := awake(ana.ConversationID); got != x.order {
				t.Errorf("what became of the order woke it: %v", got)
			}
			snooze(ana.ConversationID)
			w.email("m2", "ana@example.com", "Re: Desk", "It came.", "m1")
			if got := awake(ana.ConversationID); got != x.reply {
				t.Errorf("a message woke it: %v", got)
			}
		})
	}
	w := newWorld(t)
	ana := w.email("m1", "ana@example.com", "Desk", "Where is it?")
	wrong := "rain"
	if err := w.Update(t.Context(), w.mia, ana.ConversationID, Change{SnoozedFor: &wrong}); !models.IsCode(err, models.Invalid) {
		t.Errorf("snoozed until it rains: %v", err)
	}
}

func TestBareThanks(t *testing.T) {
	for words, want := range map[string]bool{
		"Thanks!": true, "Thank you so much, Mia!": true, "ok great, thanks 🙏": true, "Perfeito, muito obrigada!": true, "Vielen lieben Dank für die schnelle Antwort": true,
		"Merci beaucoup": true, "ありがとうございます": true, "Gracias por todo 😊": true,
		"": false, "Great": false, "Thanks, but it is broken": false, "Thanks! When does it come?": false, "no thanks": false, "Thank you for nothing": false, "Thanks. Call me on 912007031": false,
		"Danke, aber der Tisch fehlt": false, "thanks https://evil.example": false, "Thanks Boris": false,
	} {
		if got := bareThanks(words, []string{"Mia Torres"}); got != want {
			t.Errorf("%q: %v", words, got)
		}
	}
}

func TestThanksOpensNothingWhereTheShopWantsThat(t *testing.T) {
	w := newWorld(t)
	ana := w.email("m1", "ana@example.com", "Desk", "Is it in stock?")
	w.change(ana.ConversationID, models.StatusClosed)
	w.email("m2", "ana@example.com", "Re: Desk", "Thanks!", "m1")
	if w.conversation(ana.ConversationID).Status != models.StatusOpen {
		t.Fatal("without the setting every message re-opens")
	}
	w.must(w.st.Write(t.Context(), func(tx *store.Tx) error { return store.SetSetting(tx, settingThanks, "1") }))
	w.change(ana.ConversationID, models.StatusClosed)
	in := w.email("m3", "ana@example.com", "Re: Desk", "Thank you so much!", "m1")
	if c := w.conversation(ana.ConversationID); in.ConversationID != ana.ConversationID || c.Status != models.StatusClosed || c.WaitingSince != 0 {
		t.Errorf("a bare thanks: %+v %+v", in, c)
	}
	w.email("m4", "ana@example.com", "Re: Desk", "Thanks! But which colour is it?", "m1")
	if c := w.conversation(ana.ConversationID); c.Status != models.StatusOpen || c.WaitingSince == 0 {
		t.Errorf("a question behind the thanks: %+v", c)
	}
	since := w.conversation(ana.ConversationID).WaitingSince
	w.pass(time.Minute)
	w.email("m5", "ana@example.com", "Re: Desk", "Thanks!", "m1")
	if c := w.conversation(ana.ConversationID); c.WaitingSince != since {
		t.Error("the question before the thanks still waits")
	}
	if omar := w.email("m6", "omar@example.com", "Hello", "Thanks a lot!"); omar.ConversationID == 0 || w.conversation(omar.ConversationID).Status != models.StatusOpen {
		t.Error("the first words of a stranger are seen, whatever they are")
	}
}
