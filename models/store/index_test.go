package store

import (
	"fmt"
	"testing"

	"onethread/models"
)

// TestTidySearch: a hundred commits leave many small indexes behind, which one tidying joins; search finds the same.
func TestTidySearch(t *testing.T) {
	s := openTest(t)
	for n := range 100 {
		err := s.Write(t.Context(), func(tx *Tx) error {
			c, err := AddCustomer(tx, fmt.Sprint("Customer ", n), "channel", "")
			if err != nil {
				return err
			}
			e, err := AppendEvent(tx, models.Event{CustomerID: c, Kind: models.KindNote, OccurredAt: tx.Now()}, nil)
			if err != nil {
				return err
			}
			return AddMessage(tx, models.Message{EventID: e, Text: fmt.Sprintf("walnut desk number %d", n)})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	count := func(sql string) int {
		n, err := scalar[int](raw(s.db(), sql))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	const indexes = "SELECT count(DISTINCT segid) FROM messages_fts_idx"
	before := count(indexes)
	if err := s.TidySearch(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := count(indexes); before < 8 || after >= 4 {
		t.Errorf("%d small indexes before, %d after", before, after)
	}
	if n := count("SELECT count(*) FROM messages_fts WHERE messages_fts MATCH 'walnut'"); n != 100 {
		t.Errorf("%d of 100 are found", n)
	}
}
