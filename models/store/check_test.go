package store

import (
	"strings"
	"testing"

	"onethread/models"
)

// TestCheckFindsLostSearchRows: a message that search does not know, and one that it knows wrongly.
func TestCheckFindsLostSearchRows(t *testing.T) {
	for name, sql := range map[string]string{
		"rows missing from messages_fts":       "INSERT INTO messages_fts(messages_fts, rowid, subject, text) VALUES ('delete', 1, '', 'one two')",
		"rows in messages_fts without a row":   "INSERT INTO messages_fts(rowid, subject, text) VALUES (99, '', 'three')",
		"search rows differ from what they":    "INSERT INTO customers_fts(customers_fts, rowid, words) VALUES ('delete', 1, 'Ana'); INSERT INTO customers_fts(rowid, words) VALUES (1, 'Eva')",
		"a conversation's channels are listed": "INSERT INTO conversation_channels(conversation_id, type) VALUES (1, 'fax')",
	} {
		s, err := Open(t.Context(), t.TempDir(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		err = s.Write(t.Context(), func(tx *Tx) error {
			customer, err := AddCustomer(tx, "Ana", "staff", "")
			if err != nil {
				return err
			}
			if _, err := AddConversation(tx, models.Conversation{CustomerID: customer, OpenedAt: 1, LastAt: 1, ChannelTypes: "email"}); err != nil {
				return err
			}
			id, err := AppendEvent(tx, models.Event{CustomerID: customer, Kind: models.KindNote}, nil)
			if err != nil {
				return err
			}
			return AddMessage(tx, models.Message{EventID: id, Text: "one two"})
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := Check(t.Context(), s); err != nil {
			t.Errorf("before anything is wrong: %v", err)
		}
		if err := s.w.Exec(sql).Error; err != nil {
			t.Fatal(err)
		}
		if err := Check(t.Context(), s); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("after %s: %v", sql, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
