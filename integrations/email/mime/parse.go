// Package mime reads mail as senders really make it (RFC 5322, 2045–2047, 2231): it takes a mail
// apart whatever state it is in, and says what kind of mail it is, which words in it are new,
// and whether somebody else's mail is handed on in it. Everything it gets is hostile.
package mime

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

// Mail is what the parser made of a raw mail.
type Mail struct {
	Header     Header
	Subject    string
	From       []Address
	To         []Address
	CC         []Address
	ReplyTo    []Address
	MessageID  string   // without <>; "" when the mail has none
	InReplyTo  []string // without <>
	References []string // oldest first
	Date       time.Time
	Text       string // the text/plain parts; "" when the mail has only HTML
	HTML       string // the text/html parts; "" when it has only text
	Files      []File
	Cut        bool // over a limit: some of its parts stand only in the raw mail, or as one file, undecoded
	pieces     []piece
}

// File is an attachment or an inline image. Name may be empty and is never a path.
type File struct {
	Name      string
	Type      string // as claimed, lower case
	ContentID string // without <>
	Inline    bool
	Body      []byte
}

// Parse reads a raw mail. It takes whatever real senders produce and gives an error only for
// what is no mail at all (nothing in it, or no header field). The input is not changed.
func Parse(raw []byte) (mail *Mail, err error) {
	defer func() {
		if r := recover(); r != nil { // the receiver must move on whatever a stranger sent
			mail, err = nil, fmt.Errorf("the mail could not be read: %v", r)
		}
	}()
	raw = trimEnvelope(raw)
	if len(raw) == 0 {
		return nil, fmt.Errorf("the mail is empty")
	}
	header, body := splitHead(raw)
	if len(header) == 0 && bytes.IndexByte(body, '\n') < 0 {
		return nil, fmt.Errorf("this is no mail: it has no header")
	}
	m := &Mail{Header: header}
	m.readHeader()
	c := collector{mail: m}
	c.walk(header, body, spot{})
	c.finish()
	return m, nil
}

func (m *Mail) readHeader() {
	h := m.Header
	m.Subject = strings.TrimSpace(OneLine(decodeWords(h.filled("Subject"))))
	m.From = ParseAddresses(h.filled("From"))
	m.ReplyTo = ParseAddresses(h.filled("Reply-To"))
	m.To = ParseAddresses(strings.Join(h.All("To"), ", "))
	m.CC = ParseAddresses(strings.Join(h.All("Cc"), ", "))
	m.MessageID = firstID(h.filled("Message-ID"))
	m.InReplyTo = parseIDs(h.filled("In-Reply-To"))
	m.References = parseIDs(h.filled("References"))
	m.Date = parseDate(h.filled("Date"))
}
