package privacy_test

import (
	"fmt"
	"os"
	"runtime"
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
	for who := range 400 {
		w.write(who, 0, 5)
	}
	t.Logf("2,000 mails of 400 people came in %v", time.Since(began).Round(time.Millisecond))
	for _, n := range []int{10, 5000} {
		id := w.write(9000+n, 0, n)
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

// write takes in mails from one person, many at once.
func (w *world) write(who, from, to int) (id models.ID) {
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

// TestExportSpeed measures exporting a customer with 20,000 messages, and what it takes of memory
// (ONETHREAD_BENCH=1 go test -run TestExportSpeed -v ./models/privacy).
func TestExportSpeed(t *testing.T) {
	if os.Getenv("ONETHREAD_BENCH") == "" {
		t.Skip("a measurement: ONETHREAD_BENCH=1 asks for it")
	}
	w := newWorld(t)
	id := w.write(1, 0, 20000)
	runtime.GC()
	var before, most runtime.MemStats
	runtime.ReadMemStats(&before)
	out := &counted{}
	first := time.Duration(0)
	began := time.Now()
	out.told = func() {
		if first == 0 {
			first = time.Since(began)
		}
		var now runtime.MemStats
		if runtime.ReadMemStats(&now); now.HeapInuse > most.HeapInuse {
			most = now
		}
	}
	w.must(w.Export(t.Context(), id, out))
	t.Logf("20,000 messages: the first bytes after %v, all %d kB after %v, heap %d MB at most (%d before)", first.Round(time.Millisecond), out.n>>10,
		time.Since(began).Round(time.Millisecond), most.HeapInuse>>20, before.HeapInuse>>20)
}

type counted struct {
	n    int
	told func()
}

func (c *counted) Write(b []byte) (int, error) {
	c.n += len(b)
	c.told()
	return len(b), nil
}
