package inbox

import (
	"testing"

	"onethread/models"
	"onethread/models/store"
)

// loggedIn is what a signed identify token says besides which browser it came from.
func loggedIn(email string) models.Hint {
	return models.Hint{Kind: models.EmailIdentity, Value: email, Evidence: models.Proved, Reason: "signed by your site"}
}

// A person who logs in on a second browser is that person: two browsers are no two people.
func TestSecondBrowserOfOnePerson(t *testing.T) {
	w := newWorld(t)
	first := w.chatFrom("v1", "1", "hi", loggedIn("ana@example.com"))
	second := w.chatFrom("v2", "1", "me again, from my phone")
	if first.CustomerID == second.CustomerID {
		t.Fatal("a browser that nobody knows is nobody yet")
	}
	again := w.chatFrom("v2", "2", "logged in now", loggedIn("ana@example.com"))
	if again.CustomerID != first.CustomerID {
		t.Errorf("the second browser stayed customer %d, not %d", again.CustomerID, first.CustomerID)
	}
	merges, err := store.MergesInto(w.st.Read(t.Context()), first.CustomerID)
	w.must(err)
	if len(merges) != 1 || merges[0].UserID != 0 {
		t.Fatalf("%+v", merges)
	}
	w.must(w.Unmerge(t.Context(), w.mia.ID, merges[0].ID)) // the refusal counts from now on
	if after := w.chatFrom("v2", "3", "hello", loggedIn("ana@example.com")); after.CustomerID == first.CustomerID {
		t.Error("a pair that staff parted was merged again by evidence")
	}
}

// What staff do to a record is an event: other screens and the feed see it.
func TestRecordTellsWhatStaffDid(t *testing.T) {
	w := newWorld(t)
	id, err := w.NewCustomer(t.Context(), w.mia.ID, "Ana", "", []models.Hint{asserted(models.EmailIdentity, "ana@example.com")})
	w.must(err)
	name, language, notes := "Ana Duarte", "pt", "after five"
	w.must(w.EditCustomer(t.Context(), w.mia.ID, id, Edit{Name: &name, Language: &language, Notes: &notes}))
	w.must(w.EditCustomer(t.Context(), w.mia.ID, id, Edit{Name: &name, Language: &language, Notes: &notes})) // changes nothing, tells nothing
	visitor := w.chatFrom("v1", "1", "hi", typed(models.EmailIdentity, "ana@example.com"))
	open, err := store.SuggestionsFor(w.st.Read(t.Context()), id)
	w.must(err)
	w.must(w.RejectSuggestion(t.Context(), w.mia.ID, open[0].ID))
	feed, err := store.Feed(w.st.Read(t.Context()), 0, 100)
	w.must(err)
	got := map[models.ID]string{}
	for _, e := range feed {
		if e.Kind == models.KindCustomer || e.Kind == models.KindAbout {
			got[e.CustomerID] += string(e.Kind) + e.Data
			if e.UserID != w.mia.ID {
				t.Errorf("%s: by user %d", e.Data, e.UserID)
			}
		}
	}
	want := `customer{"action":"created","name":"Ana"}customer{"action":"renamed","name":"Ana Duarte","before":"Ana"}about{"action":"language","language":"pt"}about{"action":"notes"}` +
		`customer{"action":"refused","other_id":` + visitor.CustomerID.String() + `}`
	if got[id] != want || got[visitor.CustomerID] != `customer{"action":"refused","name":"Ana Duarte","other_id":`+id.String()+`}` {
		t.Errorf("%s\n%s", got[id], got[visitor.CustomerID])
	}
}
