package handlers

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"onethread/models"
)

// TestEventsTellOfMail: programs learn who wrote a mail, who was in copy, whose it quotes, and where it can be
// had as it came; what could not be read only with the rights for the settings.
func TestEventsTellOfMail(t *testing.T) {
	h := build(t, nil)
	mail, err := h.deps.Hooks.Channels.Add(t.Context(), "generic", channelsInput())
	if err != nil {
		t.Fatal(err)
	}
	ingest := func(id, from, name string, p models.Payload) models.Ingested {
		t.Helper()
		in := models.Inbound{ChannelID: mail.ID, ExternalID: id, Name: name, Payload: p, Raw: []byte("raw " + id), RawType: "message/rfc822"}
		if from != "" {
			in.Hints = []models.Hint{{Kind: models.EmailIdentity, Value: from, Evidence: models.Asserted, Reason: "From of an email"}}
		}
		out, err := h.deps.API.Inbox.Ingest(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	ana := ingest("m1", "ana@example.com", "Ana", &models.MessageIn{Text: "Hello", MessageID: "m1@example.com", CC: `"Bob, B." <bob@example.com>, rui@example.com`})
	ingest("m2", "bob@example.com", "Bob", &models.MessageIn{Text: "Ten is fine", MessageID: "m2@example.com", InReplyTo: []string{"m1@example.com"}})
	eve := ingest("m3", "eve@example.com", "Eve", &models.MessageIn{Text: "Me too", MessageID: "m3@example.com", InReplyTo: []string{"m1@example.com"}})
	odd := ingest("odd", "", "", &models.UnreadableIn{Reason: "no head"})
	agent, err := h.auth.CreateUser(t.Context(), "agent@example.com", "Agent", models.Agent, pass)
	if err != nil {
		t.Fatal(err)
	}
	owner, err := h.auth.CreateUser(t.Context(), "boss@example.com", "Boss", models.Owner, pass)
	if err != nil {
		t.Fatal(err)
	}
	tokens := map[string]string{}
	for name, u := range map[string]models.User{"agent": agent, "owner": owner} {
		if tokens[name], _, err = h.auth.NewToken(t.Context(), u, name, models.ScopeRead); err != nil {
			t.Fatal(err)
		}
	}
	get := func(who, path string) (int, string) {
		resp, body := h.ask(t, "GET", path, "", "Authorization", "Bearer "+tokens[who])
		return resp.StatusCode, body
	}
	type event struct {
		Author struct{ Kind, Name, Address string }
		CC     []string
		RawURL string `json:"raw_url"`
		Quotes *struct {
			CustomerID string `json:"customer_id"`
			EventID    string `json:"event_id"`
			Name       string
		}
	}
	thread := func(customer models.ID) []event {
		t.Helper()
		var page struct{ Data []event }
		status, body := get("agent", "/api/v1/customers/"+customer.String()+"/thread?kind=message")
		if err := json.Unmarshal([]byte(body), &page); err != nil || status != 200 {
			t.Fatal(status, body, err)
		}
		return page.Data
	}
	hers := thread(ana.CustomerID)
	if len(hers) != 2 || hers[0].Author.Kind != "customer" || fmt.Sprint(hers[0].CC) != "[bob@example.com rui@example.com]" || hers[0].Quotes != nil ||
		hers[1].Author.Kind != "guest" || hers[1].Author.Name != "Bob" || hers[1].Author.Address != "bob@example.com" {
		t.Errorf("Ana's thread: %+v", hers)
	}
	if q := thread(eve.CustomerID)[0].Quotes; q == nil || q.CustomerID != ana.CustomerID.String() || q.EventID != ana.EventID.String() || q.Name != "Ana" {
		t.Errorf("Eve's mail quotes %+v", q)
	}
	_, path, _ := strings.Cut(hers[0].RawURL, "/api/")
	if status, body := get("agent", "/api/"+path); status != 200 || body != "raw m1" {
		t.Errorf("%s: %d %q", hers[0].RawURL, status, body)
	}
	for who, want := range map[string]int{"agent": 404, "owner": 200} {
		if status, _ := get(who, "/api/v1/events/"+odd.EventID.String()+"/raw"); status != want {
			t.Errorf("what could not be read, for the %s: %d, want %d", who, status, want)
		}
	}
}
