package inbox

import (
	"cmp"
	"regexp"
	"strings"

	"onethread/models"
	"onethread/models/store"
)

// mostQuoted bounds how much of a visitor's own words is quoted back to them (characters).
const mostQuoted = 600

func followSubject(c models.Conversation) string {
	return cmp.Or(c.Subject, "Our answer to your message in the chat")
}

// followWords is what follows a visitor: the answers, their own last words, and how to go on. Nothing
// of it comes from elsewhere than that browser's chat: the address may be somebody else's.
func (b *Inbox) followWords(tx *store.Tx, browser models.ID, c models.Conversation, way Way, unseen []store.Unseen, files []models.Attachment, attached bool) (string, error) {
	var answers []string
	for _, u := range unseen {
		answers = append(answers, answerWords(u, files, attached))
	}
	words := strings.Join(answers, "\n\n")
	link, err := b.followLink(tx, c, way)
	if err != nil {
		return "", err
	}
	if way.Kind != models.EmailIdentity {
		if link != "" {
			link = "\n\nGo on in the chat: " + link
		}
		return clip(words, max(way.MaxText-len(link), 0)) + link, nil
	}
	asked, err := store.LastWords(tx, browser, unseen[0].ID)
	if err != nil {
		return "", err
	}
	if !way.verified {
		asked = links.ReplaceAllString(asked, "[link]") // nobody may have us mail their links to a stranger
	}
	if asked = clip(strings.TrimSpace(asked), mostQuoted); asked != "" {
		words += "\n\nYou wrote to us in the chat:\n> " + strings.ReplaceAll(asked, "\n", "\n> ")
	}
	words += "\n\nJust answer this mail: it goes on in the same conversation, and in the chat as well."
	if link != "" {
		words += "\n\nOr go on in the chat, on any device (it opens with a code that we send to this address):\n" + link
	}
	return words, nil
}

// followLink is the link to go on elsewhere. An address that was typed here but is known to be another
// customer's gets none: they could prove no more than that they are somebody else.
func (b *Inbox) followLink(tx *store.Tx, c models.Conversation, way Way) (string, error) {
	i, err := store.Identity(tx, way.IdentityID)
	if err != nil {
		return "", err
	}
	owner, err := ownerOf(tx, i)
	if err != nil || owner != 0 && owner != c.CustomerID {
		return "", err
	}
	return b.continueURL(tx, c.ID, i.ID, tx.Now())
}

var links = regexp.MustCompile(`(?i)\b(https?://|www\.)\S+`)

// answerWords is an answer of the chat, its files named.
func answerWords(u store.Unseen, files []models.Attachment, attached bool) string {
	parts := []string{}
	if u.Text != "" {
		parts = append(parts, u.Text)
	}
	where := ", to be found in the chat]"
	if attached {
		where = ", attached]"
	}
	for _, f := range files {
		if f.EventID == u.ID {
			parts = append(parts, "["+cmp.Or(f.Name, "a file")+where)
		}
	}
	return strings.Join(parts, "\n")
}

// clip cuts text to most characters; zero is no limit.
func clip(text string, most int) string {
	if r := []rune(text); most > 0 && len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}
