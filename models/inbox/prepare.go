package inbox

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"onethread/models"
	"onethread/models/richtext"
	"onethread/models/store"
)

// arriving is a file of a message: in our store, or still where url says.
type arriving struct {
	models.Attachment
	url string
}

// prepared is an Inbound with everything done that must not happen inside the transaction: HTML
// sanitised, files and large bodies on disk.
type prepared struct {
	models.Inbound
	raw   *store.Raw
	files []arriving
	clean richtext.Clean
	guest string // the address of a sender who takes part in another customer's conversation

	thanks bool // it says thanks and no more, and opens nothing
}

func (b *Inbox) prepare(ctx context.Context, in models.Inbound) (prepared, error) {
	p := prepared{Inbound: in}
	p.ExternalID, p.Name, p.Language = Text(in.ExternalID), line(in.Name, 200), line(in.Language, 35)
	if !models.KnownTimeZone(in.TimeZone) {
		p.TimeZone = ""
	}
	if in.Raw == nil && mayLeaveNoEvent(in.Payload) { // what it said must be kept
		raw, err := json.Marshal(in.Payload)
		if err != nil {
			return p, err
		}
		in.Raw, in.RawType = raw, "application/json"
	}
	var err error
	if p.raw, err = b.st.PackRaw(in.RawType, in.Raw); err != nil {
		return p, err
	}
	m, ok := in.Payload.(*models.MessageIn)
	if !ok {
		return p, nil
	}
	copied := *m
	p.Payload = &copied
	if err := b.disbelieve(ctx, &p, &copied); err != nil {
		return p, err
	}
	return p, b.prepareMessage(&p, &copied)
}

// mayLeaveNoEvent tells payloads that can be taken without anything to show in a thread.
func mayLeaveNoEvent(p models.Payload) bool {
	switch in := p.(type) {
	case *models.DeliveryIn, *models.PersonIn, *models.CatalogueIn, *models.RefundIn:
		return true
	case *models.OrderIn:
		return in.Gone
	}
	return false
}

// prepareMessage cleans a message's words and stores its files. m is a copy that may be changed.
func (b *Inbox) prepareMessage(p *prepared, m *models.MessageIn) error {
	if m.Direction == "" {
		m.Direction = models.In
	}
	inline := map[string]string{}
	for _, f := range m.Attachments {
		a := arriving{Attachment: models.Attachment{Name: FileName(f.Name), Type: SniffType(f.Type, f.Body), ContentID: f.ContentID, Inline: f.Inline, Token: store.Token()}, url: f.URL}
		switch {
		case f.UploadID != 0:
			a.Attachment = models.Attachment{ID: f.UploadID}
		case f.URL != "":
			a.State = "fetching"
		default:
			var err error
			if a.SHA256, a.Size, err = b.st.Files.Put(bytes.NewReader(f.Body)); err != nil {
				return err
			}
			a.Width, a.Height = pixels(f.Body)
			inline[f.ContentID] = "/attachments/" + a.Token
		}
		p.files = append(p.files, a)
	}
	if m.HTML != "" {
		html := Text(m.HTML)
		p.clean = richtext.Sanitise(html, func(id string) string { return inline[id] })
		if strings.TrimSpace(m.Text) == "" {
			m.Text = richtext.Text(html)
		}
	}
	m.Text, m.ReplyText = Text(m.Text), Text(m.ReplyText)
	if m.ReplyText == m.Text {
		m.ReplyText = ""
	}
	m.Subject, m.Warning, m.CC = line(m.Subject, 1000), line(m.Warning, 500), line(m.CC, 4000)
	m.MessageID, m.Alias = line(m.MessageID, 1000), line(m.Alias, 1000)
	return nil
}

// data is what the event's data column holds for payloads without rows of their own.
func (p prepared) data() any {
	switch d := p.Payload.(type) {
	case *models.ReturnIn:
		return models.ReturnData{OrderNumber: d.OrderNumber, Number: d.Number, Status: d.Status, Note: d.Note, Currency: d.Currency,
			Amount: models.FormatAmount(d.Amount, d.Currency), Lines: models.LinesData(d.Lines, d.Currency)}
	case *models.CartIn:
		return models.CartData{Status: d.Status, Currency: d.Currency, Total: models.FormatAmount(d.Total, d.Currency), URL: d.URL,
			Lines: models.LinesData(d.Lines, d.Currency)}
	case *models.ProductIn:
		data := models.ProductData{ID: d.ID, Title: d.Title, URL: d.URL, Currency: d.Currency}
		if d.Currency != "" {
			data.Price = models.FormatAmount(d.Price, d.Currency)
		}
		return data
	case *models.ContactIn:
		return contactData(p.Hints)
	}
	return p.Payload
}

// contactData names the strongest address that was left, other than the browser's own.
func contactData(hints []models.Hint) models.ContactData {
	var best models.ContactData
	for _, h := range hints {
		if h.Kind != models.ChatIdentity && h.Evidence.Rank() > best.Evidence.Rank() {
			best = models.ContactData{Kind: h.Kind, Value: line(h.Value, 320), Evidence: h.Evidence, Reason: h.Reason}
		}
	}
	return best
}

// Text makes a string storable anywhere: valid UTF-8, no NUL, line ends as \n.
func Text(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.ReplaceAll(s, "\x00", "")
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// line makes a string one line of at most max bytes, without control characters.
func line(s string, max int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, Text(s))
	s = strings.TrimSpace(s)
	if len(s) > max {
		for s = s[:max]; !utf8.ValidString(s); {
			s = s[:len(s)-1]
		}
	}
	return s
}

// FileName makes a claimed file name showable: one line, no path, no characters that reorder or
// hide text (security: names such as "\u200b.htaccess" or right-to-left overrides). It is never
// used as a path; an empty result means "unnamed".
func FileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) || unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	return line(strings.TrimLeft(name, ". "), 200)
}

// SniffType decides a file's media type from its content; the claimed type stands only where the
// content does not say, and never where a browser would run it.
func SniffType(claimed string, body []byte) string {
	sniffed, _, _ := strings.Cut(http.DetectContentType(body), ";")
	claimed, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(claimed)), ";")
	switch {
	case strings.HasPrefix(sniffed, "image/"), sniffed == "application/pdf", sniffed == "text/html", strings.HasPrefix(sniffed, "video/"), strings.HasPrefix(sniffed, "audio/"):
		return sniffed
	case strings.HasPrefix(claimed, "image/"), strings.Contains(claimed, "html"), strings.Contains(claimed, "xml"), strings.Contains(claimed, "script"), claimed == "":
		return sniffed // it claims to be what it is not
	}
	return line(claimed, 100)
}
