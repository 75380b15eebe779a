package conformance

import (
	"bytes"
	"slices"
	"testing"

	"onethread/models"
)

// hook checks the webhook side: the same call twice gives the same ids, a forged one gives
// nothing, and nonsense with a good signature is kept as unreadable.
func hook(t *testing.T, h Hook) {
	for name, req := range h.Good {
		t.Run("good/"+name, func(t *testing.T) { stable(t, h.Open(t), req) })
	}
	for name, req := range h.Forged {
		t.Run("forged/"+name, func(t *testing.T) { forged(t, h.Open(t), req) })
	}
	for name, req := range h.Malformed {
		t.Run("malformed/"+name, func(t *testing.T) { malformed(t, h.Open(t), req) })
	}
}

func stable(t *testing.T, h models.Hook, req models.HookRequest) {
	first, second := parse(t, h, req), parse(t, h, req)
	if len(first) == 0 {
		t.Fatal("a good call gave nothing")
	}
	for _, in := range first {
		sound(t, in)
	}
	if a, b := ids(first), ids(second); !slices.Equal(a, b) {
		t.Errorf("the same call twice gave other ids: %q and %q", a, b)
	}
}

func parse(t *testing.T, h models.Hook, req models.HookRequest) []models.Inbound {
	t.Helper()
	req.Body = bytes.Clone(req.Body)
	got, err := h.Parse(req)
	if err != nil {
		t.Fatalf("a well signed call is refused: %v", err)
	}
	return got
}

func forged(t *testing.T, h models.Hook, req models.HookRequest) {
	got, err := h.Parse(req)
	if len(got) > 0 {
		t.Errorf("a forged call gave %d events", len(got))
	}
	if !models.IsCode(err, models.Unsigned) && !models.IsCode(err, models.Forbidden) {
		t.Errorf("want an unsigned or forbidden error, got %v", err)
	}
}

func malformed(t *testing.T, h models.Hook, req models.HookRequest) {
	got := parse(t, h, req)
	if len(got) != 1 {
		t.Fatalf("nonsense gave %d events, want one unreadable", len(got))
	}
	if _, ok := got[0].Payload.(*models.UnreadableIn); !ok {
		t.Errorf("want an UnreadableIn, got %T", got[0].Payload)
	}
	if !bytes.Equal(got[0].Raw, req.Body) {
		t.Error("the body is not kept as it came")
	}
	if again := parse(t, h, req); got[0].ExternalID == "" || again[0].ExternalID != got[0].ExternalID {
		t.Errorf("no stable id: %q then %q", got[0].ExternalID, again[0].ExternalID)
	}
}

// sound checks what inbox.Ingest relies on.
func sound(t *testing.T, in models.Inbound) {
	t.Helper()
	if in.ExternalID == "" {
		t.Error("an event without an external id")
	}
	if in.Payload == nil {
		t.Fatal("an event without a payload")
	}
	if m, ok := in.Payload.(*models.MessageIn); ok && m.Direction != models.Out && len(in.Hints) == 0 {
		t.Error("a message without a hint who sent it")
	}
}

func ids(list []models.Inbound) []string {
	out := make([]string, len(list))
	for i, in := range list {
		out[i] = in.ExternalID
	}
	slices.Sort(out)
	return out
}
