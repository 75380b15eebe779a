package inbox

import (
	"context"
	"strings"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/outbox"
	"onethread/models/store"
)

// runOutbox runs the real worker until a condition holds.
func runOutbox(w *world, send func(models.Outbound), until func() bool) {
	w.Helper()
	ctx, stop := context.WithCancel(w.Context())
	done := make(chan error, 1)
	worker := &outbox.Worker{Store: w.st, Senders: func(models.ID) (models.Sender, bool) { return sending(send), true }}
	go func() { done <- worker.Run(ctx) }()
	for deadline := time.Now().Add(20 * time.Second); !until(); {
		bell := w.st.Bell.Wait()
		if time.Now().After(deadline) {
			w.Error("waited in vain for the outbox")
			break
		}
		select {
		case <-bell:
		case <-time.After(50 * time.Millisecond):
		}
	}
	stop()
	w.must(<-done)
}

type sending func(models.Outbound)

func (s sending) Send(_ context.Context, out models.Outbound) (models.Receipt, error) {
	s(out)
	return models.Receipt{State: models.DeliverySent}, nil
}

// linked is a customer with a chat and an address, and the link that followed them.
func (w *world) linked() (ana models.Ingested, token string) {
	w.Helper()
	w.URL = "https://inbox.example"
	ana = w.chatFrom("v1", "c1", "Is the desk in stock?")
	w.contact("v1", typed(models.EmailIdentity, "ana@example.com"))
	w.answer("v1", "Yes.")
	w.pass(2 * time.Minute)
	w.follows()
	mail := w.followed(ana.CustomerID)
	if len(mail) != 1 {
		w.Fatal("nothing followed")
	}
	_, token, ok := strings.Cut(mail[0].Message.Text, "https://inbox.example/c/continue/")
	if !ok {
		w.Fatal("no link:", mail[0].Message.Text)
	}
	return ana, strings.TrimSpace(token)
}

func TestContinueElsewhere(t *testing.T) {
	w := newWorld(t)
	ana, token := w.linked()
	to, err := w.LookAtContinue(t.Context(), token)
	w.must(err)
	if to.Conversation.ID != ana.ConversationID || to.Channel.ID != w.chat {
		t.Fatalf("%+v", to)
	}
	w.must(w.SendContinueCode(t.Context(), token))
	code := w.code(ana.CustomerID)
	if _, err := w.ConfirmContinue(t.Context(), token, other(code), "tablet"); err == nil {
		t.Fatal("a wrong code opens it")
	}
	_, err = w.ConfirmContinue(t.Context(), token, code, "tablet")
	w.must(err)
	if got := strings.Join(w.chatOf("tablet"), "|"); got != "in: Is the desk in stock?|out: Yes." {
		t.Error(got)
	}
	if w.mailOf(ana.CustomerID).Evidence != models.Proved {
		t.Error("the mailbox is proved")
	}
	on := w.chatFrom("tablet", "c9", "Then keep one.")
	if on.ConversationID != ana.ConversationID || on.CustomerID != ana.CustomerID {
		t.Error("what is written there goes elsewhere", on)
	}
	if got := strings.Join(w.chatOf("v1"), "|"); strings.Contains(got, "keep one") {
		t.Error("the first browser proved nothing:", got)
	}
	if _, err := w.ConfirmContinue(t.Context(), token, code, "thief"); err == nil {
		t.Error("a code opens it twice")
	}
}

func TestContinueLinksEnd(t *testing.T) {
	for name, end := range map[string]func(w *world, ana models.Ingested){
		"expired": func(w *world, _ models.Ingested) { w.pass(7*24*time.Hour + time.Second) },
		"the address is known as another's": func(w *world, _ models.Ingested) {
			w.in(models.Inbound{ChannelID: w.till, ExternalID: "o", Hints: []models.Hint{asserted(models.EmailIdentity, "ana@example.com")}, Payload: &models.VisitIn{}})
		},
		"the chat is paused": func(w *world, _ models.Ingested) {
			c := w.channel()
			c.Paused = true
			w.must(w.st.Write(w.Context(), func(tx *store.Tx) error {
				return store.UpdateChannel(tx, c, func(k string) bool { return k == "password" })
			}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			ana, token := w.linked()
			end(w, ana)
			if _, err := w.LookAtContinue(t.Context(), token); !models.IsCode(err, models.NotFound) {
				t.Error("it can be looked at:", err)
			}
			if err := w.SendContinueCode(t.Context(), token); !models.IsCode(err, models.NotFound) {
				t.Error("it sends codes:", err)
			}
			if _, err := w.ConfirmContinue(t.Context(), token, "123456", "thief"); !models.IsCode(err, models.NotFound) {
				t.Error("it opens:", err)
			}
			if n := w.codes(ana.CustomerID); n != 0 {
				t.Error("a code was sent")
			}
		})
	}
}

func TestContinueLinksAreNotForged(t *testing.T) {
	w := newWorld(t)
	ana, token := w.linked()
	until := w.st.Now().Add(time.Hour).String()
	for _, bad := range []string{"", "x", token[1:], token[:len(token)-2], token + "AA", w.sealLink(confirmLink, ana.ConversationID.String(), "1", until), w.sealLink(continueLink, "1", "2"),
		w.sealLink(continueLink, "987654", "1", "99999999999999"), strings.Repeat("A", 10_000)} {
		if _, err := w.LookAtContinue(t.Context(), bad); !models.IsCode(err, models.NotFound) {
			t.Errorf("%.60q: %v", bad, err)
		}
	}
	if strings.Contains(token, ana.ConversationID.String()+"|") {
		t.Error("the link tells ids")
	}
}

// On demand, as a message of the thread; to an address that several people use not at all.
func TestStaffSendALink(t *testing.T) {
	w := newWorld(t)
	w.URL = "https://inbox.example"
	ana := w.email("m1", "ana@example.com", "Desk", "hello")
	id, err := w.SendContinue(t.Context(), w.mia, w.mailOf(ana.CustomerID).ID)
	w.must(err)
	m, err := store.Message(w.st.Read(t.Context()), id)
	w.must(err)
	_, token, ok := strings.Cut(m.Text, "https://inbox.example/c/continue/")
	token, _, _ = strings.Cut(token, "\n")
	if !ok || m.ToAddress != "ana@example.com" {
		t.Fatalf("%+v", m)
	}
	w.must(w.SendContinueCode(t.Context(), token))
	_, err = w.ConfirmContinue(t.Context(), token, w.code(ana.CustomerID), "phone")
	w.must(err)
	if got := w.chatOf("phone"); len(got) != 0 {
		t.Error("her mails are no chat:", got)
	}
	if at := w.browser("phone"); at.CustomerID != ana.CustomerID {
		t.Error("the browser is not hers")
	}
}
