package twiliotest

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// magic are Twilio's own test numbers and what sending to them is refused with
// (twilio.com/docs/iam/test-credentials).
var magic = map[string]int{"+15005550001": 21211, "+15005550002": 21612, "+15005550003": 21408, "+15005550004": 21610, "+15005550009": 21614}

var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// create is POST Messages.json.
func (f *Fake) create(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		refuse(w, 400, 21100, err.Error())
		return
	}
	p := r.PostForm
	if code := f.problem(p); code != 0 {
		refuse(w, 400, code, fmt.Sprint("refused with ", code))
		return
	}
	m := &Message{SID: f.sid("SM"), From: p.Get("From"), To: p.Get("To"), Body: p.Get("Body"), Service: p.Get("MessagingServiceSid"), Direction: "outbound-api",
		Status: "queued", StatusCallback: p.Get("StatusCallback"), MediaURL: p["MediaUrl"], Created: f.Now()}
	if m.Service != "" {
		m.Status = "accepted"
	}
	f.messages = append(f.messages, m)
	reply(w, 201, f.resource(m))
}

// problem is Twilio's error code for parameters that it would refuse, 0 for good ones.
func (f *Fake) problem(p url.Values) int {
	to, from, service := p.Get("To"), p.Get("From"), p.Get("MessagingServiceSid")
	switch {
	case to == "":
		return 21604
	case !e164.MatchString(to):
		return 21211
	case from == "" && service == "":
		return 21603
	case from != "" && from != f.Number:
		return 21659
	case service != "" && service != f.Service:
		return 21701
	case strings.TrimSpace(p.Get("Body")) == "" && len(p["MediaUrl"]) == 0:
		return 21602
	case utf8.RuneCountInString(p.Get("Body")) > 1600:
		return 21617
	case len(p["MediaUrl"]) > 10:
		return 21623
	case f.blocked[to]:
		return 21610
	}
	if c := p.Get("StatusCallback"); c != "" {
		if u, err := url.Parse(c); err != nil || u.Host == "" || strings.Contains(u.Host, "_") {
			return 21609
		}
	}
	return magic[to]
}

// list is GET Messages.json: newest first, filtered, in pages.
func (f *Fake) list(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	size, page := number(q.Get("PageSize"), 50), number(q.Get("Page"), 0)
	var hits []any
	for _, m := range slices.Backward(f.messages) {
		if matches(m, q) {
			hits = append(hits, f.resource(m))
		}
	}
	from := min(page*size, len(hits))
	to := min(from+size, len(hits))
	answer := map[string]any{"messages": append([]any{}, hits[from:to]...), "page": page, "page_size": size, "start": from, "end": max(to-1, 0),
		"uri": r.URL.RequestURI(), "first_page_uri": r.URL.RequestURI(), "next_page_uri": nil}
	if to < len(hits) {
		q.Set("Page", strconv.Itoa(page+1))
		q.Set("PageToken", fmt.Sprint("PA", page+1))
		answer["next_page_uri"] = r.URL.Path + "?" + q.Encode()
	}
	reply(w, 200, answer)
}

func number(s string, standard int) int {
	if n, err := strconv.Atoi(s); err == nil && n >= 0 {
		return n
	}
	return standard
}

func matches(m *Message, q url.Values) bool {
	if to := q.Get("To"); to != "" && to != m.To {
		return false
	}
	if from := q.Get("From"); from != "" && from != m.From {
		return false
	}
	if t, err := time.Parse(time.RFC3339, q.Get("DateSent>")); err == nil && m.Created.Before(t) {
		return false
	}
	if t, err := time.Parse(time.RFC3339, q.Get("DateSent<")); err == nil && m.Created.After(t) {
		return false
	}
	return true
}

// resource is a message as the API shows it.
func (f *Fake) resource(m *Message) map[string]any {
	path := "/2010-04-01/Accounts/" + f.SID + "/Messages/" + m.SID
	at := m.Created.UTC().Format(time.RFC1123Z)
	v := map[string]any{"sid": m.SID, "account_sid": f.SID, "api_version": "2010-04-01", "from": m.From, "to": m.To, "body": m.Body, "direction": m.Direction,
		"status": m.Status, "error_code": nil, "messaging_service_sid": nil, "num_media": fmt.Sprint(len(m.Files) + len(m.MediaURL)), "num_segments": "1",
		"date_created": at, "date_updated": at, "date_sent": at, "uri": path + ".json"}
	if m.Status == "queued" || m.Status == "accepted" {
		v["date_sent"] = nil
	}
	if m.Code != 0 {
		v["error_code"] = m.Code
	}
	if m.Service != "" {
		v["messaging_service_sid"] = m.Service
	}
	return v
}

// Sent lists what was accepted for sending, oldest first.
func (f *Fake) Sent() []Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []Message
	for _, m := range f.messages {
		if m.Direction != "inbound" {
			out = append(out, *m)
		}
	}
	return out
}
