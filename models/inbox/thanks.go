package inbox

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"

	"onethread/models"
	"onethread/models/store"
)

// onlyThanks tells whether a message says thanks and no more, where the shop wants such messages to open
// nothing.
func onlyThanks(tx *store.Tx, m *models.MessageIn) (bool, error) {
	if m.Direction != models.In || m.Automatic != "" || m.Spam || len(m.Attachments) > 0 || !mayBeThanks(cmp.Or(m.ReplyText, m.Text)) {
		return false, nil
	}
	on, _, err := store.Setting(tx, settingThanks)
	if err != nil || on != "1" {
		return false, err
	}
	staff, err := store.Users(tx)
	var names []string
	for _, u := range staff {
		names = append(names, u.Name)
	}
	return bareThanks(cmp.Or(m.ReplyText, m.Text), names), err
}

// thanked decides the conversation of a message that only says thanks: the one it names, the current one,
// else the one that was closed last, none of which it wakes. Who has none of these begins one: somebody
// should see it.
func (b *Inbox) thanked(tx *store.Tx, e models.Event, m *models.MessageIn, named models.Conversation, ok bool) (models.Conversation, error) {
	if ok {
		return named, nil
	}
	c, ok, err := b.current(tx, e, true)
	if err != nil || ok {
		return c, err
	}
	return b.open(tx, e, m.Subject)
}

// longestThanks is how long words of thanks are at most, in bytes.
const longestThanks = 160

func mayBeThanks(text string) bool {
	return text != "" && len(text) <= longestThanks && utf8.ValidString(text) && !strings.ContainsAny(text, "?¿？:/@0123456789")
}

// bareThanks tells whether words say thanks and nothing else: one word of thanks at least, and besides it
// only what people put around it. Any other word makes it a message like any other: that a thank-you
// re-opens something is a nuisance, that a question is overlooked is a loss. names are the staff's.
func bareThanks(text string, names []string) bool {
	if !mayBeThanks(text) {
		return false
	}
	known := map[string]bool{}
	for _, n := range names {
		for _, w := range strings.Fields(strings.ToLower(n)) {
			known[w] = true
		}
	}
	thanked := false
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '\'' && r != '’' }) {
		switch {
		case thankful[w]:
			thanked = true
		case !around[w] && !known[w]:
			return false
		}
	}
	return thanked
}

func wordSet(text string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(text) {
		out[w] = true
	}
	return out
}

// The words, in the languages of the shops: English, Spanish, Portuguese, German, French, Italian, Dutch,
// Polish, Swedish, Danish, Norwegian, Finnish, Czech, Turkish, Japanese, Arabic.
var (
	thankful = wordSet(`thanks thank thankyou thx ty tysm cheers gracias obrigado obrigada brigado danke dankeschön vielendank merci grazie bedankt dank dankjewel dankuwel
		dziękuję dziekuje dzięki dzieki tack tak takk kiitos děkuji díky teşekkürler teşekkür sağol ありがとう ありがとうございます ありがとうございました شكرا شكرًا`)
	around = wordSet(`you so very much a lot many all again for your the quick reply answer response help support great perfect super awesome brilliant lovely wonderful nice ok okay
		and i'm im happy really appreciate appreciated it good cool fine best regards kind wishes hi hello dear
		muchas muchísimas mil por su tu ayuda la respuesta rápida todo perfecto genial vale de nuevo saludos un saludo hola
		muito muita pela pelo ajuda resposta tudo perfeito ótimo bom novamente cumprimentos abraço olá
		vielen schön sehr lieben herzlichen für die ihre deine hilfe antwort schnelle alles klar prima gut nochmals und liebe viele grüße gruß beste mfg lg hallo
		beaucoup pour votre ton aide réponse parfait super bien encore cordialement bonjour mille
		mille per il aiuto la risposta perfetto ottimo ancora tutto saluti cordiali ciao
		wel je u voor de hulp het snelle antwoord heel erg hartelijk prima top groeten groetjes hallo nogmaals
		bardzo za pomoc odpowiedź super świetnie pozdrawiam
		så mycket för hjälpen mange tusen tusind for hjelpen hjælpen paljon avusta moc za pomoc çok ederim yardımınız için جزيلا`)
)
