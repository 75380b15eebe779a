package email

import (
	"strings"

	"onethread/integrations/email/mime"
	"onethread/models"
)

// handOn turns a mail that a member of staff forwarded from their own mailbox into the customer's: their
// words become the message, what the colleague wrote above them an internal note. It reports false,
// and changes nothing, where the mail is no such thing: a From alone proves no member of staff, so our
// own server must have found it genuine.
func (r *receiver) handOn(in *models.Inbound, msg *models.MessageIn, m *mime.Mail) bool {
	from := claimedSender(m)
	if r.host.Staff == nil || !authenticated(m, r.settings) || !r.host.Staff(from.Address) {
		return false
	}
	f := m.Forwarded()
	if f == nil || !mime.ValidAddress(f.FromAddress) || strings.EqualFold(f.FromAddress, r.settings.address) || r.host.Staff(f.FromAddress) {
		return false
	}
	in.Name, in.Hints = f.FromName, []models.Hint{{Kind: models.EmailIdentity, Value: strings.ToLower(f.FromAddress), Evidence: models.Asserted, Reason: "From of a mail that " + from.Address + " forwarded"}}
	msg.Direction, msg.Warning, msg.Author, msg.Note = models.In, "", from.Address, strings.TrimSpace(f.Message)
	msg.Subject, msg.Text, msg.ReplyText, msg.HTML, msg.CC = or(f.Subject, m.Subject), f.Body, "", "", ""
	if f.Mail != nil {
		whole(msg, f.Mail, m)
	}
	msg.Spam = false                                               // a colleague has looked at it
	msg.InReplyTo, msg.References, msg.ReplyTokens = nil, nil, nil // the colleague's own thread
	return true
}

// whole takes over what a mail that hangs on another one as a file brings along: its page, the words in it
// that are new, its files, and those that the colleague added.
func whole(msg *models.MessageIn, inner, outer *mime.Mail) {
	msg.HTML = inner.Page()
	if msg.ReplyText = inner.Reply(); msg.ReplyText == msg.Text {
		msg.ReplyText = ""
	}
	msg.Attachments = append(files(inner.Files), files(outer.Besides())...)
}
