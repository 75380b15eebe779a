package demo

import (
	"time"

	"onethread/models"
)

var anaDuarte = person{name: "Ana Duarte", email: "ana.duarte@example.com", phone: "+351912007031",
	visitor: "5e1f0c3a9b7d42e8a6c4f1d20b93e7a5", account: "2207", language: "pt"}

const anaHome = "Ana Duarte, Rua da Bela Vista à Graça 42, 4.º, Lisboa"

// ana is the thread to look at first: one purchase that passes every channel there is.
func (s *Shop) ana() {
	t := s.of(anaDuarte)
	t.buys(s.day(151, "16:12"), "871", "completed", anaHome, 0, throw.times(1))
	t.anaAsks()
	t.anaBuys()
	t.anaReturns()
	t.anaNow()
}

func (t *thread) anaAsks() {
	t.looks(t.day(12, "20:41"), Desk, 184)
	t.looks(t.day(12, "20:45"), Lamp, 52)
	t.looks(t.day(12, "20:47"), Stool, 18)
	t.saves(t.day(12, "20:48"), Desk, true)
	corner := niche()
	corner.ContentID, corner.Inline = "niche@mail.example.com", true
	t.letter(t.day(11, "09:12"), models.MessageIn{Subject: "Will the walnut desk fit?", Attachments: []models.FileIn{corner},
		HTML: `<div style="font-family:Georgia,serif;font-size:15px;color:#333"><p>Good morning,</p>` +
			`<p>I am in love with the <b>Walnut desk 140</b>, but my corner is only <b>142 cm</b> wide between the two shelves. Would it go in without scratching anything?</p>` +
			`<p><img src="cid:niche@mail.example.com" width="420" alt="My corner, with the measure"></p>` +
			`<p>And is the walnut the same as in your spring letter?</p><p><img src="` + t.Site + `/letter.png" width="420" alt="Casa Nogueira, spring letter"></p>` +
			`<p>Thank you!<br>Ana Duarte</p></div>`})
	t.assign(t.day(11, "09:40"), t.Leo, t.Leo)
	t.reply(t.day(11, "09:55"), t.Leo, t.Mail, "Good morning Ana,\n\nwhat a lovely corner. The desk is exactly 140.0 cm wide, so you have a centimetre on each side: tilt it in from the front, drawers out, and nothing gets scratched.\n\nAnd yes, it is the same walnut, oiled the same way.\n\nWarm wishes,\nLeo")
	t.quoting(t.day(11, "12:30"), "Re: Will the walnut desk fit?", "That is exactly what I hoped to hear. I will sleep on it one night!\n\nAna", "The desk is exactly 140.0 cm wide, so you have a centimetre on each side.")
	t.label(t.day(11, "12:41"), t.Leo, "furniture")
}

func (t *thread) anaBuys() {
	t.looks(t.day(10, "20:58"), Desk, 95)
	t.logsIn(t.day(10, "21:01"))
	t.cart(t.day(10, "21:02"), "checkout_started", Desk.times(1), Lamp.times(1))
	o := t.buys(t.day(10, "21:03"), "1042", "pending", anaHome, 2900, Desk.times(1), Lamp.times(1))
	o.becomes(t.day(10, "21:05"), "paid")
	o.becomes(t.day(9, "16:20"), "shipped", t.dhl("00340434161094"))
	t.text(t.day(8, "18:47"), "Hi, it's Ana (order 1042). DHL says tomorrow! Will they carry it up to the 4th floor? No lift here :)")
	t.answered(t.day(8, "18:55"), "Hi Ana, yes: two people, up to your door. They ring half an hour before. Sam, Casa Nogueira")
	t.text(t.day(8, "18:56"), "You are wonderful, thank you")
	o.becomes(t.day(7, "11:15"), "delivered")
}

func (t *thread) anaReturns() {
	t.chat(t.day(7, "19:22"), "Hello! The desk is in and it fits, to the millimetre. But the lamp's shade came dented :(", dented())
	t.reply(t.day(7, "19:24"), t.Leo, t.Chat, "Oh no, I can see it. I'm so sorry, Ana! Would you like a new lamp, or your money back?")
	t.chat(t.day(7, "19:25"), "Money back, please. I found that the window gives enough light there.")
	t.reply(t.day(7, "19:27"), t.Leo, t.Chat, "Of course. Bring it to Rua da Rosa whenever you pass by, no box needed.")
	t.note(t.day(7, "19:31"), t.Leo, "@Mia third dented Farol shade this month, all from the same DHL depot. Shall we double-box them?")
	t.note(t.day(6, "09:02"), t.Mia, "Yes please. I have told the workshop, and ordered corner pads.")
	t.call(t.day(6, "10:05"), models.CallIn{Duration: 252, Outcome: "answered", AnsweredBy: "Leo",
		Transcript: "Ana: Hi, it's Ana Duarte. Can my sister bring the lamp in?\nLeo: Of course, she only needs the order number, 1042.\nAna: And the refund goes to my card?\nLeo: To the card you paid with, three to five working days after we have the lamp."})
	t.returns(t.day(6, "10:12"), "1042", "R-118", "requested", "Shade dented on arrival.", Lamp.times(1))
	t.visits(t.day(4, "17:40"), t.Sam, "brought the lamp back, tried the oak stool")
	t.returns(t.day(4, "17:44"), "1042", "R-118", "received", "Shade dented, foot and cable fine.", Lamp.times(1))
	t.refunds(t.day(3, "10:10"), "1042", "rf-1042-1", "pending", "Farol table lamp, dented on arrival", 8900)
	t.reply(t.day(3, "10:16"), t.Leo, t.Mail, "Dear Ana,\n\nthe lamp is here, and your refund of €89.00 is on its way to your card. Banks take three to five working days.\n\nEnjoy the desk!\nLeo")
	t.snooze(t.day(3, "10:18"), t.Leo, t.day(1, "09:00"))
	t.wakes(t.day(1, "09:00"))
}

func (t *thread) anaNow() {
	t.knows(t.day(2, "09:30"), "Fourth floor, no lift. Prefers texts on delivery days. Her sister is Inês (also a customer).")
	t.label(t.day(2, "09:31"), t.Mia, "furniture", "refund")
	t.looks(t.day(1, "22:10"), Stool, 76)
	t.saves(t.day(1, "22:12"), Stool, true)
	t.text(t.ago(58*time.Minute), "Hi, it's Ana! Is there still an oak stool like the one I tried? It's for my mother's birthday on Friday.")
	t.answered(t.ago(55*time.Minute), "Hi Ana! Two left, one has your name on it now. Sam")
	t.chat(t.ago(41*time.Minute), "You are the best. I'll order it online tonight, then it goes straight to her.")
	t.reply(t.ago(40*time.Minute), t.Leo, t.Chat, "Perfect, I'll wrap it. Would you like a card with it?")
	t.note(t.ago(37*time.Minute), t.Leo, "@Mia gift wrap on us? She has been so patient about the lamp.")
	t.read(t.ago(36 * time.Minute))
	t.letter(t.ago(26*time.Minute), models.MessageIn{Subject: "Re: Will the walnut desk fit?",
		Text: "A card would be lovely: \"For Mãe, from Ana\".\n\nOnly one thing: I brought the lamp back last week and don't see the €89 on my card yet. Could you check?"})
}
