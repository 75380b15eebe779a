package email

import (
	"errors"
	"fmt"
	"html"
	"io"
	stdmail "net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"

	"onethread/integrations/email/mime"
	"onethread/models"
)

// unsendable is a message that no attempt can send: its own content is at fault.
type unsendable struct{ err error }

func (u unsendable) Error() string { return u.err.Error() }
func (u unsendable) Unwrap() error { return u.err }

// letter is a composed message, ready to be written to the server.
type letter struct {
	to  []string // the customer first
	msg *gomail.Msg
	bad error // an attachment that could not be opened while writing
}

// WriteTo implements io.WriterTo.
func (l *letter) WriteTo(w io.Writer) (int64, error) {
	n, err := l.msg.WriteTo(w)
	if l.bad != nil {
		err = l.bad
	}
	return n, err
}

// Limits of a head: lines of 998 octets (RFC 5322 section 2.1.1), and References that relays
// with a limit of 4,096 for a field let through.
const (
	maxSubject    = 500
	maxReferences = 1500
)

// compose builds the mail. Nothing in out can add a field or a recipient: names, subject and
// ids lose their control characters, the address must parse as one.
func compose(out models.Outbound, s settings, now time.Time) (*letter, error) {
	to, err := stdmail.ParseAddress("<" + strings.TrimSpace(out.To) + ">")
	if err != nil || mime.OneLine(out.To) != out.To {
		return nil, fmt.Errorf("%q is no email address, so the message cannot be sent. Correct the customer's address and send it again.", mime.OneLine(out.To))
	}
	others, err := furtherRecipients(out.CC, to.Address)
	if err != nil {
		return nil, err
	}
	unseen, err := furtherRecipients(out.BCC, append(others, to.Address)...)
	if err != nil {
		return nil, err
	}
	l := &letter{to: slices.Concat([]string{to.Address}, others, unseen), msg: gomail.NewMsg(gomail.WithEncoding(gomail.EncodingQP), gomail.WithNoDefaultUserAgent())}
	m := l.msg
	m.FromMailAddress(&stdmail.Address{Name: displayName(out.FromName, s.name), Address: s.address})
	m.ToMailAddress(&stdmail.Address{Name: clipText(mime.OneLine(out.ToName), 200), Address: to.Address})
	for _, a := range others {
		m.AddCcMailAddress(&stdmail.Address{Address: a})
	}
	m.Subject(clipText(mime.OneLine(out.Subject), maxSubject))
	m.SetDateWithValue(now)
	if err := identify(m, out); err != nil {
		return nil, err
	}
	if local, domain, ok := strings.Cut(s.address, "@"); ok && s.plusReplies && out.ReplyToken != "" && soundToken.MatchString(out.ReplyToken) {
		m.ReplyToMailAddress(&stdmail.Address{Name: s.name, Address: local + "+c" + out.ReplyToken + "@" + domain})
	}
	if out.Automatic {
		m.SetGenHeader("Auto-Submitted", map[bool]string{true: "auto-replied", false: "auto-generated"}[out.InReplyTo != ""]) // RFC 3834 section 5
		m.SetGenHeader("X-Auto-Response-Suppress", "All")
		m.SetGenHeader("X-Loop", s.address)
	}
	page, text := out.HTML, out.Text
	if strings.TrimSpace(page) == "" {
		page, text = withPictures(textPage(text), text, out.Attachments)
	}
	if strings.TrimSpace(text) == "" {
		text = mime.HTMLText(page)
	}
	page += markerOf(out.ReplyToken)
	if sign := signature(s, out); sign != "" {
		text += "\r\n\r\n-- \r\n" + sign // RFC 3676 section 4.3: programs fold what follows the dashes
		page += `<div class="signature" style="color:#666">-- ` + textPage(sign) + "</div>\n"
	}
	m.SetBodyString(gomail.TypeTextPlain, text)
	m.AddAlternativeString(gomail.TypeTextHTML, page)
	l.attach(out.Attachments)
	return l, nil
}

// markerOf is the conversation's signed token as an answer's quoted HTML brings it back to us, where a mail
// program drops In-Reply-To and References. Nobody sees it, and no screen reader speaks it.
func markerOf(token string) string {
	if whole := "[ref:c" + token + "]"; marker.FindString(whole) != whole {
		return ""
	}
	return `<div style="display:none;font-size:1px;line-height:1px;max-height:0;max-width:0;overflow:hidden;opacity:0;mso-hide:all" aria-hidden="true">[ref:c` + token + "]</div>\n"
}

// signature is what stands below what staff write: their own, as it was then, else the channel's. Mail that
// nobody wrote has none.
func signature(s settings, out models.Outbound) string {
	if out.Automatic {
		return ""
	}
	own := models.User{Name: mime.OneLine(out.FromName), Signature: out.Signature}
	return own.Sign(s.signature, s.name)
}

// furtherRecipients are the addresses in copy, each once, and not those that get it anyway.
func furtherRecipients(copies []string, anyway ...string) (list []string, err error) {
	for _, text := range copies {
		a, err := stdmail.ParseAddress("<" + strings.TrimSpace(text) + ">")
		if err != nil || mime.OneLine(text) != text {
			return nil, fmt.Errorf("%q is no email address, so the message cannot be sent. Take it out of the copies and write again.", mime.OneLine(text))
		}
		if !slices.Contains(anyway, a.Address) && !slices.Contains(list, a.Address) {
			list = append(list, a.Address)
		}
	}
	return list, nil
}

var (
	soundID    = regexp.MustCompile(`^[^\s<>()\\"]{1,900}$`)
	soundToken = regexp.MustCompile(`^[A-Za-z0-9.]{1,60}$`)
)

// idCopy is the header that carries our Message-ID once more: some providers put one of their own in its
// place, and their copy in the folder of sent mail must be known as the message we have.
const idCopy = "X-Onethread-Message"

// identify sets Message-ID, In-Reply-To and References; ids of strangers that make no sense
// are left out.
func identify(m *gomail.Msg, out models.Outbound) error {
	if !soundID.MatchString(out.MessageID) {
		return errors.New("the message has no usable Message-ID")
	}
	m.SetMessageIDWithValue(out.MessageID)
	m.SetGenHeader(idCopy, out.MessageID)
	if soundID.MatchString(out.InReplyTo) {
		m.SetGenHeaderPreformatted(gomail.HeaderInReplyTo, "<"+out.InReplyTo+">")
	}
	if refs := references(out.References, out.InReplyTo); refs != "" {
		m.SetGenHeaderPreformatted(gomail.HeaderReferences, refs)
	}
	return nil
}

// references keeps the first id and as many of the newest as fit, one to a line.
func references(ids []string, last string) string {
	var sound []string
	for _, id := range append(ids[:len(ids):len(ids)], last) {
		if soundID.MatchString(id) && (len(sound) == 0 || sound[len(sound)-1] != id) {
			sound = append(sound, id)
		}
	}
	if len(sound) == 0 {
		return ""
	}
	size, from := len(sound[0])+5, len(sound)
	for from > 1 && size+len(sound[from-1])+5 <= maxReferences {
		from--
		size += len(sound[from]) + 5
	}
	kept := append(sound[:1:1], sound[max(from, 1):]...)
	return "<" + strings.Join(kept, ">\r\n <") + ">"
}

// displayName is "Anna at Shop".
func displayName(person, shop string) string {
	person, shop = clipText(mime.OneLine(person), 100), clipText(mime.OneLine(shop), 100)
	if person != "" && shop != "" && person != shop {
		return person + " at " + shop
	}
	return person + strings.TrimPrefix(shop, person)
}

// clipText cuts at a character, never inside one.
func clipText(s string, most int) string {
	if s = strings.TrimSpace(s); len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most] + "…"
}

// withPictures puts the inline pictures into a plain answer's page: where its text says [image: name], else
// below, which the text then says as well.
func withPictures(page, text string, files []models.FileOut) (string, string) {
	for _, f := range files {
		if !embedded(f) {
			continue
		}
		name := html.EscapeString(f.Name)
		picture := `<img src="cid:` + html.EscapeString(f.ContentID) + `" alt="` + name + `" style="max-width:100%;height:auto">`
		if before, after, ok := strings.Cut(page, "[image: "+name+"]"); ok {
			page = before + picture + after
		} else {
			page += "<p>" + picture + "</p>\n"
			text = strings.TrimSpace(text + "\n\n[image: " + mime.OneLine(f.Name) + "]")
		}
	}
	return page, text
}

// embedded tells whether a file stands in the text.
func embedded(f models.FileOut) bool { return f.Inline && soundID.MatchString(f.ContentID) }

var link = regexp.MustCompile(`https?://[^\s<>"']+[^\s<>"'.,;:!?)\]]`)

// textPage is the HTML form of a plain answer: paragraphs, line breaks and links.
func textPage(text string) string {
	text = strings.ReplaceAll(strings.TrimSpace(text), "\r\n", "\n")
	var page strings.Builder
	page.WriteString(`<div style="font-family:sans-serif;font-size:14px;line-height:1.5">`)
	for i, paragraph := range strings.Split(text, "\n\n") {
		if i > 0 {
			page.WriteString("\n")
		}
		lines := strings.ReplaceAll(html.EscapeString(paragraph), "\n", "<br>\n")
		page.WriteString("<p>" + link.ReplaceAllString(lines, `<a href="$0">$0</a>`) + "</p>")
	}
	page.WriteString("</div>\n")
	return page.String()
}

// attach adds the files; each is opened when it is written and streamed, so that no mail has
// to fit into memory.
func (l *letter) attach(files []models.FileOut) {
	for _, f := range files {
		name := safeName(f.Name)
		file := &gomail.File{Name: name, Header: map[string][]string{}, ContentType: gomail.ContentType(safeType(f.Type)), Writer: l.copier(f)}
		if embedded(f) {
			file.Header.Set("Content-ID", "<"+f.ContentID+">")
			l.msg.SetEmbeds(append(l.msg.GetEmbeds(), file))
		} else {
			l.msg.SetAttachments(append(l.msg.GetAttachments(), file))
		}
	}
}

func (l *letter) copier(f models.FileOut) func(io.Writer) (int64, error) {
	return func(w io.Writer) (int64, error) {
		r, err := f.Open()
		if err != nil {
			l.bad = unsendable{fmt.Errorf("The attachment %q could not be read: %w. Attach it again.", f.Name, err)}
			return 0, l.bad
		}
		defer r.Close()
		return io.Copy(w, r)
	}
}

func safeName(s string) string {
	s = strings.NewReplacer("/", "_", "\\", "_", `"`, "_").Replace(mime.CleanFileName(s))
	return or(s, "file")
}

var mediaType = regexp.MustCompile(`^[a-z0-9][a-z0-9!#$&^_.+-]{0,80}/[a-z0-9][a-z0-9!#$&^_.+-]{0,80}$`)

func safeType(s string) string {
	s, _, _ = strings.Cut(strings.ToLower(s), ";")
	if s = strings.TrimSpace(s); mediaType.MatchString(s) && !strings.HasPrefix(s, "multipart/") && !strings.HasPrefix(s, "message/") {
		return s
	}
	return "application/octet-stream"
}
