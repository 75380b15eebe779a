package demo

import (
	"fmt"
	"time"

	"onethread/models"
)

var tomasRibeiro = person{name: "Tomás Ribeiro", email: "tomas@ribeiro-interiores.example.com", phone: "+351912007044",
	visitor: "c2a7716de0934b5f8b1ad8f4460ce913", account: "1180", language: "pt"}

// said is one line of a long conversation. who: "" is the customer; how: m(ail), c(hat), t(ext), n(ote).
type said struct {
	day   int
	clock string
	how   byte
	who   string
	words string
}

// tomas is an interior designer who orders for months: the long thread.
func (s *Shop) tomas() {
	t := s.of(tomasRibeiro)
	t.tells(tomasSays)
	t.assign(s.day(38, "11:20"), t.Mia, t.Leo)
	t.label(s.day(38, "11:21"), t.Mia, "trade")
	t.knows(s.day(34, "18:00"), "Interior designer, 12 % trade discount. Invoices to Ribeiro Interiores Lda. Needs lead times in writing.")
	for i, d := range []int{38, 36, 29, 21, 12, 5} {
		p := []Product{Stool, Desk, Lamp}[i%3]
		t.looks(s.day(d, "08:15"), p, 40+17*i)
	}
	t.logsIn(s.day(35, "10:00"))
	hotel := "Hotel Miradouro, Travessa de São Pedro 8, Lisboa"
	o := t.buys(s.day(35, "10:12"), "967", "pending", hotel, 0, chair.times(12), table.times(6))
	o.becomes(s.day(34, "09:30"), "paid").becomes(s.day(27, "15:00"), "partially_fulfilled", t.dhl("00340434160021"))
	o.becomes(s.day(20, "12:00"), "shipped", t.dhl("00340434160388")).becomes(s.day(18, "10:40"), "delivered")
	t.call(s.day(30, "11:02"), models.CallIn{Duration: 540, Outcome: "answered", AnsweredBy: "Leo"})
	t.call(s.day(24, "18:31"), models.CallIn{Outcome: "missed"})
	t.call(s.day(23, "09:05"), models.CallIn{Direction: models.Out, Duration: 187, Outcome: "answered", AnsweredBy: "Leo"})
	t.call(s.day(9, "17:12"), models.CallIn{Duration: 38, Outcome: "voicemail", Transcript: "Leo, it's Tomás. The hotel loves the lamps. Can we talk about twenty more for the first floor? Call me."})
	for i, d := range []int{33, 22, 13} {
		t.visits(s.day(d, "16:30"), t.Sam, []string{"chose the fabric samples", "tried the new stool height", "collected two lamps"}[i])
	}
	l := t.buys(s.day(14, "09:48"), "1019", "paid", "collected at Rua da Rosa", 0, Lamp.times(2))
	l.becomes(s.day(13, "16:42"), "completed")
	t.returns(s.day(16, "10:00"), "967", "R-109", "received", "One chair with a loose leg, exchanged.", chair.times(1))
	t.refunds(s.day(15, "10:30"), "967", "rf-967-1", "done", "Goodwill for the delay", 6000)
	t.sends(s.day(8, "10:05"), t.Leo, "Dear Tomás,\n\nhere is the quote for twenty-four Farol lamps, valid for thirty days. Lead time four weeks from your order.\n\nLeo", quote())
	t.mail(s.day(6, "19:20"), "Re: Quote", "Leo, perfect. The hotel signs on Thursday, you will have the order on Friday. Abraço, Tomás")
	t.snooze(s.day(6, "19:40"), t.Leo, s.day(1, "08:30"))
	t.wakes(s.day(1, "08:30"))
	t.read(s.ago(5*time.Hour), t.Mia, t.Sam)
	t.text(s.ago(3*time.Hour), "Signed! 24 lamps, as in your quote. Order comes tonight. Can you hold two oak stools for me too?")
	t.reply(s.ago(2*time.Hour+50*time.Minute), t.Leo, t.Mail, "Congratulations, Tomás! Two oak stools are set aside under your name. I will confirm the date for the lamps as soon as the order is in.\n\nLeo")
	t.read(s.ago(2*time.Hour), t.Mia, t.Leo)
}

func quote() models.FileIn {
	return pdf("quote-2031-farol-lamps.pdf", "Casa Nogueira", "Quote 2031 for Ribeiro Interiores Lda.", "", "24 x Farol table lamp, cork and linen     EUR 89.00 each",
		"Trade discount 12 %", "Total                                     EUR 1,879.68", "", "Delivered to Hotel Miradouro, Lisboa. Lead time: four weeks.", "Valid for thirty days.")
}

// tells plays lines of a conversation.
func (t *thread) tells(lines []said) {
	staff := map[string]models.User{"Mia": t.Mia, "Leo": t.Leo, "Sam": t.Sam}
	for _, l := range lines {
		at, by := t.day(l.day, l.clock), staff[l.who]
		switch {
		case l.how == 'n':
			t.note(at, by, l.words)
		case l.how == 'm' && l.who == "":
			t.mail(at, "Chairs and tables for Hotel Miradouro", l.words)
		case l.how == 'm':
			t.reply(at, by, t.Mail, l.words)
		case l.how == 'c' && l.who == "":
			t.chat(at, l.words)
		case l.how == 'c':
			t.reply(at, by, t.Chat, l.words)
		case l.how == 't' && l.who == "":
			t.text(at, l.words)
		case l.how == 't':
			t.answered(at, l.words)
		default:
			panic(fmt.Sprintf("demo: a line of the kind %q", l.how))
		}
	}
}

var tomasSays = []said{
	{38, "10:58", 'm', "", "Good morning,\n\nI am furnishing the breakfast room of Hotel Miradouro: twelve chairs and six small tables. Do you work with trade customers?\n\nTomás Ribeiro\nRibeiro Interiores"},
	{38, "11:32", 'm', "Leo", "Good morning Tomás,\n\nwe do, with great pleasure: 12 % off for trade, and we deliver in Lisbon ourselves. Shall I send fabric samples for the Graça chair?\n\nLeo"},
	{38, "12:04", 'm', "", "Please do. Moss green and sand, if you have them."},
	{37, "09:15", 'm', "Leo", "Both left this morning, together with a sample of the oiled ash. You should have them tomorrow."},
	{36, "13:40", 't', "", "Samples are here. Moss green it is! Tomás"},
	{36, "13:52", 't', "Leo", "Excellent choice. I will reserve the cloth today. Leo"},
	{35, "09:50", 'c', "", "I am in the checkout: where do I put the trade discount?"},
	{35, "09:51", 'c', "Leo", "Log in first, then it is taken off by itself. You should see 12 % in the last step."},
	{35, "09:58", 'c', "", "Found it, thanks."},
	{34, "15:10", 'n', "Leo", "Cloth reserved at the mill. Workshop says eight chairs in a week, the other four a week later."},
	{34, "15:30", 'm', "Leo", "Dear Tomás,\n\norder 967 is with the workshop. Eight chairs and all the tables leave next week, the last four chairs one week later. Is that all right for the opening?\n\nLeo"},
	{34, "17:45", 'm', "", "The opening is in three weeks, so yes. Thank you for saying it beforehand, nobody ever does."},
	{31, "11:20", 'c', "", "Quick one: what is the exact seat height of the Graça chair?"},
	{31, "11:21", 'c', "Leo", "46 cm without the felt, 46.5 with it."},
	{31, "11:22", 'c', "", "And the arm clears a 72 cm table?"},
	{31, "11:24", 'c', "Leo", "It has no arms; you are safe under anything."},
	{31, "11:24", 'c', "", "Ha! Of course. Too much coffee."},
	{27, "15:20", 'm', "Leo", "The first parcel is on its way: eight chairs and six tables. The tracking number is in your order."},
	{26, "16:05", 't', "", "All arrived, not a scratch. The tables are even nicer in person."},
	{26, "16:20", 't', "Sam", "So glad to hear it! Sam"},
	{24, "18:40", 'm', "", "Leo, I tried to call. The last four chairs: the hotel asks whether they come this week."},
	{23, "09:12", 'n', "Leo", "Called him. Mill is five days late with the cloth. He is fine with it, but wants it in writing."},
	{23, "09:25", 'm', "Leo", "Dear Tomás,\n\nas promised on the phone, in writing: the last four chairs leave on the 20th, without fail. I am sorry for the five days.\n\nLeo"},
	{23, "10:02", 'm', "", "Thank you. I have told them. Please not a day later, the mayor comes to breakfast."},
	{21, "12:15", 'n', "Mia", "If they slip again I drive them over myself. Mia"},
	{20, "12:10", 'm', "Leo", "They have left! Tracking is in your order."},
	{20, "12:31", 'm', "", "You are a man of your word."},
	{18, "11:00", 't', "", "Four chairs here. One has a slightly loose leg, the rest perfect."},
	{18, "11:06", 't', "Leo", "Sorry about that one! Sam passes by this afternoon with another and takes it along."},
	{18, "17:20", 't', "", "Done in five minutes. Impressive."},
	{15, "10:35", 'm', "Leo", "Dear Tomás,\n\nfor the wait and the loose leg we have refunded €60.00. I hope the mayor liked the chairs.\n\nLeo"},
	{15, "11:50", 'm', "", "He asked where they are from! I gave him your card."},
	{14, "09:30", 'c', "", "Do you have two Farol lamps on the shelf? I need them for a photo tomorrow."},
	{14, "09:31", 'c', "Sam", "We do. Order them online and they stand at the counter for you."},
	{14, "09:33", 'c', "", "Doing it now."},
	{10, "14:22", 'm', "", "Leo, the photographs are wonderful, and the hotel now wants your lamps in every room of the first floor. That would be twenty-four. What could you do on the price, and by when?"},
	{10, "14:40", 'n', "Leo", "@Mia 24 Farol lamps. Trade discount plus something? Workshop can do six a week."},
	{10, "15:05", 'n', "Mia", "Keep it at 12 %, but free delivery, and double-boxed. We lose more on dents than on discounts."},
	{9, "09:10", 'm', "Leo", "Dear Tomás,\n\nwhat good news. Twenty-four lamps: your usual 12 %, delivery on us, four weeks. You get the quote tomorrow.\n\nLeo"},
}
