package postoffice_test

import (
	"context"
	"net"
	"testing"
	"time"

	"onethread/integrations/email"
	"onethread/integrations/email/postoffice"
	"onethread/models"
)

// connect opens the office with the email channel itself, as the sample shop does.
func connect(t *testing.T, o *postoffice.Office) models.Connection {
	t.Helper()
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	settings := map[string]string{"poll_seconds": "1", "backfill_days": "1"}
	for k, v := range o.Settings() {
		settings[k] = v
	}
	conn, err := email.Provider.Open(models.Channel{ID: 1, Type: "email", Settings: settings, CreatedAt: models.At(time.Now().Add(-time.Hour))},
		models.Host{URL: "http://localhost", Now: time.Now, Dial: dialer.DialContext,
			Cursor: func(context.Context, string) (string, error) { return "", nil }, Status: func(context.Context, models.Status) {}})
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestMailGoesInAndOut(t *testing.T) {
	o, err := postoffice.Open(t.Context(), "hello@example.com", "a password")
	if err != nil {
		t.Fatal(err)
	}
	conn := connect(t, o)
	for _, c := range conn.Check(t.Context()) {
		if !c.OK {
			t.Errorf("check %s: %s", c.Step, c.Problem)
		}
	}
	if err := o.Put([]byte("From: Ana <ana@example.com>\r\nTo: hello@example.com\r\nMessage-ID: <1@example.com>\r\nSubject: Desk\r\n\r\nIs it back?\r\n")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var got *models.MessageIn
	err = conn.Receiver.Receive(ctx, func(_ context.Context, in models.Inbound) (models.Ingested, error) {
		if m, ok := in.Payload.(*models.MessageIn); ok {
			got = m
			cancel()
		}
		return models.Ingested{EventID: 1}, nil
	})
	if got == nil || got.Subject != "Desk" {
		t.Fatalf("received %+v, %v", got, err)
	}

	o.Refuse("gone@example.org", "No such mailbox here")
	if _, err := conn.Sender.Send(t.Context(), models.Outbound{To: "ana@example.com", Text: "Yes", MessageID: "2@example.com", Subject: "Re: Desk"}); err != nil || o.Taken() != 1 {
		t.Errorf("sent with %v, %d taken", err, o.Taken())
	}
	_, err = conn.Sender.Send(t.Context(), models.Outbound{To: "gone@example.org", Text: "Yes", MessageID: "3@example.com", Subject: "Re: Desk"})
	if failure, ok := err.(*models.SendError); !ok || !failure.Permanent {
		t.Errorf("a refused recipient gave %v", err)
	}
	if err := o.Close(); err != nil {
		t.Error(err)
	}
}
