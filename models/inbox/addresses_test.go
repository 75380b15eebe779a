package inbox

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/store"
)

func (w *world) address(customer models.ID, value string) models.Identity {
	w.Helper()
	all, err := store.IdentitiesOf(w.st.Read(w.Context()), customer)
	w.must(err)
	for _, i := range all {
		if i.Value == value {
			return i
		}
	}
	w.Fatalf("customer %d has no address %s: %+v", customer, value, all)
	return models.Identity{}
}

func (w *world) told(customer models.ID) (out string) {
	w.Helper()
	for _, e := range w.thread(customer) {
		out += string(e.Kind) + " "
		if e.Message != nil {
			out += "(" + e.Message.Text + ") "
		}
	}
	return strings.TrimSpace(out)
}

// The history of an address is kept: what was typed first and proved later, with what brought each.
func TestWhyIsThisTheSamePerson(t *testing.T) {
	w := newWorld(t)
	first := w.chatFrom("v1", "1", "hi", typed(models.EmailIdentity, "ana@example.com"))
	second := w.chatFrom("v1", "2", "logged in", loggedIn("ana@example.com"))
	proofs, err := store.ProofsOf(w.st.Read(t.Context()), w.address(first.CustomerID, "ana@example.com").ID)
	w.must(err)
	if len(proofs) != 2 || proofs[0].Evidence != models.Typed || proofs[0].EventID != first.EventID || proofs[1].Evidence != models.Proved || proofs[1].EventID != second.EventID {
		t.Fatalf("%+v", proofs)
	}
}

func TestStaffConfirmAnAddress(t *testing.T) {
	w := newWorld(t)
	visitor := w.chatFrom("v1", "1", "hi", typed(models.EmailIdentity, "ana@example.com"))
	id := w.address(visitor.CustomerID, "ana@example.com").ID
	w.must(w.VerifyAddress(t.Context(), w.mia.ID, id))
	if err := w.VerifyAddress(t.Context(), w.mia.ID, id); !models.IsCode(err, models.Conflict) {
		t.Error("confirmed twice:", err)
	}
	if mail := w.email("m1", "ana@example.com", "Desk", "hello"); mail.CustomerID != visitor.CustomerID {
		t.Error("a mail from the confirmed address went to somebody else")
	}
	other := w.chatFrom("v2", "1", "hi", typed(models.EmailIdentity, "ana@example.com"))
	if err := w.VerifyAddress(t.Context(), w.mia.ID, w.address(other.CustomerID, "ana@example.com").ID); !models.IsCode(err, models.Conflict) {
		t.Error("an address that somebody owns was given to another:", err)
	}
}

// A removed address is nobody's: what came from it stays, who writes from it next is somebody new.
func TestRemovedAddressWritesAgain(t *testing.T) {
	w := newWorld(t)
	ana := w.email("m1", "ana@example.com", "Desk", "hello")
	id := w.address(ana.CustomerID, "ana@example.com").ID
	w.must(w.RemoveAddress(t.Context(), w.mia.ID, id))
	ways, err := w.Reach(t.Context(), ana.CustomerID)
	w.must(err)
	if len(ways) != 0 {
		t.Errorf("a removed address can be written to: %+v", ways)
	}
	if hits, err := store.SearchCustomers(w.st.Read(t.Context()), `"ana@example.com"`, "ana@example.com", 5); err != nil || len(hits) != 0 {
		t.Errorf("a removed address is found: %+v %v", hits, err)
	}
	again := w.email("m2", "ana@example.com", "Lamp", "hello again")
	if again.CustomerID == ana.CustomerID {
		t.Error("the removed address came back by itself")
	}
	if err := w.RestoreAddress(t.Context(), w.mia.ID, id); !models.IsCode(err, models.Conflict) {
		t.Error("brought back although somebody new has it:", err)
	}
	if got := w.told(ana.CustomerID); got != "message (hello) contact" {
		t.Error(got)
	}
	merge, err := w.Merge(t.Context(), w.mia.ID, again.CustomerID, ana.CustomerID)
	w.must(err)
	w.must(w.Unmerge(t.Context(), w.mia.ID, merge))
	w.must(w.RemoveAddress(t.Context(), w.mia.ID, w.address(again.CustomerID, "ana@example.com").ID))
	w.must(w.RestoreAddress(t.Context(), w.mia.ID, id))
	if back := w.email("m3", "ana@example.com", "Desk", "third"); back.CustomerID != ana.CustomerID {
		t.Error("a restored address is not its customer's")
	}
}

// A corrected address: the typo keeps what came, the right one is theirs from now on.
func TestCorrectedAddress(t *testing.T) {
	w := newWorld(t)
	ana := w.email("m1", "ana@exmaple.com", "Desk", "hello")
	id := w.address(ana.CustomerID, "ana@exmaple.com").ID
	for _, wrong := range []string{"", "no address", "ana@exmaple.com\x00"} {
		if _, err := w.CorrectAddress(t.Context(), w.mia.ID, id, wrong); err == nil {
			t.Errorf("%q was taken", wrong)
		}
	}
	made, err := w.CorrectAddress(t.Context(), w.mia.ID, id, "Ana@Example.com")
	w.must(err)
	if i := w.address(ana.CustomerID, "ana@example.com"); i.ID != made || i.Evidence != models.Asserted {
		t.Errorf("%+v", i)
	}
	if next := w.email("m2", "ana@example.com", "Desk", "from the right one"); next.CustomerID != ana.CustomerID {
		t.Error("the right address is not theirs")
	}
}

// An address moves with all that came from it, and back with its conversation as it was.
func TestAddressMoves(t *testing.T) {
	w := newWorld(t)
	first := w.email("m1", "ana@example.com", "Desk", "hello")
	_, err := w.AddIdentity(t.Context(), w.mia.ID, first.CustomerID, asserted(models.EmailIdentity, "leo@example.com"))
	w.must(err)
	his := w.email("m2", "leo@example.com", "Lamp", "it is Leo") // joins the open conversation
	w.order("o1", "1042", "paid", "10.00", w.clock, asserted(models.EmailIdentity, "leo@example.com"))
	leo, err := w.NewCustomer(t.Context(), w.mia.ID, "Leo", "", nil)
	w.must(err)
	id := w.address(first.CustomerID, "leo@example.com").ID
	if err := w.MoveAddressBack(t.Context(), w.mia.ID, id); !models.IsCode(err, models.Conflict) {
		t.Error("taken back what never moved:", err)
	}
	before := w.told(first.CustomerID)
	conversation := w.thread(first.CustomerID)[0].ConversationID
	_, err = w.MoveAddress(t.Context(), w.mia.ID, id, leo, "")
	w.must(err)
	if got := w.told(leo); !strings.Contains(got, "(it is Leo)") || !strings.Contains(got, "order") {
		t.Error(got)
	}
	if got := w.told(first.CustomerID); strings.Contains(got, "Leo") {
		t.Error(got)
	}
	if next := w.email("m3", "leo@example.com", "Re: Lamp", "and more"); next.CustomerID != leo {
		t.Error("the next mail went elsewhere")
	}
	w.must(w.MoveAddressBack(t.Context(), w.mia.ID, id))
	if got := w.told(first.CustomerID); !strings.HasPrefix(got, before) {
		t.Errorf("%s\n%s", before, got)
	}
	e, err := store.Event(w.st.Read(t.Context()), his.EventID)
	w.must(err)
	if e.ConversationID != conversation {
		t.Error("the mail did not find its conversation again")
	}
	if err := w.MoveAddressBack(t.Context(), w.mia.ID, id); !models.IsCode(err, models.Conflict) {
		t.Error("taken back twice:", err)
	}
}

// A shared address: what comes from it is the owner's who was active last within 14 days, else the
// first owner's; it merges nobody.
func TestSharedAddress(t *testing.T) {
	w := newWorld(t)
	ana := w.email("m1", "office@example.com", "Desk", "hello")
	id := w.address(ana.CustomerID, "office@example.com").ID
	leo := w.email("m2", "leo@example.com", "Lamp", "hello")
	if _, err := w.AddIdentity(t.Context(), w.mia.ID, leo.CustomerID, asserted(models.EmailIdentity, "office@example.com")); !models.IsCode(err, models.Conflict) {
		t.Error("an address that is not shared was given to a second customer:", err)
	}
	w.must(w.ShareAddress(t.Context(), w.mia.ID, id, true))
	_, err := w.AddIdentity(t.Context(), w.mia.ID, leo.CustomerID, asserted(models.EmailIdentity, "office@example.com"))
	w.must(err)
	w.pass(time.Hour)
	w.email("m3", "leo@example.com", "Lamp", "it is me")
	if got := w.email("m4", "office@example.com", "?", "who am I"); got.CustomerID != leo.CustomerID {
		t.Error("not the owner who was active last")
	}
	w.pass(15 * 24 * time.Hour)
	if got := w.email("m5", "office@example.com", "?", "and now"); got.CustomerID != ana.CustomerID {
		t.Error("after a silence it is not the first owner's")
	}
	w.order("o1", "1042", "paid", "10.00", w.clock, asserted(models.EmailIdentity, "office@example.com"), asserted(models.EmailIdentity, "leo@example.com"))
	merges, err := w.rowsOf("SELECT id FROM merges")
	w.must(err)
	if len(merges) != 0 {
		t.Error("a shared address merged somebody")
	}
	if err := w.ShareAddress(t.Context(), w.mia.ID, id, false); !models.IsCode(err, models.Conflict) {
		t.Error("one person's although two hold it:", err)
	}
}

func (w *world) rowsOf(sql string) ([]string, error) {
	return store.Lines(w.st.Read(w.Context()), sql)
}

// Merging into oneself, twice, or somebody who is not there is refused in words.
func TestMergesThatCannotBe(t *testing.T) {
	w := newWorld(t)
	a, b := w.email("m1", "a@example.com", "", "a").CustomerID, w.email("m2", "b@example.com", "", "b").CustomerID
	_, err := w.Merge(t.Context(), w.mia.ID, a, a)
	if !models.IsCode(err, models.Conflict) || !strings.Contains(err.Error(), "itself") {
		t.Error(err)
	}
	id, err := w.Merge(t.Context(), w.mia.ID, b, a)
	w.must(err)
	for _, into := range []models.ID{a, b} {
		if _, err := w.Merge(t.Context(), w.mia.ID, b, into); !models.IsCode(err, models.Conflict) || !strings.Contains(err.Error(), "already") {
			t.Error(into, err)
		}
	}
	if _, err := w.Merge(t.Context(), w.mia.ID, a, b); !models.IsCode(err, models.Conflict) || !strings.Contains(err.Error(), "itself") {
		t.Error(err)
	}
	for _, nobody := range [][2]models.ID{{a, 999}, {999, a}, {0, a}, {a, 0}} {
		if _, err := w.Merge(t.Context(), w.mia.ID, nobody[0], nobody[1]); !models.IsCode(err, models.NotFound) {
			t.Error(nobody, err)
		}
	}
	w.must(w.Unmerge(t.Context(), w.mia.ID, id))
	if err := w.Unmerge(t.Context(), w.mia.ID, id); !models.IsCode(err, models.Conflict) {
		t.Error("undone twice:", err)
	}
}

// Addresses that only look alike never match, and what is no address matches nobody.
func TestLookAlikesNeverMatch(t *testing.T) {
	w := newWorld(t)
	var seen []models.ID
	for n, from := range []string{"ana@example.com", "аna@example.com", "ana@exаmple.com", "ana@example.com.", "ana@examp1e.com", "ana@ехample.com", "ana@exämple.com"} {
		in := w.email(fmt.Sprint("m", n), from, "hi", "hello")
		if from == "ana@example.com." { // a trailing dot is the same domain
			if in.CustomerID != seen[0] {
				t.Error("the root's dot makes another domain")
			}
			continue
		}
		if slices.Contains(seen, in.CustomerID) {
			t.Errorf("%s was taken for somebody else", from)
		}
		seen = append(seen, in.CustomerID)
	}
	open, err := store.Suggestions(w.st.Read(t.Context()), 0, 50)
	w.must(err)
	if len(open) != 0 {
		t.Errorf("look-alikes were suggested: %+v", open)
	}
}
