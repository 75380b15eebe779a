package demo

import (
	"context"
	"time"

	"onethread/models"
)

// priya waits for a sofa, and nobody has read her yet.
func (s *Shop) priya() {
	t := s.of(person{name: "Priya Nair", email: "priya.nair@example.com", phone: "+351912007052", account: "2291", language: "en"})
	home := "Priya Nair, Calçada do Combro 81, 2.º esq., Lisboa"
	t.buys(s.day(6, "13:20"), "1051", "paid", home, 4900, sofa.times(1), throw.times(1))
	t.mail(s.day(2, "11:42"), "Delivery of my sofa", "Hello,\n\nI ordered the Alfama sofa (1051). Is there a chance to have it on Saturday morning? I teach on weekdays.\n\nPriya")
	t.reply(s.day(2, "12:10"), t.Mia, t.Mail, "Dear Priya,\n\nSaturday between nine and eleven is yours. Could you send us a photo of the staircase? The sofa is 212 cm long, and we would rather know before we stand in front of it.\n\nMia")
	t.label(s.day(2, "12:12"), t.Mia, "delivery")
	t.read(s.day(2, "12:15"))
	t.letter(s.ago(4*time.Minute), models.MessageIn{Subject: "Re: Delivery of my sofa", Attachments: []models.FileIn{stairs()},
		Text: "Here is the staircase. It turns once, after the first floor; the landing is 1.30 m by 1.10 m.\n\nDo you think it goes round? If not, the balcony door is wide and we are only on the second floor!\n\nPriya"})
}

// grace buys for an office, and somebody has begun to answer.
func (s *Shop) grace() {
	t := s.of(person{name: "Grace Okafor", email: "grace.okafor@studio-okafor.example.org", phone: "+447700900123", language: "en"})
	t.mail(s.day(1, "15:31"), "Ten chairs for our new studio", "Hi there,\n\nwe are moving into a studio in Marvila on the 1st and would love ten Graça chairs and two Chiado shelves.\n\nCan you do an invoice with VAT for a British company, and what would delivery on the 30th cost?\n\nBest,\nGrace Okafor")
	t.priority(s.day(1, "15:50"), t.Mia, models.PriorityHigh)
	t.label(s.day(1, "15:50"), t.Mia, "quote")
	t.assign(s.day(1, "15:51"), t.Mia, t.Mia)
	t.note(s.day(1, "16:02"), t.Leo, "Ten in sand are in stock, moss green only six. Van is free on the 30th.")
	t.call(s.ago(95*time.Minute), models.CallIn{Outcome: "missed"})
	t.read(s.ago(80 * time.Minute))
	t.draft(s.ago(75*time.Minute), t.Mia, "reply", "Dear Grace,\n\ncongratulations on the studio! Ten chairs in sand are in stock, and our van is free on the 30th. Delivery to Marvila would be")
}

// lena has her answer and sleeps until Monday.
func (s *Shop) lena() {
	t := s.of(person{name: "Lena Fischer", email: "lena.fischer@example.org", account: "2118", language: "de"})
	o := t.buys(s.day(20, "18:22"), "998", "paid", "Lena Fischer, Karl-Kunger-Straße 12, 12435 Berlin", 3900, mirror.times(1), vase.times(2))
	o.becomes(s.day(18, "14:00"), "shipped", t.dhl("00340434159977")).becomes(s.day(14, "10:31"), "delivered")
	t.mail(s.day(3, "08:20"), "Rechnung zu Bestellung 998", "Guten Morgen,\n\nder Spiegel hängt und ist wunderschön. Könnten Sie mir bitte eine Rechnung auf die Firma meines Mannes ausstellen? Fischer & Söhne GmbH, dieselbe Adresse.\n\nHerzliche Grüße\nLena Fischer")
	t.sends(s.day(3, "09:05"), t.Leo, "Guten Morgen Frau Fischer,\n\nhier ist die Rechnung. Falls noch etwas fehlt, schreiben Sie mir einfach.\n\nHerzliche Grüße\nLeo",
		pdf("rechnung-998.pdf", "Casa Nogueira", "Rechnung 998", "Fischer & Soehne GmbH, Karl-Kunger-Strasse 12, 12435 Berlin", "", "1 x Lua mirror 60      EUR 189.00", "2 x Terra vase         EUR 76.00", "Versand                EUR 39.00", "Summe                  EUR 304.00"))
	t.mail(s.day(3, "09:30"), "Re: Rechnung zu Bestellung 998", "Das ging ja schnell! Ich gebe sie weiter und melde mich nächste Woche, ob die Buchhaltung zufrieden ist.")
	t.assign(s.day(3, "09:31"), t.Leo, t.Leo)
	t.snooze(s.day(3, "09:32"), t.Leo, s.Now.AddDate(0, 0, 3))
	t.read(s.day(3, "09:33"))
}

// jonas wrote by mail before; the visitor in the chat says he is he.
func (s *Shop) jonas() {
	known := s.of(person{name: "Jonas Berg", email: "jonas.berg@example.com", phone: "+4790012345", account: "1975", language: "en"})
	known.buys(s.day(44, "19:02"), "931", "completed", "Jonas Berg, Thorvald Meyers gate 5, Oslo", 4900, Stool.times(2))
	known.mail(s.day(40, "10:10"), "The stools", "They arrived today, and my daughter has already climbed both. Very happy. Jonas")
	known.reply(s.day(40, "11:00"), s.Leo, s.Mail, "Thank you, Jonas! That is what they are made for. Leo")
	known.close(s.day(40, "11:01"), s.Leo)
	known.read(s.day(39, "10:00"))
	t := s.of(person{visitor: "91b4ce02d7f84a3aa0d65be8c1e7f320"})
	t.looks(s.ago(58*time.Minute), Stool, 122)
	t.chat(s.ago(55*time.Minute), "Hi! I bought two oak stools from you in spring. Could I get a third one in exactly the same tone?")
	t.leaves(s.ago(54*time.Minute), "jonas.berg@example.com")
	t.reply(s.ago(52*time.Minute), s.Sam, s.Chat, "Hello! Soaped oak gets a little lighter with time, but we can match it. May I look up your order?")
	t.chat(s.ago(51*time.Minute), "Sure, I left you my address above. It must have been 931.")
	t.read(s.ago(50 * time.Minute))
}

// chloe cannot be reached: the answer came back.
func (s *Shop) chloe() {
	t := s.of(person{name: "Chloé Martin", email: Gone, phone: "+33639980017", account: "2274", language: "fr"})
	o := t.buys(s.day(13, "14:02"), "1030", "paid", "Chloé Martin, 9 rue Oberkampf, Paris", 3900, vase.times(2))
	o.becomes(s.day(11, "15:00"), "shipped", t.dhl("00340434160711")).becomes(s.day(8, "10:20"), "delivered")
	t.mail(s.day(1, "17:05"), "Tapis en liège", "Bonjour,\n\nle tapis en liège existe-t-il aussi en 160 × 230 ? Et peut-on le poser sur un chauffage au sol ?\n\nMerci d'avance,\nChloé Martin")
	t.assign(s.day(1, "17:30"), t.Mia, t.Leo)
	t.reply(s.day(1, "17:48"), t.Leo, t.Mail, "Bonjour Chloé,\n\noui, sur commande, en trois semaines environ. Et le liège aime le chauffage au sol, jusqu'à 27 °C.\n\nBelle soirée,\nLeo")
	t.text(s.ago(35*time.Minute), "Bonjour, c'est Chloé Martin, pour le tapis. J'ai changé d'adresse mail, avez-vous pu me répondre ?")
	t.read(s.ago(33*time.Minute), t.Leo)
}

// omar came by: a short story with a good end.
func (s *Shop) omar() {
	t := s.of(person{name: "Omar Haddad", email: "omar.haddad@example.com", phone: "+351912007063", account: "2240", language: "en"})
	o := t.buys(s.day(2, "12:20"), "1063", "paid", "collected at Rua da Rosa", 0, Stool.times(2))
	t.text(s.day(2, "12:31"), "Hello, can I collect the two stools today after five?")
	t.answered(s.day(2, "12:40"), "They stand at the counter with your name on them. Open until seven! Sam")
	t.visits(s.day(2, "17:22"), t.Sam, "collected the stools")
	o.becomes(s.day(2, "17:24"), "completed")
	t.mail(s.day(1, "09:14"), "Thank you", "The stools look great at the bar. Perfect service, I will be back for a lamp.\n\nOmar")
	t.reply(s.day(1, "10:02"), t.Sam, t.Mail, "Thank you, Omar! We keep the kettle on. Sam")
	t.close(s.day(1, "10:03"), t.Sam)
	t.read(s.day(1, "10:10"))
}

// yuki asks from far away.
func (s *Shop) yuki() {
	t := s.of(person{name: "田中 由紀 (Yuki Tanaka)", email: "yuki.tanaka@example.com", visitor: "0af33c6b1d584e71b2d9c7f05e8a4416", language: "ja"})
	t.mail(s.day(5, "07:48"), "Farol ランプの配送について", "はじめまして。田中と申します。\n\nFarol のランプを大阪まで送っていただけますか。電圧は100Vです。\n\nSorry for my English: do you ship the Farol lamp to Osaka, and does it work with 100 V?\n\nどうぞよろしくお願いいたします。\n田中 由紀")
	t.reply(s.day(5, "09:20"), t.Mia, t.Mail, "田中様\n\nこんにちは。はい、大阪までお送りできます。\n\nYes to both: the lamp takes any bulb with an E27 foot, and the cable is fine with 100 V. We would send it with a Japanese plug. Shipping is €48.\n\nMia")
	t.mail(s.day(4, "06:30"), "Re: Farol ランプの配送について", "ありがとうございます！ I will talk with my husband and order next week.")
	t.label(s.day(4, "09:00"), t.Mia, "delivery", "abroad")
	t.snooze(s.day(4, "09:01"), t.Mia, s.Now.Add(26*time.Hour))
	t.read(s.day(4, "09:05"))
}

// aoife had bad luck: the urgent one.
func (s *Shop) aoife() {
	t := s.of(person{name: "Aoife Byrne", email: "aoife.byrne@example.com", phone: "+353850000071", account: "2263", language: "en"})
	o := t.buys(s.day(5, "10:44"), "1055", "paid", "Aoife Byrne, 14 Aughrim Street, Dublin 7", 5900, mirror.times(1), shelf.times(1))
	o.becomes(s.day(4, "15:10"), "shipped", t.dhl("00340434161203")).becomes(s.ago(130*time.Minute), "delivered")
	t.letter(s.ago(110*time.Minute), models.MessageIn{Subject: "Mirror arrived broken, order 1055", Attachments: []models.FileIn{cracked(),
		pdf("dhl-damage-report.pdf", "DHL damage report", "Parcel 00340434161203", "Outer box wet and torn on one corner. Mirror cracked.", "Signed: A. Byrne")},
		Text: "Hi,\n\nthe shelf is perfect but the mirror arrived cracked from edge to edge. The driver wrote a damage report, photo and report are attached.\n\nWe have guests at the weekend and there is a hook and no mirror. Is there anything you can do?\n\nAoife"})
	t.priority(s.ago(100*time.Minute), t.Mia, models.PriorityUrgent)
	t.assign(s.ago(100*time.Minute), t.Mia, t.Mia)
	t.label(s.ago(100*time.Minute), t.Mia, "damaged", "refund")
	t.note(s.ago(92*time.Minute), t.Leo, "Two Lua mirrors in stock. DHL Express to Dublin would be there on Friday, €38. @Mia shall I?")
	t.read(s.ago(90 * time.Minute))
}

// layla texts in Arabic; the shop missed her call.
func (s *Shop) layla() {
	t := s.of(person{name: "ليلى منصور", phone: "+351912007078", language: "ar"})
	t.call(s.ago(3*time.Hour+12*time.Minute), models.CallIn{Outcome: "missed"})
	t.text(s.ago(3*time.Hour+9*time.Minute), "مرحبا، هل المصباح متوفر باللون الأبيض؟ أود أن أمرّ على المحل اليوم بعد السادسة.")
	t.answered(s.ago(2*time.Hour+58*time.Minute), "مرحبا ليلى! نعم، لدينا مصباح أبيض واحد، وقد حجزناه لك حتى السابعة. سام")
	t.text(s.ago(2*time.Hour+55*time.Minute), "شكرا جزيلا! أراكم لاحقا")
	t.assign(s.ago(2*time.Hour+54*time.Minute), t.Sam, t.Sam)
	t.read(s.ago(2 * time.Hour))
}

// miguel was known twice, until staff joined what belongs together.
func (s *Shop) miguel() {
	mail := s.of(person{name: "Miguel Sousa", email: "miguel.sousa@example.com", language: "pt"})
	mail.mail(s.day(9, "20:15"), "Chiado shelf", "Boa noite,\n\ndo you sell the brackets of the Chiado shelf separately? I lost one when moving.\n\nMiguel Sousa")
	mail.reply(s.day(8, "09:30"), s.Mia, s.Mail, "Good morning Miguel,\n\nwe do not, but we have a box of them in the workshop. Come by and take one. Mia")
	phone := s.of(person{name: "M. Sousa", phone: "+351912007085"})
	phone.text(s.day(7, "18:02"), "Hi, I wrote about the shelf bracket. Is tomorrow at ten ok? Miguel")
	phone.answered(s.day(7, "18:10"), "Tomorrow at ten is fine. Ask for Sam!")
	s.then(s.day(7, "18:14"), func(ctx context.Context) error {
		_, err := s.box.Merge(ctx, s.Sam.ID, s.customers[phone.key()], s.customers[mail.key()])
		return err
	})
	mail.close(s.day(6, "10:20"), s.Sam)
	mail.read(s.day(6, "10:21"))
}

// katya only wanted to say thanks.
func (s *Shop) katya() {
	t := s.of(person{name: "Екатерина Волкова", email: "katya.volkova@example.org", account: "2199", language: "ru"})
	o := t.buys(s.day(24, "12:00"), "985", "paid", "Ekaterina Volkova, Avenida de Roma 30, Lisboa", 0, rug.times(1))
	o.becomes(s.day(22, "09:00"), "shipped").becomes(s.day(21, "16:45"), "delivered")
	t.mail(s.day(19, "21:30"), "Спасибо!", "Здравствуйте!\n\nКовёр просто чудесный, кот уже занял его целиком. Спасибо вам большое!\n\nЕкатерина")
	t.reply(s.day(18, "09:40"), t.Leo, t.Mail, "Екатерина, спасибо! Привет коту.\n\nLeo")
	t.close(s.day(18, "09:41"), t.Leo)
	t.read(s.day(18, "09:45"))
}

// hannah is away: automatic mail is shown, and wakes nobody.
func (s *Shop) hannah() {
	t := s.of(person{name: "Hannah Lindqvist", email: "hannah.lindqvist@example.com", language: "sv"})
	t.mail(s.day(4, "13:13"), "Wool throw, colours", "Hej!\n\nIs the Serra throw coming back in ochre?\n\nHannah")
	t.reply(s.day(4, "14:00"), t.Leo, t.Mail, "Hej Hannah,\n\nin October, with the new wool. Shall I write to you when it is here?\n\nLeo")
	t.close(s.day(4, "14:01"), t.Leo)
	t.letter(s.day(4, "14:02"), models.MessageIn{Subject: "Autosvar: Wool throw, colours", Automatic: "auto_reply",
		Text: "Tack för ditt mejl. Jag är på semester till den 28:e och läser inte min e-post.\n\nThank you for your mail. I am on holiday until the 28th."})
	t.read(s.day(4, "15:00"))
}

// diego changed his mind: cancelled and paid back.
func (s *Shop) diego() {
	t := s.of(person{name: "Diego Fernández", email: "diego.fernandez@example.com", phone: "+34600000089", account: "2250", language: "es"})
	o := t.buys(s.day(10, "23:50"), "1044", "paid", "Diego Fernández, Calle del Pez 7, Madrid", 3900, table.times(2))
	t.mail(s.day(9, "08:05"), "Cancelar el pedido 1044", "Buenos días,\n\nme equivoqué de mesa anoche. ¿Se puede cancelar todavía?\n\nDiego")
	t.reply(s.day(9, "08:40"), t.Mia, t.Mail, "Buenos días Diego,\n\nclaro que sí. Cancelado, y el dinero ya está de vuelta en camino.\n\nMia")
	o.becomes(s.day(9, "08:42"), "cancelled")
	t.refunds(s.day(9, "08:44"), "1044", "rf-1044-1", "done", "Cancelled by the customer", 31700)
	t.mail(s.day(9, "08:50"), "Re: Cancelar el pedido 1044", "¡Mil gracias!")
	t.close(s.day(9, "08:55"), t.Mia)
	t.read(s.day(9, "09:00"))
}

// sofia is on the site right now, with a full cart and a question.
func (s *Shop) sofia() {
	t := s.of(person{name: "Σοφία Παπαδοπούλου", email: "sofia.p@example.com", visitor: "7d1e5a90b4c34f6e9a20c8d3f7b16e52", account: "2302", language: "el"})
	t.looks(s.day(1, "21:40"), Lamp, 88)
	t.looks(s.day(1, "21:43"), Desk, 37)
	t.cart(s.day(1, "21:45"), "abandoned", Lamp.times(2))
	t.logsIn(s.ago(12 * time.Minute))
	t.looks(s.ago(11*time.Minute), Lamp, 64)
	t.cart(s.ago(9*time.Minute), "updated", Lamp.times(2), vase.times(1))
	t.chat(s.ago(8*time.Minute), "Καλημέρα! Hello! If I take two Farol lamps, is the shipping to Athens the same as for one?")
	t.read(s.ago(13*time.Minute), t.Leo)
}

// wei is undecided, and nobody has taken it yet.
func (s *Shop) wei() {
	t := s.of(person{name: "陈伟 (Wei Chen)", email: "wei.chen@example.com", visitor: "3b86f0d1c7a2495db5e4a90f61d8c723", account: "2295", language: "zh"})
	t.logsIn(s.day(1, "19:20"))
	t.looks(s.day(1, "19:22"), Desk, 210)
	t.saves(s.day(1, "19:26"), Desk, true)
	t.looks(s.day(1, "19:30"), Stool, 33)
	t.saves(s.day(1, "19:31"), Stool, true)
	t.saves(s.day(1, "19:40"), Stool, false)
	t.mail(s.ago(48*time.Minute), "Walnut desk: a drawer with a lock?", "Hello,\n\nI would like to order the walnut desk for my home office. Could one of the two drawers get a lock, and would that take longer?\n\n谢谢,\nWei Chen")
	t.read(s.ago(45*time.Minute), t.Leo)
}

// ines and her colleague share a company, not a thread: a merge that was undone.
func (s *Shop) ines() {
	carvalho := s.of(person{name: "Inês Carvalho", email: "ines.carvalho@atelier-norte.example.com", language: "pt"})
	cardoso := s.of(person{name: "Inês Cardoso", email: "ines.cardoso@atelier-norte.example.com", language: "pt"})
	carvalho.mail(s.day(16, "10:00"), "Gift card", "Bom dia! Do you have gift cards? It is for my sister Ana's birthday.\n\nInês Carvalho")
	carvalho.reply(s.day(16, "10:30"), s.Sam, s.Mail, "Bom dia Inês! We do, from €20, printed by hand. Shall I put one aside?\n\nSam")
	cardoso.mail(s.day(16, "11:10"), "Opening hours", "Hello, are you open on the bank holiday? Inês Cardoso, Atelier Norte")
	var merge models.ID
	s.then(s.day(16, "11:15"), func(ctx context.Context) (err error) {
		merge, err = s.box.Merge(ctx, s.Sam.ID, s.customers[cardoso.key()], s.customers[carvalho.key()])
		return err
	})
	s.then(s.day(16, "11:32"), func(ctx context.Context) error { return s.box.Unmerge(ctx, s.Mia.ID, merge) })
	cardoso.reply(s.day(16, "11:35"), s.Mia, s.Mail, "Hello Inês, from ten to two. See you! Mia")
	cardoso.close(s.day(16, "11:36"), s.Mia)
	carvalho.close(s.day(15, "17:00"), s.Sam)
	carvalho.read(s.day(15, "17:05"))
	cardoso.read(s.day(15, "17:05"))
}

// till is the shop system on a bad day: a call that was signed and made no sense.
func (s *Shop) till() {
	s.then(s.day(1, "22:00"), func(ctx context.Context) error {
		_, err := s.box.Ingest(ctx, models.Inbound{ChannelID: s.Till.ID, ExternalID: "unreadable-nightly", Signed: true, Raw: []byte("<html>502 Bad Gateway</html>"),
			RawType: "application/json", Payload: &models.UnreadableIn{Reason: "The signed body is not a JSON object."}})
		return err
	})
}
