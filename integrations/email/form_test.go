package email

import (
	"strings"
	"testing"

	"onethread/models"
)

// TestForms: forms and shops' notices without a Reply-To name the customer in their body.
func TestForms(t *testing.T) {
	const html = "Content-Type: text/html; charset=utf-8\n\n"
	for name, c := range map[string]struct{ from, body, address, person string }{
		"plugin":            {"wordpress@example.test", "\nFrom: Ana Duarte <ana@c.test>\nSubject: Desk\n\nIs it in stock?\n\n--\nThis mail is from a contact form on Casa\n", "ana@c.test", "Ana Duarte"},
		"labels":            {"no-reply@forms.test", "\nYour Name: Ana Duarte\nE-Mail Address: Ana@C.test\nMessage: hello\n", "ana@c.test", "Ana Duarte"},
		"next line":         {"mailer@shopify.com", "\nName:\nAna Duarte\n\nEmail:\nana@c.test\n\nBody:\nhello\n", "ana@c.test", "Ana Duarte"},
		"table":             {"no-reply@forms.test", html + "<table><tr><td>Vorname</td><td>Ana</td></tr><tr><td>Nachname</td><td>Duarte</td></tr><tr><td>Ihre E-Mail-Adresse</td><td><a href=\"mailto:ana@c.test\">ana@c.test</a></td></tr></table>", "ana@c.test", "Ana Duarte"},
		"bold":              {"no-reply@forms.test", html + "<p><strong>Nombre:</strong> Ana</p><p><strong>Correo electrónico:</strong> ana@c.test</p>", "ana@c.test", "Ana"},
		"french":            {"ne-pas-repondre@formes.test", "\nNom : Ana Duarte\nAdresse e-mail : ana@c.test\n", "ana@c.test", "Ana Duarte"},
		"italian":           {"no-reply@forms.test", "\nNome e cognome: Ana\nIndirizzo email: ana@c.test\n", "ana@c.test", "Ana"},
		"russian":           {"no-reply@forms.test", "\nИмя: Ана\nЭл. почта: ana@c.test\n", "ana@c.test", "Ана"},
		"japanese":          {"no-reply@forms.test", "\nお名前：花子\nメールアドレス：ana@c.test\n", "ana@c.test", "花子"},
		"said twice":        {"no-reply@forms.test", "\nEmail: ana@c.test\nFrom: ana@c.test\nYour email: ana@c.test\n", "ana@c.test", ""},
		"ours beside":       {"no-reply@forms.test", "\nEmail: shop@example.test\nYour email: ana@c.test\n", "ana@c.test", ""},
		"two that disagree": {"no-reply@forms.test", "\nEmail: ana@c.test\nE-mail: eve@c.test\n", "no-reply@forms.test", ""},
		"two in one":        {"no-reply@forms.test", "\nEmail: ana@c.test, eve@c.test\n", "no-reply@forms.test", ""},
		"a sentence":        {"no-reply@forms.test", "\nEmail: if you have questions please write to us at help@d.test\n", "no-reply@forms.test", ""},
		"the sender's own":  {"no-reply@news.forms.test", "\nE-Mail: service@forms.test\n", "no-reply@news.forms.test", ""},
		"a newsletter":      {"no-reply@forms.test", "List-Unsubscribe: <https://forms.test/u>\n\nE-Mail: sales@agency.test\n", "no-reply@forms.test", ""},
		"only ours":         {"no-reply@forms.test", "\nEmail: orders@example.test\n", "no-reply@forms.test", ""},
		"a person's mail":   {"eve@d.test", "\nEmail: ana@c.test\n", "eve@d.test", ""},
		"hostile":           {"no-reply@forms.test", "\nEmail: " + strings.Repeat("a@", 5000) + "\nEmail" + strings.Repeat(" email", 9000), "no-reply@forms.test", ""},
	} {
		head := "From: " + c.from + "\nTo: shop@example.test\nSubject: New message\n"
		in := shopReceiver(t).inbound(item{raw: []byte(head + c.body)}, false, false)
		h := in.Hints[0]
		if h.Value != c.address || in.Name != c.person {
			t.Errorf("%s: from %q <%s>, want %q <%s>", name, in.Name, h.Value, c.person, c.address)
		}
		if named := c.address == "ana@c.test"; named != (h.Evidence == models.Typed) {
			t.Errorf("%s: %s evidence", name, h.Evidence)
		}
	}
}

// TestColleagueIsNoForm: what a colleague writes from the shop's own domain is theirs, whomever it mentions.
func TestColleagueIsNoForm(t *testing.T) {
	r := shopReceiver(t)
	r.host.Staff = func(address string) bool { return address == "mia@example.test" }
	const pass = "Authentication-Results: imap.example.test; dmarc=pass\n"
	for from, want := range map[string]string{pass + "From: mia@example.test": "mia@example.test", "From: mia@example.test": noSender, "From: forms@example.test": "ana@c.test"} {
		if in := r.inbound(item{raw: []byte(from + "\n\nEmail: ana@c.test\n")}, false, false); in.Hints[0].Value != want {
			t.Errorf("a mail with %q is of %s", from, in.Hints[0].Value)
		}
	}
}

// TestFormsAreOrdinaryMail: a machine's mark on a form says nothing about its customer's words; on an
// answer or on mail to many it does.
func TestFormsAreOrdinaryMail(t *testing.T) {
	for head, want := range map[string]string{
		"From: wordpress@example.test\nReply-To: ana@c.test\nAuto-Submitted: auto-generated":                "",
		"From: no-reply@forms.test\nAuto-Submitted: auto-generated":                                         "",
		"From: no-reply@forms.test\nPrecedence: bulk":                                                       "",
		"From: no-reply@forms.test\nReply-To: ana@c.test\nAuto-Submitted: auto-replied":                     "auto_reply",
		"From: no-reply@forms.test\nReply-To: ana@c.test\nAuto-Submitted: auto-generated\nIn-Reply-To: <m>": "auto_reply",
		"From: no-reply@forms.test\nReply-To: ana@c.test\nList-Id: <news.forms.test>":                       "list",
		"From: ana@c.test\nAuto-Submitted: auto-generated":                                                  "auto_reply",
	} {
		in := shopReceiver(t).inbound(item{raw: []byte(head + "\nSubject: s\n\nEmail: ana@c.test\n")}, false, false)
		if m := message(t, in); m.Automatic != want || (m.Automatic == "" && in.Hints[0].Value != "ana@c.test") {
			t.Errorf("%q is %q of %s, want %q", head, m.Automatic, in.Hints[0].Value, want)
		}
	}
}
