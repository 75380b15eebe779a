package mime

import (
	"bytes"
	"regexp"
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
}

// Words says to staff what a bounce means.
func (a Automatic) Words() string {
	parts := []string{"The receiving server sent the mail back"}
	if text := reasonWords[a.Reason]; text != "" {
		parts = append(parts, text)
	}
	if a.Status != "" {
		parts = append(parts, "code "+a.Status)
	}
	return strings.Join(parts, ": ")
}

var reasonWords = map[string]string{
	"userunknown": "there is no such mailbox", "hostunknown": "there is no such mail domain", "mailboxfull": "the mailbox is full",
	"mesgtoobig": "the mail is too big", "spamdetected": "it was taken for spam", "blocked": "it refuses mail from our server",
	"expired": "it could not be reached for days", "suspend": "the mailbox is closed", "norelaying": "it does not take mail for that address",
	"policyviolation": "its rules forbid it", "authfailure": "it does not believe that the mail is from us",
}

// Classify tells machine mail from people's (RFC 3834, RFC 3464, RFC 5965, RFC 2919).
func Classify(m *Mail, raw []byte) Automatic {
	a := Automatic{Kind: "none", Recipients: []string{}}
	kind := parseContent(m.Header.Get("Content-Type"))
	report := strings.ToLower(kind.params["report-type"])
	switch {
	case report == "feedback-report" || m.part("message/feedback-report") != nil:
		a.Kind = "complaint"
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
	bounceFrom    = regexp.MustCompile(`(?i)mailer-daemon|mail delivery (sub)?system|postmaster@|mdaemon|^bounces?[@+]`)
	bounceSubject = regexp.MustCompile(`(?i)undeliver|delivery (status|fail|report|problem)|returned mail|failure notice|mail (delivery|system) (fail|error)|could not be delivered|unzustellbar|non remis|não entregue|no entregado|mancato recapito`)
	absence       = regexp.MustCompile(`(?i)^\s*(re:\s*)?(auto(matic)?[- :]?(reply|response|matische antwort|reply:)|out of (the )?office|abwesenheit|automatische antwort|réponse automatique|respuesta automática|resposta automática|risposta automatica|automatisch antwoord|automatiskt svar|automatisk svar|autosvar|vacation|on vacation)`)
)

// isBounce: the standard report finds only half of real bounces, the sender's name nearly all
// of the rest.
func isBounce(m *Mail, report string) bool {
	if report == "delivery-status" || m.part("message/delivery-status") != nil || m.Header.Get("X-Failed-Recipients") != "" {
		return true
	}
	from := m.Header.Get("From")
	if absence.MatchString(m.Subject) && !strings.Contains(strings.ToLower(from), "mailer-daemon") {
		return false
	}
	empty := strings.TrimSpace(m.Header.Get("Return-Path")) == "<>"
	return bounceFrom.MatchString(from) && (empty || bounceSubject.MatchString(m.Subject) || strings.Contains(strings.ToLower(from), "mailer-daemon")) ||
		empty && bounceSubject.MatchString(m.Subject)
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
	return absence.MatchString(m.Subject) || strings.Contains(suppress, "all") && m.Header.Get("X-MS-Exchange-Inbox-Rules-Loop") != ""
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

var (
	statusField = regexp.MustCompile(`(?im)^Status:\s*([245]\.\d{1,3}\.\d{1,3})`)
	statusText  = regexp.MustCompile(`\b([45]\.\d{1,2}\.\d{1,3})\b`)
	replyCode   = regexp.MustCompile(`\b([45]\d\d)[ -](?:[45]\.\d|[A-Za-z<])`)
	actionField = regexp.MustCompile(`(?im)^Action:\s*(\w+)`)
	recipients  = regexp.MustCompile(`(?im)^(?:Final-Recipient|Original-Recipient|X-Failed-Recipients|Original-Rcpt-To|Removal-Recipient):\s*(?:rfc822;|utf-8;)?\s*<?([^\s<>;,]+@[^\s<>;,]+)>?`)
	quotedID    = regexp.MustCompile(`(?im)^[ \t>]*Message-ID:\s*<([^<>\s]{3,900})>`)
)

// maxReport bounds how much of a report is searched.
const maxReport = 256 << 10

// readReport finds status, recipients and the mail it is about. Any Message-ID line below the
// report's own head is the original's in nearly all bounces, whatever their form.
func (a *Automatic) readReport(m *Mail, raw []byte) {
	_, body := splitHead(trimEnvelope(raw))
	body = body[:min(len(body), maxReport)]
	status := m.part("message/delivery-status")
	if match := statusField.FindSubmatch(status); match != nil {
		a.Status = string(match[1])
	} else if match := statusText.FindSubmatch(body); match != nil {
		a.Status = string(match[1])
	}
	seen := map[string]bool{}
	text := bytes.Join([][]byte{[]byte("X-Failed-Recipients: " + m.Header.Get("X-Failed-Recipients")), status, m.part("message/feedback-report"), body}, []byte("\n"))
	for _, match := range recipients.FindAllSubmatch(text, 50) {
		if r := strings.ToLower(string(match[1])); ValidAddress(r) && !seen[r] {
			seen[r], a.Recipients = true, append(a.Recipients, r)
		}
	}
	if match := quotedID.FindSubmatch(body); match != nil {
		a.OriginalMessageID = string(match[1])
	}
	if a.Kind == "complaint" {
		a.Reason, a.Status = "feedback", ""
		return
	}
	a.judge(string(status), string(body))
}

// judge finds reason and hardness.
func (a *Automatic) judge(status, body string) {
	if match := actionField.FindStringSubmatch(status); match != nil {
		switch strings.ToLower(match[1]) {
		case "delivered", "relayed", "expanded":
			a.Kind, a.Reason = "delivered", "delivered"
			return
		case "delayed":
			a.Reason = "expired"
			return
		}
	}
	a.Reason = reasonOf(a.Status, strings.ToLower(body))
	code := replyCode.FindStringSubmatch(body)
	permanent := strings.HasPrefix(a.Status, "5") || a.Status == "" && code != nil && code[1][0] == '5'
	a.Hard = permanent && (a.Reason == "userunknown" || a.Reason == "hostunknown" || a.Reason == "hasmoved" || a.Reason == "suspend")
}

// reasonHints are words of servers, most telling first.
var reasonHints = []struct{ reason, words string }{
	{"mailboxfull", "mailbox full|mailbox is full|quota exceeded|over quota|overquota|out of storage|exceeded storage"},
	{"suspend", "account disabled|account is disabled|mailbox disabled|inactive|suspended"},
	{"userunknown", "user unknown|unknown user|no such user|does not exist|recipient address rejected|mailbox unavailable|mailbox not found|invalid recipient|no mailbox|unknown recipient|address unknown|not listed in|no such recipient|unknown local"},
	{"hostunknown", "host not found|domain not found|host unknown|name service error|no such domain|unrouteable"},
	{"norelaying", "relaying denied|relay access denied|unable to relay|relay not permitted"},
	{"mesgtoobig", "message too large|message size exceeds|too big|exceeds size"},
	{"spamdetected", "spam|unsolicited"},
	{"authfailure", "dmarc|spf fail|dkim"},
	{"blocked", "blacklist|blocklist|blocked|access denied"},
	{"expired", "delivery time expired|timed out|timeout|retry time"},
}

func reasonOf(status, body string) string {
	known := map[string]string{"5.1.1": "userunknown", "5.1.2": "hostunknown", "5.1.6": "hasmoved", "5.1.10": "userunknown", "5.2.1": "suspend",
		"5.2.2": "mailboxfull", "4.2.2": "mailboxfull", "5.2.3": "exceedlimit", "5.3.4": "mesgtoobig", "4.4.7": "expired", "5.4.7": "expired", "5.7.26": "authfailure"}
	if r := known[status]; r != "" {
		return r
	}
	for _, hint := range reasonHints {
		for word := range strings.SplitSeq(hint.words, "|") {
			if strings.Contains(body, word) {
				return hint.reason
			}
		}
	}
	return ""
}
