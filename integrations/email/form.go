package email

import (
	"regexp"
	"slices"
	"strings"

	"onethread/integrations/email/mime"
)

// A contact form or a shop's notice comes from a machine and names the customer in its body only, as lines
// of a label and a value: "E-mail: ana@example.com".

// Limits of what is looked at: a form has few and short lines, and names its sender near its top.
const (
	maxFormText = 32 << 10
	maxFormLine = 300
	maxLabel    = 40
)

var (
	// mailLabels are the words that a label for an address is made of, in the languages shops meet.
	mailLabels = wordSet("email|e-mail|mail|emailadresse|e-mail-adresse|mailadresse|courriel|mél|correo|emailadres|e-mailadres|mailadres|epost|e-post|e-postadress|e-postadresse|epostadresse|sähköposti|sähköpostiosoite|" +
		"e-posta|eposta|почта|e-mail-cím|邮箱|电子邮件|電子郵件|メール|メールアドレス|이메일")
	// mailFill are the words that may stand beside them: "Your email address", "Correo electrónico del cliente".
	mailFill = wordSet("address|adresse|adres|dirección|endereço|indirizzo|adresă|cím|adresa|your|ihre|deine|votre|tu|su|seu|sua|tua|vostra|uw|je|din|customer|customer's|client|kunde|kunden|kundin|cliente|klant|buyer|shopper|contact|sender|" +
		"visitor|from|de|del|di|do|da|du|la|le|el|electrónico|eletrónico|eletrônico|elektronische|electronique|électronique|von|elektroniczny|adresi|эл|электронная|адрес|the|id|required")
	senderLabels = wordSet("from|von|de|da|van|från|fra|od|от|sender|absender|expéditeur|remitente|remetente|mittente|afzender|avsändare|nadawca|customer|kunde|cliente|client|klant|contact|kontakt|contacto|contato")
	nameLabels   = wordSet("name|full name|your name|customer name|contact name|sender name|name of customer|ihr name|dein name|vollständiger name|kundenname|nombre|tu nombre|su nombre|nombre completo|nombre y apellidos|nome|seu nome|nome completo|il tuo nome|nome e cognome|" +
		"nom|votre nom|nom complet|naam|uw naam|volledige naam|namn|ditt namn|navn|dit navn|nimi|imię i nazwisko|jméno|jméno a příjmení|név|ad soyad|isim|имя|ваше имя|姓名|您的姓名|お名前|名前|이름|customer|kunde|cliente|client|klant")
	firstLabels = wordSet("first name|firstname|vorname|prénom|primeiro nome|voornaam|förnamn|fornavn|etunimi|imię|given name")
	lastLabels  = wordSet("last name|lastname|surname|nachname|nom de famille|apellido|apellidos|apelido|sobrenome|cognome|achternaam|efternamn|etternavn|efternavn|sukunimi|nazwisko|family name")

	formAddress = regexp.MustCompile(`[^\s<>()\[\]",;:|/@]+@[^\s<>()\[\]",;:|/@]+\.[^\s<>()\[\]",;:|/@]+`)
)

func wordSet(list string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.SplitSeq(list, "|") {
		set[w] = true
	}
	return set
}

// field is a labelled line of a form.
type field struct{ label, value string }

// mayBeForm tells machines that write for others from colleagues, who write from the shop's own domain too.
func mayBeForm(m *mime.Mail, from, ownDomain string, staff func(string) bool) bool {
	if isMachine(from, "") {
		return true
	}
	return isMachine(from, ownDomain) && (staff == nil || !staff(from)) && m.Forwarded() == nil
}

// formSender finds whom a form's mail is from: the one address that a line labelled so gives, other than the
// shop's and the machine's own. Where two lines disagree nothing is believed.
func formSender(m *mime.Mail, s settings, machine string) (mime.Address, bool) {
	if bulk(m) {
		return mime.Address{}, false
	}
	lines := formLines(m.Words())
	var labelled, senders []mime.Address
	for _, f := range fieldsOf(lines) {
		a, ok := formValue(f.value, s.address, machine)
		switch {
		case !ok:
		case isMailLabel(f.label):
			labelled = append(labelled, a)
		case senderLabels[f.label]:
			senders = append(senders, a)
		}
	}
	for _, list := range [][]mime.Address{labelled, senders} {
		if len(list) == 0 {
			continue
		}
		if slices.ContainsFunc(list, func(a mime.Address) bool { return a.Address != list[0].Address }) {
			return mime.Address{}, false
		}
		list[0].Name = or(formName(lines), list[0].Name)
		return list[0], true
	}
	return mime.Address{}, false
}

// bulk tells mail to many, whose foot names the sender's own addresses (RFC 2369, RFC 2919).
func bulk(m *mime.Mail) bool {
	return m.Header.Get("List-Id") != "" || m.Header.Get("List-Unsubscribe") != ""
}

// formLines are the lines of a text that may be a form's, without the marks of text made from HTML.
func formLines(text string) (lines []string) {
	for line := range strings.Lines(text[:min(len(text), maxFormText)]) {
		if line = strings.Trim(line, " \t\r\n*_|\u00a0\u200b"); line != "" {
			lines = append(lines, strings.ToValidUTF8(line[:min(len(line), maxFormLine)], ""))
		}
	}
	return lines
}

// fieldsOf reads labels and values: "Label: value", a label with its value on the next line, or a table's
// row, whose cells only a blank parts.
func fieldsOf(lines []string) (out []field) {
	for i, line := range lines {
		label, value, found := cutField(line)
		switch {
		case found && value != "":
			out = append(out, field{label, value})
		case found || isLabel(label):
			if i+1 < len(lines) {
				out = append(out, field{label, lines[i+1]})
			}
		default:
			if label, value, ok := cutRow(line); ok {
				out = append(out, field{label, value})
			}
		}
	}
	return out
}

// cutField cuts "Label: value"; without a colon the whole line is the label.
func cutField(line string) (label, value string, found bool) {
	i := strings.IndexAny(line, ":：\t|")
	if i < 0 || i > maxLabel {
		return cleanLabel(line), "", false
	}
	return cleanLabel(line[:i]), strings.Trim(line[i:], ":： \t|*_\u00a0"), true
}

// cutRow takes apart the longest label that begins the line.
func cutRow(line string) (label, value string, ok bool) {
	for i := min(len(line), maxLabel) - 1; i > 0; i-- {
		if line[i] == ' ' && isLabel(cleanLabel(line[:i])) {
			return cleanLabel(line[:i]), strings.TrimSpace(line[i:]), true
		}
	}
	return "", "", false
}

func cleanLabel(s string) string {
	if len(s) > 2*maxLabel {
		return ""
	}
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune("*_()[]?.#\u00a0", r) {
			return ' '
		}
		return r
	}, strings.ToLower(s))
	return strings.Join(strings.Fields(s), " ")
}

func isLabel(label string) bool {
	return label != "" && (isMailLabel(label) || nameLabels[label] || firstLabels[label] || lastLabels[label])
}

// isMailLabel tells a label that asks for a mail address: a word for it, and none that means something else.
func isMailLabel(label string) bool {
	asks := false
	for _, w := range strings.Fields(label) {
		if !mailLabels[w] && !mailFill[w] {
			return false
		}
		asks = asks || mailLabels[w]
	}
	return asks
}

// formValue reads a value that is one address and little else.
func formValue(value, own, machine string) (mime.Address, bool) {
	found := formAddress.FindAllString(strings.ReplaceAll(value, "mailto:", " "), 10)
	for i := range found {
		found[i] = strings.ToLower(strings.TrimRight(found[i], ".>"))
	}
	slices.Sort(found)
	if found = slices.Compact(found); len(found) != 1 || !mime.ValidAddress(found[0]) || !mayBeCustomer(found[0], own, machine) {
		return mime.Address{}, false
	}
	name := strings.Trim(formAddress.ReplaceAllString(value, ""), " \t<>()[]\"',;:|-")
	if len(strings.Fields(name)) > 6 {
		return mime.Address{}, false // a sentence that mentions an address
	}
	if strings.Contains(name, "mailto") || strings.ContainsAny(name, "<>[]()") {
		name = ""
	}
	return mime.Address{Name: name, Address: found[0]}, true
}

// mayBeCustomer leaves out the shop's own addresses, machines, and those of whoever runs the form.
func mayBeCustomer(address, own, machine string) bool {
	_, ownDomain, _ := strings.Cut(own, "@")
	_, domain, _ := strings.Cut(address, "@")
	_, machineDomain, _ := strings.Cut(machine, "@")
	return address != own && !isMachine(address, ownDomain) && !sameOrganisation(domain, ownDomain) && !sameOrganisation(domain, machineDomain)
}

// formName is what a line labelled so gives as the person's name, or their first name and last name.
func formName(lines []string) string {
	var whole, first, last string
	for _, f := range fieldsOf(lines) {
		if f.value = mime.OneLine(f.value); strings.Contains(f.value, "@") || len(f.value) > 100 {
			continue
		}
		switch {
		case nameLabels[f.label]:
			whole = or(whole, f.value)
		case firstLabels[f.label]:
			first = or(first, f.value)
		case lastLabels[f.label]:
			last = or(last, f.value)
		}
	}
	if first != "" && last != "" && !strings.Contains(whole, last) {
		return first + " " + last
	}
	return or(whole, or(first, last))
}

// plainly tells a machine's mail that is a customer's words all the same: a form or a shop's notice, new in
// itself and made for the shop, not an answer to anything and not written to many.
func plainly(m *mime.Mail, auto mime.Automatic) bool {
	if len(m.InReplyTo)+len(m.References) > 0 || bulk(m) {
		return false
	}
	made := strings.HasPrefix(strings.ToLower(strings.TrimSpace(m.Header.Get("Auto-Submitted"))), "auto-generated")
	return auto.Kind == "list" || auto.Kind == "auto_reply" && made
}
