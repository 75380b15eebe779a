package inbox

import (
	"encoding/json"
	"testing"

	"onethread/models"
	"onethread/models/outbox"
	"onethread/models/store"
)

// content is what the outbox holds of a message.
func (w *world) content(event models.ID) (c outbox.Content) {
	w.Helper()
	row, ok, err := store.OutboxOf(w.st.Read(w.Context()), event)
	w.must(err)
	if !ok {
		w.Fatal("no outbox row")
	}
	w.must(json.Unmarshal([]byte(row.Content), &c))
	return c
}

// TestSignatureIsFrozen: a mail carries the signature of when it was written, the text in the thread does not.
func TestSignatureIsFrozen(t *testing.T) {
	w := newWorld(t)
	ana := w.email("m1", "ana@example.com", "Desk", "Is it in stock?")
	w.mia.Signature = "{name}\nCasa"
	mailed, err := w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana.CustomerID, Text: "It is."})
	w.must(err)
	w.mia.Signature = "Somebody else"
	if got := w.content(mailed).Signature; got != "Mia\nCasa" {
		t.Errorf("signature %q", got)
	}
	if m, err := store.Message(w.st.Read(t.Context()), mailed); err != nil || m.Text != "It is." {
		t.Errorf("%q %v", m.Text, err)
	}
	visitor := w.chatFrom("v1", "c1", "hi")
	chatted, err := w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: visitor.CustomerID, Text: "Hello"})
	w.must(err)
	if got := w.content(chatted).Signature; got != "" {
		t.Errorf("a chat is signed %q", got)
	}
}
