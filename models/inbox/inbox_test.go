package inbox

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/store"
)

// world is a shop with a mailbox, a chat widget and a till, over a real database.
type world struct {
	*testing.T
	*Inbox
	st               *store.Store
	clock            time.Time
	mail, chat, till models.ID
	mia              models.User
	mu               sync.Mutex
}

func newWorld(t *testing.T) *world {
	w := &world{T: t, clock: time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)}
	var err error
	w.st, err = store.Open(t.Context(), t.TempDir(), store.Options{Now: func() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.clock }})
	w.must(err)
	t.Cleanup(func() {
		if err := store.Check(context.Background(), w.st); err != nil {
			t.Error(err)
		}
		w.must(w.st.Close())
	})
	w.Inbox = New(w.st, []models.Provider{{Kind: "email", Address: models.EmailIdentity}, {Kind: "webchat", Address: models.ChatIdentity, Instant: true}, {Kind: "generic"}})
	w.must(w.st.Write(t.Context(), func(tx *store.Tx) error {
		for _, c := range []struct {
			kind string
			id   *models.ID
		}{{"email", &w.mail}, {"webchat", &w.chat}, {"generic", &w.till}} {
			ch := models.Channel{Type: c.kind, Name: c.kind, Key: c.kind + "-key", Settings: map[string]string{"address": "shop@casa.example", "password": "s"}}
			if *c.id, err = store.AddChannel(tx, ch, func(k string) bool { return k == "password" }); err != nil {
				return err
			}
		}
		w.mia = models.User{Email: "mia@casa.example", Name: "Mia", Role: models.Agent, UndoSeconds: 5, Theme: "auto"}
		return store.InsertUser(tx, &w.mia)
	}))
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) pass(d time.Duration) { w.mu.Lock(); w.clock = w.clock.Add(d); w.mu.Unlock() }

func (w *world) in(in models.Inbound) models.Ingested {
	w.Helper()
	out, err := w.Ingest(w.Context(), in)
	w.must(err)
	return out
}

func (w *world) email(id, from, subject, text string, refs ...string) models.Ingested {
	w.Helper()
	return w.in(models.Inbound{ChannelID: w.mail, ExternalID: id, ReceivedAt: w.st.Now(), Hints: []models.Hint{{Kind: models.EmailIdentity, Value: from, Evidence: models.Asserted, Reason: "From of an email"}},
		Raw: []byte("raw " + id), RawType: "message/rfc822", Payload: &models.MessageIn{Subject: subject, Text: text, MessageID: id, References: refs}})
}

func (w *world) chatFrom(visitor, id, text string, more ...models.Hint) models.Ingested {
	w.Helper()
	hints := append([]models.Hint{{Kind: models.ChatIdentity, Scope: "webchat-key", Value: visitor, Evidence: models.Proved, Reason: "this browser"}}, more...)
	return w.in(models.Inbound{ChannelID: w.chat, ExternalID: visitor + id, Hints: hints, Payload: &models.MessageIn{Text: text}})
}

func (w *world) order(id, number, status, total string, updated time.Time, hints ...models.Hint) models.Ingested {
	w.Helper()
	minor, err := models.ParseAmount(total, "EUR")
	w.must(err)
	return w.in(models.Inbound{ChannelID: w.till, ExternalID: id, OccurredAt: models.At(updated), Hints: hints, Payload: &models.OrderIn{Order: models.Order{ExternalID: number, Number: number,
		Status: status, Currency: "EUR", Total: minor, UpdatedAt: models.At(updated), Lines: []models.OrderLine{{Title: "Walnut desk 140", Quantity: 1, Price: minor}}}}})
}

func (w *world) thread(customer models.ID) []store.Entry {
	w.Helper()
	out, err := store.Thread(w.st.Read(w.Context()), store.ThreadFilter{CustomerID: customer, Limit: 200})
	w.must(err)
	return out
}

func (w *world) rows(status string) []store.InboxRow {
	w.Helper()
	out, err := store.Inbox(w.st.Read(w.Context()), store.InboxFilter{Status: status, Viewer: w.mia.ID, Limit: 50})
	w.must(err)
	return out
}

func asserted(kind models.IdentityKind, value string) models.Hint {
	return models.Hint{Kind: kind, Value: value, Evidence: models.Asserted, Reason: "signed store order"}
}

func typed(kind models.IdentityKind, value string) models.Hint {
	return models.Hint{Kind: kind, Value: value, Evidence: models.Typed, Reason: "typed into the chat"}
}

// From model.md: an email from a@x, a chat, then a signed order holding both, is one customer
// with one row and one thread.
func TestOneRowOneThread(t *testing.T) {
	w := newWorld(t)
	mail := w.email("m1", "Ana@Example.com", "Desk", "Is the desk in stock?")
	w.pass(time.Minute)
	sms := w.in(models.Inbound{ChannelID: w.till, ExternalID: "s1", Hints: []models.Hint{asserted(models.PhoneIdentity, "+351912007031")}, Payload: &models.MessageIn{Text: "hello?"}})
	if mail.CustomerID == sms.CustomerID {
		t.Fatal("two strangers must be two customers")
	}
	w.pass(time.Minute)
	w.order("o1", "1042", "paid", "538.00", w.clock, asserted(models.EmailIdentity, "ana@example.com"), asserted(models.PhoneIdentity, "+351 912 007 031"))
	rows := w.rows("open")
	if len(rows) != 1 || rows[0].CustomerID != mail.CustomerID || rows[0].Unread != 2 {
		t.Fatalf("%+v", rows)
	}
	var kinds []string
	for _, e := range w.thread(mail.CustomerID) {
		kinds = append(kinds, string(e.Kind))
	}
	if got := strings.Join(kinds, " "); got != "message message merge order" && got != "message message order merge" {
		t.Error(got)
	}
}

func TestTypedAddressOnlySuggests(t *testing.T) {
	w := newWorld(t)
	ana := w.email("m1", "ana@example.com", "Desk", "private words")
	visitor := w.chatFrom("v1", "c1", "hi", typed(models.EmailIdentity, "ana@example.com"))
	if visitor.CustomerID == ana.CustomerID {
		t.Fatal("typing an address must not join its owner's thread")
	}
	open, err := store.SuggestionsFor(w.st.Read(t.Context()), visitor.CustomerID)
	w.must(err)
	if len(open) != 1 {
		t.Fatal("staff must get the suggestion", open)
	}
	again := w.chatFrom("v1", "c2", "hello?", typed(models.EmailIdentity, "ana@example.com"))
	if again.CustomerID != visitor.CustomerID {
		t.Fatal("the same browser must stay the same customer")
	}
	w.must(w.RejectSuggestion(t.Context(), w.mia.ID, open[0].ID))
	w.chatFrom("v1", "c3", "proof", models.Hint{Kind: models.EmailIdentity, Value: "ana@example.com", Evidence: models.Proved, Reason: "signed by the shop"})
	if rows := w.rows("open"); len(rows) != 2 {
		t.Fatal("a refused pair must not be merged by evidence", rows)
	}
}

func TestProvedAddressMergesAndUndoIsExact(t *testing.T) {
	w := newWorld(t)
	ana := w.email("m1", "ana@example.com", "Desk", "from the mail")
	w.pass(time.Minute)
	visitor := w.chatFrom("v1", "c1", "from the chat")
	before := dump(w)
	w.pass(time.Minute)
	w.in(models.Inbound{ChannelID: w.chat, ExternalID: "id1", Hints: []models.Hint{{Kind: models.ChatIdentity, Scope: "webchat-key", Value: "v1", Evidence: models.Proved},
		{Kind: models.EmailIdentity, Value: "ana@example.com", Evidence: models.Proved, Reason: "signed by the shop"}}, Payload: &models.ContactIn{}})
	if rows := w.rows("open"); len(rows) != 1 {
		t.Fatal(rows)
	}
	w.pass(time.Minute)
	after := w.chatFrom("v1", "c2", "after the merge")
	if after.CustomerID != ana.CustomerID {
		t.Fatal("the browser's events must go to the merged thread")
	}
	merges, err := store.MergesInto(w.st.Read(t.Context()), ana.CustomerID)
	w.must(err)
	if len(merges) != 1 {
		t.Fatal(merges)
	}
	w.must(w.Unmerge(t.Context(), w.mia.ID, merges[0].ID))
	if c, err := store.Customer(w.st.Read(t.Context()), visitor.CustomerID); err != nil || c.MergedInto != 0 {
		t.Fatal(c, err)
	}
	texts := ""
	for _, e := range w.thread(visitor.CustomerID) {
		if e.Message != nil {
			texts += e.Message.Text + "|"
		}
	}
	if texts != "from the chat|after the merge|" {
		t.Error("events that came after the merge must follow their anchor back:", texts)
	}
	if got := dump(w); !strings.HasPrefix(got, before) {
		t.Errorf("undo is not exact\n%s\n%s", before, got)
	}
}

// dump tells who owns what, without what came after.
func dump(w *world) string {
	out := ""
	for _, row := range w.rows("open") {
		ids, err := store.IdentitiesOf(w.st.Read(w.Context()), row.CustomerID)
		w.must(err)
		out = fmt.Sprintf("%d %d", row.CustomerID, row.ConversationID) + " " + ids[0].Value + "\n" + out
	}
	return out
}

func TestCopiesLeaveOneEvent(t *testing.T) {
	w := newWorld(t)
	var wg sync.WaitGroup
	ids := make([]models.Ingested, 40)
	for i := range ids {
		wg.Go(func() { ids[i] = w.email(fmt.Sprint("m", i%4), "ana@example.com", "Hi", "text") })
	}
	wg.Wait()
	fresh, customers := 0, map[models.ID]bool{}
	for _, id := range ids {
		customers[id.CustomerID] = true
		if !id.Duplicate {
			fresh++
		}
	}
	if fresh != 4 || len(customers) != 1 || len(w.thread(ids[0].CustomerID)) != 4 {
		t.Fatal(fresh, customers)
	}
}

func TestHeadersNeverCrossThreads(t *testing.T) {
	w := newWorld(t)
	bo := w.email("m1", "bo@example.com", "Mine", "mine")
	ana := w.email("m2", "ana@example.com", "Re: Mine", "quoting Bo", "m1")
	if ana.CustomerID == bo.CustomerID || ana.ConversationID == bo.ConversationID {
		t.Fatal("References led a stranger into another customer's thread")
	}
}

func TestConversationLife(t *testing.T) {
	w := newWorld(t)
	first := w.email("m1", "ana@example.com", "Desk", "in stock?")
	closed := models.StatusClosed
	w.must(w.Update(t.Context(), w.mia, first.ConversationID, Change{Status: &closed}))
	w.pass(23 * time.Hour)
	if again := w.email("m2", "ana@example.com", "Desk", "and?"); again.ConversationID != first.ConversationID {
		t.Error("within the window the conversation re-opens")
	}
	w.must(w.Update(t.Context(), w.mia, first.ConversationID, Change{Status: &closed}))
	w.pass(25 * time.Hour)
	later := w.email("m3", "ana@example.com", "Lamp", "new matter", "m1")
	if later.ConversationID == first.ConversationID {
		t.Error("after the window a new conversation begins")
	}
	until := w.st.Now().Add(time.Hour)
	w.must(w.Update(t.Context(), w.mia, later.ConversationID, Change{SnoozedUntil: &until}))
	if len(w.rows("open")) != 0 || len(w.rows("snoozed")) != 1 {
		t.Error("snoozed")
	}
	w.pass(2 * time.Hour)
	w.must(w.WakeDue(t.Context()))
	if len(w.rows("open")) != 1 {
		t.Error("a snoozed conversation wakes at its time")
	}
	w.in(models.Inbound{ChannelID: w.mail, ExternalID: "auto", Hints: []models.Hint{asserted(models.EmailIdentity, "new@example.com")}, Payload: &models.MessageIn{Text: "out of office", Automatic: "auto_reply"}})
	if len(w.rows("open")) != 1 {
		t.Error("automatic mail opens nothing")
	}
}

func TestOrdersOutOfOrder(t *testing.T) {
	w := newWorld(t)
	ana := asserted(models.EmailIdentity, "ana@example.com")
	t0 := w.clock.Add(-time.Hour)
	first := w.order("o2", "1042", "fulfilled", "500.00", t0.Add(2*time.Minute), ana)
	stale := w.order("o1", "1042", "pending", "538.00", t0, ana)
	if stale.EventID != first.EventID || stale.Duplicate {
		t.Error("an older version changes nothing and answers with the order's event", stale, first)
	}
	w.in(models.Inbound{ChannelID: w.till, ExternalID: "r0", Hints: []models.Hint{ana}, Payload: &models.RefundIn{Refund: models.Refund{OrderNumber: "1043", ExternalID: "r0", Amount: 500, Currency: "EUR", Status: "done"}}})
	w.order("o3", "1043", "paid", "50.00", t0, ana)
	orders, err := store.Orders(w.st.Read(t.Context()), store.OrderFilter{CustomerID: first.CustomerID, Limit: 10})
	w.must(err)
	if len(orders) != 2 || orders[0].Refunded+orders[1].Refunded != 500 {
		t.Fatalf("%+v", orders)
	}
	if o, _, err := store.OrderByExternalID(w.st.Read(t.Context()), w.till, "1042"); err != nil || o.Status != "fulfilled" || o.Total != 50000 {
		t.Fatal(o, err)
	}
	if len(w.rows("open")) != 0 {
		t.Error("orders do not open conversations")
	}
}

func TestReplyGoesOutOnceByItsAddress(t *testing.T) {
	w := newWorld(t)
	ana := w.email("m1", "ana@example.com", "Desk", "in stock?")
	in := ReplyInput{CustomerID: ana.CustomerID, Text: "Yes, two left.", ClientID: "browser-1"}
	id, err := w.Reply(t.Context(), w.mia, in)
	w.must(err)
	if again, err := w.Reply(t.Context(), w.mia, in); err != nil || again != id {
		t.Fatal("a retry of the browser is the same message", again, err)
	}
	row, ok, err := store.OutboxOf(w.st.Read(t.Context()), id)
	w.must(err)
	if !ok || row.NextAt != w.st.Now().Add(5*time.Second) || !strings.Contains(row.Content, `"in_reply_to":"m1"`) {
		t.Fatalf("%+v", row)
	}
	m, err := store.Message(w.st.Read(t.Context()), id)
	w.must(err)
	if m.ToAddress != "ana@example.com" || m.Subject != "Re: Desk" || !strings.HasSuffix(m.MessageID, "@casa.example") {
		t.Fatalf("%+v", m)
	}
	if _, err := w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana.CustomerID, Text: "me too", Seen: ana.EventID}); !models.IsCode(err, models.Conflict) {
		t.Error("a colleague's newer answer must stop this one", err)
	}
	w.must(w.Undo(t.Context(), w.mia, id))
	if _, err := w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana.CustomerID, ChannelID: w.chat, Text: "x"}); !models.IsCode(err, models.Invalid) {
		t.Error("no chat address, no chat answer", err)
	}
}

// Reports that change nothing, or are about what we never sent, leave no contradiction behind (the
// check when the world closes finds one).
func TestDeliveryReportsThatChangeNothing(t *testing.T) {
	w := newWorld(t)
	w.email("m1", "ana@example.com", "Desk", "in stock?")
	for i, provider := range []string{"unknown", "unknown", ""} {
		w.in(models.Inbound{ChannelID: w.mail, ExternalID: fmt.Sprint("d", i), Payload: &models.DeliveryIn{ProviderID: provider, State: models.DeliveryDelivered}})
	}
}

func TestTimesAreBelievedWithinReason(t *testing.T) {
	w := newWorld(t)
	now := w.st.Now()
	for i, c := range []struct {
		claimed, received, want models.Time
	}{
		{now.Add(-time.Hour), now, now.Add(-time.Hour)},
		{now.Add(-8 * 24 * time.Hour), now, now},
		{now.Add(5 * time.Minute), now, now.Add(5 * time.Minute)},
		{now.Add(time.Hour), now, now},
		{0, now.Add(-time.Minute), now.Add(-time.Minute)},
		{now.Add(-400 * 24 * time.Hour), 0, now.Add(-400 * 24 * time.Hour)},
	} {
		out := w.in(models.Inbound{ChannelID: w.mail, ExternalID: fmt.Sprint("t", i), OccurredAt: c.claimed, ReceivedAt: c.received,
			Hints: []models.Hint{asserted(models.EmailIdentity, "ana@example.com")}, Payload: &models.MessageIn{Text: "x"}})
		if e, err := store.Event(w.st.Read(t.Context()), out.EventID); err != nil || e.OccurredAt != c.want {
			t.Errorf("%d: %v, want %v (%v)", i, e.OccurredAt, c.want, err)
		}
	}
}

func TestFileNames(t *testing.T) {
	for in, want := range map[string]string{"\u200b.htaccess": "htaccess", "../../etc/x": "x", `..\..\x.png`: "x.png", "a\x00.png": "a.png", "\u202egnp.exe": "gnp.exe",
		"": "", strings.Repeat("é", 300): strings.Repeat("é", 100), "invoice 7.pdf": "invoice 7.pdf"} {
		if got := FileName(in); got != want {
			t.Errorf("FileName(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestAnswerFromAnotherMailProgram: what Mia sends from her phone stands in the thread as hers, and the
// copy of what she sent from here stays one message.
func TestAnswerFromAnotherMailProgram(t *testing.T) {
	w := newWorld(t)
	ana := w.email("m1", "ana@example.com", "Desk", "in stock?")
	sent := func(id, author, text string) models.Ingested {
		return w.in(models.Inbound{ChannelID: w.mail, ExternalID: "sent:" + id + author, ReceivedAt: w.st.Now(), Hints: []models.Hint{asserted(models.EmailIdentity, "ana@example.com")},
			Payload: &models.MessageIn{Direction: models.Out, Author: author, Subject: "Re: Desk", Text: text, MessageID: id, References: []string{"m1"}}})
	}
	byMia := sent("phone1@casa.example", "mia", "Yes, two are left.")
	byNobody := sent("phone2@casa.example", "Casa Nogueira", "And a lamp.")
	for _, c := range []struct {
		got  models.Ingested
		user models.ID
	}{{byMia, w.mia.ID}, {byNobody, 0}} {
		e, err := store.Event(w.st.Read(t.Context()), c.got.EventID)
		w.must(err)
		if e.UserID != c.user || e.Direction != models.Out || e.CustomerID != ana.CustomerID || e.ConversationID != ana.ConversationID {
			t.Errorf("%+v", e)
		}
	}
	id, err := w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana.CustomerID, Text: "From here."})
	w.must(err)
	m, err := store.Message(w.st.Read(t.Context()), id)
	w.must(err)
	if copied := sent(m.MessageID, "Mia", "From here."); copied.EventID != id {
		t.Errorf("our own message came back as another: %+v, want event %d", copied, id)
	}
	if row := w.rows("open"); len(row) != 1 {
		t.Errorf("%d rows", len(row))
	}
}

// TestAnswerToAll: the composer begins with whoever was on the customer's mail, staff may change it, and
// what is no address is refused before anything is sent.
func TestAnswerToAll(t *testing.T) {
	w := newWorld(t)
	ana := w.in(models.Inbound{ChannelID: w.mail, ExternalID: "m1", ReceivedAt: w.st.Now(), Hints: []models.Hint{asserted(models.EmailIdentity, "ana@example.com")},
		Payload: &models.MessageIn{Subject: "Desk", Text: "in stock?", MessageID: "m1", CC: `"Duarte, Inês" <ines@example.com>, rui@example.com`}})
	ways, err := w.Reach(t.Context(), ana.CustomerID)
	w.must(err)
	if len(ways) != 1 || ways[0].CC != `"Duarte, Inês" <ines@example.com>, rui@example.com` {
		t.Fatalf("%+v", ways)
	}
	for line, want := range map[string]string{ways[0].CC: "ines@example.com, rui@example.com", "": "", "Rui@Example.com; rui@example.com ,ana@example.com": "rui@example.com"} {
		id, err := w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana.CustomerID, Text: "Yes", CC: line})
		w.must(err)
		if m, err := store.Message(w.st.Read(t.Context()), id); err != nil || m.CC != want {
			t.Errorf("%q becomes %q, want %q (%v)", line, m.CC, want, err)
		}
	}
	before := len(w.thread(ana.CustomerID))
	for _, line := range []string{"nobody", "a@b@c", "x@example.com\r\nBcc: y@example.com", strings.Repeat("a@example.com, ", 3) + "<script>"} {
		if _, err := w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana.CustomerID, Text: "Yes", CC: line}); !models.IsCode(err, models.Invalid) {
			t.Errorf("%q: %v", line, err)
		}
	}
	if len(w.thread(ana.CustomerID)) != before {
		t.Error("a refused answer left something")
	}
}

// TestForwardedByAColleague: the customer's words stand in the customer's thread, the colleague's above
// them as a note of theirs.
func TestForwardedByAColleague(t *testing.T) {
	w := newWorld(t)
	got := w.in(models.Inbound{ChannelID: w.mail, ExternalID: "fwd", ReceivedAt: w.st.Now(), Hints: []models.Hint{asserted(models.EmailIdentity, "bernd@example.com")}, Name: "Bernd",
		Payload: &models.MessageIn{Subject: "Table", Text: "Does it fit?", MessageID: "fwd", Author: "mia@casa.example", Note: "Can you take this?"}})
	entries := w.thread(got.CustomerID)
	if len(entries) != 2 || entries[0].Kind != models.KindMessage || entries[1].Kind != models.KindNote || entries[1].UserID != w.mia.ID || entries[1].Message.Text != "Can you take this?" {
		t.Fatalf("%+v", entries)
	}
	if row := w.rows("open"); len(row) != 1 {
		t.Errorf("%d rows", len(row))
	}
}
