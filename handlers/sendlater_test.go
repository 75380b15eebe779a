package handlers

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/channels"
)

// TestSendLaterByAPI: send_at stands in delivery, is refused in the past and beyond a year, and DELETE calls the
// message off, once.
func TestSendLaterByAPI(t *testing.T) {
	s := openTill(t)
	box, err := s.deps.Hooks.Channels.Add(t.Context(), "email", channels.Input{Settings: map[string]string{"address": "shop@casa.example", "password": "s", "imap_host": "imap.casa.example", "smtp_host": "smtp.casa.example"}})
	s.must(err)
	ana, err := s.deps.API.Inbox.Ingest(t.Context(), models.Inbound{ChannelID: box.ID, ExternalID: "m1", Hints: []models.Hint{{Kind: models.EmailIdentity, Value: "ana@example.com", Evidence: models.Asserted}},
		Payload: &models.MessageIn{Subject: "Desk", Text: "In stock?", MessageID: "m1@example.com"}})
	s.must(err)
	path := "/customers/" + ana.CustomerID.String() + "/messages"
	at := time.Now().Add(time.Hour).UTC().Truncate(time.Second).Format(time.RFC3339)
	resp, body := s.api("POST", path, fmt.Sprintf(`{"text":"It is","send_at":%q,"bcc":["boss@example.com"]}`, at))
	var event string
	decode := func() string {
		var d struct {
			ID       string `json:"id"`
			Delivery struct {
				State  string      `json:"state"`
				SendAt models.Time `json:"send_at"`
			} `json:"delivery"`
		}
		s.must(json.Unmarshal([]byte(body), &d))
		event = d.ID
		return d.Delivery.State + " " + d.Delivery.SendAt.Std().Format(time.RFC3339)
	}
	if got := decode(); resp.StatusCode != 202 || got != "queued "+at {
		t.Errorf("%d %s", resp.StatusCode, got)
	}
	resp, body = s.api("DELETE", "/messages/"+event, "")
	if got := decode(); resp.StatusCode != 200 || got != "canceled "+at {
		t.Errorf("%d %s", resp.StatusCode, got)
	}
	if resp, _ = s.api("DELETE", "/messages/"+event, ""); resp.StatusCode != 409 {
		t.Errorf("twice: %d", resp.StatusCode)
	}
	for _, at := range []string{"2020-01-01T00:00:00Z", "2120-01-01T00:00:00Z"} {
		if resp, body = s.api("POST", path, fmt.Sprintf(`{"text":"It is","send_at":%q}`, at)); resp.StatusCode != 422 {
			t.Errorf("%s: %d %s", at, resp.StatusCode, body)
		}
	}
}
