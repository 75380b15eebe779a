package store

import (
	"context"
	"testing"

	"onethread/models"
)

func TestAboutCustomerInOneStatement(t *testing.T) {
	s := openTest(t)
	var ana, other models.ID
	err := s.Write(context.Background(), func(tx *Tx) error {
		var err error
		if ana, err = AddCustomer(tx, "Ana", "staff", "pt"); err != nil {
			return err
		}
		if other, err = AddCustomer(tx, "", "", ""); err != nil {
			return err
		}
		for _, i := range []models.Identity{{CustomerID: ana, Kind: "email", Value: "ana@example.com", Display: "Ana@Example.com", Evidence: models.Asserted, Reason: "From of an email", Shared: true},
			{CustomerID: other, Kind: "email", Value: "o@example.com", Display: "o@example.com", Evidence: models.Typed}} {
			if _, err := AddIdentity(tx, i); err != nil {
				return err
			}
		}
		if _, err := AddSuggestion(tx, ana, other, models.Clue{Kind: "email", Value: "o@example.com", Reason: "typed", Weight: 40}); err != nil {
			return err
		}
		c, err := AddConversation(tx, models.Conversation{CustomerID: ana, Status: models.StatusOpen, OpenedAt: tx.Now(), LastAt: tx.Now()})
		if err != nil {
			return err
		}
		open, err := Conversation(tx, c)
		if err != nil {
			return err
		}
		open.WaitingSince = 5000
		if err := SaveConversation(tx, open); err != nil {
			return err
		}
		if err := SetLabels(tx, c, []string{"vip"}); err != nil {
			return err
		}
		_, err = AppendEvent(tx, models.Event{CustomerID: ana, Kind: models.KindVisit, OccurredAt: 7000}, models.VisitIn{Location: "Lisbon"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, n := context.Background(), s.CountReads()
	a, err := AboutCustomer(s.Read(ctx), ana, 1, 0, 4)
	if err != nil {
		t.Fatal(err)
	}
	if n.Load() != 1 {
		t.Errorf("%d statements", n.Load())
	}
	if a.Customer.Name != "Ana" || a.Customer.CreatedAt == 0 || a.Conversation.WaitingSince != 5000 || len(a.On) != 1 || a.On[0].Name != "vip" {
		t.Errorf("customer or conversation: %+v", a)
	}
	if len(a.Identities) != 1 || !a.Identities[0].Shared || a.Identities[0].Evidence != models.Asserted {
		t.Errorf("identities: %+v", a.Identities)
	}
	if len(a.Suggestions) != 1 || a.Suggestions[0].Name != "o@example.com" || a.Suggestions[0].Other != other {
		t.Errorf("suggestions: %+v", a.Suggestions)
	}
	if len(a.Steps) != 1 || a.Steps[0].OccurredAt != 7000 || a.Steps[0].Kind != models.KindVisit {
		t.Errorf("steps: %+v", a.Steps)
	}
	if _, err := AboutCustomer(s.Read(ctx), 999, 1, 0, 4); !models.IsCode(err, models.NotFound) {
		t.Errorf("unknown customer: %v", err)
	}
}
