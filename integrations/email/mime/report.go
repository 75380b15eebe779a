package mime

import (
	"crypto/sha256"
	"encoding/hex"
)

// Reading is what `onethread mail parse` prints for one file: all that the parser and the
// classifiers make of it. Error is set when the file could not be read as a mail.
type Reading struct {
	Subject    string        `json:"subject"`
	From       []Address     `json:"from"`
	To         []Address     `json:"to"`
	CC         []Address     `json:"cc"`
	ReplyTo    []Address     `json:"reply_to"`
	MessageID  string        `json:"message_id"`
	InReplyTo  []string      `json:"in_reply_to"`
	References []string      `json:"references"`
	Text       string        `json:"text"`
	HTML       string        `json:"html"`
	Files      []FileReading `json:"attachments"`
	ReplyText  string        `json:"reply_text"`
	Forwarded  *Forwarded    `json:"forwarded"`
	Automatic  Automatic     `json:"automatic"`
	Error      string        `json:"error,omitempty"`
}

// FileReading describes an attachment: claimed media type, size in bytes, content hash in hex.
type FileReading struct {
	Name   string `json:"name"`
	Type   string `json:"type"`
	Size   int    `json:"size"`
	SHA256 string `json:"sha256"`
}

// Report reads one raw mail or, with bodyKind "text" or "html", one bare body.
func Report(raw []byte, bodyKind string) Reading {
	m, err := &Mail{}, error(nil)
	switch bodyKind {
	case "text":
		m.Text = guess(raw)
		m.pieces = []piece{{text: m.Text}}
	case "html":
		m.HTML = decodeHTML(raw, "")
		m.pieces = []piece{{html: m.HTML}}
	default:
		m, err = Parse(raw)
	}
	if err != nil {
		m = &Mail{}
	}
	r := Reading{Subject: m.Subject, From: list(m.From), To: list(m.To), CC: list(m.CC), ReplyTo: list(m.ReplyTo),
		MessageID: m.MessageID, InReplyTo: list(m.InReplyTo), References: list(m.References), Text: m.Text, HTML: m.HTML,
		Files: []FileReading{}, Automatic: Automatic{Kind: "none", Recipients: []string{}}}
	if err != nil {
		r.Error = err.Error()
		return r
	}
	for _, f := range m.Files {
		sum := sha256.Sum256(f.Body)
		r.Files = append(r.Files, FileReading{f.Name, f.Type, len(f.Body), hex.EncodeToString(sum[:])})
	}
	r.ReplyText, r.Forwarded = m.Reply(), m.Forwarded()
	if bodyKind == "" {
		r.Automatic = Classify(m, raw)
	}
	return r
}

// list turns an absent list into an empty one: JSON readers then see [], never null.
func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}
