package mime

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// What mail programs write above a quoted or forwarded mail, in the languages shops meet.
// All patterns are RE2: linear in the text, whatever a stranger writes.

// label is one line of a quoted head: "From: …", "*Von:* …".
type label int

const (
	noLabel label = iota
	fromLabel
	dateLabel
	toLabel
	ccLabel
	subjectLabel
	otherLabel
)

var labelWords = map[label]string{
	fromLabel:    "from|von|de|da|od|van|från|fra|lähettäjä|от|від|发件人|寄件者|寄件人|差出人|보낸 사람|보낸사람|kimden|gönderen|feladó|desde|mittente|avsändare|afzender|expéditeur|remetente|remitente|odesílatel|odosielateľ|nadawca|expeditor|de la|absender|from name|送信者|من|lähetti|deponent|posiljatelj|šalje|отправитель|送信元|expeditorul",
	dateLabel:    "sent|date|gesendet|datum|envoyé|envoyé le|date d'envoi|fecha|enviado|enviado el|enviada em|enviado em|data|inviato|data invio|verzonden|skickat|sendt|dato|lähetetty|päivämäärä|päiväys|päivä|отправлено|дата|надіслано|发送时间|日期|寄件日期|傳送時間|送信日時|日時|日付|보낸 날짜|날짜|tarih|gönderme tarihi|gönderildi|dátum|küldve|elküldve|wysłano|wysłane|odesláno|odoslané|dne|trimis|dată|poslano|时间|skickat den|日付|enviados|保存日時",
	toLabel:      "to|an|à|para|a|aan|till|til|vastaanottaja|кому|收件人|收件者|宛先|받는 사람|받는사람|kime|alıcı|címzett|do|komu|către|pre|za|destinataire|destinatario|destinatário|ontvanger|mottagare|modtager|送信先|destinatarul",
	ccLabel:      "cc|bcc|kopie|kopi|copie|copia|kopia|kopio|másolat|копия|копія|抄送|副本|참조|bilgi|dw|kópia|másolatot kap",
	subjectLabel: "subject|betreff|objet|asunto|assunto|oggetto|onderwerp|ämne|emne|aihe|тема|主题|主旨|件名|제목|konu|tárgy|temat|předmět|predmet|subiect|sujet|tema|argomento|subj|主題|標題|subiectul",
	otherLabel:   "reply-to|antwort an|répondre à|responder a|responder para|rispondi a|odpowiedź do|antwoord aan|svar till|svar til|svara till|vastaus|vastausosoite|odpovědět komu|odpoveď pre|válaszcím|yanıtlama adresi|ответить|відповісти|回复|回复给|返信先|importance|wichtigkeit|priority|attachments|anlagen|organization|courriel|resent-from|reply to|importancia|répondre-à",
}

var labelOf = func() map[string]label {
	words := map[string]label{}
	for l, list := range labelWords {
		for w := range strings.SplitSeq(list, "|") {
			words[w] = l
		}
	}
	return words
}()

// cutLabel reads "Label: value"; bold marks of text versions ("*From:*") are taken off.
func cutLabel(line string) (l label, value string) {
	line = strings.TrimLeft(line, " \t\u00a0*_|")
	i := strings.IndexAny(line[:min(len(line), 60)], ":：")
	if i < 0 {
		return noLabel, ""
	}
	name := strings.ToLower(strings.Trim(line[:i], " \t\u00a0*_"))
	value = strings.TrimPrefix(strings.TrimPrefix(line[i:], ":"), "：")
	return labelOf[name], strings.TrimSpace(strings.TrimLeft(value, "*_ \t\u00a0"))
}

// wroteVerbs say "wrote" in the introductions of mail programs. Those that are not of Latin
// letters may stand right behind another word.
var wroteVerbs = strings.Split("wrote|writes|said|schrieb|escribió|escribio|escreveu|ha scritto|schreef|skrev|skrifaði|napisał(a)|napisała|napisał|napsal|napsal(a)|"+
	"napísal|napísal(a)|kirjoitti|a scris|pisze|wrote the following|geschreven|a écrit|написал|написала|написал(а)|пишет|написав|пише|写道|寫道|írta|yazdı|viết|作成|のメール|작성", "|")

// endsWrote tells whether a line ends in such a verb, or in a German date behind one.
func endsWrote(s string) bool {
	s = strings.ToLower(strings.ToValidUTF8(strings.TrimRight(s[max(0, len(s)-100):], " :："), ""))
	for _, verb := range wroteVerbs {
		if before, ok := strings.CutSuffix(s, verb); ok && (before == "" || !isLetter(before[len(before)-1]) || verb[0] >= 0x80) {
			return true
		}
	}
	return strings.Contains(s, "schrieb am ")
}

// wroteWithin knows the languages that put the name behind the verb.
func wroteWithin(s string) bool {
	s = strings.ToLower(s)
	for _, verb := range wroteVerbs {
		if strings.Contains(s, " "+verb+" ") {
			return true
		}
	}
	return false
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' }

// messageWords are "message" in many languages.
var messageWords = strings.Split("message|email|e-mail|nachricht|mensaje|mensagem|messaggio|bericht|meddelande|meddelelse|melding|besked|viesti|wiadomość|zpráva|správa|"+
	"сообщение|повідомлення|邮件|郵件|メッセージ|메시지|mesaj|ileti|üzenet|poruka", "|")

// isOriginal knows the line above a mail that is quoted whole: a word for "message" between two
// rows of dashes, or one that asks to answer above it.
func isOriginal(line string) bool {
	line = strings.ToLower(strings.Trim(line, " \t*>"))
	said := strings.TrimLeft(line, "-_=")
	if len(line) > maxMark || len(line)-len(said) < 2 || said == "" {
		return false
	}
	words := strings.TrimRight(said, "-_=")
	if words = strings.TrimSpace(words); len(words) < len(said)-1 && len(words) <= 120 {
		for _, w := range messageWords {
			if strings.Contains(words, w) {
				return true
			}
		}
	}
	return strings.HasPrefix(words, "original message") || strings.HasPrefix(words, "reply above this line") || strings.HasPrefix(words, "antwort oberhalb dieser linie")
}

// forwardWords are what mail programs write between two rows of dashes above a mail that is
// handed on.
const forwardWords = `forwarded (?:message|by)|forward|weitergeleitete nachricht|message transféré|message transmis|mensaje reenviado|mensagem (?:encaminhada|reencaminhada)|messaggio inoltrato|doorgestuurd bericht|vidarebefordrat meddelande|videresendt (?:meddelelse|melding)|välitetty viesti|edelleenlähetetty viesti|przekazana wiadomość|wiadomość przekazana|wiadomość przesłana dalej|přeposlaná zpráva|preposlaná správa|пересылаемое сообщение|пересланное сообщение|перенаправлене повідомлення|переслане повідомлення|转发的?邮件|轉寄的?郵件|転送(?:された)?メッセージ|メッセージを転送|전달된 메[시세]지|[iİ]letilmiş mesaj|[iİ]letilen (?:ileti|mesaj|posta)|yönlendirilen|továbbított üzenet|mesaj redirecționat|mesaj transmis|prosljeđena poruka|proslijeđena poruka|áframsendur póstur`

// forwardRun is the same with the head behind it on one line, as Yahoo writes it into text.
var forwardRun = lazily(`(?i)^[\s*>]*[-_=]{2,}\s*(?:` + forwardWords + `)\s*[-_=]{2,}\s+(\S.*)$`)

// lazily is a regular expression that is compiled when it is first asked: those with the words of forty languages
// take half a megabyte, and many a shop reads no mail.
func lazily(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

// labelInside finds labels that stand inside a line. They begin with a capital there.
var labelInside = sync.OnceValue(func() *regexp.Regexp {
	var words []string
	for l, list := range labelWords {
		for w := range strings.SplitSeq(list, "|") {
			if first, size := utf8.DecodeRuneInString(w); l != otherLabel && unicode.IsLower(first) {
				words = append(words, string(unicode.ToUpper(first))+regexp.QuoteMeta(w[size:]))
			}
		}
	}
	slices.SortFunc(words, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return regexp.MustCompile(`(?:` + strings.Join(words, "|") + `|CC) ?:`)
})

// forwarded stands above a mail that is handed on.
var forwarded = lazily(`(?i)^[\s*>]*(?:[-_=]{2,}\s*(?:` + forwardWords + `)[^\n]{0,80}|(?:begin forwarded message|forwarded message|vidarebefordrat mejl|[iİ]leti başlangıcı|anfang der weitergeleiteten (?:nachricht|e-mail)|début du message (?:réexpédié|transféré)|inicio del mensaje reenviado|início da mensagem (?:encaminhada|reencaminhada)|inizio (?:del )?messaggio inoltrato|begin doorgestuurd bericht|vidarebefordrat (?:mail|brev|meddelande)|vidarebefordrar e-brev|start på videresendt (?:besked|melding)|videresendt (?:besked|melding)|välitetty viesti alkaa|początek przekazanej wiadomości|začátek přeposlané zprávy|začiatok preposlanej správy|начало пере(?:сылаемого|адресованного|направленного) сообщения|початок листа, що пересилається|下面是被转发的邮件|开始转发的邮件|開始轉寄郵件|転送されたメッセージ|전달된 메시지의 시작|[iİ]letilen ileti başlangıcı|továbbított levél kezdete|încep(?:e|utul) mesajul(?:ui)? redirecționat|inici del missatge reenviat|započni proslijeđenu poruku)\s*[:：]?)\s*$`)

// forwardSubject begins the subject of a mail that was handed on.
var forwardSubject = lazily(`(?i)^\s*(fwd?|wg|tr|rv|enc|i|vs|vb|vl|vid|vy|pd|doorst|továbbítás|fw|ilt|yml|転送|转发|轉寄|전달|ff|přep|fs|redir|прд)\s*[:：]\s*`)

// answerSubject begins the subject of an answer.
var answerSubject = lazily(`(?i)^\s*(re|aw|antw|sv|ref|res|rif|r|odp|vá|ynt|atb|回复|回覆|答复|返信|回信|ответ|на)(\[\d+\])?\s*[:：]`)

// phoneSignature is what phones and mail programs put under a mail by themselves.
var phoneSignature = lazily(`(?i)^\s*(sent from (my|mail|outlook|yahoo|windows|proton|samsung)\b[^\n]{0,60}|sent from [^\n]{1,30}<https?://[^\n]{1,80}>|sent via [^\n]{0,40}|sent with [^\n]{0,40}|get outlook for [^\n]{0,40}|von mei(n|nem) [^\n]{1,40} (gesendet|aus)[^\n]{0,20}|gesendet (von|mit|aus) [^\n]{1,50}|envoyé (de|depuis) mon [^\n]{1,40}|envoyé (à partir )?de [^\n]{1,40}|enviado (desde|do|de) (mi|meu|my)[^\n]{1,40}|inviato da(l mio)? [^\n]{1,40}|verstuurd vanaf [^\n]{1,40}|skickat från (min )?[^\n]{1,40}|sendt fra (min )?[^\n]{1,40}|lähetetty [^\n]{1,40}|wysłane z [^\n]{1,40}|отправлено (с|из) [^\n]{1,40}|发自我的[^\n]{1,20}|从我的[^\n]{1,20}发送|iphoneから送信|[^\n]{1,30}에서 보냄|odesláno z [^\n]{1,40})\s*$`)
