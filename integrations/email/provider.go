// Package email speaks IMAP and SMTP: it brings in the mail of one mailbox, sends the shop's
// answers through the mailbox's own provider, and reads whatever senders' programs make of
// the mail formats (RFC 5322, 2045–2047, 2231).
package email

import (
	"context"
	"time"

	"onethread/models"
)

// Provider is the email integration.
var Provider = models.Provider{
	Kind:     "email",
	Name:     "Email",
	Address:  models.EmailIdentity,
	Fits:     fits,
	Fields:   fields,
	Validate: func(s map[string]string) error { _, err := readSettings(s); return err },
	Find:     find,
	Open:     open,
	Consent:  &models.Consent{If: byConsent, Needed: consentNeeded, Ask: askConsent, Settle: settleConsent},
}

var security = []string{"tls", "starttls", "none"}

// byConsent is when the fields of OAuth 2 count.
const byConsent = "login=google|microsoft"

var fields = []models.Field{
	{Key: "address", Label: "Email address", Type: "email", Required: true, Help: "The address customers write to, such as support@your-shop.com."},
	{Key: "name", Label: "Sender name", Type: "text", Help: "Stands beside the address in what you send: Anna at Your Shop."},
	{Key: "imap_host", Label: "IMAP server", Type: "text", Required: true, Help: "Where mail is read. Your mail provider's help page names it, such as imap.gmail.com."},
	{Key: "username", Label: "User name", Type: "text", Help: "Usually the email address itself; leave empty for that."},
	{Key: "login", Label: "How to log in", Type: "select", Options: []string{"password", "google", "microsoft"}, Default: "password", Help: "google and microsoft: with your consent there (OAuth 2) and no password. Microsoft takes nothing else."},
	{Key: "password", Label: "Password", Type: "password", Required: true, Secret: true, If: "login=|password", Help: "Gmail, Yahoo and iCloud want an app password here, not your everyday one."},
	{Key: "oauth_client_id", Label: "Client id", Type: "text", Required: true, If: byConsent, Help: "Of the app that you register once at Google or Microsoft; “Mail accounts” in the documentation shows how, step by step."},
	{Key: "oauth_client_secret", Label: "Client secret", Type: "password", Secret: true, If: byConsent, Help: "Google always gives one; Microsoft for apps of the kind “Web”."},
	{Key: "smtp_host", Label: "SMTP server", Type: "text", Required: true, Help: "Where mail is sent, such as smtp.gmail.com."},
	{Key: "signature", Label: "Signature", Type: "textarea", Help: "Stands below every answer. {name} becomes the name of who writes, {shop} the sender name above. Who has a signature of their own uses that."},
	{Key: "auto_answer", Label: "Automatic answer", Type: "textarea", Help: "Sent at once, and at most once a day, to whoever begins a conversation by email. Leave empty for none."},
	{Key: "imap_port", Label: "IMAP port", Type: "number", Default: "993", Advanced: true},
	{Key: "imap_security", Label: "IMAP encryption", Type: "select", Options: security, Default: "tls", Advanced: true, Help: "none only works on your own network, together with “Allow private addresses”."},
	{Key: "smtp_port", Label: "SMTP port", Type: "number", Default: "465", Advanced: true, Help: "465 for tls, 587 for starttls."},
	{Key: "smtp_security", Label: "SMTP encryption", Type: "select", Options: security, Default: "tls", Advanced: true},
	{Key: "smtp_username", Label: "SMTP user name", Type: "text", Advanced: true, Help: "Only if it is another one than for reading."},
	{Key: "smtp_password", Label: "SMTP password", Type: "password", Secret: true, Advanced: true, Help: "Only if it is another one than for reading."},
	{Key: "oauth_tenant", Label: "Tenant", Type: "text", Default: "common", Advanced: true, If: "login=microsoft", Help: "The directory (tenant) id, where your app is for your own organisation only."},
	{Key: "oauth_refresh_token", Label: "Refresh token", Type: "password", Secret: true, Advanced: true, If: byConsent, Help: "Comes by itself when you press Connect."},
	{Key: "oauth_authorize_url", Label: "Address where you consent", Type: "url", Advanced: true, If: byConsent, Help: "Empty: the provider's own."},
	{Key: "oauth_token_url", Label: "Address that gives tokens", Type: "url", Advanced: true, If: byConsent, Help: "Empty: the provider's own."},
	{Key: "oauth_scope", Label: "Scope", Type: "text", Advanced: true, If: byConsent, Help: "Empty: reading and sending mail."},
	{Key: "folder", Label: "Folder", Type: "text", Default: "INBOX", Advanced: true},
	{Key: "read_sent", Label: "Show answers written in other mail programs", Type: "bool", Default: "true", Advanced: true, Help: "Reads the folder with sent mail too."},
	{Key: "sent_folder", Label: "Folder with sent mail", Type: "text", Advanced: true, Help: "Empty: it is found by itself."},
	{Key: "save_sent", Label: "Keep a copy of what is sent here in that folder", Type: "select", Options: []string{"auto", "yes", "no"}, Default: "auto", Advanced: true, Help: "auto: unless your provider does so itself, as Gmail and Microsoft do."},
	{Key: "read_junk", Label: "Read the folder with spam too", Type: "bool", Default: "false", Advanced: true, Help: "What comes in there from now on is shown under Spam, where it disturbs nobody."},
	{Key: "backfill_days", Label: "Older mail, in days", Type: "number", Default: "30", Advanced: true, Help: "How far back mail from before today is brought in, quietly. 0 for none."},
	{Key: "poll_seconds", Label: "Look for mail every … seconds", Type: "number", Default: "60", Advanced: true, Help: "Most servers announce new mail at once; this is for those that do not."},
	{Key: "idle_seconds", Label: "Renew the waiting connection after … seconds", Type: "number", Default: "240", Advanced: true},
	{Key: "timeout_seconds", Label: "Give up on a silent server after … seconds", Type: "number", Default: "30", Advanced: true},
	{Key: "ca_pem", Label: "Private certificate authority", Type: "textarea", Advanced: true, Help: "Paste its certificate (PEM) if your mail server is signed by your own authority."},
	{Key: "plus_replies", Label: "Mark answers with a plus-address", Type: "bool", Default: "false", Advanced: true,
		Help: "Replies then find their conversation even when a mail program drops the reference. Switch it on only if mail to you+anything@your-domain reaches this mailbox."},
	{Key: "allow_private", Label: "Allow private addresses", Type: "bool", Default: "false", Advanced: true, Help: "Needed when the mail server stands in your own network."},
}

func open(ch models.Channel, host models.Host) (models.Connection, error) {
	s, err := readSettings(ch.Settings)
	if err != nil {
		return models.Connection{}, err
	}
	s.since = ch.CreatedAt.Std().Truncate(time.Second) // INTERNALDATE knows no fractions
	if s.since.IsZero() {
		s.since = host.Now().Truncate(time.Second)
	}
	s.imap.tokens = newTokens(s.oauth, host)
	s.smtp.tokens = s.imap.tokens
	in := &receiver{settings: s, host: host, channel: ch.ID, compared: map[string]comparison{}, progress: map[string]progress{}, rest: sleep}
	return models.Connection{
		Sender:   &sender{settings: s, host: host, copies: &archive{settings: s, host: host, waits: copyWaits}},
		Receiver: in,
		Reread: func(k models.Kept) models.Inbound {
			return in.inbound(item{raw: k.Raw, arrived: k.ReceivedAt.Std()}, false, k.Out)
		},
		Check: func(ctx context.Context) []models.Check { return check(ctx, s, host) },
		Probe: func(ctx context.Context) []models.Check { return probe(ctx, s, host) },
	}, nil
}
