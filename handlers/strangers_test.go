package handlers

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"onethread/models/store"
)

// TestStrangersAtTheSameMoment: messages of somebody unknown, in parallel or one right after the other, are
// one customer's, over the signed door.
func TestStrangersAtTheSameMoment(t *testing.T) {
	s := openTill(t)
	message := func(n int, from string) string {
		return fmt.Sprintf(`{"external_id":"%s-%d","kind":"message","identities":[{"kind":"email","value":%q,"evidence":"asserted"}],"message":{"direction":"in","text":"message %d"}}`, from, n, from, n)
	}
	send := func(body string) {
		if resp, answer := s.hook(body, s.signed(body)...); resp.StatusCode >= 300 {
			t.Errorf("%d %s", resp.StatusCode, answer)
		}
	}
	var wg sync.WaitGroup
	for n := range 10 {
		wg.Go(func() { send(message(n, "new@example.com")) })
	}
	wg.Wait()
	send(message(1, "other@example.com"))
	send(message(2, "Other@Example.com")) // at once: the first has just been answered
	for _, who := range []string{"new@example.com", "other@example.com"} {
		hits, err := store.SearchCustomers(s.deps.Store.Read(t.Context()), `"`+who+`"`, who, 20)
		if err != nil || len(hits) != 1 {
			t.Fatalf("%s is %d customers: %v", who, len(hits), err)
		}
		_, thread := s.api("GET", "/customers/"+hits[0].ID.String()+"/thread?kind=message", "")
		if got, want := strings.Count(thread, `"kind":"message"`), map[string]int{"new@example.com": 10, "other@example.com": 2}[who]; got != want {
			t.Errorf("%s has %d messages, want %d", who, got, want)
		}
	}
}
