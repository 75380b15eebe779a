package handlers

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestSignedGarbage: every provider's true signature over nonsense is acknowledged, kept as it came
// and told on the channel's page with its reason; the next call counts.
func TestSignedGarbage(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			s := openStall(t, kind)
			for i, body := range []string{"", "{", `[1,2]`, `"word"`, "null", "{}{}", "\xff\xfe\x00{", "%zz=%", "a=1&b=2", "<html>", strings.Repeat("[", 20_000), strings.Repeat(`{"a":`, 20_000)} {
				before, health := s.state()
				status, answer := s.call(body)
				event, now := s.state()
				if status != 200 || event == before || now.Unreadable != health.Unreadable+1 || now.Rejected != health.Rejected || len(s.reason()) < 20 {
					t.Errorf("%.20q: %d %s; event %d after %d, %d unreadable, because %s", body, status, answer, event, before, now.Unreadable, s.reason())
				}
				if status, _ := s.call(body); status != 200 {
					t.Errorf("%.20q again: %d", body, status)
				}
				if _, again := s.state(); again.Unreadable != now.Unreadable {
					t.Errorf("%.20q is kept twice", body)
				}
				s.next(i, fmt.Sprintf("%.20q", body))
			}
			resp, page := s.ask(t, "GET", "/settings/channels/"+s.channel.ID.String(), "", "Cookie", s.cookie)
			if resp.StatusCode != 200 || !strings.Contains(page, "12 unreadable events") {
				t.Errorf("the channel's page does not tell of it: %d", resp.StatusCode)
			}
		})
	}
}

// TestOddOrders: what each shop may send of an order, and what becomes of it. Where a shop's call must
// be acknowledged it is kept as unreadable; the generic door names the field instead.
func TestOddOrders(t *testing.T) {
	for _, kind := range []string{"shopify", "woocommerce", "generic"} {
		t.Run(kind, func(t *testing.T) {
			s := openStall(t, kind)
			for i, c := range []struct {
				what   string
				order  order
				stored bool
				says   string // in the reason why it is not stored
			}{
				{"a currency for tests", order{"2001", "XTS", 1, true}, true, ""},
				{"a currency that is none", order{"2002", "EURO", 1, true}, false, "ISO 4217"},
				{"a sign for a currency", order{"2003", "€", 1, true}, false, "ISO 4217"},
				{"markup for a currency", order{"2004", "<b>", 1, true}, false, "ISO 4217"},
				{"no lines", order{"2005", "EUR", 0, true}, true, ""},
				{"500 lines", order{"2006", "EUR", 500, true}, true, ""},
				{"an id beyond 2^53", order{"820982911946154508", "EUR", 1, true}, true, ""},
				{"an id beyond 2^64", order{"98209829119461545081234", "EUR", 1, true}, true, ""},
				{"nobody who bought", order{"2009", "EUR", 1, false}, kind != "generic", "identities"},
			} {
				before, health := s.state()
				status, answer := s.call(s.order(c.order))
				event, now := s.state()
				found, raw := s.orders(c.order.id)
				if !c.stored {
					refused := kind == "generic" && status == 422 && strings.Contains(answer, c.says) && event == before
					kept := kind != "generic" && status == 200 && now.Unreadable == health.Unreadable+1 && strings.Contains(s.reason(), c.says)
					if len(found) != 0 || !refused && !kept {
						t.Errorf("%s: %d %s; event %d after %d; %s", c.what, status, answer, event, before, s.reason())
					}
				} else if status != 200 || event == before || len(found) != 1 || now.Unreadable != health.Unreadable {
					t.Errorf("%s: %d %s; %s; %s", c.what, status, answer, raw, s.reason())
				} else {
					s.shown(c.what, c.order, raw)
				}
				s.next(i, c.what)
			}
		})
	}
}

// shown: the API writes ids as strings of all their digits and amounts exactly; the thread draws the
// order with its lines.
func (s *stall) shown(what string, o order, raw string) {
	s.t.Helper()
	found, _ := s.orders(o.id)
	got := found[0]
	for _, want := range []string{`"external_id":"` + o.id + `"`, `"number":"` + o.id + `"`, `"total":"538.00"`, `"currency":"` + o.currency + `"`} {
		if !strings.Contains(raw, want) {
			s.t.Errorf("%s: the API does not say %s: %.400s", what, want, raw)
		}
	}
	if len(got.Lines) != o.lines {
		s.t.Errorf("%s: %d lines of %d", what, len(got.Lines), o.lines)
	}
	resp, page := s.ask(s.t, "GET", "/customers/"+got.CustomerID, "", "Cookie", s.cookie)
	amount := "€538.00"
	if o.currency != "EUR" {
		amount = o.currency + " 538.00"
	}
	if resp.StatusCode != 200 || !strings.Contains(page, o.id) || !strings.Contains(page, amount) || (o.lines > 0 && !strings.Contains(page, "Desk 0")) {
		s.t.Errorf("%s: the thread answers %d and lacks %s, %s or its lines", what, resp.StatusCode, o.id, amount)
	}
}

// TestTheSameCallADayLater, with the house's clock a day on: copies of one call are one event whenever
// they come. The generic door's signature has a clock and runs out; signed anew, its event is known.
func TestTheSameCallADayLater(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			s := openStall(t, kind)
			body := s.good(1)
			headers := s.signed(s.path, body, s.secret)
			once := func() int { resp, _ := s.ask(t, "POST", s.path, body, headers...); return resp.StatusCode }
			if status := once(); status != 200 {
				t.Fatal(status)
			}
			after, health := s.state()
			s.ahead.Add(int64(24 * time.Hour))
			want := 200
			if kind == "generic" {
				want = 401
			}
			if status := once(); status != want {
				t.Errorf("the very same call: %d, want %d", status, want)
			}
			if status, answer := s.call(body); status != 200 {
				t.Errorf("signed anew: %d %s", status, answer)
			}
			last, now := s.state()
			if last != after || now.Unreadable != health.Unreadable {
				t.Errorf("the same call a day later left event %d after %d", last, after)
			}
			s.next(2, "a day")
		})
	}
}

// TestCallsToAChannelThatIsNotThere: a paused channel asks for patience, and takes the same call when
// it goes on; a removed one is not there, whatever it was.
func TestCallsToAChannelThatIsNotThere(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			s := openStall(t, kind)
			at := "/channels/" + s.channel.ID.String()
			before := s.last()
			for _, paused := range []bool{true, false} {
				if resp, body := s.api("PATCH", at, fmt.Sprintf(`{"paused":%v}`, paused)); resp.StatusCode != 200 {
					t.Fatal(resp.StatusCode, body)
				}
				status, answer := s.call(s.good(1))
				if want := map[bool]int{true: 503, false: 200}[paused]; status != want {
					t.Errorf("paused %v: %d %s", paused, status, answer)
				}
				if found, _ := s.orders(fmt.Sprint(1001)); kind != "twilio" && (len(found) == 0) != paused {
					t.Errorf("paused %v: %d orders", paused, len(found))
				}
			}
			if s.last() == before {
				t.Error("the call was not taken after the pause")
			}
			if resp, body := s.api("DELETE", at, ""); resp.StatusCode != 204 {
				t.Fatal(resp.StatusCode, body)
			}
			gone := s.last()
			status, answer := s.call(s.good(2))
			if status != 404 || s.last() != gone {
				t.Errorf("removed: %d %s", status, answer)
			}
			s.path = strings.Replace(s.path, "/"+s.channel.ID.String(), "/"+never, 1)
			if s2, never := s.call(s.good(2)); told(s2, never) != told(status, answer) {
				t.Errorf("removed %d %s, never there %d %s", status, answer, s2, never)
			}
		})
	}
}

// TestOddTexts: what a text message may carry, signed.
func TestOddTexts(t *testing.T) {
	s := openStall(t, "twilio")
	for i, c := range []struct {
		what   string
		change url.Values
		read   bool
	}{
		{"another account's", url.Values{"AccountSid": {"AC" + strings.Repeat("9", 32)}}, false},
		{"no account", url.Values{"AccountSid": nil}, false},
		{"an id that is none", url.Values{"MessageSid": {"SMx"}}, false},
		{"WhatsApp on the SMS address", url.Values{"From": {"whatsapp:+351912007031"}}, false},
		{"a sender without a number", url.Values{"From": {"MYBANK"}}, true},
		{"an empty body", url.Values{"Body": {""}}, true},
		{"what no database takes", url.Values{"Body": {"a\x00b\xff\u202e"}}, true},
		{"markup", url.Values{"Body": {"<script>alert(1)</script>"}}, true},
		{"20,000 characters", url.Values{"Body": {strings.Repeat("ä", 20_000)}}, true},
		{"many files that are not named", url.Values{"NumMedia": {"99999999"}}, true},
	} {
		form, err := url.ParseQuery(s.good(100 + i))
		s.must(err)
		for k, v := range c.change {
			if form.Del(k); len(v) > 0 {
				form.Set(k, v[0])
			}
		}
		body := "MessageSid=" + url.QueryEscape(form.Get("MessageSid")) + "&" + form.Encode()
		before, health := s.state()
		status, answer := s.call(body)
		event, now := s.state()
		switch {
		case c.what == "another account's":
			if status != 401 || event != before {
				t.Errorf("%s: %d %s", c.what, status, answer)
			}
		case status != 200 || event == before || (now.Unreadable == health.Unreadable) != c.read || !strings.HasPrefix(answer, "<?xml"):
			t.Errorf("%s: %d %s; %d unreadable after %d: %s", c.what, status, answer, now.Unreadable, health.Unreadable, s.reason())
		}
		s.next(i, c.what)
	}
}
