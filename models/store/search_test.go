package store

import (
	"fmt"
	"strings"
	"testing"
)

// TestNamesBeginning: by one or two letters, whatever their case, whoever was there lately first, and
// whoever was not, too.
func TestNamesBeginning(t *testing.T) {
	s := openTest(t)
	err := s.Write(t.Context(), func(tx *Tx) error {
		for n := range recently + 50 {
			name := fmt.Sprint("Olga ", n)
			switch n {
			case 3:
				name = "zoe"
			case 4:
				name = "Zita"
			case 5:
				name = "Z%"
			}
			id, err := AddCustomer(tx, name, "staff", "")
			if err != nil {
				return err
			}
			if err := tx.g.Exec("UPDATE customers SET updated_at = ? WHERE id = ?", n, id).Error; err != nil {
				return err
			}
			if n == 4 {
				if err := SetMergedInto(tx, id, id-1); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for prefix, want := range map[string]string{"z": "Z% zoe", "Z": "Z% zoe", "zo": "zoe", "z%": "Z%", "%": "", "ol": "Olga 1049 Olga 1048"} {
		hits, err := SearchCustomers(s.Read(t.Context()), "", prefix, 2)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, h := range hits {
			names = append(names, h.Name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%q finds %q, want %q", prefix, got, want)
		}
	}
}
