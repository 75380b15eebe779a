package mime

import (
	"bytes"
	"strings"
)

// Automatic says what machine, if any, wrote a mail.
type Automatic struct {
	Kind              string   `json:"kind"`   // none, bounce, auto_reply, complaint, delivered, list
	Status            string   `json:"status"` // RFC 3463 code of a bounce, such as 5.1.1
	Reason            string   `json:"reason"` // userunknown, mailboxfull, … ; "" = not known
	Hard              bool     `json:"hard"`   // no retry will help
	Recipients        []string `json:"recipients"`
	OriginalMessageID string   `json:"original_message_id"` // without <>
	Failed            []string `json:"-"`                   // those of the recipients that a report names as failed; empty = it does not tell them apart
	MessageIDs        []string `json:"-"`                   // every id in a report, the likeliest original first
	Action            string   `json:"-"`                   // what a report says was done: failed, delayed, delivered, relayed, expanded (RFC 3464 section 2.3.3); "" = it does not say
}

// Classify tells machine mail from people's (RFC 3834, RFC 3464, RFC 5965, RFC 2919).
func Classify(m *Mail, raw []byte) Automatic {
	a := Automatic{Kind: "none", Recipients: []string{}}
	kind := parseContent(m.Header.Get("Content-Type"))
	report := strings.ToLower(kind.params["report-type"])
	switch {
	case report == "feedback-report" || m.part("message/feedback-report") != nil || isJunkReport(m):
		a.Kind = "complaint"
	case isNotice(m):
		a.readNotice(m)
		return a
	case isBounce(m, report):
		a.Kind = "bounce"
	case isAutoReply(m):
		a.Kind = "auto_reply"
	case m.Header.Get("List-Id") != "" || precedence(m) == "list" || precedence(m) == "bulk" || precedence(m) == "junk":
		a.Kind = "list"
	}
	if a.Kind == "bounce" || a.Kind == "complaint" {
		a.readReport(m, raw)
	}
	return a
}

func precedence(m *Mail) string {
	return strings.ToLower(strings.TrimSpace(m.Header.Get("Precedence")))
}

var (
	bounceFrom    = lazily(`(?i)mailer-daemon|mail delivery (sub)?system|post[_-]?master@|mdaemon|^bounces?[@+]`)
	bounceSubject = lazily(`(?i)undeliver|delivery (status|fail|report|problem)|returned mail|failure notice|mail (delivery|system) (fail|error)|could not be delivered|unzustellbar|non remis|não entregue|no entregado|mancato recapito`)
	// failureText is how servers say in plain text what they send back; people write so too, so
	// that the sender must be a machine as well.
	failureText = lazily(`(?i)could not be delivered to|error message below:|delivery (to the following|has failed)|undeliverable`)
	machineFrom = lazily(`(?i)no-?reply@|daemon|post[_-]?master`)
	absence     = lazily(`(?i)^\s*(re:\s*)?(auto(matic)?[- :]?(reply|response|matische antwort|reply:)|out of (the )?office|abwesenheit|automatische antwort|réponse automatique|respuesta automática|resposta automática|risposta automatica|automatisch antwoord|automatiskt svar|automatisk svar|autosvar|vacation|on vacation)`)
)

// isBounce: the standard report finds only half of real bounces, the sender's name nearly all
// of the rest.
func isBounce(m *Mail, report string) bool {
	if report == "delivery-status" || m.part("message/delivery-status") != nil || m.Header.Get("X-Failed-Recipients") != "" {
		return true
	}
	from := m.Header.Get("From")
	if absence().MatchString(m.Subject) && !strings.Contains(strings.ToLower(from), "mailer-daemon") {
		return false
	}
	if failureText().MatchString(m.Text[:min(len(m.Text), 4000)]) && (bounceFrom().MatchString(from) || m.part("message/rfc822") != nil && machineFrom().MatchString(from)) {
		return true
	}
	empty := strings.TrimSpace(m.Header.Get("Return-Path")) == "<>"
	return bounceFrom().MatchString(from) && (empty || bounceSubject().MatchString(m.Subject) || strings.Contains(strings.ToLower(from), "mailer-daemon")) ||
		empty && bounceSubject().MatchString(m.Subject)
}

func isAutoReply(m *Mail) bool {
	submitted := strings.ToLower(strings.TrimSpace(m.Header.Get("Auto-Submitted")))
	suppress := strings.ToLower(m.Header.Get("X-Auto-Response-Suppress"))
	switch {
	case submitted != "" && !strings.HasPrefix(submitted, "no"):
		return true
	case m.Header.Get("X-Autoreply") != "" || m.Header.Get("X-Autorespond") != "" || m.Header.Get("X-Loop") != "":
		return true
	case precedence(m) == "auto_reply":
		return true
	}
	return absence().MatchString(m.Subject) || strings.Contains(suppress, "all") && m.Header.Get("X-MS-Exchange-Inbox-Rules-Loop") != ""
}

// isJunkReport knows Microsoft's complaints (JMRP): the mail itself comes back with a field of
// theirs in its head.
func isJunkReport(m *Mail) bool {
	mail := m.part("message/rfc822")
	return bytes.Contains(mail[:min(len(mail), 8<<10)], []byte("X-HmXmrOriginalRecipient:"))
}

// part returns the body of the first part of that type.
func (m *Mail) part(kind string) []byte {
	for _, f := range m.Files {
		if f.Type == kind {
			return f.Body
		}
	}
	return nil
}
