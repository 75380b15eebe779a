package store

import (
	"strings"
	"testing"

	"onethread/models"
)

// TestEvidenceIsKept: what spoke for an address once is neither changed nor overwritten.
func TestEvidenceIsKept(t *testing.T) {
	s := openTest(t)
	var id models.ID
	err := s.Write(t.Context(), func(tx *Tx) error {
		c, err := AddCustomer(tx, "Ana", "staff", "")
		if err != nil {
			return err
		}
		if id, err = AddIdentity(tx, models.Identity{CustomerID: c, Kind: models.EmailIdentity, Value: "ana@example.com", Display: "ana@example.com", Evidence: models.Typed, Reason: "typed"}); err != nil {
			return err
		}
		return Strengthen(tx, id, models.Proved, "signed")
	})
	if err != nil {
		t.Fatal(err)
	}
	proofs, err := ProofsOf(s.Read(t.Context()), id)
	if err != nil || len(proofs) != 2 || proofs[0].Reason != "typed" || proofs[1].Reason != "signed" {
		t.Fatalf("%+v %v", proofs, err)
	}
	err = s.Write(t.Context(), func(tx *Tx) error { return tx.g.Exec("UPDATE identity_evidence SET reason = 'other'").Error })
	if err == nil || !strings.Contains(err.Error(), "append-only") {
		t.Error("the history of evidence can be changed:", err)
	}
}
