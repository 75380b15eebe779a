package staff_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	nethtml "golang.org/x/net/html"

	"onethread/models"
	"onethread/models/attacktest"
	"onethread/models/inbox"
	"onethread/models/store"
)

// everywhere sends one text in every field that strangers, stores and staff fill besides a mail's
// HTML, and one address in every field that becomes a link. It returns the customer.
func (s *shop) everywhere(text, address, mark string) models.Ingested {
	s.t.Helper()
	from := "mallory" + mark + "@example.com"
	in := func(channel models.ID, p models.Payload) models.Ingested { return s.in(channel, from, text, p) }
	line := []models.OrderLine{{Title: text, SKU: text, Quantity: 1, Price: 100}}
	out := in(s.mail, &models.MessageIn{Subject: text, Text: text + "\n" + address, CC: text, Warning: text, MessageID: text + mark, Automatic: "", Attachments: []models.FileIn{{Name: text, Type: text, Body: []byte("x")}}})
	in(s.mail, &models.MessageIn{Subject: text, Text: text, ReplyText: text[:1], Automatic: text})
	in(s.till, &models.OrderIn{Order: models.Order{ExternalID: text + mark, Number: text, Status: text, Currency: "EUR", Total: 100, Note: text, ShipTo: text, URL: address, UpdatedAt: s.st.Now(), Lines: line,
		Tracking: []models.Tracking{{Carrier: text, Number: text, URL: address, Status: text}}}})
	in(s.till, &models.RefundIn{Refund: models.Refund{OrderNumber: text, ExternalID: text + mark, Amount: 1, Currency: "EUR", Status: "done", Reason: text}})
	in(s.till, &models.ReturnIn{OrderNumber: text, Number: text, Status: text, Note: text, Lines: line, Amount: 1, Currency: "EUR"})
	in(s.till, &models.CartIn{Status: "abandoned", Currency: "EUR", Total: 1, URL: address, Lines: line})
	in(s.till, &models.CartIn{Status: text, Currency: text, Total: 1, URL: address, Lines: line})
	in(s.till, &models.VisitIn{Location: text, ServedBy: text, Note: text})
	in(s.till, &models.CallIn{Direction: models.In, Duration: 5, Outcome: text, AnsweredBy: text, Transcript: text, Recording: address})
	in(s.till, &models.PageViewIn{URL: address, Title: text, Product: text, Name: text})
	in(s.till, &models.PageViewIn{URL: address})
	in(s.till, &models.ProductIn{Saved: true, ID: text, Title: text, URL: address, Price: 1, Currency: "EUR"})
	in(s.till, &models.ProductIn{ID: text, Title: text, URL: address, Price: 1, Currency: text})
	in(s.till, &models.UnreadableIn{Reason: text})
	s.chatHint(text, from, mark)
	s.staffWords(out, text, mark)
	return out
}

// chatHint leaves an odd address and a hint of a kind nobody knows.
func (s *shop) chatHint(text, from, mark string) {
	s.t.Helper()
	hints := []models.Hint{{Kind: models.EmailIdentity, Value: from, Evidence: models.Asserted, Reason: text}, {Kind: models.IdentityKind("shopify"), Scope: text, Value: text + mark, Evidence: models.Asserted, Reason: text},
		{Kind: models.EmailIdentity, Value: text + "@example.com", Evidence: models.Typed, Reason: text}}
	_, err := s.inbox.Ingest(s.t.Context(), models.Inbound{ChannelID: s.chat, ExternalID: "contact" + mark, Signed: true, Hints: hints, Payload: &models.ContactIn{}})
	s.must(err)
	_, err = s.inbox.Ingest(s.t.Context(), models.Inbound{ChannelID: s.mail, ExternalID: "odd" + mark, Payload: &models.UnreadableIn{Reason: text}})
	s.must(err)
}

// staffWords fills what staff name: customers, labels, notes, channels, colleagues.
func (s *shop) staffWords(in models.Ingested, text, mark string) {
	s.t.Helper()
	labels := []string{text}
	s.must(s.inbox.Update(s.t.Context(), s.mia, in.ConversationID, inbox.Change{Labels: &labels}))
	s.must(s.inbox.EditCustomer(s.t.Context(), 0, in.CustomerID, inbox.Edit{Name: &text, Notes: &text, Language: &text}))
	_, err := s.inbox.Note(s.t.Context(), s.mia, in.CustomerID, text, "", nil)
	s.must(err)
	s.must(s.inbox.SaveDraft(s.t.Context(), store.Draft{UserID: s.mia.ID, CustomerID: in.CustomerID, Kind: "reply", Subject: text, Text: text}))
	s.must(s.st.Write(s.t.Context(), func(tx *store.Tx) error {
		ch := models.Channel{Type: "email", Name: text, Key: "odd-key" + mark, Settings: map[string]string{"address": text}}
		id, err := store.AddChannel(tx, ch, func(string) bool { return false })
		if err != nil {
			return err
		}
		if err := store.SetHealth(tx, id, models.Status{State: "refused", Problem: text}); err != nil {
			return err
		}
		u := models.User{Email: "odd" + mark + "@casa.example", Name: text, Role: models.Agent, Theme: "auto"}
		return store.InsertUser(tx, &u)
	}))
}

// screens are all pages and pieces where those fields are shown.
func (s *shop) screens(m *member, in models.Ingested, query string) map[string]string {
	s.t.Helper()
	c := "/customers/" + in.CustomerID.String()
	piece := m.see(c, "HX-Request", "true")
	out := map[string]string{c + " (piece)": piece}
	newest, _, _ := strings.Cut(piece[strings.LastIndex(piece, `id="e`)+5:], `"`)
	for _, path := range []string{"/", c, c + "/orders", c + "/events?before=" + newest, "/search?q=" + url.QueryEscape(query), "/search/results?q=" + url.QueryEscape(query), "/settings/channels",
		"/settings/channels/" + s.mail.String(), "/settings/channels/4", "/settings/users", "/settings/tokens", "/account"} {
		status, body, _ := m.ask("GET", path, "")
		if status != 200 {
			s.t.Errorf("%s: %d %.200s", path, status, body)
		}
		out[path] = body
	}
	return out
}

// intruders lists what in a page of ours is not ours.
func intruders(t *testing.T, page string) (found []string) {
	t.Helper()
	doc, err := nethtml.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Type != nethtml.ElementNode {
			continue
		}
		if slices.Contains(strings.Fields("base object embed applet frame math style template xss video audio noscript track marquee"), n.Data) {
			found = append(found, "<"+n.Data+">")
		}
		for _, a := range n.Attr {
			if odd(n.Data, a.Key, strings.TrimSpace(a.Val)) {
				found = append(found, fmt.Sprintf("<%s %s=%q>", n.Data, a.Key, a.Val))
			}
		}
	}
	return found
}

func odd(element, key, value string) bool {
	ours := strings.HasPrefix(value, "/") && !strings.HasPrefix(value, "//") && !strings.HasPrefix(value, `/\`)
	switch {
	case strings.HasPrefix(key, "on"), key == "style", key == "srcdoc", key == "formaction", key == "srcset", key == "background", key == "ping":
		return true
	case element == "meta" && key == "http-equiv":
		return true
	case key == "src", key == "action", strings.HasPrefix(key, "hx-post"), strings.HasPrefix(key, "hx-get"), key == "poster", key == "data":
		return !ours && value != ""
	case key == "href":
		u, err := url.Parse(value)
		return err != nil || (!ours && !strings.HasPrefix(value, "#") && !slices.Contains([]string{"http", "https", "mailto", "tel"}, u.Scheme))
	}
	return false
}

// words is what a page shows, fields of forms included.
func words(t *testing.T, page string) string {
	t.Helper()
	doc, err := nethtml.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for n := range doc.Descendants() {
		if n.Type == nethtml.TextNode {
			b.WriteString(n.Data)
		}
	}
	return b.String()
}

// TestEveryFieldIsText: what stands in any field but a mail's HTML is shown as the text it is, and
// becomes a link only where it is an address of the web, of mail or of a telephone.
func TestEveryFieldIsText(t *testing.T) {
	const seen = `"><img src=x onerror=alert(1)>`
	addresses := []string{"javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", " javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x", "//evil.example/x", `/\evil.example`, "file:///etc/passwd", "blob:x", `https://ok.example/"><script>alert(1)</script>`, "ht\x00tp://x", "?", ""}
	s := openShop(t)
	mia := s.login(s.mia)
	for i, text := range append([]string{seen}, attacktest.Markup...) {
		in := s.everywhere(text, addresses[i%len(addresses)], fmt.Sprint(i))
		for path, page := range s.screens(mia, in, text) {
			if found := intruders(t, page); len(found) > 0 {
				t.Errorf("%q on %s: %q", text, path, found)
			}
			if text == seen && !strings.Contains(words(t, page), seen) && !strings.HasPrefix(path, "/settings/tokens") && path != "/account" {
				t.Errorf("%s does not show the text", path)
			}
		}
	}
}

// TestTheScreenOracleSees: each of these must be found.
func TestTheScreenOracleSees(t *testing.T) {
	for _, page := range []string{`<img src=x>`, `<p onclick="a()">`, `<a href="javascript:a()">x</a>`, `<a href="//evil.example">x</a>`, `<base href="/">`, `<iframe srcdoc="x"></iframe>`, `<script src="https://e.example/x.js"></script>`,
		`<form action="https://e.example">`, `<meta http-equiv=refresh>`, `<a href="data:text/html,x">x</a>`, `<a href="?x">x</a>`} {
		if len(intruders(t, page)) == 0 {
			t.Errorf("%s passes", page)
		}
	}
}
