package email

import (
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
)

// sentNames are what servers without SPECIAL-USE call the folder of sent mail.
var sentNames = []string{"Sent", "Sent Items", "Sent Messages", "Sent Mail", "INBOX.Sent", "INBOX/Sent", "[Gmail]/Sent Mail", "Gesendet", "Gesendete Elemente", "Gesendete Objekte",
	"Enviados", "Enviadas", "Elementos enviados", "Itens enviados", "Envoyés", "Éléments envoyés", "Inviata", "Posta inviata", "Verzonden", "Verzonden items", "Wysłane", "Elementy wysłane"}

// junkNames are what they call the folder of what they take for spam.
var junkNames = []string{"Junk", "Spam", "Junk E-mail", "Junk Email", "Junk Mail", "Bulk Mail", "Bulk", "INBOX.Junk", "INBOX/Junk", "INBOX.Spam", "INBOX/Spam", "[Gmail]/Spam", "Spamverdacht", "Junk-E-Mail",
	"Correo no deseado", "Lixo eletrônico", "Lixo Eletrónico", "Courrier indésirable", "Indésirables", "Posta indesiderata", "Ongewenste e-mail", "Skräppost", "Roskaposti", "Wiadomości-śmieci"}

// sentFolder finds the folder of sent mail: the one asked for, the one the server marks (RFC 6154), or
// one with a usual name. Empty: there is none.
func (s *session) sentFolder(asked string) (string, error) {
	return s.special(asked, imap.MailboxAttrSent, sentNames)
}

// junkFolder finds the folder of what the server takes for spam, likewise.
func (s *session) junkFolder() (string, error) {
	return s.special("", imap.MailboxAttrJunk, junkNames)
}

func (s *session) special(asked string, mark imap.MailboxAttr, names []string) (string, error) {
	var list []*imap.ListData
	err := s.within(s.timeout, func() (err error) {
		var options *imap.ListOptions
		if s.client.Caps().Has(imap.CapSpecialUse) && s.client.Caps().Has(imap.CapListExtended) {
			options = &imap.ListOptions{ReturnSpecialUse: true}
		}
		list, err = s.client.List("", "*", options).Collect()
		return err
	})
	if err != nil {
		return "", err
	}
	usual := ""
	for _, f := range list {
		switch {
		case asked != "" && f.Mailbox == asked:
			return f.Mailbox, nil
		case asked != "" || slices.Contains(f.Attrs, imap.MailboxAttrNoSelect) || slices.Contains(f.Attrs, imap.MailboxAttrNonExistent):
		case slices.Contains(f.Attrs, mark):
			return f.Mailbox, nil
		case usual == "" && slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, f.Mailbox) }):
			usual = f.Mailbox
		}
	}
	return usual, nil
}
