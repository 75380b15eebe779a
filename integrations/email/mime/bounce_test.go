package mime

import (
	"slices"
	"testing"
)

func TestBounces(t *testing.T) {
	for name, c := range map[string]struct {
		raw                          string
		kind, status, reason, id, to string
		hard                         bool
	}{
		"a report": {raw: "From: x@y.test\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nsorry\n--b\nContent-Type: message/delivery-status\n\n" +
			"Final-Recipient: rfc822; bo@x.test\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 5.0.0\n no such user here\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <1@shop.test>\nSubject: dkim\n\n--b--",
			kind: "bounce", status: "5.0.0", reason: "userunknown", id: "1@shop.test", to: "bo@x.test", hard: true},
		"words alone": {raw: "From: MAILER-DAEMON@x.test\nSubject: failure notice\n\nSorry.\n\n<bo@x.test>:\n552 5.2.2 over quota\n\n--- Below this line is a copy of the message.\n\nMessage-ID: <2@shop.test>\n",
			kind: "bounce", status: "5.2.2", reason: "mailboxfull", id: "2@shop.test", to: "bo@x.test"},
		"only late": {raw: "From: MAILER-DAEMON@x.test\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; bo@x.test\nAction: delayed\nStatus: 4.4.1\n--b--",
			kind: "bounce", status: "4.4.1", reason: "expired", to: "bo@x.test"},
		"arrived": {raw: "From: MAILER-DAEMON@x.test\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; bo@x.test\nAction: delivered\nStatus: 2.0.0\n--b--",
			kind: "delivered", status: "2.0.0", reason: "delivered", to: "bo@x.test"},
		"a report in a wrapper": {raw: "From: MAILER-DAEMON@x.test\nContent-Type: multipart/mixed; boundary=w\n\n--w\nContent-Type: message/rfc822\n\nMessage-ID: <report@x.test>\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n" +
			"Final-Recipient: rfc822; bo@x.test\nStatus: 5.1.1\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <3@shop.test>\n\n--b--\n--w--",
			kind: "bounce", status: "5.1.1", reason: "userunknown", id: "3@shop.test", to: "bo@x.test", hard: true},
		"Amazon tells": {raw: "From: no-reply@sns.amazonaws.com\n\n" + `{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bouncedRecipients":[{"emailAddress":"Bo@x.test","status":"5.1.1"}]},"mail":{"headers":[{"name":"Message-ID","value":"<4@shop.test>"}]}}`,
			kind: "bounce", status: "5.1.1", reason: "userunknown", id: "4@shop.test", to: "bo@x.test", hard: true},
		"somebody writes like Amazon": {raw: "From: bo@x.test\n\n{\"notificationType\":\"Bounce\"}", kind: "none"},
		"a complaint":                 {raw: "From: staff@x.test\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nX-HmXmrOriginalRecipient: bo@x.test\nTo: bo@x.test\nMessage-ID: <5@shop.test>\n\n--b--", kind: "complaint", reason: "feedback", id: "5@shop.test", to: "bo@x.test"},
		"a customer asks about one":   {raw: "From: bo@x.test\nSubject: my mail\n\nIt says: could not be delivered to: <you@shop.test>, mailbox full. Why?", kind: "none"},
		"an absence":                  {raw: "From: bo@x.test\nReturn-Path: <>\nSubject: Out of office: desk\n\nBack on Monday", kind: "auto_reply"},
	} {
		a := Classify(mustParse(t, c.raw), []byte(c.raw))
		if a.Kind != c.kind || a.Status != c.status || a.Reason != c.reason || a.OriginalMessageID != c.id || a.Hard != c.hard || c.to != "" && !slices.Contains(a.Recipients, c.to) || c.to == "" && len(a.Recipients) > 0 {
			t.Errorf("%s: got %+v", name, a)
		}
	}
}
