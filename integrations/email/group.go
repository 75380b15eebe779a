package email

import (
	"strings"

	"onethread/integrations/email/mime"
)

// groupSender is who wrote a mail that reached the shop through a Google group that it reads together
// (support@ as a collaborative inbox). Where the author's domain forbids passing mail on (DMARC), the group
// puts its own address into From and keeps the author in X-Original-Sender ("Allow forwarded messages to be
// authenticated", support.google.com/a/answer/3725677, from memory). Other lists are not the shop's: there
// the fields are only a claim.
func groupSender(m *mime.Mail, s settings, from mime.Address) (mime.Address, bool) {
	if m.Header.Get("X-Google-Group-Id") == "" || !isOurs(groupAddress(m), s) {
		return mime.Address{}, false
	}
	if !isOurs(from.Address, s) {
		return from, true // passed on as it came
	}
	list := mime.ParseAddresses(m.Header.Get("X-Original-Sender"))
	if len(list) != 1 || !mime.ValidAddress(list[0].Address) || isOurs(list[0].Address, s) {
		return mime.Address{}, false
	}
	name := beforeVia(from.Name)
	if original := mime.ParseAddresses(m.Header.Get("X-Original-From")); len(original) == 1 {
		name = or(original[0].Name, name)
	}
	return mime.Address{Name: name, Address: strings.ToLower(list[0].Address)}, true
}

// groupAddress is that of the group: "Mailing-list: list support@shop.example; contact …".
func groupAddress(m *mime.Mail) string {
	words := strings.Fields(strings.ToLower(m.Header.Get("Mailing-list")))
	if len(words) < 2 || words[0] != "list" {
		return ""
	}
	return strings.Trim(words[1], ";,")
}

// isOurs tells addresses of the shop's own domain.
func isOurs(address string, s settings) bool {
	_, own, _ := strings.Cut(s.address, "@")
	_, domain, ok := strings.Cut(strings.ToLower(address), "@")
	return ok && domain == own
}

// beforeVia takes the person out of "'Ana Duarte' via Support".
func beforeVia(name string) string {
	if i := strings.LastIndex(name, " via "); i >= 0 {
		name = name[:i]
	}
	return strings.Trim(name, "' ")
}
