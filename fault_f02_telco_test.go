package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"onethread/integrations/twilio/twiliotest"
)

// telco is a telephone company that takes its time before and after it accepts a message, goes on
// when the caller is gone, and (when it is unreliable) cuts the line on either side of that.
type telco struct {
	*twiliotest.Fake
	front *httptest.Server

	mu         sync.Mutex
	rng        *rand.Rand
	unreliable bool
	drowsy     bool            // takes long before it accepts
	heard      map[string]bool // messages whose line may have been cut; the next try is spared
	cut        int
}

func slowTelco(t testing.TB, rng *rand.Rand, unreliable bool) *telco {
	c := &telco{Fake: twiliotest.Start(t), rng: rng, unreliable: unreliable, heard: map[string]bool{}}
	c.front = httptest.NewServer(http.HandlerFunc(c.serve))
	t.Cleanup(c.front.Close)
	return c
}

func (c *telco) settings() map[string]string {
	set := c.Settings()
	set["base_url"] = c.front.URL
	return set
}

// drowse says whether it takes long from now on.
func (c *telco) drowse(now bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drowsy = now
}

// mood says what one message meets.
type mood struct {
	before, after    time.Duration
	cutting, cutLate bool
}

func (c *telco) mood(words string) (m mood) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.drowsy && c.rng.IntN(2) == 0 { // longer than the program takes to start again and ask what has left
		m.before = time.Duration(c.rng.IntN(1000)) * time.Millisecond
	}
	if c.rng.IntN(8) == 0 {
		m.after = time.Duration(c.rng.IntN(250)) * time.Millisecond
	}
	m.cutting, m.cutLate = c.unreliable && !c.heard[words] && c.rng.IntN(25) == 0, c.rng.IntN(2) == 0
	c.heard[words] = true
	if m.cutting {
		c.cut++
	}
	return m
}

// serve passes calls on to the account.
func (c *telco) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // cut off before it was whole: never heard
	}
	form, _ := url.ParseQuery(string(body))
	var m mood
	if r.Method == http.MethodPost {
		m = c.mood(form.Get("Body"))
	}
	<-time.After(m.before)
	if m.cutting && !m.cutLate {
		panic(http.ErrAbortHandler)
	}
	// Not the caller's context: a whole call is carried out even when nobody waits for the answer.
	onward, err := http.NewRequestWithContext(context.Background(), r.Method, c.URL()+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	onward.Header = r.Header.Clone()
	answer, err := http.DefaultTransport.RoundTrip(onward)
	if err != nil {
		panic(err)
	}
	defer answer.Body.Close()
	<-time.After(m.after)
	if m.cutting {
		panic(http.ErrAbortHandler)
	}
	for k, v := range answer.Header {
		w.Header()[k] = v
	}
	w.WriteHeader(answer.StatusCode)
	_, _ = io.Copy(w, answer.Body)
}

// judge holds what was accepted against what was promised: each message once.
func (c *telco) judge(t *testing.T, book *ledger) string {
	t.Helper()
	sent := map[string]int{}
	for _, m := range c.Sent() {
		sent[m.Body]++
	}
	texts, lost, doubled := 0, 0, 0
	for key := range book.keys {
		if !strings.HasPrefix(key, "sms-") {
			continue
		}
		texts++
		switch n := sent[key]; {
		case n == 0:
			lost++
			t.Errorf("%s never left", key)
		case n > 1:
			doubled++
			t.Errorf("%s left %d times", key, n)
		}
	}
	if len(sent) != texts {
		t.Errorf("%d different text messages left, %d were acknowledged", len(sent), texts)
	}
	return fmt.Sprintf("%d SMS, %d lost, %d doubled, %d cut off by the telephone company", texts, lost, doubled, c.cut)
}
