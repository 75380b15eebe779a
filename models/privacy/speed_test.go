package privacy_test

import (
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/store"
)

// TestErasureSpeed measures erasing a customer with 5,000 messages among 2,000 of others
// (ONETHREAD_BENCH=1 go test -run TestErasureSpeed -v ./models/privacy).
func TestErasureSpeed(t *testing.T) {
	if os.Getenv("ONETHREAD_BENCH") == "" {
		t.Skip("a measurement: ONETHREAD_BENCH=1 asks for it")
	}
	w := newWorld(t)
	began := time.Now()
	write := func(who, from, to int) (id models.ID) {
		var wg sync.WaitGroup
		for n := from; n < to; n++ {
			wg.Add(1)
			go func() {
				defer wg.Done()
				in := w.letter(fmt.Sprint("m", who, "-", n), fmt.Sprintf("p%d@example.com", who), fmt.Sprint("Name ", who), "Hello again, is the walnut desk in stock? I would like to know by friday the "+fmt.Sprint(n))
				id = w.in(in).CustomerID
			}()
			if n%64 == 0 {
				wg.Wait()
			}
		}
		wg.Wait()
		return id
	}
	for who := range 400 {
		write(who, 0, 5)
	}
	t.Logf("2,000 mails of 400 people came in %v", time.Since(began).Round(time.Millisecond))
	for _, n := range []int{10, 5000} {
		id := write(9000+n, 0, n)
		began = time.Now()
		_, err := w.EraseRecord(t.Context(), w.mia.ID, id)
		w.must(err)
		gone, longest := time.Now(), time.Duration(0)
		for more := true; more; {
			step := time.Now()
			w.must(w.st.Write(t.Context(), func(tx *store.Tx) (err error) { more, err = store.EraseEvents(tx); return err }))
			longest = max(longest, time.Since(step))
		}
		taken := time.Now()
		w.must(w.Tidy(t.Context()))
		t.Logf("%d messages: gone from the screens in %v, taken away in %v (others waited for %v at most), traces overwritten in %v", n, gone.Sub(began).Round(time.Millisecond),
			taken.Sub(gone).Round(time.Millisecond), longest.Round(time.Millisecond), time.Since(taken).Round(time.Millisecond))
	}
}
