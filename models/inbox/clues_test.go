package inbox

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/store"
)

// clues tells what speaks for each open suggestion, the likeliest first.
func (w *world) clues() (out []string) {
	w.Helper()
	q := w.st.Read(w.Context())
	rows, err := store.RankedSuggestions(q, 0, 0, 50)
	w.must(err)
	for _, r := range rows {
		all, err := store.CluesOf(q, []models.ID{r.ID})
		w.must(err)
		line := fmt.Sprint(r.CustomerID, "+", r.OtherID, " ", r.Score)
		for _, c := range all[r.ID] {
			line += " " + c.Kind
		}
		out = append(out, line)
	}
	return out
}

func (w *world) ships(id, name string, to models.Postal, hints ...models.Hint) models.Ingested {
	w.Helper()
	return w.in(models.Inbound{ChannelID: w.till, ExternalID: id, Name: name, Hints: hints, Payload: &models.OrderIn{Order: models.Order{ExternalID: id, Number: id, Status: "paid", Currency: "EUR", Total: 100,
		UpdatedAt: w.st.Now(), ShipTo: name, Postal: to}}})
}

// What speaks for two being one is told and ranked, several clues of a pair together; none merges.
func TestCluesAreRanked(t *testing.T) {
	w := newWorld(t)
	home := models.Postal{Name: "Ana Duarte", Line1: "Rua Augusta 1", Postcode: "1100-048"}
	a := w.ships("o1", "Ana Duarte", home, asserted(models.EmailIdentity, "ana.duarte@gmail.com")).CustomerID
	b := w.ships("o2", "Ana Duarte", home, asserted(models.EmailIdentity, "anaduarte+shop@gmail.com")).CustomerID
	c := w.ships("o3", "Leo Alves", home, asserted(models.EmailIdentity, "leo@example.com")).CustomerID // lives there too: the name on the parcel counts
	d := w.ships("o4", "Leo Alves", models.Postal{Line1: "Rua Augusta 1", Postcode: "1100-048"}, asserted(models.EmailIdentity, "leo.alves@example.com"),
		models.Hint{Kind: models.PhoneIdentity, Value: "+351912007031", Evidence: models.Typed, Reason: "phone of a guest checkout"}).CustomerID
	e := w.in(models.Inbound{ChannelID: w.till, ExternalID: "s1", Name: "L. Alves", Hints: []models.Hint{asserted(models.PhoneIdentity, "+351912007031")}, Payload: &models.MessageIn{Text: "hi"}}).CustomerID
	want := []string{fmt.Sprintf("%d+%d 130 household mailbox name", a, b), fmt.Sprintf("%d+%d 90 phone name", d, e), fmt.Sprintf("%d+%d 60 household", b, c), fmt.Sprintf("%d+%d 60 household", a, c)}
	if got := w.clues(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	merges, err := w.rowsOf("SELECT id FROM merges")
	w.must(err)
	if len(merges) > 0 {
		t.Error("a clue merged somebody")
	}
	open, err := store.SuggestionsFor(w.st.Read(t.Context()), a)
	w.must(err)
	for _, s := range open {
		w.must(w.RejectSuggestion(t.Context(), w.mia.ID, s.ID))
	}
	w.ships("o5", "Ana Duarte", home, asserted(models.EmailIdentity, "ana.duarte@gmail.com"))
	if got := w.clues(); len(got) != 2 {
		t.Errorf("a refused pair was proposed again: %v", got)
	}
}

// A mailbox that many write from (a marketplace's relay) suggests nobody any more.
func TestRelayMailboxSuggestsNobody(t *testing.T) {
	w := newWorld(t)
	for n := range 12 {
		w.email(fmt.Sprint("m", n), fmt.Sprintf("relay+%d@market.example", n), "hi", "hello")
	}
	if got := w.clues(); len(got) > 15 {
		t.Errorf("%d suggestions among customers of one relay", len(got))
	}
}

// TestSuggestionSpeed: finding who else may be meant goes by indexes alone; docs/performance.md gives the figure.
func TestSuggestionSpeed(t *testing.T) {
	w := newWorld(t)
	customers := 3000
	if os.Getenv("ONETHREAD_BENCH") != "" {
		customers = 100_000
	}
	w.must(w.st.Write(t.Context(), func(tx *store.Tx) error {
		for n := range customers {
			c, err := store.AddCustomer(tx, fmt.Sprintf("Customer %d", n), "channel", "")
			if err != nil {
				return err
			}
			mail := fmt.Sprintf("c%d@example.com", n)
			if _, err := store.AddIdentity(tx, models.Identity{CustomerID: c, Kind: models.EmailIdentity, Value: mail, Display: mail, Mailbox: mail, Evidence: models.Asserted}); err != nil {
				return err
			}
		}
		return nil
	}))
	home := models.Postal{Line1: "Rua Augusta 1", Postcode: "1100-048"}
	best := [2]time.Duration{time.Hour, time.Hour}
	for n := range 40 {
		to, mail := home, fmt.Sprintf("c%d+tag@example.com", n)
		if n%2 == 1 {
			to, mail = models.Postal{}, fmt.Sprintf("new%d@example.net", n)
		}
		began := time.Now()
		w.ships(fmt.Sprint("o", n), fmt.Sprintf("Buyer Number%d", n), to, asserted(models.EmailIdentity, mail))
		best[n%2] = min(best[n%2], time.Since(began))
	}
	t.Logf("%d customers: an order that suggests %v, one that does not %v", customers, best[0], best[1])
	if more := best[0] - best[1]; more > 6*time.Millisecond {
		t.Errorf("suggesting takes %v, three times what it may", more)
	}
}
