package inbox

import (
	"context"
	"strings"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/store"
)

// letter is what the email integration makes of a mail, ready to be changed.
func (w *world) letter(channel models.ID, id, from, text string) models.Inbound {
	return models.Inbound{ChannelID: channel, ExternalID: "mail-" + id, Anywhere: true, OccurredAt: w.st.Now(), ReceivedAt: w.st.Now(), Name: "Somebody",
		Hints:   []models.Hint{asserted(models.EmailIdentity, from)},
		Payload: &models.MessageIn{Subject: "Desk", Text: text, MessageID: id + "@example.com"}}
}

func (w *world) change(conversation models.ID, status string) {
	w.Helper()
	w.must(w.Update(w.Context(), w.mia, conversation, Change{Status: &status}))
}

func (w *world) conversation(id models.ID) models.Conversation {
	w.Helper()
	c, err := store.Conversation(w.st.Read(w.Context()), id)
	w.must(err)
	return c
}

func payload(in models.Inbound) *models.MessageIn { return in.Payload.(*models.MessageIn) }

func (w *world) message(id models.ID) (models.Event, models.Message) {
	w.Helper()
	e, err := store.Event(w.st.Read(w.Context()), id)
	w.must(err)
	m, err := store.Message(w.st.Read(w.Context()), id)
	w.must(err)
	return e, m
}

func (w *world) secondMailbox() models.ID {
	w.Helper()
	var id models.ID
	w.must(w.st.Write(w.Context(), func(tx *store.Tx) (err error) {
		id, err = store.AddChannel(tx, models.Channel{Type: "email", Name: "Sales", Key: "sales", Settings: map[string]string{"address": "sales@casa.example"}}, func(string) bool { return false })
		return err
	}))
	return id
}

// TestOneMailInTwoMailboxes: the same mail to two of the shop's addresses stands once.
func TestOneMailInTwoMailboxes(t *testing.T) {
	w := newWorld(t)
	sales := w.secondMailbox()
	first := w.in(w.letter(w.mail, "m1", "ana@example.com", "Is the desk in stock?"))
	copied := w.in(w.letter(sales, "m1", "ana@example.com", "Is the desk in stock?"))
	if !copied.Duplicate || copied.EventID != first.EventID {
		t.Errorf("the copy in the other mailbox: %+v, want %+v", copied, first)
	}
	footer := w.letter(sales, "m1-footer", "ana@example.com", "Is the desk in stock?\n-- \nsales list, unsubscribe below")
	payload(footer).MessageID, payload(footer).Subject = "m1@example.com", "[sales] Desk"
	if listed := w.in(footer); listed.EventID != first.EventID {
		t.Errorf("the same mail by a mailing list: %+v", listed)
	}
	reused := w.letter(sales, "m1-reused", "ana@example.com", "Quite another matter: my lamp is broken.")
	payload(reused).MessageID = "m1@example.com"
	if other := w.in(reused); other.EventID == first.EventID || other.CustomerID != first.CustomerID {
		t.Errorf("another mail under a Message-ID that its program used before: %+v", other)
	}
	stranger := w.letter(sales, "m1-stranger", "eve@example.com", "Is the desk in stock?")
	payload(stranger).MessageID = "m1@example.com"
	if other := w.in(stranger); other.CustomerID == first.CustomerID {
		t.Error("a stranger's mail under Ana's Message-ID became a copy of hers")
	}
}

// TestQuotesAnotherCustomer: whose References lead into another's thread stays in their own, with a link.
func TestQuotesAnotherCustomer(t *testing.T) {
	w := newWorld(t)
	bea := w.in(w.letter(w.mail, "b1", "bea@example.com", "Where is my parcel?"))
	in := w.letter(w.mail, "a1", "ana@example.com", "Me too.")
	payload(in).References = []string{"nothing@example.com", "b1@example.com"}
	ana := w.in(in)
	if ana.CustomerID == bea.CustomerID || ana.ConversationID == bea.ConversationID {
		t.Fatalf("A's mail landed with B: %+v %+v", ana, bea)
	}
	if _, m := w.message(ana.EventID); m.QuotesID != bea.EventID {
		t.Errorf("quotes %v, want %v", m.QuotesID, bea.EventID)
	}
	token := w.letter(w.mail, "a2", "ana@example.com", "And this?")
	payload(token).Markers = []string{w.replyToken(bea.ConversationID)}
	if again := w.in(token); again.ConversationID != ana.ConversationID {
		t.Errorf("a marker that Ana copied from Bea's mail led her to %+v", again)
	}
}

// TestMarkerFindsItsConversation where a mail program dropped every header.
func TestMarkerFindsItsConversation(t *testing.T) {
	w := newWorld(t)
	first := w.in(w.letter(w.mail, "m1", "ana@example.com", "Desk?"))
	w.change(first.ConversationID, models.StatusClosed)
	w.pass(48 * time.Hour)
	second := w.in(w.letter(w.mail, "m2", "ana@example.com", "Lamp?"))
	if second.ConversationID == first.ConversationID {
		t.Fatal("no second conversation")
	}
	w.change(first.ConversationID, models.StatusOpen)
	in := w.letter(w.mail, "m3", "ana@example.com", "About the desk again")
	payload(in).Markers = []string{"7.forged", w.replyToken(first.ConversationID)}
	if third := w.in(in); third.ConversationID != first.ConversationID {
		t.Errorf("in %v, want %v", third.ConversationID, first.ConversationID)
	}
}

// TestParticipant: who was in copy writes into the customer's conversation; a stranger with stolen ids does not.
func TestParticipant(t *testing.T) {
	w := newWorld(t)
	in := w.letter(w.mail, "m1", "ana@example.com", "My husband is in copy.")
	payload(in).CC = "Bob <bob@example.com>, Sales <sales@casa.example>"
	w.secondMailbox()
	ana := w.in(in)
	answer := func(id, from string) models.Inbound {
		in := w.letter(w.mail, id, from, "I can be there at ten.")
		payload(in).InReplyTo, payload(in).CC = []string{"m1@example.com"}, "ana@example.com, carl@example.com"
		return in
	}
	bob := w.in(answer("m2", "Bob@Example.com"))
	if bob.CustomerID != ana.CustomerID || bob.ConversationID != ana.ConversationID {
		t.Fatalf("Bob's answer went elsewhere: %+v, want %+v", bob, ana)
	}
	e, m := w.message(bob.EventID)
	if m.CC != "bob@example.com, carl@example.com" || !strings.Contains(e.Data, `"address":"bob@example.com"`) || !strings.Contains(e.Data, `"participant":true`) {
		t.Errorf("CC %q, data %s", m.CC, e.Data)
	}
	ways, err := w.Reach(t.Context(), ana.CustomerID)
	w.must(err)
	if len(ways) == 0 || ways[0].Address != "ana@example.com" || ways[0].CC != "bob@example.com, carl@example.com" {
		t.Errorf("the answer to all goes to %+v", ways)
	}
	for name, in := range map[string]models.Inbound{"a stranger": answer("m3", "eve@example.com"), "our own other mailbox": answer("m4", "sales@casa.example")} {
		if out := w.in(in); out.CustomerID == ana.CustomerID {
			t.Errorf("%s wrote into Ana's conversation", name)
		}
	}
	forged := answer("m5", "carl@example.com")
	payload(forged).Warning = "Sender not verified"
	if out := w.in(forged); out.CustomerID == ana.CustomerID {
		t.Error("a sender that our server does not believe wrote into Ana's conversation")
	}
	if own := w.in(answer("m6", "ana@example.com")); own.CustomerID != ana.CustomerID || own.ConversationID != ana.ConversationID {
		t.Errorf("Ana's own answer: %+v", own)
	}
	_, err = w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana.CustomerID, Text: "Ten it is.", CC: "dora@example.com"})
	w.must(err)
	last := w.in(func() models.Inbound {
		in := answer("m7", "dora@example.com")
		payload(in).InReplyTo = []string{"m2@example.com"}
		return in
	}())
	if last.ConversationID != ana.ConversationID {
		t.Errorf("whom staff took in copy: %+v", last)
	}
}

// TestSpam: a stranger's spam stands in its own list, unread by nobody; a known customer's is shown.
func TestSpam(t *testing.T) {
	w := newWorld(t)
	spam := func(id, from string) models.Ingested {
		in := w.letter(w.mail, id, from, "Cheap desks!")
		payload(in).Spam = true
		return w.in(in)
	}
	list := func(f store.InboxFilter) []store.InboxRow {
		f.Viewer, f.Limit = w.mia.ID, 10
		rows, err := store.Inbox(w.st.Read(t.Context()), f)
		w.must(err)
		return rows
	}
	one := spam("s1", "eve@example.com")
	if two := spam("s2", "eve@example.com"); two.ConversationID != one.ConversationID {
		t.Errorf("her second spam began another conversation: %+v", two)
	}
	rows := list(store.InboxFilter{Status: models.StatusClosed, Spam: true})
	if len(rows) != 1 || rows[0].CustomerID != one.CustomerID || rows[0].Unread != 0 {
		t.Errorf("the list of spam: %+v", rows)
	}
	for _, status := range []string{models.StatusOpen, models.StatusClosed, "all"} {
		if rows := list(store.InboxFilter{Status: status}); len(rows) != 0 {
			t.Errorf("spam in the list %q: %+v", status, rows)
		}
	}
	ana := w.in(w.letter(w.mail, "m1", "ana@example.com", "Desk?"))
	if known := spam("s3", "ana@example.com"); known.ConversationID != ana.ConversationID {
		t.Errorf("a known customer's mail: %+v", known)
	} else if _, m := w.message(known.EventID); !strings.Contains(m.Warning, "spam") {
		t.Errorf("no warning: %q", m.Warning)
	}
	honest := w.in(w.letter(w.mail, "m2", "eve@example.com", "Sorry, I really have a question."))
	if rows := list(store.InboxFilter{Status: models.StatusOpen, Customer: one.CustomerID}); len(rows) != 1 || rows[0].ConversationID != honest.ConversationID {
		t.Errorf("what is no spam was not shown: %+v", rows)
	}
	yes, no := true, false
	w.must(w.Update(t.Context(), w.mia, honest.ConversationID, Change{Spam: &yes}))
	if rows := list(store.InboxFilter{Status: models.StatusClosed, Spam: true}); len(rows) != 1 {
		t.Errorf("marked by staff: %+v", rows)
	}
	w.must(w.Update(t.Context(), w.mia, honest.ConversationID, Change{Spam: &no}))
	if c := w.conversation(honest.ConversationID); c.Status != models.StatusOpen || c.Spam {
		t.Errorf("taken back: %+v", c)
	}
}

// TestAutomaticAnswer: once a day, to people alone.
func TestAutomaticAnswer(t *testing.T) {
	w := newWorld(t)
	box := w.secondMailbox()
	w.must(w.st.Write(t.Context(), func(tx *store.Tx) error {
		return store.UpdateChannel(tx, models.Channel{ID: box, Name: "Sales", Settings: map[string]string{"address": "sales@casa.example", "auto_answer": "Thank you. We answer within a day."}}, func(string) bool { return false })
	}))
	answers := func(customer models.ID) (n int) {
		for _, e := range w.thread(customer) {
			if e.Direction == models.Out {
				n++
			}
		}
		return n
	}
	say := func(id, from string, change func(*models.Inbound, *models.MessageIn)) models.Ingested {
		in := w.letter(box, id, from, "Hello "+id)
		in.OccurredAt, in.ReceivedAt = 0, 0
		if change != nil {
			change(&in, payload(in))
		}
		return w.in(in)
	}
	ana := say("m1", "ana@example.com", nil)
	if n := answers(ana.CustomerID); n != 1 {
		t.Fatalf("%d answers to the first mail", n)
	}
	c := w.conversation(ana.ConversationID)
	if c.WaitingSince == 0 || c.FirstReplyAt != 0 {
		t.Errorf("an automatic answer counts as ours: %+v", c)
	}
	say("m2", "ana@example.com", nil)
	w.change(ana.ConversationID, models.StatusClosed)
	w.pass(25 * time.Hour)
	if again := say("m3", "ana@example.com", nil); again.ConversationID == ana.ConversationID || answers(ana.CustomerID) != 2 {
		t.Errorf("a day later: %d answers, %+v", answers(ana.CustomerID), again)
	}
	for name, change := range map[string]func(*models.Inbound, *models.MessageIn){
		"auto_reply": func(_ *models.Inbound, m *models.MessageIn) { m.Automatic = "auto_reply" },
		"list":       func(_ *models.Inbound, m *models.MessageIn) { m.Automatic = "list" },
		"no-reply":   func(_ *models.Inbound, m *models.MessageIn) { m.NoReply = true },
		"spam":       func(_ *models.Inbound, m *models.MessageIn) { m.Spam = true },
		"unverified": func(_ *models.Inbound, m *models.MessageIn) { m.Warning = "Sender not verified" },
		"typed":      func(in *models.Inbound, _ *models.MessageIn) { in.Hints[0].Evidence = models.Typed },
		"old":        func(in *models.Inbound, _ *models.MessageIn) { in.Silent = true },
		"our own":    func(_ *models.Inbound, m *models.MessageIn) { m.Direction = models.Out },
	} {
		if out := say("x-"+name, name+"@example.com", change); answers(out.CustomerID) > map[string]int{"our own": 1}[name] {
			t.Errorf("%s was answered", name)
		}
	}
}

// TestReread: a version that understands mail better reads the kept ones again.
func TestReread(t *testing.T) {
	w := newWorld(t)
	plain := w.letter(w.mail, "m1", "ana@example.com", "Thanks!\n> Is it blue?")
	plain.Raw, plain.RawType = []byte("raw m1"), "message/rfc822"
	first := w.in(plain)
	broken := models.Inbound{ChannelID: w.mail, ExternalID: "raw-2", Raw: []byte("raw m2"), RawType: "message/rfc822", Payload: &models.UnreadableIn{Reason: "too odd"}}
	w.in(broken)
	better := func(k models.Kept) models.Inbound {
		in := w.letter(w.mail, strings.TrimPrefix(string(k.Raw), "raw "), "ana@example.com", "Thanks!\n> Is it blue?")
		payload(in).ReplyText = "Thanks!"
		return in
	}
	reader := func(context.Context, models.ID) (func(models.Kept) models.Inbound, bool) { return better, true }
	dry, err := w.Reread(t.Context(), reader, 0, true)
	w.must(err)
	if want := (Rereading{Looked: 2, Changed: 1, Readable: 1}); dry != want {
		t.Errorf("dry: %+v, want %+v", dry, want)
	}
	if _, m := w.message(first.EventID); m.ReplyText != "" || len(w.thread(first.CustomerID)) != 1 {
		t.Error("counting changed something")
	}
	done, err := w.Reread(t.Context(), reader, w.mail, false)
	w.must(err)
	if _, m := w.message(first.EventID); m.ReplyText != "Thanks!" || done != dry || len(w.thread(first.CustomerID)) != 2 {
		t.Errorf("%+v, reply %q, %d entries", done, m.ReplyText, len(w.thread(first.CustomerID)))
	}
	again, err := w.Reread(t.Context(), reader, 0, false)
	w.must(err)
	if want := (Rereading{Looked: 2}); again != want {
		t.Errorf("again: %+v, want %+v", again, want)
	}
	none, err := w.Reread(t.Context(), func(context.Context, models.ID) (func(models.Kept) models.Inbound, bool) { return nil, false }, 0, false)
	w.must(err)
	if none.Skipped != 2 || none.Looked != 0 {
		t.Errorf("a channel that is gone: %+v", none)
	}
}

// TestTheProvidersOwnMessageID: where a provider sends under an id of its own, an answer to that one finds the
// conversation; the copy it keeps is the message we have.
func TestTheProvidersOwnMessageID(t *testing.T) {
	w := newWorld(t)
	first := w.in(w.letter(w.mail, "m1", "ana@example.com", "Is the desk in stock?"))
	id := w.sendTo(first.CustomerID)
	sent, err := store.SentByMessageID(w.st.Read(t.Context()), id)
	w.must(err)
	copied := w.letter(w.mail, "copy", "ana@example.com", "It is.")
	payload(copied).Direction, payload(copied).MessageID, payload(copied).Alias = models.Out, id, "0102018f@eu-west-1.amazonses.com"
	if got := w.in(copied); got.EventID != sent {
		t.Fatalf("the provider's copy is taken for another message: %+v", got)
	}
	copied.ExternalID += "-again"
	w.in(copied)
	second := w.letter(w.mail, "m2", "ana@example.com", "Good, I take it.")
	payload(second).InReplyTo = []string{"0102018f@eu-west-1.amazonses.com"}
	if got := w.in(second); got.ConversationID != first.ConversationID || got.CustomerID != first.CustomerID {
		t.Errorf("the answer does not find its conversation: %+v", got)
	}
	foreign := w.letter(w.mail, "m3", "eve@example.com", "Me too.")
	payload(foreign).InReplyTo = []string{"0102018f@eu-west-1.amazonses.com"}
	got := w.in(foreign)
	if _, m := w.message(got.EventID); got.CustomerID == first.CustomerID || m.QuotesID != sent {
		t.Errorf("a stranger who knows the id writes into Ana's thread, or it is not known which message they quote: %+v, quotes %d", got, m.QuotesID)
	}
}
