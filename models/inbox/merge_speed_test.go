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
	if os.Getenv("ONETHREAD_BENCH") == "" {
		t.Skip("a measurement: ONETHREAD_BENCH=1 asks for it")
	}
	for _, events := range []int{10, 5000} {
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
			t.Logf("%d events each: merged in %v, parted in %v", events, merged.Sub(began).Round(100*time.Microsecond), time.Since(merged).Round(100*time.Microsecond))
		}
	}
}
