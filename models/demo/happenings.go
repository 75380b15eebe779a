package demo

import (
	"context"
	"fmt"
	"mime"
	"net/mail"
	"strings"
	"time"

	"onethread/models"
	"onethread/models/store"
)

// newcomer is somebody who writes for the first time.
type newcomer struct{ name, email, subject, text string }

var newcomers = []newcomer{
	{"Mateus Oliveira", "mateus.oliveira@example.com", "Is the desk back in stock?", "Boa tarde,\n\nyour site says two left of the walnut desk. Could you keep one for me until Saturday? I would like to see it first.\n\nMateus"},
	{"Ngozi Eze", "ngozi.eze@example.org", "Wedding list", "Hello,\n\nmy brother is getting married in June. Do you keep wedding lists? They have their eyes on half of your shop.\n\nNgozi Eze"},
	{"Léa Dubois", "lea.dubois@example.com", "Ampoule du Farol", "Bonjour,\n\nquelle ampoule va avec la lampe Farol ? La mienne est trop blanche.\n\nLéa"},
	{"Rui Almeida", "rui.almeida@example.com", "Invoice for 1060", "Bom dia,\n\ncould you put our tax number on the invoice of order 1060? PT 501 442 600.\n\nObrigado,\nRui Almeida"},
	{"Anika Schulz", "anika.schulz@example.org", "Hocker, andere Höhe?", "Hallo,\n\ngibt es den Tripé auch in 65 cm, für eine Küchentheke?\n\nViele Grüße\nAnika Schulz"},
	{"Samuel Mensah", "samuel.mensah@example.com", "A small thank you", "No question at all, I only wanted to say that the shelf went up in ten minutes and looks like it has always been there.\n\nSamuel"},
	{"Elif Yılmaz", "elif.yilmaz@example.com", "Shipping to Izmir", "Merhaba,\n\ndo you ship the Lua mirror to Izmir, and is it insured?\n\nElif"},
	{"Björn Dahl", "bjorn.dahl@example.org", "Oil for the desk", "Hej,\n\nhow often should I oil the walnut desk, and with what?\n\nBjörn"},
}

var mailAnswers = []string{
	"That was quick, thank you! Exactly what I wanted to know.",
	"Wonderful, that works for me. Have a lovely day!",
	"Thank you so much. I will let you know as soon as I have talked it over at home.",
	"Perfect. You have made this very easy!",
}

var chatAnswers = []string{
	"Oh, that is great to hear, thank you!",
	"Perfect, then I will do just that.",
	"Thanks for the quick answer! One moment, I am looking at it.",
	"You are very kind. Have a nice day!",
}

// happen lets the next thing happen; the list goes round.
func (l *Life) happen(ctx context.Context) error {
	things := []func(context.Context) error{l.browses, l.writes, l.ships, l.texts, l.saves, l.writes, l.buys, l.browses, l.writes, l.wonders}
	thing := things[l.next%len(things)]
	l.next++
	return thing(ctx)
}

func (l *Life) who(email string) person {
	for _, p := range l.cast {
		if p.email == email && p.visitor != "" {
			return p
		}
	}
	return anaDuarte
}

// browses is a page seen by somebody whose browser is known.
func (l *Life) browses(ctx context.Context) error {
	who := l.who([]string{"sofia.p@example.com", "wei.chen@example.com", anaDuarte.email}[l.dice.IntN(3)])
	p := Products[l.dice.IntN(len(Products))]
	return l.in(ctx, l.scene.Chat, l.browser(who), &models.PageViewIn{URL: l.scene.Site + p.Path, Title: p.Title + " · Casa Nogueira", Product: p.Title, Duration: 15 + l.dice.IntN(120)})
}

func (l *Life) saves(ctx context.Context) error {
	return l.in(ctx, l.scene.Chat, l.browser(l.who("sofia.p@example.com")),
		&models.ProductIn{Saved: true, ID: Stool.SKU, Title: Stool.Title, URL: l.scene.Site + Stool.Path, Price: Stool.Price, Currency: "EUR"})
}

// writes is a mail by somebody new. When all have written, they browse instead.
func (l *Life) writes(ctx context.Context) error {
	n := l.given["newcomers"]
	if n >= len(newcomers) {
		return l.browses(ctx)
	}
	l.given["newcomers"]++
	w := newcomers[n]
	who := person{name: w.name, email: w.email}
	l.cast = append(l.cast, who)
	return l.post(letter(who, w.subject, w.text, "", time.Now()))
}

// round is how often the list of happenings has been gone through.
func (l *Life) round() int { return l.next / 10 }

// ships lets Priya's sofa leave the workshop; the second time it is there.
func (l *Life) ships(ctx context.Context) error {
	if l.round() > 1 {
		return l.browses(ctx)
	}
	priya := []models.Hint{{Kind: models.EmailIdentity, Value: "priya.nair@example.com", Evidence: models.Asserted, Reason: "order of the shop system, signed"}}
	lines := []models.OrderLine{sofa.times(1), throw.times(1)}
	status := []string{"shipped", "delivered"}[l.round()]
	o := models.Order{ExternalID: "1051", Number: "1051", Status: status, Currency: "EUR", Subtotal: sum(lines), Shipping: 4900, Total: sum(lines) + 4900,
		ShipTo: "Priya Nair, Calçada do Combro 81, 2.º esq., Lisboa", UpdatedAt: models.At(time.Now()), Lines: lines,
		Tracking: []models.Tracking{{Carrier: "DHL", Number: "00340434161377", URL: l.scene.Site + "/parcel/00340434161377"}}}
	return l.in(ctx, l.scene.Till, priya, &models.OrderIn{Order: o})
}

func (l *Life) texts(ctx context.Context) error {
	if l.round() > 1 {
		return l.browses(ctx)
	}
	layla := []models.Hint{{Kind: models.PhoneIdentity, Value: "+351912007078", Evidence: models.Asserted, Reason: "sender of a text message"}}
	return l.in(ctx, l.scene.Phone, layla, &models.MessageIn{Text: []string{"أنا في الطريق، سأصل بعد ربع ساعة.", "وصلت! المصباح جميل جدا في غرفتي، شكرا لكم."}[l.round()]})
}

// buys is an order from the storefront by somebody who was only looking.
func (l *Life) buys(ctx context.Context) error {
	number := fmt.Sprint(1072 + l.next)
	lines := []models.OrderLine{Desk.times(1)}
	o := models.Order{ExternalID: number, Number: number, Status: "paid", Currency: "EUR", Subtotal: sum(lines), Shipping: 2900, Total: sum(lines) + 2900,
		ShipTo: "Wei Chen, Avenida da Liberdade 110, Lisboa", UpdatedAt: models.At(time.Now()), Lines: lines}
	wei := []models.Hint{{Kind: models.EmailIdentity, Value: "wei.chen@example.com", Evidence: models.Asserted, Reason: "order of the shop system, signed"}}
	return l.in(ctx, l.scene.Till, wei, &models.OrderIn{Order: o})
}

// wonders is a chat by a browser that nobody knows.
func (l *Life) wonders(ctx context.Context) error {
	stranger := person{visitor: strings.Repeat(fmt.Sprintf("%08x", l.dice.Uint32()), 4)}
	l.cast = append(l.cast, stranger)
	return l.in(ctx, l.scene.Chat, l.browser(stranger), &models.MessageIn{Text: l.one([]string{
		"Hi! Is the shop in Rua da Rosa open on Sunday?", "Hello, do you also buy old furniture?", "Hi, does the lamp come with a bulb?"})})
}

// letter writes a mail to the shop as a mail program would (RFC 5322). replyTo is the Message-ID it
// answers, or empty.
func letter(from person, subject, text, replyTo string, at time.Time) []byte {
	if strings.HasPrefix(subject, "Re: Re:") {
		subject = strings.TrimPrefix(subject, "Re: ")
	}
	var b strings.Builder
	head := func(name, value string) { b.WriteString(name + ": " + value + "\r\n") }
	head("From", (&mail.Address{Name: from.name, Address: from.email}).String())
	head("To", (&mail.Address{Name: "Casa Nogueira", Address: Address}).String())
	head("Subject", mime.QEncoding.Encode("utf-8", subject))
	head("Date", at.Format(time.RFC1123Z))
	head("Message-ID", "<"+store.Token()+"@mail.example.com>")
	if replyTo != "" {
		head("In-Reply-To", "<"+replyTo+">")
		head("References", "<"+replyTo+">")
	}
	head("MIME-Version", "1.0")
	head("Content-Type", "text/plain; charset=utf-8")
	head("Content-Transfer-Encoding", "8bit")
	b.WriteString("\r\n" + strings.ReplaceAll(text, "\n", "\r\n") + "\r\n")
	return []byte(b.String())
}
