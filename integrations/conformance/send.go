package conformance

import (
	"context"
	"errors"
	"testing"

	"onethread/models"
)

// send checks that the four things a provider can say lead to the four things the outbox does.
func send(t *testing.T, s Send) {
	for _, answer := range s.Answers {
		t.Run(string(answer), func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), Patience)
			defer cancel()
			receipt, err := s.Open(t, answer).Send(ctx, s.Out)
			judge(t, answer, receipt, err)
		})
	}
}

func judge(t *testing.T, answer Answer, receipt models.Receipt, err error) {
	if answer == Accepts {
		if err != nil {
			t.Fatalf("accepted, yet: %v", err)
		}
		if receipt.State == "" {
			t.Error("the receipt has no delivery state")
		}
		return
	}
	if err == nil {
		t.Fatal("no error")
	}
	if err.Error() == "" {
		t.Error("the error says nothing to people")
	}
	permanent, paused := verdict(err)
	if want := answer == RefusesMessage; permanent != want {
		t.Errorf("permanent is %v, want %v: %v", permanent, want, err)
	}
	if want := answer == RefusesChannel; paused != want {
		t.Errorf("paused is %v, want %v: %v", paused, want, err)
	}
}

func verdict(err error) (permanent, paused bool) {
	var e *models.SendError
	if !errors.As(err, &e) {
		return false, false
	}
	return e.Permanent, e.Pause
}
