package views

import (
	"strconv"
	"strings"
	"time"

	"onethread/models"
)

func (t Teller) message(e *Entry, f Fact) {
	e.Shape, e.Icon = ShapeMessage, ChannelIcon(f.ChannelType)
	if f.Kind == models.KindNote {
		e.Shape, e.Icon = ShapeNote, "sticky-note"
	}
	m := &Message{Out: f.Direction == models.Out, Author: t.author(f), Channel: t.W.K("channel.type.", f.ChannelType)}
	e.Message = m
	if f.Message == nil {
		return
	}
	s := f.Message
	m.BCC = s.BCC
	m.Subject, m.CC, m.Warning, m.Automatic, m.ClientID = s.Subject, s.CC, s.Warning, s.Automatic, s.ClientID
	m.Matter = t.Matters[f.ConversationID]
	m.Redacted = !s.RedactedAt.IsZero()
	m.Text, m.Quoted = Fold(s.Text, s.ReplyText)
	if s.Automatic == "follow_up" { // its words stand in the chat's own answers above
		m.Text, m.Quoted = "", s.Text
	}
	m.HTML, m.Remote = s.HTML != "", s.HasRemote
	for _, a := range f.Attachments {
		switch shown := file(a); {
		case s.Automatic == "follow_up": // as its words
		case m.Out || !a.Inline || a.ContentID == "":
			m.Files = append(m.Files, shown)
		case shown.Image && worthSeeing(a) && len(m.Pictures) < mostPictures && !m.Redacted:
			m.Pictures = append(m.Pictures, shown)
		}
	}
	t.origin(m, f, s)
	if f.Kind == models.KindMessage && m.Out {
		t.delivery(m, f, s)
	}
}

// origin tells who wrote a mail if not the customer, what it quotes, and what is kept of it where.
func (t Teller) origin(m *Message, f Fact, s *models.Message) {
	if d := read[models.MessageData](f); d.Participant {
		m.Guest = d.Address
	}
	if q := f.Beside.QuotesCustomer; q != 0 && q != f.CustomerID {
		name := f.Beside.QuotesName
		if name == "" {
			name = t.W.T("entry.nameless")
		}
		m.Quotes = &Link{Text: t.W.T("entry.quotes", name), URL: "/customers/" + q.String() + "#e" + s.QuotesID.String()}
	}
	m.GoneFrom = f.Beside.GoneFrom
	if f.Beside.HasRaw && !m.Redacted && s.ToAddress == "" && f.ChannelType == "email" { // what was sent from here has no mail of its own
		m.Raw = original(f.ID)
	}
	if f.Beside.ReportID != 0 && !m.Redacted {
		m.Report = original(f.Beside.ReportID)
	}
}

// original is where what an event was made from can be downloaded.
func original(event models.ID) string { return "/messages/" + event.String() + "/original" }

func (t Teller) author(f Fact) string {
	if d := read[models.MessageData](f); d.Participant {
		if d.From != "" {
			return d.From
		}
		return d.Address
	}
	switch {
	case f.Direction == models.Out || f.Kind == models.KindNote:
		return t.who(f.UserName)
	case t.Customer != "":
		return t.Customer
	case f.ChannelType == "webchat":
		return t.W.T("entry.visitor")
	}
	return t.W.T("entry.nameless")
}

func (t Teller) delivery(m *Message, f Fact, s *models.Message) {
	m.State, m.StateText = s.State, t.W.K("delivery.", s.State)
	m.Address = s.ToAddress
	if f.ChannelType == "webchat" {
		m.Address = ""
	}
	if s.State == models.DeliveryFailed || s.State == models.DeliveryBounced {
		why := s.Error
		if why == "" {
			why = t.W.T("delivery.unknown")
		}
		m.Error = t.W.T("entry."+s.State, why)
		m.CanRetry = s.ToAddress != "" // else it was sent from a mail program
		m.Instead, m.InsteadBy = t.instead(f)
	}
	for _, l := range s.LostCopies() {
		m.Lost = append(m.Lost, t.W.T("entry.lost", l.Address, l.Error))
	}
	if (s.State == models.DeliverySent || s.State == models.DeliveryDelivered || s.State == models.DeliveryRead) && s.Error != "" { // it left, but not to everybody, or perhaps twice
		m.Warning = s.Error
	}
	if !s.SendAt.IsZero() {
		t.later(m, f, s)
	}
	m.UndoUntil = f.CreatedAt.Std().Add(time.Duration(t.Me.UndoSeconds) * time.Second)
	m.CanUndo = s.State == models.DeliveryQueued && s.Automatic == "" && m.Goes == "" && f.UserID == t.Me.ID && !t.Instant[f.ChannelType] && t.Now.Before(m.UndoUntil)
}

// later tells of a message that was written to go out later: when it will, or when it did.
func (t Teller) later(m *Message, f Fact, s *models.Message) {
	at := s.SendAt.Std().In(t.Loc)
	if s.State != models.DeliveryQueued {
		if s.State == models.DeliverySent || s.State == models.DeliveryDelivered || s.State == models.DeliveryRead {
			m.StateText = t.W.T("later.went", m.StateText, t.W.Date(at), at.Format("15:04"))
		}
		return
	}
	if !at.After(t.Now) {
		return // due: it is on its way
	}
	now := t.Now.In(t.Loc)
	switch day := at.Format("2006-01-02"); day {
	case now.Format("2006-01-02"):
		m.Goes = t.W.T("later.today", at.Format("15:04"))
	case now.AddDate(0, 0, 1).Format("2006-01-02"):
		m.Goes = t.W.T("later.tomorrow", at.Format("15:04"))
	default:
		m.Goes = t.W.T("later.day", at.Format("Mon"), t.W.Date(at), at.Format("15:04"))
	}
	name := t.Customer
	if name == "" {
		name = t.W.T("later.customer")
	}
	m.Wrote, m.StateText, m.CanHasten = t.W.T("later.wrote", name), t.W.T("later.state"), t.Me.MayRecall(f.UserID)
}

// instead is the best way to the customer other than the one that a message took.
func (t Teller) instead(f Fact) (way, by string) {
	own := f.Event.ChannelID.String() + "-" + f.AnchorID.String()
	for _, w := range t.Ways {
		if w.Value != own && w.Disabled == "" && w.Warning == "" && (way == "" || w.Current) {
			way, by = w.Value, w.Text
		}
	}
	return way, by
}

// Fold splits a message into the words shown and the quote folded behind "…". Without a known
// reply nothing is folded.
func Fold(text, reply string) (shown, quoted string) {
	text, reply = strings.TrimSpace(text), strings.TrimSpace(reply)
	if reply == "" || reply == text {
		return text, ""
	}
	if rest, ok := strings.CutPrefix(text, reply); ok {
		return reply, strings.TrimSpace(rest)
	}
	return reply, text
}

// mostPictures bounds the pictures below a mail's text; all of them are in its original.
const mostPictures = 12

// worthSeeing tells pictures inside a mail from the dots, icons and logos of signatures: at least 60 pixels
// either way and 40,000 in all, or, where that is not known, 10 kB.
func worthSeeing(a models.Attachment) bool {
	if a.Width == 0 || a.Height == 0 {
		return a.Size >= 10_000
	}
	return min(a.Width, a.Height) >= 60 && a.Width*a.Height >= 40_000
}

func file(a models.Attachment) File {
	name := a.Name
	if name == "" {
		name = a.Type
	}
	image := false
	switch a.Type {
	case "image/png", "image/jpeg", "image/gif", "image/webp":
		image = true
	}
	if a.State != "" {
		return File{Name: name, Coming: a.State == "fetching", Problem: a.Problem}
	}
	return File{Name: name, URL: "/attachments/" + a.Token, Size: Bytes(a.Size), Image: image, PDF: a.Type == "application/pdf"}
}

// Bytes writes a file size: 812 B, 14 kB, 2.1 MB.
func Bytes(n int64) string {
	switch {
	case n < 1000:
		return strconv.FormatInt(n, 10) + " B"
	case n < 1_000_000:
		return strconv.FormatInt((n+500)/1000, 10) + " kB"
	}
	return strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64) + " MB"
}
