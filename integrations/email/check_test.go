package email

import (
	"context"
	"maps"
	"net"
	"strconv"
	"strings"
	"testing"

	"onethread/integrations/email/mailtest"
	"onethread/models"
)

// TestCheckSaysWhatIsWrong: wrong password, unreachable host, bad certificate and refused
// address are told apart, for reading and for sending.
func TestCheckSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, deadPort, _ := net.SplitHostPort(closed.Addr().String())
	closed.Close()
	for name, c := range map[string]struct {
		set        map[string]string
		step, says string
	}{
		"all well":            {nil, "", ""},
		"starttls":            {map[string]string{"imap_port": strconv.Itoa(s.IMAP), "imap_security": "starttls", "smtp_port": strconv.Itoa(s.Submit), "smtp_security": "starttls"}, "", ""},
		"wrong password":      {map[string]string{"password": "guess"}, "IMAP login", "Wrong user name or password"},
		"wrong SMTP password": {map[string]string{"smtp_password": "guess"}, "SMTP login", "Wrong user name or password"},
		"nothing there":       {map[string]string{"imap_port": deadPort}, "IMAP connect", "Nothing answers on port"},
		"no SMTP there":       {map[string]string{"smtp_port": deadPort}, "SMTP connect", "Nothing answers on port"},
		"no such host":        {map[string]string{"imap_host": "mail.example.invalid"}, "IMAP connect", "There is no host"},
		"unknown authority":   {map[string]string{"ca_pem": ""}, "IMAP TLS", "signed by nobody"},
		"name in certificate": {map[string]string{"imap_host": "127.0.0.1"}, "IMAP TLS", "for another name"},
		"no TLS on that port": {map[string]string{"imap_port": strconv.Itoa(s.IMAP)}, "IMAP TLS", "does not speak TLS"},
		"no SMTP TLS there":   {map[string]string{"smtp_port": strconv.Itoa(s.Submit)}, "SMTP TLS", "does not speak TLS"},
		"no such folder":      {map[string]string{"folder": "Nowhere"}, "Folder Nowhere", "Nowhere"},
	} {
		t.Run(name, func(t *testing.T) {
			settings := s.Settings(mailtest.Shop)
			maps.Copy(settings, c.set)
			expectProblem(t, runCheck(t, settings, newBox(t).host()), c.step, c.says)
		})
	}
	t.Run("private address", func(t *testing.T) {
		host := newBox(t).host()
		host.Dial = func(context.Context, string, string) (net.Conn, error) {
			return nil, models.Errorf(models.Forbidden, "127.0.0.1 is a private address. Set allow_private to reach it.")
		}
		expectProblem(t, runCheck(t, s.Settings(mailtest.Shop), host), "IMAP connect", "private address")
	})
}

func runCheck(t *testing.T, settings map[string]string, host models.Host) []models.Check {
	t.Helper()
	conn, err := Provider.Open(models.Channel{ID: 1, Settings: settings}, host)
	if err != nil {
		t.Fatal(err)
	}
	return conn.Check(t.Context())
}

// expectProblem wants the first failed step to be the named one; "" wants none.
func expectProblem(t *testing.T, checks []models.Check, step, says string) {
	t.Helper()
	for _, c := range checks {
		if c.OK {
			continue
		}
		if c.Step != step || !strings.Contains(c.Problem, says) {
			t.Errorf("step %q says %q, want %q to say %q", c.Step, c.Problem, step, says)
		}
		return
	}
	if step != "" || len(checks) < 7 {
		t.Errorf("no step failed: %+v", checks)
	}
}
