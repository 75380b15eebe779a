package conformance

import (
	"errors"
	"testing"

	"onethread/models"
)

// The suite must be able to fail: these are the mistakes it is there to catch.
func TestFieldMistakesAreFound(t *testing.T) {
	for name, f := range map[string]models.Field{
		"upper case":          {Key: "Host", Label: "Host", Type: "text"},
		"open password":       {Key: "password", Label: "Password", Type: "password"},
		"credential as text":  {Key: "api_token", Label: "Token", Type: "text"},
		"secret with default": {Key: "secret", Label: "Secret", Type: "password", Secret: true, Default: "x"},
		"unknown type":        {Key: "host", Label: "Host", Type: "string"},
		"no choice":           {Key: "mode", Label: "Mode", Type: "select", Options: []string{"one"}},
		"hidden must":         {Key: "host", Label: "Host", Type: "text", Required: true, Advanced: true},
	} {
		if len(fieldProblems(f)) == 0 {
			t.Errorf("%s: no problem found", name)
		}
	}
	if p := fieldProblems(models.Field{Key: "host", Label: "Host", Type: "text", Required: true}); len(p) > 0 {
		t.Errorf("a sound field is refused: %q", p)
	}
}

func TestVerdict(t *testing.T) {
	err := errors.New("no such user")
	for _, c := range []struct {
		err               error
		permanent, paused bool
	}{{err, false, false}, {models.Permanent(err), true, false}, {models.Paused(err), false, true}, {models.RetryAfter(err, 1), false, false}} {
		if p, s := verdict(c.err); p != c.permanent || s != c.paused {
			t.Errorf("%#v: permanent %v, paused %v", c.err, p, s)
		}
	}
}
