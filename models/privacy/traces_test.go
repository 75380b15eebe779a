package privacy_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/inbox"
	"onethread/models/store"
)

// TestErasureLeavesNoTraceAmongOthers grows a database in which the pages of many people are split, joined
// and written anew, erases some of them, and reads every byte for their words.
func TestErasureLeavesNoTraceAmongOthers(t *testing.T) {
	w := newWorld(t)
	rng := rand.New(rand.NewPCG(7, 11))
	const people = 60
	ids := make([]models.ID, people)
	word := func(n int) string { return fmt.Sprintf("quokka%03dz", n) }
	for round := range 12 {
		for n := range people {
			if rng.IntN(3) == 0 && round > 0 {
				continue
			}
			w.pass(time.Second)
			about := word(n) + strings.Repeat(" lorem "+word(n), rng.IntN(60))
			at := word(n) + "@example.com"
			switch rng.IntN(6) {
			case 0:
				if ids[n] != 0 {
					w.must(w.SaveDraft(t.Context(), store.Draft{UserID: w.mia.ID, CustomerID: ids[n], Kind: "note", Text: about}))
				}
			case 1:
				if ids[n] != 0 {
					notes, name := about, "Name "+about[:10+rng.IntN(min(80, len(about)-9))]
					w.must(w.EditCustomer(t.Context(), w.mia.ID, ids[n], inbox.Edit{Notes: &notes, Name: &name}))
				}
			case 2:
				w.in(w.order(fmt.Sprint(n, round%4), word(n), []string{"pending", "paid", "shipped"}[rng.IntN(3)], asserted(models.EmailIdentity, at)))
			default:
				ids[n] = w.in(w.letter(fmt.Sprintf("%s-%d", word(n), round), at, "Name "+word(n), about)).CustomerID
			}
		}
	}
	gone := map[int]bool{}
	for len(gone) < 15 {
		n := rng.IntN(people)
		if ids[n] == 0 || gone[n] {
			continue
		}
		gone[n] = true
		_, err := w.Erase(t.Context(), w.mia.ID, ids[n])
		w.must(err)
		if left := w.found(word(n)); len(left) > 0 {
			t.Errorf("%d: %q", n, left)
		}
	}
	for _, fts := range []string{"messages_fts", "orders_fts"} {
		w.must(w.st.Write(t.Context(), func(tx *store.Tx) error {
			_, err := store.Lines(tx, "CREATE VIRTUAL TABLE temp.terms_"+fts+" USING fts5vocab('main', '"+fts+"', 'row')")
			if err != nil {
				return err
			}
			terms, err := store.Lines(tx, "SELECT term FROM temp.terms_"+fts)
			for n := range gone {
				for _, term := range terms {
					if strings.HasPrefix(term, word(n)[:9]) {
						t.Errorf("%s still knows %q", fts, term)
					}
				}
			}
			return err
		}))
	}
	for n := range people {
		if ids[n] != 0 && !gone[n] && len(w.found(word(n))) == 0 {
			t.Error("gone, but nobody erased it:", word(n))
		}
	}
}
