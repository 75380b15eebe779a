package store

import (
	"fmt"
	"testing"

	"onethread/models"
)

// placed adds a message that came as a mail lying at the given places.
func placed(t *testing.T, s *Store, channel, customer models.ID, key string, places ...models.Place) (event models.ID) {
	t.Helper()
	err := s.Write(t.Context(), func(tx *Tx) error {
		receipt, _, _, err := ClaimReceipt(tx, channel, key)
		if err != nil {
			return err
		}
		if event, err = AppendEvent(tx, models.Event{CustomerID: customer, ChannelID: channel, Kind: models.KindMessage, Direction: models.In}, nil); err != nil {
			return err
		}
		if err := AddMessage(tx, models.Message{EventID: event, Text: key}); err != nil {
			return err
		}
		for _, p := range places {
			if err := PlaceMail(tx, channel, receipt, 0, p); err != nil {
				return err
			}
		}
		return SettleReceipt(tx, receipt, event)
	})
	if err != nil {
		t.Fatal(err)
	}
	return event
}

// TestGoneMails: a mail is gone when no copy lies in its folder any more, back when one does; each change is
// in the feed, for open screens, and nothing else is.
func TestGoneMails(t *testing.T) {
	s := openTest(t)
	var channel, customer models.ID
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s.Write(t.Context(), func(tx *Tx) (err error) {
		if channel, err = AddChannel(tx, models.Channel{Type: "email", Name: "Mail", Key: "k"}, func(string) bool { return false }); err == nil {
			customer, err = AddCustomer(tx, "Ana", "", "")
		}
		return err
	}))
	at := func(folder string, uid uint32) models.Place {
		return models.Place{Folder: folder, Validity: 7, UID: uid}
	}
	one := placed(t, s, channel, customer, "one", at("INBOX", 1))
	two := placed(t, s, channel, customer, "two", at("INBOX", 2), at("Sent", 5))
	never := placed(t, s, channel, customer, "never")
	last, err := LastEventID(s.Read(t.Context()))
	must(err)
	// what comes of a change: which events are gone from where, and what the feed says of which events
	after := func(what string, change func(tx *Tx) error, gone, told string) {
		t.Helper()
		must(s.Write(t.Context(), change))
		rows, err := Entries(s.Read(t.Context()), []models.ID{one, two, never})
		must(err)
		got, feed := map[models.ID]string{}, ""
		for _, r := range rows {
			if r.Beside.GoneFrom != "" {
				got[r.ID] = r.Beside.GoneFrom
			}
		}
		news, err := Feed(s.Read(t.Context()), last, 100)
		must(err)
		for _, e := range news {
			feed += fmt.Sprint(e.Kind, " ", e.RefID, " ", e.CustomerID == customer, " ", e.Data, "; ")
			last = e.ID
		}
		if fmt.Sprint(got) != gone || feed != told {
			t.Errorf("%s: gone %v, want %s; the feed %q, want %q", what, got, gone, feed, told)
		}
	}
	lost := func(folder string, uids ...uint32) func(tx *Tx) error {
		return func(tx *Tx) error { return MailGone(tx, channel, folder, 7, uids) }
	}
	told := func(event models.ID, folder string, gone bool) string {
		return fmt.Sprintf(`place %d true {"folder":%q,"gone":%v}; `, event, folder, gone)
	}
	after("one of two, and one of one", lost("INBOX", 1, 2, 99), fmt.Sprintf("map[%d:INBOX]", one), told(one, "INBOX", true))
	after("again", lost("INBOX", 1, 2), fmt.Sprintf("map[%d:INBOX]", one), "")
	after("the other of two", lost("Sent", 5), fmt.Sprintf("map[%d:INBOX %d:Sent]", one, two), told(two, "Sent", true))
	if uids, err := MailPlaces(s.Read(t.Context()), channel, "INBOX", 7); err != nil || len(uids) != 0 {
		t.Errorf("known places: %v %v", uids, err)
	}
	after("moved to a folder that is read", func(tx *Tx) error {
		receipt, event, seen, err := ClaimReceipt(tx, channel, "one")
		if err != nil || !seen || event != one {
			t.Errorf("%v %v %v", event, seen, err)
		}
		return PlaceMail(tx, channel, receipt, event, at("Spam", 8))
	}, fmt.Sprintf("map[%d:Sent]", two), told(one, "Spam", false))
}
