package mime

import (
	"strings"
	"testing"
)

// TestForwardedAsAttachment: a mail that hangs on another one is handed on, unless a machine hung it there.
func TestForwardedAsAttachment(t *testing.T) {
	const (
		head  = "From: Leo <leo@example.test>\nSubject: have a look\nContent-Type: multipart/mixed; boundary=b\n"
		words = "\n--b\n\nPlease answer.\n"
		mail  = "--b\nContent-Type: message/rfc822\n\nFrom: Bernd <BERND@customer.test>\nSubject: Table\n\nDoes it fit?\n"
		end   = "--b--\n"
	)
	for name, c := range map[string]struct {
		raw  string
		from string // empty: nothing is handed on
	}{
		"one":                  {head + words + mail + end, "bernd@customer.test"},
		"as a file":            {head + words + strings.Replace(mail, "message/rfc822", "application/octet-stream; name=\"Table.EML\"", 1) + end, "bernd@customer.test"},
		"alone":                {strings.Replace(head, "multipart/mixed; boundary=b", "message/rfc822", 1) + "\nFrom: bernd@customer.test\n\nDoes it fit?\n", "bernd@customer.test"},
		"two":                  {head + words + mail + mail + end, ""},
		"of nobody":            {head + words + strings.Replace(mail, "BERND@customer.test", "", 1) + end, ""},
		"of two":               {head + words + strings.Replace(mail, "Bernd <", "eve@customer.test, Bernd <", 1) + end, ""},
		"no mail":              {head + words + "--b\nContent-Type: message/rfc822\n\n" + end, ""},
		"a report":             {strings.Replace(head, "mixed", "report; report-type=delivery-status", 1) + words + mail + end, ""},
		"a report in disguise": {head + words + "--b\nContent-Type: message/delivery-status\n\nAction: failed\n" + mail + end, ""},
		"a machine's":          {strings.Replace(head, "Leo <leo@", "<MAILER-DAEMON@", 1) + words + mail + end, ""},
		"a digest":             {strings.Replace(head, "mixed", "digest", 1) + "\n--b\n\nFrom: bernd@customer.test\n\nDoes it fit?\n" + end, ""},
		"a list's":             {"List-Id: <l.example.test>\n" + head + words + mail + end, ""},
	} {
		m, err := Parse([]byte(c.raw))
		if err != nil {
			t.Fatal(err)
		}
		f := m.Forwarded()
		if (f != nil) != (c.from != "") || f != nil && (f.FromAddress != c.from || f.Body != "Does it fit?" || f.Mail == nil) {
			t.Errorf("%s: %+v, want from %q", name, f, c.from)
		}
		if f != nil && name != "alone" && f.Message != "Please answer." {
			t.Errorf("%s: the words above are %q", name, f.Message)
		}
	}
}
