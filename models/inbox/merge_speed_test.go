package inbox

import (
	"fmt"
	"os"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/store"
)

// TestMergeSpeed measures merging and parting two customers with 5,000 events each; docs/performance.md
// gives the figures (ONETHREAD_BENCH=1 go test -run TestMergeSpeed -v ./models/inbox).
func TestMergeSpeed(t *testing.T) {
	sizes := map[int]time.Duration{10: 30 * time.Millisecond, 500: 30 * time.Millisecond}
	if os.Getenv("ONETHREAD_BENCH") != "" {
		sizes[5000] = 300 * time.Millisecond
	}
	for events, limit := range sizes {
		best := [2]time.Duration{time.Hour, time.Hour}
		w := newWorld(t)
		var people [2]models.ID
		for i := range people {
			from := fmt.Sprintf("p%d@example.com", i)
			people[i] = w.in(w.letter(w.mail, from, from, "Hello")).CustomerID
			for n := 1; n < events; n += 100 { // a hundred a commit
				w.must(w.st.Write(t.Context(), func(tx *store.Tx) error {
					for k := n; k < min(n+100, events); k++ {
						in := w.letter(w.mail, fmt.Sprintf("%s-%d", from, k), from, "Hello again")
						p, err := w.prepare(t.Context(), in)
						if err != nil {
							return err
						}
						if _, err := w.ingest(tx, p); err != nil {
							return err
						}
					}
					return nil
				}))
			}
		}
		for range 3 {
			began := time.Now()
			id, err := w.Merge(t.Context(), w.mia.ID, people[1], people[0])
			w.must(err)
			merged := time.Now()
			w.must(w.Unmerge(t.Context(), w.mia.ID, id))
			best[0], best[1] = min(best[0], merged.Sub(began)), min(best[1], time.Since(merged))
			t.Logf("%d events each: merged in %v, parted in %v", events, merged.Sub(began).Round(100*time.Microsecond), time.Since(merged).Round(100*time.Microsecond))
		}
		for i, what := range []string{"merging", "parting"} {
			if best[i] > 4*limit { // another's work on the machine must not fail it
				t.Errorf("%s customers with %d events each took %v; the figure is %v", what, events, best[i], limit)
			}
		}
	}
}
