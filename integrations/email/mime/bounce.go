package mime

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
)

var (
	statusField = lazily(`(?im)^Status:\s*([245]\.\d{1,3}\.\d{1,3})`)
	statusText  = lazily(`\b([45]\.\d{1,2}\.\d{1,3})\b`)
	replyCode   = lazily(`\b([45]\d\d)[ -](?:[45]\.\d|[A-Za-z<])`)
	actionField = lazily(`(?im)^Action:\s*(\w+)`)
	diagnostic  = lazily(`(?im)^Diagnostic-Code:[^\n]*(?:\n[ \t][^\n]*)*`)
	recipients  = lazily(`(?im)^(?:Final-Recipient|Original-Recipient|X-Failed-Recipients|Original-Rcpt-To|Removal-Recipient):\s*(?:rfc822;|utf-8;)?\s*<?([^\s<>;,]+@[^\s<>;,]+)>?`)
	// saidOf finds the receiver in the words of servers that make no report: an address alone
	// on a line, or behind the usual words.
	saidOf = lazily(`(?im)^[ \t]*(?:(?:delivered to|recipient|rcpt to|to|user|address)[: ]+)?<?([^\s<>;,:"'()@]+@[^\s<>;,:"'()@]+)>?[:.]?[ \t]*(?:\(|$|\r)`)
	// receiverField is the last resort: whom the mail that came back was sent to.
	receiverField = lazily(`(?im)^[ \t>]*To:(?:[^\n@<]*<|\s*)([^\s<>;,:"@]+@[^\s<>;,:"@]+)`)
	quotedID      = lazily(`(?im)^[ \t>]*Message-ID:\s*<([^<>\s]{3,900})>`)
	// returned begins the mail that came back.
	returned = lazily(`(?im)^[ \t>]*(?:Content-Type:\s*(?:message/rfc822|text/rfc822-headers)|Return-Path:|Received:\s*(?:from|by)|--[^\n]{0,80}(?:original|unsent|returned|copy of|below this line)|Message-ID:)`)
	nested   = []byte("report-type=")
)

// maxReport bounds how much of a report is searched, in bytes.
const maxReport = 256 << 10

// readReport finds status, recipients and the mail it is about. Any Message-ID line below the
// report's own head is the original's in nearly all bounces, whatever their form.
func (a *Automatic) readReport(m *Mail, raw []byte) {
	_, body := splitHead(trimEnvelope(raw))
	body = body[:min(len(body), maxReport)]
	words := body
	if at := returned().FindIndex(body); at != nil {
		words = body[:at[0]]
	}
	if text := m.Words(); len(words) < 200 && text != "" || encoded(m) { // base64, or HTML alone
		words = []byte(text[:min(len(text), maxReport)])
	}
	status := m.part("message/delivery-status")
	if match := statusField().FindSubmatch(status); match != nil {
		a.Status = string(match[1])
	} else if match := statusText().FindSubmatch(words); match != nil {
		a.Status = string(match[1])
	} else if match := statusField().FindSubmatch(body); match != nil {
		a.Status = string(match[1])
	}
	a.findIDs(body, status != nil)
	fields := bytes.Join([][]byte{[]byte("X-Failed-Recipients: " + m.Header.Get("X-Failed-Recipients")), status, m.part("message/feedback-report"), body}, []byte("\n"))
	a.addRecipients(recipients(), fields)
	a.Failed = failedOf(status)
	if len(a.Recipients) == 0 {
		a.addRecipients(saidOf(), words)
	}
	if len(a.Recipients) == 0 {
		a.addRecipients(receiverField(), body[min(len(words), len(body)):])
	}
	if a.Kind == "complaint" {
		a.Reason, a.Status = "feedback", ""
		return
	}
	a.judge(string(status), string(words), string(body))
	if a.Action == "" && delaySubject().MatchString(m.Subject) {
		a.Action = "delayed"
	}
}

// delaySubject is how servers that make no report tell of a delay: Exim, Sendmail, Gmail, Exchange.
var delaySubject = lazily(`(?i)^warning: (message \S+ delayed|could not send message for)|delivery status notification \(delay\)|^delivery (is )?delayed|^delayed (mail|delivery)|zustellung verzögert`)

// failedOf lists the recipients whose own group of fields in a report says that they failed.
func failedOf(status []byte) []string {
	var failed Automatic
	for _, group := range bytes.Split(bytes.ReplaceAll(status, []byte("\r\n"), []byte("\n")), []byte("\n\n")) {
		if actionOf(string(group)) == "failed" {
			failed.addRecipients(recipients(), group)
		}
	}
	return failed.Recipients
}

// encoded tells whether the words of a report can be read only after decoding.
func encoded(m *Mail) bool {
	return strings.HasPrefix(strings.ToLower(m.Header.Get("Content-Transfer-Encoding")), "base64")
}

// findIDs gathers the ids below the report's own head. A mail that only wraps a report names the
// report's first; the original's stands behind it.
func (a *Automatic) findIDs(body []byte, report bool) {
	all := quotedID().FindAllSubmatchIndex(body, 20)
	for _, at := range all {
		if id := clean(string(body[at[2]:at[3]])); id != "" && !slices.Contains(a.MessageIDs, id) {
			a.MessageIDs = append(a.MessageIDs, id)
		}
	}
	if !report && len(a.MessageIDs) > 1 && bytes.Contains(headAround(body, all[0][0]), nested) {
		a.MessageIDs[0], a.MessageIDs[1] = a.MessageIDs[1], a.MessageIDs[0]
	}
	if len(a.MessageIDs) > 0 {
		a.OriginalMessageID = a.MessageIDs[0]
	}
}

// headAround returns the head that a field stands in.
func headAround(body []byte, at int) []byte {
	start, end := max(0, at-4000), min(len(body), at+4000)
	for _, gap := range []string{"\n\n", "\n\r\n"} {
		start = max(start, at-4000, bytes.LastIndex(body[start:at], []byte(gap))+start)
		if i := bytes.Index(body[at:end], []byte(gap)); i >= 0 {
			end = at + i
		}
	}
	return body[start:end]
}

func (a *Automatic) addRecipients(pattern *regexp.Regexp, text []byte) {
	for _, match := range pattern.FindAllSubmatch(text, 50) {
		r := strings.ToLower(strings.TrimSuffix(clean(string(match[1])), "."))
		if ValidAddress(r) && !slices.Contains(a.Recipients, r) {
			a.Recipients = append(a.Recipients, r)
		}
	}
}

// judge finds kind, reason and hardness: from the report's own fields, else from the words
// above the mail that came back.
func (a *Automatic) judge(status, words, body string) {
	if a.Action = actionOf(status); a.Action != "" {
		switch a.Action {
		case "delivered", "relayed", "expanded", "deliverable":
			a.Kind, a.Reason = "delivered", "delivered"
			return
		case "delayed":
			a.Reason = "expired"
			return
		}
	}
	said := strings.Join(diagnostic().FindAllString(body, 10), "\n")
	if a.Reason = reasonOf(a.Status, said); a.Reason == "" {
		a.Reason = reasonOf(a.Status, words)
	}
	code := replyCode().FindStringSubmatch(said + "\n" + words)
	permanent := strings.HasPrefix(a.Status, "5") || a.Status == "" && (code == nil || code[1][0] == '5')
	a.Hard = permanent && (a.Reason == "userunknown" || a.Reason == "hostunknown" || a.Reason == "hasmoved" || a.Reason == "notaccept")
}

// actionOf is what a report says was done with the mail. It may tell of several recipients: one failure
// among them is what counts.
func actionOf(status string) string {
	first := ""
	for _, match := range actionField().FindAllStringSubmatch(status, 100) {
		action := strings.ToLower(match[1])
		if action == "failed" {
			return action
		}
		if first == "" {
			first = action
		}
	}
	return first
}

// notice is what Amazon SES tells through SNS, which can mail it ("Amazon SNS notification
// contents for Amazon SES", read 2026-11).
type notice struct {
	Kind   string `json:"notificationType"`
	Bounce struct {
		Type       string `json:"bounceType"`
		Recipients []struct {
			Address string `json:"emailAddress"`
			Status  string `json:"status"`
			Said    string `json:"diagnosticCode"`
		} `json:"bouncedRecipients"`
	} `json:"bounce"`
	Complaint struct {
		Recipients []struct {
			Address string `json:"emailAddress"`
		} `json:"complainedRecipients"`
	} `json:"complaint"`
	Delivery struct {
		Recipients []string `json:"recipients"`
	} `json:"delivery"`
	Mail struct {
		Headers []struct{ Name, Value string } `json:"headers"`
	} `json:"mail"`
}

// isNotice: the sender alone proves nothing, but only a machine writes these words.
func isNotice(m *Mail) bool {
	return strings.HasPrefix(strings.TrimSpace(m.Text), "{") && strings.Contains(m.Text[:min(len(m.Text), 4000)], "notificationType") && strings.Contains(strings.ToLower(m.Header.Get("From")), "@sns.amazonaws.com")
}

func (a *Automatic) readNotice(m *Mail) {
	var n notice
	text := strings.NewReplacer("!\r\n ", "", "!\n ", "").Replace(m.Text) // old servers cut long lines so
	var wrap struct{ Message string }                                     // SNS puts it into its own form unless told not to
	problem := json.NewDecoder(strings.NewReader(text)).Decode(&wrap)
	if wrap.Message != "" {
		text = wrap.Message
	}
	problem = errors.Join(problem, json.NewDecoder(strings.NewReader(text)).Decode(&n))
	kinds := map[string]string{"Bounce": "bounce", "Complaint": "complaint", "Delivery": "delivered"}
	if a.Kind = kinds[n.Kind]; problem != nil || a.Kind == "" {
		a.Kind = "auto_reply"
		return
	}
	add := func(address string) { a.addRecipients(receiverField(), []byte("To: "+address)) }
	for _, r := range n.Bounce.Recipients {
		add(r.Address)
		a.Status, a.Reason = r.Status, reasonOf(r.Status, r.Said)
	}
	a.Hard = n.Kind == "Bounce" && n.Bounce.Type == "Permanent"
	for _, r := range n.Complaint.Recipients {
		add(r.Address)
		a.Reason = "feedback"
	}
	for _, r := range n.Delivery.Recipients {
		add(r)
		a.Reason = "delivered"
	}
	for _, h := range n.Mail.Headers {
		if strings.EqualFold(h.Name, "Message-ID") {
			a.OriginalMessageID = firstID(h.Value)
			a.MessageIDs = []string{a.OriginalMessageID}
		}
	}
}
