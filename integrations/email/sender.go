package email

import (
	"slices"
	"strings"

	"onethread/integrations/email/mime"
	"onethread/models"
)

// who is what the sender of a mail was resolved to.
type who struct {
	hint      models.Hint
	name      string
	direction models.Direction
	warning   string
	author    string // who of the shop wrote it: their address, or the name that their mail program gives
	handed    bool   // a machine wrote it for somebody: a form, a shop's notice
	group     bool   // it came through a group that the shop reads together
}

// noSender stands for a mail that names nobody: it is kept, under a name that can be nobody's
// (RFC 2606 section 2).
const noSender = "unknown@sender.invalid"

// relays are domains whose From is a machine that writes for somebody else, named in Reply-To.
var relays = []string{"shopify.com", "shopifyemail.com", "etsy.com", "ebay.com", "paypal.com", "amazon.com",
	"squarespace.com", "wix.com", "wixforms.com", "jotform.com", "typeform.com", "formspree.io", "wordpress.com"}

var roles = []string{"no-reply", "noreply", "no_reply", "donotreply", "do-not-reply", "do_not_reply", "nepasrepondre", "ne-pas-repondre",
	"keine-antwort", "nicht-antworten", "mailer", "notification", "notifications", "mailer-daemon", "postmaster", "wordpress"}

// resolveSender decides whose mail this is: From, or Reply-To where From is a machine, or the
// person written to where we wrote it ourselves: what lies in our own folder of sent mail needs no
// further proof of that.
func resolveSender(m *mime.Mail, s settings, auto mime.Automatic, sent bool, staff func(string) bool) who {
	from := claimedSender(m)
	_, ownDomain, _ := strings.Cut(s.address, "@")
	w := who{direction: models.In, name: from.Name,
		hint: models.Hint{Kind: models.EmailIdentity, Value: from.Address, Evidence: models.Asserted, Reason: "From of an email"}}
	if sent {
		return outgoing(m, s, w, staff)
	}
	w.warning = authWarning(m, s)
	ours := strings.EqualFold(from.Address, s.address)
	colleague := !ours && isStaff(staff, from.Address)
	proved := (ours || colleague) && authenticated(m, s)
	if ours && (ownID(m.MessageID) || proved) {
		return outgoing(m, s, w, staff)
	}
	if auto.Kind == "bounce" && len(auto.Recipients) > 0 {
		w.name = ""
		w.hint = models.Hint{Kind: models.EmailIdentity, Value: auto.Recipients[0], Evidence: models.Typed, Reason: "recipient named in a bounce"}
		return w
	}
	if colleague && proved && auto.Kind == "none" && recipient(m, s, staff) != nil {
		return outgoing(m, s, w, staff)
	}
	if a, ok := groupSender(m, s, from); ok && !colleague {
		if isStaff(staff, a.Address) {
			return disbelieved(w, a.Address)
		}
		w.name, w.group = a.Name, true
		w.hint.Value, w.hint.Reason = a.Address, "sender of an email to your group"
		return w
	}
	if reply, ok := replyTo(m, s.address, staff); ok && (ours || isMachine(from.Address, ownDomain)) {
		w.name = or(reply.Name, from.Name)
		w.hint.Value, w.hint.Reason, w.handed = reply.Address, "Reply-To of an email sent by "+from.Address, true
		return w
	}
	if colleague && !proved {
		return disbelieved(w, from.Address)
	}
	if auto.Kind != "bounce" && auto.Kind != "complaint" && !ours && mayBeForm(m, from.Address, ownDomain, staff) {
		if a, ok := formSender(m, s, from.Address); ok {
			// Anybody can type anybody's address into a form: it links nothing by itself.
			w.name, w.handed = a.Name, true
			w.hint.Value, w.hint.Evidence, w.hint.Reason = a.Address, models.Typed, "named in a form sent by "+from.Address
			return w
		}
	}
	if ours {
		// A From proves no member of staff: anybody can write it.
		w.hint.Evidence = models.Typed
		w.warning = "This mail says it comes from your own address, but nothing proves it."
	}
	if from.Address == noSender {
		w.hint.Evidence, w.hint.Reason = models.Typed, "email without a sender"
	}
	return w
}

// claimedSender takes the first address that the mail gives for its author.
func claimedSender(m *mime.Mail) mime.Address {
	candidates := slices.Concat(m.From, mime.ParseAddresses(m.Header.Get("Sender")), m.ReplyTo, mime.ParseAddresses(m.Header.Get("Return-Path")))
	for _, a := range candidates {
		if mime.ValidAddress(a.Address) {
			a.Address = strings.ToLower(a.Address)
			return a
		}
	}
	name := ""
	if len(m.From) > 0 {
		name = or(m.From[0].Name, m.From[0].Address)
	}
	return mime.Address{Name: name, Address: noSender}
}

// replyTo is the one address to answer to, if it is neither the shop's nor a colleague's.
func replyTo(m *mime.Mail, own string, staff func(string) bool) (mime.Address, bool) {
	if len(m.ReplyTo) != 1 || !mime.ValidAddress(m.ReplyTo[0].Address) || strings.EqualFold(m.ReplyTo[0].Address, own) || isStaff(staff, m.ReplyTo[0].Address) {
		return mime.Address{}, false
	}
	a := m.ReplyTo[0]
	a.Address = strings.ToLower(a.Address)
	_, domain, _ := strings.Cut(own, "@")
	return a, !isMachine(a.Address, "") && !strings.HasSuffix(a.Address, "@"+domain)
}

// isMachine tells senders that are nobody: no-reply addresses, relays, our own domain's forms.
func isMachine(address, ownDomain string) bool {
	local, domain, _ := strings.Cut(address, "@")
	local, _, _ = strings.Cut(local, "+")
	if slices.Contains(roles, local) || ownDomain != "" && domain == ownDomain {
		return true
	}
	return slices.ContainsFunc(relays, func(r string) bool { return domain == r || strings.HasSuffix(domain, "."+r) })
}
