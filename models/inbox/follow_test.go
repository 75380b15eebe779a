package inbox

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/outbox"
	"onethread/models/store"
)

// contact is an address typed in a browser.
func (w *world) contact(visitor string, h models.Hint) models.Ingested {
	w.Helper()
	hints := []models.Hint{{Kind: models.ChatIdentity, Scope: "webchat-key", Value: visitor, Evidence: models.Asserted, Reason: "this browser"}, h}
	return w.in(models.Inbound{ChannelID: w.chat, ExternalID: "contact:" + visitor + h.Value, Hints: hints, Payload: &models.ContactIn{}})
}

// browser is the chat identity of a visitor.
func (w *world) browser(visitor string) models.Identity {
	w.Helper()
	at, err := store.IdentitiesAt(w.st.Read(w.Context()), models.ChatIdentity, "webchat-key", visitor)
	w.must(err)
	if len(at) != 1 {
		w.Fatal("no such browser", visitor, at)
	}
	return at[0]
}

// answer is staff's answer in a browser's chat, sent.
func (w *world) answer(visitor, text string) models.ID {
	w.Helper()
	b := w.browser(visitor)
	id, err := w.Reply(w.Context(), w.mia, ReplyInput{CustomerID: b.CustomerID, ChannelID: w.chat, IdentityID: b.ID, Text: text})
	w.must(err)
	w.settle(id, models.DeliverySent)
	return id
}

// settle is the outbox's worker in one step: the message left.
func (w *world) settle(event models.ID, state string) {
	w.Helper()
	w.must(w.st.Write(w.Context(), func(tx *store.Tx) error {
		row, ok, err := store.OutboxOf(tx, event)
		if err != nil || !ok {
			return errors.Join(err, errors.New("the message is not in the outbox"))
		}
		e, err := store.Event(tx, event)
		if err != nil {
			return err
		}
		_, err = outbox.Record(tx, e, state, "", "chat-"+event.String())
		return errors.Join(err, store.FinishOutbox(tx, row.ID, "done", ""))
	}))
}

// followed lists what followed a customer out of the chat.
func (w *world) followed(customer models.ID) (out []store.Entry) {
	for _, e := range w.thread(customer) {
		if e.Message != nil && e.Message.Automatic == followUp {
			out = append(out, e)
		}
	}
	return out
}

func (w *world) follows() {
	w.Helper()
	w.must(w.Follow(w.Context(), w.st.Now()))
}

// chatOf is what a browser's chat shows.
func (w *world) chatOf(visitor string) (out []string) {
	w.Helper()
	list, err := store.VisitorMessages(w.st.Read(w.Context()), w.browser(visitor).ID, w.chat, 0, 100)
	w.must(err)
	for _, m := range list {
		out = append(out, string(m.Direction)+": "+m.Text)
	}
	return out
}

func TestAnswersFollowAVisitorOnce(t *testing.T) {
	w := newWorld(t)
	away := true
	w.Online = func(models.ID) bool { return !away }
	ana := w.chatFrom("v1", "c1", "Is the desk in stock?")
	w.contact("v1", typed(models.EmailIdentity, "Ana@Example.com"))
	w.answer("v1", "Yes, two are left.")
	w.pass(time.Minute)
	w.answer("v1", "Shall we keep one?")
	w.pass(time.Minute + 59*time.Second)
	w.follows()
	if got := w.followed(ana.CustomerID); len(got) != 0 {
		t.Fatal("too early:", got)
	}
	away = false
	w.pass(time.Second)
	w.follows()
	if got := w.followed(ana.CustomerID); len(got) != 0 {
		t.Fatal("the visitor is there:", got)
	}
	away = true
	for range 3 {
		w.follows()
		w.pass(time.Minute)
	}
	got := w.followed(ana.CustomerID)
	if len(got) != 1 {
		t.Fatalf("%d mails, want one", len(got))
	}
	m := got[0].Message
	for _, want := range []string{"Yes, two are left.\n\nShall we keep one?", "> Is the desk in stock?"} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("the mail lacks %q:\n%s", want, m.Text)
		}
	}
	if m.ToAddress != "ana@example.com" || m.State != models.DeliveryQueued || got[0].ConversationID != ana.ConversationID || got[0].UserID != w.mia.ID || m.Subject == "" {
		t.Errorf("%+v", got[0])
	}
	row, ok, err := store.OutboxOf(w.st.Read(t.Context()), got[0].ID)
	w.must(err)
	if !ok || !strings.Contains(row.Content, `"from_name":"Mia"`) || !strings.Contains(row.Content, w.replyToken(ana.ConversationID)) {
		t.Error(row)
	}
	if text := strings.Join(w.chatOf("v1"), "\n"); strings.Count(text, "two are left") != 1 {
		t.Error("what followed the visitor must not stand in the chat again:", text)
	}
	w.answer("v1", "It is kept until Friday.")
	w.pass(2 * time.Minute)
	w.follows()
	if got = w.followed(ana.CustomerID); len(got) != 2 || strings.Contains(got[1].Message.Text, "two are left") {
		t.Errorf("the next answer goes by itself: %+v", got)
	}
}

// TestFilesFollowAVisitor: an answer's files go along; where one has been lost they are named.
func TestFilesFollowAVisitor(t *testing.T) {
	w := newWorld(t)
	w.Online = func(models.ID) bool { return false }
	answer := func(visitor string) {
		file, err := w.Upload(t.Context(), UserUploads(w.mia.ID), "plan.txt", "text/plain", strings.NewReader("the plan of "+visitor))
		w.must(err)
		b := w.browser(visitor)
		id, err := w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: b.CustomerID, ChannelID: w.chat, IdentityID: b.ID, Text: "Here is the plan.", Attachments: []models.ID{file.ID}})
		w.must(err)
		w.settle(id, models.DeliverySent)
		w.pass(3 * time.Minute)
		if visitor == "lost" {
			w.must(os.Remove(filepath.Join(w.st.Dir(), "files", file.SHA256[:2], file.SHA256[2:])))
		}
		w.follows()
	}
	for visitor, c := range map[string]struct {
		kind  models.IdentityKind
		value string
		words string
		files int
	}{"mail": {models.EmailIdentity, "ana@example.com", "[plan.txt, attached]", 1},
		"lost": {models.EmailIdentity, "leo@example.com", "[plan.txt, to be found in the chat]", 0}} {
		who := w.chatFrom(visitor, "c-"+visitor, "Have you got a plan?")
		w.contact(visitor, typed(c.kind, c.value))
		answer(visitor)
		got := w.followed(who.CustomerID)
		if len(got) != 1 {
			t.Fatalf("%s: %d followed", visitor, len(got))
		}
		if !strings.Contains(got[0].Message.Text, c.words) || len(got[0].Attachments) != c.files {
			t.Errorf("%s: %d files, %q", visitor, len(got[0].Attachments), got[0].Message.Text)
		}
	}
}

func TestAnswerComesBackIntoTheChat(t *testing.T) {
	w := newWorld(t)
	ana := w.chatFrom("v1", "c1", "Is the desk in stock?")
	w.contact("v1", typed(models.EmailIdentity, "ana@example.com"))
	w.answer("v1", "Yes.")
	w.pass(2 * time.Minute)
	w.follows()
	mail := w.followed(ana.CustomerID)[0]
	w.settle(mail.ID, models.DeliverySent)

	reply := w.email("r1", "ana@example.com", "Re: answer", "Wonderful, keep one.", mail.Message.MessageID)
	if reply.CustomerID != ana.CustomerID || reply.ConversationID != ana.ConversationID {
		t.Fatal("the answer is in another thread", reply)
	}
	id, err := w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana.CustomerID, ChannelID: w.mail, Text: "Kept."})
	w.must(err)
	if got := w.chatOf("v1"); len(got) != 4 || got[2] != "in: Wonderful, keep one." || got[3] != "out: Kept." {
		t.Error(got)
	}
	w.settle(id, models.DeliverySent)
	// A letter of its own is the mailbox's, whatever conversation it joins; so is what answers it.
	private := w.email("r2", "ana@example.com", "My invoice", "My card ends in 4242.")
	if private.ConversationID != ana.ConversationID {
		t.Fatal("it joins the open conversation")
	}
	if _, err = w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana.CustomerID, ChannelID: w.mail, Text: "The card is known."}); err != nil {
		t.Fatal(err)
	}
	w.in(models.Inbound{ChannelID: w.mail, ExternalID: "ooo", ReceivedAt: w.st.Now(), Hints: []models.Hint{asserted(models.EmailIdentity, "ana@example.com")},
		Payload: &models.MessageIn{Text: "I am out of office", MessageID: "ooo", InReplyTo: []string{mail.Message.MessageID}, Automatic: "auto_reply"}})
	if got := strings.Join(w.chatOf("v1"), "\n"); strings.Contains(got, "4242") || strings.Contains(got, "card") || strings.Contains(got, "office") {
		t.Error("the chat shows a mail that is none of it:", got)
	}
	if other := w.followed(ana.CustomerID); len(other) != 1 {
		t.Error("an automatic answer was answered", other)
	}
}

// Someone types another person's address: that person gets the shop's answer to it and nothing else
// happens to them; the browser sees nothing of theirs, not even what they answer.
func TestTypedAddressOfSomebodyElse(t *testing.T) {
	w := newWorld(t)
	ana := w.email("m1", "ana@example.com", "Desk", "my secret order")
	w.order("o1", "1042", "paid", "538.00", w.clock, asserted(models.EmailIdentity, "ana@example.com"))
	mallory := w.chatFrom("v1", "c1", "Buy at https://evil.example/now or www.evil.example")
	w.contact("v1", typed(models.EmailIdentity, "ana@example.com"))
	w.answer("v1", "We do not understand.")
	w.pass(2 * time.Minute)
	w.follows()
	got := w.followed(mallory.CustomerID)
	if len(got) != 1 || len(w.followed(ana.CustomerID)) != 0 {
		t.Fatal("it belongs to the visitor's thread alone", got)
	}
	text := got[0].Message.Text + got[0].Message.Subject
	for _, bad := range []string{"secret", "1042", "538", "evil.example"} {
		if strings.Contains(text, bad) {
			t.Errorf("the mail says %q:\n%s", bad, text)
		}
	}
	row, _, err := store.OutboxOf(w.st.Read(t.Context()), got[0].ID)
	w.must(err)
	if strings.Contains(row.Content, "m1") {
		t.Error("it refers to her mail", row.Content)
	}
	w.settle(got[0].ID, models.DeliverySent)
	reply := w.email("r1", "ana@example.com", "Re: ?", "I did not write this. My order is 1042.", got[0].Message.MessageID)
	if reply.CustomerID != ana.CustomerID {
		t.Fatal("her words are in somebody else's thread")
	}
	if chat := strings.Join(w.chatOf("v1"), "\n"); strings.Contains(chat, "1042") {
		t.Error("the browser sees her words:", chat)
	}
}

func TestWhatFollowsNobody(t *testing.T) {
	for name, c := range map[string]func(w *world, customer models.ID){
		"read": func(w *world, _ models.ID) {
			for _, e := range w.thread(w.browser("v1").CustomerID) {
				if e.Message != nil && e.Message.ProviderID != "" {
					w.in(models.Inbound{ChannelID: w.chat, ExternalID: "read" + e.ID.String(), Payload: &models.DeliveryIn{ProviderID: e.Message.ProviderID, State: models.DeliveryRead}})
				}
			}
		},
		"spam": func(w *world, customer models.ID) {
			c, _, err := store.CurrentConversation(w.st.Read(w.Context()), customer)
			w.must(err)
			yes := true
			w.must(w.Update(w.Context(), w.mia, c.ID, Change{Spam: &yes}))
		},
		"off": func(w *world, _ models.ID) { w.set(w.chat, followUp, "off") },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			ana := w.chatFrom("v1", "c1", "Hello?")
			w.contact("v1", typed(models.EmailIdentity, "ana@example.com"))
			w.answer("v1", "Hello!")
			c(w, ana.CustomerID)
			w.pass(time.Hour)
			w.follows()
			if got := w.followed(ana.CustomerID); len(got) != 0 {
				t.Error(got)
			}
			if due, err := store.WaitsDue(w.st.Read(t.Context()), w.st.Now(), store.ChatWait{}, 10); err != nil || len(due) != 0 {
				t.Error("it is still waited for", due, err)
			}
		})
	}
}

// set changes one setting of a channel.
func (w *world) set(channel models.ID, key, value string) {
	w.Helper()
	c, err := w.st.Channel(w.st.Read(w.Context()), channel)
	w.must(err)
	c.Settings[key] = value
	w.must(w.st.Write(w.Context(), func(tx *store.Tx) error {
		return store.UpdateChannel(tx, c, func(k string) bool { return k == "password" })
	}))
}

func TestFollowWaitsForAnAddress(t *testing.T) {
	w := newWorld(t)
	ana := w.chatFrom("v1", "c1", "Hello?")
	w.answer("v1", "Hello!")
	w.pass(time.Hour)
	w.follows()
	w.contact("v1", typed(models.EmailIdentity, "ana@example.com"))
	w.follows()
	if len(w.followed(ana.CustomerID)) != 0 {
		t.Error("they are there: they have just typed")
	}
	w.pass(2 * time.Minute)
	w.follows()
	if len(w.followed(ana.CustomerID)) != 1 {
		t.Error("the answer did not follow to the address that was left")
	}
}

// An address typed in an earlier conversation of a browser may be that of whoever sat there before.
func TestFollowForgetsOldTyping(t *testing.T) {
	w := newWorld(t)
	first := w.chatFrom("v1", "c1", "Hello?")
	w.contact("v1", typed(models.EmailIdentity, "ana@example.com"))
	closed := models.StatusClosed
	w.must(w.Update(t.Context(), w.mia, first.ConversationID, Change{Status: &closed}))
	w.pass(48 * time.Hour)
	second := w.chatFrom("v1", "c2", "Somebody else is at this computer.")
	if second.ConversationID == first.ConversationID {
		t.Fatal("it must be a new conversation")
	}
	w.answer("v1", "Hello!")
	w.pass(time.Hour)
	w.follows()
	if got := w.followed(first.CustomerID); len(got) != 0 {
		t.Error(got)
	}
}

func TestFollowBySMS(t *testing.T) {
	w := newWorld(t)
	number := w.withSMS(nil)
	ana := w.chatFrom("v1", "c1", "Hello?")
	w.contact("v1", typed(models.PhoneIdentity, "+351 912 007 031"))
	w.answer("v1", strings.Repeat("long ", 400))
	w.pass(2 * time.Minute)
	w.follows()
	got := w.followed(ana.CustomerID)
	if len(got) != 1 || got[0].Message.ToAddress != "+351912007031" || len([]rune(got[0].Message.Text)) > 1600 {
		t.Fatalf("%+v", got)
	}
	w.settle(got[0].ID, models.DeliverySent)
	if thanks := w.sms(number, "SM1", "+351912007031", models.MessageIn{Text: "Thanks!"}); thanks.CustomerID != ana.CustomerID || thanks.ConversationID != ana.ConversationID {
		t.Error("the answer by SMS is in another thread", thanks)
	}
	if chat := w.chatOf("v1"); chat[len(chat)-1] != "in: Thanks!" {
		t.Error(chat)
	}
	w.sms(number, "SM2", "+351912007031", models.MessageIn{Text: "Stop", Consent: models.OptedOutState, Automatic: "consent"})
	w.answer("v1", "Anything else?")
	w.pass(2 * time.Minute)
	w.follows()
	if got := w.followed(ana.CustomerID); len(got) != 1 {
		t.Error("a number that opted out got one more")
	}
}

// The visitor left a moment ago, long after the answer: two minutes count from their leaving.
func TestFollowCountsFromLeaving(t *testing.T) {
	w := newWorld(t)
	var left models.Time
	w.Left = func(models.ID) models.Time { return left }
	ana := w.chatFrom("v1", "c1", "Hello?")
	w.contact("v1", typed(models.EmailIdentity, "ana@example.com"))
	w.answer("v1", "Hello!")
	w.pass(time.Hour)
	left = w.st.Now().Add(-time.Minute)
	w.follows()
	if len(w.followed(ana.CustomerID)) != 0 {
		t.Error("a minute is too early")
	}
	w.pass(time.Minute)
	w.follows()
	if len(w.followed(ana.CustomerID)) != 1 {
		t.Error("nothing followed")
	}
}

// A merge that is undone takes back what the browser was shown.
func TestSharesEndWithTheCustomer(t *testing.T) {
	w := newWorld(t)
	v := w.chatFrom("v1", "c1", "Hello?")
	ana := w.email("m1", "ana@example.com", "Desk", "first mail")
	merge, err := w.Merge(t.Context(), w.mia.ID, v.CustomerID, ana.CustomerID)
	w.must(err)
	w.answer("v1", "Hello!")
	w.pass(2 * time.Minute)
	w.follows()
	mail := w.followed(ana.CustomerID)
	if len(mail) != 1 {
		t.Fatal("the known address is used", mail)
	}
	w.settle(mail[0].ID, models.DeliverySent)
	w.email("r1", "ana@example.com", "Re", "my answer", mail[0].Message.MessageID)
	if got := strings.Join(w.chatOf("v1"), "\n"); !strings.Contains(got, "my answer") || strings.Contains(got, "first mail") {
		t.Fatal(got)
	}
	w.must(w.Unmerge(t.Context(), w.mia.ID, merge))
	if got := strings.Join(w.chatOf("v1"), "\n"); strings.Contains(got, "my answer") {
		t.Error("it is still shown:", got)
	}
}
