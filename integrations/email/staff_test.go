package email

import (
	"strings"
	"testing"

	"onethread/integrations/email/mime"
	"onethread/models"
)

const (
	leo      = "leo@mailbox.test"
	vouched  = "Authentication-Results: mx.example.test; dmarc=pass header.from=mailbox.test\nReceived: by mx.example.test\n"
	received = "Received: by mx.example.test\n"
)

// staffed is a receiver that knows leo, at a provider of his own, and ida, in the shop's domain.
func staffed(t *testing.T) *receiver {
	r := shopReceiver(t)
	r.settings.name = "The Shop"
	r.host.Staff = func(address string) bool {
		return strings.EqualFold(address, leo) || strings.EqualFold(address, "ida@example.test")
	}
	return r
}

// TestColleagues: a colleague's own mail to a customer is the shop's when our server vouches for it; else it
// is nobody's, with a warning.
func TestColleagues(t *testing.T) {
	own := strings.ReplaceAll(vouched, "mailbox.test", "example.test")
	for name, c := range map[string]struct {
		head, value string
		direction   models.Direction
		author      string
		warned      bool
	}{
		"to a customer, shop in copy":      {vouched + "From: Leo <" + leo + ">\nTo: Ana <Ana@c.test>\nCc: shop@example.test", "ana@c.test", models.Out, leo, false},
		"shop in blind copy":               {vouched + "From: " + leo + "\nTo: ana@c.test", "ana@c.test", models.Out, leo, false},
		"customer in copy":                 {vouched + "From: " + leo + "\nTo: shop+x@example.test\nCc: ida@example.test, ana@c.test", "ana@c.test", models.Out, leo, false},
		"answering":                        {vouched + "From: " + leo + "\nTo: ana@c.test\nCc: shop@example.test\nIn-Reply-To: <a@b>", "ana@c.test", models.Out, leo, false},
		"from our own domain":              {own + "From: ida@example.test\nTo: ana@c.test\nCc: shop@example.test", "ana@c.test", models.Out, "ida@example.test", false},
		"to the shop alone":                {vouched + "From: Leo <" + leo + ">\nTo: shop@example.test", leo, models.In, "", false},
		"to a colleague":                   {vouched + "From: Leo <" + leo + ">\nTo: ida@example.test\nCc: shop@example.test", leo, models.In, "", false},
		"away":                             {vouched + "From: " + leo + "\nTo: ana@c.test\nAuto-Submitted: auto-replied", leo, models.In, "", false},
		"nothing proves it":                {received + "From: Leo <" + leo + ">\nTo: Ana <ana@c.test>\nCc: shop@example.test", noSender, models.In, "", true},
		"nothing proves it, to the shop":   {received + "From: Leo <" + leo + ">\nTo: shop@example.test\nIn-Reply-To: <m.1.abcdefghijklmnop@example.test>", noSender, models.In, "", true},
		"nothing proves it, our domain":    {received + "From: ida@example.test\nTo: ana@c.test", noSender, models.In, "", true},
		"nothing proves it, away":          {received + "From: " + leo + "\nTo: shop@example.test\nAuto-Submitted: auto-replied", noSender, models.In, "", true},
		"a stranger's proof":               {received + strings.ReplaceAll(vouched, "mx.example", "mx.evil") + "From: " + leo + "\nTo: ana@c.test", noSender, models.In, "", true},
		"another domain's proof":           {strings.ReplaceAll(vouched, "mailbox.test", "evil.test") + "From: " + leo + "\nTo: ana@c.test", noSender, models.In, "", true},
		"two authors":                      {vouched + "From: eve@mailbox.test, " + leo + "\nTo: ana@c.test", "eve@mailbox.test", models.In, "", false},
		"two authors, the colleague first": {vouched + "From: " + leo + ", eve@mailbox.test\nTo: ana@c.test", noSender, models.In, "", true},
		"two From fields":                  {vouched + "From: " + leo + "\nFrom: eve@mailbox.test\nTo: ana@c.test", noSender, models.In, "", true},
		"dmarc fails":                      {strings.Replace(vouched, "pass", "fail", 1) + "From: " + leo + "\nTo: ana@c.test", noSender, models.In, "", true},
		"a form in their name":             {received + "From: ida@example.test\nTo: shop@example.test\nReply-To: Ana <ana@c.test>", "ana@c.test", models.In, "", false},
		"a form that answers to a fellow":  {received + "From: no-reply@forms.test\nTo: shop@example.test\nReply-To: " + leo, "no-reply@forms.test", models.In, "", false},
		"a customer to a colleague":        {received + "From: ana@c.test\nTo: " + leo + "\nCc: shop@example.test", "ana@c.test", models.In, "", false},
	} {
		in := staffed(t).inbound(item{raw: []byte(c.head + "\nSubject: s\n\nhello")}, false, false)
		m, h := message(t, in), in.Hints[0]
		if h.Value != c.value || m.Direction != c.direction || (h.Value == noSender) != (h.Evidence == models.Typed) || c.direction == models.Out && m.Author != c.author {
			t.Errorf("%s: %s (%s) %s by %q", name, h.Value, h.Evidence, m.Direction, m.Author)
		}
		if (m.Warning != "") != c.warned || c.warned && (!strings.Contains(m.Warning, "nothing proves it") || in.Name != "") {
			t.Errorf("%s: warning %q, name %q", name, m.Warning, in.Name)
		}
	}
}

// TestAuthenticated: what of Authentication-Results proves a From.
func TestAuthenticated(t *testing.T) {
	s := shopReceiver(t).settings
	for results, want := range map[string]bool{
		"dmarc=pass": true,
		"spf=pass smtp.mailfrom=x@evil.test; dmarc=pass (p=none)":       true,
		"dmarc = pass header.from=mail.mailbox.test":                    true,
		"dmarc=pass header.from=evil.test":                              false,
		"dkim=pass header.d=mailbox.test":                               true,
		"dkim=pass (2048-bit key) header.i=@mx.mailbox.test":            true,
		"dkim/1=pass header.d=mailbox.test":                             true,
		"dkim=fail header.d=mailbox.test":                               false,
		"dkim=pass header.d=evil.test":                                  false,
		"dkim=pass header.d=evil.test; dkim=pass header.d=MAILBOX.test": true,
		"dkim=pass":            false,
		"dkim=pass header.i=@": false,
		"dkim=pass header.d=mailbox.test; dmarc=fail header.from=mailbox.test": false,
		"spf=pass smtp.mailfrom=leo@mailbox.test":                              false,
		"none": false,
		`spf=pass smtp.mailfrom="x; dmarc=pass y"@evil.test`:       false,
		`spf=pass smtp.mailfrom="\"; dmarc=pass \""@evil.test`:     false,
		"spf=pass (dmarc=pass; dmarc=pass) smtp.mailfrom=a@b.test": false,
		"notdmarc=pass; x=dmarc=pass":                              false,
	} {
		m, err := mime.Parse([]byte("Authentication-Results: mx.example.test; " + results + "\n" + received + "From: " + leo + "\n\nx"))
		if err != nil {
			t.Fatal(err)
		}
		if got := authenticated(m, s); got != want {
			t.Errorf("%s: %v, want %v", results, got, want)
		}
	}
	below := "Authentication-Results: mx.example.test; dmarc=fail\n" + vouched + "From: " + leo + "\n\nx"
	if authenticated(mustParse(t, below), s) {
		t.Error("a second field, which may have come with the mail, was believed")
	}
}

// TestAuthors: who of the shop wrote what lies in the folder of sent mail.
func TestAuthors(t *testing.T) {
	for head, want := range map[string]string{
		"From: Leo Torres <shop@example.test>":                          "Leo Torres",
		"From: Ida <" + strings.ToUpper(leo) + ">":                      leo, // the address says more than the name
		"From: The Shop <ida@example.test>":                             "ida@example.test",
		"From: The Shop <shop@example.test>\nSender: Leo <" + leo + ">": leo,
		"From: the shop <shop@example.test>":                            "",
		"From: shop@example.test":                                       "",
		"From: \"shop@example.test\" <shop@example.test>":               "",
		"From: Leo Torres at The Shop <shop@example.test>":              "Leo Torres",
		"From: shop@example.test\nSender: eve@evil.test":                "",
	} {
		in := staffed(t).inbound(item{raw: []byte(head + "\nTo: Ana <ana@c.test>\n\nhello")}, false, true)
		if m := message(t, in); m.Author != want || m.Direction != models.Out || in.Hints[0].Value != "ana@c.test" {
			t.Errorf("%s: by %q to %s, want %q", head, m.Author, in.Hints[0].Value, want)
		}
	}
	in := staffed(t).inbound(item{raw: []byte("From: shop@example.test\nTo: " + leo + ", ana@c.test\n\nhello")}, false, true)
	if in.Hints[0].Value != "ana@c.test" {
		t.Errorf("a mail to a colleague and a customer is filed with %s", in.Hints[0].Value)
	}
}

// TestGroups: a mail that came through the shop's own Google group is its author's, and no list's.
func TestGroups(t *testing.T) {
	const group = "X-Google-Group-Id: 123\nPrecedence: list\nList-ID: <support.example.test>\nMailing-list: list support@example.test; contact support+owners@example.test\n"
	for name, c := range map[string]struct{ head, value, person, automatic string }{
		"rewritten":          {group + "From: \"'Ana Duarte' via Support\" <support@example.test>\nX-Original-Sender: Ana@c.test", "ana@c.test", "Ana Duarte", ""},
		"with its name":      {group + "From: Support <support@example.test>\nX-Original-Sender: ana@c.test\nX-Original-From: Ana D. <ana@c.test>", "ana@c.test", "Ana D.", ""},
		"as it came":         {group + "From: Ana <ana@c.test>\nX-Original-Sender: ana@c.test", "ana@c.test", "Ana", ""},
		"an answer":          {group + "From: support@example.test\nX-Original-Sender: ana@c.test\nIn-Reply-To: <a@b>", "ana@c.test", "", ""},
		"a machine's":        {group + "From: support@example.test\nX-Original-Sender: ana@c.test\nAuto-Submitted: auto-replied", "ana@c.test", "", "auto_reply"},
		"another's group":    {strings.ReplaceAll(group, "example.test", "googlegroups.com") + "From: Ana <ana@c.test>\nX-Original-Sender: bea@c.test", "ana@c.test", "Ana", "list"},
		"no group":           {"From: Ana <ana@c.test>\nX-Original-Sender: bea@c.test", "ana@c.test", "Ana", ""},
		"a colleague's":      {group + "From: support@example.test\nX-Original-Sender: " + leo, noSender, "", "list"},
		"nobody's":           {group + "From: support@example.test\nX-Original-Sender: @", "support@example.test", "", "list"},
		"not from our group": {group + "From: Ana <ana@c.test>\nX-Original-Sender: bea@c.test", "ana@c.test", "Ana", ""},
	} {
		in := staffed(t).inbound(item{raw: []byte(c.head + "\nTo: support@example.test\nSubject: s\n\nhello")}, false, false)
		if m := message(t, in); in.Hints[0].Value != c.value || in.Name != c.person || m.Automatic != c.automatic {
			t.Errorf("%s: %q <%s> %q", name, in.Name, in.Hints[0].Value, m.Automatic)
		}
	}
}

// TestWholeMailHandedOn: a colleague forwards a customer's mail as an attachment.
func TestWholeMailHandedOn(t *testing.T) {
	raw := strings.ReplaceAll(string(fixture(t, "attached.eml")), "leo@example.test", leo)
	in := staffed(t).inbound(item{raw: []byte(vouched + raw)}, false, false)
	m := message(t, in)
	if in.Hints[0].Value != "bernd@customer.test" || in.Name != "Vogel, Bernd" || m.Subject != "Frage zum Tisch für die Küche" || !strings.Contains(m.Text, "durch eine Tuer") ||
		!strings.Contains(m.HTML, "<b>durch") || m.Note != "Can you take this one?" || m.Author != leo || m.Direction != models.In {
		t.Errorf("%+v of %+v, note %q", m, in.Hints, m.Note)
	}
	var names []string
	for _, f := range m.Attachments {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != "door.jpg measures.pdf" {
		t.Errorf("files %s", got)
	}
	in = staffed(t).inbound(item{raw: []byte(received + raw)}, false, false)
	if m := message(t, in); in.Hints[0].Value != noSender || m.Warning == "" || m.Note != "" || len(m.Attachments) != 2 {
		t.Errorf("nothing proves it: %+v of %+v", m, in.Hints)
	}
}
