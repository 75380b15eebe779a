package records_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/inbox"
	"onethread/models/records"
	"onethread/models/store"
)

// world is a shop with a mailbox, over a real database.
type world struct {
	*testing.T
	st   *store.Store
	box  *inbox.Inbox
	mail models.ID
	mia  models.User
}

func open(t *testing.T) *world {
	t.Helper()
	clock := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	st, err := store.Open(t.Context(), t.TempDir(), store.Options{Now: func() time.Time { clock = clock.Add(time.Second); return clock }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Check(context.Background(), st); err != nil {
			t.Error(err)
		}
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &world{T: t, st: st, box: inbox.New(st, []models.Provider{{Kind: "email", Address: models.EmailIdentity}})}
	w.must(st.Write(t.Context(), func(tx *store.Tx) error {
		w.mail, err = store.AddChannel(tx, models.Channel{Type: "email", Name: "Support", Key: "k"}, func(string) bool { return false })
		if err != nil {
			return err
		}
		w.mia = models.User{Email: "mia@casa.example", Name: "Mia", Role: models.Agent, Theme: "auto"}
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

func (w *world) email(id, from, text string) models.Ingested {
	w.Helper()
	out, err := w.box.Ingest(w.Context(), models.Inbound{ChannelID: w.mail, ExternalID: id, Hints: []models.Hint{{Kind: models.EmailIdentity, Value: from, Evidence: models.Asserted, Reason: "From"}},
		Payload: &models.MessageIn{Subject: "Hello", Text: text, MessageID: id}})
	w.must(err)
	return out
}

func (w *world) save(customer models.ID, e records.Edit) error {
	return records.Save(w.Context(), w.st, w.mia.ID, customer, e)
}

func (w *world) record(customer models.ID) models.Record {
	w.Helper()
	r, err := store.RecordOf(w.st.Read(w.Context()), customer)
	w.must(err)
	return r
}

func ptr[T any](v T) *T { return &v }

func TestRecordStaysWithItsRecordThroughMerges(t *testing.T) {
	w := open(t)
	ana, omar := w.email("m1", "ana@example.com", "Hi").CustomerID, w.email("m2", "omar@example.com", "Hi").CustomerID
	size, err := records.AddField(t.Context(), w.st, "Shoe size")
	w.must(err)
	w.must(w.save(ana, records.Edit{TimeZone: ptr("Europe/Lisbon"), Company: ptr("Duarte Lda"), Labels: ptr([]string{"vip", "VIP", " "}), Addresses: ptr([]string{"Rua Augusta 1,\n Lisbon"}), Fields: map[models.ID]string{size: "38"}}))
	w.must(w.save(omar, records.Edit{Labels: ptr([]string{"trade"}), Fields: map[models.ID]string{size: "44"}}))
	before := w.record(omar)

	merge, err := w.box.Merge(t.Context(), w.mia.ID, ana, omar)
	w.must(err)
	both := w.record(omar)
	if both.Company != "Duarte Lda" || both.TimeZone != "Europe/Lisbon" || !slices.Equal(both.Labels, []string{"trade", "vip"}) || len(both.Addresses) != 1 || both.Addresses[0].Text != "Rua Augusta 1, Lisbon" {
		t.Errorf("the two as one: %+v", both)
	}
	if len(both.Fields) != 1 || both.Fields[0].Value != "44" {
		t.Errorf("the one that stands speaks first: %+v", both.Fields)
	}
	w.must(w.box.Unmerge(t.Context(), w.mia.ID, merge))
	if after := w.record(omar); after.Company != "" || !slices.Equal(after.Labels, before.Labels) || after.Fields[0] != before.Fields[0] || len(after.Addresses) != 0 {
		t.Errorf("parted again: %+v, before %+v", after, before)
	}
	if r := w.record(ana); r.Company != "Duarte Lda" || !slices.Equal(r.Labels, []string{"vip"}) || r.Fields[0].Value != "38" || r.FirstContact == 0 || r.LastContact < r.FirstContact {
		t.Errorf("Ana: %+v", r)
	}

	w.must(w.save(omar, records.Edit{Company: ptr("duarte lda")}))
	people, err := store.Colleagues(w.st.Read(t.Context()), w.record(omar).CompanyID)
	w.must(err)
	if len(people) != 2 {
		t.Errorf("%d people of the company, want 2", len(people))
	}
	w.must(w.save(ana, records.Edit{Company: ptr("")}))
	w.must(w.save(omar, records.Edit{Company: ptr("")}))
	w.must(records.RemoveField(t.Context(), w.st, size))
	if r := w.record(ana); r.CompanyID != 0 || len(r.Fields) != 0 {
		t.Errorf("%+v", r)
	}
}

func TestWrongRecordsAreRefused(t *testing.T) {
	w := open(t)
	ana := w.email("m1", "ana@example.com", "Hi").CustomerID
	_, err := records.AddField(t.Context(), w.st, "Size")
	w.must(err)
	for what, e := range map[string]records.Edit{"no zone": {TimeZone: ptr("Atlantis/Main")}, "the server's own zone": {TimeZone: ptr("Local")}, "a path": {TimeZone: ptr("../../etc/passwd")},
		"a field that is none": {Fields: map[models.ID]string{99: "x"}}, "labels without end": {Labels: ptr(strings.Split(strings.Repeat("x ", 40), " "))}} {
		if err := w.save(ana, e); !models.IsCode(err, models.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := w.save(999, records.Edit{Company: ptr("x")}); !models.IsCode(err, models.NotFound) {
		t.Errorf("nobody's record: %v", err)
	}
	if _, err := records.AddField(t.Context(), w.st, "SIZE"); !models.IsCode(err, models.Invalid) {
		t.Errorf("the same field twice: %v", err)
	}
	if err := records.RemoveField(t.Context(), w.st, 99); !models.IsCode(err, models.NotFound) {
		t.Errorf("no field: %v", err)
	}
}

func TestBlocked(t *testing.T) {
	w := open(t)
	first := w.email("m1", "ana@example.com", "Hello")
	w.must(w.save(first.CustomerID, records.Edit{Blocked: ptr(true)}))
	second := w.email("m2", "ana@example.com", "Buy this")
	c, err := store.Conversation(w.st.Read(t.Context()), second.ConversationID)
	w.must(err)
	if second.CustomerID != first.CustomerID || second.ConversationID == first.ConversationID || !c.Spam || c.Status != models.StatusClosed {
		t.Errorf("the blocked write into %+v", c)
	}
	e, err := store.Event(w.st.Read(t.Context()), second.EventID)
	w.must(err)
	if !e.Silent {
		t.Error("the blocked make a noise")
	}
	w.must(w.save(first.CustomerID, records.Edit{Blocked: ptr(false)}))
	if third := w.email("m3", "ana@example.com", "Sorry"); third.ConversationID != first.ConversationID {
		t.Errorf("let in again, they write into %d", third.ConversationID)
	}

	identities, err := store.IdentitiesOf(w.st.Read(t.Context()), first.CustomerID)
	w.must(err)
	w.must(records.BlockIdentity(t.Context(), w.st, w.mia.ID, identities[0].ID, true))
	if fourth := w.email("m4", "ana@example.com", "Again"); fourth.ConversationID != second.ConversationID {
		t.Errorf("a blocked address writes into %d", fourth.ConversationID)
	}
}

func TestConsentLedger(t *testing.T) {
	w := open(t)
	ana := w.email("m1", "ana@example.com", "Hi").CustomerID
	omar := w.email("m2", "omar@example.com", "Hi").CustomerID
	identities, err := store.IdentitiesOf(w.st.Read(t.Context()), ana)
	w.must(err)
	said := records.Consent{IdentityID: identities[0].ID, ChannelID: w.mail, Purpose: models.PurposeMarketing, State: models.OptedInState, Proof: "signed card at the counter"}
	w.must(records.SayConsent(t.Context(), w.st, w.mia.ID, ana, said))
	said.State, said.Proof = models.OptedOutState, ""
	w.must(records.SayConsent(t.Context(), w.st, w.mia.ID, ana, said))
	history, err := store.Ledger(w.st.Read(t.Context()), ana)
	w.must(err)
	if len(history) != 2 || history[1].State != models.OptedOutState || history[0].Proof != "signed card at the counter" || history[0].UserID != w.mia.ID || history[0].Purpose != models.PurposeMarketing {
		t.Errorf("%+v", history)
	}
	ways, err := w.box.Reach(t.Context(), ana)
	w.must(err)
	if len(ways) != 1 || !ways[0].OK {
		t.Errorf("no to advertising is no to nothing else: %+v", ways)
	}
	said.Purpose = models.PurposeService
	w.must(records.SayConsent(t.Context(), w.st, w.mia.ID, ana, said))
	if ways, err = w.box.Reach(t.Context(), ana); err != nil || ways[0].OK || ways[0].Problem != "reach.opted_out" {
		t.Errorf("who wants no message gets none: %+v %v", ways, err)
	}
	for what, bad := range map[string]records.Consent{"without proof": {said.IdentityID, w.mail, models.PurposeMarketing, models.OptedInState, " "}, "no purpose": {said.IdentityID, w.mail, "", models.OptedOutState, ""},
		"no answer": {said.IdentityID, w.mail, models.PurposeService, "maybe", "x"}, "no channel": {said.IdentityID, 99, models.PurposeService, models.OptedOutState, ""}} {
		if err := records.SayConsent(t.Context(), w.st, w.mia.ID, ana, bad); !models.IsCode(err, models.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := records.SayConsent(t.Context(), w.st, w.mia.ID, omar, said); !models.IsCode(err, models.Invalid) {
		t.Errorf("for somebody else's address: %v", err)
	}
	if err := w.st.Write(t.Context(), func(tx *store.Tx) error {
		return store.AddConsent(tx, store.Consent{IdentityID: said.IdentityID, ChannelID: w.mail, State: "opted_in", Purpose: "spying", Source: "x"}, 0)
	}); err == nil {
		t.Error("the ledger takes any purpose")
	}
}
