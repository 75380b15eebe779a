package staff_test

import (
	"net/url"
	"strings"
	"testing"

	"onethread/models"
	"onethread/models/inbox"
)

// TestMergesOfAChain: the panel lists every merge below a customer, each can be undone, and a line whose
// merge was undone offers nothing any more. Notes of a merged record are shown and stay its own.
func TestMergesOfAChain(t *testing.T) {
	s := openShop(t)
	a, b, c := s.mailFrom("a@example.com", "Ana", "one"), s.mailFrom("b@example.com", "Bea", "two"), s.mailFrom("c@example.com", "Cleo", "three")
	notes, language := "allergic to walnut", "pt"
	s.must(s.inbox.EditCustomer(t.Context(), s.mia.ID, c.CustomerID, inbox.Edit{Notes: &notes, Language: &language}))
	first, err := s.inbox.Merge(t.Context(), s.mia.ID, c.CustomerID, b.CustomerID)
	s.must(err)
	second, err := s.inbox.Merge(t.Context(), s.mia.ID, b.CustomerID, a.CustomerID)
	s.must(err)
	ivo, err := s.auth.CreateUser(t.Context(), "ivo@casa.example", "Ivo", models.Viewer, password)
	s.must(err)
	mia, viewer := s.login(s.mia), s.login(ivo)
	path := "/customers/" + a.CustomerID.String()
	undo := func(id models.ID) string { return `hx-post="/merges/` + id.String() + `/undo"` }
	page := mia.see(path, "HX-Request", "true")
	for _, id := range []models.ID{first, second} {
		if n := strings.Count(page, undo(id)); n != 2 {
			t.Errorf("merge %d can be undone in %d places, want its line and the panel", id, n)
		}
	}
	mustContain(t, "panel", page, "allergic to walnut", "Kept with Cleo", "<dd>pt</dd>")
	mustNotContain(t, "a viewer's page", viewer.see(path, "HX-Request", "true"), "/undo\"")
	mia.do("/merges/"+first.String()+"/undo", url.Values{})
	page = mia.see(path, "HX-Request", "true")
	mustNotContain(t, "after the undoing", page, undo(first), "allergic to walnut")
	mustContain(t, "after the undoing", page, undo(second), "Taken apart from Cleo")
	mustContain(t, "who was parted", mia.see("/customers/"+c.CustomerID.String(), "HX-Request", "true"), "allergic to walnut", "Taken apart from Ana")
}
