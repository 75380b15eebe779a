package email

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"onethread/integrations/email/mime"
	"onethread/models"
)

func shopReceiver(t *testing.T) *receiver {
	t.Helper()
	s, err := readSettings(map[string]string{"address": "shop@example.test", "password": "x", "imap_host": "imap.example.test", "smtp_host": "smtp.example.test"})
	if err != nil {
		t.Fatal(err)
	}
	return &receiver{settings: s, channel: 7, host: newBox(t).host()}
}

func fixture(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile("mime/testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestReplyBecomesMessage(t *testing.T) {
	arrived := time.Date(2026, 11, 20, 10, 31, 5, 0, time.UTC)
	in := shopReceiver(t).inbound(item{uid: 3, raw: fixture(t, "reply.eml"), arrived: arrived}, true, false)
	m := message(t, in)
	if in.OccurredAt != models.At(arrived)-5000 || in.ReceivedAt != models.At(arrived) || !in.Silent || in.RawType != "message/rfc822" {
		t.Errorf("times %v %v, silent %v, raw %s", in.OccurredAt, in.ReceivedAt, in.Silent, in.RawType)
	}
	if h := in.Hints[0]; h.Kind != models.EmailIdentity || h.Value != "ana@customer.test" || in.Name != "Ana Duarte" {
		t.Errorf("hints %+v, name %q", in.Hints, in.Name)
	}
	if m.Subject != "Re: Your order #1042" || m.ReplyText != "The left door is scratched, see the café photo." || !strings.Contains(m.Text, "> Did the desk") {
		t.Errorf("subject %q, reply %q, text %q", m.Subject, m.ReplyText, m.Text)
	}
	if len(m.ReplyTokens) != 1 || m.ReplyTokens[0] != "77.k2v4mac" || len(m.References) != 2 || m.InReplyTo[0] != "m.77.abcdefghijklmnop2345@example.test" {
		t.Errorf("tokens %q, references %q", m.ReplyTokens, m.References)
	}
	if len(m.Attachments) != 1 || m.Attachments[0].Name != "photo.jpg" || m.Automatic != "" || m.Warning != "" {
		t.Errorf("attachments %+v, automatic %q, warning %q", m.Attachments, m.Automatic, m.Warning)
	}
}

func TestBounceMarksItsMessage(t *testing.T) {
	in := shopReceiver(t).inbound(item{raw: fixture(t, "bounce.eml")}, false, false)
	d, ok := in.Payload.(*models.DeliveryIn)
	if !ok || d.ProviderID != "m.42.abcdefghijklmnop2345@example.test" || d.State != models.DeliveryBounced || !strings.Contains(d.Error, "no such mailbox") {
		t.Fatalf("payload %#v", in.Payload)
	}
	stranger := strings.ReplaceAll(string(fixture(t, "bounce.eml")), "m.42.abcdefghijklmnop2345@", "other@")
	in = shopReceiver(t).inbound(item{raw: []byte(stranger)}, false, false)
	if m := message(t, in); m.Automatic != "bounce" || in.Hints[0].Value != "gone@customer.test" || in.Hints[0].Evidence != models.Typed {
		t.Errorf("a bounce of another's mail: %q, hints %+v", m.Automatic, in.Hints)
	}
}

// TestDeliveryReports: what came back is marked, for good or not; what is only late is not; our id is found
// wherever it stands.
func TestDeliveryReports(t *testing.T) {
	whole := string(fixture(t, "bounce.eml"))
	const id = "m.42.abcdefghijklmnop2345@example.test"
	for name, c := range map[string]struct{ old, new, state, automatic string }{
		"hard":                        {"", "", models.DeliveryBounced, ""},
		"soft":                        {"Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User unknown", "Status: 4.2.2\nDiagnostic-Code: smtp; 452 4.2.2 Mailbox full", models.DeliveryBounced, ""},
		"another id first":            {"From: shop@example.test\nTo: gone", "Message-ID: <wrapped@relay.test>\nTo: gone", models.DeliveryBounced, ""},
		"rewritten by the provider":   {"Message-ID: <" + id + ">", "Message-ID: <0102@eu-west-1.amazonses.com>\nX-Onethread-Message: " + id, models.DeliveryBounced, ""},
		"delivered":                   {"Action: failed", "Action: delivered", models.DeliveryDelivered, ""},
		"relayed":                     {"Action: failed", "Action: relayed", "", "delivered"},
		"delayed":                     {"Action: failed", "Action: delayed", "", "delayed"},
		"delayed for one, failed too": {"Action: failed", "Action: delayed\n\nFinal-Recipient: rfc822; other@customer.test\nAction: failed", models.DeliveryBounced, ""},
		"delayed, in a subject":       {"Subject: Undelivered Mail Returned to Sender", "Subject: Warning: message 1abc-XX delayed 24 hours", models.DeliveryBounced, ""}, // the report itself says failed
	} {
		in := shopReceiver(t).inbound(item{raw: []byte(strings.Replace(whole, c.old, c.new, 1))}, false, false)
		if d, ok := in.Payload.(*models.DeliveryIn); ok {
			if d.ProviderID != id || d.State != c.state || (d.State == models.DeliveryBounced) != (d.Error != "") {
				t.Errorf("%s: %+v", name, d)
			}
			continue
		}
		if m := message(t, in); c.state != "" || m.Automatic != c.automatic {
			t.Errorf("%s: a message, %q", name, m.Automatic)
		} else if c.automatic == "delayed" && (m.InReplyTo[0] != id || !strings.HasPrefix(m.Text, "Delivery is delayed: ") || !strings.Contains(m.Text, "still tries") || !strings.Contains(m.Text, "User unknown")) {
			t.Errorf("%s: about %q, text %q", name, m.InReplyTo, m.Text)
		}
	}
	old := "From: Mailer-Daemon@mail.example.test\nSubject: Warning: message 1abc-XX delayed 24 hours\n\nNo action is required on your part.\n\nMessage-ID: <" + id + ">\n"
	if m := message(t, shopReceiver(t).inbound(item{raw: []byte(old)}, false, false)); m.Automatic != "delayed" {
		t.Errorf("an old server's warning is %q", m.Automatic)
	}
}

// TestMarkers: the tokens of ours that quoted text and HTML carry, each once, none that only look so.
func TestMarkers(t *testing.T) {
	mac := strings.Repeat("a2", 13)
	body := "I wrote this\n> [ref:c77." + mac + "] and [REF:C77." + strings.ToUpper(mac) + "]\n[ref:c5.short] [ref:77." + mac + "] [ref:c1." + strings.Repeat("1", 26) + "]\n"
	m := message(t, shopReceiver(t).inbound(item{raw: []byte("From: ana@c.test\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\n" + body +
		"--b\nContent-Type: text/html\n\n<p>x</p><span style=3D>[ref:c78." + mac + "]</span>\n--b--\n")}, false, false))
	if len(m.Markers) != 2 || m.Markers[0] != "77."+mac || m.Markers[1] != "78."+mac {
		t.Errorf("markers %q", m.Markers)
	}
	var many strings.Builder
	for i := range 30 {
		fmt.Fprintf(&many, "[ref:c%d.%s]\n", i, mac)
	}
	if m := message(t, shopReceiver(t).inbound(item{raw: []byte("From: ana@c.test\n\n" + many.String())}, false, false)); len(m.Markers) != maxMarkers {
		t.Errorf("%d markers", len(m.Markers))
	}
}

func TestForwardIsFound(t *testing.T) {
	r := mime.Report(fixture(t, "forward.eml"), "")
	want := mime.Forwarded{FromName: "Bernd Vogel", FromAddress: "bernd@customer.test", Subject: "Frage zum Tisch", Body: "Passt der Tisch durch eine Tuer von 80 cm?", Message: "Kannst du das nehmen?"}
	if r.Forwarded == nil || *r.Forwarded != want || !strings.HasPrefix(r.ReplyText, "Kannst du das nehmen?\n\n----") {
		t.Errorf("forwarded %+v, reply %q", r.Forwarded, r.ReplyText)
	}
}

// TestStaffForward: a colleague hands a customer's mail on from their own mailbox.
func TestStaffForward(t *testing.T) {
	const pass = "Authentication-Results: mx.example.test; dmarc=pass\r\nReceived: by mx.example.test\r\n"
	forward := string(fixture(t, "forward.eml"))
	r := shopReceiver(t)
	colleague := claimedSender(mustParse(t, forward)).Address
	r.host.Staff = func(address string) bool { return address == colleague }
	in := r.inbound(item{raw: []byte(pass + forward)}, false, false)
	m := message(t, in)
	if in.Hints[0].Value != "bernd@customer.test" || in.Name != "Bernd Vogel" || m.Subject != "Frage zum Tisch" || m.Text != "Passt der Tisch durch eine Tuer von 80 cm?" ||
		m.Note != "Kannst du das nehmen?" || m.Author != colleague || m.Direction != models.In {
		t.Errorf("%+v of %+v", m, in.Hints)
	}
	for name, raw := range map[string]string{"nobody vouches for it": forward, "somebody else vouches": strings.Replace(pass, "mx.example.test", "mx.evil.test", 1) + forward} {
		in := r.inbound(item{raw: []byte(raw)}, false, false)
		if m := message(t, in); in.Hints[0].Value != noSender || in.Name != "" || m.Note != "" || !strings.Contains(m.Warning, colleague) {
			t.Errorf("%s: filed with %q %s, warning %q", name, in.Name, in.Hints[0].Value, m.Warning)
		}
	}
	r.host.Staff = func(string) bool { return false }
	if in := r.inbound(item{raw: []byte(pass + forward)}, false, false); in.Hints[0].Value != colleague {
		t.Errorf("a customer's own forward is filed with %s", in.Hints[0].Value)
	}
}

func mustParse(t *testing.T, raw string) *mime.Mail {
	t.Helper()
	m, err := mime.Parse([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSenders(t *testing.T) {
	const pass = "Authentication-Results: mx.example.test; dmarc=pass\nReceived: by mx.example.test\n"
	for name, c := range map[string]struct {
		head, value string
		evidence    models.Evidence
		direction   models.Direction
		warning     string
	}{
		"plain":                      {"From: ana@c.test", "ana@c.test", models.Asserted, models.In, ""},
		"reply-to of a person":       {"From: ana@c.test\nReply-To: other@d.test", "ana@c.test", models.Asserted, models.In, ""},
		"no-reply with reply-to":     {"From: no-reply@forms.test\nReply-To: Ana <ana@c.test>", "ana@c.test", models.Asserted, models.In, ""},
		"shop mailer":                {"From: store+77@t.shopifyemail.com\nReply-To: ana@c.test", "ana@c.test", models.Asserted, models.In, ""},
		"two reply-tos":              {"From: no-reply@forms.test\nReply-To: a@c.test, b@c.test", "no-reply@forms.test", models.Asserted, models.In, ""},
		"reply-to is ourselves":      {"From: no-reply@forms.test\nReply-To: shop@example.test", "no-reply@forms.test", models.Asserted, models.In, ""},
		"own contact form":           {"From: wordpress@example.test\nReply-To: ana@c.test", "ana@c.test", models.Asserted, models.In, ""},
		"our own mail, known id":     {"From: shop@example.test\nTo: Ana <ana@c.test>\nMessage-ID: <m.1.abcdefghijklmnop@example.test>", "ana@c.test", models.Asserted, models.Out, ""},
		"our own mail, verified":     {pass + "From: shop@example.test\nTo: Ana <ana@c.test>", "ana@c.test", models.Asserted, models.Out, ""},
		"our own mail, unproved":     {"From: shop@example.test\nTo: Ana <ana@c.test>", "shop@example.test", models.Typed, models.In, "nothing proves it"},
		"our own mail, forged proof": {"Authentication-Results: mx.evil.test; dmarc=pass\nReceived: by mx.example.test\nFrom: shop@example.test\nTo: ana@c.test", "shop@example.test", models.Typed, models.In, "nothing proves it"},
		"dmarc fails":                {strings.Replace(pass, "pass", "fail", 1) + "From: ana@c.test", "ana@c.test", models.Asserted, models.In, "Sender not verified"},
		"a stranger's verdict":       {"Authentication-Results: mx.evil.test; dmarc=fail\nFrom: ana@c.test", "ana@c.test", models.Asserted, models.In, ""},
		"nobody":                     {"Subject: hi", noSender, models.Typed, models.In, ""},
		"nonsense":                   {"From: @@@", noSender, models.Typed, models.In, ""},
	} {
		in := shopReceiver(t).inbound(item{raw: []byte(c.head + "\nSubject: s\n\nhello")}, false, false)
		m, h := message(t, in), in.Hints[0]
		if h.Value != c.value || h.Evidence != c.evidence || m.Direction != c.direction {
			t.Errorf("%s: %s %s %s", name, h.Value, h.Evidence, m.Direction)
		}
		if (c.warning == "") != (m.Warning == "") || !strings.Contains(m.Warning, c.warning) {
			t.Errorf("%s: warning %q", name, m.Warning)
		}
	}
}

func TestAutomatic(t *testing.T) {
	for head, want := range map[string]string{
		"From: ana@c.test\nSubject: hello":                                                          "none",
		"From: ana@c.test\nAuto-Submitted: no":                                                      "none",
		"From: ana@c.test\nAuto-Submitted: auto-replied":                                            "auto_reply",
		"From: ana@c.test\nSubject: Automatische Antwort: weg":                                      "auto_reply",
		"From: ana@c.test\nX-Autoreply: yes":                                                        "auto_reply",
		"From: news@c.test\nList-Id: <news.c.test>":                                                 "list",
		"From: news@c.test\nPrecedence: bulk":                                                       "list",
		"From: MAILER-DAEMON@c.test\nSubject: failure notice":                                       "bounce",
		"Return-Path: <>\nFrom: x@c.test\nSubject: Undeliverable: hello":                            "bounce",
		"From: fbl@c.test\nContent-Type: multipart/report; report-type=feedback-report; boundary=b": "complaint",
	} {
		if got := mime.Report([]byte(head+"\n\nhello"), "").Automatic.Kind; got != want {
			t.Errorf("%q is %s, want %s", head, got, want)
		}
	}
}

// TestContentKey: the key follows the content, not line ends, transport fields or place.
func TestContentKey(t *testing.T) {
	key := func(raw string) string {
		m, _ := mime.Parse([]byte(raw))
		return contentKey([]byte(raw), m)
	}
	base := "Message-ID: <a@b>\nDate: Fri, 20 Nov 2026 10:31:00 +0000\nSubject: s\n\nbody text\n"
	if key(base) != key("Received: by x\n"+strings.ReplaceAll(base, "\n", "\r\n")+"\r\n") {
		t.Error("line ends and Received change the key")
	}
	for _, other := range []string{strings.Replace(base, "body", "other", 1), strings.Replace(base, "20 Nov", "21 Nov", 1), strings.Replace(base, "a@b", "c@b", 1), strings.Replace(base, "Message-ID: <a@b>\n", "", 1)} {
		if key(other) == key(base) {
			t.Errorf("another mail has the same key:\n%s", other)
		}
	}
}
