package search

import (
	"strings"
	"testing"

	"onethread/models"
	"onethread/models/store"
)

func TestQueriesHoldNoSyntax(t *testing.T) {
	for in, want := range map[string]string{
		`walnut desk`: `"walnut" "desk"*`, `" OR 1`: `"OR" "1"`, `NEAR(a b)`: `"NEAR" "a" "b"`, `col:x^2`: `"col" "x" "2"`,
		`"brass lamp" s`: `"brass lamp" "s"`, `ana@example.com`: `"ana" "example" "com"*`, `café`: `"café"*`,
	} {
		if got := fts(Words(in), true); got != want {
			t.Errorf("%q → %s, want %s", in, got, want)
		}
	}
	if len(Words(strings.Repeat("a ", 500))) > maxWords || len(Words("*^:(){}'%_")) != 0 {
		t.Error("a query must stay bounded, and punctuation finds nothing")
	}
}

func TestFind(t *testing.T) {
	st, err := store.Open(t.Context(), t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	err = st.Write(t.Context(), func(tx *store.Tx) error {
		id, err := store.AddCustomer(tx, "Ana Duarte", "staff", "")
		if err != nil {
			return err
		}
		if _, err = store.AddIdentity(tx, models.Identity{CustomerID: id, Kind: "email", Value: "ana@example.com", Display: "ana@example.com", Evidence: models.Asserted}); err != nil {
			return err
		}
		e, err := store.AppendEvent(tx, models.Event{CustomerID: id, Kind: models.KindMessage, Direction: models.In}, nil)
		if err != nil {
			return err
		}
		return store.AddMessage(tx, models.Message{EventID: e, Subject: "Desk", Text: "Is the Walnut dèsk 140 back <b>in</b> stock?"})
	})
	if err != nil {
		t.Fatal(err)
	}
	for q, want := range map[string][2]int{"duart": {1, 0}, "example.com": {1, 0}, "walnut des": {0, 1}, "an": {1, 0}, "zzz": {0, 0}, `"back in stock"`: {0, 0}, `" OR 1 --`: {0, 0}, "%": {0, 0}, "": {0, 0}, "'; DROP TABLE x": {0, 0}, "duarte\x00ana": {1, 0}, "duarte \xff\xfe": {1, 0}} {
		r, err := Find(st.Read(t.Context()), q, 10)
		if err != nil || len(r.Customers) != want[0] || len(r.Messages) != want[1] {
			t.Errorf("%q: %d customers, %d messages, %v", q, len(r.Customers), len(r.Messages), err)
		}
	}
	r, err := Find(st.Read(t.Context()), "stock", 10)
	if err != nil || len(r.Messages) != 1 || !strings.Contains(r.Messages[0].Snippet, store.HitBegin+"stock"+store.HitEnd) {
		t.Errorf("%+v %v", r.Messages, err)
	}
}

// The message that is about the word comes before newer ones that only mention it, and a beginning
// finds what whole words do not.
func TestBestFirst(t *testing.T) {
	st, err := store.Open(t.Context(), t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	var about models.ID
	err = st.Write(t.Context(), func(tx *store.Tx) error {
		id, err := store.AddCustomer(tx, "Ana Duarte", "staff", "")
		if err != nil {
			return err
		}
		long := strings.Repeat("many other words ", 40)
		for i, m := range []models.Message{{Subject: "Refund", Text: "About my refund"}, {Text: long + "refund"}, {Text: "refunds take long " + long}, {Text: "nothing"}} {
			e, err := store.AppendEvent(tx, models.Event{CustomerID: id, Kind: models.KindMessage, Direction: models.In}, nil)
			if err != nil {
				return err
			}
			if i == 0 {
				about = e
			}
			m.EventID = e
			if err := store.AddMessage(tx, m); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := Find(st.Read(t.Context()), "refund", 10)
	if err != nil || len(r.Messages) != 3 || r.Messages[0].EventID != about {
		t.Errorf("%+v %v", r.Messages, err)
	}
}
