package privacy_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/inbox"
	"onethread/models/records"
	"onethread/models/store"
)

func file(name, body string) models.FileIn {
	return models.FileIn{Name: name, Type: "text/plain", Body: []byte(body)}
}

// zelda has used every channel, and shares some of what she touched with Bo.
func (w *world) zelda() (zelda, bo models.Ingested, words []string) {
	w.Helper()
	shared := file("list.txt", "both of them have this pricelist")
	bo = w.in(w.letter("b1", "bo@example.com", "Bo Berg", "Bobwords stay here", shared, file("bo.txt", "bofile stays")))
	w.in(w.order("2001", "Boplace", "paid", asserted(models.EmailIdentity, "bo@example.com")))
	zelda = w.in(w.letter("z1", "zelda@example.com", "Zelda Quixote", "xylophone lessons please", shared, file("zeldadoc.txt", "zeldafile content"), file("big.bin", "bigzelda "+strings.Repeat("0123456789abcdef", 20_000))))
	w.pass(time.Minute)
	w.in(w.chatted("visitorzelda", "c1", "chatzephyr", hint(models.EmailIdentity, "zelda@example.com", models.Proved)))
	w.in(w.text("s1", "+351912007031", "smszinnia"))
	w.in(w.order("1042", "Zeldastreet", "paid", asserted(models.EmailIdentity, "zelda@example.com"), asserted(models.PhoneIdentity, "+351 912 007 031")))
	w.in(models.Inbound{ChannelID: w.store, ExternalID: "customer:7:1", Name: "Zelda Quixote", Hints: []models.Hint{{Kind: "shopify", Scope: "casa", Value: "7771234", Evidence: models.Proved}, asserted(models.EmailIdentity, "zelda@example.com")},
		Payload: &models.PersonIn{}, Raw: []byte(`{"id":7771234,"email":"Zelda@example.com","address":"zeldarecord"}`), RawType: "application/json"})
	w.in(models.Inbound{ChannelID: w.chat, ExternalID: "v1", Hints: []models.Hint{{Kind: models.ChatIdentity, Scope: "webchat-key", Value: "visitorzelda", Evidence: models.Proved}}, Payload: &models.PageViewIn{URL: "https://casa.example/zeldapage", Title: "Zeldapage"}})
	_, err := w.Note(w.Context(), w.mia, inbox.NoteInput{CustomerID: zelda.CustomerID, Text: "notezodiac about her"})
	w.must(err)
	notes := "staffzebra"
	w.must(w.EditCustomer(w.Context(), w.mia.ID, zelda.CustomerID, inbox.Edit{Notes: &notes}))
	w.keep(zelda.CustomerID)
	for _, text := range []string{"draftzonk one", "draftzapped two"} { // the first is overwritten
		w.must(w.SaveDraft(w.Context(), store.Draft{UserID: w.mia.ID, CustomerID: zelda.CustomerID, Kind: "reply", Text: text}))
	}
	_, err = w.Reply(w.Context(), w.mia, inbox.ReplyInput{CustomerID: zelda.CustomerID, Text: "replyzulu"})
	w.must(err)
	w.must(w.Read(w.Context(), w.mia.ID, zelda.CustomerID, zelda.EventID, false))
	words = []string{"xylophone", "zeldadoc", "zeldafile", "bigzelda", "zelda@", "Quixote", "912007031", "chatzephyr", "smszinnia", "zeldastreet", "zeldarecord", "7771234", "zeldapage", "notezodiac", "staffzebra",
		"draftzonk", "draftzapped", "replyzulu", "visitorzelda", "zeldacompany", "zeldavalue", "zeldahome", "Atlantic/Stanley", "proofzeal"}
	return zelda, bo, words
}

// keep fills a customer's record, and the ledger of consent.
func (w *world) keep(customer models.ID) {
	w.Helper()
	field, err := records.AddField(w.Context(), w.st, "Shoe size")
	w.must(err)
	zone, company, labels, addresses := "Atlantic/Stanley", "zeldacompany", []string{"labelzest"}, []string{"zeldahome 1, Lisbon"}
	w.must(records.Save(w.Context(), w.st, w.mia.ID, customer, records.Edit{TimeZone: &zone, Company: &company, Labels: &labels, Addresses: &addresses, Fields: map[models.ID]string{field: "zeldavalue"}}))
	identities, err := store.IdentitiesOf(w.st.Read(w.Context()), customer)
	w.must(err)
	w.must(records.SayConsent(w.Context(), w.st, w.mia.ID, customer, records.Consent{IdentityID: identities[0].ID, ChannelID: w.mail, Purpose: models.PurposeMarketing, State: models.OptedInState, Proof: "proofzeal"}))
}

// TestNothingOfAnErasedPersonCanBeFound reads every byte of the data folder.
func TestNothingOfAnErasedPersonCanBeFound(t *testing.T) {
	w := newWorld(t)
	zelda, bo, words := w.zelda()
	if n := len(w.lines("SELECT id FROM customers WHERE merged_into IS NULL")); n != 2 {
		t.Fatal("Zelda and Bo, but", n)
	}
	for _, word := range words {
		if len(w.found(word)) == 0 {
			t.Error("was never kept, so that finding nothing later proves nothing:", word)
		}
	}
	kept := []string{"bobwords", "bo@example.com", "bofile stays", "pricelist", "boplace", "Bo Berg"}
	_, err := w.Erase(t.Context(), w.mia.ID, zelda.CustomerID)
	w.must(err)
	if left := w.found(words...); len(left) > 0 {
		t.Errorf("found after the erasure: %q", left)
	}
	for _, word := range kept {
		if len(w.found(word)) == 0 {
			t.Error("gone, but it is Bo's:", word)
		}
	}
	if n := len(w.lines("SELECT id FROM events WHERE customer_id = ?", int64(bo.CustomerID))); n != 2 {
		t.Error("events of Bo's:", n)
	}
	if left := w.lines("SELECT kind FROM events WHERE customer_id = ?", int64(zelda.CustomerID)); !slices.Equal(left, []string{"erased"}) {
		t.Error("other screens are told of the erasure alone:", left)
	}
	for fts, words := range map[string]string{"messages_fts": `"xylophone"`, "customers_fts": `"quixote"`, "orders_fts": `"zeldastreet"`} {
		if hits := w.lines("SELECT rowid FROM "+fts+" WHERE "+fts+" MATCH ?", words); len(hits) != 0 {
			t.Error(fts, "still finds", words)
		}
	}
	o, _, err := store.OrderByExternalID(w.st.Read(t.Context()), w.store, "1042")
	w.must(err)
	if o.Total != 53800 || o.Number != "1042" || o.Status != "paid" || o.ShipTo+o.Note+o.URL != "" {
		t.Errorf("the bare figures of an order stay: %+v", o)
	}
	if _, err := w.Erase(t.Context(), w.mia.ID, zelda.CustomerID); !models.IsCode(err, models.NotFound) || !strings.Contains(err.Error(), "erased") {
		t.Error("erasing again:", err)
	}
}

// TestNothingComesBack: whatever brings the same again is kept out, and what is new is not.
func TestNothingComesBack(t *testing.T) {
	w := newWorld(t)
	early := []models.Inbound{w.letter("z1", "zelda@example.com", "Zelda Quixote", "xylophone lessons please", file("zeldadoc.txt", "zeldafile content")), w.text("s1", "+351912007031", "smszinnia"),
		w.letter("z0", "zelda@example.com", "Zelda Quixote", "xylophone, never seen here")}
	zelda, _, words := w.zelda()
	_, err := w.Erase(t.Context(), w.mia.ID, zelda.CustomerID)
	w.must(err)
	w.pass(time.Hour)
	other := early[0]
	w.must(w.st.Write(t.Context(), func(tx *store.Tx) error {
		other.ChannelID, err = store.AddChannel(tx, models.Channel{Type: "email", Name: "second", Key: "second"}, func(string) bool { return false })
		return err
	}))
	resent := early[0]
	resent.ExternalID, resent.ReceivedAt = "put into the mailbox again, with another header", w.st.Now()
	sent := w.letter("z9", "zelda@example.com", "", "replyzulu")
	sent.OccurredAt, sent.ReceivedAt = early[0].OccurredAt, early[0].ReceivedAt
	sent.Payload.(*models.MessageIn).Direction = models.Out
	record := models.Inbound{ChannelID: w.store, ExternalID: "customer:7:2", OccurredAt: w.st.Now(), Name: "Zelda Quixote", Payload: &models.PersonIn{}, Hints: []models.Hint{{Kind: "shopify", Scope: "casa", Value: "7771234", Evidence: models.Proved}, asserted(models.EmailIdentity, "zelda@example.com")}, Raw: []byte("zeldarecord")}
	shipped := w.order("1042", "Zeldastreet", "shipped", asserted(models.EmailIdentity, "zelda@example.com"))
	old := w.order("1001", "Zeldastreet", "paid", asserted(models.EmailIdentity, "zelda@example.com"))
	old.Payload.(*models.OrderIn).Order.PlacedAt = early[0].OccurredAt
	last := w.lines("SELECT max(id) FROM events")
	for what, in := range map[string]models.Inbound{"the mail again": early[0], "the SMS again": early[1], "an old mail never seen": early[2], "the mail in another mailbox": other, "the mail with other headers": resent,
		"the copy of a sent mail": sent, "the store's record": record, "the order's next state": shipped, "an older order": old} {
		if out := w.in(in); out.CustomerID != 0 {
			t.Errorf("%s came back as customer %v", what, out.CustomerID)
		}
	}
	if now := w.lines("SELECT max(id) FROM events"); !slices.Equal(now, last) {
		t.Error("something was told of what came back")
	}
	w.must(w.Tidy(t.Context()))
	if left := w.found(words...); len(left) > 0 {
		t.Errorf("brought back: %q", left)
	}
	if o, _, err := store.OrderByExternalID(w.st.Read(t.Context()), w.store, "1042"); err != nil || o.Status != "shipped" || o.ShipTo != "" {
		t.Errorf("an erased customer's order follows its store in figures alone: %+v %v", o, err)
	}
	fresh := w.in(w.letter("z2", "zelda@example.com", "Zelda Quixote", "I am back"))
	if fresh.CustomerID == 0 || fresh.CustomerID == zelda.CustomerID {
		t.Errorf("what is written after the erasure begins a new customer: %+v", fresh)
	}
	if again := w.in(early[1]); again.CustomerID != 0 {
		t.Error("the old SMS came back to the new customer")
	}
	if out := w.in(record); out.CustomerID != 0 {
		t.Log("the store's record joins who is known again")
	}
}

// TestOptOutOutlivesErasure: a number that said STOP gets no messages when it is known again.
func TestOptOutOutlivesErasure(t *testing.T) {
	w := newWorld(t)
	stop := w.text("s1", "+351912007031", "STOP")
	stop.Payload.(*models.MessageIn).Consent = models.OptedOutState
	zoe := w.in(stop)
	_, err := w.Erase(t.Context(), w.mia.ID, zoe.CustomerID)
	w.must(err)
	w.pass(time.Minute)
	again := w.in(w.text("s2", "+351912007031", "hello?"))
	all, err := store.ConsentsOf(w.st.Read(t.Context()), again.CustomerID)
	w.must(err)
	if len(all) != 1 || all[0].State != models.OptedOutState || all[0].ChannelID != w.sms {
		t.Errorf("the opt-out was forgotten: %+v", all)
	}
	other := w.in(w.text("s3", "+351912007032", "hello"))
	if all, err := store.ConsentsOf(w.st.Read(t.Context()), other.CustomerID); err != nil || len(all) != 0 {
		t.Error("an opt-out of somebody else:", all, err)
	}
}

// TestMergesAroundAnErasure: what was merged goes along, what was parted stays, and nothing can be merged
// with or moved to who is gone.
func TestMergesAroundAnErasure(t *testing.T) {
	w := newWorld(t)
	ids := map[string]models.Ingested{}
	for _, name := range []string{"zoe", "zack", "bo", "cy"} {
		ids[name] = w.in(w.letter(name+"1", name+"@example.com", "The "+name+"name", name+"words"))
	}
	id := func(name string) models.ID { return ids[name].CustomerID }
	into, err := w.Merge(t.Context(), w.mia.ID, id("zack"), id("zoe"))
	w.must(err)
	parted, err := w.Merge(t.Context(), w.mia.ID, id("zoe"), id("bo"))
	w.must(err)
	_, err = w.Merge(t.Context(), w.mia.ID, id("bo"), id("cy"))
	w.must(err)
	if _, err := w.Erase(t.Context(), w.mia.ID, id("zoe")); !models.IsCode(err, models.Conflict) {
		t.Error("a merged record cannot be erased alone:", err)
	}
	w.must(w.Unmerge(t.Context(), w.mia.ID, parted)) // while Bo is with Cy
	_, err = w.Inbox.Move(t.Context(), w.mia.ID, inbox.Split{Events: []models.ID{ids["bo"].EventID}, To: id("zoe")})
	w.must(err)
	_, err = w.Inbox.Move(t.Context(), w.mia.ID, inbox.Split{Events: []models.ID{ids["bo"].EventID}, To: id("cy")})
	w.must(err)
	own := w.in(w.letter("zoe2", "zoe@example.com", "", "moved to Cy"))
	_, err = w.Inbox.Move(t.Context(), w.mia.ID, inbox.Split{Events: []models.ID{own.EventID}, To: id("cy")})
	w.must(err)
	_, err = w.Erase(t.Context(), w.mia.ID, id("zoe"))
	w.must(err)
	if left := w.found("zoename", "zackname", "zoewords", "zackwords", "zack@"); len(left) > 0 {
		t.Errorf("found: %q", left)
	}
	if e, err := store.Event(w.st.Read(t.Context()), own.EventID); err != nil || e.CustomerID != id("cy") || e.AnchorID != 0 {
		t.Errorf("what staff gave to Cy is Cy's: %+v %v", e, err)
	}
	for what, err := range map[string]error{
		"undoing a merge within": w.Unmerge(t.Context(), w.mia.ID, into), "undoing one twice": w.Unmerge(t.Context(), w.mia.ID, parted),
		"moving back": w.MoveBack(t.Context(), w.mia.ID, own.EventID), "a draft": w.SaveDraft(t.Context(), store.Draft{UserID: w.mia.ID, CustomerID: id("zoe"), Kind: "note", Text: "x"}),
		"reading":             w.Read(t.Context(), w.mia.ID, id("zoe"), 1<<40, true),
		"merging it":          second(w.Merge(t.Context(), w.mia.ID, id("zoe"), id("cy"))),
		"merging into it":     second(w.Merge(t.Context(), w.mia.ID, id("cy"), id("zoe"))),
		"merging what it had": second(w.Merge(t.Context(), w.mia.ID, id("zack"), id("cy"))),
		"moving to it":        second(w.Inbox.Move(t.Context(), w.mia.ID, inbox.Split{Events: []models.ID{ids["cy"].EventID}, To: id("zoe")})),
		"a note":              second(w.Note(t.Context(), w.mia, inbox.NoteInput{CustomerID: id("zoe"), Text: "x"})),
		"a reply":             second(w.Reply(t.Context(), w.mia, inbox.ReplyInput{CustomerID: id("zoe"), Text: "x"})),
	} {
		if !models.IsCode(err, models.NotFound) && !models.IsCode(err, models.Conflict) {
			t.Errorf("%s: %v", what, err)
		}
	}
	standing, err := store.MergesInto(w.st.Read(t.Context()), id("cy"))
	w.must(err)
	w.must(w.Unmerge(t.Context(), w.mia.ID, standing[0].ID))
}

func second[T any](_ T, err error) error { return err }

// TestSharedThings: an address that several use, and its events, stay with the others.
func TestSharedThings(t *testing.T) {
	w := newWorld(t)
	zoe := w.in(w.letter("z1", "home@example.com", "Zoe", "zoewords"))
	bo := w.in(w.letter("b1", "bo@example.com", "Bo", "bowords"))
	w.must(w.st.Write(t.Context(), func(tx *store.Tx) error {
		if _, err := store.Lines(tx, "UPDATE identities SET shared = 1 WHERE value = 'home@example.com' RETURNING id"); err != nil {
			return err
		}
		_, err := store.AddIdentity(tx, models.Identity{CustomerID: bo.CustomerID, Kind: models.EmailIdentity, Value: "home@example.com", Display: "home@example.com", Evidence: models.Asserted, Shared: true})
		return err
	}))
	_, err := w.Inbox.Move(t.Context(), w.mia.ID, inbox.Split{Events: []models.ID{zoe.EventID}, To: bo.CustomerID})
	w.must(err)
	_, err = w.Erase(t.Context(), w.mia.ID, zoe.CustomerID)
	w.must(err)
	e, err := store.Event(w.st.Read(t.Context()), zoe.EventID)
	w.must(err)
	i, err := store.Identity(w.st.Read(t.Context()), e.AnchorID)
	if err != nil || e.CustomerID != bo.CustomerID || i.CustomerID != bo.CustomerID || i.Value != "home@example.com" {
		t.Errorf("an event that is another's now stands at their own address: %+v %+v %v", e, i, err)
	}
	old := w.letter("z0", "home@example.com", "", "an older one")
	old.OccurredAt, old.ReceivedAt = old.OccurredAt.Add(-time.Hour), old.ReceivedAt.Add(-time.Hour)
	if out := w.in(old); out.CustomerID != bo.CustomerID {
		t.Error("mail from an address that others have as well is kept out")
	}
}

// TestEventsAreErasedOnlyByAnErasure holds the triggers to it.
func TestEventsAreErasedOnlyByAnErasure(t *testing.T) {
	w := newWorld(t)
	zoe := w.in(w.letter("z1", "zoe@example.com", "Zoe", "zoewords"))
	try := func(statements ...string) error {
		return w.st.Write(t.Context(), func(tx *store.Tx) error {
			for _, sql := range statements {
				if _, err := store.Lines(tx, sql+" RETURNING 1"); err != nil {
					return err
				}
			}
			return errors.New("it was let through")
		})
	}
	mark := fmt.Sprintf("INSERT INTO erasing VALUES (%d)", zoe.EventID)
	for _, sql := range []string{"DELETE FROM events", "UPDATE events SET data = '{\"name\":1}'", "UPDATE events SET anchor_identity_id = NULL", "UPDATE events SET occurred_at = 1", "UPDATE events SET kind = 'note'"} {
		if err := try(sql); err == nil || !strings.Contains(err.Error(), "events are") {
			t.Errorf("%s: %v", sql, err)
		}
	}
	for _, sql := range []string{"UPDATE events SET data = json_object('name', 'Eve')", "UPDATE events SET kind = 'note'", "UPDATE events SET anchor_identity_id = 999"} {
		if err := try(mark, sql); err == nil || !strings.Contains(err.Error(), "events are") {
			t.Errorf("an erasure may not do this: %s: %v", sql, err)
		}
	}
	if err := try(mark, "UPDATE events SET anchor_identity_id = NULL, data = '{}' WHERE id = "+zoe.EventID.String()); err == nil || !strings.Contains(err.Error(), "let through") {
		t.Error("an erasure may do this:", err)
	}
}

// TestWhatIsBeingSentIsWaitedFor: what cannot be called back any more is not erased under its sender.
func TestWhatIsBeingSentIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	zoe := w.in(w.letter("z1", "zoe@example.com", "Zoe", "zoewords"))
	_, err := w.Reply(t.Context(), w.mia, inbox.ReplyInput{CustomerID: zoe.CustomerID, Text: "replywords"})
	w.must(err)
	w.pass(time.Minute)
	w.must(w.st.Write(t.Context(), func(tx *store.Tx) error {
		_, ok, err := store.ClaimOutbox(tx, tx.Now().Add(5*time.Minute), tx.Now().Add(time.Minute), nil)
		if !ok {
			t.Error("nothing to send")
		}
		return err
	}))
	if _, err := w.Erase(t.Context(), w.mia.ID, zoe.CustomerID); !models.IsCode(err, models.Conflict) {
		t.Error("erased under its sender:", err)
	}
	w.pass(10 * time.Minute)
	_, err = w.Erase(t.Context(), w.mia.ID, zoe.CustomerID)
	w.must(err)
	if left := w.found("replywords"); len(left) > 0 {
		t.Error("the reply is still there:", left)
	}
}
