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
	m.Subject, m.CC, m.Warning, m.Automatic, m.ClientID = s.Subject, s.CC, s.Warning, s.Automatic, s.ClientID
	m.Redacted = !s.RedactedAt.IsZero()
	m.Text, m.Quoted = Fold(s.Text, s.ReplyText)
	if s.Automatic == "follow_up" { // its words stand in the chat's own answers above
		m.Text, m.Quoted = "", s.Text
	}
	m.HTML, m.Remote = s.HTML != "", s.HasRemote
	m.Raw = f.Kind == models.KindMessage && !m.Out && !m.HTML && !m.Redacted && f.ChannelType == "email"
	for _, a := range f.Attachments {
		if !a.Inline || a.ContentID == "" {
			m.Files = append(m.Files, file(a))
		}
	}
	if f.Kind == models.KindMessage && m.Out {
		t.delivery(m, f, s)
	}
}

func (t Teller) author(f Fact) string {
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
		m.Error = s.Error
		if m.Error == "" {
			m.Error = t.W.T("delivery.unknown")
		}
		m.CanRetry = s.State == models.DeliveryFailed
	}
	if s.State == models.DeliverySent && s.Error != "" { // it left, but not to everybody
		m.Warning = s.Error
	}
	m.UndoUntil = f.CreatedAt.Std().Add(time.Duration(t.Me.UndoSeconds) * time.Second)
	m.CanUndo = s.State == models.DeliveryQueued && s.Automatic == "" && f.UserID == t.Me.ID && !t.Instant[f.ChannelType] && t.Now.Before(m.UndoUntil)
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
	return File{Name: name, URL: "/attachments/" + a.Token, Size: Bytes(a.Size), Image: image}
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
