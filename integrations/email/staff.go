package email

import (
	"fmt"
	"slices"
	"strings"

	"onethread/integrations/email/mime"
	"onethread/models"
)

func isStaff(staff func(string) bool, address string) bool { return staff != nil && staff(address) }

// outgoing is a mail that we sent: it belongs to the first person it went to.
func outgoing(m *mime.Mail, s settings, w who, staff func(string) bool) who {
	w.author, w.name, w.warning = authorOf(m, s, staff), "", ""
	a := recipient(m, s, staff)
	if a == nil { // to colleagues alone
		a = recipient(m, s, nil)
	}
	if a == nil {
		return w // a note to ourselves
	}
	w.direction, w.name = models.Out, a.Name
	w.hint.Value, w.hint.Reason, w.hint.Evidence = strings.ToLower(a.Address), "To of an email from the shop", models.Asserted
	return w
}

// recipient is the first one that is neither the shop nor a colleague; To comes before Cc.
func recipient(m *mime.Mail, s settings, staff func(string) bool) *mime.Address {
	for _, a := range slices.Concat(m.To, m.CC) {
		if mime.ValidAddress(a.Address) && !isOwn(a.Address, s.address) && !isStaff(staff, a.Address) {
			return &a
		}
	}
	return nil
}

// isOwn tells the shop's own address, also with a tag behind a plus.
func isOwn(address, own string) bool {
	local, domain, _ := strings.Cut(strings.ToLower(address), "@")
	local, _, _ = strings.Cut(local, "+")
	return local+"@"+domain == own || strings.EqualFold(address, own)
}

// authorOf is who of the shop wrote a mail: the member of staff whose address it is from or was sent by,
// else whoever bears the name it gives. The shop's own name is nobody's.
func authorOf(m *mime.Mail, s settings, staff func(string) bool) string {
	for _, a := range slices.Concat(m.From[:min(len(m.From), 1)], mime.ParseAddresses(m.Header.Get("Sender"))) {
		if address := strings.ToLower(a.Address); address != s.address && isStaff(staff, address) {
			return address
		}
	}
	if len(m.From) == 0 {
		return ""
	}
	name := strings.TrimSpace(m.From[0].Name)
	if s.name != "" { // our own mails are from "Anna at The Shop"
		name = strings.TrimSuffix(name, " at "+s.name)
	}
	if strings.EqualFold(name, s.name) || strings.EqualFold(name, s.address) {
		return ""
	}
	return name
}

// disbelieved is a mail that names a colleague as its sender, which nothing proves: anybody can write a
// From. It is nobody's, so that neither the colleague becomes a customer nor a customer's thread is
// written into.
func disbelieved(w who, claimed string) who {
	w.name, w.hint.Value, w.hint.Evidence, w.hint.Reason = "", noSender, models.Typed, "an email that says it is from a member of staff"
	w.warning = fmt.Sprintf("This mail says it comes from %s, a member of your staff, but nothing proves it. Ask them before you act on it.", claimed)
	return w
}
