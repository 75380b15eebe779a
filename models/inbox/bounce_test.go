package inbox

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"onethread/models"
	"onethread/models/store"
)

// fromPhone is a mail that Mia sent from her mail program, as the folder of sent mail gives it.
func (w *world) fromPhone(id, to string) models.Inbound {
	in := w.letter(w.mail, id, to, "Your desk comes on Monday.")
	in.Name = ""
	payload(in).Direction, payload(in).Author = models.Out, "mia@casa.example"
	return in
}

// sentBack is the report that a mail came back from an address.
func (w *world) sentBack(key, address string, ids ...string) models.Inbound {
	in := w.letter(w.mail, key, address, "This is the mail system.\n\nUser unknown")
	in.Hints[0], in.Name = typed(models.EmailIdentity, address), ""
	payload(in).Automatic, payload(in).InReplyTo, payload(in).Bounce = "bounce", ids, &models.DeliveryIn{Error: "550 5.1.1 User unknown"}
	return in
}

// TestBounceOfWhatAPhoneSent: the very message is marked, whichever comes first, the bounce in the inbox or
// the message in the folder of sent mail.
func TestBounceOfWhatAPhoneSent(t *testing.T) {
	w := newWorld(t)
	ana := w.email("m1", "ana@example.com", "Desk", "When does it come?")
	state := func(event models.ID, want string) {
		t.Helper()
		if _, m := w.message(event); m.State != want || (want == models.DeliveryBounced) != strings.Contains(m.Error, "550 5.1.1") {
			t.Errorf("message %d is %s %q, want %s", event, m.State, m.Error, want)
		}
	}
	other := w.in(w.fromPhone("p0", "ana@example.com"))
	sent := w.in(w.fromPhone("p1", "ana@example.com"))
	if e, _ := w.message(sent.EventID); e.UserID != w.mia.ID || sent.CustomerID != ana.CustomerID {
		t.Errorf("from a phone: by user %d to customer %d", e.UserID, sent.CustomerID)
	}
	back := w.in(w.sentBack("b1", "ana@example.com", "unknown@example.com", "p1@example.com"))
	state(sent.EventID, models.DeliveryBounced)
	state(other.EventID, models.DeliverySent)
	if back.CustomerID != ana.CustomerID {
		t.Errorf("the bounce stands with customer %d, want %d", back.CustomerID, ana.CustomerID)
	}

	early := w.in(w.sentBack("b2", "gone@example.com", "p2@example.com"))
	late := w.in(w.fromPhone("p2", "gone@example.com"))
	state(late.EventID, models.DeliveryBounced)
	if early.EventID == late.EventID || early.CustomerID != late.CustomerID {
		t.Errorf("the bounce that came first is %+v, its message %+v", early, late)
	}
	again := w.in(w.fromPhone("p3", "ana@example.com"))
	state(again.EventID, models.DeliverySent)

	// Whoever names a customer's own message marks nothing, and a report about somebody else's address does
	// not stand in Ana's thread.
	foreign := w.in(w.sentBack("b3", "eve@example.com", "p3@example.com"))
	if foreign.CustomerID == ana.CustomerID {
		t.Error("a report about another address stands in Ana's thread")
	}
	w.in(w.sentBack("b4", "ana@example.com", "m1"))
	if _, m := w.message(ana.EventID); m.State != "" {
		t.Errorf("a customer's own message is %s", m.State)
	}
}

// TestPhoneAnswersAForm: what a colleague's program sends to an address that was typed into a form stands in the
// form's thread; once somebody holds the address, in theirs.
func TestPhoneAnswersAForm(t *testing.T) {
	w := newWorld(t)
	form := func(key string) models.Ingested {
		in := w.letter(w.mail, key, "bea@example.com", "Do you have it in oak? "+key)
		in.Hints[0] = typed(models.EmailIdentity, "bea@example.com")
		return w.in(in)
	}
	first := form("f1")
	out := w.fromPhone("p1", "bea@example.com")
	payload(out).InReplyTo = []string{"f1@example.com"}
	sent := w.in(out)
	if sent.CustomerID != first.CustomerID || sent.ConversationID != first.ConversationID {
		t.Errorf("the answer is %+v, the form %+v", sent, first)
	}
	answer := w.letter(w.mail, "a1", "bea@example.com", "Thank you!")
	payload(answer).InReplyTo = []string{"p1@example.com"}
	if got := w.in(answer); got.CustomerID != first.CustomerID {
		t.Errorf("her answer stands with %d, want %d", got.CustomerID, first.CustomerID)
	}
	other := form("f2")
	if last := w.in(w.fromPhone("p2", "bea@example.com")); last.CustomerID != first.CustomerID || other.CustomerID == last.CustomerID {
		t.Errorf("what was sent to Bea stands with %d, want %d", last.CustomerID, first.CustomerID)
	}
}

// TestDelayOfWhatAPhoneSent: it stands in the thread and marks nothing.
func TestDelayOfWhatAPhoneSent(t *testing.T) {
	w := newWorld(t)
	w.email("m1", "ana@example.com", "Desk", "When does it come?")
	sent := w.in(w.fromPhone("p1", "ana@example.com"))
	late := w.sentBack("d1", "ana@example.com", "p1@example.com")
	payload(late).Automatic = "delayed"
	if got := w.in(late); got.CustomerID != sent.CustomerID {
		t.Errorf("the delay stands with %d, want %d", got.CustomerID, sent.CustomerID)
	}
	if _, m := w.message(sent.EventID); m.State != models.DeliverySent {
		t.Errorf("a delay made it %s", m.State)
	}
}

// TestAuthorByAddressFirst: the address of a member of staff says who wrote; a name does where no address
// is; what several bear says nothing.
func TestAuthorByAddressFirst(t *testing.T) {
	w := newWorld(t)
	users := []models.User{{Email: "leo@casa.example", Name: "Leo", Role: models.Agent}, {Email: "sam@casa.example", Name: "Sam", Role: models.Agent}, {Email: "sam2@casa.example", Name: "sam", Role: models.Agent},
		{Email: "trick@casa.example", Name: "leo@casa.example", Role: models.Agent}}
	w.must(w.st.Write(t.Context(), func(tx *store.Tx) error {
		for i := range users {
			if err := store.InsertUser(tx, &users[i]); err != nil {
				return err
			}
		}
		return nil
	}))
	for author, want := range map[string]models.ID{"LEO@casa.example": users[0].ID, "leo": users[0].ID, "Mia": w.mia.ID, "Sam": 0, "sam2@casa.example": users[2].ID, "The Shop": 0, "": 0} {
		in := w.fromPhone("a-"+author, "ana@example.com")
		payload(in).Author = author
		if e, _ := w.message(w.in(in).EventID); e.UserID != want {
			t.Errorf("%q is user %d, want %d", author, e.UserID, want)
		}
	}
}

// TestForgedColleagueStaysOutside (S25): a mail that only claims to be from staff names a known thread by its
// ids and tokens; it stands with nobody, warned about, and nobody in it gets a say in the thread.
func TestForgedColleagueStaysOutside(t *testing.T) {
	w := newWorld(t)
	ana := w.email("m1", "ana@example.com", "Desk", "When does it come?")
	forged := func(id string) models.Ingested {
		in := w.letter(w.mail, id, "unknown@sender.invalid", "Pay to this account instead.")
		in.Hints[0], in.Name = typed(models.EmailIdentity, "unknown@sender.invalid"), ""
		payload(in).Warning, payload(in).CC = "This mail says it comes from mia@casa.example, but nothing proves it.", "ana@example.com, eve@example.com"
		payload(in).InReplyTo, payload(in).ReplyTokens = []string{"m1"}, []string{w.replyToken(ana.ConversationID)}
		return w.in(in)
	}
	one, two := forged("f1"), forged("f2")
	if one.CustomerID == ana.CustomerID || one.ConversationID == ana.ConversationID || two.CustomerID != one.CustomerID {
		t.Fatalf("forged mails stand with %+v and %+v, Ana is %+v", one, two, ana)
	}
	e, m := w.message(one.EventID)
	if e.Direction != models.In || e.UserID != 0 || m.Warning == "" {
		t.Errorf("%+v %+v", e, m)
	}
	eve := w.letter(w.mail, "e1", "eve@example.com", "So?")
	payload(eve).InReplyTo = []string{"m1"}
	if got := w.in(eve); got.CustomerID == ana.CustomerID {
		t.Error("whom the forged mail had in copy wrote into Ana's thread")
	}
}

// TestMachinesPace: an address that wrote five machine mails in ten minutes gets no automatic answer, not even
// to a mail that looks like a person's; ten minutes later it does.
func TestMachinesPace(t *testing.T) {
	for _, c := range []struct {
		machines int
		rest     time.Duration
		answers  int
	}{{4, 0, 1}, {5, 0, 0}, {30, 0, 0}, {5, 9 * time.Minute, 0}, {5, 11 * time.Minute, 1}} {
		t.Run(fmt.Sprint(c.machines, " ", c.rest), func(t *testing.T) {
			w := newWorld(t)
			w.must(w.st.Write(t.Context(), func(tx *store.Tx) error {
				return store.UpdateChannel(tx, models.Channel{ID: w.mail, Name: "Shop", Settings: map[string]string{"address": "shop@casa.example", "auto_answer": "We answer within a day."}}, func(string) bool { return false })
			}))
			for i := range c.machines {
				in := w.letter(w.mail, fmt.Sprint("auto", i), "bot@example.com", fmt.Sprint("I am away ", i))
				payload(in).Automatic = "auto_reply"
				w.in(in)
			}
			w.pass(c.rest)
			got := w.in(w.letter(w.mail, "plain", "bot@example.com", "Hello?"))
			answers := 0
			for _, e := range w.thread(got.CustomerID) {
				if e.Direction == models.Out {
					answers++
				}
			}
			if answers != c.answers {
				t.Errorf("%d automatic answers, want %d", answers, c.answers)
			}
		})
	}
}
