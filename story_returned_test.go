package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"onethread/integrations/email/mailtest"
	"onethread/models"
	"onethread/models/store"
)

// TestReturnedMail tells of a customer whose mailbox is no more: the answer comes back from Postfix, the
// thread says why and keeps the report, and the next answer must name the address all the same. Their mail is
// found by the name of its file, and read again by a version that understands it better.
func TestReturnedMail(t *testing.T) {
	if testing.Short() {
		t.Skip("a story with real mail servers takes seconds")
	}
	stack := mailtest.Start(t)
	s := begin(t)
	s.connect("email", "Support", stack.Settings(mailtest.Shop))
	s.start()
	const nobody = "nobody@example.test"
	stack.SendMail(nobody, mailtest.Shop, []byte("From: Nora <"+nobody+">\r\nTo: "+mailtest.Shop+"\r\nSubject: Desk\r\nMessage-ID: <first@example.test>\r\nDate: "+time.Now().Add(-time.Second).Format(time.RFC1123Z)+
		"\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHere is the plan of the room.\r\n--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"Atelier-Rossio.pdf\"\r\n\r\n%PDF-1.4\r\n--b--\r\n"))
	s.await("the mail is there", func() bool { return len(s.rows()) == 1 })
	nora := s.rows()[0].CustomerID
	var found struct {
		Messages []struct {
			CustomerID string `json:"customer_id"`
		}
	}
	s.api("GET", "/search?q=rossio", nil, 200, &found)
	if len(found.Messages) != 1 || found.Messages[0].CustomerID != nora {
		t.Errorf("by the name of its file: %+v", found)
	}

	s.api("POST", "/customers/"+nora+"/messages", map[string]any{"text": "It fits."}, 202, nil)
	type event struct {
		Direction string
		RawURL    string `json:"raw_url"`
		Delivery  *struct {
			State, Error string
			ReportURL    string `json:"report_url"`
		}
	}
	var back event
	s.await("the answer came back", func() bool {
		var page struct{ Data []event }
		s.api("GET", "/customers/"+nora+"/thread", nil, 200, &page)
		back = page.Data[len(page.Data)-1]
		return back.Direction == "out" && back.Delivery != nil && back.Delivery.State == "bounced"
	})
	if !strings.Contains(back.Delivery.Error, "no such mailbox (code 5.1.1)") || back.RawURL != "" {
		t.Errorf("what came back: %+v", back)
	}
	if report := s.download(back.Delivery.ReportURL); !strings.Contains(report, nobody) || !strings.Contains(report, "multipart/report") {
		t.Errorf("the report: %.300s", report)
	}
	if n := len(s.thread(nora)); n < 2 || len(s.rows()) != 1 {
		t.Errorf("%d entries, %d rows", n, len(s.rows()))
	}
	s.api("POST", "/customers/"+nora+"/messages", map[string]any{"text": "Once more"}, 422, nil)
	var customer struct{ Identities []struct{ ID, Value string } }
	s.api("GET", "/customers/"+nora, nil, 200, &customer)
	s.api("POST", "/customers/"+nora+"/messages", map[string]any{"text": "Once more", "to": customer.Identities[0].ID}, 202, nil)
	s.stop()
	s.reparsed(nora)
}

func (s *story) download(url string) string {
	s.Helper()
	req, err := http.NewRequestWithContext(s.Context(), "GET", url, nil)
	if err != nil {
		s.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		s.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != 200 || answer.Header.Get("Content-Type") != "application/octet-stream" {
		s.Fatalf("%s: %d %v %v", url, answer.StatusCode, answer.Header, err)
	}
	return string(b)
}

// reparsed has the words of the customer's first mail as an older version may have read them, and reads the
// kept mails again.
func (s *story) reparsed(customer string) {
	s.Helper()
	words := func(change func(tx *store.Tx, m models.Message) error) (text string) {
		s.Helper()
		st, err := store.Open(s.Context(), s.data, store.Options{})
		if err != nil {
			s.Fatal(err)
		}
		defer st.Close()
		id, err := models.ParseID(customer)
		if err != nil {
			s.Fatal(err)
		}
		entries, err := store.Thread(st.Read(s.Context()), store.ThreadFilter{CustomerID: id, Kinds: []models.Kind{models.KindMessage}, Limit: 20})
		if err != nil || len(entries) == 0 {
			s.Fatal(len(entries), err)
		}
		if change != nil {
			if err := st.Write(s.Context(), func(tx *store.Tx) error { return change(tx, *entries[0].Message) }); err != nil {
				s.Fatal(err)
			}
		}
		return strings.TrimSpace(entries[0].Message.Text)
	}
	right := words(func(tx *store.Tx, m models.Message) error {
		m.Text = "=?garbled?="
		return store.RewordMessage(tx, m)
	})
	for _, c := range []struct{ args, said, words string }{
		{"--dry-run", "1 read differently now, 0 readable that were not; nothing was changed", "=?garbled?="},
		{"--channel=999", "0 mails looked at", "=?garbled?="},
		{"", "1 read differently now", right},
		{"", "0 read differently now", right},
	} {
		args := append([]string{"mail", "reparse"}, strings.Fields(c.args)...)
		if out := s.cli("", args...); !strings.Contains(out, c.said) {
			s.Errorf("%v says %q, want %q", args, out, c.said)
		}
		if got := words(nil); got != c.words {
			s.Errorf("after %v: %q, want %q", args, got, c.words)
		}
	}
	if right != "Here is the plan of the room." {
		s.Errorf("the mail reads %q", right)
	}
}
