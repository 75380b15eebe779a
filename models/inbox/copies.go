package inbox

import (
	"strings"

	"onethread/models"
	"onethread/models/identity"
	"onethread/models/store"
)

// copyElsewhere finds the event of an inbound that reached another channel of ours as well: the same
// mail in two mailboxes stands once in the thread.
func copyElsewhere(tx *store.Tx, p prepared) (models.ID, error) {
	if !p.Anywhere {
		return 0, nil
	}
	return store.Elsewhere(tx, p.ChannelID, p.ExternalID)
}

// alike finds a mail that is this one but for what some server on its way added below, a mailing
// list's footer for example: same Message-ID, sender, date and subject, the words of one held in the
// other. Message-IDs alone will not do: some senders reuse theirs.
func alike(tx *store.Tx, p prepared, e models.Event, who identity.Found, m *models.MessageIn) (models.ID, error) {
	if m.MessageID == "" || p.OccurredAt <= 0 || m.Direction != models.In || who.New || who.Anchor == 0 {
		return 0, nil
	}
	id, err := store.EventByMessageID(tx, m.MessageID)
	if err != nil || id == 0 {
		return 0, err
	}
	first, err := store.Event(tx, id)
	if err != nil || first.AnchorID != who.Anchor || first.Direction != models.In || first.OccurredAt != e.OccurredAt {
		return 0, err
	}
	words, err := store.Message(tx, id)
	if err != nil || plainSubject(words.Subject) != plainSubject(m.Subject) || !holds(words.Text, m.Text) {
		return 0, err
	}
	return id, nil
}

// plainSubject is a subject without the mark that a mailing list puts before it.
func plainSubject(s string) string {
	if rest, ok := strings.CutPrefix(s, "["); ok {
		if _, after, ok := strings.Cut(rest, "] "); ok {
			s = after
		}
	}
	return strings.ToLower(strings.TrimSpace(s))
}

// holds tells whether one text is part of the other, white space aside.
func holds(a, b string) bool {
	a, b = strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " ")
	return a != "" && b != "" && (strings.Contains(a, b) || strings.Contains(b, a))
}
