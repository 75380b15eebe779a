package live

import (
	"sync"
	"testing"
)

func TestRingWakesEveryWaiterOnce(t *testing.T) {
	var b Bell
	var wg sync.WaitGroup
	for range 10 {
		ch := b.Wait()
		wg.Go(func() { <-ch })
	}
	b.Ring()
	wg.Wait()
	select {
	case <-b.Wait():
		t.Fatal("a Wait taken after Ring must block until the next Ring")
	default:
	}
}

func TestRingWithoutWaiters(t *testing.T) {
	var b Bell
	b.Ring()
	b.Ring()
}
