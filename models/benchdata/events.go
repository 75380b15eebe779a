package benchdata

import (
	"encoding/json"
	"fmt"

	"onethread/models"
)

// event makes the n-th event: in time order, of a customer who is new at an even pace, else one of
// those before, the recent ones more often.
func (s *shop) event(n int) error {
	span := int64(s.size.Events) * 63_000 // a million events in two years
	s.at = s.size.Now.UnixMilli() - span + int64(n+1)*63_000
	id := s.started + int64(n) + 1
	if len(s.customers)*s.size.Events <= n*s.size.Customers {
		if err := s.newcomer(); err != nil {
			return err
		}
		return s.message(id, len(s.customers)-1, true)
	}
	x := s.rng.Float64()
	who := len(s.customers) - 1 - int(x*x*float64(len(s.customers)))
	c := &s.customers[who]
	switch kind := s.rng.IntN(100); {
	case kind < 84:
		return s.message(id, who, !c.lastIn || s.rng.IntN(4) == 0)
	case kind < 88:
		return s.note(id, who)
	case kind < 96:
		return s.order(id, who)
	}
	return s.plain(id, who, s.till, models.KindPageView, models.PageViewIn{URL: "https://casa.example/" + s.words.word(), Title: s.words.line(3), Duration: 40})
}

func (s *shop) newcomer() error {
	id := int64(len(s.customers) + 1)
	name := s.words.name()
	if s.rng.IntN(20) == 0 {
		name = ""
	}
	c := customer{email: 2 * id}
	if err := s.insert("customer", id, name, s.at, s.at); err != nil {
		return err
	}
	email := fmt.Sprintf("%s.%d@%s.example", s.words.vocab[s.rng.IntN(vocabulary)], id, s.words.word())
	if err := s.insert("identity", c.email, id, "email", "", email, email, "From of an email", s.mail, s.at); err != nil {
		return err
	}
	if s.rng.IntN(3) == 0 {
		c.chat = c.email + 1
		visitor := fmt.Sprintf("%032x", id)
		if err := s.insert("identity", c.chat, id, "chat", "webchat-key", visitor, visitor, "the same browser in the chat", s.chat, s.at); err != nil {
			return err
		}
	}
	s.customers = append(s.customers, c)
	return nil
}

func (s *shop) append(id int64, who int, conversation, channel, anchor, user int64, kind models.Kind, direction models.Direction, data string) error {
	s.customers[who].last = id
	return s.insert("event", id, who+1, ref(conversation), ref(channel), ref(anchor), string(kind), string(direction), ref(user), s.at, s.at, data)
}

// message makes a mail or a chat message, in or out, and moves the conversation.
func (s *shop) message(id int64, who int, in bool) error {
	c := &s.customers[who]
	if in {
		c.onChat = c.chat != 0 && s.rng.IntN(2) == 0
	}
	channel, anchor, kind := s.mail, c.email, "email"
	if c.onChat {
		channel, anchor, kind = s.chat, c.chat, "webchat"
	}
	conv := s.conversation(who, in)
	direction, user, state := models.In, int64(0), ""
	if !in {
		direction, user, state = models.Out, s.staff[s.rng.IntN(len(s.staff))], models.DeliverySent
	}
	if err := s.append(id, who, conv.id(s), channel, anchor, user, models.KindMessage, direction, "{}"); err != nil {
		return err
	}
	if err := s.say(id, kind == "email", state); err != nil {
		return err
	}
	c.lastIn = in
	conv.move(s, id, in, kind)
	if !in {
		if s.rng.IntN(5) < 2 {
			conv.status, conv.closed, c.conversation = models.StatusClosed, s.at, 0
		}
		return nil
	}
	return s.insert("receipt", channel, fmt.Sprintf("made-%09d", id), id, s.at)
}

func (s *shop) say(id int64, mail bool, state string) error {
	subject, html, messageID, to, text := "", "", "", "", s.words.Message()
	if mail {
		subject, messageID = s.words.line(2+s.rng.IntN(5)), fmt.Sprintf("made-%09d@casa.example", id)
		if s.rng.IntN(8) == 0 {
			html = "<p>" + text + "</p>"
		}
	}
	if state != "" {
		to = "customer@casa.example"
	}
	return s.insert("message", id, subject, text, html, messageID, state, to)
}

func (s *shop) note(id int64, who int) error {
	c := &s.customers[who]
	if c.conversation == 0 {
		return s.message(id, who, true)
	}
	if err := s.append(id, who, c.conversation, 0, 0, s.staff[s.rng.IntN(len(s.staff))], models.KindNote, "", "{}"); err != nil {
		return err
	}
	conv := &s.conversations[c.conversation-1]
	conv.lastEvent, conv.lastAt = id, s.at
	return s.insert("message", id, "", s.words.Message(), "", "", "", "")
}

func (s *shop) plain(id int64, who int, channel int64, kind models.Kind, data any) error {
	b, err := json.Marshal(data)
	if err != nil {
		return err
	}
	return s.append(id, who, 0, channel, s.customers[who].email, 0, kind, "", string(b))
}

var goods = []string{"Walnut desk 140", "Linen chair", "Oak shelf", "Brass lamp", "Wool rug 200", "Ash stool", "Cork board", "Clay vase"}

func (s *shop) order(id int64, who int) error {
	s.nextOrder++
	c, price := &s.customers[who], int64(1900+s.rng.IntN(90000))
	title := goods[s.rng.IntN(len(goods))] + " " + s.words.word()
	o := models.Order{ID: models.ID(s.nextOrder), CustomerID: models.ID(who + 1), ExternalID: fmt.Sprint("x", s.nextOrder), Number: fmt.Sprint(100000 + s.nextOrder),
		Status: []string{"paid", "shipped", "delivered", "refunded"}[s.rng.IntN(4)], Currency: "EUR", Total: price, ShipTo: s.words.name() + ", Lisbon",
		PlacedAt: models.Time(s.at), UpdatedAt: models.Time(s.at), Lines: []models.OrderLine{{Title: title, SKU: fmt.Sprint("SKU", s.rng.IntN(500)), Quantity: 1, Price: price}}}
	if err := s.plain(id, who, s.till, models.KindOrder, models.OrderEvent{Order: o.Data(), Change: "created"}); err != nil {
		return err
	}
	if err := s.insert("order", s.nextOrder, s.till, who+1, c.email, id, o.ExternalID, o.Number, o.Status, price, o.ShipTo, s.at, s.at); err != nil {
		return err
	}
	if err := s.insert("line", s.nextOrder, 0, title, o.Lines[0].SKU, 1, price); err != nil {
		return err
	}
	return s.insert("order_words", s.nextOrder, o.Number+" "+o.ExternalID+" "+o.ShipTo+" "+title+" "+o.Lines[0].SKU)
}
