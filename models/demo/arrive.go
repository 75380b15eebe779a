package demo

import (
	"strings"
	"time"

	"onethread/models"
)

func (t *thread) byMail() []models.Hint {
	return []models.Hint{{Kind: models.EmailIdentity, Value: t.email, Evidence: models.Asserted, Reason: "From of an email"}}
}

func (t *thread) byPhone(reason string) []models.Hint {
	return []models.Hint{{Kind: models.PhoneIdentity, Value: t.phone, Evidence: models.Asserted, Reason: reason}}
}

func (t *thread) byBrowser() []models.Hint {
	return []models.Hint{{Kind: models.ChatIdentity, Scope: t.Chat.Key, Value: t.visitor, Evidence: models.Asserted, Reason: "the same browser in the chat"}}
}

// byStore is what a signed order knows: the account, the email, and the phone of who was logged in.
func (t *thread) byStore() []models.Hint {
	const reason = "order of the shop system, signed"
	var out []models.Hint
	if t.email != "" {
		out = append(out, models.Hint{Kind: models.EmailIdentity, Value: t.email, Evidence: models.Asserted, Reason: reason})
	}
	if t.phone != "" && (t.account != "" || t.email == "") {
		out = append(out, models.Hint{Kind: models.PhoneIdentity, Value: t.phone, Evidence: models.Asserted, Reason: reason})
	}
	return out
}

// mail is an email from the customer, answering the one before it when there was one.
func (t *thread) mail(at time.Time, subject, text string) {
	t.letter(at, models.MessageIn{Subject: subject, Text: text})
}

// quoting is an answer that quotes what it answers, as mail programs write it.
func (t *thread) quoting(at time.Time, subject, text, quoted string) {
	t.letter(at, models.MessageIn{Subject: subject, ReplyText: text,
		Text: text + "\n\nOn our last message, Casa Nogueira wrote:\n> " + strings.ReplaceAll(quoted, "\n", "\n> ")})
}

func (t *thread) letter(at time.Time, m models.MessageIn) {
	id := t.next("mail") + "@mail.example.com"
	m.MessageID = id
	if t.lastMail != "" {
		m.References = []string{t.lastMail}
	}
	t.lastMail = id
	t.in(at, t.Mail, t.byMail(), "mid:"+id, &m, "")
}

// chat is a message in the chat on the shop's site.
func (t *thread) chat(at time.Time, text string, files ...models.FileIn) {
	t.in(at, t.Chat, t.byBrowser(), t.visitor+":"+t.next("words"), &models.MessageIn{Text: text, Attachments: files}, "")
}

// text is a text message to the shop's phone; answered is one that staff sent from it.
func (t *thread) text(at time.Time, text string) {
	t.in(at, t.Phone, t.byPhone("sender of a text message"), t.next("sms"), &models.MessageIn{Text: text}, "")
}

func (t *thread) answered(at time.Time, text string) {
	t.in(at, t.Phone, t.byPhone("sender of a text message"), t.next("sms"), &models.MessageIn{Direction: models.Out, Text: text}, "")
}

func (t *thread) call(at time.Time, c models.CallIn) {
	if c.Direction == "" {
		c.Direction = models.In
	}
	t.in(at, t.Phone, t.byPhone("caller's number"), t.next("call"), &c, "")
}

// looks is a page of the storefront seen for some seconds.
func (t *thread) looks(at time.Time, p Product, seconds int) {
	t.in(at, t.Chat, t.byBrowser(), "track:"+t.visitor+":"+t.next("look"),
		&models.PageViewIn{URL: t.Site + p.Path, Title: p.Title + " · Casa Nogueira", Product: p.Title, Duration: seconds}, "")
}

// saves puts a product on the customer's list for later, or takes it off again.
func (t *thread) saves(at time.Time, p Product, saved bool) {
	t.in(at, t.Chat, t.byBrowser(), "track:"+t.visitor+":"+t.next("save"),
		&models.ProductIn{Saved: saved, ID: p.SKU, Title: p.Title, URL: t.Site + p.Path, Price: p.Price, Currency: "EUR"}, "")
}

func (t *thread) cart(at time.Time, status string, lines ...models.OrderLine) {
	t.in(at, t.Chat, t.byBrowser(), "track:"+t.visitor+":"+t.next("cart"),
		&models.CartIn{Status: status, Currency: "EUR", Total: sum(lines), URL: t.Site + "/cart", Lines: lines}, "")
}

// logsIn is the moment the shop's site signs who sits at the browser.
func (t *thread) logsIn(at time.Time) {
	const reason = "signed by the shop's own site"
	hints := append(t.byBrowser(), models.Hint{Kind: models.EmailIdentity, Value: t.email, Evidence: models.Proved, Reason: reason},
		models.Hint{Kind: "account", Scope: t.Chat.Key, Value: t.account, Evidence: models.Proved, Reason: reason})
	t.in(at, t.Chat, hints, "identify:"+t.visitor+":"+t.next("who"), &models.ContactIn{}, "")
}

// leaves is an address typed into the chat: it only suggests.
func (t *thread) leaves(at time.Time, email string) {
	hints := append(t.byBrowser(), models.Hint{Kind: models.EmailIdentity, Value: email, Evidence: models.Typed, Reason: "typed into the chat"})
	t.in(at, t.Chat, hints, "contact:"+t.visitor+":"+t.next("who"), &models.ContactIn{}, "")
}

// visits is somebody at the counter, recognised by the till.
func (t *thread) visits(at time.Time, by models.User, note string) {
	t.in(at, t.Till, t.byStore(), t.next("visit"), &models.VisitIn{Location: "Rua da Rosa", ServedBy: by.Name, Note: note}, "")
}

// returns is goods coming back.
func (t *thread) returns(at time.Time, order, number, status, note string, lines ...models.OrderLine) {
	t.in(at, t.Till, t.byStore(), t.next("return"), &models.ReturnIn{OrderNumber: order, Number: number, Status: status, Note: note,
		Lines: lines, Amount: sum(lines), Currency: "EUR"}, "")
}

func (t *thread) refunds(at time.Time, order, id, status, reason string, minor int64) {
	t.in(at, t.Till, t.byStore(), t.next("refund"), &models.RefundIn{Refund: models.Refund{OrderNumber: order, ExternalID: id,
		Amount: minor, Currency: "EUR", Status: status, Reason: reason}}, "")
}
