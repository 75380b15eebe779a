package demo

import (
	"bytes"
	"context"
	"io"
	"mime"
	"net/mail"
	"strings"
	"testing"
	"time"

	"onethread/integrations"
	"onethread/models"
	"onethread/models/auth"
	"onethread/models/channels"
	"onethread/models/inbox"
	"onethread/models/store"
)

// stage is a filled shop, and the mails its life has posted.
type stage struct {
	t     *testing.T
	shop  *Shop
	life  *Life
	mails [][]byte
}

func fill(t *testing.T) *stage {
	t.Helper()
	clock := &Clock{}
	now := time.Now()
	clock.Set(now.AddDate(0, -6, 0))
	st, err := store.Open(t.Context(), t.TempDir(), store.Options{Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Check(context.Background(), st); err != nil {
			t.Error(err)
		}
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	box := inbox.New(st, integrations.All)
	s := &stage{t: t, shop: New(st, box, clock, Scene{Site: "http://localhost:8081", Now: now})}
	s.connect(channels.New(st, integrations.All, box.Ingest, "http://localhost:8080", integrations.Dial, nil), auth.New(st, clock.Now))
	if err := s.shop.Fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.life = s.shop.Live(st, box, func(mail []byte) error { s.mails = append(s.mails, mail); return nil }, 1)
	if s.life.after, err = store.LastEventID(st.Read(t.Context())); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *stage) connect(to *channels.Registry, staff *auth.Auth) {
	mail := map[string]string{"address": Address, "password": "never used", "imap_host": "mail.casanogueira.example", "smtp_host": "mail.casanogueira.example"}
	for _, c := range []struct {
		into     *models.Channel
		kind     string
		settings map[string]string
	}{{&s.shop.Mail, "email", mail}, {&s.shop.Chat, "webchat", nil}, {&s.shop.Till, "generic", nil}, {&s.shop.Phone, "generic", nil}} {
		var err error
		if *c.into, err = to.Add(s.t.Context(), c.kind, channels.Input{Settings: c.settings}); err != nil {
			s.t.Fatal(err)
		}
	}
	for name, into := range map[string]*models.User{"Mia": &s.shop.Mia, "Leo": &s.shop.Leo, "Sam": &s.shop.Sam} {
		var err error
		if *into, err = staff.CreateUser(s.t.Context(), name+"@example.com", name, models.Owner, "wool cork walnut "+name); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *stage) last() models.ID {
	s.t.Helper()
	id, err := store.LastEventID(s.shop.st.Read(s.t.Context()))
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

// TestEverythingHappens: two rounds of happenings leave events or mails, each readable.
func TestEverythingHappens(t *testing.T) {
	s := fill(t)
	for i := range 20 {
		before, posted := s.last(), len(s.mails)
		if err := s.life.happen(t.Context()); err != nil {
			t.Fatalf("happening %d: %v", i, err)
		}
		if s.last() == before && len(s.mails) == posted {
			t.Errorf("nothing came of happening %d", i)
		}
	}
	for _, raw := range s.mails {
		m, err := mail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("%v in %q", err, raw)
		}
		if _, err := m.Header.AddressList("From"); err != nil {
			t.Errorf("From of %q: %v", raw, err)
		}
		if _, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
			t.Error(err)
		}
		if body, _ := io.ReadAll(m.Body); len(strings.TrimSpace(string(body))) == 0 {
			t.Errorf("an empty mail: %q", raw)
		}
	}
}

// TestCustomersAnswer: people of the stories answer in the chat and by mail; a called-back message,
// somebody gone and a real browser are not answered.
func TestCustomersAnswer(t *testing.T) {
	s := fill(t)
	ana, chloe := s.shop.customers[anaDuarte.key()], s.shop.customers[Gone]
	send := func(to models.ID, on models.Channel) models.ID {
		t.Helper()
		id, err := s.shop.box.Reply(t.Context(), s.shop.Leo, inbox.ReplyInput{CustomerID: to, ChannelID: on.ID, Text: "Of course."})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	stranger := person{visitor: strings.Repeat("ab", 16)}
	if err := s.life.in(t.Context(), s.shop.Chat, s.life.browser(stranger), &models.MessageIn{Text: "Hello?"}); err != nil {
		t.Fatal(err)
	}
	found, err := store.IdentitiesAt(s.shop.st.Read(t.Context()), models.ChatIdentity, s.shop.Chat.Key, stranger.visitor)
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	send(found[0].CustomerID, s.shop.Chat)
	send(chloe, s.shop.Mail)
	called := send(ana, s.shop.Mail)
	if err := s.shop.box.Undo(t.Context(), s.shop.Leo, called); err != nil {
		t.Fatal(err)
	}
	send(ana, s.shop.Chat)
	send(ana, s.shop.Mail)
	if err := s.life.hear(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i := range s.life.answers {
		s.life.answers[i].at = time.Now().Add(-time.Second)
	}
	before := s.last()
	s.life.speak(t.Context())
	news, err := store.FeedFull(s.shop.st.Read(t.Context()), before, 50)
	if err != nil || len(s.life.answers) != 0 {
		t.Fatal(s.life.answers, err)
	}
	chats := 0
	for _, e := range news {
		if e.Kind == models.KindMessage && e.Direction == models.In && e.CustomerID == ana {
			chats++
		}
	}
	if chats != 1 || len(s.mails) != 1 || !bytes.Contains(s.mails[0], []byte("In-Reply-To: <")) {
		t.Errorf("%d answers in the chat (want 1), mails %q (want one from Ana)", chats, s.mails)
	}
}
