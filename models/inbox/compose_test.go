package inbox

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

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

const png = "\x89PNG\r\n\x1a\n"

// TestPicturesGoWithTheWay: in a mail a picture stands in the text, also as its HTML names it; over a chat it
// is a file, and what is no picture is one anywhere.
func TestPicturesGoWithTheWay(t *testing.T) {
	w := newWorld(t)
	ana := w.email("m1", "ana@example.com", "Desk", "What does it look like?")
	visitor := w.chatFrom("v1", "c1", "hi")
	sent := w.worker()
	send := func(customer models.ID, html string) models.Outbound {
		t.Helper()
		pic, plan := w.upload("desk.png", png), w.upload("plan.txt", "two by one")
		in := ReplyInput{CustomerID: customer, Text: "Like this", HTML: strings.ReplaceAll(html, "ID", pic.ID.String()), Attachments: []models.ID{pic.ID, plan.ID}}
		if html == "" {
			in.Inline = in.Attachments
		}
		id, err := w.Reply(t.Context(), w.mia, in)
		w.must(err)
		w.pass(time.Minute)
		w.st.Bell.Ring()
		out := <-sent
		w.await(id, models.DeliverySent)
		return out
	}
	for what, html := range map[string]string{"plain": "", "html": `<p>Like <img src="cid:ID" onerror="x()"></p><script>x()</script>`} {
		out := send(ana.CustomerID, html)
		a, b := out.Attachments[0], out.Attachments[1]
		if !a.Inline || !strings.HasSuffix(a.ContentID, "@casa.example") || b.Inline || b.ContentID != "" {
			t.Errorf("%s: %+v %+v", what, a, b)
		}
		if html != "" && out.HTML != `<p>Like <img src="cid:`+a.ContentID+`"></p>` {
			t.Errorf("%s: %s", what, out.HTML)
		}
	}
	if out := send(visitor.CustomerID, ""); out.Attachments[0].Inline || out.Attachments[0].ContentID != "" {
		t.Errorf("a chat: %+v", out.Attachments[0])
	}
}

// TestTheSwitchIsRecorded: the event says which way was preselected when another was chosen, by what the
// writer's screen had shown; not when it is the preselected one.
func TestTheSwitchIsRecorded(t *testing.T) {
	w := newWorld(t)
	ana := w.email("m1", "ana@example.com", "Desk", "Is it in stock?")
	other := w.email("m2", "ana@work.example", "Desk", "Here too")
	_, err := w.Merge(t.Context(), w.mia.ID, other.CustomerID, ana.CustomerID)
	w.must(err)
	ways, err := w.Reach(t.Context(), ana.CustomerID)
	w.must(err)
	if len(ways) != 2 || !ways[0].Preset {
		t.Fatalf("%+v", ways)
	}
	for _, c := range []struct {
		way    Way
		preset string
		want   string
	}{
		{ways[0], "", "{}"}, {ways[1], ways[1].ref(), "{}"}, {ways[1], "99-99", `{"preset":{"channel_id":"1","channel":"email","identity_id":"` + ways[0].IdentityID.String() + `"},"chosen":{"channel_id":"1","channel":"email","identity_id":"` + ways[1].IdentityID.String() + `"}}`},
	} {
		id, err := w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana.CustomerID, ChannelID: c.way.ChannelID, IdentityID: c.way.IdentityID, Preset: c.preset, Text: "It is"})
		w.must(err)
		e, err := store.Event(w.st.Read(t.Context()), id)
		w.must(err)
		if e.Data != c.want {
			t.Errorf("%q: %s, want %s", c.preset, e.Data, c.want)
		}
	}
}

// TestBlindCopiesAreChecked: like copies, each once, and never both.
func TestBlindCopiesAreChecked(t *testing.T) {
	w := newWorld(t)
	ana := w.email("m1", "ana@example.com", "Desk", "Is it in stock?")
	id, err := w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana.CustomerID, Text: "x", CC: "leo@x.example", BCC: "Boss <BOSS@x.example>, leo@x.example, ana@example.com"})
	w.must(err)
	if m := w.state(id); m.CC != "leo@x.example" || m.BCC != "boss@x.example" {
		t.Errorf("%q %q", m.CC, m.BCC)
	}
	var e *models.Error
	if _, err = w.Reply(t.Context(), w.mia, ReplyInput{CustomerID: ana.CustomerID, Text: "x", BCC: "nobody"}); !errors.As(err, &e) || e.Field != "bcc" {
		t.Error(err)
	}
}
