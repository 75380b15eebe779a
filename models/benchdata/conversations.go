package benchdata

import (
	"fmt"

	"onethread/models"
)

// conversation gives the customer's open one, or begins one. An answer without an open one belongs
// to a new one too: staff wrote first.
func (s *shop) conversation(who int, in bool) *conversation {
	c := &s.customers[who]
	if c.conversation == 0 {
		s.conversations = append(s.conversations, conversation{customer: int64(who + 1), status: models.StatusOpen, opened: s.at, subject: s.words.line(4)})
		c.conversation = int64(len(s.conversations))
		if s.rng.IntN(5) < 3 {
			s.conversations[c.conversation-1].assignee = s.staff[s.rng.IntN(len(s.staff))]
		}
	}
	return &s.conversations[c.conversation-1]
}

func (c *conversation) id(s *shop) int64 { return s.customers[c.customer-1].conversation }

// move advances clocks, preview and marks as a message of the product does.
func (c *conversation) move(s *shop, event int64, in bool, kind string) {
	c.lastEvent, c.lastAt = event, s.at
	switch {
	case in && c.waiting == 0:
		c.waiting = s.at
	case !in:
		c.waiting = 0
		if c.firstReply == 0 {
			c.firstReply = s.at
		}
	}
	switch c.channels {
	case "":
		c.channels = kind
	case kind, "email webchat", "webchat email":
	default:
		c.channels += " " + kind
	}
}

// settle writes conversations, labels and read marks. Who was silent in the last tenth of the time
// was closed; one in twenty of the rest sleeps.
func (s *shop) settle() error {
	for i, name := range []string{"complaint", "delivery", "invoice", "return", "vip", "warranty", RareLabel} {
		if err := s.insert("label", i+1, name, i); err != nil {
			return err
		}
	}
	old := s.at - int64(s.size.Events)*63_000/10
	for i, c := range s.conversations {
		if c.status == models.StatusOpen && c.lastAt < old {
			c.status, c.closed = models.StatusClosed, c.lastAt
		}
		snoozed := int64(0)
		if c.status == models.StatusOpen && s.rng.IntN(20) == 0 {
			c.status, snoozed = models.StatusSnoozed, s.at+int64(s.rng.IntN(1_000_000_000))+86_400_000*365
		}
		if c.status == models.StatusClosed {
			c.waiting = 0
		}
		err := s.insert("conversation", i+1, c.customer, c.status, ref(c.assignee), c.subject, c.opened, ref(c.closed), ref(snoozed), ref(c.waiting),
			ref(c.firstReply), c.lastEvent, c.lastAt, c.channels)
		if err != nil {
			return err
		}
		if err := s.label(int64(i + 1)); err != nil {
			return fmt.Errorf("label: %w", err)
		}
	}
	return s.read()
}

func (s *shop) label(conversation int64) error {
	if s.rng.IntN(5000) == 0 {
		return s.insert("labelled", conversation, 7)
	}
	if s.rng.IntN(4) == 0 {
		return s.insert("labelled", conversation, 1+s.rng.IntN(6))
	}
	return nil
}

// read marks what the owner has read: all but the newest hundredth.
func (s *shop) read() error {
	newest := s.started + int64(s.size.Events)*99/100
	for i, c := range s.customers {
		if c.last > newest && i%2 == 0 {
			continue
		}
		if err := s.insert("read", s.staff[0], i+1, c.last); err != nil {
			return err
		}
	}
	return nil
}
