package views

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"onethread/handlers/browser"
	"onethread/models"
	"onethread/static"
)

// gallery serves every page with made-up data under the policy that the server sets, so that
// looks, accessibility and the policy itself can be tried without a database.
func gallery(t testing.TB) *httptest.Server {
	t.Helper()
	v, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/static/dist/", func(w http.ResponseWriter, r *http.Request) {
		a, ok := static.Find(strings.TrimPrefix(r.URL.Path, "/static/dist/"))
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", a.Type)
		_, _ = w.Write(a.Body())
	})
	for path, page := range galleryPages(v.Words("en")) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			var b bytes.Buffer
			if err := v.Render(&b, "en", page.name, page.data); err != nil {
				t.Errorf("%s: %v", page.name, err)
			}
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self'; font-src 'self'; connect-src 'self'; frame-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
			_, _ = w.Write(b.Bytes())
		})
	}
	site := httptest.NewServer(mux)
	t.Cleanup(site.Close)
	return site
}

type galleryPage struct {
	name string
	data any
}

func galleryPages(w *Words) map[string]galleryPage {
	shell := Shell{Title: "Inbox", Section: "inbox", Me: Me{ID: 1, Name: "Mia Torres", Email: "mia@casa.example", Initials: "MT", CanWrite: true, IsAdmin: true}, Theme: "auto"}
	rows := sampleRows(w)
	in := func(s Shell, section, title string) Shell { s.Section, s.Title = section, title; return s }
	door := in(shell, "door", "Log in")
	door.NoRail = true
	settings := in(shell, "settings", "Settings")
	thread := sampleThread(w)
	closed := sampleThread(w)
	closed.Head.Status, closed.Head.Name, closed.Ribbon, closed.Entries = "closed", strings.Repeat("Wolfeschlegelsteinhausenbergerdorff ", 3), nil, nil
	closed.Composer.NoteFirst, closed.Composer.Ways[0].Disabled = true, "Mail to this address bounced"
	return map[string]galleryPage{
		"/":       {"inbox", InboxPage{Shell: shell, List: List{View: "open", Tabs: Tabs(w, "open"), Rows: rows}}},
		"/empty":  {"inbox", InboxPage{Shell: shell, List: List{View: "mine", Tabs: Tabs(w, "mine"), Empty: "mine"}}},
		"/fresh":  {"inbox", InboxPage{Shell: shell, List: List{View: "open", Tabs: Tabs(w, "open"), Empty: "channels"}}},
		"/thread": {"inbox", InboxPage{Shell: shell, List: List{View: "open", Tabs: Tabs(w, "open"), Rows: rows}, Thread: &thread}},
		"/long":   {"inbox", InboxPage{Shell: shell, List: List{View: "open", Tabs: Tabs(w, "open"), Rows: rows}, Thread: &closed}},
		"/search": {"search", SearchPage{Shell: in(shell, "search", "Search"), Query: "desk", Results: sampleResults(w)}},
		"/none":   {"search", SearchPage{Shell: in(shell, "search", "Search"), Query: "zzz", Results: Results{Query: "zzz"}}},
		"/settings/channels": {"channels", ChannelsPage{Shell: settings, Channels: sampleChannels(), Providers: []ProviderChoice{
			{"email", "Email", "mail", w.K("provider.", "email")}, {"webchat", "Web chat", "messages-square", w.K("provider.", "webchat")}, {"generic", "Any shop", "shopping-bag", w.K("provider.", "generic")}}}},
		"/settings/channels/1": {"channel_form", sampleForm(settings)},
		"/settings/users":      {"users", sampleUsers(w, settings)},
		"/settings/tokens": {"tokens", TokensPage{Shell: settings, Secret: "ot_3VbT7m0pWq8Zt5yL2cXn9aKd4sEf6hJu1rGiOvBxNzM", Tokens: []TokenRow{
			{1, "Till at Rua Augusta", "write", "Mia Torres", ago(30 * 24 * time.Hour), ago(4 * time.Minute)}, {2, "Backup", "admin", "Leo Alves", ago(90 * time.Hour), time.Time{}}},
			Scopes: options(w, "scope.", "scope.about.", "read", "write", "admin")}},
		"/customers/1/erase": {"erase", ErasePage{Shell: shell, CustomerID: 1, Name: "Ana Duarte", Word: "Ana Duarte", Error: w.T("erase.wrong", "Ana Duarte"), Entries: 128, Files: 4, Orders: 9, Merged: "A. Duarte, #31", Copies: "onethread.db.before-11-20261120-090000"}},
		"/settings/privacy": {"privacy", PrivacyPage{Shell: settings, Preview: true, Saved: true, Error: "Give a number of days.", Rules: []RuleField{{"page_days", "days", 30}, {"odd_days", "days", 0}, {"word_months", "months", 24}, {"silent_months", "months", 0}},
			Counts: []RuleCount{{"page_days", 1204}, {"word_months", 88}}, Copies: "onethread.db.before-11-20261120-090000"}},
		"/settings/import": {"imports", ImportPage{Shell: settings}},
		"/settings/import/1": {"import_list", ImportPage{Shell: settings, Token: "1", File: "customers.csv", Charset: "Windows-1252", Error: "Two columns are said to be the name.", Columns: []ImportColumn{
			{0, "Full name", []string{"Ana Duarte", "Omar Haddad"}, []Option{{"", "Not imported", "", false}, {"name", "Name", "", true}}}, {1, "E-mail", []string{"ana@example.com; " + strings.Repeat("very-long-", 12) + "@example.com"}, []Option{{"email", "Email", "", true}}}},
			Job: &ImportJob{Token: "1", Dry: true, Done: true, Total: 3, Counts: []ImportCount{{"new", 2}, {"invalid", 1}}, Report: "/settings/import/2/report", Rows: []ImportRow{{2, "Ana Duarte", "new", ""}, {4, "Nobody", "invalid", "email not an address; phone 12"}}}}},
		"/account": {"account", AccountPage{Shell: in(shell, "account", "You"), Signature: "{name}\n{shop}, Rua Augusta 12", Signed: "Mia Torres\nCasa, Rua Augusta 12", Shop: "Casa", Themes: options(w, "theme.", "", "auto", "light", "dark"), Undos: options(w, "undo.", "", "0", "5", "10", "30"),
			Sessions: []SessionRow{{"1", "Chromium on Linux", "192.0.2.7", ago(time.Hour), ago(time.Second), true}, {"2", "Safari on iPhone", "198.51.100.20", ago(72 * time.Hour), ago(3 * time.Hour), false}}}},
		"/login": {"login", DoorPage{Shell: door, Error: "The address or the password is wrong."}},
		"/setup": {"setup", DoorPage{Shell: door}}, "/forgot": {"forgot", DoorPage{Shell: door}}, "/reset": {"reset", DoorPage{Shell: door}},
		"/invite": {"invite", DoorPage{Shell: door, Name: "Leo", Email: "leo@casa.example", Role: "agent"}},
		"/error":  {"error", ErrorPage{Shell: door, Status: 404, Heading: w.T("error.404"), Message: "There is nothing here, or nothing that you may see.", RequestID: "0f3c9a"}},
	}
}

func ago(d time.Duration) time.Time { return time.Now().Add(-d) }

func options(w *Words, prefix, about string, values ...string) []Option {
	var out []Option
	for i, v := range values {
		o := Option{Value: v, Text: w.K(prefix, v), Current: i == 0}
		if about != "" {
			o.Hint = w.T(about + v)
		}
		out = append(out, o)
	}
	return out
}

func sampleRows(w *Words) []Row {
	names := []string{"Ana Duarte", "Priya Nair", "Tomás Ribeiro", "Lena Fischer", "Omar Haddad", "Grace Okafor", "田中 雪", "Jonas Berg", "Chloé Martin", "Nadia Rahman", "Sam Whitaker", "Ivana Petrović", "mika@pere.example"}
	says := []string{"Thanks, that was quick!", "Can I return the lamp at your shop on Rua Augusta?", "Where is my refund? The store took the return on Monday.", "Could you send it to the office address this time", "Perfect, I will come by after five."}
	icons := []string{"mail", "messages-square", "message-square-text", "shopping-bag", "phone"}
	var out []Row
	for i, name := range names {
		at := ago(time.Duration(i*i*5+1) * time.Minute)
		r := Row{CustomerID: models.ID(i + 1), ConversationID: 1, View: "open", Seq: models.ID(100 - i), Name: name, Preview: says[i%5], Icon: icons[i%5], At: at, Status: "open", Ours: i%4 == 3, Current: i == 0}
		switch i {
		case 1, 5, 9:
			r.Unread, r.Waiting = []int{3, 1, 12}[i/4], at
		case 2:
			r.Draft, r.AssigneeID, r.Assignee, r.Mine = true, 1, "Mia Torres", true
		case 4:
			r.Labels = []Chip{{Text: "wholesale", Hue: 7}, {Text: "vip", Hue: 10}}
		case 6:
			r.AssigneeID, r.Assignee, r.Waiting = 2, "Leo Alves", at.Add(-3*time.Hour)
		}
		out = append(out, r)
	}
	return out
}

func day(days int, clock string) models.Time {
	base := time.Now().AddDate(0, 0, -days)
	c, _ := time.Parse("15:04", clock)
	return models.At(time.Date(base.Year(), base.Month(), base.Day(), c.Hour(), c.Minute(), 0, 0, time.UTC))
}

func jsonOf(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func sampleFacts() []Fact {
	order := models.OrderData{Number: "2993", Status: "paid", Currency: "EUR", Total: "538.00", Shipping: "12.00", ShipTo: "Ana Duarte, Lisbon", URL: "https://casa.example/admin/2993",
		Lines: []models.LineData{{Title: "Walnut desk 140", Quantity: 1, Price: "437.00"}, {Title: "Brass lamp, S", Quantity: 1, Price: "89.00"}}, Tracking: []models.Tracking{{Carrier: "DHL", Number: "00340434", URL: "https://dhl.example/00340434"}}}
	view := func(days int, clock, title string, s int) Fact {
		return Fact{Event: models.Event{Kind: models.KindPageView, OccurredAt: day(days, clock), Data: jsonOf(models.PageViewIn{URL: "https://casa.example/", Title: title, Duration: s})}}
	}
	msg := func(days int, clock, channel string, out bool, user string, m models.Message) Fact {
		f := Fact{Event: models.Event{Kind: models.KindMessage, Direction: models.In, OccurredAt: day(days, clock)}, ChannelType: channel, UserName: user, Message: &m}
		if out {
			f.Direction, f.UserID = models.Out, 1
		}
		return f
	}
	ev := func(days int, clock string, kind models.Kind, user string, data any) Fact {
		return Fact{Event: models.Event{Kind: kind, OccurredAt: day(days, clock), Data: jsonOf(data)}, UserName: user}
	}
	photo := msg(1, "11:18", "email", false, "", models.Message{Subject: "Re: Order #1042 and the walnut desk", Text: "Can I return the lamp at your shop on Rua Augusta instead of posting it?\nIt is this one: https://casa.example/lamps/brass-s\n\nPerfect, I will come by after five.\n\nOn Thu, Mia wrote:\n> Your desk left today.", ReplyText: "Can I return the lamp at your shop on Rua Augusta instead of posting it?\nIt is this one: https://casa.example/lamps/brass-s\n\nPerfect, I will come by after five.", HTML: "<p>x</p>", HasRemote: true})
	photo.Attachments = []models.Attachment{{Token: "t1", Name: "receipt-2993.pdf", Type: "application/pdf", Size: 48213}}
	photo.Beside = models.Beside{QuotesCustomer: 9, QuotesName: "Tomás Ribeiro", GoneFrom: "INBOX", HasRaw: true}
	guest := msg(1, "11:40", "email", false, "", models.Message{Subject: "Re: Order #1042 and the walnut desk", Text: "I can be there at ten.", CC: "ana@example.com"})
	guest.Data, guest.Beside = jsonOf(models.MessageData{From: "Rui Costa", Address: "rui@example.com", Participant: true}), models.Beside{HasRaw: true}
	back := msg(1, "14:41", "email", true, "Mia Torres", models.Message{Text: "Here is the receipt too.", State: models.DeliveryBounced, Error: "there is no such mailbox (code 5.1.1)", ToAddress: "ana@example.com", Lost: `[{"address":"rui@example.com","error":"the mailbox is full (code 5.2.2)"}]`})
	back.ChannelID, back.AnchorID, back.Beside = 1, 1, models.Beside{ReportID: 99}
	note := ev(1, "12:05", models.KindNote, "Leo Alves", nil)
	note.Message = &models.Message{Text: "@Mia she asked in the shop about the 160 version, I promised an answer by Friday"}
	facts := []Fact{
		ev(9, "08:40", models.KindProductSaved, "", models.ProductData{Title: "Walnut desk 140", Price: "449.00", Currency: "EUR"}),
		ev(9, "08:44", models.KindContact, "", models.ContactData{Kind: "email", Value: "ana@example.com", Evidence: models.Typed}),
		ev(8, "19:02", models.KindMerge, "", MergeData{MergeID: 3, Name: "+351 912 007 031", Reason: "a signed store order holds both addresses"}),
		view(1, "08:52", "Desks", 20), view(1, "08:54", "Walnut desk 140", 160), view(1, "08:57", "Delivery", 12),
		msg(1, "09:40", "webchat", false, "", models.Message{Text: "Is the walnut desk back in stock? I saved it last week but the page still says two left."}),
		ev(1, "09:40", models.KindConversation, "", models.ConversationData{Action: "opened"}),
		ev(1, "09:41", models.KindConversation, "Mia Torres", models.ConversationData{Action: "assigned", Assignee: "Mia Torres"}),
		msg(1, "09:44", "webchat", true, "Mia Torres", models.Message{Text: "It is! We have two in the Lisbon store. Shall I hold one for you until tonight?", State: models.DeliveryRead}),
		ev(1, "10:02", models.KindCart, "", models.CartData{Status: "checkout_started", Currency: "EUR", Total: "526.00", Lines: []models.LineData{{Title: "Walnut desk 140", Quantity: 1, Price: "437.00"}, {Title: "Brass lamp, S", Quantity: 1, Price: "89.00"}}}),
		ev(1, "10:31", models.KindOrder, "", models.OrderEvent{Order: order}),
		photo, guest, note,
		ev(1, "12:52", models.KindCall, "", models.CallIn{Direction: models.In, Duration: 192, Outcome: "answered", AnsweredBy: "Mia Torres"}),
		ev(1, "13:20", models.KindVoicemail, "", models.CallIn{Duration: 34, Outcome: "voicemail", Transcript: "Hello, it is Ana. I am at the shop now.", Recording: "https://casa.example/rec/1"}),
		ev(1, "13:39", models.KindReturn, "", models.ReturnData{Number: "R-2197", OrderNumber: "2993", Status: "refund_pending", Note: "Brass lamp, S, returned in store. Refund €89.00 to Visa 4242"}),
		ev(1, "14:26", models.KindVisit, "", models.VisitIn{Location: "the shop on Rua Augusta", ServedBy: "Leo"}),
		msg(1, "14:40", "email", true, "Mia Torres", models.Message{Subject: "Re: Order #1042 and the walnut desk", Text: "Hi Ana, we have the lamp back. Your refund is on its way.", State: models.DeliveryFailed, Error: "550 5.1.1 mailbox unavailable", ToAddress: "ana@example.com"}),
		back,
		ev(0, "00:10", models.KindUnreadable, "", models.UnreadableIn{Reason: "the order has no number"}),
		ev(0, "00:11", models.KindRefund, "", models.RefundData{OrderNumber: "2993", Amount: "89.00", Currency: "EUR", Status: "pending"}),
		msg(0, "00:12", "twilio", false, "", models.Message{Text: "Thanks, that was quick!"}),
		msg(0, "00:13", "email", true, "Mia Torres", models.Message{Text: "You are welcome, Ana. Enjoy the desk!", State: models.DeliveryQueued, ToAddress: "ana@example.com"}),
	}
	for i := range facts {
		facts[i].ID = models.ID(i + 1)
	}
	facts[len(facts)-1].CreatedAt = models.At(time.Now())
	return facts
}

func sampleThread(w *Words) Thread {
	t := Teller{W: w, Loc: time.UTC, Now: time.Now(), Customer: "Ana Duarte", Seen: 19, Me: models.User{ID: 1, UndoSeconds: 30}, Instant: map[string]bool{"webchat": true}}
	facts := sampleFacts()
	ways := []Way{
		{Value: "1-1", Kind: "email", Icon: "mail", Text: "Email", Address: "ana@example.com", Current: true, Preset: true, HasSubject: true, Sign: "Mia Torres\nCasa, Rua Augusta 12", Warning: w.T("reach.bounced", "ana@example.com", "there is no such mailbox (code 5.1.1)")},
		{Value: "2-2", Kind: "phone", Icon: "message-square-text", Text: "SMS", Address: "+351 912 007 031"},
		{Value: "3-3", Kind: "chat", Icon: "messages-square", Text: "Chat", Disabled: w.T("reach.opted_out")}}
	t.Ways = ways
	var events []models.Event
	for _, f := range facts {
		events = append(events, f.Event)
	}
	return Thread{CustomerID: 1, View: "open", Entries: t.Entries(facts), Ribbon: t.Ribbon(events), LastID: 22,
		Head: Head{CustomerID: 1, ConversationID: 1, View: "open", Name: "Ana Duarte", Addresses: []string{"ana@example.com", "+351 912 007 031", "on the site now"}, Status: "open", Assignee: "Mia Torres", AssigneeID: 1, Mine: true, CanWrite: true,
			Staff:   []Option{{"1", "Mia Torres", "me", true}, {"2", "Leo Alves", "", false}, {"0", w.T("head.nobody"), "", false}},
			Snoozes: []Option{{"1", w.T("snooze.later"), "18:00", false}, {"2", w.T("snooze.tomorrow"), "08:00", false}, {"3", w.T("snooze.monday"), "08:00", false}},
			Labels:  []Option{{"vip", "vip", "", true}, {"wholesale", "wholesale", "", false}}},
		Composer: Composer{CustomerID: 1, Notes: true, Reason: w.T("reach.latest", "SMS"), Subject: "Re: Order #1042 and the walnut desk", LastID: 22, UndoSeconds: 5, Ways: ways},
		Panel: Panel{CustomerID: 1, Name: "Ana Duarte", CanWrite: true, CanErase: true, Spent: []string{"€1,284.50"}, OrderCount: 9, LastVisit: "Today, “Walnut desk 140”", Language: "Portuguese", Since: ago(400 * 24 * time.Hour),
			Identities: []Identity{{"mail", "ana@example.com", "asserted", "From of an email", false, 7, "continue"}, {"message-square-text", "+351 912 007 031", "proved", "signed store order", true, 8, ""}, {"messages-square", "Browser, Lisbon", "typed", "typed into the chat", false, 9, "verify"}},
			Fact:       w.T("fact.refund", "€89.00", "3 days"), Notes: "Prefers to be called after five.", Labels: []Chip{{Text: "vip", Hue: 10}},
			Orders:      []PanelOrder{{Number: "2993", Chip: Chip{Text: "Paid", Tone: "good"}, Total: "€538.00", Items: "Walnut desk 140, Brass lamp S", EventID: 12}, {Number: "1019", Chip: Chip{Text: "Refund pending", Tone: "warn"}, Total: "€89.00", Items: "Brass lamp S", EventID: 13}, {Number: "987", Chip: Chip{Text: "Delivered", Tone: "good"}, Total: "€36.00", Items: "Linen cushion × 2"}},
			MoreOrders:  true,
			Saved:       []CardLine{{Text: "Walnut desk 140", Amount: "€449.00"}, {Text: "Brass lamp, size S", Amount: "€89.00"}},
			Suggestions: []Suggestion{{ID: 1, Other: 9, Name: "A. Duarte", Reason: "Typed the same phone at a guest checkout", Value: "+351 912 007 031"}},
			Merges:      []Merge{{3, "+351 912 007 031", "A signed store order holds both addresses", "", ago(8 * 24 * time.Hour)}}},
	}
}

func sampleResults(w *Words) Results {
	return Results{Query: "desk", Customers: []CustomerHit{{1, "Ana Duarte", Marks("Ana Duarte", "ana"), Marks("ana@example.com · +351 912 007 031", "ana")}},
		Orders:   []OrderHit{{1, 12, Marks("2993", "2993"), "Ana Duarte", Chip{Text: "Paid", Tone: "good"}, "€538.00", "20 Nov"}},
		Messages: []MessageHit{{1, 7, "Ana Duarte", "messages-square", Marks("Is the walnut desk back in stock? I saved it last week", "desk"), "20 Nov"}}}
}

func sampleChannels() []ChannelCard {
	return []ChannelCard{
		{ID: 1, Type: "email", TypeName: "Email", Icon: "mail", Name: "Casa support", Detail: "hello@casa.example", State: "live", LastIn: ago(2 * time.Minute), LastOut: ago(9 * time.Minute), Done: 1204, Total: 3000},
		{ID: 2, Type: "webchat", TypeName: "Web chat", Icon: "messages-square", Name: "casa.example", State: "live", LastIn: ago(12 * time.Second)},
		{ID: 3, Type: "generic", TypeName: "Any shop", Icon: "shopping-bag", Name: "Till", Hooked: true, Called: ago(3 * time.Minute), State: "refused", Problem: "The provider refused the password. Enter it again and check.", Unreadable: 2, Rejected: 1, Waiting: 3}}
}

func sampleForm(s Shell) ChannelForm {
	card := sampleChannels()[0]
	return ChannelForm{Shell: s, ID: 1, Kind: "email", TypeName: "Email", Icon: "mail", Name: "Casa support", Card: &card, Saved: true,
		Copies: []Copy{{Label: "Webhook address", Value: "https://inbox.casa.example/webhooks/email/1"}, {Label: "Secret", Value: "whsec_3VbT7m0pWq8Zt5yL2cXn9aKd4sEf6hJu", Key: "secret"}, {Label: "Another secret", Key: "old_secret", Hidden: true}},
		Fields: []FieldView{{Field: models.Field{Key: "address", Label: "Address", Type: "email", Required: true}, Value: "hello@casa.example"},
			{Field: models.Field{Key: "imap_host", Label: "IMAP server", Type: "text", Required: true, Help: "imap.example.com, with :port when it is not 993"}, Value: "imap.casa.example", Error: "No server answers at imap.casa.example:993."},
			{Field: models.Field{Key: "password", Label: "Password", Type: "password", Secret: true, Required: true}, Set: true},
			{Field: models.Field{Key: "security", Label: "Encryption", Type: "select", Options: []string{"tls", "starttls"}, Advanced: true}, Value: "tls"},
			{Field: models.Field{Key: "allow_private", Label: "Allow a private address", Type: "bool", Advanced: true}}},
		Odd: []OddEvent{{ago(50 * time.Hour), "the order has no number", "/messages/9/original"}}}
}

func sampleUsers(w *Words, s Shell) UsersPage {
	roles := options(w, "role.", "role.about.", "admin", "agent", "counter", "viewer")
	return UsersPage{Shell: s, Roles: roles, Link: "https://inbox.casa.example/invite/3VbT7m0pWq8Zt5yL2cXn9aKd4sEf6hJu1rGiOvBxNzM", Users: []UserRow{
		{ID: 1, Name: "Mia Torres", Email: "mia@casa.example", Role: "owner", Me: true}, {ID: 2, Name: "Leo Alves", Email: "leo@casa.example", Role: "agent", Roles: roles},
		{ID: 3, Name: "Rui Costa", Email: "rui@casa.example", Role: "agent", Invited: true, Roles: roles}, {ID: 4, Name: "Old Hand", Email: "old@casa.example", Role: "viewer", Disabled: true, Roles: roles}}}
}

// TestGallery opens every page in Chromium, light and dark, wide and narrow: no policy
// violation, no serious accessibility finding, nothing outside the window.
func TestGallery(t *testing.T) {
	site := gallery(t)
	b := browser.Start(t)
	for _, size := range []struct {
		name string
		w, h int64
	}{{"desktop", 1440, 900}, {"phone", 390, 844}} {
		p := b.Page(t, size.w, size.h)
		for path := range galleryPages(mustWords(t)) {
			name := strings.Trim(strings.ReplaceAll(path, "/", "-"), "-")
			for _, dark := range []bool{false, true} {
				p.Dark(dark)
				p.Open(site.URL + path)
				state := fmt.Sprintf("%s-%s-%s", name, size.name, map[bool]string{false: "light", true: "dark"}[dark])
				p.Screenshot(state)
				p.Axe(state)
				if over := p.Overflows(); len(over) > 0 {
					t.Errorf("%s: outside the window: %q", state, over)
				}
			}
		}
		p.Open(site.URL + "/thread")
		for _, key := range []string{"k", "?", "a", "c"} { // palette, keys, a menu, note mode
			p.Eval(fmt.Sprintf("document.activeElement.blur(); document.dispatchEvent(new KeyboardEvent('keydown', {key: %q, ctrlKey: %v, bubbles: true}))", key, key == "k"), nil)
			p.Wait(map[string]string{"k": "document.querySelector('#palette[open]')", "?": "document.querySelector('#keys[open]')", "a": "document.querySelector('.menu[open]')", "c": "document.querySelector('.composer.noting')"}[key])
			state := fmt.Sprintf("open-%s-%s", map[string]string{"k": "palette", "?": "keys", "a": "menu", "c": "note"}[key], size.name)
			p.Axe(state)
			p.Screenshot(state)
			p.Eval("document.querySelector('dialog[open]')?.close(); document.querySelectorAll('.menu[open]').forEach(m => m.open = false)", nil)
		}
		for _, e := range p.Errors() {
			if !strings.Contains(e, "WebSocket") && !strings.Contains(e, "404") {
				t.Errorf("%s console: %s", size.name, e)
			}
		}
	}
}

func mustWords(t testing.TB) *Words {
	t.Helper()
	all, err := loadWords()
	if err != nil {
		t.Fatal(err)
	}
	return all["en"]
}
