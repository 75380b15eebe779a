package store

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"onethread/models"
)

// TestMarkedPages: whether a list begins at its marks or passes over the whole of it, its pages hold
// the same rows, all of them, in order.
func TestMarkedPages(t *testing.T) {
	s, rng := openTest(t), rand.New(rand.NewPCG(1, 2))
	labels := map[models.ID]string{} // of conversations that can be listed
	err := s.Write(t.Context(), func(tx *Tx) error {
		for n := range rareMark + 400 {
			customer, err := AddCustomer(tx, fmt.Sprint("Customer ", n), "staff", "")
			if err != nil {
				return err
			}
			kinds := []string{"email", "webchat", "email webchat", "webchat email twilio", ""}[rng.IntN(5)]
			id, err := AddConversation(tx, models.Conversation{CustomerID: customer, OpenedAt: 1, LastAt: models.Time(1000 + rng.IntN(500)), ChannelTypes: kinds})
			if err != nil {
				return err
			}
			on := []string{"common"}
			if n%100 == 0 {
				on = append(on, "rare")
			}
			if err := SetLabels(tx, id, on); err != nil {
				return err
			}
			labels[id] = strings.Join(on, " ")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	q := s.Read(t.Context())
	all, err := Inbox(q, InboxFilter{Limit: 5000})
	if err != nil || len(all) != len(labels) {
		t.Fatalf("%d rows, %v", len(all), err)
	}
	for _, f := range []InboxFilter{{Label: "common"}, {Label: "rare"}, {Channel: "email"}, {Channel: "twilio"}, {Channel: "mail"}, {Label: "none"},
		{Label: "common", Channel: "webchat"}, {Label: "rare", Channel: "webchat", Status: "open"}} {
		var want, got []models.ID
		for _, r := range all {
			if strings.Contains(" "+labels[r.ConversationID]+" ", " "+f.Label) && (f.Channel == "" || slices.Contains(strings.Fields(r.ChannelTypes), f.Channel)) {
				want = append(want, r.ConversationID)
			}
		}
		f.Limit = 50
		for {
			rows, err := Inbox(q, f)
			if err != nil {
				t.Fatal(err)
			}
			if len(rows) == 0 {
				break
			}
			for _, r := range rows {
				got = append(got, r.ConversationID)
			}
			f.Before, f.BeforeID = rows[len(rows)-1].LastAt, rows[len(rows)-1].ConversationID
		}
		if !slices.Equal(got, want) {
			t.Errorf("%+v: %d rows, want %d", f, len(got), len(want))
		}
	}
}

// TestChannelsFollowTheConversation: the list by channel knows a channel from the moment it is used.
func TestChannelsFollowTheConversation(t *testing.T) {
	s := openTest(t)
	count := func(kind string) int {
		rows, err := Inbox(s.Read(t.Context()), InboxFilter{Channel: kind, Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		return len(rows)
	}
	must := func(fn func(tx *Tx) error) {
		t.Helper()
		if err := s.Write(t.Context(), fn); err != nil {
			t.Fatal(err)
		}
	}
	var id models.ID
	must(func(tx *Tx) error {
		customer, err := AddCustomer(tx, "Ana", "staff", "")
		if err != nil {
			return err
		}
		id, err = AddConversation(tx, models.Conversation{CustomerID: customer, OpenedAt: 1, LastAt: 1, ChannelTypes: "email"})
		return err
	})
	if count("email") != 1 || count("twilio") != 0 {
		t.Errorf("email %d, twilio %d", count("email"), count("twilio"))
	}
	must(func(tx *Tx) error {
		c, err := Conversation(tx, id)
		if err != nil {
			return err
		}
		c.ChannelTypes = "email twilio"
		return SaveConversation(tx, c)
	})
	if count("email") != 1 || count("twilio") != 1 {
		t.Errorf("later: email %d, twilio %d", count("email"), count("twilio"))
	}
}

// TestMarksForAreTheInboxs: what is read for several viewers at once is what each list says.
func TestMarksForAreTheInboxs(t *testing.T) {
	s := openTest(t)
	var customer models.ID
	var viewers []models.ID
	err := s.Write(t.Context(), func(tx *Tx) error {
		for n := range 3 {
			u := models.User{Email: fmt.Sprint(n, "@casa.example"), Name: "Staff", Role: models.Agent, Theme: "auto"}
			id, err := insert(tx, "INSERT INTO users(email, name, role, created_at) VALUES (?,?,?,?) RETURNING id", u.Email, u.Name, u.Role, tx.Now())
			if err != nil {
				return err
			}
			viewers = append(viewers, id)
		}
		var err error
		if customer, err = AddCustomer(tx, "Ana", "staff", ""); err != nil {
			return err
		}
		c, err := AddConversation(tx, models.Conversation{CustomerID: customer, OpenedAt: 1, LastAt: 1})
		if err != nil {
			return err
		}
		for range 4 {
			id, err := AppendEvent(tx, models.Event{CustomerID: customer, ConversationID: c, Kind: models.KindMessage, Direction: models.In}, nil)
			if err != nil {
				return err
			}
			if err := AddMessage(tx, models.Message{EventID: id, Text: "Hello"}); err != nil {
				return err
			}
			if id%2 == 0 {
				if err := MarkRead(tx, viewers[0], customer, id, false); err != nil {
					return err
				}
			}
		}
		return SaveDraft(tx, Draft{UserID: viewers[1], CustomerID: customer, Kind: "note", Text: "She"})
	})
	if err != nil {
		t.Fatal(err)
	}
	q := s.Read(t.Context())
	marks, err := MarksFor(q, customer, viewers)
	if err != nil || len(marks) != len(viewers) {
		t.Fatalf("%+v %v", marks, err)
	}
	for _, m := range marks {
		rows, err := Inbox(q, InboxFilter{Viewer: m.Viewer, Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		if m.Unread != rows[0].Unread || m.HasDraft != rows[0].HasDraft {
			t.Errorf("%+v, the list says %d %v", m, rows[0].Unread, rows[0].HasDraft)
		}
	}
	if marks[0].Unread >= marks[1].Unread || marks[0].HasDraft || !marks[1].HasDraft || marks[2].Unread != 4 {
		t.Errorf("%+v", marks)
	}
}
